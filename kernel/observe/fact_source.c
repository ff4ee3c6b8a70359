/* Where the kernel tells what: proc(5), cgroups(7), and Documentation/admin-guide/cgroup-v1 and
 * cgroup-v2.rst of the kernel. */
#include "kernel/observe/fact_source.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"

#include <errno.h>
#include <string.h>

static const struct fact_source of_process[] = {
        {"comm", "name of process {pid}", "/proc/{pid}/comm", "",
                "The name that the kernel keeps, 15 bytes at most.", "proc(5)",
                {"ps -o comm= -p {pid}", "cat /proc/{pid}/comm"}},
        {"cmdline", "arguments of process {pid}", "/proc/{pid}/cmdline", "",
                "They lie in the memory of the process, which can change them.", "proc(5)",
                {"ps -o args= -p {pid}", "tr '\\0' ' ' </proc/{pid}/cmdline"}},
        {"state", "state of process {pid}", "/proc/{pid}/stat", "the third",
                "R runs, S sleeps, D waits for a device, T is stopped, Z has ended.", "proc(5)",
                {"ps -o stat= -p {pid}", "cat /proc/{pid}/stat"}},
        {"parent", "parent of process {pid}", "/proc/{pid}/stat", "the fourth",
                "Who started it, or who took it over when that one ended.", "proc(5)",
                {"ps -o ppid= -p {pid}", "pstree -sp {pid}"}},
        {"uid", "user of process {pid}, as the host sees it", "/proc/{pid}/status",
                "Uid, the second", "The effective user, in the user namespace of who asks.",
                "credentials(7)", {"ps -o uid= -p {pid}", "grep Uid /proc/{pid}/status"}},
        {"inside", "pid of process {pid} in its own pid namespace", "/proc/{pid}/status",
                "NSpid, the last", "One number for each pid namespace that it is in.",
                "pid_namespaces(7)",
                {"grep NSpid /proc/{pid}/status", "nsenter -t {pid} -p -m ps -ef"}},
        {"started", "when process {pid} was started", "/proc/{pid}/stat", "number 22",
                "In ticks of the clock since the machine was started.", "proc(5)",
                {"ps -o lstart= -p {pid}", "cat /proc/{pid}/stat"}},
        {"ns.", "{type} namespace of process {pid}", "/proc/{pid}/ns/{type}", "",
                "A link whose number names the namespace: processes with the same number share it.",
                "namespaces(7)",
                {"readlink /proc/{pid}/ns/{type}", "lsns -t {type} -p {pid}",
                        "nsenter -t {pid} --{long} COMMAND"}},
        {"cgroup", "control group of process {pid}", "/proc/{pid}/cgroup", "",
                "A line for each hierarchy: its number, its controllers, the path in it.",
                "cgroups(7)", {"cat /proc/{pid}/cgroup", "ps -o cgroup= -p {pid}"}},
        {"caps", "effective capabilities of process {pid}", "/proc/{pid}/status", "CapEff",
                "A bit for each: what it may do of all that only root may.", "capabilities(7)",
                {"capsh --decode={value}", "getpcaps {pid}", "grep Cap /proc/{pid}/status"}},
        {"bounding", "bounding set of process {pid}", "/proc/{pid}/status", "CapBnd",
                "No program that it starts gets a capability that is not in it.", "capabilities(7)",
                {"capsh --decode={value}", "grep CapBnd /proc/{pid}/status"}},
        {"seccomp", "system call filter of process {pid}", "/proc/{pid}/status", "Seccomp",
                "0 none, 1 strict, 2 filters: programs that decide on each system call.",
                "seccomp(2)", {"grep Seccomp /proc/{pid}/status"}},
        {"filters", "number of system call filters of process {pid}", "/proc/{pid}/status",
                "Seccomp_filters", "Each one more can only forbid more.", "seccomp(2)",
                {"grep Seccomp_filters /proc/{pid}/status"}},
        {"no_new_privs", "no_new_privs of process {pid}", "/proc/{pid}/status", "NoNewPrivs",
                "With it set-user-ID programs give it no other user.", "prctl(2)",
                {"grep NoNewPrivs /proc/{pid}/status", "setpriv -d"}},
        {"mounts", "number of mounts that process {pid} sees", "/proc/{pid}/mountinfo", "",
                "A line for each mount of its mount namespace, from its own root.",
                "mount_namespaces(7)", {"findmnt -N {pid}", "cat /proc/{pid}/mountinfo"}},
        {"mount.", "mount at {rest} as process {pid} sees it", "/proc/{pid}/mountinfo",
                "the line of {rest}", "", "mount_namespaces(7)",
                {"findmnt -N {pid} {rest}", "cat /proc/{pid}/mountinfo"}},
        {"links", "number of links in the network namespace of process {pid}",
                "/proc/{pid}/net/dev", "", "The file is of the namespace of the process.",
                "network_namespaces(7)",
                {"nsenter -t {pid} -n ip address", "cat /proc/{pid}/net/dev"}},
        {0},
};

