#include "render/step_object.h"

#include "render/describe.h"
#include "render/wants.h"

#include <string.h>

/* What the functions below tell of. */
struct made {
	struct scene *s;
	const struct model *m;
	const struct model_container *c;
	const struct model_process *p; /* its first process, NULL = none */
	const struct model_cgroup *g;  /* NULL = none */
	const char *detail;            /* from the table */
};

static const char *clean(const struct made *o, const char *text)
{
	return scene_clean(o->s, text);
}

static const char *group(const struct made *o)
{
	return o->g ? scene_format(o->s, "control group %s", clean(o, o->g->path)) : NULL;
}

static const char *group_join(const struct made *o)
{
	return o->g && o->c->pid ? scene_format(o->s, "process %d in %s", (int)o->c->pid,
	                                   clean(o, o->g->path))
	                         : NULL;
}

static const char *memory_limit(const struct made *o)
{
	return o->g ? scene_format(o->s, "memory.max %s", describe_size(o->s, o->g->memory_max))
	            : NULL;
}

static const char *pids_limit(const struct made *o)
{
	if (!o->g || o->g->pids_max >= MODEL_UNKNOWN)
		return NULL;
	return scene_format(o->s, "pids.max %llu", (unsigned long long)o->g->pids_max);
}

static const char *cpu_limit(const struct made *o)
{
	const struct model_cgroup *g = o->g;

	if (!g || g->cpu_quota_us >= MODEL_UNKNOWN || !g->cpu_period_us ||
	        g->cpu_period_us >= MODEL_UNKNOWN)
		return NULL;
	return scene_format(
	        o->s, "cpu.max %.2f cpus", (double)g->cpu_quota_us / (double)g->cpu_period_us);
}

static const char *namespace(const struct made *o)
{
	for (int t = 0; t < NS_COUNT; t++)
		if (!strcmp(ns_names[t], o->detail))
			return o->c->ns[t] ? scene_format(o->s, "%s namespace %llu", ns_names[t],
			                             (unsigned long long)o->c->ns[t])
			                   : NULL;
	return NULL;
}

static const char *process(const struct made *o)
{
	if (!o->c->pid)
		return NULL;
	if (!o->c->ns[NS_PID])
		return scene_format(o->s, "process %d", (int)o->c->pid);
	return scene_format(o->s, "process %d, pid namespace %llu", (int)o->c->pid,
	        (unsigned long long)o->c->ns[NS_PID]);
}

static const char *of_process(const struct made *o)
{
	return o->c->pid ? scene_format(o->s, "%s of process %d", o->detail, (int)o->c->pid) : NULL;
}

static const char *id_map(const struct made *o)
{
	return *o->c->uid_map
	               ? scene_format(o->s, "/proc/%d/uid_map: %s", (int)o->c->pid, o->c->uid_map)
	               : NULL;
}

/* Until pivot_root what will be at /proc is below the new root. */
static const char *mounted_at(const struct made *o, const struct model_mount *mount)
{
	size_t n = strlen(o->c->rootfs);

	if (!n || strncmp(mount->target, o->c->rootfs, n))
		return mount->target;
	return mount->target[n] ? mount->target + n : "/";
}

static const char *mount(const struct made *o)
{
	const struct model_mount *found = NULL;

	for (size_t i = 0; o->c->ns[NS_MNT] && i < o->m->n_mounts; i++) {
		const struct model_mount *mount = &o->m->mounts[i];
		if (mount->mnt_ns == o->c->ns[NS_MNT] && !strcmp(mounted_at(o, mount), o->detail))
			found = mount;
	}
	return found ? scene_format(o->s, "mount %s on %s", clean(o, found->fstype),
	                       describe_path(o->s, found->target, 28))
	             : NULL;
}

static const char *host_name(const struct made *o)
{
	return *o->c->hostname ? scene_format(o->s, "host name %s", clean(o, o->c->hostname))
	                       : NULL;
}

static const char *user(const struct made *o)
{
	if (!o->p)
		return NULL;
	return scene_format(o->s, "user %s, outside %s", describe_user(o->s, (long)o->p->ns_uid),
	        describe_user(o->s, (long)o->p->uid));
}

static const char *capabilities(const struct made *o)
{
	return o->p ? scene_format(o->s, "%d capabilities of process %d",
	                      describe_count_capabilities(o->p->cap_effective), (int)o->p->pid)
	            : NULL;
}

