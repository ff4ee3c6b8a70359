#include "kernel/do/idmap.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/procfs.h"
#include "kernel/do/steps.h"
#include "kernel/do/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool have(unsigned capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	/* capget(2) itself: a state object of libcap for one bit would be three allocations. */
	return capget(&header, data) == 0 && data[0].effective & (1u << capability);
}

bool idmap_privileged(void)
{
	return have(CAP_SYS_ADMIN);
}

/* The kernel lets an ordinary user map its own id and no other; for whom /etc/subuid names, those
 * programs map more. */
static bool takes_help(const struct config *c)
{
	return !(have(CAP_SETUID) && have(CAP_SETGID)) &&
	       (c->n_uid_map != 1 || c->uid_map[0].count != 1 || c->n_gid_map != 1 ||
	               c->gid_map[0].count != 1);
}

/* One id only is what an ordinary user may map without help. The kernel then wants setgroups(2)
 * switched off, since dropping a group could gain access (user_namespaces(7)). */
bool idmap_denies_setgroups(const struct config *c)
{
	return c->namespaces & CLONE_NEWUSER && c->n_gid_map == 1 && c->gid_map[0].count == 1 &&
	       !have(CAP_SETGID);
}

bool idmap_outside(const struct id_map *map, size_t n, uint32_t id, uint32_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (id >= map[i].inside && id - map[i].inside < map[i].count) {
			*ret = map[i].outside + (id - map[i].inside);
			return true;
		}
	return false;
}

void idmap_text(const struct id_map *map, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%" PRIu32 " %" PRIu32 " %" PRIu32, i ? "\n" : "", map[i].inside,
		        map[i].outside, map[i].count);
}

/* As arguments of a program. */
static void map_words(const struct id_map *map, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_add(out, i ? " " : "");
		idmap_text(&map[i], 1, out);
	}
}

static void explain_help(const struct config *c, const char *pid, struct explanation *e)
{
	auto_buf uids = BUF_INIT, gids = BUF_INIT;

	map_words(c->uid_map, c->n_uid_map, &uids);
	map_words(c->gid_map, c->n_gid_map, &gids);
	buf_addf(&e->call,
	        "execve(\"newuidmap\", …): write(\"/proc/%s/uid_map\", …) as root\n"
	        "execve(\"newgidmap\", …): write(\"/proc/%s/gid_map\", …) as root\n"
	        "setresgid(0, 0, 0); setresuid(0, 0, 0)",
	        pid, pid);
	buf_addf(&e->shell, "newuidmap %s %s\nnewgidmap %s %s", pid, buf_text(&uids), pid,
	        buf_text(&gids));
	buf_addf(&e->why,
	        "Root inside is user %" PRIu32 " outside; the others inside are ids that "
	        "/etc/subuid gives to this user, and only newuidmap may map those.",
	        c->uid_map[0].outside);
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct config *c = b->config;
	auto_buf uids = BUF_INIT, gids = BUF_INIT;
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	if (takes_help(c)) {
		explain_help(c, pid, e);
		return;
	}
	idmap_text(c->uid_map, c->n_uid_map, &uids);
	idmap_text(c->gid_map, c->n_gid_map, &gids);
	if (b->no_setgroups)
		buf_addf(&e->call, "write(\"/proc/%s/setgroups\", \"deny\")\n", pid);
	buf_addf(&e->call, "write(\"/proc/%s/uid_map\", \"%s\")\n", pid, buf_text(&uids));
	buf_addf(&e->call, "write(\"/proc/%s/gid_map\", \"%s\")\n", pid, buf_text(&gids));
	buf_add(&e->call, "setresgid(0, 0, 0); setresuid(0, 0, 0)");
	buf_addf(&e->shell, "echo '%s' > /proc/%s/uid_map", buf_text(&uids), pid);
	if (b->no_setgroups)
		buf_addf(&e->why,
		        "Root inside is user %" PRIu32 " outside, and no other user exists in "
		        "there: the kernel lets everybody map that.",
		        c->uid_map[0].outside);
	else
		buf_addf(&e->why,
		        "Until now it is nobody inside. User 0 inside becomes %" PRIu32
		        " outside: root in there, nobody out here.",
		        c->uid_map[0].outside);
}

static int write_map(const struct step *s, struct build *b, const char *file, const char *text,
        struct error *err)
{
	struct child_error fail = {0};
	char path[64];
	int r;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)b->process.pid, file);
	r = procfs_write(path, text);
	if (r < 0) {
		child_fail(&fail, -r, "write", path);
		return step_failed(s, b, &fail, err);
	}
	return 0;
}

