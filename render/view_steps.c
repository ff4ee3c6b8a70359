/* The plan of a container, step by step: what is done and which object of the kernel it made, what
 * comes next and by which system call, what is left. The current step is always in sight. */
#include "render/card.h"
#include "render/changes.h"
#include "render/describe.h"
#include "render/glyph.h"
#include "render/step_object.h"
#include "render/view.h"
#include "render/wants.h"

#include <errno.h>
#include <string.h>

enum {
	LEAST_WIDTH = 24,
	LEAST_HEIGHT = 8,
	METER = 20,
	METER_WIDTH = 46, /* below it the words alone */
	AHEAD = 2,        /* of three rows in sight two are of what is done */
};

struct steps {
	const struct view_input *in;
	struct scene *s;
	const char *name;                         /* NULL = of nothing */
	const struct model_container *c, *before; /* NULL = not there */
	size_t done, current;                     /* steps; the one it is about */
	bool failed;
};

static bool is_being_built(const struct model_container *c)
{
	return c->status == CONTAINER_PLANNED || c->status == CONTAINER_BUILDING;
}

/* What is being built comes before what was; of the same kind the newest first. */
static const struct model_container *pick(const struct view_input *in)
{
	const struct model_container *best =
	        in->subject ? model_container(in->now, in->subject) : NULL;

	if (best)
		return best;
	for (size_t i = 0; i < in->now->n_containers; i++) {
		const struct model_container *c = &in->now->containers[i];
		if (!c->n_steps)
			continue;
		if (!best || is_being_built(c) > is_being_built(best) ||
		        (is_being_built(c) == is_being_built(best) &&
		                c->start_time > best->start_time))
			best = c;
	}
	return best;
}

static void find_subject(struct steps *v)
{
	const struct view_input *in = v->in;
	const char *absent = NULL;

	v->c = pick(in);
	/* What is asked for comes before what has been, and another one that is there already is
	 * not what was named. */
	if (!(in->subject && model_container(in->now, in->subject)) &&
	        !(v->c && is_being_built(v->c)) &&
	        (want_absent(in, v->s, &absent, 1) || (in->subject && *in->subject)))
		v->c = NULL;
	v->name = v->c ? v->c->name : absent;
	if (!v->c && in->subject && *in->subject &&
	        (!v->name || (in->before && model_container(in->before, in->subject))))
		v->name = in->subject;
	if (v->name && in->before)
		v->before = model_container(in->before, v->name);
	if (!v->c)
		return;
	for (size_t i = 0; i < v->c->n_steps; i++)
		v->done += v->c->steps[i].status == STEP_DONE;
	v->current = describe_failed_step(v->c);
	v->failed = v->current < v->c->n_steps;
	if (!v->failed)
		v->current = describe_next_step(v->c);
}

static const char *headline(const struct steps *v)
{
	struct scene *s = v->s;
	const char *name = v->name ? scene_clean(s, v->name) : "";

	if (!v->name)
		return "steps: no container is being built";
	if (!v->c)
		return scene_format(
		        s, "steps of %s: %s", name, v->before ? "gone" : "not planned yet");
	if (!v->c->n_steps)
		return scene_format(s, "steps of %s: %s", name,
		        v->c->status == CONTAINER_FOREIGN ? "somebody else's, not told"
		                                          : "not told");
	if (v->failed)
		return scene_format(s, "steps of %s: step %zu failed", name, v->current + 1);
	if (v->current == v->c->n_steps)
		return scene_format(s, "steps of %s: all %zu done", name, v->c->n_steps);
	return scene_format(
	        s, "steps of %s: step %zu of %zu is next", name, v->current + 1, v->c->n_steps);
}

static enum scene_mark headline_mark(const struct steps *v)
{
	if (v->failed)
		return MARK_FAILED;
	if (!v->c && v->name)
		return v->before ? MARK_GONE : MARK_GHOST;
	return MARK_NONE;
}

static const struct model_step *step_before(const struct steps *v, size_t i)
{
	return v->before && i < v->before->n_steps &&
	                       !strcmp(v->before->steps[i].id, v->c->steps[i].id)
	               ? &v->before->steps[i]
	               : NULL;
}

static bool is_wanted(const struct steps *v, const char *id)
{
	for (size_t i = 0; i < v->in->n_wants; i++)
		if (step_is_wanted(&v->in->wants[i], v->name, id))
			return true;
	return false;
}

