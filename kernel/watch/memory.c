#include "kernel/watch/memory.h"

#include <inttypes.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { STRING_MAX = 4096, CHUNK = 256, WORDS = 64 };

size_t memory_read_kept(const struct memory *m, uint64_t address, void *to, size_t n)
{
	const char *at = m->kept;
	size_t left = m->kept ? m->kept_size : 0;
	struct memory_area area;

	while (left >= sizeof area) {
		size_t whole;
		memcpy(&area, at, sizeof area);
		if (area.size > left - sizeof area)
			return 0;
		if (address >= area.address && address - area.address < area.size) {
			size_t skip = (size_t)(address - area.address);
			if (n > area.size - skip)
				n = area.size - skip;
			memcpy(to, at + sizeof area + skip, n);
			return n;
		}
		whole = memory_area_whole(area.size);
		whole = whole < left ? whole : left;
		at += whole;
		left -= whole;
	}
	return 0;
}

static size_t read_live(pid_t tid, uint64_t address, void *to, size_t n)
{
	struct iovec local = {to, n}, remote = {(void *)(uintptr_t)address, n};
	long page = sysconf(_SC_PAGESIZE);
	ssize_t got = n ? process_vm_readv(tid, &local, 1, &remote, 1, 0) : 0;

	if (got >= 0)
		return (size_t)got;
	/* An area that ends within: all of one element must be there, so once more up to the page's
	 * end. */
	remote.iov_len = (size_t)page - (size_t)(address % (uint64_t)page);
	if (remote.iov_len >= n)
		return 0;
	got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	return got > 0 ? (size_t)got : 0;
}

void memory_keep(struct memory *m, const uint64_t *addresses, size_t n, struct memory_room *room)
{
	struct iovec local[MEMORY_STRINGS], remote[MEMORY_STRINGS];
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	size_t k = 0, end = 0;
	ssize_t got;

	m->kept = room->bytes;
	m->kept_size = 0;
	for (size_t i = 0; i < n && k < MEMORY_STRINGS; i++) {
		uint64_t left = page - addresses[i] % page;
		struct memory_area head = {.address = addresses[i],
		        .size = (__u32)(left < MEMORY_BEGINNING ? left : MEMORY_BEGINNING)};
		if (!addresses[i])
			continue;
		memcpy(room->bytes + end, &head, sizeof head);
		remote[k] = (struct iovec){(void *)(uintptr_t)addresses[i], head.size};
		local[k++] = (struct iovec){room->bytes + end + sizeof head, head.size};
		end += memory_area_whole(head.size);
	}
	got = k ? process_vm_readv(m->tid, local, k, remote, k, 0) : 0;
	/* It ends at the first that cannot be read. */
	for (size_t i = 0; i < k && got >= (ssize_t)local[i].iov_len; i++) {
		got -= (ssize_t)local[i].iov_len;
		m->kept_size += memory_area_whole((__u32)local[i].iov_len);
	}
}

size_t memory_read_some(const struct memory *m, uint64_t address, void *to, size_t n)
{
	size_t got = memory_read_kept(m, address, to, n);

	return got ? got : read_live(m->tid, address, to, n);
}

size_t memory_read_most(const struct memory *m, uint64_t address, void *to, size_t n)
{
	size_t got = 0, more;

	while (got < n && (more = memory_read_some(m, address + got, (char *)to + got, n - got)))
		got += more;
	return got;
}

bool memory_read(const struct memory *m, uint64_t address, void *to, size_t n)
{
	return memory_read_most(m, address, to, n) == n;
}

static void add_byte(struct buf *out, unsigned char c, bool digit_follows)
{
	switch (c) {
	case '\n':
		buf_add(out, "\\n");
		break;
	case '\t':
		buf_add(out, "\\t");
		break;
	case '\r':
		buf_add(out, "\\r");
		break;
	case '"':
		buf_add(out, "\\\"");
		break;
	case '\\':
		buf_add(out, "\\\\");
		break;
	default:
		if (c >= 0x20 && c < 0x7f)
			buf_addc(out, (char)c);
		else
			buf_addf(out, digit_follows ? "\\%03o" : "\\%o", c);
	}
}

void memory_quote(struct buf *out, const char *bytes, size_t n, size_t limit)
{
	size_t shown = n < limit ? n : limit;

	buf_addc(out, '"');
	for (size_t i = 0; i < shown; i++)
		add_byte(out, (unsigned char)bytes[i],
		        i + 1 < shown && bytes[i + 1] >= '0' && bytes[i + 1] <= '7');
	buf_addc(out, '"');
	if (n > limit)
		buf_add(out, "…");
}

size_t memory_read_string(const struct memory *m, uint64_t address, char *to, size_t size)
{
	size_t n = 0;

	while (n < size) {
		size_t got = memory_read_some(
		        m, address + n, to + n, size - n < CHUNK ? size - n : CHUNK);
		const char *end = memchr(to + n, 0, got);
		if (end)
			return (size_t)(end - to);
		if (!got) /* it ends where nothing is: no string */
			return SIZE_MAX;
		n += got;
	}
	return size;
}

void memory_add_string(struct buf *out, const struct memory *m, uint64_t address)
{
	char text[STRING_MAX + 1];
	size_t n = address ? memory_read_string(m, address, text, STRING_MAX) : 0;

	if (!address)
		buf_add(out, "NULL");
	else if (n == SIZE_MAX)
		buf_addf(out, "0x%" PRIx64, address);
	else
		memory_quote(out, text, n + (n == STRING_MAX), STRING_MAX);
}

size_t memory_add_words(struct buf *out, const struct memory *m, uint64_t address)
{
	uint64_t word = 0;
	size_t n = 0;

	for (; n < WORDS && memory_read(m, address + n * sizeof(char *), &word, sizeof(char *)) &&
	        word;
	        n++) {
		char text[CHUNK];
		size_t got = memory_read_some(m, word, text, sizeof text);
		buf_add_bytes(out, text, strnlen(text, got));
		buf_addc(out, 0);
	}
	return n;
}
