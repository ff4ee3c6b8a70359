#include "kernel/do/keyring.h"

#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int keyring_join(struct child_error *fail)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return child_fail(fail, errno, "keyctl KEYCTL_JOIN_SESSION_KEYRING", NULL);
	return 0;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	(void)b;
	buf_add(&e->call, "keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL)");
	buf_add(&e->shell, "keyctl session -");
	buf_add(&e->why, "Keys are handed down from process to process and no namespace separates "
	                 "them: it starts with an empty ring.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	(void)b;
	return keyring_join(fail);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	(void)s;
	(void)b;
	(void)err;
	buf_add(seen, "the kernel gave it a new session keyring\n");
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EDQUOT)
		snprintf(err->cause, sizeof err->cause, "this user has too many keyrings already");
	error_advise(err, "--no-new-keyring keeps the one of the caller");
}

const struct step_ops step_keyring = {
        .id = "keyring",
        .title = "an empty key ring",
        .man = "keyctl(2), session-keyring(7)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
