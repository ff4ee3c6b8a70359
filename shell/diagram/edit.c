#include "shell/diagram/edit.h"

#include <errno.h>
#include <string.h>

enum { PARTS_BEFORE_LABEL = 2 };

static const struct verb {
	const char *name, *usage;
	int least, most; /* words after it */
	int parts;       /* how many of those are parts */
} verbs[] = {
        {"place", "place PART you|user|kernel|remote", 2, 2, 1},
        {"connect", "connect FROM TO [LABEL]", 2, 3, 2},
        {"label", "label FROM TO LABEL", 3, 3, 2},
        {"move", "move PART left|right", 2, 2, 1},
        {"remove", "remove PART, or remove FROM TO", 1, 2, 2},
        {"undo", "undo", 0, 0, 0},
        {"redo", "redo", 0, 0, 0},
        {"clear", "clear", 0, 0, 0},
        {0},
};

const char *const diagram_verbs[] = {"task", "parts", "calls", "place", "connect", "label", "move",
        "remove", "undo", "redo", "clear", "show", "save", "grade", NULL};

static const struct verb *find(const char *name)
{
	for (const struct verb *v = verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

bool diagram_edit_is(const char *verb)
{
	return find(verb);
}

static int no_part(struct error *err, const char *words)
{
	error_set(err, EINVAL, "diagram", words, "no part is called so");
	error_advise(err, "'diagram parts' lists them; names of several words want quotes");
	return -EINVAL;
}

int diagram_edit_check(const struct diagram_edit *e, struct error *err)
{
	const struct verb *v = e->argc ? find(e->argv[0]) : NULL;
	enum diagram_band band;

	if (!v)
		return error_set(err, EINVAL, "diagram", e->argc ? e->argv[0] : "",
		        "this is no change of a diagram");
	if (e->argc - 1 < v->least || e->argc - 1 > v->most) {
		error_set(err, EINVAL, "diagram", v->name, "it takes %s words",
		        e->argc - 1 < v->least ? "more" : "fewer");
		error_advise(
		        err, "diagram %s; a name or label of several words wants quotes", v->usage);
		return -EINVAL;
	}
	for (int i = 1; i <= v->parts && i < e->argc; i++)
		if (diagram_part_find(e->rules, e->argv[i]) < 0)
			return no_part(err, e->argv[i]);
	if (!strcmp(v->name, "place") && !diagram_band_find(e->argv[2], &band))
		return error_set(err, EINVAL, "diagram", e->argv[2],
		        "there is no such band: you, user, kernel, remote (another host)");
	if (!strcmp(v->name, "move") && strcmp(e->argv[2], "left") && strcmp(e->argv[2], "right"))
		return error_set(err, EINVAL, "diagram", e->argv[2], "a part moves left or right");
	return 0;
}

static const struct diagram_part_rule *part(const struct diagram_edit *e, int i)
{
	return &e->rules->parts[diagram_part_find(e->rules, e->argv[i])];
}

/* Why a change was refused, of `what`. */
static int refuse(struct error *err, int r, const char *verb, const char *what)
{
	static const struct {
		int code;
		const char *cause, *advice;
	} causes[] = {
	        {EEXIST, "nothing would change", ""},
	        {ENOENT, "it is not in the diagram", "'diagram show' shows what is"},
	        {ENOSPC, "the diagram is full", "remove something first"},
	        {ELOOP, "an arrow leads from one part to another", ""},
	        {EINVAL, "a label is a line of less than 96 bytes", ""},
	};

	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		if (causes[i].code != -r)
			continue;
		error_set(err, -r, verb, what, "%s", causes[i].cause);
		if (*causes[i].advice)
			error_advise(err, "%s", causes[i].advice);
		return r;
	}
	return error_set(err, -r, verb, what, NULL);
}

static int place(struct sketch *s, struct diagram_edit *e, struct error *err)
{
	const struct diagram_part_rule *p = part(e, 1);
	enum diagram_band band = BAND_USER;
	int r;

	diagram_band_find(e->argv[2], &band);
	if ((r = sketch_place(s, p->name, band)) < 0)
		return refuse(err, r, "place", p->title);
	buf_addf(&e->said, "%s stands in: %s", p->title, diagram_band_titles[band]);
	return 0;
}

static int need(struct sketch *s, const struct diagram_part_rule *p, struct error *err)
{
	if (sketch_find_part(s, p->name) >= 0)
		return 0;
	error_set(err, ENOENT, "connect", p->title, "it has no place in the diagram yet");
	error_advise(err, "diagram place %s BAND", p->name);
	return -ENOENT;
}

static int connect(struct sketch *s, struct diagram_edit *e, struct error *err)
{
	const struct diagram_part_rule *from = part(e, 1), *to = part(e, 2);
	ssize_t old = sketch_find_arrow(s, from->name, to->name);
	const char *label = e->argc > 1 + PARTS_BEFORE_LABEL ? e->argv[3] : "";
	int r;

	if (!strcmp(e->argv[0], "label") && old < 0)
		return refuse(err, -ENOENT, "label", "the arrow");
	if ((r = need(s, from, err)) < 0 || (r = need(s, to, err)) < 0)
		return r;
	if ((r = sketch_connect(s, from->name, to->name, label)) < 0)
		return refuse(err, r, e->argv[0], "the arrow");
	buf_addf(&e->said, "%s -> %s%s%s", from->title, to->title, *label ? ": " : "", label);
	return 0;
}

static int take_away(struct sketch *s, struct diagram_edit *e, struct error *err)
{
	const struct diagram_part_rule *p = part(e, 1);
	int r = e->argc > 2 ? sketch_disconnect(s, p->name, part(e, 2)->name)
	                    : sketch_remove_part(s, p->name);

	if (r < 0)
		return refuse(err, r, "remove", e->argc > 2 ? "the arrow" : p->title);
	buf_addf(&e->said, "%s%s%s: removed", p->title, e->argc > 2 ? " -> " : "",
	        e->argc > 2 ? part(e, 2)->title : "");
	return 0;
}

static int move(struct sketch *s, struct diagram_edit *e, struct error *err)
{
	const struct diagram_part_rule *p = part(e, 1);
	int r = sketch_shift(s, p->name, !strcmp(e->argv[2], "left") ? -1 : 1);

	if (r < 0)
		return refuse(err, r, "move", p->title);
	buf_addf(&e->said, "%s: moved %s", p->title, e->argv[2]);
	return 0;
}

static int whole(struct sketch *s, struct diagram_edit *e, struct error *err)
{
	const char *verb = e->argv[0];
	int r = !strcmp(verb, "undo")   ? sketch_undo(s)
	        : !strcmp(verb, "redo") ? sketch_redo(s)
	                                : sketch_clear(s);

	if (r == -ENOENT)
		return error_set(err, ENOENT, verb, "diagram", "there is nothing to %s", verb);
	if (r < 0)
		return refuse(err, r, verb, "diagram");
	buf_addf(&e->said, "%s: %zu part%s, %zu arrow%s", verb, s->now.n_parts,
	        s->now.n_parts == 1 ? "" : "s", s->now.n_arrows, s->now.n_arrows == 1 ? "" : "s");
	return 0;
}

int diagram_edit_apply(struct sketch *s, void *data, struct error *err)
{
	struct diagram_edit *e = data;
	int r = diagram_edit_check(e, err);

	if (r < 0)
		return r;
	switch (e->argv[0][0]) {
	case 'p':
		return place(s, e, err);
	case 'c':
		return strcmp(e->argv[0], "clear") ? connect(s, e, err) : whole(s, e, err);
	case 'l':
		return connect(s, e, err);
	case 'm':
		return move(s, e, err);
	case 'r':
		return strcmp(e->argv[0], "redo") ? take_away(s, e, err) : whole(s, e, err);
	default:
		return whole(s, e, err);
	}
}
