/* User space: the learner's shell, containers, daemons and the other processes, side by side. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/host.h"
#include "render/sheet.h"
#include "render/wants.h"

#include <stdlib.h>
#include <string.h>

enum {
	CARDS_MOST = 64, /* of ours, with those asked for and those gone */
	FEW_PROCESSES = 24,
};

static const struct model_process *parent_in(
        const struct model *m, const struct model_process *p, enum process_role role)
{
	const struct model_process *parent = model_process(m, p->ppid);

	return parent && parent->role == role ? parent : NULL;
}

static void add_pid(const struct host *h, struct card_line *l, const struct model_process *p)
{
	card_add(l, scene_format(h->s, "%d", (int)p->pid), SCENE_DIM, mark_process(h->before, p));
	card_stand(l, scene_format(h->s, "process:%d", (int)p->pid));
}

/* "build/cutaway shell": what follows the name of the program, whatever file of it runs now; NULL
 * when nothing does. */
static const char *words_of(const struct model_process *p)
{
	static const char name[] = "cutaway ";
	size_t first = strcspn(p->cmdline, " "), base = first;

	while (base && p->cmdline[base - 1] != '/')
		base--;
	if (strncmp(p->comm, name, sizeof name - 2) ||
	        strncmp(p->cmdline + base, name, sizeof name - 1))
		return NULL;
	return p->cmdline[first + 1] && p->cmdline[first + 1] != '-' ? p->cmdline + first + 1
	                                                             : "cutaway";
}

/* Ours are told apart by their words. */
static const char *lab_name(const struct host *h, const struct model_process *p)
{
	const char *words = words_of(p);

	for (size_t i = 0; i < h->n_ours; i++) {
		const struct model_container *c = h->containers[i];
		const struct model_process *first = c->pid ? model_process(h->now, c->pid) : NULL;
		if (first && first->ppid == p->pid)
			return scene_format(h->s, "monitor %s", scene_clean(h->s, c->name));
	}
	return words ? scene_clean(h->s, words) : describe_process(h->s, p);
}

/* The topmost of ours above a process: a stage, or a shell without one. */
static const struct model_process *lab_top(const struct host *h, const struct model_process *p)
{
	const struct model_process *up = p;

	for (int depth = 0; depth < 64 && (up = parent_in(h->now, p, ROLE_LAB)); depth++)
		p = up;
	return p;
}

/* What stands alone (a monitor, which its starter has left behind) is nobody's in particular; a
 * family that is not that of the lab's shell is another lab. */
static bool is_elsewhere(const struct host *h, const struct model_process *p)
{
	const struct model_process *shell = model_process(h->now, h->in->shell);
	const struct model_process *top = lab_top(h, p);

	if (!shell || shell->role != ROLE_LAB || top == lab_top(h, shell))
		return false;
	if (top != p)
		return true;
	for (size_t i = 0; i < h->now->n_processes; i++)
		if (h->now->processes[i].ppid == p->pid && h->now->processes[i].role == ROLE_LAB)
			return true;
	return false;
}

static void add_lab_process(const struct host *h, struct card *c, size_t i)
{
	const struct model_process *p = &h->now->processes[i], *up = p;
	struct card_line *l = card_line(h->s, c);
	int depth = 0;

	while (depth < 4 && (up = parent_in(h->now, up, ROLE_LAB)))
		depth++;
	add_pid(h, l, p);
	card_add(l,
	        scene_format(h->s, "%*s%s%s", depth ? depth - 1 : 0, "", depth ? "└" : "",
	                lab_name(h, p)),
	        SCENE_LAB, MARK_NONE);
	host_add_servers(h, l, (int)i);
}

/* The lab that is shown; below it those of others on this machine, told apart. */
static void lab_card(const struct host *h, struct card *c)
{
	const char *whose = h->in->whose;
	bool said = false;

	*c = (struct card){.id = "lab",
	        .title = whose ? scene_format(h->s, "%s's shell", scene_clean(h->s, whose))
	                       : "your shell",
	        .role = SCENE_LAB,
	        .liked = 6};
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < h->now->n_processes; i++) {
			const struct model_process *p = &h->now->processes[i];

			if (p->role != ROLE_LAB || is_elsewhere(h, p) != (pass == 1))
				continue;
			if (pass && !said)
				card_say(h->s, c, "another lab:", SCENE_DIM, MARK_NONE);
			said = pass;
			add_lab_process(h, c, i);
		}
}

