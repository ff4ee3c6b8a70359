/* The kernel's band: what containers are made of. There is no container in it: only namespaces,
 * control groups, rights, mounts and links, with the names of who uses them. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/glyph.h"
#include "render/host.h"
#include "render/sheet.h"
#include "render/step_object.h"
#include "render/wants.h"

#include <string.h>

/* Containers that get a column or a row of their own in the kernel's cards. */
enum { NAMED_MOST = 12, GROUPS_FEW = 16, COLUMNS_MOST = 6 };

/* The name of a container and whether it exists: containers first, then those asked for. */
struct owner {
	const char *name;                        /* as in the model */
	const struct model_container *container; /* NULL = only asked for */
};

static size_t owners_find(const struct host *h, struct owner owners[NAMED_MOST])
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_containers && n < NAMED_MOST; i++)
		owners[n++] = (struct owner){h->containers[i]->name, h->containers[i]};
	for (size_t i = 0; i < h->in->n_wants && n < NAMED_MOST; i++) {
		const char *name = want_container(h->s, &h->in->wants[i]);
		bool known = !name || model_container(h->now, name);
		for (size_t k = 0; k < n && !known; k++)
			known = !strcmp(owners[k].name, name);
		if (!known)
			owners[n++] = (struct owner){name, NULL};
	}
	return n;
}

static bool wants_namespace(const struct host *h, const char *container, enum ns_type type)
{
	for (size_t i = 0; i < h->in->n_wants; i++) {
		const char *rest;
		if (want_about(&h->in->wants[i], container, "ns", &rest) &&
		        !strcmp(rest, ns_names[type]))
			return true;
	}
	return false;
}

/* The column of one owner: its name where the namespace is its own, a dot where it is shared,
 * a question mark where it may not be read. */
static void add_owner(
        const struct host *h, struct card_line *l, const struct owner *o, enum ns_type type)
{
	uint64_t inode = o->container ? o->container->ns[type] : 0;
	bool own = inode && inode != h->now->host.ns[type];
	const char *name = scene_clean(h->s, o->name);
	const struct model_process *p =
	        o->container && o->container->pid ? model_process(h->now, o->container->pid) : NULL;

	if (own)
		card_add(l, name, describe_namespace_role(type),
		        mark_namespace(h->before, type, inode));
	else if (wants_namespace(h, o->name, type))
		card_add(l, name, describe_namespace_role(type), MARK_GHOST);
	else
		card_add(l, !p ? "" : p->ns[type] ? "·" : "?", SCENE_DIM, MARK_NONE);
}

static bool owner_in_matrix(const struct host *h, const struct owner *o)
{
	if (o->container && o->container->pid)
		return true;
	for (int t = 0; t < NS_COUNT; t++)
		if (wants_namespace(h, o->name, (enum ns_type)t))
			return true;
	return false;
}

static void namespaces_card(const struct host *h, struct card *c)
{
	struct owner owners[NAMED_MOST];
	size_t n = owners_find(h, owners), all = 0, fresh = 0, columns = 0;

	*c = (struct card){
	        .id = "namespaces", .role = SCENE_NAMESPACE_NET, .firm = true, .wish = 40};
	for (size_t i = 0; i < n; i++)
		if (owner_in_matrix(h, &owners[i]) && columns < COLUMNS_MOST)
			owners[columns++] = owners[i];
	for (int t = 0; t < NS_COUNT; t++) {
		struct card_line *l = card_line(h->s, c);
		size_t count = 0, others = 0;

		for (size_t i = 0; i < h->now->n_namespaces; i++) {
			const struct model_namespace *ns = &h->now->namespaces[i];
			if (ns->type != (enum ns_type)t)
				continue;
			count++;
			others += mark_namespace(h->before, ns->type, ns->inode) != MARK_NONE;
		}
		all += count;
		fresh += others;
		card_add(l, ns_names[t], describe_namespace_role((enum ns_type)t), MARK_NONE);
		card_stand(l, scene_format(h->s, "ns:%s", ns_names[t]));
		for (size_t i = 0; i < columns; i++) /* what has a column is marked there */
			if (owners[i].container)
				others -=
				        others && mark_namespace(h->before, (enum ns_type)t,
				                          owners[i].container->ns[t]) != MARK_NONE;
		card_add(l, scene_format(h->s, "%zu", count), SCENE_DIM,
		        others ? MARK_CHANGED : MARK_NONE);
		for (size_t i = 0; i < columns; i++)
			add_owner(h, l, &owners[i], (enum ns_type)t);
	}
	c->title = fresh ? scene_format(h->s, "namespaces (%zu, %zu new)", all, fresh)
	                 : scene_format(h->s, "namespaces (%zu)", all);
}

