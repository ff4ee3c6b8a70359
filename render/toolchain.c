#include "render/toolchain.h"

#include "render/changes.h"
#include "render/describe.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGES_MOST = 512, CONNECTIONS_MOST = 256, SAME_MOST = 2 };

/* A process of the chain. */
struct link {
	int process; /* index; -1 = you, the kernel */
	enum tool_tier tier;
	const char *name;
	enum scene_role role;
	uint32_t hash; /* of the name */
	int actor;
};

/* Links that may be one actor. */
struct group {
	size_t first, n;
};

struct chain {
	const struct view_input *in;
	const struct model *m;
	struct scene *s;
	struct link *links;   /* by tier, then process */
	struct group *groups; /* room for as many */
	size_t n, most;
	int *link_of; /* of each process of the model; -1 = it is none */
};

/* ---- which processes ---- */

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}

static bool tier_of_daemon(const char *name, enum tool_tier *ret)
{
	static const char *const engines[] = {
	        "dockerd", "podman", "kubelet", "lxd", "incusd", "buildkitd", NULL};
	static const char *const managers[] = {"containerd", "docker-containerd", "crio", NULL};
	static const char *const keepers[] = {"containerd-shim", "conmon", NULL};

	*ret = is_one_of(name, engines)    ? TIER_ENGINE
	       : is_one_of(name, managers) ? TIER_MANAGER
	                                   : TIER_KEEPER;
	return *ret != TIER_KEEPER || is_one_of(name, keepers);
}

static bool tier_of_program(const struct model_process *p, enum tool_tier *ret)
{
	static const char *const clients[] = {"docker", "docker-compose", "podman", "ctr",
	        "nerdctl", "crictl", "buildctl", "kubectl", "machinectl", NULL};
	static const char *const runtimes[] = {"runc", "crun", "cutaway-oci", NULL};
	static const char *const keepers[] = {"systemd-nspawn", "bwrap", NULL};

	*ret = is_one_of(p->comm, clients)    ? TIER_CLIENT
	       : is_one_of(p->comm, runtimes) ? TIER_RUNTIME
	                                      : TIER_KEEPER;
	return *ret != TIER_KEEPER || is_one_of(p->comm, keepers);
}

/* FNV-1a: where a thousand names are compared with each other, most differ in it. */
static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261U;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash;
}

static void add(
        struct chain *c, int process, enum tool_tier tier, const char *name, enum scene_role role)
{
	if (c->n == c->most || (process >= 0 && c->link_of[process] >= 0))
		return;
	if (process >= 0)
		c->link_of[process] = (int)c->n;
	c->links[c->n++] = (struct link){process, tier, name, role, hash_of(name), -1};
}

static int index_of(const struct model *m, pid_t pid)
{
	const struct model_process *p = pid > 0 ? model_process(m, pid) : NULL;

	return p ? (int)(p - m->processes) : -1;
}

/* A container's first process, and who keeps it: a monitor of ours is only known as its parent. */
static void add_containers(struct chain *c)
{
	for (size_t i = 0; i < c->m->n_containers; i++) {
		const struct model_container *container = &c->m->containers[i];
		int first = index_of(c->m, container->pid), parent;

		if (first < 0)
			continue;
		add(c, first, TIER_CONTAINER, scene_clean(c->s, container->name), SCENE_CONTAINER);
		parent = index_of(c->m, c->m->processes[first].ppid);
		if (parent >= 0 && c->m->processes[parent].role == ROLE_LAB &&
		        container->status != CONTAINER_FOREIGN)
			add(c, parent, TIER_KEEPER, "monitor", SCENE_LAB);
	}
}

static void add_programs(struct chain *c)
{
	enum tool_tier tier;

	for (size_t i = 0; i < c->m->n_daemons; i++) {
		const struct model_daemon *d = &c->m->daemons[i];
		if (tier_of_daemon(d->name, &tier))
			add(c, d->process, tier,
			        !strcmp(d->name, "containerd-shim") ? "shim" : d->name,
			        SCENE_DAEMON);
	}
	for (size_t i = 0; i < c->m->n_processes; i++) {
		const struct model_process *p = &c->m->processes[i];
		/* Inside of a container they are that container's own affair. */
		if (p->role == ROLE_KERNEL_THREAD || p->role == ROLE_CONTAINERIZED)
			continue;
		if (tier_of_program(p, &tier))
			add(c, (int)i, tier, scene_clean(c->s, p->comm),
			        p->role == ROLE_LAB ? SCENE_LAB : SCENE_PROCESS);
		else if (p->role == ROLE_LAB && !strncmp(p->comm, "cutaway", 7) &&
		         strstr(p->cmdline, " run "))
			add(c, (int)i, TIER_CLIENT, "cutaway", SCENE_LAB);
	}
}

