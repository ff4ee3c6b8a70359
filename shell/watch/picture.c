#include "shell/watch/picture.h"

#include "kernel/base/json_text.h"
#include "render/glyph.h"
#include "shell/watch/lifelines.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

enum { FRAME = 2, HEADER = 1, ANY_WIDTH = 1 << 20 };

static const char *summary(struct scene *s, const struct lifelines *l, enum watch_level level)
{
	size_t counted = 0, n = l->sequence.n_messages;

	for (size_t i = 0; i < n; i++)
		counted += l->arrows[i].count - 1;
	return scene_format(s, "level %s: %zu drawn%s%s", watch_level_names[level], n,
	        counted ? scene_format(s, ", %zu counted with one alike", counted) : "",
	        l->above ? scene_format(s, ", %zu more on higher levels", l->above) : "");
}

static const char *nothing(enum watch_level level)
{
	return level == WATCH_LEVEL_API
	               ? "No daemon was seen to be asked. --level processes: who starts whom."
	               : "";
}

static bool only_ends(const struct watch_recording *r, const struct lifelines *l)
{
	for (size_t i = 0; i < l->sequence.n_messages; i++)
		if (r->events[l->arrows[i].event].kind == WATCH_API)
			return false;
	return true;
}

static const char *not_heard(const struct lifelines *l)
{
	for (size_t i = 0; i < l->sequence.n_messages; i++)
		if (l->arrows[i].inferred.letter)
			return "(method A), (status A): not heard, they were named before the "
			       "watch. Probably: concluded.";
	return "";
}

static void add_line(struct scene *s, int y, int width, const char *text)
{
	scene_add_text(s, &(struct scene_text){FRAME, y, width, text, SCENE_DIM, MARK_NONE});
}

int watch_picture(
        const struct watch_recording *r, enum watch_level level, int width, struct scene *ret)
{
	struct scene s;
	struct lifelines l;
	int inner = width > 2 * FRAME ? width - 2 * FRAME : 1, height, y;
	int room = inner > LIFELINES_MARGIN ? inner - LIFELINES_MARGIN : 1;
	const char *hint = "", *unheard = "";

	scene_init(&s, width, 1);
	if (lifelines_of(r, level, room, &s.arena, &l) < 0)
		s.failed = true;
	if (!s.failed && level == WATCH_LEVEL_API && only_ends(r, &l))
		hint = nothing(level);
	if (!s.failed)
		unheard = not_heard(&l);
	if (!s.failed) {
		height = sequence_height(&l.sequence);
		s.height = height + 2 + HEADER + (*hint != '\0') + (*unheard != '\0');
		y = 1 + sequence_draw(&s, &l.sequence, FRAME, 1, inner, height);
		if (*hint)
			add_line(&s, y++, inner, hint);
		if (*unheard)
			add_line(&s, y++, inner, unheard);
		add_line(&s, y++, inner, summary(&s, &l, level));
		scene_add_box(
		        &s, &(struct scene_box){0, 0, width, y + 1,
		                    scene_format(&s, "watch: %s", scene_clean(&s, r->command)),
		                    SCENE_FRAME, MARK_NONE, "band:watch", 0});
		s.height = y + 1;
		s.title = scene_format(&s, "watch: %s", scene_clean(&s, r->command));
		s.description = scene_format(&s,
		        "What a command and all that it started asked of daemons and of the "
		        "kernel, "
		        "recorded %s on Linux %s: lifelines from left to right, time downward.",
		        scene_clean(&s, r->started), scene_clean(&s, r->kernel));
	}
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

/* ---- JSON ---- */

static const char *kind_name(const struct watch_event *e)
{
	static const char *const names[] = {[WATCH_CALL] = "call",
	        [WATCH_API] = "api",
	        [WATCH_START] = "start",
	        [WATCH_IN] = "namespaces",
	        [WATCH_END] = "end",
	        [WATCH_LOST] = "lost",
	        [WATCH_MISSED] = "missed",
	        [WATCH_FINISH] = "finish",
	        [WATCH_OTHER] = "other"};

	return names[e->kind];
}

static json_t *message_json(const struct watch_recording *r, const struct lifelines *l, size_t i)
{
	const struct watch_event *e = &r->events[l->arrows[i].event];
	const struct sequence_message *m = &l->sequence.messages[i];
	json_t *json = json_pack("{s:I, s:I, s:i, s:i, s:i, s:s, s:s, s:s, s:I}", "t",
	        (json_int_t)e->t, "us", (json_int_t)e->us, "pid", (int)e->pid, "from", m->from,
	        "to", m->to, "kind", kind_name(e), "name", e->name, "text", m->text, "events",
	        (json_int_t)l->arrows[i].count);

	if (e->answer)
		json_object_set_new(json, "answer", json_true());
	if (l->arrows[i].inferred.name) {
		json_object_set_new(json, "inferred", json_string(l->arrows[i].inferred.name));
		json_object_set_new(json, "because", json_string(l->arrows[i].inferred.because));
	}
	if (e->kind == WATCH_CALL && *e->failure)
		json_object_set_new(json, "error", json_string(e->failure));
	return json;
}

static json_t *sequence_json(
        const struct watch_recording *r, enum watch_level level, const struct lifelines *l)
{
	json_t *actors = json_array(), *messages = json_array();

	for (size_t i = 0; i < l->sequence.n_actors; i++)
		json_array_append_new(
		        actors, json_pack("{s:s, s:s}", "name", l->sequence.actors[i].name, "note",
		                        l->sequence.actors[i].note));
	for (size_t i = 0; i < l->sequence.n_messages; i++)
		json_array_append_new(messages, message_json(r, l, i));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I}", "cutaway-watch-sequence",
	        1, "command", r->command, "started", r->started, "kernel", r->kernel, "machine",
	        r->machine, "level", watch_level_names[level], "lifelines", actors, "messages",
	        messages, "above", (json_int_t)l->above);
}

int watch_picture_json(const struct watch_recording *r, enum watch_level level, struct buf *out)
{
	struct arena a = {0};
	struct lifelines l;
	int status = lifelines_of(r, level, ANY_WIDTH, &a, &l);
	json_t *json = status == 0 ? sequence_json(r, level, &l) : NULL;

	status = json_text_add(json, JSON_INDENT(2), out);
	arena_release(&a);
	return status;
}
