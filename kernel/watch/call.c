#include "kernel/watch/call.h"

#include "kernel/watch/call_structure.h"
#include "kernel/watch/flags.h"
#include "kernel/watch/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP_V1 0x27e0eb
#define CGROUP_V2 0x63677270

enum kind { END, NUMBER, HEX, MODE, FD, TEXT, FLAGS, VALUE, STRUCTURE };

struct parameter {
	enum kind kind;
	const struct flag *names;
	void (*add)(struct buf *out, const struct call_made *made, size_t argument);
	enum tap_shape shape; /* of what it leads to, where that is more than a string */
};

struct call {
	const char *name;
	struct parameter parameters[CALL_ARGUMENTS];
	enum call_when when;
	enum call_bytes bytes;
};

#define FLAGS_OF(table)                                                                            \
	{                                                                                          \
		FLAGS, flags_##table, NULL, TAP_NOTHING                                            \
	}
#define VALUE_OF(table)                                                                            \
	{                                                                                          \
		VALUE, values_##table, NULL, TAP_NOTHING                                           \
	}
#define STRUCT(function, shape)                                                                    \
	{                                                                                          \
		STRUCTURE, NULL, call_add_##function, TAP_##shape                                  \
	}
#define number                                                                                     \
	{                                                                                          \
		NUMBER, NULL, NULL, TAP_NOTHING                                                    \
	}
#define hex                                                                                        \
	{                                                                                          \
		HEX, NULL, NULL, TAP_NOTHING                                                       \
	}
#define mode                                                                                       \
	{                                                                                          \
		MODE, NULL, NULL, TAP_NOTHING                                                      \
	}
#define fd                                                                                         \
	{                                                                                          \
		FD, NULL, NULL, TAP_NOTHING                                                        \
	}
#define text                                                                                       \
	{                                                                                          \
		TEXT, NULL, NULL, TAP_TEXT                                                         \
	}

static const struct call calls[] = {
        {"clone", {STRUCT(clone_flags, NOTHING)}, CALL_ALWAYS, 0},
        {"clone3", {STRUCT(clone_args, SIZED), number}, CALL_ALWAYS, 0},
        {"fork", {{0}}, CALL_ALWAYS, 0},
        {"vfork", {{0}}, CALL_ALWAYS, 0},
        {"unshare", {FLAGS_OF(clone)}, CALL_ALWAYS, 0},
        {"setns", {fd, FLAGS_OF(clone)}, CALL_ALWAYS, 0},
        {"mount", {text, text, text, FLAGS_OF(mount), text}, CALL_ALWAYS, 0},
        {"umount2", {text, FLAGS_OF(umount)}, CALL_ALWAYS, 0},
        {"open_tree", {fd, text, FLAGS_OF(open_tree)}, CALL_ALWAYS, 0},
        {"move_mount", {fd, text, fd, text, FLAGS_OF(move_mount)}, CALL_ALWAYS, 0},
        {"fsopen", {text, FLAGS_OF(fsopen)}, CALL_ALWAYS, 0},
        {"fsconfig", {fd, VALUE_OF(fsconfig), text, STRUCT(fsconfig, TEXT), number}, CALL_ALWAYS,
                0},
        {"fsmount", {fd, FLAGS_OF(fsmount), FLAGS_OF(mount_attr)}, CALL_ALWAYS, 0},
        {"fspick", {fd, text, hex}, CALL_ALWAYS, 0},
        {"mount_setattr", {fd, text, FLAGS_OF(at), STRUCT(mount_attr, SIZED), number}, CALL_ALWAYS,
                0},
        {"pivot_root", {text, text}, CALL_ALWAYS, 0},
        {"chroot", {text}, CALL_ALWAYS, 0},
        {"sethostname", {STRUCT(bytes, SIZED), number}, CALL_ALWAYS, 0},
        {"setdomainname", {STRUCT(bytes, SIZED), number}, CALL_ALWAYS, 0},
        {"setuid", {number}, CALL_ALWAYS, 0},
        {"setgid", {number}, CALL_ALWAYS, 0},
        {"setreuid", {number, number}, CALL_ALWAYS, 0},
        {"setregid", {number, number}, CALL_ALWAYS, 0},
        {"setresuid", {number, number, number}, CALL_ALWAYS, 0},
        {"setresgid", {number, number, number}, CALL_ALWAYS, 0},
        {"setgroups", {number, STRUCT(groups, IDS)}, CALL_ALWAYS, 0},
        {"capset", {STRUCT(cap_header, STRUCT), STRUCT(cap_data, STRUCT)}, CALL_ALWAYS, 0},
        {"prctl", {VALUE_OF(prctl), STRUCT(prctl, TEXT)}, CALL_BY_OPTION, 0},
        {"seccomp", {VALUE_OF(seccomp), FLAGS_OF(seccomp), STRUCT(filter, FILTER)}, CALL_ALWAYS, 0},
        {"bpf", {VALUE_OF(bpf), STRUCT(bpf, SIZED), number}, CALL_ALWAYS, 0},
        {"keyctl", {VALUE_OF(keyctl), STRUCT(keyctl, TEXT)}, CALL_ALWAYS, 0},
        {"setsid", {{0}}, CALL_ALWAYS, 0},
        {"pidfd_open", {number, FLAGS_OF(pidfd)}, CALL_ALWAYS, 0},
        {"execve", {text, STRUCT(argv, LIST), STRUCT(environment, COUNTED)}, CALL_ALWAYS, 0},
        {"execveat", {fd, text, STRUCT(argv, LIST), STRUCT(environment, COUNTED), FLAGS_OF(at)},
                CALL_ALWAYS, 0},
        {"connect", {fd, STRUCT(address, SIZED), number}, CALL_ALWAYS, 0},
        {"openat2", {fd, text, STRUCT(open_how, SIZED), number}, CALL_ALWAYS, 0},
        {"mkdir", {text, mode}, CALL_IN_CGROUPS, 0},
        {"mkdirat", {fd, text, mode}, CALL_IN_CGROUPS, 0},
        {"rmdir", {text}, CALL_IN_CGROUPS, 0},
        {"unlinkat", {fd, text, FLAGS_OF(at)}, CALL_IN_CGROUPS, 0},
        {"write", {STRUCT(file, NOTHING), STRUCT(bytes, SIZED), number}, CALL_WRITES_FILE,
                CALL_BYTES_PLAIN},
        {"writev", {fd}, CALL_NEVER, CALL_BYTES_VECTOR},
        {"sendto", {fd, STRUCT(bytes, SIZED), number}, CALL_NEVER, CALL_BYTES_PLAIN},
        {"sendmsg", {fd}, CALL_NEVER, CALL_BYTES_MESSAGE},
        {"read", {fd}, CALL_HEARS, CALL_BYTES_PLAIN},
        {"readv", {fd}, CALL_HEARS, CALL_BYTES_VECTOR},
        {"recvfrom", {fd}, CALL_HEARS, CALL_BYTES_PLAIN},
        {"recvmsg", {fd}, CALL_HEARS, CALL_BYTES_MESSAGE},
};

