/* Every fact that exists now, for completion and for `cutaway check --list`. */
#include "kernel/observe/query.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/query_fact.h"

#include <string.h>
#include <sys/capability.h>

static void list_container(const struct model *m, const struct model_container *c, struct buf *out)
{
	static const char *const attributes[] = {"pid", "hostname", "image", "command", "exit",
	        "processes", "uid", "root", "cgroup", "cgroup.memory.max", "cgroup.memory.current",
	        "cgroup.pids.max", "cgroup.pids.current", "cgroup.cpu.quota", "cgroup.cpu.period",
	        "cgroup.cpu.usage", "cgroup.processes", "cgroup.frozen", "caps", "seccomp",
	        "no_new_privs", "layers", "changes", "pid.inside", "uid.inside", "cgroup.inside"};
	const char *name = c->name;

	buf_addf(out, "container.%s\n", name);
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		buf_addf(out, "container.%s.%s\n", name, attributes[i]);
	for (int t = 0; t < NS_COUNT; t++)
		buf_addf(out, "container.%s.ns.%s\n", name, ns_names[t]);
	for (size_t i = 0; c->ns[NS_MNT] && i < m->n_mounts; i++) {
		const char *target = m->mounts[i].target;
		size_t n = strlen(c->rootfs);
		if (m->mounts[i].mnt_ns != c->ns[NS_MNT])
			continue;
		/* Below its future root until pivot_root, see query.c. */
		if (n && !strncmp(target, c->rootfs, n))
			target = target[n] ? target + n : "/";
		buf_addf(out, "container.%s.mount.%s\n", name, target);
	}
	for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++) {
		char *word = cap_to_name(cap);
		if (word)
			buf_addf(out, "container.%s.cap.%s\n", name, word);
		cap_free(word);
	}
	for (size_t i = 0; c->ns[NS_NET] && i < m->n_links; i++)
		if (m->links[i].net_ns == c->ns[NS_NET])
			buf_addf(out, "container.%s.link.%s\n", name, m->links[i].name);
	for (size_t i = 0; i < c->n_steps; i++)
		buf_addf(out, "container.%s.step.%s\n", name, c->steps[i].id);
	for (size_t i = 0; i < c->n_changes; i++)
		buf_addf(out, "container.%s.upper.%s\n", name, c->changes[i].path);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names that many processes have appear once. */
static void list_processes(const struct model *m, struct buf *out)
{
	auto_free const char **names = calloc(m->n_processes + 1, sizeof *names);

	if (!names)
		return;
	for (size_t i = 0; i < m->n_processes; i++)
		names[i] = m->processes[i].comm;
	qsort(names, m->n_processes, sizeof *names, by_text);
	for (size_t i = 0; i < m->n_processes; i++)
		if (names[i][0] && (i == 0 || strcmp(names[i], names[i - 1])))
			buf_addf(out, "process.%s\nprocesses.%s.count\n", names[i], names[i]);
}

void query_list(const struct model *m, struct buf *out)
{
	static const char *const of_measure[] = {
	        "", ".runs", ".median", ".min", ".max", ".q1", ".q3", ".cpu", ".command"};

	buf_add(out, "host.hostname\nhost.kernel\nhost.cgroups\n");
	for (int t = 0; t < NS_COUNT; t++)
		buf_addf(out, "host.ns.%s\n", ns_names[t]);
	buf_add(out, "containers.count\n");
	for (size_t i = 0; i < m->n_containers; i++)
		list_container(m, &m->containers[i], out);
	list_processes(m, out);
	for (size_t i = 0; i < m->n_cgroups; i++)
		buf_addf(out, "cgroup.%s\n", m->cgroups[i].path);
	query_daemon_list(m, out);
	query_image_list(m, out);
	for (size_t i = 0; i < m->n_measures; i++)
		for (size_t k = 0; k < sizeof of_measure / sizeof *of_measure; k++)
			buf_addf(out, "measure.%s%s\n", m->measures[i].name, of_measure[k]);
	for (size_t i = 0; i < m->n_files; i++)
		buf_addf(out, "file.%s\nfile.%s.size\n", m->files[i].name, m->files[i].name);
	buf_add(out, "lab.containers.count\nlab.cgroups.count\nlab.mounts.count\n");
}
