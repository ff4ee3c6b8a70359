#include "kernel/do/plan.h"

#include "kernel/do/bind_sources.h"
#include "kernel/do/device_sources.h"
#include "kernel/do/exec.h"
#include "kernel/do/idmap.h"
#include "kernel/do/listener.h"
#include "kernel/do/mount.h"
#include "kernel/do/network/network.h"
#include "kernel/do/seccomp.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static const char *without_group(const struct error *why)
{
	return why->code == EACCES ? "no control group is delegated to this user"
	                           : "this machine offers no such control group here";
}

/* The group with `needed`, and with what else it can have: a count of processes, and the freezer.
 */
static int make_group(struct build *b, unsigned needed, struct error *err)
{
	static const unsigned more[] = {CGROUP_PIDS | CGROUP_FREEZER, CGROUP_PIDS, 0};
	const char *asked = b->config->cgroups_path, *path = asked[0] ? asked : b->name;
	int r = -ENOTSUP;

	for (size_t i = 0; r < 0 && i < sizeof more / sizeof *more; i++) {
		*err = (struct error){0};
		r = cgroup_new(path, needed | more[i], &b->cgroup, err);
	}
	return r;
}

/* A limit that was asked for must be had, unless the plan is there to be looked at; a group without
 * one is taken where it is to be had. */
static int prepare_cgroup(struct build *b, struct error *err)
{
	const struct config *c = b->config;
	unsigned needed = (c->memory_max != CONFIG_UNLIMITED ? CGROUP_MEMORY : 0u) |
	                  (c->pids_max != CONFIG_UNLIMITED ? CGROUP_PIDS : 0u) |
	                  (c->cpu_quota_us != CONFIG_UNLIMITED ? CGROUP_CPU : 0u);
	struct error why = {0};
	int r;

	if (!needed && !c->cgroups_path[0])
		return 0;
	r = make_group(b, needed, &why);
	if (r == 0)
		return 0;
	if (!needed || b->limits_optional) {
		b->cgroup_reason = without_group(&why);
		return 0;
	}
	if (err && !err->code)
		*err = why;
	return r;
}

static bool has_mounts(const struct config *c, const struct step_ops *ops)
{
	const struct mount_group *g = ops->data;

	for (size_t i = 0; i < c->n_mounts; i++)
		if (mount_is_below(c->mounts[i].destination, g->top))
			return true;
	return false;
}

static bool has_volumes(const struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (mount_is_volume(&c->mounts[i]))
			return true;
	return false;
}

/* What only an OCI bundle can ask for; what it has in common with our own containers is below. */
static bool wanted_by_bundle(const struct build *b, const struct step_ops *ops, bool *ret)
{
	const struct config *c = b->config;
	const struct {
		const struct step_ops *ops;
		bool wanted;
	} table[] = {
	        {&step_group, b->group},
	        {&step_resources, b->group && (c->n_resources || c->n_device_rules)},
	        {&step_group_join, b->group},
	        {&step_oom_score, c->has_oom_score},
	        {&step_namespace_time, c->namespaces & CLONE_NEWTIME},
	        {&step_bind_sources, bind_sources_wanted(b)},
	        {&step_device_sources, device_sources_wanted(b)},
	        {&step_bundle_root, true},
	        {&step_root_keep, !(c->namespaces & CLONE_NEWNS)},
	        {&step_root_change, !(c->namespaces & CLONE_NEWNS)},
	        {&step_label, c->apparmor[0] || c->selinux[0]},
	        {&step_scheduler, c->scheduler},
	        {&step_io_priority, c->io_priority != IO_PRIORITY_NOT_SAID},
	        {&step_mounts, c->n_mounts},
	        {&step_devices, true},
	        {&step_sysctl, c->n_sysctl},
	        {&step_hooks_runtime, c->hooks[HOOK_PRESTART].n + c->hooks[HOOK_CREATE_RUNTIME].n},
	        {&step_hooks_container, c->hooks[HOOK_CREATE_CONTAINER].n},
	        {&step_root_readonly, c->root_readonly},
	        {&step_root_propagation, c->namespaces & CLONE_NEWNS && c->root_propagation},
	        {&step_domainname, c->domainname[0]},
	        {&step_personality, c->personality != CONFIG_NO_PERSONALITY},
	        {&step_rlimits, c->n_limits},
	        {&step_keyring, b->new_keyring},
	        {&step_start, b->start_fd >= 0 || b->starts_at_once},
	};
	/* Of which the bundle has its own. */
	static const struct step_ops *const instead[] = {&step_cgroup, &step_cgroup_join,
	        &step_limit_memory, &step_limit_pids, &step_limit_cpu, &step_rootfs,
	        &step_mount_proc, &step_mount_dev, &step_mount_sys, &step_volumes};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (ops == table[i].ops) {
			*ret = b->bundle && table[i].wanted;
			return true;
		}
	for (size_t i = 0; b->bundle && i < sizeof instead / sizeof *instead; i++)
		if (ops == instead[i]) {
			*ret = false;
			return true;
		}
	return false;
}