static const struct model_process *process_of(const struct host *h, const struct model_daemon *d)
{
	return d->process >= 0 && (size_t)d->process < h->now->n_processes
	               ? &h->now->processes[d->process]
	               : NULL;
}

/* Daemons are sorted by name: how many from here on have the same. */
static size_t same_daemons(const struct model *m, size_t first)
{
	size_t end = first + 1;

	while (end < m->n_daemons && !strcmp(m->daemons[end].name, m->daemons[first].name))
		end++;
	return end - first;
}

/* A row each, but for those of which there are many: shims, one for each container. */
static void daemons_card(const struct host *h, struct card *c)
{
	enum { FEW = 3 };
	size_t same;

	*c = (struct card){.id = "daemons", .title = "daemons", .role = SCENE_DAEMON, .liked = 8};
	for (size_t i = 0; i < h->now->n_daemons; i += same) {
		const struct model_daemon *d = &h->now->daemons[i];
		const char *name = scene_clean(h->s, d->name);
		enum scene_mark mark = MARK_NONE;
		struct card_line *l;

		same = same_daemons(h->now, i);
		if (same <= FEW) {
			same = 1;
			l = card_line(h->s, c);
			if (process_of(h, d))
				add_pid(h, l, process_of(h, d));
			card_add(l, name, SCENE_DAEMON, MARK_NONE);
			host_add_servers(h, l, d->process);
			continue;
		}
		for (size_t k = i; k < i + same && mark == MARK_NONE; k++)
			if (process_of(h, &h->now->daemons[k]))
				mark = mark_process(h->before, process_of(h, &h->now->daemons[k]));
		l = card_line(h->s, c);
		card_add(l, scene_format(h->s, "%zu \xC3\x97", same), SCENE_DIM, mark);
		card_add(l, name, SCENE_DAEMON, MARK_NONE);
	}
}

/* Wants about processes and not about containers: "process.sleep", "processes.sleep.count". */
static void wanted_processes(const struct host *h, struct card *c)
{
	for (size_t i = 0; i < h->in->n_wants; i++) {
		const char *fact = h->in->wants[i].fact ? h->in->wants[i].fact : "";
		const char *name = !strncmp(fact, "process.", 8)      ? fact + 8
		                   : !strncmp(fact, "processes.", 10) ? fact + 10
		                                                      : NULL;

		if (!name || !*name)
			continue;
		card_add(card_line(h->s, c),
		        scene_clean(
		                h->s, scene_format(h->s, "%.*s", (int)strcspn(name, "."), name)),
		        SCENE_PROCESS, MARK_GHOST);
	}
}

static void processes_card(const struct host *h, struct card *c)
{
	size_t threads = 0, users = 0, most = FEW_PROCESSES;

	if (h->in->height > FEW_PROCESSES)
		most = (size_t)h->in->height;
	*c = (struct card){
	        .id = "processes", .title = "processes", .role = SCENE_PROCESS, .liked = 8};
	wanted_processes(h, c);
	for (size_t i = 0; i < h->now->n_processes; i++) {
		const struct model_process *p = &h->now->processes[i];
		enum scene_mark mark = MARK_NONE;
		struct card_line *l;

		threads += p->role == ROLE_KERNEL_THREAD;
		if (p->role != ROLE_REGULAR && (p->role != ROLE_CONTAINERIZED || p->container >= 0))
			continue;
		users++;
		mark = mark_process(h->before, p);
		if (users > most && mark == MARK_NONE) { /* the rest is for ps(1) */
			c->more++;
			continue;
		}
		l = card_line(h->s, c);
		add_pid(h, l, p);
		card_add(l, describe_process(h->s, p), SCENE_PROCESS, MARK_NONE);
		host_add_servers(h, l, (int)i);
	}
	if (users)
		c->title = scene_format(h->s, "processes (%zu)", users);
	if (threads) {
		card_say(h->s, c, scene_format(h->s, "%zu kernel threads", threads), SCENE_DIM,
		        MARK_NONE);
	}
}

static bool belongs(
        const struct host *h, const struct model_process *p, const struct model_container *c)
{
	return p->container >= 0 && (size_t)p->container < h->now->n_containers &&
	       &h->now->containers[p->container] == c;
}