static bool wants_limit(const struct host *h, const char *name, const char *topic)
{
	return want_find(h->in, name, topic) != NULL;
}

/* The last name of a long path tells more than its beginning. */
static const char *short_path(struct scene *s, const char *path)
{
	enum { LONGEST = 20 };
	const char *clean = scene_clean(s, path), *slash = strrchr(clean, '/');

	if (text_width(clean) <= LONGEST || !slash || slash == clean)
		return clean;
	if (text_width(slash) < LONGEST)
		return scene_format(s, "…%s", slash);
	return scene_format(s, "…%.*s…", (int)text_fit(slash, LONGEST - 2), slash);
}

static void add_group(
        const struct host *h, struct card *c, const struct model_cgroup *g, const char *label)
{
	struct card_line *l = card_line(h->s, c);
	double fill = describe_fill(g->memory_current, g->memory_max);
	const char *processes = describe_use(h->s, g->pids_current, g->pids_max, false);

	card_add(l, label, SCENE_CGROUP, mark_cgroup(h->before, g));
	card_add(l, describe_use(h->s, g->memory_current, g->memory_max, true), SCENE_PLAIN,
	        MARK_NONE);
	if (fill >= 0)
		card_add_meter(l, fill, SCENE_CGROUP);
	else
		card_add(l, "", SCENE_DIM, MARK_NONE);
	card_add(l,
	        *processes ? scene_format(h->s, "%s pid%s", processes,
	                             !strcmp(processes, "1") ? "" : "s")
	                   : "",
	        SCENE_DIM, MARK_NONE);
	card_stand(l, scene_format(h->s, "cgroup:%s", scene_clean(h->s, g->path)));
	if (l && g->ours)
		l->keep = true;
}

static void add_wanted_limits(const struct host *h, struct card *c, const char *name)
{
	static const char *const topics[] = {
	        "cgroup.memory.max", "cgroup.pids.max", "cgroup.cpu.max"};
	static const char *const texts[] = {"memory limit", "pids limit", "cpu limit"};
	bool any = false;

	for (size_t i = 0; i < 3; i++) {
		const struct view_want *want = want_find(h->in, name, topics[i]);
		if (!want)
			continue;
		any = true;
		card_say(h->s, c,
		        scene_clean(h->s, scene_format(h->s, "%s: %s %s", name, texts[i],
		                                  want->wanted ? want->wanted : "")),
		        SCENE_CGROUP, MARK_GHOST);
	}
	if (!any && wants_limit(h, name, "cgroup"))
		card_say(h->s, c,
		        short_path(h->s, scene_format(h->s, "/cutaway%s/%s",
		                                 h->now->suffix ? h->now->suffix : "", name)),
		        SCENE_CGROUP, MARK_GHOST);
}

static void cgroups_card(const struct host *h, struct card *c)
{
	struct owner owners[NAMED_MOST];
	size_t n = owners_find(h, owners), shown = 0, most = GROUPS_FEW;

	if (h->in->height / 2 > GROUPS_FEW)
		most = (size_t)h->in->height / 2;
	*c = (struct card){.id = "cgroups", .role = SCENE_CGROUP, .liked = 6, .wish = 38};
	c->title = scene_format(h->s, "cgroups (%zu, %s)", h->now->n_cgroups,
	        scene_clean(h->s, h->now->host.cgroup_mode));
	for (size_t i = 0; i < n; i++) {
		int g = owners[i].container ? owners[i].container->cgroup : -1;
		if (g >= 0 && (size_t)g < h->now->n_cgroups) {
			const struct model_cgroup *group = &h->now->cgroups[g];
			add_group(h, c, group, short_path(h->s, group->path));
			shown++;
		}
		add_wanted_limits(h, c, owners[i].name);
	}
	for (size_t i = 0; i < h->now->n_cgroups; i++) {
		const struct model_cgroup *g = &h->now->cgroups[i];
		bool listed = false;

		for (size_t k = 0; k < n; k++)
			listed = listed ||
			         (owners[k].container && owners[k].container->cgroup == (int)i);
		if (listed || shown >= most || (!g->ours && !g->processes))
			continue;
		add_group(h, c, g, short_path(h->s, g->path));
		shown++;
	}
	c->more = h->now->n_cgroups > shown ? h->now->n_cgroups - shown : 0;
}