/* Its own words tell more than an errno could. */
static int have_mapped(const struct step *s, struct build *b, const char *program,
        const struct id_map *map, size_t n, struct error *err)
{
	struct error own = {0}, told = {0};
	struct child_error fail = {0};
	int r = subid_map(program, b->process.pid, map, n, &own);

	if (r == 0)
		return 0;
	child_fail(&fail, own.code, "map ids with", own.object);
	step_failed(s, b, &fail, &told);
	snprintf(told.cause, sizeof told.cause, "%s", own.cause);
	snprintf(told.advice, sizeof told.advice, "%s",
	        *own.advice ? own.advice : "'cutaway doctor' tells what is wrong with it");
	if (err && !err->code)
		*err = told;
	return r;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	const struct config *c = b->config;
	auto_buf uids = BUF_INIT, gids = BUF_INIT;
	int r = 0;

	if (takes_help(c)) {
		r = have_mapped(s, b, "newuidmap", c->uid_map, c->n_uid_map, err);
		return r < 0 ? r : have_mapped(s, b, "newgidmap", c->gid_map, c->n_gid_map, err);
	}
	idmap_text(c->uid_map, c->n_uid_map, &uids);
	idmap_text(c->gid_map, c->n_gid_map, &gids);
	if (b->no_setgroups)
		r = write_map(s, b, "setgroups", "deny", err);
	if (r == 0)
		r = write_map(s, b, "uid_map", buf_text(&uids), err);
	if (r == 0)
		r = write_map(s, b, "gid_map", buf_text(&gids), err);
	return r;
}

/* 0, unless there is none inside. The powers are those of who made the namespace either way. */
static uint32_t first_id(const struct id_map *map, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (map[i].inside == 0)
			return 0;
	return n ? map[0].inside : 0;
}

/* The number has a meaning now: take it. The raw system calls, since those of glibc want to talk
 * to the other threads of a process that does not exist in here, nptl(7). */
static int become_root(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct config *c = b->config;
	uint32_t uid = first_id(c->uid_map, c->n_uid_map);
	uint32_t gid = first_id(c->gid_map, c->n_gid_map);

	(void)s;
	if (!b->no_setgroups && syscall(SYS_setgroups, 0, NULL) < 0) {
		/* Whoever made it may have switched it off, for good. */
		if (errno != EPERM || !b->old_user_namespace)
			return child_fail(fail, errno, "setgroups", "none");
		b->no_setgroups = true;
	}
	if (syscall(SYS_setresgid, gid, gid, gid) < 0)
		return child_fail(fail, errno, "setresgid", "0");
	if (syscall(SYS_setresuid, uid, uid, uid) < 0)
		return child_fail(fail, errno, "setresuid", "0");
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct config *c = b->config;
	uint32_t inside = 0, outside = 0, count = 0;
	char path[64];
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/uid_map", (int)b->process.pid);
	file = fopen(path, "re");
	for (size_t i = 0; i < c->n_uid_map; i++) {
		const struct id_map *want = &c->uid_map[i];
		if (!file || fscanf(file, "%" SCNu32 " %" SCNu32 " %" SCNu32, &inside, &outside,
		                     &count) != 3)
			return step_unverified(s, err, path, "has %zu lines", i);
		if (inside != want->inside || outside != want->outside || count != want->count)
			return step_unverified(s, err, path,
			        "says %" PRIu32 " %" PRIu32 " %" PRIu32, inside, outside, count);
		buf_addf(seen, "%s: %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", path, inside, outside,
		        count);
	}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	if (code == EPERM && b->no_setgroups) {
		snprintf(err->cause, sizeof err->cause,
		        "an ordinary user may map only its own id, once");
	} else if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "mapping a range needs CAP_SETUID here, and the ids must exist here");
		error_advise(err, "look at /proc/self/uid_map, or use --userns host");
	} else if (code == EINVAL) {
		snprintf(err->cause, sizeof err->cause,
		        "the map is malformed, or its ids do not exist in our own namespace");
	}
}

const struct step_ops step_idmap = {
        .id = "idmap",
        .title = "who is who: root inside, nobody outside",
        .man = "user_namespaces(7), setresuid(2)",
        .where = STEP_HOST,
        .explain = explain,
        .host_apply = apply,
        .child_apply = become_root,
        .verify = verify,
        .diagnose = diagnose,
};
