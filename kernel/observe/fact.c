#include "kernel/observe/fact.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/observe/fact_source.h"
#include "kernel/observe/query.h"
#include "kernel/observe/query_fact.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* nsenter(1) names them in full. */
static const char *const long_names[NS_COUNT] = {
        "user", "pid", "mount", "uts", "ipc", "net", "cgroup", "time"};

struct finding {
	const struct model *m;
	struct arena *a;
	struct model_fact *fact;
	struct fact_words words;
};

static int type_of(const char *name, size_t n)
{
	for (int t = 0; t < NS_COUNT; t++)
		if (!strncmp(ns_names[t], name, n) && !ns_names[t][n])
			return t;
	return -1;
}

static int keep_value(struct finding *f, const struct buf *value)
{
	f->fact->value = buf_failed(value) ? NULL : arena_strdup(f->a, buf_text(value));
	f->words.value = f->fact->value;
	return f->fact->value ? 0 : -ENOMEM;
}

/* ---- pid.PID.ATTRIBUTE ---- */

static size_t count_mounts(const struct model *m, uint64_t ns)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_mounts; i++)
		n += m->mounts[i].mnt_ns == ns;
	return n;
}

static size_t count_links(const struct model *m, uint64_t ns)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_links; i++)
		n += m->links[i].net_ns == ns;
	return n;
}

static void mount_value(
        const struct model *m, const struct model_process *p, const char *path, struct buf *out)
{
	for (size_t i = m->n_mounts; i-- > 0;) { /* a later one covers the earlier */
		const struct model_mount *mount = &m->mounts[i];
		if (mount->mnt_ns != p->ns[NS_MNT] || strcmp(mount->target, path))
			continue;
		buf_addf(out, "%s %s %s %s", mount->source, mount->fstype, mount->propagation,
		        mount->options);
		return;
	}
}

/* As the file has it, so that both can be laid side by side. */
static void process_value(const struct model *m, const struct model_process *p,
        const char *attribute, const char *rest, struct buf *out)
{
	const struct {
		const char *attribute;
		uint64_t number;
	} numbers[] = {
	        {"parent", (uint64_t)p->ppid},
	        {"uid", p->uid},
	        {"inside", (uint64_t)p->ns_pid},
	        {"started", p->start_time},
	        {"seccomp", (uint64_t)p->seccomp},
	        {"filters", (uint64_t)p->seccomp_filters},
	        {"no_new_privs", p->no_new_privs},
	        {"mounts", count_mounts(m, p->ns[NS_MNT])},
	        {"links", count_links(m, p->ns[NS_NET])},
	};
	int type = !strcmp(attribute, "ns.") ? type_of(rest, strlen(rest)) : -1;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (!strcmp(attribute, numbers[i].attribute))
			buf_addf(out, "%" PRIu64, numbers[i].number);
	if (!strcmp(attribute, "comm"))
		buf_add(out, p->comm);
	else if (!strcmp(attribute, "cmdline"))
		buf_add(out, p->cmdline);
	else if (!strcmp(attribute, "state"))
		buf_addc(out, p->state);
	else if (!strcmp(attribute, "cgroup") && p->cgroup >= 0)
		buf_add(out, m->cgroups[p->cgroup].path);
	else if (!strcmp(attribute, "caps"))
		buf_addf(out, "%016" PRIx64, p->cap_effective);
	else if (!strcmp(attribute, "bounding"))
		buf_addf(out, "%016" PRIx64, p->cap_bounding);
	else if (!strcmp(attribute, "mount."))
		mount_value(m, p, rest, out);
	else if (type >= 0 && p->ns[type])
		buf_addf(out, "%s:[%" PRIu64 "]", ns_names[type], p->ns[type]);
}

/* The rest of the words, from what is behind the attribute. -EINVAL: no such type of namespace. */
static int take_type(struct finding *f, const char *attribute, const char *rest)
{
	int type = -1;

	f->words.rest = rest;
	if (strcmp(attribute, "ns.") != 0)
		return 0;
	type = type_of(rest, strlen(rest));
	if (type < 0)
		return -EINVAL;
	f->words.type = ns_names[type];
	f->words.longer = long_names[type];
	f->fact->ns_type = (enum ns_type)type;
	return 0;
}

