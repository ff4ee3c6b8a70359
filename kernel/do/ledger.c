/* Writing the ledger and reading it back. */
#include "kernel/do/ledger.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEDGER_LIMIT = 4 << 20 }; /* bytes; a lab writes a few hundred lines */

struct ledger {
	int fd;
	char *path;
};

static const struct {
	const char *name;
	const char *ns; /* file below /proc/self/ns, NULL = none */
} kinds[] = {
        [LEDGER_PROCESS] = {"process", NULL},
        [LEDGER_CGROUP] = {"cgroup", NULL},
        [LEDGER_MOUNT] = {"mount", "/proc/self/ns/mnt"},
        [LEDGER_LINK] = {"link", "/proc/self/ns/net"},
        [LEDGER_TREE] = {"tree", NULL},
        [LEDGER_FILE] = {"file", NULL},
        [LEDGER_CONTROL] = {"control", NULL},
        [LEDGER_NETWORK] = {"network", NULL},
        [LEDGER_TABLE] = {"table", "/proc/self/ns/net"},
        [LEDGER_CHAIN] = {"chain", "/proc/self/ns/net"},
        [LEDGER_SYSCTL] = {"sysctl", "/proc/self/ns/net"},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const char *ledger_kind_name(enum ledger_kind kind)
{
	return kinds[kind].name;
}

ino_t ledger_kind_namespace(enum ledger_kind kind)
{
	struct stat st;

	return kinds[kind].ns && stat(kinds[kind].ns, &st) == 0 ? st.st_ino : 0;
}

/* Changes with every boot; random.txt in the kernel's documentation, proc(5). */
static void boot_id(char *ret, size_t size)
{
	auto_buf text = BUF_INIT;

	if (file_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text) < 0)
		buf_add(&text, "-");
	snprintf(ret, size, "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
}

static void add_header(struct buf *out, const struct process_id *owner)
{
	char boot[64];

	boot_id(boot, sizeof boot);
	buf_addf(out, "cutaway-ledger 1 %d %" PRIu64 " %s\n", (int)owner->pid, owner->start_time,
	        boot);
}

static void add_line(struct buf *out, enum ledger_kind kind, ino_t ns, const char *object)
{
	auto_buf escaped = BUF_INIT;

	for (const char *p = object; *p; p++)
		if (*p == '\n' || *p == '\\')
			buf_addf(&escaped, "\\%03o", (unsigned)*p);
		else
			buf_addc(&escaped, *p);
	buf_addf(out, "%s %ju %zu %s\n", kinds[kind].name, (uintmax_t)ns, escaped.len,
	        buf_text(&escaped));
	out->failed |= escaped.failed;
}

static int open_ledger(const char *path, struct ledger **ret)
{
	/* Reading too, to see whether the last line is whole. */
	auto_close fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	struct ledger *l;

	if (fd < 0)
		return -errno;
	l = calloc(1, sizeof *l);
	if (l)
		l->path = strdup(path);
	if (!l || !l->path) {
		free(l);
		return -ENOMEM;
	}
	l->fd = steal_fd(&fd);
	*ret = l;
	return 0;
}

int ledger_create(
        const char *path, const struct process_id *owner, struct ledger **ret, struct error *err)
{
	auto_buf header = BUF_INIT;
	int r;

	add_header(&header, owner);
	r = buf_failed(&header) ? -ENOMEM : 0;
	if (r == 0)
		r = file_replace_at(AT_FDCWD, path, header.data, header.len, 0600);
	if (r == 0)
		r = open_ledger(path, ret);
	return r < 0 ? error_set(err, -r, "create ledger", path, NULL) : 0;
}

int ledger_open(const char *path, struct ledger **ret, struct error *err)
{
	int r = open_ledger(path, ret);

	return r < 0 ? error_set(err, -r, "open ledger", path, NULL) : 0;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l->path);
	free(l);
}

