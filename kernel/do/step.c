#include "kernel/do/step.h"

#include "kernel/do/build.h"
#include "kernel/do/diagnose.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct step_ops *const step_order[] = {
        &step_cgroup,
        &step_limit_memory,
        &step_limit_pids,
        &step_limit_cpu,
        &step_bridge,
        &step_masquerade,
        &step_publish,
        &step_bind_sources,
        &step_device_sources,
        &step_namespace_join,
        &step_clone,
        &step_oom_score,
        &step_idmap,
        &step_cgroup_join,
        &step_namespace_mnt,
        &step_namespace_uts,
        &step_namespace_ipc,
        &step_namespace_net,
        &step_group,
        &step_resources,
        &step_group_join,
        &step_veth,
        &step_address,
        &step_namespace_cgroup,
        &step_namespace_time,
        &step_rootfs,
        &step_bundle_root,
        &step_root_keep,
        &step_mounts,
        &step_devices,
        &step_mount_proc,
        &step_mount_dev,
        &step_mount_sys,
        &step_resolve,
        &step_volumes,
        &step_sysctl,
        &step_hooks_runtime,
        &step_hooks_container,
        &step_label,
        &step_pivot,
        &step_root_change,
        &step_hide,
        &step_root_readonly,
        &step_root_propagation,
        &step_hostname,
        &step_domainname,
        &step_personality,
        &step_scheduler,
        &step_io_priority,
        &step_rlimits,
        &step_keyring,
        &step_user,
        &step_capabilities,
        &step_no_new_privs,
        &step_start,
        &step_seccomp,
        &step_exec,
        NULL,
};

void explanation_release(struct explanation *e)
{
	buf_release(&e->call);
	buf_release(&e->shell);
	buf_release(&e->why);
}

/* strlcpy(3) by hand: the child must not call anything that could take a lock. */
static void copy_text(char *to, size_t size, const char *from)
{
	size_t i = 0;

	for (; from && from[i] && i + 1 < size; i++)
		to[i] = from[i];
	to[i] = '\0';
}

int child_fail(struct child_error *fail, int code, const char *operation, const char *object)
{
	fail->code = code;
	copy_text(fail->operation, sizeof fail->operation, operation);
	copy_text(fail->object, sizeof fail->object, object);
	return -code;
}

static void diagnose(const struct step *s, const struct build *b, struct error *err)
{
	if (s->ops->diagnose)
		s->ops->diagnose(s, b, err->code, err);
	diagnose_step(s->ops->id, err->code, err);
}

int step_failed(const struct step *s, const struct build *b, const struct child_error *fail,
        struct error *err)
{
	struct error told = {0};
	char operation[sizeof told.operation];

	snprintf(operation, sizeof operation, "step %s: %.40s", s->ops->id, fail->operation);
	error_set(&told, fail->code, operation, *fail->object ? fail->object : b->name, NULL);
	diagnose(s, b, &told);
	if (err && !err->code)
		*err = told;
	return -told.code;
}

void step_name_failure(const struct step *s, const struct build *b, int r, struct error *err)
{
	char operation[sizeof err->operation];

	error_set(err, -r, "perform", b->name, NULL); /* unless it is told already */
	if (!strncmp(err->operation, "step ", 5))
		return;
	snprintf(operation, sizeof operation, "step %s: %.40s", s->ops->id, err->operation);
	snprintf(err->operation, sizeof err->operation, "%s", operation);
	if (!err->object[0])
		snprintf(err->object, sizeof err->object, "%s", b->name);
	if (diagnose_is_plain(err))
		diagnose(s, b, err);
}

int step_unverified(
        const struct step *s, struct error *err, const char *object, const char *format, ...)
{
	char operation[64], cause[256];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof cause, format, args);
	va_end(args);
	snprintf(operation, sizeof operation, "verify %s", s->ops->id);
	return error_set(err, EPROTO, operation, object, "%s", cause);
}
