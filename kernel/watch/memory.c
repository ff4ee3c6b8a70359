#include "kernel/watch/memory.h"

#include "kernel/watch/memory_area.h"

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
		whole = sizeof area +
		        ((area.size + MEMORY_AREA_ALIGN - 1u) & ~(size_t)(MEMORY_AREA_ALIGN - 1));
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

void memory_add_string(struct buf *out, const struct memory *m, uint64_t address)
{
	char text[STRING_MAX + 1];
	size_t n = 0;

	if (!address) {
		buf_add(out, "NULL");
		return;
	}
	while (n < STRING_MAX) {
		size_t got = memory_read_some(
		        m, address + n, text + n, STRING_MAX - n < CHUNK ? STRING_MAX - n : CHUNK);
		const char *end = memchr(text + n, 0, got);
		if (end) {
			memory_quote(out, text, (size_t)(end - text), STRING_MAX);
			return;
		}
		if (!got) /* it ends where nothing is: no string */
			break;
		n += got;
	}
	if (n == STRING_MAX)
		memory_quote(out, text, n + 1, STRING_MAX);
	else
		buf_addf(out, "0x%" PRIx64, address);
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
