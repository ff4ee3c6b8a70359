/* Who a process is in its own user namespace: its user outside put through /proc/PID/uid_map,
 * user_namespaces(7). Processes of one user namespace have one map, so it is read once for each. */
#include "kernel/observe/reading.h"

#include <string.h>
#include <unistd.h>

enum { KNOWN_MOST = 64 };

struct known_map {
	uint64_t user_ns;
	const char *map;
};

static const char *map_of(
        struct reading *r, const struct model_process *p, struct known_map *known, size_t *n)
{
	const char *map = "";
	int dir;

	for (size_t i = 0; i < *n; i++)
		if (known[i].user_ns == p->ns[NS_USER])
			return known[i].map;
	dir = reading_process_dir(r, p->pid);
	if (dir >= 0) {
		map = reading_id_map(r, dir, "uid_map");
		close(dir);
	}
	/* A map is written once; one that is not yet there may be the next time. */
	if (*n < KNOWN_MOST)
		known[(*n)++] = (struct known_map){p->ns[NS_USER], map};
	return map;
}

int users_read(struct reading *r)
{
	struct model *m = r->model;
	struct known_map known[KNOWN_MOST];
	size_t n = 0;

	for (size_t i = 0; i < m->n_processes; i++) {
		struct model_process *p = &m->processes[i];
		if (ns_set_is_apart(&r->ns_sets->all[r->extra[i].ns_set], NS_USER))
			p->ns_uid = model_map_inside(map_of(r, p, known, &n), (int64_t)p->uid);
	}
	return 0;
}