/* What is not told by its first process; the rest is in the table above. */
static const struct fact_source of_container[] = {
        {"hostname", "host name of container {name}", "/proc/sys/kernel/hostname", "",
                "Read in its uts namespace: the file says another name in each.",
                "uts_namespaces(7)",
                {"nsenter -t {pid} -u hostname", "cutaway exec {name} hostname"}},
        {"pid.inside", "pid of the first process of container {name} in there",
                "/proc/{pid}/status", "NSpid, the last",
                "A pid namespace counts its processes from 1.", "pid_namespaces(7)",
                {"grep NSpid /proc/{pid}/status", "nsenter -t {pid} -p -m ps -ef"}},
        {"uid.inside", "user of the first process of container {name} in there",
                "/proc/{pid}/uid_map", "",
                "The user outside, put through the map of its user namespace.",
                "user_namespaces(7)", {"cat /proc/{pid}/uid_map", "nsenter -t {pid} -U id -u"}},
        {"cgroup.inside", "control group of container {name} as it is seen in there",
                "/proc/{pid}/cgroup", "read in its cgroup namespace",
                "The group that it was in when the namespace was made looks like the root.",
                "cgroup_namespaces(7)",
                {"nsenter -t {pid} -C cat /proc/{pid}/cgroup", "cat /proc/{pid}/cgroup"}},
        {"link.", "link {rest} of container {name}", "/proc/{pid}/net/dev", "",
                "A link is in one network namespace at a time.", "network_namespaces(7)",
                {"nsenter -t {pid} -n ip address show {rest}", "cat /proc/{pid}/net/dev"}},
        {"root", "who root of container {name} is outside", "/proc/{pid}/uid_map",
                "the line that begins with 0",
                "Each line: first user inside, first user outside, how many.", "user_namespaces(7)",
                {"cat /proc/{pid}/uid_map", "ps -o uid= -p {pid}"}},
        {"step.", "step {rest} of making container {name}", "", "",
                "Written by who makes it, not by the kernel.", "", {"cutaway inspect {name}"}},
        {"changes", "files that container {name} has written", "", "",
                "They lie in the upper directory of its overlay.", "",
                {"cutaway diff {name}", "findmnt -N {pid} / -o OPTIONS"}},
        {"upper.", "what container {name} has done to {rest}", "", "",
                "It lies in the upper directory of its overlay.", "",
                {"cutaway diff {name}", "findmnt -N {pid} / -o OPTIONS"}},
        {"layers", "layers below container {name}", "/proc/{pid}/mountinfo", "lowerdir of the root",
                "Directories that the overlay lays one over the other.", "mount(8)",
                {"findmnt -N {pid} / -o OPTIONS", "cutaway inspect {name}"}},
        {"processes", "number of processes of container {name}", "/proc/{pid}/cgroup", "",
                "Those that share its namespaces or its control group.", "",
                {"cutaway ps", "lsns -p {pid}"}},
        {"", "container {name}", "", "",
                "The kernel knows no containers: this is what its maker has written down.", "",
                {"cutaway ps", "cutaway inspect {name}"}},
        {0},
};