/* "✓ 17 mount-proc  mount proc on /proc  mount("proc", …)" */
static void add_step(const struct steps *v, struct card *card, size_t i)
{
	struct scene *s = v->s;
	const struct model_step *step = &v->c->steps[i], *old = step_before(v, i);
	bool done = step->status == STEP_DONE, was_done = old && old->status == STEP_DONE;
	bool current = i == v->current;
	struct card_line *l = card_line(s, card);
	enum scene_mark mark = MARK_NONE, object_mark = MARK_NONE;

	if (step->status == STEP_FAILED)
		mark = MARK_FAILED;
	else if (done)
		mark = v->in->before && !was_done ? MARK_CHANGED : MARK_NONE;
	if (!done)
		object_mark = was_done                 ? MARK_GONE
		              : mark == MARK_FAILED    ? MARK_NONE
		              : current                ? MARK_GHOST
		              : is_wanted(v, step->id) ? MARK_GHOST
		                                       : MARK_NONE;
	card_add(l,
	        done      ? "✓"
	        : current ? "→"
	                  : "○",
	        done      ? SCENE_NAMESPACE_UTS
	        : current ? SCENE_TITLE
	                  : SCENE_DIM,
	        mark);
	card_add(l, scene_format(s, "%2zu", i + 1), SCENE_DIM, MARK_NONE);
	card_add(l, scene_clean(s, step->id), current ? SCENE_TITLE : SCENE_PLAIN, MARK_NONE);
	card_add(l, step_object(s, v->in->now, v->c, step), done ? SCENE_NAMESPACE_UTS : SCENE_DIM,
	        object_mark);
	card_add(l, scene_format(s, "%.*s", (int)strcspn(step->call, "\n"), step->call), SCENE_DIM,
	        MARK_NONE);
	if (l && l->n_spans == 5)
		l->spans[4].text = scene_clean(s, l->spans[4].text);
}

/* So many steps as the rows hold, the current one among them, and how many are not in sight. */
static void plan_card(const struct steps *v, struct card *card, int rows)
{
	size_t n = v->c->n_steps, room = rows > 1 ? (size_t)rows : 1, first = 0, last;
	size_t current = v->current < n ? v->current : n - 1;

	if (n > room) {
		size_t inside = room > 3 ? room - 2 : 1, above = inside * AHEAD / 3;
		first = current > above ? current - above : 0;
		if (first < 2) { /* a row that counts one step is as high as the step */
			first = 0;
			inside += room > 3;
		} else if (first + inside + 1 >= n) {
			inside += room > 3;
			first = n - inside;
		}
		room = inside;
	}
	last = first + room < n ? first + room : n;
	*card = (struct card){
	        .id = scene_format(v->s, "container:%s:steps", scene_clean(v->s, v->name)),
	        .title = "plan",
	        .role = SCENE_TITLE};
	if (first && rows > 3)
		card_say(v->s, card,
		        scene_format(v->s, "+%zu %sabove", first, v->failed ? "" : "done "),
		        SCENE_DIM, MARK_NONE);
	for (size_t i = first; i < last; i++)
		add_step(v, card, i);
	if (last < n && rows > 3)
		card_say(v->s, card, scene_format(v->s, "+%zu more", n - last), SCENE_DIM,
		        MARK_NONE);
}

/* What the current step is about; of a plan that is through, the last. */
static void current_card(const struct steps *v, struct card *card, int width)
{
	struct scene *s = v->s;
	bool all = v->current == v->c->n_steps;
	const struct model_step *step = &v->c->steps[all ? v->current - 1 : v->current];

	*card = (struct card){.id = scene_format(s, "container:%s:step", scene_clean(s, v->name)),
	        .title = scene_clean(s, scene_format(s, "%s: %s",
	                                        v->failed ? "failed"
	                                        : all     ? "last"
	                                                  : "next",
	                                        step->title)),
	        .role = SCENE_TITLE,
	        .mark = v->failed ? MARK_FAILED : MARK_NONE};
	if (v->failed) {
		card_say_long(s, card, step->error, width, SCENE_PLAIN, MARK_FAILED);
		card_say_long(s, card, step->advice, width, SCENE_PLAIN, MARK_NONE);
		if (!v->done)
			card_say_long(s, card, "What was done before it is undone again.", width,
			        SCENE_DIM, MARK_NONE);
	}
	card_say_long(s, card, step->why, width, SCENE_PLAIN, MARK_NONE);
	card_say_long(s, card, step->call, width, SCENE_SECURITY, MARK_NONE);
	if (!*step->call && all)
		card_say_long(s, card,
		        "It was built at full speed. 'cutaway run --plan' tells each system call, "
		        "--step makes them one at a time.",
		        width, SCENE_DIM, MARK_NONE);
	if (!all && !v->failed && is_being_built(v->c))
		card_say(s, card, scene_format(s, "cutaway step %s", scene_clean(s, v->c->name)),
		        SCENE_YOU, MARK_NONE);
}