static int find_process(struct finding *f, pid_t pid, const char *attribute)
{
	const struct model_process *p = model_process(f->m, pid);
	const char *rest;
	const struct fact_source *s = fact_source_process(attribute, &rest);
	auto_buf value = BUF_INIT;
	int r;

	if (!s || take_type(f, s->attribute, rest) < 0)
		return -EINVAL;
	f->words.pid = f->fact->pid = pid;
	f->fact->there = p;
	if (p) {
		process_value(f->m, p, s->attribute, rest, &value);
		if (!strcmp(s->attribute, "ns."))
			f->fact->ns = p->ns[f->fact->ns_type];
		if (!strcmp(s->attribute, "cgroup"))
			f->fact->cgroup = p->cgroup;
	}
	r = keep_value(f, &value);
	return r < 0 ? r : fact_source_fill(s, &f->words, f->a, f->fact);
}

static int find_pid(struct finding *f, const char *name)
{
	char *end;
	long pid = strtol(name, &end, 10);

	if (end == name || *end != '.' || pid < 1 || pid > INT32_MAX)
		return -EINVAL;
	return find_process(f, (pid_t)pid, end + 1);
}

/* ---- ns.TYPE.INODE ---- */

static int find_namespace(struct finding *f, const char *name)
{
	size_t n = strcspn(name, ".");
	int type = type_of(name, n);
	const struct model_namespace *ns;
	auto_buf value = BUF_INIT;
	uint64_t inode;
	char *end;
	int r;

	if (type < 0 || !name[n])
		return -EINVAL;
	inode = strtoull(name + n + 1, &end, 10);
	if (end == name + n + 1 || *end)
		return -EINVAL;
	ns = model_namespace(f->m, (enum ns_type)type, inode);
	take_type(f, "ns.", ns_names[type]);
	f->words.rest = name + n + 1;
	f->fact->there = ns;
	if (ns) {
		f->fact->ns = inode;
		f->words.pid = ns->first_pid;
		buf_addf(&value, "%zu process%s in it", ns->processes,
		        ns->processes == 1 ? "" : "es");
	}
	r = keep_value(f, &value);
	return r < 0 ? r : fact_source_fill(&fact_source_namespace, &f->words, f->a, f->fact);
}

/* ---- cgroup.PATH.ATTRIBUTE ---- */

static void add_amount(struct buf *out, uint64_t value)
{
	if (value == MODEL_NO_LIMIT)
		buf_add(out, "no limit");
	else if (value == MODEL_UNKNOWN)
		buf_add(out, "not readable");
	else
		buf_addf(out, "%" PRIu64, value);
}

static void group_value(const struct model_cgroup *g, const char *attribute, struct buf *out)
{
	const struct {
		const char *attribute;
		uint64_t number;
	} numbers[] = {
	        {"memory.current", g->memory_current},
	        {"memory.max", g->memory_max},
	        {"pids.current", g->pids_current},
	        {"pids.max", g->pids_max},
	        {"cpu.usage", g->cpu_usage_us},
	        {"cpu.quota", g->cpu_quota_us},
	        {"cpu.period", g->cpu_period_us},
	        {"processes", g->processes},
	        {"frozen", g->frozen},
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (!strcmp(attribute, numbers[i].attribute))
			add_amount(out, numbers[i].number);
	if (!*attribute)
		buf_addf(out, "%zu process%s in it", g->processes, g->processes == 1 ? "" : "es");
}

static int find_group(struct finding *f, const char *path, const char *attribute)
{
	static const struct fact_source file = {
	        "", "", "{file}", "", "", "cgroups(7)", {"cat {file}", "cutaway draw kernel"}};
	static const struct fact_source directory = {"", "", "{file}", "",
	        "A directory of the cgroup file system: who makes it makes the group.",
	        "cgroups(7)", {"ls {file}", "cat {file}/cgroup.procs", "systemd-cgls {group}"}};
	static const struct fact_source nowhere = {"", "", "", "", "", "cgroups(7)",
	        {"cutaway draw kernel", "findmnt -t cgroup,cgroup2"}};
	const struct model_cgroup *g = model_cgroup(f->m, path);
	const char *title = fact_cgroup_title(attribute), *field = "";
	auto_buf value = BUF_INIT, whole = BUF_INIT;
	int r;

	if (!title)
		return -EINVAL;
	f->words.group = path;
	f->words.file = fact_cgroup_file(f->m, path, attribute, f->a, &field);
	if (!f->words.file)
		return -ENOMEM;
	f->fact->there = g;
	f->fact->cgroup = g ? (int)(g - f->m->cgroups) : -1;
	if (g)
		group_value(g, attribute, &value);
	r = keep_value(f, &value);
	if (!r)
		r = fact_source_fill(!*f->words.file ? &nowhere
		                     : *attribute    ? &file
		                                     : &directory,
		        &f->words, f->a, f->fact);
	buf_addf(&whole, *attribute ? "%s of group %s" : "%s %s", title, path);
	f->fact->title = buf_failed(&whole) ? NULL : arena_strdup(f->a, buf_text(&whole));
	f->fact->field = field;
	return r < 0 ? r : f->fact->title ? 0 : -ENOMEM;
}

/* The path may hold dots: an existing group counts, else what ends in a known attribute. */
static int find_cgroup(struct finding *f, const char *name)
{
	if (name[0] != '/')
		return -EINVAL;
	if (model_cgroup(f->m, name))
		return find_group(f, name, "");
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		const char *path;
		if (!fact_cgroup_title(dot + 1))
			continue;
		path = arena_strndup(f->a, name, (size_t)(dot - name));
		return path ? find_group(f, path, dot + 1) : -ENOMEM;
	}
	return find_group(f, name, "");
}