/* Who is connected to a daemon of the chain is a client of it, whatever its name. */
static void add_strangers(struct chain *c)
{
	for (size_t i = 0; i < c->m->n_connections; i++) {
		const struct model_connection *k = &c->m->connections[i];
		int to = k->to < 0 ? -1 : c->link_of[k->to];
		if (to < 0 || k->from < 0 || c->links[to].tier < TIER_ENGINE ||
		        c->links[to].tier > TIER_MANAGER)
			continue;
		add(c, k->from, TIER_CLIENT, scene_clean(c->s, c->m->processes[k->from].comm),
		        SCENE_PROCESS);
	}
}

/* The next process above that is a link; -1 = none. */
static int link_above(const struct chain *c, int process)
{
	int up = index_of(c->m, c->m->processes[process].ppid);

	for (int steps = 0; up >= 0 && steps < 64; steps++) {
		if (c->link_of[up] >= 0)
			return c->link_of[up];
		up = index_of(c->m, c->m->processes[up].ppid);
	}
	return -1;
}

/* Shells that have started a link. */
static void add_shells(struct chain *c)
{
	static const char *const shells[] = {"bash", "sh", "dash", "zsh", "fish", NULL};
	size_t n = c->n;
	bool you = false;

	for (size_t i = 0; i < n; i++) {
		int up;
		if (c->links[i].process < 0 || c->links[i].tier == TIER_CONTAINER)
			continue;
		up = index_of(c->m, c->m->processes[c->links[i].process].ppid);
		if (up >= 0 && c->link_of[up] < 0 &&
		        c->m->processes[up].role != ROLE_CONTAINERIZED &&
		        is_one_of(c->m->processes[up].comm, shells))
			add(c, up, TIER_SHELL, scene_clean(c->s, c->m->processes[up].comm),
			        c->m->processes[up].role == ROLE_LAB ? SCENE_LAB : SCENE_PROCESS);
	}
	/* Without a command that runs, the learner's shell is all there is. */
	for (size_t i = 0; i < c->m->n_processes && c->n == n; i++)
		if (c->m->processes[i].role == ROLE_LAB && !strcmp(c->m->processes[i].comm, "bash"))
			add(c, (int)i, TIER_SHELL, "bash", SCENE_LAB);
	for (size_t i = n; i < c->n; i++)
		you = you || c->links[i].role == SCENE_LAB;
	if (you)
		add(c, -1, TIER_YOU, "you", SCENE_YOU);
}

static void add_init(struct chain *c)
{
	int init = index_of(c->m, 1);

	if (init < 0 || strcmp(c->m->processes[init].comm, "systemd") != 0)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (c->links[i].process >= 0 && c->links[i].tier >= TIER_ENGINE &&
		        c->links[i].tier <= TIER_KEEPER &&
		        c->m->processes[c->links[i].process].ppid == 1) {
			add(c, init, TIER_INIT, "systemd", SCENE_DAEMON);
			return;
		}
}

static int by_tier(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return x->tier != y->tier ? (x->tier < y->tier ? -1 : 1)
	                          : (x->process > y->process) - (x->process < y->process);
}

/* ---- as actors ---- */

static bool is_merged(const struct link *a, const struct link *b, bool by_name)
{
	if (a->tier != b->tier)
		return false;
	return !by_name || (a->hash == b->hash && !strcmp(a->name, b->name));
}

/* The group of each link in its `actor`: groups of one tier follow each other, as the links do. */
static void form_groups(struct chain *c, bool by_name)
{
	size_t n = 0, tier = 0;

	for (size_t i = 0; i < c->n; i++) {
		size_t g;
		if (i && c->links[i].tier != c->links[i - 1].tier)
			tier = n;
		for (g = tier; g < n; g++)
			if (is_merged(&c->links[c->groups[g].first], &c->links[i], by_name))
				break;
		if (g == n)
			c->groups[n++] = (struct group){i, 0};
		c->groups[g].n++;
		c->links[i].actor = (int)g;
	}
}

