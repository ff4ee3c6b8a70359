#include "shell/diagram/report.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/json_text.h"
#include "kernel/base/shown.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

static const char *const verdict_names[] = {"none", "right", "vague", "wrong"};
static const char *const verdict_marks[] = {" ", "✓", "~", "✗"};

static const char *title_of(const struct diagram_rules *r, const char *name)
{
	ssize_t at = diagram_part_named(r, name);

	return at < 0 ? name : r->parts[at].title;
}

static void add_arrow(const struct diagram_rules *r, const struct sketch_arrow *a, struct buf *out)
{
	buf_addf(out, "%s -> %s", title_of(r, a->from), title_of(r, a->to));
	if (*a->label) {
		buf_add(out, ": ");
		buf_add_shown(out, a->label);
	}
}

void report_score(const struct grade *g, struct buf *out)
{
	buf_addf(out, "%zu of %zu parts, %zu of %zu arrows", g->parts_right, g->parts_asked,
	        g->arrows_right, g->arrows_asked);
}

void report_list(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, struct buf *out)
{
	buf_addf(out, "%s: %s\n%s\n", task->name, task->title, task->ask);
	for (int band = 0; band < BAND_COUNT; band++) {
		buf_addf(out, "%s:", diagram_band_titles[band]);
		for (size_t i = 0, n = 0; i < s->now.n_parts; i++)
			if ((int)s->now.parts[i].band == band)
				buf_addf(out, "%s %s", n++ ? "," : "",
				        title_of(r, s->now.parts[i].name));
		buf_addc(out, '\n');
	}
	for (size_t i = 0; i < s->now.n_arrows; i++) {
		buf_addf(out, "%2zu ", i + 1);
		add_arrow(r, &s->now.arrows[i], out);
		buf_addc(out, '\n');
	}
}

static void add_missing(const struct grade *g, struct buf *out)
{
	if (g->n_missing)
		buf_addf(out, "%zu thing%s missing.\n", g->n_missing,
		        g->n_missing == 1 ? " is" : "s are");
	for (size_t i = 0; i < g->n_hints; i++)
		buf_addf(out, "  ? %s\n", g->hints[i]);
}

void report_text(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct grade *g, struct buf *out)
{
	buf_addf(out, "%s: ", task->name);
	report_score(g, out);
	buf_addf(out, "%s\n", g->passed ? ": all right" : "");
	for (size_t i = 0; i < g->n_parts; i++)
		if (g->parts[i].verdict != VERDICT_RIGHT)
			buf_addf(out, "%s %s %s\n", verdict_marks[g->parts[i].verdict],
			        title_of(r, s->now.parts[i].name), g->parts[i].reason);
	for (size_t i = 0; i < g->n_arrows; i++) {
		buf_addf(out, "%s ", verdict_marks[g->arrows[i].verdict]);
		add_arrow(r, &s->now.arrows[i], out);
		if (*g->arrows[i].reason)
			buf_add(out, "\n    ");
		buf_add_shown(out, g->arrows[i].reason);
		buf_addc(out, '\n');
	}
	add_missing(g, out);
}

int report_json(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct grade *g, struct buf *out)
{
	json_t *found = json_array(), *hints = json_array(), *root;

	(void)r;
	for (size_t i = 0; i < g->n_parts; i++)
		json_array_append_new(found,
		        json_pack("{s:s, s:s, s:s}", "part", s->now.parts[i].name, "verdict",
		                verdict_names[g->parts[i].verdict], "reason", g->parts[i].reason));
	for (size_t i = 0; i < g->n_arrows; i++)
		json_array_append_new(
		        found, json_pack("{s:s, s:s, s:s, s:s, s:s}", "from", s->now.arrows[i].from,
		                       "to", s->now.arrows[i].to, "label", s->now.arrows[i].label,
		                       "verdict", verdict_names[g->arrows[i].verdict], "reason",
		                       g->arrows[i].reason));
	for (size_t i = 0; i < g->n_hints; i++)
		json_array_append_new(hints, json_string(g->hints[i]));
	root = json_pack("{s:s, s:b, s:{s:I, s:I}, s:{s:I, s:I}, s:o, s:I, s:o}", "task",
	        task->name, "passed", g->passed, "parts", "asked", (json_int_t)g->parts_asked,
	        "right", (json_int_t)g->parts_right, "arrows", "asked", (json_int_t)g->arrows_asked,
	        "right", (json_int_t)g->arrows_right, "found", found, "missing",
	        (json_int_t)g->n_missing, "hints", hints);
	return json_text_add(root, JSON_INDENT(1), out);
}

static int write_line(int fd, const char *task, const char *what, const char *said)
{
	auto_buf fact = BUF_INIT;
	auto_free char *line = NULL;
	json_t *json;

	buf_addf(&fact, "diagram.%s.%s", task, what);
	json = json_pack("{s:s, s:s, s:s}", "fact", buf_text(&fact), "wanted", "", "text", said);
	line = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return line && dprintf(fd, "%s\n", line) < 0 ? -errno : 0;
}

/* What was found first, then what is missing: the learner sees a list, and begins at its top. */
static int write_unmet(int fd, const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct grade *g)
{
	auto_buf text = BUF_INIT;
	int result = 0;

	for (size_t i = 0; i < g->n_parts && result == 0; i++) {
		if (g->parts[i].verdict == VERDICT_RIGHT)
			continue;
		buf_reset(&text);
		buf_addf(&text, "%s %s", title_of(r, s->now.parts[i].name), g->parts[i].reason);
		result = write_line(fd, task->name, "part", buf_text(&text));
	}
	for (size_t i = 0; i < g->n_arrows && result == 0; i++) {
		if (g->arrows[i].verdict == VERDICT_RIGHT)
			continue;
		buf_reset(&text);
		add_arrow(r, &s->now.arrows[i], &text);
		buf_addf(&text, ": %s", g->arrows[i].reason);
		result = write_line(fd, task->name, "arrow", buf_text(&text));
	}
	if (g->n_missing && result == 0) {
		buf_reset(&text);
		buf_addf(&text, "the diagram lacks %zu thing%s: %s", g->n_missing,
		        g->n_missing == 1 ? "" : "s",
		        g->n_hints ? g->hints[0] : "'diagram grade' tells more");
		result = write_line(fd, task->name, "missing", buf_text(&text));
	}
	return result;
}

int report_unmet(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct grade *g, struct error *err)
{
	const char *path = getenv("CUTAWAY_UNMET");
	auto_close fd = -1;
	int result;

	if (!path || !*path)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	result = fd < 0 ? -errno : write_unmet(fd, r, task, s, g);
	return result < 0 ? error_set(err, -result, "write unmet conditions", path, NULL) : 0;
}
