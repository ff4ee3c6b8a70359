/* Which user the program runs as inside: setgroups(2), setresgid(2), setresuid(2). */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What an id inside is outside; the id itself where nothing is mapped. */
static uint32_t outside(const struct id_map *map, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (id >= map[i].inside && id - map[i].inside < map[i].count)
			return map[i].outside + (id - map[i].inside);
	return id;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct config *c = b->config;
	unsigned uid = (unsigned)c->uid, gid = (unsigned)c->gid;

	(void)s;
	if (!b->no_setgroups && !c->keep_groups) {
		buf_addf(&e->call, "setgroups(%zu, [", c->n_groups);
		for (size_t i = 0; i < c->n_groups; i++)
			buf_addf(&e->call, "%s%u", i ? ", " : "", (unsigned)c->groups[i]);
		buf_add(&e->call, "])\n");
	}
	buf_addf(&e->call, "setresgid(%u, %u, %u)\nsetresuid(%u, %u, %u)", gid, gid, gid, uid, uid,
	        uid);
	buf_addf(&e->shell, "setpriv --reuid %u --regid %u %s", uid, gid,
	        b->no_setgroups || c->keep_groups ? "--keep-groups" : "--clear-groups");
	if (outside(c->uid_map, c->n_uid_map, c->uid) != c->uid)
		buf_addf(&e->why, "The program runs as user %u inside, which is user %u outside.",
		        uid, (unsigned)outside(c->uid_map, c->n_uid_map, c->uid));
	else
		buf_addf(&e->why, "The program runs as user %u.", uid);
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct config *c = b->config;
	static const char *const who = "process.user";

	(void)s;
	/* A change from root to another user would empty the permitted set, and the next step
	 * needs CAP_SETPCAP still; capabilities(7), SECBIT_KEEP_CAPS. */
	if (prctl(PR_SET_KEEPCAPS, 1) < 0)
		return child_fail(fail, errno, "prctl PR_SET_KEEPCAPS", NULL);
	if (!b->no_setgroups && !c->keep_groups &&
	        syscall(SYS_setgroups, c->n_groups, c->groups) < 0)
		return child_fail(fail, errno, "setgroups", who);
	if (syscall(SYS_setresgid, c->gid, c->gid, c->gid) < 0)
		return child_fail(fail, errno, "setresgid", who);
	if (syscall(SYS_setresuid, c->uid, c->uid, c->uid) < 0)
		return child_fail(fail, errno, "setresuid", who);
	/* The change of user has cleared it, prctl(2). */
	if (!b->bundle)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

/* With setgroups(2) switched off (see idmap.c) there is no list of groups to set, and no way to. */
static int tell_groups(const struct step *s, struct build *b, struct error *err)
{
	auto_buf text = BUF_INIT;
	char path[64];

	(void)s;
	(void)err;
	if (!b->config->n_groups || !b->warnings)
		return 0;
	snprintf(path, sizeof path, "/proc/%d/setgroups", (int)b->process.pid);
	if (file_read_at(AT_FDCWD, path, 64, &text) == 0 && !strncmp(buf_text(&text), "deny", 4))
		buf_add(b->warnings, "process.user.additionalGids: left out, since setgroups(2) is "
		                     "switched off in this user namespace\n");
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct config *c = b->config;
	unsigned want = (unsigned)outside(c->uid_map, c->n_uid_map, c->uid), found = ~0u;
	char path[64], line[256];
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/status", (int)b->process.pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "Uid: %u", &found) == 1)
			break;
	/* Only who made the map knows what is what; the namespace is not always ours. */
	if (found != want && !b->old_user_namespace)
		return step_unverified(s, err, path, "the user is %u outside", found);
	buf_addf(seen, "%s: Uid is %u out here, %u inside\n", path, found, (unsigned)c->uid);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	if (code == EINVAL) {
		snprintf(err->cause, sizeof err->cause,
		        "user %u or group %u does not exist in this user namespace",
		        (unsigned)b->config->uid, (unsigned)b->config->gid);
		error_advise(err,
		        "an ordinary user can map one id only: leave out --user; more take "
		        "subordinate ids, see 'cutaway doctor'");
	}
}

const struct step_ops step_user = {
        .id = "user",
        .title = "the user it runs as",
        .man = "setresuid(2), credentials(7)",
        .where = STEP_CHILD,
        .explain = explain,
        .host_apply = tell_groups,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