static void draw_progress(const struct steps *v, int y)
{
	struct scene *s = v->s;
	size_t n = v->c->n_steps;
	bool meter = s->width >= METER_WIDTH;
	int x = meter ? 2 + METER + 1 : 2;
	const char *text = scene_format(s, "%zu done, %s%zu to come", v->done,
	        v->failed ? "1 failed, " : "", n - v->done - v->failed);

	if (meter)
		scene_add_meter(s, &(struct scene_meter){2, y, METER, (double)v->done / (double)n,
		                           SCENE_NAMESPACE_UTS});
	scene_add_text(
	        s, &(struct scene_text){x, y, s->width - x - 2, text, SCENE_PLAIN, MARK_NONE});
}

/* Nothing is planned: what is asked for, and how to get a plan. */
static void nothing_card(const struct steps *v, struct card *card, int width)
{
	struct scene *s = v->s;

	*card = (struct card){.id = "steps:none", .title = "how to get one", .role = SCENE_TITLE};
	for (size_t i = 0; v->name && i < v->in->n_wants; i++) {
		const struct view_want *want = &v->in->wants[i];
		const char *rest;
		if (want_of(want, v->name, &rest))
			card_say(s, card,
			        scene_clean(s, scene_format(s, "%s %s", want->fact,
			                               want->wanted ? want->wanted : "")),
			        SCENE_CONTAINER, MARK_GHOST);
	}
	card_say_long(s, card,
	        v->c && v->c->status == CONTAINER_FOREIGN
	                ? "Who made this container does not tell its steps. One of ours does:"
	                : "Plan a container, then do its steps one at a time:",
	        width, SCENE_PLAIN, MARK_NONE);
	card_say(
	        s, card, "cutaway run -d --step --name hand base sleep 3600", SCENE_YOU, MARK_NONE);
	card_say(s, card, "cutaway step hand", SCENE_YOU, MARK_NONE);
}

static void draw_all(const struct steps *v)
{
	struct scene *s = v->s;
	struct card cards[2];
	int legend = s->height >= 12, inner = s->width - 4, top = 1, room, below, plan;
	bool any = v->c && v->c->n_steps;

	room = s->height - legend - 2;
	if (any)
		current_card(v, &cards[1], inner - 4);
	else
		nothing_card(v, &cards[1], inner - 4);
	below = card_natural_height(&cards[1]);
	if (any) {
		top = 2; /* progress above */
		room--;
		plan = (int)v->c->n_steps + 2;
		if (plan + below > room && below > room * 2 / 5)
			below = room * 2 / 5;
		if (below < 3)
			below = 0;
		if (plan + below > room)
			plan = room - below;
		plan_card(v, &cards[0], plan - 2);
	} else {
		plan = 0;
		below = below > room ? room : below;
	}
	scene_add_box(s, &(struct scene_box){0, 0, s->width, top + plan + below + 1, headline(v),
	                         SCENE_CONTAINER, headline_mark(v), "band:steps", 0});
	if (any) {
		draw_progress(v, 1);
		card_draw(s, &cards[0], 2, top, inner, plan, 1);
	}
	card_draw(s, &cards[1], 2, top + plan, inner, below, 1);
	s->height = top + plan + below + 1 + legend;
	if (legend)
		scene_add_legend(s, s->height - 1);
}

static void draw_small(const struct steps *v)
{
	struct scene *s = v->s;
	int y = 0;

	scene_add_text(s, &(struct scene_text){0, y++, s->width, headline(v), SCENE_CONTAINER,
	                          headline_mark(v)});
	for (size_t i = v->c ? v->current : 0; v->c && i < v->c->n_steps && y < s->height; i++) {
		const struct model_step *step = &v->c->steps[i];
		bool failed = step->status == STEP_FAILED;
		scene_add_text(s, &(struct scene_text){0, y++, s->width,
		                          scene_clean(s, failed ? step->error : step->id),
		                          SCENE_DIM, failed ? MARK_FAILED : MARK_NONE});
	}
}

int view_steps_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;
	struct steps v = {.in = in, .s = &s};

	scene_init(&s, in->width, in->height);
	find_subject(&v);
	s.title = headline(&v);
	s.description = scene_format(&s,
	        "%s. Each step with the object of the kernel that it makes and the system call "
	        "that "
	        "makes it.",
	        s.title);
	if (s.width < LEAST_WIDTH || s.height < LEAST_HEIGHT)
		draw_small(&v);
	else
		draw_all(&v);
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
