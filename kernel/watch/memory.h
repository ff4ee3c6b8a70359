/* The memory of a process in a system call, as the call's arguments have it: what was taken down
 * when the call was made, where that was done, else what stands there now, process_vm_readv(2).
 * Whatever cannot be read is told as it is: the address may be wrong, and another thread may change
 * what stands there. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/memory_area.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory {
	pid_t tid;
	const void *kept; /* areas of memory_area.h; NULL = nothing was taken down */
	size_t kept_size;
};

/* Takes down the beginnings of `n` strings with one call, as far as they can be read: of a thread
 * that is stopped, whose call has several. `room` must outlive *m; 0 is no address. */
enum { MEMORY_STRINGS = 6, MEMORY_BEGINNING = 256 };
struct memory_room {
	_Alignas(MEMORY_AREA_ALIGN) char bytes[MEMORY_STRINGS *
	                                       (sizeof(struct memory_area) + MEMORY_BEGINNING)];
};
void memory_keep(struct memory *m, const uint64_t *addresses, size_t n, struct memory_room *room);

/* Reads `n` bytes. Whether all could be read. */
bool memory_read(const struct memory *m, uint64_t address, void *to, size_t n);
/* Reads at most `n` bytes, as many as are there in one piece; how many. */
size_t memory_read_some(const struct memory *m, uint64_t address, void *to, size_t n);
/* The same, but only of what was taken down. */
size_t memory_read_kept(const struct memory *m, uint64_t address, void *to, size_t n);
/* The same, out of as many pieces as it takes. */
size_t memory_read_most(const struct memory *m, uint64_t address, void *to, size_t n);

/* Reads a string; its length, without the NUL that is read as well. `size`: it is as long as that
 * or longer, and its beginning was read. SIZE_MAX: it ends where nothing can be read. */
size_t memory_read_string(const struct memory *m, uint64_t address, char *to, size_t size);
/* Appends the string at `address` in quotes, as memory_quote() does; NULL for 0, the address where
 * nothing can be read. Longer than 4096 bytes (PATH_MAX) it is cut. */
void memory_add_string(struct buf *out, const struct memory *m, uint64_t address);
/* Appends the strings of an array that ends with NULL, as execve(2) takes it, each with its NUL; at
 * most 64, the first 256 bytes of each. How many. */
size_t memory_add_words(struct buf *out, const struct memory *m, uint64_t address);
/* Appends bytes in quotes as C would write them: what is no printable ASCII as \n, \t, \" or in
 * octal. More than `limit` are cut, which "…" behind the quotes says. */
void memory_quote(struct buf *out, const char *bytes, size_t n, size_t limit);
