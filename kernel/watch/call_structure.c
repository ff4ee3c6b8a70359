/* Structures of clone3(2), mount_setattr(2), fsconfig(2) and openat2(2); strings and lists of
 * execve(2) and others. */
#include "kernel/watch/call_structure.h"

#include "kernel/base/shown.h"
#include "kernel/watch/flags.h"
#include "kernel/watch/memory.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BYTES_MAX = 4096, BYTES_SHOWN = 256, WORDS_MAX = 256, GROUPS_SHOWN = 32 };

static void add_address(struct buf *out, uint64_t address)
{
	if (address)
		buf_addf(out, "0x%" PRIx64, address);
	else
		buf_add(out, "NULL");
}

static void add_signal(struct buf *out, uint64_t number)
{
	const char *name = number && number < NSIG ? sigabbrev_np((int)number) : NULL;

	if (name)
		buf_addf(out, "SIG%s", name);
	else
		buf_addf(out, "%" PRIu64, number);
}

/* ---- clone ----------------------------------------------------------------------------------- */

/* The lowest byte is the signal that the parent gets, clone(2). */
void call_add_clone_flags(struct buf *out, const struct call_made *made, size_t i)
{
	uint64_t flags = made->arguments[i] & ~(uint64_t)CSIGNAL,
	         sig = made->arguments[i] & CSIGNAL;

	if (flags || !sig)
		flags_add(out, flags_clone, flags);
	if (flags && sig)
		buf_addc(out, '|');
	if (sig)
		add_signal(out, sig);
}

/* What of a structure is there: it may be one of an older or of a newer kernel, whose size the
 * caller says. */
static bool read_sized(const struct call_made *made, size_t i, uint64_t size, void *to, size_t n)
{
	memset(to, 0, n);
	return size <= 4096 &&
	       memory_read(&made->memory, made->arguments[i], to, size < n ? size : n);
}

void call_add_clone_args(struct buf *out, const struct call_made *made, size_t i)
{
	struct clone_args a;

	if (!read_sized(made, i, made->arguments[i + 1], &a, sizeof a)) {
		add_address(out, made->arguments[i]);
		return;
	}
	buf_add(out, "{flags=");
	flags_add(out, flags_clone, a.flags);
	buf_add(out, ", exit_signal=");
	add_signal(out, a.exit_signal);
	if (a.set_tid_size)
		buf_addf(out, ", set_tid_size=%" PRIu64, (uint64_t)a.set_tid_size);
	if (a.flags & 0x200000000ULL)
		buf_addf(out, ", cgroup=%" PRIu64, (uint64_t)a.cgroup);
	buf_addc(out, '}');
}

/* ---- mounts ---------------------------------------------------------------------------------- */

void call_add_mount_attr(struct buf *out, const struct call_made *made, size_t i)
{
	struct mount_attr a;

	if (!read_sized(made, i, made->arguments[i + 1], &a, sizeof a)) {
		add_address(out, made->arguments[i]);
		return;
	}
	buf_add(out, "{attr_set=");
	flags_add(out, flags_mount_attr, a.attr_set);
	buf_add(out, ", attr_clr=");
	flags_add(out, flags_mount_attr, a.attr_clr);
	buf_add(out, ", propagation=");
	flags_add_value(out, values_propagation, a.propagation);
	buf_addf(out, ", userns_fd=%" PRIu64 "}", (uint64_t)a.userns_fd);
}

/* What the value is depends on the command, the second argument. */
void call_add_fsconfig(struct buf *out, const struct call_made *made, size_t i)
{
	switch ((unsigned)made->arguments[1]) {
	case FSCONFIG_SET_STRING:
	case FSCONFIG_SET_PATH:
	case FSCONFIG_SET_PATH_EMPTY:
		memory_add_string(out, &made->memory, made->arguments[i]);
		break;
	default:
		add_address(out, made->arguments[i]);
		break;
	}
}

void call_add_open_how(struct buf *out, const struct call_made *made, size_t i)
{
	struct open_how h;

	if (!read_sized(made, i, made->arguments[i + 1], &h, sizeof h)) {
		add_address(out, made->arguments[i]);
		return;
	}
	buf_add(out, "{flags=");
	if ((h.flags & O_ACCMODE) == O_RDONLY)
		buf_add(out, h.flags ? "O_RDONLY|" : "O_RDONLY");
	if (h.flags)
		flags_add(out, flags_open, h.flags);
	if (h.mode)
		buf_addf(out, ", mode=0%o", (unsigned)h.mode);
	buf_add(out, ", resolve=");
	flags_add(out, flags_resolve, h.resolve);
	buf_addc(out, '}');
}

/* ---- lists and bytes ------------------------------------------------------------------------- */

