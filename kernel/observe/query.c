#include "kernel/observe/query.h"

#include "kernel/base/place_name.h"
#include "kernel/observe/query_fact.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void query_number(struct buf *out, uint64_t value)
{
	buf_addf(out, "%" PRIu64, value);
}

int query_ns_type(const char *name)
{
	for (int t = 0; t < NS_COUNT; t++)
		if (!strcmp(name, ns_names[t]))
			return t;
	return -1;
}

static int host_fact(const struct model *m, const char *name, struct buf *out)
{
	int type = !strncmp(name, "ns.", 3) ? query_ns_type(name + 3) : -1;

	if (!strcmp(name, "hostname"))
		buf_add(out, m->host.hostname);
	else if (!strcmp(name, "kernel"))
		buf_add(out, m->host.kernel);
	else if (!strcmp(name, "cgroups"))
		buf_add(out, m->host.cgroup_mode);
	else if (type >= 0 && m->host.ns[type])
		query_number(out, m->host.ns[type]);
	else if (type < 0)
		return -EINVAL;
	return 0;
}

static int process_fact(const struct model *m, const char *comm, struct buf *out)
{
	for (size_t i = 0; i < m->n_processes; i++)
		if (!strcmp(m->processes[i].comm, comm)) {
			query_number(out, (uint64_t)m->processes[i].pid);
			return 0;
		}
	return *comm ? -ENOENT : -EINVAL;
}

static int processes_fact(const struct model *m, const char *name, struct buf *out)
{
	static const char tail[] = ".count";
	size_t n = strlen(name), len = sizeof tail - 1, count = 0;

	if (n <= len || strcmp(name + n - len, tail))
		return -EINVAL;
	n -= len;
	for (size_t i = 0; i < m->n_processes; i++)
		count +=
		        strlen(m->processes[i].comm) == n && !memcmp(m->processes[i].comm, name, n);
	query_number(out, count);
	return 0;
}

static size_t count_running(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_containers; i++)
		n += m->containers[i].status == CONTAINER_RUNNING;
	return n;
}

static size_t count_ours(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_containers; i++)
		n += m->containers[i].status != CONTAINER_FOREIGN;
	return n;
}

/* Below "cutaway"; that group itself is only the shelf they stand on. */
static size_t count_our_cgroups(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_cgroups; i++) {
		const char *name = strrchr(m->cgroups[i].path, '/');
		n += m->cgroups[i].ours && !(name && place_is_group(name + 1));
	}
	return n;
}

/* Mounts for containers of ours that are seen outside of them. */
static size_t count_our_mounts(const struct model *m)
{
	char below[64];
	size_t n = 0;

	snprintf(below, sizeof below, "/cutaway/containers%s/", m->suffix ? m->suffix : "");
	for (size_t i = 0; i < m->n_mounts; i++) {
		bool inside = false;
		for (size_t k = 0; k < m->n_containers && !inside; k++)
			inside = m->containers[k].ns[NS_MNT] == m->mounts[i].mnt_ns;
		n += !inside && strstr(m->mounts[i].target, below) != NULL;
	}
	return n;
}

static int lab_fact(const struct model *m, const char *name, struct buf *out)
{
	if (!strcmp(name, "containers.count"))
		query_number(out, count_ours(m));
	else if (!strcmp(name, "cgroups.count"))
		query_number(out, count_our_cgroups(m));
	else if (!strcmp(name, "mounts.count"))
		query_number(out, count_our_mounts(m));
	else
		return -EINVAL;
	return 0;
}

static int cgroup_fact(const struct model *m, const char *path, struct buf *out)
{
	if (path[0] != '/')
		return -EINVAL;
	if (!model_cgroup(m, path))
		return -ENOENT;
	buf_add(out, "yes");
	return 0;
}

/* "NAME" or "NAME.ATTRIBUTE"; names have no dots. */
static int measure_fact(const struct model *m, const char *name, struct buf *out)
{
	static const struct model_measure absent;
	size_t n = strcspn(name, ".");
	const char *attribute = name[n] ? name + n + 1 : "runs";
	const struct model_measure *found = &absent;

	for (size_t i = 0; i < m->n_measures; i++)
		if (!strncmp(m->measures[i].name, name, n) && !m->measures[i].name[n])
			found = &m->measures[i];
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
	        {"runs", found->runs},
	        {"median", found->median_us},
	        {"min", found->min_us},
	        {"max", found->max_us},
	        {"q1", found->q1_us},
	        {"q3", found->q3_us},
	        {"cpu", found->cpu_us},
	};

	if (!n)
		return -EINVAL;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (!strcmp(attribute, numbers[i].name)) {
			if (found != &absent)
				query_number(out, numbers[i].value);
			return found == &absent ? -ENOENT : 0;
		}
	if (strcmp(attribute, "command") != 0)
		return -EINVAL;
	buf_add(out, found->command ? found->command : "");
	return found == &absent ? -ENOENT : 0;
}

/* "NAME", "NAME.size"; a name may have dots. */
static int file_fact(const struct model *m, const char *name, struct buf *out)
{
	size_t n = strlen(name);
	bool size = n > 5 && !strcmp(name + n - 5, ".size");

	if (size)
		n -= 5;
	if (!n || strchr(name, '/'))
		return -EINVAL;
	for (size_t i = 0; i < m->n_files; i++) {
		const struct model_file *f = &m->files[i];
		if (strncmp(f->name, name, n) != 0 || f->name[n])
			continue;
		if (size)
			query_number(out, f->size);
		else
			buf_add(out, "yes");
		return 0;
	}
	return -ENOENT;
}

int query_fact(const struct model *m, const char *fact, struct buf *out)
{
	const char *dot = strchr(fact, '.');
	size_t n = dot ? (size_t)(dot - fact) : 0;

	if (!dot)
		return -EINVAL;
	if (!strcmp(fact, "containers.count")) {
		query_number(out, count_running(m));
		return 0;
	}
	if (!strcmp(fact, "images.count")) {
		query_number(out, m->n_images);
		return 0;
	}
	if (!strcmp(fact, "layers.count")) {
		query_number(out, m->n_layers);
		return 0;
	}
	if (n == 5 && !memcmp(fact, "image", n))
		return query_image(m, dot + 1, out);
	if (n == 9 && !memcmp(fact, "container", n))
		return query_container(m, fact, out);
	if (n == 4 && !memcmp(fact, "host", n))
		return host_fact(m, dot + 1, out);
	if (n == 7 && !memcmp(fact, "process", n))
		return process_fact(m, dot + 1, out);
	if (n == 9 && !memcmp(fact, "processes", n))
		return processes_fact(m, dot + 1, out);
	if (n == 6 && !memcmp(fact, "cgroup", n))
		return cgroup_fact(m, dot + 1, out);
	if (n == 6 && !memcmp(fact, "daemon", n))
		return query_daemon(m, dot + 1, out);
	if (n == 3 && !memcmp(fact, "lab", n))
		return lab_fact(m, dot + 1, out);
	if (n == 7 && !memcmp(fact, "measure", n))
		return measure_fact(m, dot + 1, out);
	if (n == 4 && !memcmp(fact, "file", n))
		return file_fact(m, dot + 1, out);
	return -EINVAL;
}