static void add_rights(const struct host *h, struct card *c, const char *name,
        const struct model_process *p, enum scene_role role)
{
	struct card_line *l = card_line(h->s, c);

	card_add(l, name, role, mark_security(h->before, p));
	card_add(l, scene_format(h->s, "%d caps", describe_count_capabilities(p->cap_effective)),
	        SCENE_PLAIN, MARK_NONE);
	card_add(l,
	        p->seccomp == 2   ? "filter"
	        : p->seccomp == 1 ? "strict"
	                          : "no filter",
	        p->seccomp ? SCENE_SECURITY : SCENE_DIM, MARK_NONE);
	card_add(l, p->no_new_privs ? "no_new_privs" : "", SCENE_SECURITY, MARK_NONE);
	card_stand(l, scene_format(h->s, "fact:pid.%d.caps", (int)p->pid));
}

static void add_wanted_rights(const struct host *h, struct card *c, const char *name)
{
	for (size_t i = 0; i < h->in->n_wants; i++) {
		const struct view_want *want = &h->in->wants[i];
		const char *wanted = want->wanted ? want->wanted : "", *rest, *text = NULL;

		if (want_about(want, name, "cap", &rest))
			text = scene_format(h->s, "%s: cap_%s %s", name, rest, wanted);
		else if (want_about(want, name, "caps", NULL))
			text = scene_format(h->s, "%s: %s capabilities", name, wanted);
		else if (want_about(want, name, "seccomp", NULL))
			text = scene_format(h->s, "%s: filter", name);
		else if (want_about(want, name, "no_new_privs", NULL))
			text = scene_format(h->s, "%s: no_new_privs", name);
		if (text)
			card_say(h->s, c, scene_clean(h->s, text), SCENE_SECURITY, MARK_GHOST);
	}
}

static void security_card(const struct host *h, struct card *c)
{
	struct owner owners[NAMED_MOST];
	size_t n = owners_find(h, owners);
	const struct model_process *init = model_process(h->now, 1);

	*c = (struct card){.id = "security",
	        .title = "rights",
	        .role = SCENE_SECURITY,
	        .liked = 6,
	        .wish = 34};
	if (init)
		add_rights(h, c, "pid 1", init, SCENE_PROCESS);
	for (size_t i = 0; i < n; i++) {
		const struct model_container *container = owners[i].container;
		const struct model_process *p =
		        container && container->pid ? model_process(h->now, container->pid) : NULL;
		if (p)
			add_rights(h, c, scene_clean(h->s, owners[i].name), p, SCENE_CONTAINER);
		add_wanted_rights(h, c, owners[i].name);
	}
	c->more = h->n_containers > n ? h->n_containers - n : 0;
}

/* Mounts of one mount namespace: how many, and what lies at its root. */
static void add_mounts(const struct host *h, struct card *c, const char *name, uint64_t ns,
        const struct model_container *container)
{
	const struct model_mount *root = NULL, *overlay = NULL;
	enum scene_mark mark = MARK_NONE;
	struct card_line *l;
	size_t count = 0;

	for (size_t i = 0; i < h->now->n_mounts; i++) {
		const struct model_mount *m = &h->now->mounts[i];
		if (m->mnt_ns != ns)
			continue;
		count++;
		if (!strcmp(m->target, "/"))
			root = m;
		if (!strcmp(m->fstype, "overlay"))
			overlay = m;
		if (mark == MARK_NONE && container)
			mark = mark_mount(h->before, m);
	}
	if (!count)
		return;
	l = card_line(h->s, c);
	card_add(l, name, container ? SCENE_CONTAINER : SCENE_PROCESS, mark);
	card_add(l, scene_format(h->s, "%zu", count), SCENE_DIM, MARK_NONE);
	card_add(l, root ? scene_format(h->s, "/ %s", scene_clean(h->s, root->fstype)) : "",
	        SCENE_MOUNT, MARK_NONE);
	if (container && overlay && container->n_layers)
		card_add(l,
		        scene_format(h->s, "%s%zu layer%s", *container->upper ? "upper + " : "",
		                container->n_layers, container->n_layers == 1 ? "" : "s"),
		        SCENE_LAYER, MARK_NONE);
}