#undef number
#undef hex
#undef mode
#undef fd
#undef text

enum { CALLS = sizeof calls / sizeof *calls };

const struct call *call_at(size_t i)
{
	return i < CALLS ? &calls[i] : NULL;
}

const char *call_name(const struct call *c)
{
	return c->name;
}

int call_number(const struct call *c)
{
	int n = seccomp_syscall_resolve_name(c->name);

	return n < 0 ? -1 : n;
}

/* What changes a process's rights or its ties to others, and its name. */
static const int prctl_options[] = {PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_NAME,
        PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_CHILD_SUBREAPER,
        PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_SET_PTRACER};

const int *call_options(const struct call *c, size_t *ret_n)
{
	if (c->when != CALL_BY_OPTION)
		return NULL;
	*ret_n = sizeof prctl_options / sizeof *prctl_options;
	return prctl_options;
}

/* ---- what is taken down of it in the kernel -------------------------------------------------- */

static enum tap_about about(const struct call *c)
{
	switch (c->when) {
	case CALL_WRITES_FILE:
		return TAP_FILE;
	case CALL_IN_CGROUPS:
		return c->parameters[0].kind == FD ? TAP_PLACE : TAP_HERE;
	case CALL_BY_OPTION:
		return TAP_OPTION;
	case CALL_NEVER:
	case CALL_HEARS:
		return TAP_SOCKET;
	default:
		return TAP_ANYTHING;
	}
}

bool call_has_file(const struct call *c)
{
	return about(c) == TAP_FILE || about(c) == TAP_SOCKET;
}

void call_file_link(char *to, size_t size, const struct call_made *made)
{
	snprintf(to, size, "/proc/%d/fd/%d", (int)made->memory.tid, (int)made->arguments[0]);
}

size_t call_texts(
        const struct call *c, const struct call_made *made, uint64_t to[static CALL_ARGUMENTS])
{
	size_t n = 0;

	for (size_t i = 0; i < CALL_ARGUMENTS; i++)
		if (c->parameters[i].kind == TEXT)
			to[n++] = made->arguments[i];
	return n;
}

void call_describe(const struct call *c, struct tap_call *ret)
{
	const int *options;
	size_t n = 0;

	*ret = (struct tap_call){.wanted = true,
	        .hears = call_hears(c),
	        .about = (uint8_t)about(c),
	        .bytes = (uint8_t)c->bytes};
	/* What it writes is in its bytes. */
	for (size_t i = 0; i < CALL_ARGUMENTS && c->bytes == CALL_BYTES_NONE; i++)
		ret->shapes[i] = (uint8_t)c->parameters[i].shape;
	ret->moves = call_moves(c);
	ret->replaces = !strncmp(c->name, "execve", 6);
	options = call_options(c, &n);
	if (!options)
		return;
	ret->shapes[2] = TAP_FILTER; /* PR_SET_SECCOMP */
	for (size_t i = 0; i < n && i < TAP_OPTIONS; i++)
		ret->options[i] = options[i];
	ret->n_options = (uint8_t)(n < TAP_OPTIONS ? n : TAP_OPTIONS);
}