/* Links with one name are one actor when they are many; with `tiers`, the whole of a tier. */
static size_t assign(struct chain *c, bool names, bool tiers)
{
	size_t n = 0;

	form_groups(c, !tiers);
	for (size_t i = 0; i < c->n; i++) {
		const struct group *g = &c->groups[c->links[i].actor];
		bool merge = tiers || (names && g->n > 1) || g->n > SAME_MOST;
		c->links[i].actor = merge && g->first < i ? c->links[g->first].actor : (int)n++;
	}
	return n;
}

static const char *const tier_words[] = {[TIER_SHELL] = "shells",
        [TIER_CLIENT] = "clients",
        [TIER_INIT] = "systemd",
        [TIER_ENGINE] = "engines",
        [TIER_MANAGER] = "managers",
        [TIER_KEEPER] = "keepers",
        [TIER_RUNTIME] = "runtimes",
        [TIER_CONTAINER] = "containers"};

static void describe_actor(struct chain *c, struct sequence_actor *ret, int actor)
{
	const struct link *first = NULL;
	bool one_name = true;
	size_t n = 0;

	*ret = (struct sequence_actor){.id = "", .name = "", .note = ""};
	for (size_t i = 0; i < c->n; i++) {
		const struct link *l = &c->links[i];
		if (l->actor != actor)
			continue;
		first = first ? first : l;
		one_name = one_name && !strcmp(l->name, first->name);
		if (l->process >= 0 &&
		        mark_process(c->in->before, &c->m->processes[l->process]) != MARK_NONE)
			ret->mark = MARK_CHANGED;
		n++;
	}
	if (!first)
		return;
	ret->role = first->role;
	ret->name = one_name ? first->name : tier_words[first->tier];
	if (first->process < 0) {
		ret->id = scene_format(c->s, "toolchain:%s", first->name);
	} else if (n == 1) {
		int pid = (int)c->m->processes[first->process].pid;
		ret->id = scene_format(c->s, "process:%d", pid);
		ret->note = scene_format(c->s, "%d", pid);
	} else {
		ret->id = scene_format(c->s, "toolchain:%s", ret->name);
		ret->note = scene_format(c->s, "%zu of them", n);
	}
}

/* ---- what is between them ---- */

struct event {
	struct sequence_message message;
	uint64_t time; /* when the younger of the two began */
	size_t count;
};

struct events {
	struct event *all;
	size_t n;
};

static uint64_t began(const struct chain *c, int link)
{
	int process = c->links[link].process;

	return process < 0 ? 0 : c->m->processes[process].start_time;
}

static void add_event(struct chain *c, struct events *e, int from, int to, const char *text,
        bool dashed, enum scene_mark mark)
{
	struct sequence_message m = {c->links[from].actor, c->links[to].actor, text, dashed,
	        c->links[from].role, mark, NULL};
	uint64_t time = began(c, from) > began(c, to) ? began(c, from) : began(c, to);

	if (m.from == m.to)
		return;
	for (size_t i = 0; i < e->n; i++) {
		struct sequence_message *old = &e->all[i].message;
		/* Between many of one name, where it happened first stands for all. */
		if (old->from != m.from || old->to != m.to || old->dashed != dashed)
			continue;
		if (time < e->all[i].time) {
			e->all[i].time = time;
			old->text = text;
		}
		old->mark = mark != MARK_NONE ? mark : old->mark;
		e->all[i].count++;
		return;
	}
	if (e->n < MESSAGES_MOST)
		e->all[e->n++] = (struct event){m, time, 1};
}

/* Who keeps a container forks twice, so that it outlives whoever has started it: its parent is the
 * process that takes orphans, prctl(2) PR_SET_CHILD_SUBREAPER. */
static bool is_adopted(const struct chain *c, const struct link *l, int parent)
{
	bool init =
	        c->links[parent].process >= 0 && c->m->processes[c->links[parent].process].pid == 1;

	if (l->tier == TIER_KEEPER && l->role == SCENE_LAB) /* a monitor of ours */
		return init;
	return l->tier == TIER_KEEPER && l->role == SCENE_DAEMON &&
	       c->links[parent].tier != TIER_MANAGER && c->links[parent].tier != TIER_CLIENT;
}

static void add_starts(struct chain *c, struct events *e)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct link *l = &c->links[i];
		int up = l->process < 0 ? -1 : link_above(c, l->process);

		if (l->tier == TIER_SHELL && l->role == SCENE_LAB && c->links[0].tier == TIER_YOU)
			add_event(c, e, 0, (int)i, "types", false, MARK_NONE);
		else if (up >= 0)
			add_event(c, e, up, (int)i, is_adopted(c, l, up) ? "adopted" : "started",
			        false, mark_process(c->in->before, &c->m->processes[l->process]));
	}
}