/* Without a packet filter the bridge has no way out, and still joins who is on it. */
static bool wanted_by_network(const struct build *b, const struct step_ops *ops, bool *ret)
{
	static const struct step_ops *const all[] = {&step_bridge, &step_masquerade, &step_publish,
	        &step_veth, &step_address, &step_resolve};
	const struct network *n = b->network;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (ops == all[i]) {
			*ret = n && (ops != &step_masquerade || !n->no_rules) &&
			       (ops != &step_publish || n->n_ports);
			return true;
		}
	return false;
}

static bool wanted(const struct build *b, const struct step_ops *ops)
{
	const struct config *c = b->config;
	bool answer;
	static const struct {
		const struct step_ops *ops;
		unsigned long flag;
	} namespaces[] = {
	        {&step_idmap, CLONE_NEWUSER},
	        {&step_namespace_mnt, CLONE_NEWNS},
	        {&step_pivot, CLONE_NEWNS},
	        {&step_namespace_uts, CLONE_NEWUTS},
	        {&step_namespace_ipc, CLONE_NEWIPC},
	        {&step_namespace_net, CLONE_NEWNET},
	        {&step_namespace_cgroup, CLONE_NEWCGROUP},
	};

	if (wanted_by_bundle(b, ops, &answer) || wanted_by_network(b, ops, &answer))
		return answer;
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
		if (ops == namespaces[i].ops)
			return c->namespaces & namespaces[i].flag;
	if (ops == &step_namespace_join)
		return c->n_joined;
	if (ops == &step_cgroup || ops == &step_cgroup_join)
		return b->cgroup;
	if (ops == &step_limit_memory)
		return b->cgroup && c->memory_max != CONFIG_UNLIMITED;
	if (ops == &step_limit_pids)
		return b->cgroup && c->pids_max != CONFIG_UNLIMITED;
	if (ops == &step_limit_cpu)
		return b->cgroup && c->cpu_quota_us != CONFIG_UNLIMITED;
	if (ops == &step_mount_proc || ops == &step_mount_dev || ops == &step_mount_sys)
		return has_mounts(c, ops);
	if (ops == &step_volumes)
		return has_volumes(c);
	if (ops == &step_hide)
		return c->n_masked + c->n_readonly > 0;
	if (ops == &step_hostname)
		return c->hostname[0] && (c->namespaces | config_joined(c)) & CLONE_NEWUTS;
	if (ops == &step_capabilities)
		return c->has_capabilities;
	if (ops == &step_no_new_privs)
		return c->no_new_privs;
	if (ops == &step_seccomp)
		return c->seccomp;
	return true;
}

static int check_mounts(const struct build *b, struct error *err)
{
	const struct config *c = b->config;

	for (size_t i = 0; !b->bundle && i < c->n_mounts; i++) {
		const char *at = c->mounts[i].destination;
		if (!mount_is_volume(&c->mounts[i]) && !mount_is_below(at, "/proc") &&
		        !mount_is_below(at, "/dev") && !mount_is_below(at, "/sys"))
			return error_set(err, ENOTSUP, "plan container", at,
			        "what is no volume is mounted below /proc, /dev and /sys only");
	}
	if (c->n_masked + c->n_readonly > BUILD_HIDDEN_MAX)
		return error_set(err, E2BIG, "plan container", "linux.maskedPaths",
		        "more than %d paths", BUILD_HIDDEN_MAX);
	return 0;
}

/* Without no_new_privs a filter needs CAP_SYS_ADMIN, so it is loaded while there is one: before
 * the user changes and capabilities go; seccomp(2). */
static void choose(const struct build *b, struct plan *p)
{
	bool early = b->config->seccomp && !b->config->no_new_privs;

	for (size_t i = 0; step_order[i]; i++) {
		const struct step_ops *ops = step_order[i];
		if (early && ops == &step_user)
			p->steps[p->n++].ops = &step_seccomp;
		if (wanted(b, ops) && !(early && ops == &step_seccomp))
			p->steps[p->n++].ops = ops;
	}
}

int plan_new(struct build *b, struct plan **ret, struct error *err)
{
	struct plan *p;
	size_t n = 0;
	int r = check_mounts(b, err);

	b->no_setgroups = idmap_denies_setgroups(b->config);
	if (r == 0 && !b->bundle)
		r = prepare_cgroup(b, err);
	if (r == 0)
		r = exec_programs(b->config, &b->programs, err);
	if (r == 0 && b->config->seccomp)
		r = seccomp_compile(b->config->seccomp, &b->filter, b->warnings, err);
	if (r == 0 && b->config->seccomp)
		r = seccomp_flags(b->config->seccomp, &b->filter_flags, err);
	if (r == 0)
		r = listener_check(b, err);
	if (r < 0)
		return r;
	while (step_order[n])
		n++;
	p = calloc(1, sizeof *p);
	if (p)
		p->steps = calloc(n + 2, sizeof *p->steps);
	if (!p || !p->steps) {
		free(p);
		return error_set(err, ENOMEM, "plan container", b->name, NULL);
	}
	choose(b, p);
	b->steps = p->steps;
	*ret = p;
	return 0;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	free(p->steps);
	free(p);
}

int plan_find(const struct plan *p, const char *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->steps[i].ops->id, id))
			return (int)i;
	return -1;
}
