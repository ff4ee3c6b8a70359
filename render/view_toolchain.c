/* Who calls whom: from the person through shell, client, daemons and runtime to the container's
 * process and the kernel. Whole arrows: who started whom. Dashed ones: who is connected to whose
 * socket. In the order in which the younger of the two began. */
#include "render/toolchain.h"

#include "render/glyph.h"

#include <errno.h>

enum { FRAME_FROM_WIDTH = 24, FRAME_FROM_HEIGHT = 8, ACTOR = 9 };

static const char *missing(const struct sequence *q, bool engines)
{
	bool connected = false;

	if (!engines)
		return "No engine, client or container is to be seen. Start one: ct run -d base "
		       "sleep 99";
	for (size_t i = 0; i < q->n_messages && !connected; i++)
		connected = q->messages[i].dashed;
	if (!connected)
		return "Nobody is seen to be connected now. What was asked before is not recorded.";
	return "What they ask each other is not recorded: this is who started and who is connected "
	       "now.";
}

static void draw_all(const struct view_input *in, struct scene *s)
{
	struct sequence q;
	bool engines, framed = s->width >= FRAME_FROM_WIDTH && s->height >= FRAME_FROM_HEIGHT;
	int inner = s->width - (framed ? 4 : 0), legend = s->height >= 12, height, notes = 0;
	int room = s->height - (framed ? 3 + legend : 0);
	struct card note = {0};

	toolchain_find(in, s, (size_t)(inner / ACTOR), &q, &engines);
	if (s->failed)
		return;
	if (!framed) {
		sequence_draw(s, &q, 0, 0, s->width, s->height);
		return;
	}
	card_say_long(s, &note, missing(&q, engines), inner, SCENE_DIM, MARK_NONE);
	height = sequence_draw(s, &q, 2, 1, inner, room - (int)note.n_lines);
	for (; (size_t)notes < note.n_lines && 1 + height + notes < s->height - 1 - legend; notes++)
		scene_add_text(s, &(struct scene_text){2, 1 + height + notes, inner,
		                          note.lines[notes].spans[0].text, SCENE_DIM, MARK_NONE});
	height += 2 + notes;
	scene_add_box(s, &(struct scene_box){0, 0, s->width, height,
	                         "toolchain: ─▶ started  ┄▶ is connected to", SCENE_FRAME,
	                         MARK_NONE, "band:toolchain", 0});
	if (legend)
		scene_add_legend(s, height++);
	s->height = height < s->height ? height : s->height;
}

/* What goes on, seen happening: the newest messages that have room. */
static void draw_watch(const struct view_input *in, struct scene *s)
{
	struct sequence q = *in->watch;
	bool framed = s->width >= FRAME_FROM_WIDTH && s->height >= FRAME_FROM_HEIGHT;
	int inner = s->width - (framed ? 4 : 0), rows = s->height - (framed ? 2 : 0), height;
	size_t room = sequence_room(&q, inner, rows), earlier = 0;

	if (q.n_messages > room) {
		earlier = q.n_messages - room;
		q.messages += earlier;
		q.n_messages = room;
	}
	height = sequence_draw(s, &q, framed ? 2 : 0, framed, inner, rows);
	if (!framed)
		return;
	scene_add_box(s, &(struct scene_box){0, 0, s->width, height + 2,
	                         earlier ? scene_format(s, "watch, level %s, from event %zu on: %s",
	                                           in->watch_level, earlier + 1, in->watch_title)
	                                 : scene_format(s, "watch, level %s: %s", in->watch_level,
	                                           in->watch_title),
	                         SCENE_FRAME, MARK_NONE, "band:toolchain", 0});
	s->height = height + 2;
}

int view_toolchain_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;

	scene_init(&s, in->width, in->height);
	s.title = scene_format(&s, "%s: who calls whom", scene_clean(&s, in->now->host.hostname));
	s.description =
	        "From the person through shell, client, daemons and runtime to the "
	        "container's process and the kernel: who started whom, and who is connected "
	        "to whose socket.";
	if (in->watch && in->watch->n_messages)
		draw_watch(in, &s);
	else
		draw_all(in, &s);
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
