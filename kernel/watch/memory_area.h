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

/* Bytes from the beginning of an area of `size` bytes to that of the next. */
static inline __u32 memory_area_whole(__u32 size)
{
	return sizeof(struct memory_area) +
	       ((size + MEMORY_AREA_ALIGN - 1u) & ~(MEMORY_AREA_ALIGN - 1u));
}