static const struct fact_source of_host[] = {
        {"hostname", "host name of the machine", "/proc/sys/kernel/hostname", "",
                "Of the uts namespace that this program is in.", "uts_namespaces(7)",
                {"hostname", "cat /proc/sys/kernel/hostname"}},
        {"kernel", "release of the kernel", "/proc/sys/kernel/osrelease", "",
                "The same in every container: there is one kernel.", "uname(2)", {"uname -r"}},
        {"cgroups", "version of control groups", "/proc/self/mountinfo",
                "lines of type cgroup and cgroup2", "", "cgroups(7)",
                {"findmnt -t cgroup,cgroup2", "stat -fc %T /sys/fs/cgroup"}},
        {"ns.", "{type} namespace of the host", "/proc/self/ns/{type}", "",
                "The one that the processes of the host live in.", "namespaces(7)",
                {"readlink /proc/self/ns/{type}", "lsns -t {type}"}},
        {0},
};

const struct fact_source fact_source_namespace = {"", "{type} namespace {rest}",
        "/proc/{pid}/ns/{type}", "",
        "It is there as long as a process is in it, or a file holds it open.", "namespaces(7)",
        {"lsns {rest}", "readlink /proc/{pid}/ns/{type}", "nsenter -t {pid} --{long} COMMAND"}};

static const struct fact_source *find(
        const struct fact_source *table, const char *attribute, const char **ret_rest)
{
	for (const struct fact_source *s = table; s->attribute; s++) {
		size_t n = strlen(s->attribute);
		bool more = n && s->attribute[n - 1] == '.';
		if (strncmp(s->attribute, attribute, n) ||
		        (more ? !attribute[n] : attribute[n] != '\0'))
			continue;
		*ret_rest = attribute + n;
		return s;
	}
	return NULL;
}

const struct fact_source *fact_source_process(const char *attribute, const char **ret_rest)
{
	return find(of_process, attribute, ret_rest);
}

const struct fact_source *fact_source_container(const char *attribute, const char **ret_rest)
{
	return find(of_container, attribute, ret_rest);
}

const struct fact_source *fact_source_host(const char *attribute, const char **ret_rest)
{
	return find(of_host, attribute, ret_rest);
}

/* ---- templates ---- */

static void add_word(struct buf *out, const char *name, size_t n, const struct fact_words *w)
{
	const struct {
		const char *name, *text;
	} words[] = {
	        {"type", w->type},
	        {"long", w->longer},
	        {"rest", w->rest},
	        {"name", w->name},
	        {"value", w->value},
	        {"group", w->group},
	        {"file", w->file},
	};

	if (n == 3 && !memcmp(name, "pid", n))
		buf_addf(out, "%d", (int)w->pid);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strncmp(words[i].name, name, n) && !words[i].name[n] && words[i].text)
			buf_add(out, words[i].text);
}

static const char *expand(struct arena *a, const char *text, const struct fact_words *w)
{
	auto_buf out = BUF_INIT;

	while (text && *text) {
		size_t plain = strcspn(text, "{");
		const char *end = text[plain] ? strchr(text + plain, '}') : NULL;

		buf_add_bytes(&out, text, plain);
		if (!end)
			break;
		add_word(&out, text + plain + 1, (size_t)(end - text) - plain - 1, w);
		text = end + 1;
	}
	return buf_failed(&out) ? NULL : arena_strdup(a, buf_text(&out));
}

int fact_source_fill(const struct fact_source *s, const struct fact_words *words, struct arena *a,
        struct model_fact *ret)
{
	ret->title = expand(a, s->title, words);
	ret->path = expand(a, s->path, words);
	ret->field = expand(a, s->field, words);
	ret->about = s->about;
	ret->page = s->page;
	for (int i = 0; i < FACT_COMMANDS && s->commands[i]; i++)
		if (!(ret->commands[i] = expand(a, s->commands[i], words)))
			return -ENOMEM;
	return ret->title && ret->path && ret->field ? 0 : -ENOMEM;
}

