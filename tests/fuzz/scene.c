/* A machine of any bytes: every string, number and index of the model is taken from them; then all
 * views of it in any size, and both backends that end in a string. Whatever the machine says, a
 * drawing stays in its place, is the same twice, and says nothing that a terminal or a reader of
 * XML would act upon. */
#include "kernel/base/cleanup.h"
#include "render/backend.h"
#include "render/glyph.h"
#include "render/sequence.h"
#include "render/view.h"
#include "tests/fuzz/any_model.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct model_fact any_fact(struct source *s, struct model *m)
{
	struct arena *a = &m->arena;
	struct model_fact f = {text(s, a), text(s, a), text(s, a), byte(s) & 1, text(s, a),
	        text(s, a), text(s, a), text(s, a), {NULL}, byte(s),
	        (enum ns_type)(byte(s) % NS_COUNT), byte(s) % 6u, index_of(s, m->n_cgroups)};

	for (int i = 0; i < byte(s) % (FACT_COMMANDS + 1); i++)
		f.commands[i] = text(s, a);
	return f;
}

/* What a learner draws: more parts than have room as boxes, too, and any words. */
static struct diagram_picture any_diagram(struct source *s, struct arena *a)
{
	size_t n = byte(s) % 70, n_arrows = n > 1 ? byte(s) % 140 : 0, n_hints = byte(s) % 6;
	struct diagram_part *parts = array(a, n, sizeof *parts);
	struct diagram_arrow *arrows = array(a, n_arrows, sizeof *arrows);
	const char **hints = array(a, n_hints, sizeof *hints);

	for (size_t i = 0; i < n; i++)
		parts[i] = (struct diagram_part){text(s, a), text(s, a),
		        (enum diagram_band)(byte(s) % BAND_COUNT),
		        (enum diagram_verdict)(byte(s) % (VERDICT_WRONG + 1)), text(s, a)};
	for (size_t i = 0; i < n_arrows; i++) {
		size_t from = byte(s) % n, to = (from + 1 + byte(s) % (n - 1)) % n;
		arrows[i] = (struct diagram_arrow){from, to, text(s, a),
		        (enum diagram_verdict)(byte(s) % (VERDICT_WRONG + 1)), text(s, a)};
	}
	for (size_t i = 0; i < n_hints; i++)
		hints[i] = text(s, a);
	return (struct diagram_picture){
	        text(s, a), text(s, a), text(s, a), parts, n, arrows, n_arrows, hints, n_hints};
}

/* The text of a sequence is clean by contract. */
static const char *clean_text(struct source *s, struct arena *a)
{
	const char *clean = text_clean(a, text(s, a), 4096);

	if (!clean)
		abort();
	return clean;
}

/* What a watch has seen so far. */
static struct sequence any_watch(struct source *s, struct arena *a)
{
	size_t n = 1 + byte(s) % 12, n_messages = byte(s) % 60;
	struct sequence_actor *actors = array(a, n, sizeof *actors);
	struct sequence_message *messages = array(a, n_messages, sizeof *messages);
	int margin = byte(s) % 16;

	for (size_t i = 0; i < n; i++)
		actors[i] = (struct sequence_actor){clean_text(s, a), clean_text(s, a),
		        clean_text(s, a), (enum scene_role)(byte(s) % SCENE_ROLES),
		        (enum scene_mark)(byte(s) % (MARK_GONE + 1))};
	for (size_t i = 0; i < n_messages; i++)
		messages[i] = (struct sequence_message){byte(s) % (int)n, byte(s) % (int)n,
		        clean_text(s, a), byte(s) & 1, (enum scene_role)(byte(s) % SCENE_ROLES),
		        (enum scene_mark)(byte(s) % (MARK_GONE + 1)), clean_text(s, a)};
	return (struct sequence){actors, n, messages, n_messages, margin,
	        n_messages && byte(s) & 1 ? &messages[byte(s) % n_messages] : NULL};
}