void call_add_groups(struct buf *out, const struct call_made *made, size_t i)
{
	gid_t groups[GROUPS_SHOWN];
	uint64_t n = made->arguments[i - 1], shown = n < GROUPS_SHOWN ? n : GROUPS_SHOWN;

	if (!memory_read(&made->memory, made->arguments[i], groups, shown * sizeof *groups)) {
		add_address(out, made->arguments[i]);
		return;
	}
	buf_addc(out, '[');
	for (uint64_t k = 0; k < shown; k++)
		buf_addf(out, "%s%u", k ? ", " : "", groups[k]);
	buf_add(out, shown < n ? ", …]" : "]");
}

/* A list of pointers, of which some are read at a time. */
struct words {
	const struct call_made *made;
	size_t i; /* the argument */
	uintptr_t read[32];
	size_t first, n; /* what of it is in `read` */
};

/* One of them; 0 at the end, and where nothing can be read. */
static uint64_t word_at(struct words *w, size_t k)
{
	const size_t size = sizeof *w->read;

	if (k < w->first || k >= w->first + w->n) {
		size_t got = memory_read_some(&w->made->memory, w->made->arguments[w->i] + k * size,
		        w->read, sizeof w->read);
		w->first = k;
		w->n = got / size;
	}
	return w->n ? w->read[k - w->first] : 0;
}

void call_add_argv(struct buf *out, const struct call_made *made, size_t i)
{
	struct words words = {.made = made, .i = i};
	uint64_t word;
	size_t k;

	buf_addc(out, '[');
	for (k = 0; k < WORDS_MAX && (word = word_at(&words, k)); k++) {
		if (k)
			buf_add(out, ", ");
		memory_add_string(out, &made->memory, word);
	}
	buf_add(out, k == WORDS_MAX ? ", …]" : "]");
}

void call_add_environment(struct buf *out, const struct call_made *made, size_t i)
{
	struct words words = {.made = made, .i = i};
	size_t n = 0;

	while (n < WORDS_MAX * 16 && word_at(&words, n))
		n++;
	buf_addf(out, "/* %zu vars */", n);
}

void call_add_bytes(struct buf *out, const struct call_made *made, size_t i)
{
	char bytes[BYTES_MAX];
	uint64_t n = made->arguments[i + 1];
	size_t got = memory_read_some(&made->memory, made->arguments[i], bytes,
	        n < sizeof bytes ? (size_t)n : sizeof bytes);

	if (n && !got)
		add_address(out, made->arguments[i]);
	else
		memory_quote(out, bytes, got, BYTES_SHOWN);
}

void call_add_file(struct buf *out, const struct call_made *made, size_t i)
{
	buf_addf(out, "%d", (int)made->arguments[i]);
	if (made->file && made->file->path) {
		buf_addc(out, '<');
		buf_add_shown(out, made->file->path);
		buf_addc(out, '>');
	}
}

/* ---- addresses of sockets -------------------------------------------------------------------- */

static void add_unix(struct buf *out, const struct sockaddr_un *a, size_t n)
{
	const size_t start = offsetof(struct sockaddr_un, sun_path);
	const char *path = a->sun_path;
	size_t length = n > start ? n - start : 0;

	buf_add(out, "{sa_family=AF_UNIX, sun_path=");
	if (length && !*path) { /* an abstract one, unix(7) */
		buf_addc(out, '@');
		memory_quote(out, path + 1, length - 1, sizeof a->sun_path);
	} else {
		memory_quote(out, path, strnlen(path, length), sizeof a->sun_path);
	}
	buf_addc(out, '}');
}

void call_add_address(struct buf *out, const struct call_made *made, size_t i)
{
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a;
	uint64_t n = made->arguments[i + 1];
	char text[INET6_ADDRSTRLEN];

	memset(&a, 0, sizeof a);
	if (n < sizeof a.any.sa_family || !memory_read(&made->memory, made->arguments[i], &a,
	                                          n < sizeof a ? (size_t)n : sizeof a)) {
		add_address(out, made->arguments[i]);
		return;
	}
	switch (a.any.sa_family) {
	case AF_UNIX:
		add_unix(out, &a.un, n < sizeof a.un ? (size_t)n : sizeof a.un);
		break;
	case AF_INET:
		buf_addf(out, "{sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"%s\")}",
		        ntohs(a.in.sin_port),
		        inet_ntop(AF_INET, &a.in.sin_addr, text, sizeof text));
		break;
	case AF_INET6:
		buf_addf(out, "{sa_family=AF_INET6, sin6_port=htons(%u), \"%s\"}",
		        ntohs(a.in6.sin6_port),
		        inet_ntop(AF_INET6, &a.in6.sin6_addr, text, sizeof text));
		break;
	case AF_NETLINK:
		buf_add(out, "{sa_family=AF_NETLINK}");
		break;
	default:
		buf_addf(out, "{sa_family=%u}", a.any.sa_family);
		break;
	}
}
