/* Whom the kernel ends first when memory runs out: process.oomScoreAdj, proc(5). */
#include "kernel/do/oom_score.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/procfs.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int oom_score_set_own(int score)
{
	auto_close fd = procfs_open("/proc/self/oom_score_adj", O_WRONLY);
	char text[8];
	size_t n = 0, start = sizeof text;
	int left = score < 0 ? -score : score;

	/* snprintf(3) is not for between clone and exec. */
	do
		text[--start] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (score < 0)
		text[--start] = '-';
	n = sizeof text - start;
	return fd < 0 || write(fd, text + start, n) < 0 ? -errno : 0;
}

void oom_score_warn(struct buf *warnings, int score)
{
	buf_addf(warnings,
	        "process.oomScoreAdj %d: lowering it takes CAP_SYS_RESOURCE, left as it is\n",
	        score);
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	buf_addf(&e->call, "write(\"/proc/%s/oom_score_adj\", \"%d\")", pid,
	        b->config->oom_score_adj);
	buf_addf(&e->shell, "choom -p %s -n %d", pid, b->config->oom_score_adj);
	buf_add(&e->why, "When memory runs out the kernel ends the process with the highest score: "
	                 "this is added to it.");
}

static bool is_so(const char *path, int score)
{
	auto_buf text = BUF_INIT;

	return file_read_at(AT_FDCWD, path, 64, &text) == 0 &&
	       strtol(buf_text(&text), NULL, 10) == score;
}

/* Below what it has now only CAP_SYS_RESOURCE may set it. The container works without, so that is
 * said and not refused. */
static int apply(const struct step *s, struct build *b, struct error *err)
{
	struct child_error fail = {0};
	char path[64], text[16];
	int r;

	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)b->process.pid);
	snprintf(text, sizeof text, "%d", b->config->oom_score_adj);
	/* Who was born of a process in between has it already. */
	if (is_so(path, b->config->oom_score_adj))
		return 0;
	r = procfs_write(path, text);
	if ((r == -EACCES || r == -EPERM) && b->warnings) {
		oom_score_warn(b->warnings, b->config->oom_score_adj);
		return 0;
	}
	if (r < 0) {
		child_fail(&fail, -r, "write", path);
		return step_failed(s, b, &fail, err);
	}
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)b->process.pid);
	if (!is_so(path, b->config->oom_score_adj))
		return step_unverified(s, err, path, "is not as asked for");
	buf_addf(seen, "%s is %d\n", path, b->config->oom_score_adj);
	return 0;
}

const struct step_ops step_oom_score = {
        .id = "oom-score",
        .title = "who goes first when memory runs out",
        .man = "proc(5)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .verify = verify,
};
