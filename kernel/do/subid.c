#include "kernel/do/subid.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { FILE_LIMIT = 1 << 20 };

/* ---- what the files say -------------------------------------------------------------------- */

struct range {
	uint64_t first, count; /* count 0 = none */
};

static void unusable(struct subid *s, const char *how, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static void unusable(struct subid *s, const char *how, const char *format, ...)
{
	va_list args;

	if (s->reason[0])
		return; /* the first thing that is in the way */
	va_start(args, format);
	vsnprintf(s->reason, sizeof s->reason, format, args);
	va_end(args);
	snprintf(s->how, sizeof s->how, "%s", how);
}

static bool overlap(const struct range *a, const struct range *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

/* "NAME:FIRST:COUNT". The name may also be the number of the user. */
static bool parse_line(char *line, char **ret_name, struct range *ret)
{
	char *first = strchr(line, ':'), *count = first ? strchr(first + 1, ':') : NULL, *end;

	if (!count)
		return false;
	*first++ = *count++ = '\0';
	*ret_name = line;
	errno = 0;
	ret->first = strtoul(first, &end, 10);
	if (errno || end == first || *end)
		return false;
	ret->count = strtoul(count, &end, 10);
	return !errno && end != count && !*end && ret->first + ret->count <= UINT32_MAX;
}

struct owner {
	const char *name, *number;
};

static bool is_owner(const struct owner *who, const char *name)
{
	return !strcmp(name, who->name) || !strcmp(name, who->number);
}

/* The largest range of the user. */
static void find_own(const struct owner *who, const char *name, const struct range *r, void *ret)
{
	struct range *largest = ret;

	if (is_owner(who, name) && r->count > largest->count)
		*largest = *r;
}

/* A range of somebody else that overlaps it. */
struct rival {
	struct range own, found;
};

static void find_rival(const struct owner *who, const char *name, const struct range *r, void *ret)
{
	struct rival *rival = ret;

	if (!is_owner(who, name) && overlap(r, &rival->own))
		rival->found = *r;
}

static void each_range(const struct buf *text, const struct owner *who,
        void (*each)(const struct owner *who, const char *name, const struct range *r, void *ret),
        void *ret)
{
	auto_free char *copy = strdup(buf_text(text));
	char *state = NULL, *name;
	struct range r;

	for (char *line = copy ? strtok_r(copy, "\n", &state) : NULL; line;
	        line = strtok_r(NULL, "\n", &state))
		if (parse_line(line, &name, &r))
			each(who, name, &r, ret);
}

/* What /etc/subuid or /etc/subgid gives; count 0 = nothing. */
static struct rival read_ranges(const char *path, const char *user, uid_t uid)
{
	auto_buf text = BUF_INIT;
	char number[16];
	const struct owner who = {.name = user, .number = number};
	struct rival r = {0};

	snprintf(number, sizeof number, "%u", (unsigned)uid);
	if (file_read_at(AT_FDCWD, path, FILE_LIMIT, &text) == 0) {
		each_range(&text, &who, find_own, &r.own);
		each_range(&text, &who, find_rival, &r);
	}
	return r;
}

static void judge_range(
        struct subid *s, const char *path, const struct rival *found, uint32_t own, const char *how)
{
	const struct range *r = &found->own;
	const struct range self = {.first = own, .count = 1};

	if (!r->count)
		unusable(s, how, "%s gives you no range", path);
	else if (r->count < SUBID_COUNT)
		unusable(s, how, "%s gives you only %" PRIu64 " ids, and %d are needed", path,
		        r->count, (int)SUBID_COUNT);
	else if (overlap(r, &self))
		unusable(s, how, "the range %" PRIu64 ":%" PRIu64 " in %s overlaps your own id",
		        r->first, r->count, path);
	else if (found->found.count)
		unusable(s, how,
		        "the range %" PRIu64 ":%" PRIu64 " in %s overlaps that of somebody else",
		        r->first, r->count, path);
}

/* ---- the programs -------------------------------------------------------------------------- */

/* Whether starting it gives the privilege: the set-user-ID bit or file capabilities, and nothing
 * that makes execve(2) ignore them. */
static bool gives_privilege(const char *path)
{
	struct stat st;
	struct statvfs fs;

	if (stat(path, &st) < 0 || statvfs(path, &fs) < 0 || fs.f_flag & ST_NOSUID)
		return false;
	return (st.st_mode & S_ISUID && st.st_uid == 0) ||
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

static void judge_program(struct subid *s, const char *name)
{
	char path[64], how[sizeof s->how];

	if (!subid_program(name, path, sizeof path)) {
		unusable(s, "apt install uidmap", "there is no program %s", name);
		return;
	}
	snprintf(how, sizeof how, "apt install --reinstall uidmap, or as root: chmod u+s %s", path);
	if (!gives_privilege(path))
		unusable(s, how, "%s is not set-user-ID root here", path);
}

/* ---- together ------------------------------------------------------------------------------ */

/* From the file alone: the runtime is linked without what it takes to ask a directory service. */
static char *name_of(uid_t uid)
{
	auto_file file = fopen("/etc/passwd", "re");
	const struct passwd *pw;

	while (file && (pw = fgetpwent(file)))
		if (pw->pw_uid == uid)
			return strdup(pw->pw_name);
	return NULL;
}

void subid_find(struct subid *ret)
{
	struct rival uids, gids;
	uid_t uid = geteuid();
	auto_free char *user = name_of(uid);
	char how[sizeof ret->how];

	*ret = (struct subid){0};
	uids = read_ranges("/etc/subuid", user ? user : "", uid);
	gids = read_ranges("/etc/subgid", user ? user : "", uid);
	ret->meant = uids.own.count || gids.own.count;
	snprintf(how, sizeof how,
	        "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %.64s "
	        "(a range that nobody else in the two files has)",
	        user ? user : "USER");
	/* newuidmap looks its caller up. */
	if (!user)
		unusable(ret, "", "user %u has no line in /etc/passwd", (unsigned)uid);
	judge_range(ret, "/etc/subuid", &uids, uid, how);
	judge_range(ret, "/etc/subgid", &gids, getegid(), how);
	judge_program(ret, "newuidmap");
	judge_program(ret, "newgidmap");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		unusable(
		        ret, "", "no_new_privs is set for this shell: newuidmap gets no privilege");
	ret->uid_first = (uint32_t)uids.own.first;
	ret->gid_first = (uint32_t)gids.own.first;
	ret->usable = !ret->reason[0];
}

/* ---- work inside --------------------------------------------------------------------------- */

struct inside {
	int (*work)(void *argument, struct error *err);
	void *argument;
	int go, told; /* ends of pipes: the maps are written; what came of it */
};

static _Noreturn void work_inside(const struct inside *in)
{
	struct error err = {0};
	char byte;

	if (read(in->go, &byte, 1) != 1)
		_exit(1); /* no maps, or nobody is left to want it */
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		error_set(&err, errno, "become root in", "a user namespace", NULL);
	else if (in->work(in->argument, &err) < 0 && !err.code)
		error_set(&err, EIO, "work in", "a user namespace", NULL);
	(void)!write(in->told, &err, sizeof err);
	_exit(err.code ? 1 : 0);
}

static int map_both(const struct subid *ids, pid_t pid, struct error *err)
{
	const struct id_map uids[] = {{0, geteuid(), 1}, {1, ids->uid_first, SUBID_COUNT}};
	const struct id_map gids[] = {{0, getegid(), 1}, {1, ids->gid_first, SUBID_COUNT}};
	int r = subid_map("newuidmap", pid, uids, 2, err);

	return r < 0 ? r : subid_map("newgidmap", pid, gids, 2, err);
}

/* Lets it go when its ids are mapped, and waits for its end. */
static int see_through(const struct subid *ids, pid_t pid, int go, int told, struct error *ret_told)
{
	struct error failed = {0};
	siginfo_t info;

	if (map_both(ids, pid, &failed) == 0 && write(go, "", 1) == 1 &&
	        read(told, ret_told, sizeof *ret_told) != sizeof *ret_told)
		error_set(&failed, ECHILD, "work in", "a user namespace", "the process was ended");
	if (failed.code) {
		*ret_told = failed;
		kill(pid, SIGKILL);
	}
	while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR)
		;
	return -ret_told->code;
}

int subid_run(int (*work)(void *argument, struct error *err), void *argument, struct error *err)
{
	struct inside in = {.work = work, .argument = argument};
	struct error told = {0};
	struct subid ids;
	int go[2], back[2], r;
	pid_t pid;

	subid_find(&ids);
	if (!ids.usable) {
		error_set(err, ENOTSUP, "use", "subordinate ids", "%s", ids.reason);
		error_advise(err, "%s", ids.how);
		return -ENOTSUP;
	}
	if (pipe2(go, O_CLOEXEC) < 0)
		return error_set(err, errno, "make", "pipe", NULL);
	if (pipe2(back, O_CLOEXEC) < 0) {
		r = error_set(err, errno, "make", "pipe", NULL);
		close(go[0]);
		close(go[1]);
		return r;
	}
	in.go = go[0];
	in.told = back[1];
	/* As fork(2), but born into the namespace. */
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, NULL, NULL, 0);
	if (pid == 0) {
		close(go[1]); /* so that the end of file shows when the parent ends */
		close(back[0]);
		work_inside(&in);
	}
	r = -errno;
	close(go[0]);
	close(back[1]);
	if (pid < 0)
		error_set(&told, -r, "make", "a user namespace", NULL);
	else
		r = see_through(&ids, pid, go[1], back[0], &told);
	close(go[1]);
	close(back[0]);
	if (told.code && err && !err->code)
		*err = told;
	return r;
}

/* ---- removing ------------------------------------------------------------------------------ */

struct tree {
	int dirfd;
	const char *path;
};

static int remove_tree(void *argument, struct error *err)
{
	const struct tree *t = argument;
	int r = dir_remove_tree(t->dirfd, t->path);

	return r < 0 ? error_set(err, -r, "remove tree", t->path, NULL) : 0;
}

int subid_remove_tree(int dirfd, const char *path)
{
	struct tree t = {.dirfd = dirfd, .path = path};
	int r = dir_remove_tree(dirfd, path), again;

	if ((r != -EACCES && r != -EPERM) || geteuid() == 0)
		return r;
	again = subid_run(remove_tree, &t, NULL);
	return again == -ENOTSUP ? r : again;
}
