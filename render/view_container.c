/* One container, and that there is nothing to it but what the kernel gives to any process: the same
 * process is one thing seen from the host and another seen from inside. */
#include "render/card.h"
#include "render/changes.h"
#include "render/describe.h"
#include "render/detail.h"

#include <errno.h>
#include <string.h>

static const char *pick_name(const struct view_input *in)
{
	if (in->subject && *in->subject)
		return in->subject;
	for (int alive = 1; alive >= 0; alive--) /* ours that has a process, then any of ours */
		for (size_t i = 0; i < in->now->n_containers; i++) {
			const struct model_container *c = &in->now->containers[i];
			if (c->status != CONTAINER_FOREIGN && (!alive || c->pid))
				return c->name;
		}
	return in->now->n_containers ? in->now->containers[0].name : NULL;
}

/* What was asked for and what it is, in one line for sizes without room for boxes. */
static const char *headline(const struct detail *d)
{
	struct scene *s = d->s;

	if (!d->c)
		return scene_format(s, "%s · %s", scene_clean(s, d->name),
		        d->before && model_container(d->before, d->name) ? "gone"
		                                                         : "not there yet");
	return scene_format(s, "%s · %s", scene_clean(s, d->name), describe_status(s, d->c));
}

static enum scene_mark headline_mark(const struct detail *d)
{
	if (d->c && describe_failed_step(d->c) < d->c->n_steps)
		return MARK_FAILED;
	if (d->c)
		return d->c->status == CONTAINER_PLANNED ? MARK_GHOST
		                                         : mark_container(d->before, d->c);
	return d->before && model_container(d->before, d->name) ? MARK_GONE : MARK_GHOST;
}

static void draw_small(const struct detail *d)
{
	struct card lines = {0};
	struct scene *s = d->s;
	int y = 0;

	card_say(s, &lines, headline(d), SCENE_CONTAINER, headline_mark(d));
	if (d->p)
		card_say(s, &lines,
		        scene_format(s, "pid %d, inside %d", (int)d->p->pid, (int)d->p->ns_pid),
		        SCENE_NAMESPACE_PID, MARK_NONE);
	if (d->c) {
		card_say(s, &lines,
		        scene_format(s, "%d own namespaces", describe_own_namespaces(d->now, d->c)),
		        SCENE_NAMESPACE_NET, MARK_NONE);
		card_say(s, &lines,
		        scene_format(s, "step %zu of %zu", describe_next_step(d->c), d->c->n_steps),
		        SCENE_DIM, MARK_NONE);
	}
	for (size_t i = 0; i < lines.n_lines && y < s->height; i++) {
		const struct card_span *span = &lines.lines[i].spans[0];
		int x = span->mark == MARK_NONE && s->width > 1 ? 1 : 0;
		scene_add_text(s,
		        &(struct scene_text){x, y++, s->width, span->text, span->role, span->mark});
	}
}

/* What failed in its making, in full and above all else. Returns the rows used. */
static int draw_failure(const struct detail *d, int y, int room)
{
	struct scene *s = d->s;
	struct card lines = {0};
	const struct model_step *step;
	size_t failed = d->c ? describe_failed_step(d->c) : 0;
	int used = 0;

	if (!d->c || failed == d->c->n_steps)
		return 0;
	step = &d->c->steps[failed];
	card_say_long(s, &lines,
	        scene_format(s, "%s: %s", step->id, *step->error ? step->error : "failed"),
	        s->width - 6, SCENE_PLAIN, MARK_FAILED);
	card_say_long(s, &lines, step->advice, s->width - 6, SCENE_DIM, MARK_NONE);
	for (size_t i = 0; i < lines.n_lines && used < room; i++, used++) {
		const struct card_span *span = &lines.lines[i].spans[0];
		int marked = span->mark != MARK_NONE;
		scene_add_text(s, &(struct scene_text){3 - marked, y + used, s->width - 6 + marked,
		                          span->text, span->role, span->mark});
	}
	return used;
}

static void draw_all(struct detail *d)
{
	struct scene *s = d->s;
	int legend = s->height >= 12, inner = s->width - 4, room = s->height - legend - 2, used;
	const char *id = scene_format(s, "container:%s", scene_clean(s, d->name));

	detail_lines(d);
	used = draw_failure(d, 1, room / 3);
	used += sides_draw(d->t, 2, 1 + used, inner, room - used, id);
	scene_add_box(s, &(struct scene_box){0, 0, s->width, used + 2,
	                         scene_format(s, "container %s", headline(d)), SCENE_CONTAINER,
	                         headline_mark(d), scene_format(s, "%s:all", id), 0});
	s->height = used + 2 + legend;
	if (legend)
		scene_add_legend(s, s->height - 1);
}

static void draw_nothing(struct scene *s)
{
	scene_add_text(s, &(struct scene_text){s->width > 10 ? 2 : 0, s->height > 2 ? 1 : 0,
	                          s->width, "no container yet", SCENE_DIM, MARK_NONE});
	if (s->height > 3)
		s->height = 3;
}

int view_container_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;
	struct sides table = {.s = &s};
	struct detail d = {.in = in, .now = in->now, .before = in->before, .s = &s, .t = &table};

	scene_init(&s, in->width, in->height);
	d.name = pick_name(in);
	if (d.name) {
		d.c = model_container(d.now, d.name);
		d.c_before = d.before ? model_container(d.before, d.name) : NULL;
		d.p = d.c && d.c->pid ? model_process(d.now, d.c->pid) : NULL;
		d.host = model_process(d.now, 1);
		d.p_before = d.p && d.before ? model_process(d.before, d.p->pid) : NULL;
		s.title = scene_format(&s, "container %s", headline(&d));
		s.description = scene_format(&s,
		        "%s: its processes, users, names, files, limits, links, namespaces and "
		        "rights, each as seen from the host and as seen from inside.",
		        s.title);
		if (s.width < 24 || s.height < 8)
			draw_small(&d);
		else
			draw_all(&d);
	} else {
		s.title = "no container";
		s.description = "There is no container on this machine.";
		draw_nothing(&s);
	}
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
