/* Memory of a process as it was taken down: an area, its bytes, and the next area, which begins at
 * a multiple of eight. Also read by the program that runs in the kernel, tap/tap.bpf.c. */
#pragma once

#include <linux/types.h>

struct memory_area {
	__u64 address;
	__u32 size; /* bytes that follow */
	__u32 unused;
};

enum { MEMORY_AREA_ALIGN = 8 };