static const char *program(const struct made *o)
{
	return o->p ? scene_format(o->s, "process %d is now %s", (int)o->p->pid,
	                      describe_process(o->s, o->p))
	            : NULL;
}

static const char *ports(const struct made *o)
{
	return *o->c->ports ? scene_format(o->s, "ports %s", clean(o, o->c->ports)) : NULL;
}

static const struct model_link *link_inside(const struct made *o)
{
	for (size_t i = 0; o->c->ns[NS_NET] && i < o->m->n_links; i++)
		if (o->m->links[i].net_ns == o->c->ns[NS_NET] &&
		        strcmp(o->m->links[i].name, "lo") != 0)
			return &o->m->links[i];
	return NULL;
}

static const char *veth(const struct made *o)
{
	const struct model_link *link = link_inside(o);
	const struct model_link *peer = link ? model_link_peer(o->m, link) : NULL;

	if (!link)
		return NULL;
	return peer ? scene_format(o->s, "link %s ⇄ %s", clean(o, link->name), clean(o, peer->name))
	            : scene_format(o->s, "link %s", clean(o, link->name));
}

static const char *bridge(const struct made *o)
{
	for (size_t i = 0; i < o->m->n_links; i++) {
		const struct model_link *link = &o->m->links[i];
		if (!strcmp(link->kind, "bridge") && !strncmp(link->name, "cutaway", 7))
			return scene_format(o->s, "bridge %s", clean(o, link->name));
	}
	return NULL;
}

static const char *address(const struct made *o)
{
	const struct model_link *link = link_inside(o);

	return link && *link->addresses
	               ? scene_format(o->s, "address %s", clean(o, link->addresses))
	               : NULL;
}

/* By the ids of kernel/do/step.c. `topic` is the fact that a check of the step would ask for. */
static const struct object {
	const char *id;
	const char *to_come;
	const char *(*made)(const struct made *o); /* NULL from it = not to be seen; may be NULL */
	const char *detail;
	const char *topic;
} objects[] = {
        {"cgroup", "control group", group, NULL, "cgroup"},
        {"group", "control group", group, NULL, NULL},
        {"limit-memory", "memory.max", memory_limit, NULL, "cgroup.memory"},
        {"limit-pids", "pids.max", pids_limit, NULL, "cgroup.pids"},
        {"limit-cpu", "cpu.max", cpu_limit, NULL, "cgroup.cpu"},
        {"resources", "limits of the group", group, NULL, NULL},
        {"bridge", "link: a bridge", bridge, NULL, NULL},
        {"masquerade", "nftables rule", NULL, NULL, NULL},
        {"publish", "ports", ports, NULL, NULL},
        {"bind-sources", "mounts, not attached yet", NULL, NULL, NULL},
        {"device-sources", "mounts, not attached yet", NULL, NULL, NULL},
        {"namespace-join", "namespaces that are there", NULL, NULL, NULL},
        {"clone", "process, pid namespace", process, NULL, "pid"},
        {"oom-score", "/proc/PID/oom_score_adj", of_process, "oom_score_adj", NULL},
        {"idmap", "/proc/PID/uid_map", id_map, NULL, "root"},
        {"cgroup-join", "process in the group", group_join, NULL, "cgroup.processes"},
        {"group-join", "process in the group", group_join, NULL, NULL},
        {"namespace-mnt", "mnt namespace", namespace, "mnt", "ns.mnt"},
        {"namespace-uts", "uts namespace", namespace, "uts", "ns.uts"},
        {"namespace-ipc", "ipc namespace", namespace, "ipc", "ns.ipc"},
        {"namespace-net", "net namespace", namespace, "net", "ns.net"},
        {"namespace-cgroup", "cgroup namespace", namespace, "cgroup", "ns.cgroup"},
        {"namespace-time", "time namespace", namespace, "time", "ns.time"},
        {"veth", "link: a veth pair", veth, NULL, "link"},
        {"address", "address of the link", address, NULL, NULL},
        {"rootfs", "mount overlay", mount, "/", "layers"},
        {"bundle-root", "mount of the bundle's root", mount, "/", NULL},
        {"mounts", "mounts", NULL, NULL, NULL},
        {"devices", "files in /dev", NULL, NULL, NULL},
        {"mount-proc", "mount proc on /proc", mount, "/proc", "mount./proc"},
        {"mount-dev", "mount tmpfs on /dev", mount, "/dev", "mount./dev"},
        {"mount-sys", "mount sysfs on /sys", mount, "/sys", "mount./sys"},
        {"resolve", "/etc/resolv.conf", NULL, NULL, NULL},
        {"volumes", "mounts of host directories", NULL, NULL, NULL},
        {"pivot", "root directory", mount, "/", "mount./"},
        {"root-change", "root directory", NULL, NULL, NULL},
        {"hide", "mounts over what is hidden", NULL, NULL, NULL},
        {"hostname", "host name", host_name, NULL, "hostname"},
        {"user", "user of the process", user, NULL, "uid"},
        {"capabilities", "fewer capabilities", capabilities, NULL, "cap"},
        {"no-new-privs", "no_new_privs", of_process, "no_new_privs", "no_new_privs"},
        {"seccomp", "seccomp filter", of_process, "seccomp filter", "seccomp"},
        {"start", "the word to start", NULL, NULL, NULL},
        {"exec", "the program", program, NULL, "command"},
};