static void add_connections(struct chain *c, struct events *e)
{
	size_t told = 0;

	for (size_t i = 0; i < c->m->n_connections && told < CONNECTIONS_MOST; i++) {
		const struct model_connection *k = &c->m->connections[i];
		int from = k->from < 0 ? -1 : c->link_of[k->from];
		int to = k->to < 0 ? -1 : c->link_of[k->to];

		if (from < 0 || to < 0)
			continue;
		told++;
		add_event(c, e, from, to, describe_path(c->s, scene_clean(c->s, k->socket), 32),
		        true, mark_connection(c->in->before, c->m, k));
	}
}

static void add_memberships(struct chain *c, struct events *e)
{
	for (size_t i = 0; i < c->m->n_containers; i++) {
		const struct model_container *k = &c->m->containers[i];
		int first = index_of(c->m, k->pid), own = describe_own_namespaces(c->m, k);

		if (first < 0 || c->link_of[first] < 0)
			continue;
		add_event(c, e, c->link_of[first], (int)c->n - 1,
		        own ? scene_format(c->s, "is in %d namespaces of its own", own)
		        : describe_can_read(&c->m->processes[first])
		                ? "is in the host's namespaces"
		                : "is in namespaces that may not be read",
		        false, MARK_NONE);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->message.from != y->message.from
	               ? (x->message.from > y->message.from) - (x->message.from < y->message.from)
	               : (x->message.to > y->message.to) - (x->message.to < y->message.to);
}

static void write_down(struct chain *c, struct events *e, size_t n_actors, struct sequence *ret)
{
	struct sequence_actor *actors = arena_alloc(&c->s->arena, (n_actors + 1) * sizeof *actors);
	struct sequence_message *all = arena_alloc(&c->s->arena, (e->n + 1) * sizeof *all);

	if (!actors || !all) {
		c->s->failed = true;
		return;
	}
	qsort(e->all, e->n, sizeof *e->all, by_time);
	for (size_t i = 0; i < e->n; i++) {
		all[i] = e->all[i].message;
		if (e->all[i].count > 1)
			all[i].text = scene_format(c->s, "%s (×%zu)", all[i].text, e->all[i].count);
	}
	for (size_t i = 0; i < n_actors; i++)
		describe_actor(c, &actors[i], (int)i);
	*ret = (struct sequence){
	        .actors = actors, .n_actors = n_actors, .messages = all, .n_messages = e->n};
}

static void sort_links(struct chain *c)
{
	qsort(c->links, c->n, sizeof *c->links, by_tier);
	for (size_t i = 0; i < c->n; i++)
		if (c->links[i].process >= 0)
			c->link_of[c->links[i].process] = (int)i;
}

void toolchain_find(const struct view_input *in, struct scene *s, size_t most, struct sequence *ret,
        bool *ret_engines)
{
	/* Of each process, you and the kernel. */
	struct chain c = {.in = in, .m = in->now, .s = s, .most = in->now->n_processes + 2};
	struct events e = {.all = arena_alloc(&s->arena, MESSAGES_MOST * sizeof *e.all)};
	size_t n;

	*ret = (struct sequence){0};
	*ret_engines = false;
	c.links = arena_alloc(&s->arena, c.most * sizeof *c.links);
	c.groups = arena_alloc(&s->arena, c.most * sizeof *c.groups);
	c.link_of = arena_alloc(&s->arena, (in->now->n_processes + 1) * sizeof *c.link_of);
	if (!e.all || !c.links || !c.groups || !c.link_of) {
		s->failed = true;
		return;
	}
	memset(c.link_of, -1, in->now->n_processes * sizeof *c.link_of);
	add(&c, -1, TIER_KERNEL, "kernel", SCENE_FRAME);
	add_programs(&c);
	add_containers(&c);
	add_strangers(&c);
	*ret_engines = c.n > 1;
	add_shells(&c);
	sort_links(&c);
	n = assign(&c, false, false);
	if (n < most) {
		add_init(&c);
		sort_links(&c);
		n = assign(&c, false, false);
	}
	if (n > most)
		n = assign(&c, true, false);
	if (n > most)
		n = assign(&c, true, true);
	add_starts(&c, &e);
	add_connections(&c, &e);
	add_memberships(&c, &e);
	write_down(&c, &e, n, ret);
}
