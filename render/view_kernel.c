/* The kernel's side of all containers at once: there is none in it, only processes that share
 * namespaces or do not, and control groups that count and limit them. */
#include "render/kernel.h"
#include "render/sheet.h"

#include <errno.h>

enum { CARDS = 2, LEAST_WIDTH = 24, LEAST_HEIGHT = 8, BESIDE_WIDTH = 150, TABLE_WIDTH = 60 };

static void draw_small(const struct view_input *in, struct scene *s)
{
	const struct model *m = in->now;
	const char *const lines[] = {scene_format(s, "%zu namespaces", m->n_namespaces),
	        scene_format(s, "%zu cgroups", m->n_cgroups),
	        scene_format(s, "%zu processes", m->n_processes)};

	for (int y = 0; y < 3 && y < s->height; y++)
		scene_add_text(
		        s, &(struct scene_text){0, y, s->width, lines[y], SCENE_DIM, MARK_NONE});
}

static void draw_all(const struct view_input *in, struct scene *s)
{
	struct card cards[CARDS];
	int legend = s->height >= 12, inner = s->width - 4, height;
	int least = s->width >= BESIDE_WIDTH ? TABLE_WIDTH : inner;

	kernel_sharing_card(in, s, &cards[0]);
	kernel_tree_card(in, s, &cards[1]);
	cards_fold(s, in, cards, CARDS);
	height = cards_natural_height(cards, CARDS, inner, least) + 2;
	if (height > s->height - legend)
		height = s->height - legend;
	scene_add_box(s, &(struct scene_box){0, 0, s->width, height, "kernel", SCENE_FRAME,
	                         MARK_NONE, "band:kernel", 0});
	cards_draw(s, cards, CARDS, 2, 1, inner, height - 2, least, 1);
	if (legend)
		scene_add_legend(s, height++);
	s->height = height;
}

int view_kernel_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;

	scene_init(&s, in->width, in->height);
	s.title = scene_format(&s, "%s: the kernel", scene_clean(&s, in->now->host.hostname));
	s.description = scene_format(&s,
	        "Which of %zu processes share which of %zu namespaces, and the tree of %zu control "
	        "groups with what each uses of what it may.",
	        in->now->n_processes, in->now->n_namespaces, in->now->n_cgroups);
	if (s.width < LEAST_WIDTH || s.height < LEAST_HEIGHT)
		draw_small(in, &s);
	else
		draw_all(in, &s);
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