/* ---- container.NAME.ATTRIBUTE, host.… ---- */

static int query_value(struct finding *f, const char *name)
{
	auto_buf value = BUF_INIT;
	int r = query_fact(f->m, name, &value);

	if (r == -EINVAL)
		return r;
	f->fact->there = r == 0;
	return keep_value(f, &value);
}

/* Most is told by its first process: under that name the value is as the file has it. */
static int find_container(struct finding *f, const char *name)
{
	struct query_parts parts;
	const struct fact_source *s;
	const char *attribute, *rest;
	int r;

	if (!query_split(f->m, name, &parts) || (r = query_value(f, name)) == -EINVAL)
		return -EINVAL;
	attribute = parts.attribute;
	f->words.name = arena_strndup(f->a, parts.name, parts.name_length);
	if (r < 0 || !f->words.name)
		return -ENOMEM;
	if (!strncmp(attribute, "cgroup.", 7) && strcmp(attribute, "cgroup.inside") &&
	        parts.container && parts.container->cgroup >= 0)
		return find_group(f, f->m->cgroups[parts.container->cgroup].path, attribute + 7);
	if (!strcmp(attribute, "pid") || !strcmp(attribute, "image") ||
	        !strcmp(attribute, "command") || !strcmp(attribute, "exit"))
		attribute = "";
	if (!strncmp(attribute, "cap.", 4))
		attribute = "caps";
	f->words.pid = parts.container ? parts.container->pid : 0;
	s = fact_source_container(attribute, &rest);
	if (s) {
		f->words.rest = rest;
		f->fact->pid = f->words.pid;
		return fact_source_fill(s, &f->words, f->a, f->fact);
	}
	if (f->words.pid && fact_source_process(attribute, &rest))
		return find_process(f, f->words.pid, attribute);
	return fact_source_fill(fact_source_container("", &rest), &f->words, f->a, f->fact);
}

static int find_host(struct finding *f, const char *name)
{
	const char *rest;
	const struct fact_source *s = fact_source_host(name + 5, &rest);
	int r = query_value(f, name);

	if (!s || r == -EINVAL || take_type(f, s->attribute, rest) < 0)
		return -EINVAL;
	if (f->words.type)
		f->fact->ns = f->m->host.ns[f->fact->ns_type];
	return r < 0 ? r : fact_source_fill(s, &f->words, f->a, f->fact);
}

int fact_find(const struct model *m, const char *name, struct arena *a, struct model_fact *ret)
{
	static const struct {
		const char *prefix;
		int (*find)(struct finding *, const char *);
		bool whole;
	} families[] = {
	        {"pid.", find_pid, false},
	        {"ns.", find_namespace, false},
	        {"cgroup.", find_cgroup, false},
	        {"container.", find_container, true},
	        {"host.", find_host, true},
	};
	struct model_fact fact = {.name = arena_strdup(a, name),
	        .title = "",
	        .value = "",
	        .path = "",
	        .field = "",
	        .about = "",
	        .page = "",
	        .cgroup = -1};
	struct finding f = {.m = m, .a = a, .fact = &fact};
	int r = -EINVAL;

	if (!fact.name)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		size_t n = strlen(families[i].prefix);
		if (!strncmp(name, families[i].prefix, n))
			r = families[i].find(&f, families[i].whole ? name : name + n);
	}
	if (r == 0)
		*ret = fact;
	return r;
}