static const struct object *find(const char *id)
{
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
		if (!strcmp(objects[i].id, id))
			return &objects[i];
	return NULL;
}

const char *step_object(struct scene *s, const struct model *m, const struct model_container *c,
        const struct model_step *step)
{
	const struct object *object = find(step->id);
	struct made o = {.s = s, .m = m, .c = c, .detail = object ? object->detail : NULL};
	const char *text = NULL;

	if (!object)
		return "";
	o.p = c->pid ? model_process(m, c->pid) : NULL;
	if (c->cgroup >= 0 && (size_t)c->cgroup < m->n_cgroups)
		o.g = &m->cgroups[c->cgroup];
	if (step->status == STEP_DONE && object->made)
		text = object->made(&o);
	return text ? text : object->to_come;
}

bool step_is_wanted(const struct view_want *want, const char *container, const char *id)
{
	const struct object *object = find(id);
	const char *rest, *wanted = want->wanted ? want->wanted : "";

	if (want_about(want, container, "step", &rest))
		return !strcmp(rest, id);
	if (!object)
		return false;
	if (!strcmp(id, "exec") && want_about(want, container, "", &rest) && !*rest)
		return !*wanted || !strcmp(wanted, "running");
	if (!strcmp(id, "capabilities") && want_about(want, container, "caps", NULL))
		return true;
	if (!strcmp(id, "cgroup") && want_about(want, container, "cgroup", &rest))
		return !*rest; /* what is below it is for other steps */
	return object->topic && want_about(want, container, object->topic, NULL);
}

static enum step_place place_of(const char *id)
{
	static const struct {
		const char *prefix;
		enum step_place place;
	} places[] = {{"cgroup", PLACE_CGROUPS}, {"limit", PLACE_CGROUPS}, {"group", PLACE_CGROUPS},
	        {"resources", PLACE_CGROUPS}, {"clone", PLACE_NAMESPACES},
	        {"idmap", PLACE_NAMESPACES}, {"namespace", PLACE_NAMESPACES},
	        {"hostname", PLACE_NAMESPACES}, {"mount", PLACE_MOUNTS}, {"rootfs", PLACE_MOUNTS},
	        {"pivot", PLACE_MOUNTS}, {"volumes", PLACE_MOUNTS}, {"hide", PLACE_MOUNTS},
	        {"bundle", PLACE_MOUNTS}, {"devices", PLACE_MOUNTS}, {"user", PLACE_RIGHTS},
	        {"capabilities", PLACE_RIGHTS}, {"no-new-privs", PLACE_RIGHTS},
	        {"seccomp", PLACE_RIGHTS}, {"bridge", PLACE_NETWORK}, {"masquerade", PLACE_NETWORK},
	        {"publish", PLACE_NETWORK}, {"veth", PLACE_NETWORK}, {"address", PLACE_NETWORK},
	        {"resolve", PLACE_NETWORK}};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (!strncmp(id, places[i].prefix, strlen(places[i].prefix)))
			return places[i].place;
	return PLACE_NONE;
}

void step_say_failures(
        const struct model *m, struct scene *s, struct card *card, enum step_place place)
{
	for (size_t i = 0; i < m->n_containers; i++) {
		const struct model_container *c = &m->containers[i];
		size_t failed = describe_failed_step(c);

		if (failed < c->n_steps && place_of(c->steps[failed].id) == place)
			card_say(s, card,
			        scene_clean(s,
			                scene_format(s, "%s: %s", c->name, describe_failure(s, c))),
			        SCENE_SECURITY, MARK_FAILED);
	}
}
