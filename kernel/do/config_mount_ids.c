/* Other owners for the files of a mount: uidMappings and gidMappings, and the options "idmap" and
 * "ridmap" of config.json.
 *
 * An id there (inside the map) becomes an id here (outside), and that one the container sees as its
 * user namespace has it. The options may carry a map of their own, in the words of crun and podman:
 * "idmap=uids=0-1000-1#5-2000-10;gids=0-1000-1", each range as there, here, how many. With "@" in
 * front, "here" is an id of the container's user namespace. */
#include "kernel/base/cleanup.h"
#include "kernel/do/config_read.h"
#include "kernel/do/idmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

int config_bad_mount(
        const struct mount_spec *m, const char *member, const char *problem, struct error *err)
{
	error_set(err, EINVAL, "read config.json", member, "%s (of %s)", problem, m->destination);
	error_advise(err, "see the OCI runtime specification, config.md");
	return -EINVAL;
}

bool config_mount_ids_words(const char *option, struct mount_spec *m)
{
	bool deep = !strncmp(option, "ridmap=", 7);

	if (!deep && strncmp(option, "idmap=", 6) != 0)
		return false;
	m->ids = deep ? MOUNT_IDS_MAP_DEEP : MOUNT_IDS_MAP;
	return true;
}

int config_mount_ids(struct config *c, const json_t *one, struct mount_spec *m, struct error *err)
{
	int r = config_id_map(c, json_object_get(one, "uidMappings"), "mounts.uidMappings",
	        &m->uid_map, &m->n_uid_map, err);

	if (r == 0)
		r = config_id_map(c, json_object_get(one, "gidMappings"), "mounts.gidMappings",
		        &m->gid_map, &m->n_gid_map, err);
	if (r < 0)
		return r;
	if (!m->n_uid_map != !m->n_gid_map)
		return config_bad_mount(m,
		        m->n_uid_map ? "mounts.gidMappings" : "mounts.uidMappings",
		        "is missing: who maps users maps groups too, and the reverse", err);
	if (m->n_uid_map && m->id_words)
		return config_bad_mount(m, "mounts.options",
		        "\"idmap=\" says another map than uidMappings and gidMappings", err);
	if (m->n_uid_map && m->ids == MOUNT_IDS_KEEP)
		m->ids = MOUNT_IDS_MAP;
	if (m->ids && !(m->flags & MS_BIND))
		return config_bad_mount(m, "mounts.uidMappings",
		        "only what is bound can have other owners than it has", err);
	return 0;
}

/* ---- the words of "idmap=" ------------------------------------------------------------------- */

/* "@0-1000-1"; returns where it ends, or NULL. A sign in front is harmless, and podman writes one.
 */
static const char *read_range(const char *p, bool *ret_relative, struct id_map *ret)
{
	uint32_t *const parts[] = {&ret->inside, &ret->outside, &ret->count};

	*ret_relative = *p == '@';
	p += *ret_relative;
	for (size_t i = 0; i < 3; i++) {
		char *end;
		unsigned long long n;
		if (i > 0 && *p++ != '-')
			return NULL;
		p += *p == '+';
		if (*p < '0' || *p > '9')
			return NULL;
		n = strtoull(p, &end, 10);
		if (n > UINT32_MAX)
			return NULL;
		*parts[i] = (uint32_t)n;
		p = end;
	}
	return !*p || *p == '#' || *p == ';' ? p : NULL;
}

/* Ranges up to the end or to a ';', where *p is left. */
static int read_ranges(struct config *c, const char **p, const struct id_map *own, size_t n_own,
        struct id_map **ret, size_t *ret_n)
{
	size_t n = 0, room = 1;

	for (const char *q = *p; *q && *q != ';'; q++)
		room += *q == '#';
	*ret = arena_alloc(&c->arena, room * sizeof **ret);
	if (!*ret)
		return -ENOMEM;
	do {
		bool relative;
		*p += n > 0; /* the '#' */
		*p = read_range(*p, &relative, &(*ret)[n]);
		if (!*p)
			return -EINVAL;
		if (relative && !idmap_outside(own, n_own, (*ret)[n].outside, &(*ret)[n].outside))
			return -ERANGE;
		n++;
	} while (**p == '#');
	*ret_n = n;
	return 0;
}

static int read_words(struct config *c, struct mount_spec *m, struct error *err)
{
	const char *p = m->id_words;
	int r = 0;

	while (r == 0 && *p) {
		bool users = !strncmp(p, "uids=", 5);
		if (!users && strncmp(p, "gids=", 5) != 0)
			break;
		p += 5;
		r = users ? read_ranges(c, &p, c->uid_map, c->n_uid_map, &m->uid_map, &m->n_uid_map)
		          : read_ranges(
		                    c, &p, c->gid_map, c->n_gid_map, &m->gid_map, &m->n_gid_map);
		if (r == 0)
			p += *p == ';';
	}
	if (r == -ENOMEM)
		return config_no_memory(err);
	if (r == -ERANGE)
		return config_bad_mount(m, "mounts.options",
		        "\"idmap=\" with \"@\" names an id that the container does not have", err);
	if (r < 0 || *p || !m->n_uid_map || !m->n_gid_map)
		return config_bad_mount(m, "mounts.options",
		        "\"idmap=\" is of the form uids=THERE-HERE-COUNT#…;gids=THERE-HERE-COUNT#…",
		        err);
	return 0;
}

int config_own_mappings(struct config *c, struct error *err)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		struct mount_spec *m = &c->mounts[i];
		int r = m->id_words ? read_words(c, m, err) : 0;
		if (r < 0)
			return r;
		if (!m->ids || m->n_uid_map)
			continue;
		if (!c->n_uid_map)
			return config_bad_mount(m, "mounts.options",
			        "\"idmap\" says nothing without uidMappings and gidMappings, of "
			        "the mount or of linux",
			        err);
		m->uid_map = c->uid_map;
		m->n_uid_map = c->n_uid_map;
		m->gid_map = c->gid_map;
		m->n_gid_map = c->n_gid_map;
	}
	return 0;
}
