/* Which machine uname(2) tells a program it runs on: linux.personality, personality(2). */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/personality.h>

static const char *name(const struct build *b)
{
	return b->config->personality == PER_LINUX32 ? "PER_LINUX32" : "PER_LINUX";
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_addf(&e->call, "personality(%s)", name(b));
	buf_addf(&e->shell, "setarch %s",
	        b->config->personality == PER_LINUX32 ? "linux32" : "linux64");
	buf_add(&e->why, "uname(2) tells this program of such a machine: for those that build or "
	                 "install by what it says.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (personality(b->config->personality) < 0)
		return child_fail(fail, errno, "personality", name(b));
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	auto_buf text = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/personality", (int)b->process.pid);
	if (file_read_at(AT_FDCWD, path, 64, &text) < 0 ||
	        (strtoul(buf_text(&text), NULL, 16) & PER_MASK) != b->config->personality)
		return step_unverified(s, err, path, "says %s", buf_text(&text));
	buf_addf(seen, "%s is %s", path, buf_text(&text));
	return 0;
}

const struct step_ops step_personality = {
        .id = "personality",
        .title = "the machine that it is told of",
        .man = "personality(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
};