/* ---- what has to hold ---- */

static void check_text(const char *clean)
{
	const char *all = clean;

	while (*clean) {
		uint32_t code;
		clean += glyph_decode(clean, &code);
		if (code < 0x20 || (code >= 0x7F && code < 0xA0))
			fprintf(stderr, "not clean: %s\n", all);
		FUZZ_CHECK(code >= 0x20 && (code < 0x7F || code >= 0xA0));
	}
}

static void check_scene(const struct scene *s, const struct view_input *in)
{
	FUZZ_CHECK(s->width >= 1 && s->height >= 1);
	FUZZ_CHECK(s->width <= in->width && s->height <= in->height);
	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *b = &s->boxes[i];
		FUZZ_CHECK(b->x >= 0 && b->y >= 0 && b->x + b->width <= s->width &&
		           b->y + b->height <= s->height);
		check_text(b->title);
		check_text(b->id);
	}
	for (size_t i = 0; i < s->n_texts; i++) {
		const struct scene_text *t = &s->texts[i];
		FUZZ_CHECK(
		        t->x >= 0 && t->y >= 0 && t->y < s->height && t->x + t->width <= s->width);
		check_text(t->text);
	}
	for (size_t i = 0; i < s->n_edges; i++)
		check_text(s->edges[i].label);
	check_text(s->title);
	check_text(s->description);
}

static void draw(const struct view *v, const struct view_input *in, struct buf *text_out,
        struct buf *svg_out)
{
	struct scene s;
	struct canvas c;

	FUZZ_CHECK(v->layout(in, &s) == 0);
	check_scene(&s, in);
	FUZZ_CHECK(canvas_init(&c, s.width, s.height) == 0);
	canvas_draw(&c, &s, in->width & 1);
	text_write(&c, THEME_DARK, text_out);
	svg_write(&s, THEME_LIGHT, svg_out);
	canvas_release(&c);
	scene_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct source s = source_of(bytes, n);
	int width = 1 + byte(&s), height = 1 + byte(&s) % 80;
	struct model *before = byte(&s) & 1 ? any_model(&s) : NULL;
	struct model *now = any_model(&s);
	struct model_fact fact = any_fact(&s, now);
	const char *folded[] = {"lab", text(&s, &now->arena), "processes", "cgroups"};
	struct diagram_picture diagram = any_diagram(&s, &now->arena);
	struct sequence watch = any_watch(&s, &now->arena);
	struct view_want wants[4];
	struct view_input in = {.now = now,
	        .before = before,
	        .wants = wants,
	        .n_wants = byte(&s) % 5,
	        .subject = byte(&s) & 1 ? text(&s, &now->arena) : NULL,
	        .fact = byte(&s) & 1 ? &fact : NULL,
	        .diagram = byte(&s) & 1 ? &diagram : NULL,
	        .watch = byte(&s) & 1 ? &watch : NULL,
	        .watch_title = clean_text(&s, &now->arena),
	        .watch_level = "overview",
	        .shell = byte(&s),
	        .whose = byte(&s) & 1 ? text(&s, &now->arena) : NULL,
	        .folded = folded,
	        .n_folded = byte(&s) % 5,
	        .width = width,
	        .height = height};

	for (size_t i = 0; i < 4; i++)
		wants[i] = (struct view_want){text(&s, &now->arena), text(&s, &now->arena)};
	for (const struct view *v = views; v->name; v++) {
		auto_buf text_one = BUF_INIT, text_two = BUF_INIT;
		auto_buf svg_one = BUF_INIT, svg_two = BUF_INIT;

		draw(v, &in, &text_one, &svg_one);
		draw(v, &in, &text_two, &svg_two);
		FUZZ_CHECK(!strcmp(buf_text(&text_one), buf_text(&text_two)));
		FUZZ_CHECK(!strcmp(buf_text(&svg_one), buf_text(&svg_two)));
	}
	model_free(now);
	model_free(before);
	return 0;
}
