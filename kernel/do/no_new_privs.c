/* No program it starts may win powers that it does not have: PR_SET_NO_NEW_PRIVS, prctl(2). */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	(void)b;
	buf_add(&e->call, "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)");
	buf_add(&e->shell, "setpriv --no-new-privs");
	buf_add(&e->why, "From now on execve(2) ignores set-user-ID bits and file capabilities, "
	                 "which also lets anybody load a seccomp filter.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	(void)b;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return child_fail(fail, errno, "prctl PR_SET_NO_NEW_PRIVS", NULL);
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char path[64], line[256];
	auto_file file = NULL;
	int set = -1;

	snprintf(path, sizeof path, "/proc/%d/status", (int)b->process.pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "NoNewPrivs: %d", &set) == 1)
			break;
	if (set != 1)
		return step_unverified(s, err, path, "NoNewPrivs is not 1");
	buf_addf(seen, "%s: NoNewPrivs is 1\n", path);
	return 0;
}

const struct step_ops step_no_new_privs = {
        .id = "no-new-privs",
        .title = "no way to win powers back",
        .man = "prctl(2), PR_SET_NO_NEW_PRIVS",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
};