static void container_processes(
        const struct host *h, struct card *card, const struct model_container *c)
{
	size_t listed = 0;

	for (size_t i = 0; i < h->now->n_processes && listed < 40; i++) {
		const struct model_process *p = &h->now->processes[i];
		struct card_line *l;

		if (!belongs(h, p, c))
			continue;
		l = card_line(h->s, card);
		add_pid(h, l, p);
		card_add(l, describe_process(h->s, p), SCENE_CONTAINER, MARK_NONE);
		if (l && p->pid == c->pid)
			l->keep = true;
		listed++;
	}
	if (c->processes > listed)
		card->more = c->processes - listed;
}

/* What the step asks of a container that has no place of its own in the kernel's band. */
static void container_wants(const struct host *h, struct card *card, const char *name)
{
	static const struct {
		const char *topic, *text;
	} asked[] = {
	        {"pid", "first process"},
	        {"hostname", "host name"},
	        {"image", "image"},
	        {"command", "command"},
	        {"exit", "exit status"},
	        {"processes", "processes"},
	        {"uid", "user outside"},
	        {"root", "root outside is"},
	        {"step", "step"},
	        {"changes", "files written"},
	};

	for (size_t i = 0; i < h->in->n_wants; i++) {
		const struct view_want *want = &h->in->wants[i];
		const char *rest, *wanted = want->wanted ? want->wanted : "";

		for (size_t k = 0; k < sizeof asked / sizeof *asked; k++)
			if (want_about(want, name, asked[k].topic, &rest))
				card_say(h->s, card,
				        scene_clean(h->s,
				                scene_format(h->s, "%s %s%s%s", asked[k].text, rest,
				                        *rest && *wanted ? " " : "", wanted)),
				        SCENE_CONTAINER, MARK_GHOST);
		if (want_about(want, name, "", &rest) && !*rest && *wanted)
			card_say(
			        h->s, card, scene_clean(h->s, wanted), SCENE_CONTAINER, MARK_GHOST);
	}
}

static enum scene_mark container_mark(const struct host *h, const struct model_container *c)
{
	if (c->status == CONTAINER_PLANNED)
		return MARK_GHOST;
	return mark_container(h->before, c);
}

/* What failed is told in full: it is what the learner looks for. */
static void add_current_step(
        const struct host *h, struct card *card, const struct model_container *c)
{
	enum { LINE_WIDTH = 22 };
	size_t next = describe_next_step(c), failed = describe_failed_step(c);
	struct scene *s = h->s;

	if (failed < c->n_steps) {
		card_say(s, card, describe_failure(s, c), SCENE_SECURITY, MARK_FAILED);
		card_say_long(s, card, c->steps[failed].error, LINE_WIDTH, SCENE_PLAIN, MARK_NONE);
		card->mark = MARK_FAILED;
		card->needs = LINE_WIDTH + 4;
	} else if (next < c->n_steps &&
	           (c->status == CONTAINER_BUILDING || c->status == CONTAINER_PLANNED)) {
		card_say(s, card,
		        scene_format(s, "next %zu/%zu %s", next + 1, c->n_steps,
		                scene_clean(s, c->steps[next].id)),
		        SCENE_DIM, MARK_NONE);
	}
}

void host_container_card(const struct host *h, struct card *card, const struct model_container *c)
{
	int own = describe_own_namespaces(h->now, c);
	const struct model_process *first = c->pid ? model_process(h->now, c->pid) : NULL;
	const char *name = scene_clean(h->s, c->name);

	*card = (struct card){
	        .id = scene_format(h->s, "container:%s", name),
	        .title = name,
	        .role = SCENE_CONTAINER,
	        .mark = container_mark(h, c),
	        .liked = 6,
	};
	container_processes(h, card, c);
	if (first && first->ns_pid && first->ns_pid != first->pid) {
		struct card_line *l = card_line(h->s, card);
		card_add(l, "pid", SCENE_NAMESPACE_PID, MARK_NONE);
		card_add(l, scene_format(h->s, "%d inside", (int)first->ns_pid),
		        SCENE_NAMESPACE_PID, MARK_NONE);
	}
	container_wants(h, card, c->name);
	add_current_step(h, card, c);
	if (*c->hostname && c->ns[NS_UTS]) {
		struct card_line *l = card_line(h->s, card);
		card_add(l, "uts", SCENE_NAMESPACE_UTS, MARK_NONE);
		card_add(l, scene_clean(h->s, c->hostname), SCENE_NAMESPACE_UTS, MARK_NONE);
		card_stand(l, scene_format(h->s, "fact:container.%s.hostname", name));
	}
	if (c->pid)
		card_say(h->s, card,
		        own ? scene_format(h->s, "%d own namespaces", own)
		        : first && !describe_can_read(first) ? "namespaces unreadable"
		                                             : "shares all namespaces",
		        SCENE_DIM, MARK_NONE);
	if (c->status == CONTAINER_EXITED)
		card_say(h->s, card, describe_status(h->s, c), SCENE_DIM, MARK_NONE);
	else if (!card->n_lines)
		card_say(h->s, card, "no process yet", SCENE_DIM, MARK_NONE);
}

