/* All namespaces of one type, and which processes are in each. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/process.h"
#include "render/sheet.h"

#include <errno.h>
#include <string.h>

enum { DRAWN = 24, NAMED = 60 }; /* namespaces with a box of their own; those that have a name */

static enum ns_type pick_type(const char *subject)
{
	for (int t = 0; subject && t < NS_COUNT; t++)
		if (!strcmp(ns_names[t], subject))
			return (enum ns_type)t;
	return NS_PID;
}

/* "the host's", "red", "of 4711 bash". */
static const char *owner(
        const struct view_input *in, struct scene *s, const struct model_namespace *ns)
{
	const struct model_process *first = model_process(in->now, ns->first_pid);

	if (ns->initial)
		return "the host's";
	for (size_t i = 0; i < in->now->n_containers; i++)
		if (in->now->containers[i].ns[ns->type] == ns->inode)
			return scene_clean(s, in->now->containers[i].name);
	return first ? scene_format(s, "%d %s", (int)first->pid, describe_process(s, first)) : "?";
}

static void namespace_card(const struct view_input *in, struct scene *s,
        const struct model_namespace *ns, struct card *c)
{
	*c = (struct card){
	        .id = scene_format(
	                s, "ns:%s:%llu", ns_names[ns->type], (unsigned long long)ns->inode),
	        .title = scene_format(s, "%s · %llu (%zu)", owner(in, s, ns),
	                (unsigned long long)ns->inode, ns->processes),
	        .role = describe_namespace_role(ns->type),
	        .mark = ns->initial ? MARK_NONE : mark_namespace(in->before, ns->type, ns->inode),
	        .liked = 8,
	        .even = true,
	};
	process_list(in, s, c, &(struct process_filter){ns->type, ns->inode, -1});
}

/* One that has no box of its own. */
static void add_rest(const struct view_input *in, struct scene *s, const struct model_namespace *ns,
        struct card *rest)
{
	struct card_line *l;

	rest->stands++;
	if (rest->n_lines >= NAMED) {
		rest->more++;
		return;
	}
	l = card_line(s, rest);
	card_add(l, owner(in, s, ns), SCENE_PLAIN, mark_namespace(in->before, ns->type, ns->inode));
	card_stand(l,
	        scene_format(s, "ns:%s:%llu", ns_names[ns->type], (unsigned long long)ns->inode));
}

/* Returns how many there are; `ret_cards` of them are drawn. */
static size_t namespace_cards(const struct view_input *in, struct scene *s, enum ns_type type,
        struct card *cards, size_t *ret_cards)
{
	struct card rest = {.id = scene_format(s, "ns-type:%s:more", ns_names[type]),
	        .role = describe_namespace_role(type),
	        .even = true};
	size_t all = 0, n = 0, found = 0;

	for (size_t i = 0; i < in->now->n_namespaces; i++)
		all += in->now->namespaces[i].type == type;
	for (int pass = 0; pass < 2; pass++) /* the host's first */
		for (size_t i = 0; i < in->now->n_namespaces; i++) {
			const struct model_namespace *ns = &in->now->namespaces[i];
			if (ns->type != type || ns->initial != (pass == 0))
				continue;
			if (found++ < DRAWN - 1 || all <= DRAWN)
				namespace_card(in, s, ns, &cards[n++]);
			else
				add_rest(in, s, ns, &rest);
		}
	if (rest.stands) {
		rest.title = scene_format(s, "%zu more", rest.stands);
		cards[n++] = rest;
	}
	*ret_cards = n;
	return all;
}

int view_namespace_layout(const struct view_input *in, struct scene *ret)
{
	enum ns_type type = pick_type(in->subject);
	struct scene s;
	struct card *cards;
	size_t n = 0, all;

	scene_init(&s, in->width, in->height);
	cards = arena_alloc(&s.arena, (in->now->n_namespaces + 1) * sizeof *cards);
	if (cards) {
		all = namespace_cards(in, &s, type, cards, &n);
		sheet_draw(&s, in,
		        &(struct sheet){
		                .id = scene_format(&s, "ns-type:%s", ns_names[type]),
		                .title = scene_format(&s, "%s namespaces (%zu): who is in which",
		                        ns_names[type], all),
		                .description = scene_format(&s,
		                        "The %zu %s namespaces of this machine, each with the "
		                        "processes that are in it.",
		                        all, ns_names[type]),
		                .role = describe_namespace_role(type),
		                .cards = cards,
		                .n = n,
		                .card_width = 30,
		                .more = "namespaces",
		        });
	}
	if (!cards || s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