/* Whether a line cut short by somebody's end has to be closed before ours begins. */
static bool last_line_is_torn(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int ledger_add(struct ledger *l, enum ledger_kind kind, const char *object, struct error *err)
{
	auto_buf line = BUF_INIT;
	ssize_t written;

	if (!l)
		return 0;
	if (last_line_is_torn(l->fd))
		buf_addc(&line, '\n');
	add_line(&line, kind, ledger_kind_namespace(kind), object);
	if (buf_failed(&line))
		return error_set(err, ENOMEM, "write ledger", l->path, NULL);
	written = write(l->fd, line.data, line.len);
	if (written < 0)
		return error_set(err, errno, "write ledger", l->path, NULL);
	if ((size_t)written != line.len)
		return error_set(err, ENOSPC, "write ledger", l->path, "the disk is full");
	return 0;
}

void ledger_book_release(struct ledger_book *b)
{
	arena_release(&b->arena);
	free(b->entries);
	*b = (struct ledger_book){0};
}

static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static int parse_line(struct ledger_book *b, char *line, struct ledger_entry *ret)
{
	char name[16];
	uintmax_t ns;
	size_t length;
	int at = 0, kind;
	char *object;

	if (sscanf(line, "%15s %ju %zu%n", name, &ns, &length, &at) != 3 || line[at] != ' ')
		return -EBADMSG;
	object = line + at + 1;
	for (kind = 0; kind < N_KINDS && strcmp(kinds[kind].name, name) != 0; kind++)
		;
	if (kind == N_KINDS || strlen(object) != length)
		return -EBADMSG;
	unescape(object);
	ret->kind = (enum ledger_kind)kind;
	ret->ns = (ino_t)ns;
	ret->object = arena_strdup(&b->arena, object);
	return ret->object ? 0 : -ENOMEM;
}

static int parse_header(struct ledger_book *b, const char *line)
{
	char boot[64], now[64];
	int pid;

	if (sscanf(line, "cutaway-ledger 1 %d %" SCNu64 " %63s", &pid, &b->owner.start_time,
	            boot) != 3)
		return -EBADMSG;
	b->owner.pid = pid;
	boot_id(now, sizeof now);
	b->same_boot = !strcmp(boot, now);
	return 0;
}

/* Every whole line becomes an entry; what is torn or unknown is passed over. */
static int parse_entries(struct ledger_book *b, char *text)
{
	size_t cap = 0;

	for (char *end; (end = strchr(text, '\n')); text = end + 1) {
		struct ledger_entry entry;
		int r;

		*end = '\0';
		r = parse_line(b, text, &entry);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		if (b->n == cap) {
			size_t more = cap ? cap * 2 : 16;
			void *grown = realloc(b->entries, more * sizeof *b->entries);
			if (!grown)
				return -ENOMEM;
			b->entries = grown;
			cap = more;
		}
		b->entries[b->n++] = entry;
	}
	return 0;
}

static int read_whole(int fd, struct buf *text)
{
	char path[32];

	/* A second look at the same file, whatever its name is by now. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return file_read_at(AT_FDCWD, path, LEDGER_LIMIT, text);
}

int ledger_book_read(int fd, struct ledger_book *ret)
{
	struct ledger_book b = {0};
	auto_buf text = BUF_INIT;
	char *end;
	int r = read_whole(fd, &text);

	if (r < 0)
		return r;
	end = text.data ? strchr(text.data, '\n') : NULL;
	if (!end)
		return -EBADMSG;
	*end = '\0';
	r = parse_header(&b, text.data);
	if (r == 0)
		r = parse_entries(&b, end + 1);
	if (r < 0) {
		ledger_book_release(&b);
		return r;
	}
	*ret = b;
	return 0;
}

int ledger_book_rewrite(const char *path, const struct ledger_book *b, const bool *keep)
{
	auto_buf text = BUF_INIT;

	add_header(&text, &b->owner);
	for (size_t i = 0; i < b->n; i++)
		if (keep[i])
			add_line(&text, b->entries[i].kind, b->entries[i].ns, b->entries[i].object);
	if (buf_failed(&text))
		return -ENOMEM;
	return file_replace_at(AT_FDCWD, path, text.data, text.len, 0600);
}