/* Asked for by name and not there at all: one ghost each, whatever is asked of it. */
static bool ghost_card(const struct host *h, struct card *cards, size_t n, size_t want)
{
	const char *name = want_container(h->s, &h->in->wants[want]);
	const char *id;

	if (!name || !*name || model_container(h->now, name))
		return false;
	name = scene_clean(h->s, name);
	id = scene_format(h->s, "container:%s", name);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(cards[i].id, id))
			return false;
	cards[n] = (struct card){
	        .id = id, .title = name, .role = SCENE_CONTAINER, .mark = MARK_GHOST, .liked = 5};
	container_wants(h, &cards[n], want_container(h->s, &h->in->wants[want]));
	if (!cards[n].n_lines)
		card_say(h->s, &cards[n], "still to come", SCENE_DIM, MARK_NONE);
	return true;
}

static void gone_cards(const struct host *h, struct host_user *u)
{
	for (size_t i = 0; h->before && i < h->before->n_containers; i++) {
		const struct model_container *c = &h->before->containers[i];
		const char *name;

		if (c->status == CONTAINER_FOREIGN || model_container(h->now, c->name) ||
		        u->n_ours == CARDS_MOST)
			continue;
		name = scene_clean(h->s, c->name);
		u->ours[u->n_ours] = (struct card){.id = scene_format(h->s, "container:%s", name),
		        .title = name,
		        .role = SCENE_CONTAINER,
		        .mark = MARK_GONE,
		        .liked = 1};
		card_say(h->s, &u->ours[u->n_ours], "gone", SCENE_DIM, MARK_NONE);
		u->n_ours++;
	}
}

/* Whether a card is of a container that is new since the step began, or still to come. */
static bool is_fresh(const struct model *before, const struct card *c)
{
	return before && !strncmp(c->id, "container:", 10) && !model_container(before, c->id + 10);
}

/* A container stands where its ghost stood, and one that is gone keeps its place until the step
 * ends. Who is new comes after who was there before, so that nobody moves for it. */
static int by_place(const void *a, const void *b, void *before)
{
	const struct card *left = a, *right = b;
	bool left_fresh = is_fresh(before, left), right_fresh = is_fresh(before, right);

	if (!left->stands != !right->stands) /* cards of many are the last */
		return left->stands ? 1 : -1;
	if (left_fresh != right_fresh)
		return left_fresh ? 1 : -1;
	return strcmp(left->id, right->id);
}

void host_user_cards(const struct host *h, struct host_user *ret)
{
	*ret = (struct host_user){0};
	lab_card(h, &ret->lab);
	host_registries_card(h, &ret->registries);
	daemons_card(h, &ret->daemons);
	processes_card(h, &ret->processes);
	ret->ours = arena_alloc(&h->s->arena, CARDS_MOST * sizeof *ret->ours);
	ret->others = arena_alloc(&h->s->arena, CARDS_MOST * sizeof *ret->others);
	if (!ret->ours || !ret->others) {
		h->s->failed = true;
		return;
	}
	ret->n_ours = host_grouped_cards(h, ret->ours, HOST_CARDS, 0, h->n_ours, false);
	for (size_t i = 0; i < h->in->n_wants && ret->n_ours < CARDS_MOST; i++)
		ret->n_ours += ghost_card(h, ret->ours, ret->n_ours, i);
	gone_cards(h, ret);
	qsort_r(ret->ours, ret->n_ours, sizeof *ret->ours, by_place, (void *)h->before);
	ret->n_others =
	        host_grouped_cards(h, ret->others, HOST_CARDS, h->n_ours, h->n_containers, true);
	cards_fold(h->s, h->in, &ret->lab, 1);
	cards_fold(h->s, h->in, &ret->registries, 1);
	cards_fold(h->s, h->in, &ret->daemons, 1);
	cards_fold(h->s, h->in, &ret->processes, 1);
	cards_fold(h->s, h->in, ret->ours, ret->n_ours);
	cards_fold(h->s, h->in, ret->others, ret->n_others);
}