static void mounts_card(const struct host *h, struct card *c)
{
	struct owner owners[NAMED_MOST];
	size_t n = owners_find(h, owners);

	*c = (struct card){.id = "mounts", .role = SCENE_MOUNT, .liked = 5, .wish = 34};
	c->title = scene_format(h->s, "mounts (%zu)", h->now->n_mounts);
	add_mounts(h, c, "host", h->now->host.ns[NS_MNT], NULL);
	for (size_t i = 0; i < n; i++) {
		const struct model_container *container = owners[i].container;
		const char *rest;

		if (container && container->ns[NS_MNT] &&
		        container->ns[NS_MNT] != h->now->host.ns[NS_MNT])
			add_mounts(h, c, scene_clean(h->s, owners[i].name), container->ns[NS_MNT],
			        container);
		for (size_t k = 0; k < h->in->n_wants; k++) {
			const struct view_want *want = &h->in->wants[k];
			if (!want_about(want, owners[i].name, "mount", &rest) &&
			        !want_about(want, owners[i].name, "layers", &rest) &&
			        !want_about(want, owners[i].name, "upper", &rest))
				continue;
			card_say(h->s, c,
			        scene_clean(h->s, scene_format(h->s, "%s: %s %s", owners[i].name,
			                                  *rest ? rest : "layers",
			                                  want->wanted ? want->wanted : "")),
			        SCENE_MOUNT, MARK_GHOST);
		}
	}
}

static void add_links(
        const struct host *h, struct card *c, const char *name, uint64_t ns, enum scene_role role)
{
	size_t shown = 0;

	for (size_t i = 0; ns && i < h->now->n_links; i++) {
		const struct model_link *link = &h->now->links[i];
		struct card_line *l;

		if (link->net_ns != ns)
			continue;
		if (shown == 20) {
			c->more++;
			continue;
		}
		l = card_line(h->s, c);
		card_add(l, name, role, MARK_NONE);
		card_add(l, scene_clean(h->s, link->name), SCENE_LINK, mark_link(h->before, link));
		card_add(l, link->up ? "up" : "down", SCENE_DIM, MARK_NONE);
		card_add(l, scene_clean(h->s, link->addresses), SCENE_DIM, MARK_NONE);
		shown++;
	}
}

static void network_card(const struct host *h, struct card *c)
{
	struct owner owners[NAMED_MOST];
	size_t n = owners_find(h, owners);

	*c = (struct card){.id = "network", .role = SCENE_LINK, .liked = 5, .wish = 46};
	c->title = scene_format(h->s, "network links (%zu)", h->now->n_links);
	add_links(h, c, "host", h->now->host.ns[NS_NET], SCENE_PROCESS);
	for (size_t i = 0; i < n; i++) {
		if (owners[i].container &&
		        owners[i].container->ns[NS_NET] != h->now->host.ns[NS_NET])
			add_links(h, c, scene_clean(h->s, owners[i].name),
			        owners[i].container->ns[NS_NET], SCENE_CONTAINER);
		for (size_t k = 0; k < h->in->n_wants; k++) {
			const struct view_want *want = &h->in->wants[k];
			const char *rest;
			if (want_about(want, owners[i].name, "link", &rest))
				card_say(h->s, c,
				        scene_clean(h->s,
				                scene_format(h->s, "%s: %s %s", owners[i].name,
				                        rest, want->wanted ? want->wanted : "")),
				        SCENE_LINK, MARK_GHOST);
		}
	}
}

/* What failed in making a container, in the card where it would have appeared. */
static void add_failures(const struct host *h, struct card cards[KERNEL_CARDS])
{
	static const enum step_place places[KERNEL_CARDS] = {
	        [KERNEL_NAMESPACES] = PLACE_NAMESPACES,
	        [KERNEL_CGROUPS] = PLACE_CGROUPS,
	        [KERNEL_SECURITY] = PLACE_RIGHTS,
	        [KERNEL_MOUNTS] = PLACE_MOUNTS,
	        [KERNEL_NETWORK] = PLACE_NETWORK,
	};

	for (int i = 0; i < KERNEL_CARDS; i++)
		step_say_failures(h->now, h->s, &cards[i], places[i]);
}

void host_kernel_cards(const struct host *h, struct card ret[KERNEL_CARDS])
{
	namespaces_card(h, &ret[KERNEL_NAMESPACES]);
	cgroups_card(h, &ret[KERNEL_CGROUPS]);
	security_card(h, &ret[KERNEL_SECURITY]);
	mounts_card(h, &ret[KERNEL_MOUNTS]);
	network_card(h, &ret[KERNEL_NETWORK]);
	add_failures(h, ret);
	cards_fold(h->s, h->in, ret, KERNEL_CARDS);
}