static bool has_option(const struct call_made *made)
{
	for (size_t i = 0; i < sizeof prctl_options / sizeof *prctl_options; i++)
		if ((int)made->arguments[0] == prctl_options[i])
			return true;
	return false;
}

enum call_bytes call_bytes(const struct call *c)
{
	return c->bytes;
}

bool call_hears(const struct call *c)
{
	return c->when == CALL_HEARS;
}

bool call_moves(const struct call *c)
{
	return !strcmp(c->name, "unshare") || !strcmp(c->name, "setns");
}

/* ---- which are told -------------------------------------------------------------------------- */

static bool is_cgroup(uint64_t file_system)
{
	return file_system == CGROUP_V1 || file_system == CGROUP_V2;
}

static bool in_cgroups(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && is_cgroup((unsigned long)fs.f_type);
}

/* The path as we can reach it: through the caller's root and directory. What is to be made is not
 * there yet: the directory it comes into counts. */
static bool makes_cgroup(const struct call_made *made, bool at)
{
	char name[PATH_MAX], path[PATH_MAX + 64];
	uint64_t address = made->arguments[at ? 1 : 0];
	size_t n = memory_read_string(&made->memory, address, name, sizeof name);
	char *slash;

	if (n == 0 || n >= sizeof name)
		return false;
	slash = strrchr(name, '/');
	while (slash && slash > name && !slash[1]) { /* "a/b/" */
		*slash = 0;
		slash = strrchr(name, '/');
	}
	if (slash)
		slash[slash == name] = 0;
	if (made->file && *name != '/')
		return is_cgroup(made->file->file_system);
	if (*name == '/')
		snprintf(path, sizeof path, "/proc/%d/root%s", (int)made->memory.tid, name);
	else if (at && (int)made->arguments[0] != AT_FDCWD)
		snprintf(path, sizeof path, "/proc/%d/fd/%d/%s", (int)made->memory.tid,
		        (int)made->arguments[0], slash ? name : ".");
	else
		snprintf(path, sizeof path, "/proc/%d/cwd/%s", (int)made->memory.tid,
		        slash ? name : ".");
	/* Who was not stopped may have ended since. */
	return in_cgroups(path) || (made->file && in_cgroups(name));
}

/* The files of /proc/PID that are written to set a process up: user_namespaces(7),
 * time_namespaces(7), proc(5). */
static bool sets_process_up(const char *name)
{
	static const char *const names[] = {"uid_map", "gid_map", "setgroups", "timens_offsets",
	        "oom_score_adj", "projid_map", NULL};
	const char *last = strrchr(name, '/');

	for (size_t i = 0; last && names[i]; i++)
		if (!strcmp(last + 1, names[i]))
			return true;
	return last && strstr(name, "/attr/") != NULL;
}

static bool writes_file(const struct call_made *made)
{
	const struct call_file *file = made->file;
	char link[64];

	if (!file || !file->path || *file->path != '/')
		return false;
	if (sets_process_up(file->path) || !strncmp(file->path, "/proc/sys/", 10))
		return true;
	if (file->file_system)
		return is_cgroup(file->file_system);
	call_file_link(link, sizeof link, made);
	return in_cgroups(link);
}

bool call_wanted(const struct call *c, const struct call_made *made)
{
	switch (c->when) {
	case CALL_IN_CGROUPS:
		return makes_cgroup(made, strstr(c->name, "at") != NULL);
	case CALL_WRITES_FILE:
		return writes_file(made);
	case CALL_BY_OPTION:
		return has_option(made);
	case CALL_NEVER:
	case CALL_HEARS:
		return false;
	default:
		return true;
	}
}

/* ---- their arguments ------------------------------------------------------------------------- */

static void add_argument(
        struct buf *out, const struct parameter *p, const struct call_made *made, size_t i)
{
	uint64_t value = made->arguments[i];

	switch (p->kind) {
	case NUMBER:
		buf_addf(out, "%d", (int)value);
		break;
	case HEX:
		buf_addf(out, "0x%" PRIx64, value);
		break;
	case MODE:
		buf_addf(out, "0%o", (unsigned)value & 07777);
		break;
	case FD:
		if ((int)value == AT_FDCWD)
			buf_add(out, "AT_FDCWD");
		else
			buf_addf(out, "%d", (int)value);
		break;
	case TEXT:
		memory_add_string(out, &made->memory, value);
		break;
	case FLAGS:
		flags_add(out, p->names, value);
		break;
	case VALUE:
		flags_add_value(out, p->names, value);
		break;
	case STRUCTURE:
		p->add(out, made, i);
		break;
	case END:
		break;
	}
}

void call_add_arguments(struct buf *out, const struct call *c, const struct call_made *made)
{
	for (size_t i = 0; i < CALL_ARGUMENTS && c->parameters[i].kind != END; i++) {
		size_t before;
		if (i)
			buf_add(out, ", ");
		before = out->len;
		add_argument(out, &c->parameters[i], made, i);
		/* One that this call does not have, as the third of some prctl(2). */
		if (i && out->len == before && out->data) {
			out->len -= 2;
			out->data[out->len] = 0;
		}
	}
}
