/* One process, whoever made it: a container's first one and any other have the same cards. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/process.h"
#include "render/sheet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* By pid, else by the name of a container. */
static const struct model_process *find(const struct model *m, const char *subject)
{
	const struct model_container *c = model_container(m, subject);
	char *end;
	long pid = strtol(subject, &end, 10);

	if (end != subject && !*end)
		return model_process(m, (pid_t)pid);
	return c && c->pid ? model_process(m, c->pid) : NULL;
}

/* The first of a container of ours, else of the lab, else of the machine. */
static const struct model_process *pick(const struct model *m)
{
	for (size_t i = 0; i < m->n_containers; i++) {
		const struct model_container *c = &m->containers[i];
		const struct model_process *p = c->pid ? model_process(m, c->pid) : NULL;
		if (p && c->status != CONTAINER_FOREIGN)
			return p;
	}
	for (size_t i = 0; i < m->n_processes; i++)
		if (m->processes[i].role == ROLE_LAB)
			return &m->processes[i];
	return m->n_processes ? &m->processes[0] : NULL;
}

static void draw_none(const struct view_input *in, struct scene *s)
{
	const char *subject = in->subject ? in->subject : "";
	bool gone = in->before && find(in->before, subject);

	s->title = scene_format(
	        s, "process %s: %s", scene_clean(s, subject), gone ? "gone" : "there is none");
	s->description = s->title;
	scene_add_text(s, &(struct scene_text){0, 0, s->width, s->title, SCENE_DIM,
	                          gone ? MARK_GONE : MARK_NONE});
	s->height = 1;
}

int view_process_layout(const struct view_input *in, struct scene *ret)
{
	const struct model_process *p =
	        in->subject && *in->subject ? find(in->now, in->subject) : pick(in->now);
	struct card cards[PROCESS_CARDS];
	struct scene s;

	scene_init(&s, in->width, in->height);
	if (p) {
		const char *name = describe_process(&s, p);
		process_cards(in, &s, p, cards);
		sheet_draw(&s, in,
		        &(struct sheet){
		                .id = scene_format(&s, "process:%d:all", (int)p->pid),
		                .title = scene_format(&s, "process %d · %s", (int)p->pid, name),
		                .description = scene_format(&s,
		                        "Process %d, %s: its namespaces, its control group, its "
		                        "rights, its family, its mounts and its links.",
		                        (int)p->pid, name),
		                .role = SCENE_PROCESS,
		                .mark = mark_process(in->before, p),
		                .cards = cards,
		                .n = PROCESS_CARDS,
		                .card_width = 34,
		                .tail = 3, /* family, mounts, links */
		        });
	} else {
		draw_none(in, &s);
	}
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
