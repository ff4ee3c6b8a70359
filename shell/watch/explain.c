#include "shell/watch/explain.h"

#include "kernel/do/build.h"
#include "kernel/do/step.h"

#include <string.h>

/* The first line that fits says it: how the call's name begins, and what stands in its arguments.
 */
static const struct rule {
	const char *call, *in;
	const char *step;
	bool why; /* the step's reason holds for whoever does it; else it tells of our own container
	           */
} rules[] = {
        {"clone", "CLONE_NEWPID", "clone", false},
        {"setns", "", "namespace-join", true},
        {"", "CLONE_NEWUSER", "idmap", false},
        {"", "CLONE_NEWNS", "namespace-mnt", true},
        {"", "CLONE_NEWNET", "namespace-net", true},
        {"", "CLONE_NEWUTS", "namespace-uts", true},
        {"", "CLONE_NEWIPC", "namespace-ipc", true},
        {"", "CLONE_NEWCGROUP", "namespace-cgroup", true},
        {"", "CLONE_NEWTIME", "namespace-time", true},
        {"mount_setattr", "MOUNT_ATTR_RDONLY", "root-readonly", true},
        {"mount", "MS_PRIVATE", "root-propagation", true},
        {"mount", "MS_SLAVE", "root-propagation", true},
        {"mount", "\"overlay\"", "rootfs", false},
        {"mount", "\"proc\"", "mount-proc", true},
        {"mount", "\"sysfs\"", "mount-sys", true},
        {"mount", "MS_BIND", "volumes", true},
        {"mount", "", "mounts", true},
        {"fsopen", "\"proc\"", "mount-proc", true},
        {"fsopen", "", "mounts", true},
        {"fsconfig", "", "mounts", true},
        {"fsmount", "", "mounts", true},
        {"open_tree", "", "mounts", true},
        {"move_mount", "", "mounts", true},
        {"pivot_root", "", "pivot", true},
        {"umount2", "\".\"", "pivot", true},
        {"chroot", "", "root-change", true},
        {"sethostname", "", "hostname", true},
        {"setdomainname", "", "domainname", true},
        {"setuid", "", "user", false},
        {"setgid", "", "user", false},
        {"setre", "", "user", false},
        {"setgroups", "", "user", false},
        {"capset", "", "capabilities", false},
        {"prctl", "PR_CAPBSET_DROP", "capabilities", false},
        {"prctl", "PR_CAP_AMBIENT", "capabilities", false},
        {"prctl", "PR_SET_NO_NEW_PRIVS", "no-new-privs", true},
        {"prctl", "PR_SET_SECCOMP", "seccomp", false},
        {"seccomp", "SET_MODE_FILTER", "seccomp", false},
        {"keyctl", "JOIN_SESSION", "keyring", true},
        {"mkdir", "", "cgroup-path", false},
        {"write", "_map>", "idmap", false},
        {"write", "setgroups>", "idmap", false},
        {"write", "oom_score_adj>", "oom-score", true},
        {"write", "procs>", "cgroup-path-join", false},
        {"write", "tasks>", "cgroup-path-join", false},
        {"write", "/cgroup/", "resources", false},
        {"bpf", "", "resources", false},
        {"mknod", "", "devices", true},
        {"personality", "", "personality", true},
        {"prlimit", "", "rlimits", true},
        {"setrlimit", "", "rlimits", true},
        {"sched_setattr", "", "scheduler", false},
        {"execve", "", "exec", false},
};

/* The next one that fits, from `i` on; NULL when there is none. */
static const struct rule *next_rule(const struct watch_event *e, size_t *i)
{
	while (e->kind == WATCH_CALL && *i < sizeof rules / sizeof *rules) {
		const struct rule *rule = &rules[(*i)++];
		if (!strncmp(e->name, rule->call, strlen(rule->call)) && strstr(e->text, rule->in))
			return rule;
	}
	return NULL;
}

const char *watch_step_of(const struct watch_event *e)
{
	size_t i = 0;
	const struct rule *rule = next_rule(e, &i);

	return rule ? rule->step : NULL;
}

static const struct step_ops *step(const char *id)
{
	for (const struct step_ops *const *s = step_order; *s; s++)
		if (!strcmp((*s)->id, id))
			return *s;
	return NULL;
}

/* A step explains itself with a container's configuration: of an empty one only the reason is told,
 * which does not speak of it. */
static void add_why(const struct step_ops *ops, struct buf *out)
{
	char name[] = "PROGRAM";
	char *args[] = {name, NULL};
	struct config config = {.args = args,
	        .cwd = "/",
	        .hostname = "NAME",
	        .domainname = "NAME",
	        .time_offsets = "",
	        .apparmor = "",
	        .selinux = ""};
	struct build build = {.name = "NAME", .config = &config, .overlay.merged = "ROOT"};
	struct step s = {.ops = ops};
	struct explanation e = {0};

	ops->explain(&s, &build, &e);
	buf_addf(out, "%s\n", buf_text(&e.why));
	explanation_release(&e);
}

static void add_step(const struct rule *rule, struct buf *out)
{
	const struct step_ops *ops = step(rule->step);

	if (!ops)
		return;
	buf_addf(out, "On the way to a container: %s (step %s).\n", ops->title, ops->id);
	if (rule->why)
		add_why(ops, out);
	buf_addf(out, "Manual: %s\n", ops->man);
}

void watch_explain(const struct watch_event *e, struct buf *out)
{
	const struct rule *rule;
	size_t i = 0;

	if (e->kind != WATCH_CALL)
		return;
	rule = next_rule(e, &i);
	if (!rule)
		buf_addf(out, "Manual: %s(2)\n", e->name);
	/* One call makes several namespaces; all else is one thing. */
	for (; rule; rule = next_rule(e, &i)) {
		add_step(rule, out);
		if (strncmp(rule->in, "CLONE_NEW", 9) != 0 || !strcmp(e->name, "setns"))
			break;
		buf_addc(out, '\n');
	}
}

void watch_explain_inferred(const struct inference *i, struct buf *out)
{
	if (!i->letter)
		return;
	buf_addf(out,
	        "Not heard: the connection began before the watch, and HTTP/2 spells a name out "
	        "once and then gives its number only (HPACK, RFC 7541). Each \"%s\" of this run "
	        "is the same one.\n",
	        i->letter);
	if (i->name)
		buf_addf(out, "Concluded, not heard: it will be %s, since %s\n", i->name,
		        i->because);
}
