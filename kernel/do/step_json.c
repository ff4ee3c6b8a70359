#include "kernel/do/step_json.h"

#include "kernel/base/cleanup.h"

#include <string.h>

const char *step_state_name(enum step_state state)
{
	static const char *const names[] = {
	        [STEP_STATE_TODO] = "todo",
	        [STEP_STATE_DONE] = "done",
	        [STEP_STATE_FAILED] = "failed",
	};
	return names[state];
}

/* A path may hold any bytes, JSON text only UTF-8. */
static json_t *text_of(const char *text, size_t n)
{
	json_t *json = json_stringn(text, n);
	auto_buf plain = BUF_INIT;

	if (json)
		return json;
	for (size_t i = 0; i < n; i++)
		buf_addc(&plain, (unsigned char)text[i] < 0x80 ? text[i] : '?');
	return json_stringn(buf_text(&plain), plain.len);
}

static json_t *lines_of(const struct buf *text)
{
	json_t *list = json_array();

	for (const char *at = buf_text(text); *at;) {
		size_t n = strcspn(at, "\n");
		json_array_append_new(list, text_of(at, n));
		at += n + (at[n] == '\n');
	}
	return list;
}

void step_explain_json(const struct step *s, const struct build *b, json_t *json)
{
	struct explanation e = {0};

	s->ops->explain(s, b, &e);
	json_object_set_new(json, "call", text_of(buf_text(&e.call), e.call.len));
	json_object_set_new(json, "why", text_of(buf_text(&e.why), e.why.len));
	explanation_release(&e);
}

json_t *step_json(const struct step *s, const struct build *b, size_t index)
{
	struct explanation e = {0};
	json_t *json;

	s->ops->explain(s, b, &e);
	json = json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "number",
	        (json_int_t)index + 1, "id", s->ops->id, "title", s->ops->title, "where",
	        s->ops->where == STEP_HOST ? "host" : "child", "state", step_state_name(s->state),
	        "call", lines_of(&e.call), "shell", lines_of(&e.shell), "why",
	        text_of(buf_text(&e.why), e.why.len), "man", s->ops->man);
	explanation_release(&e);
	return json;
}

json_t *plan_json(const struct plan *p, const struct build *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n; i++)
		if (json_array_append_new(list, step_json(&p->steps[i], b, i)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}