/* ---- control groups ---- */

struct group_file {
	const char *attribute, *title;
	const char *v2, *v2_field;              /* in the one tree of v2 */
	const char *controller, *v1, *v1_field; /* and in the tree of that controller */
};

static const struct group_file group_files[] = {
        {"memory.current", "memory in use", "memory.current", "", "memory", "memory.usage_in_bytes",
                ""},
        {"memory.max", "memory limit", "memory.max", "", "memory", "memory.limit_in_bytes", ""},
        {"pids.current", "number of processes and threads", "pids.current", "", "pids",
                "pids.current", ""},
        {"pids.max", "limit of processes and threads", "pids.max", "", "pids", "pids.max", ""},
        {"cpu.usage", "processor time used", "cpu.stat", "usage_usec", "cpuacct", "cpuacct.usage",
                "in nanoseconds"},
        {"cpu.quota", "processor time allowed in a period", "cpu.max", "the first number", "cpu",
                "cpu.cfs_quota_us", ""},
        {"cpu.period", "period of the processor time", "cpu.max", "the second number", "cpu",
                "cpu.cfs_period_us", ""},
        {"frozen", "whether it is frozen", "cgroup.events", "frozen", "freezer", "freezer.state",
                ""},
        {"processes", "its processes", "cgroup.procs", "", "", "cgroup.procs", ""},
        {"", "control group", "", "", "", "", ""},
};

static const struct group_file *group_file(const char *attribute)
{
	for (size_t i = 0; i < sizeof group_files / sizeof *group_files; i++)
		if (!strcmp(group_files[i].attribute, attribute))
			return &group_files[i];
	return NULL;
}

const char *fact_cgroup_title(const char *attribute)
{
	const struct group_file *f = group_file(attribute);

	return f ? f->title : NULL;
}

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; n && (at = strstr(at, word)); at += n)
		if ((at == list || at[-1] == ',') && (!at[n] || at[n] == ','))
			return true;
	return false;
}

/* A controller is in one hierarchy only: where a tree of v1 has it, v2 has not. */
static const struct model_mount *hierarchy(const struct model *m, const char *controller)
{
	const struct model_mount *unified = NULL;

	for (size_t i = 0; i < m->n_mounts; i++) {
		const struct model_mount *mount = &m->mounts[i];
		if (mount->mnt_ns != m->host.ns[NS_MNT])
			continue;
		if (!strcmp(mount->fstype, "cgroup") && has_word(mount->options, controller))
			return mount;
		if (!strcmp(mount->fstype, "cgroup2"))
			unified = mount;
	}
	return unified;
}

const char *fact_cgroup_file(const struct model *m, const char *path, const char *attribute,
        struct arena *a, const char **ret_field)
{
	const struct group_file *f = group_file(attribute);
	const struct model_cgroup *g = model_cgroup(m, path);
	const struct model_mount *mount;
	auto_buf out = BUF_INIT;
	auto_free char *first = NULL;
	bool two;

	if (!f)
		return NULL;
	/* A group need not be in all trees of v1: the controllers that it has are told. */
	if (!*f->controller && g)
		first = strndup(g->controllers, strcspn(g->controllers, " "));
	mount = hierarchy(m, first && *first ? first : f->controller);
	two = mount && !strcmp(mount->fstype, "cgroup2");
	*ret_field = two ? f->v2_field : f->v1_field;
	if (!mount)
		return "";
	buf_addf(&out, "%s%s", mount->target, strcmp(path, "/") ? path : "");
	if (*f->v2)
		buf_addf(&out, "/%s", two ? f->v2 : f->v1);
	return buf_failed(&out) ? NULL : arena_strdup(a, buf_text(&out));
}
