/* Settings of the kernel that belong to a namespace: linux.sysctl, sysctl(8), proc(5).
 *
 * A file below /proc/sys shows and sets what belongs to the namespaces of whoever opens it, so the
 * host's own /proc will do, as long as it is the child that writes; config_linux.c lets nothing
 * through that is not a namespace's. */
#include "kernel/do/build.h"
#include "kernel/do/procfs.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_sysctl; i++) {
		const struct key_value *kv = &b->config->sysctl[i];
		buf_addf(&e->call, "%swrite(\"/proc/sys/%s\", \"%s\")", i ? "\n" : "", kv->key,
		        kv->value);
		buf_addf(&e->shell, "%ssysctl -w %s=%s", i ? "\n" : "", kv->key, kv->value);
	}
	buf_add(&e->why, "A setting of the kernel that belongs to a namespace, and so is the "
	                 "container's own.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_sysctl; i++) {
		const struct key_value *kv = &b->config->sysctl[i];
		char path[PATH_MAX] = "/proc/sys/";
		int r = -ENAMETOOLONG;
		if (strlen(path) + strlen(kv->key) < sizeof path)
			r = procfs_write(strcat(path, kv->key), kv->value);
		if (r < 0)
			return child_fail(fail, -r, "write /proc/sys/", kv->key);
	}
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	(void)s;
	(void)err;
	buf_addf(seen, "%zu settings were accepted by the kernel\n", b->config->n_sysctl);
	return 0;
}

const struct step_ops step_sysctl = {
        .id = "sysctl",
        .title = "settings of its namespaces",
        .man = "proc(5), sysctl(8)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
};
