/* One image, read from left to right as a container gets it: the name leads to a manifest, that to
 * a configuration and layers, and on the layers stand containers, each with an upper layer of its
 * own in which what it writes appears. */
#include "render/image.h"
#include "render/spread.h"

#include <errno.h>
#include <string.h>

enum {
	LEAST_WIDTH = 24, /* below it, or below this height, lines are clearer than boxes */
	LEAST_HEIGHT = 8,
	COLUMNS_WIDTH = 78, /* for columns side by side, with arrows between */
	ARROW = 4,          /* cells between two columns */
	CARD_WIDTH = 27,
	STEP = 8,
};

struct column {
	struct card *cards;
	size_t n;
	int x, width;
	int tops[IMAGE_CARDS], heights[IMAGE_CARDS]; /* of its cards */
};

/* A container stands for its image. */
static void find_image(struct image_view *v)
{
	const char *name = v->in->subject;
	const struct model_container *c = name ? model_container(v->now, name) : NULL;

	if (!name || !*name)
		v->i = v->now->n_images ? &v->now->images[0] : NULL;
	else
		v->i = model_image(v->now, name);
	for (size_t k = 0; !v->i && c && k < v->now->n_images; k++)
		if (model_made_from(v->now, c, &v->now->images[k]))
			v->i = &v->now->images[k];
	v->name = v->i ? v->i->name : name;
	if (v->name && v->before)
		v->i_before = model_image(v->before, v->name);
}

static void draw_small(const struct image_view *v)
{
	struct scene *s = v->s;
	int y = 0;

	scene_add_text(s,
	        &(struct scene_text){0, y++, s->width, image_headline(v), SCENE_LAYER, MARK_NONE});
	for (size_t k = v->i ? v->i->n_layers : 0; k-- > 0 && y < s->height;)
		scene_add_text(s,
		        &(struct scene_text){0, y++, s->width,
		                scene_format(s, "%zu %s", k + 1,
		                        scene_clean(s, v->now->layers[v->i->layers[k]].created_by)),
		                SCENE_DIM, MARK_NONE});
}

/* The cards of a column below each other, a row for the arrow between. What has no room is named
 * by the last. */
static void place_column(struct scene *s, struct column *k, int y, int height)
{
	struct spread rows[IMAGE_CARDS];

	for (size_t i = 0; i < k->n; i++) {
		int natural = card_natural_height(&k->cards[i]);
		rows[i] = (struct spread){3, card_liked_height(&k->cards[i]), natural, 0};
	}
	spread_divide(rows, k->n, height, 1);
	for (size_t i = 0; i < k->n; i++) {
		k->tops[i] = y;
		k->heights[i] = rows[i].got;
		card_draw(s, &k->cards[i], k->x, y, k->width, rows[i].got, 1);
		y += rows[i].got ? rows[i].got + 1 : 0;
	}
}

static void arrow(struct scene *s, const struct scene_point *points, size_t n, enum scene_role role,
        const char *label)
{
	scene_add_edge(s, &(struct scene_edge){.points = points,
	                          .n_points = n,
	                          .arrow = true,
	                          .role = role,
	                          .label = label});
}

static void arrow_down(struct scene *s, const struct column *k, size_t from, const char *label)
{
	int x = k->x + 3;
	const struct scene_point points[] = {
	        {x, k->tops[from] + k->heights[from] - 1}, {x, k->tops[from + 1] - 1}};

	if (k->heights[from + 1])
		arrow(s, points, 2, k->cards[from].role, label);
}

/* Straight where the first card beside it is as low as that, else up to its first row. */
static void arrow_right(struct scene *s, const struct column *from, size_t card,
        const struct column *to, const char *label)
{
	int y = from->tops[card] + 1, x = from->x + from->width - 1, bottom;
	struct scene_point points[4] = {{x, y}, {x + 2, y}, {x + 2, y}, {to->x - 1, y}};

	if (!from->heights[card] || !to->n || to->heights[0] < 3)
		return;
	bottom = to->tops[0] + to->heights[0] - 1;
	if (y < bottom) {
		points[1] = points[3];
		arrow(s, points, 2, from->cards[card].role, label);
		return;
	}
	points[2].y = points[3].y = to->tops[0] + 1;
	arrow(s, points, 4, from->cards[card].role, label);
}

static int column_wish(const struct column *k)
{
	int widest = CARD_WIDTH;

	for (size_t i = 0; i < k->n; i++) {
		int w = card_natural_width(&k->cards[i]);
		widest = w > widest ? w : widest;
	}
	return (widest + STEP - 1) / STEP * STEP; /* so that a longer name seldom moves all */
}

static int column_height(const struct column *k)
{
	int height = 0;

	for (size_t i = 0; i < k->n; i++)
		height += card_natural_height(&k->cards[i]) + (i > 0);
	return height;
}

static void draw_columns(
        const struct image_view *v, struct column *columns, size_t n, int inner, int height)
{
	struct spread widths[3];
	int x = 2;

	for (size_t i = 0; i < n; i++) {
		int wish = column_wish(&columns[i]);
		widths[i] = (struct spread){20, wish < 40 ? wish : 40, wish, 0};
	}
	spread_divide(widths, n, inner, ARROW);
	for (size_t i = 0; i < n; i++) {
		columns[i].x = x;
		columns[i].width = widths[i].got;
		x += widths[i].got + ARROW;
		place_column(v->s, &columns[i], 1, height);
	}
	arrow_down(v->s, &columns[0], IMAGE_URL, "the name leads to a manifest");
	arrow_down(v->s, &columns[0], IMAGE_MANIFEST, "which names a configuration");
	if (n > 1)
		arrow_right(v->s, &columns[0], IMAGE_MANIFEST, &columns[1], "and layers");
	if (n > 2)
		arrow_right(v->s, &columns[1], 0, &columns[2], "on which containers stand");
}

/* Containers that have a column; those left are counted by their last card. */
static size_t limit_containers(const struct image_view *v, struct card *cards, size_t n)
{
	if (n <= IMAGE_CARDS)
		return n;
	cards[IMAGE_CARDS - 1] = (struct card){.id = "containers:more",
	        .title = scene_format(v->s, "%zu more containers", n - IMAGE_CARDS + 1),
	        .role = SCENE_CONTAINER};
	return IMAGE_CARDS;
}

static void draw_all(const struct image_view *v)
{
	struct card cards[IMAGE_CARDS], *containers = NULL;
	struct scene *s = v->s;
	size_t n = image_container_cards(v, &containers), all;
	int legend = s->height >= 12, inner = s->width - 4, room = s->height - legend, height = 0;
	bool side_by_side = s->width >= COLUMNS_WIDTH && s->height >= 16;
	struct column columns[3] = {{.cards = cards, .n = 3},
	        {.cards = &cards[IMAGE_LAYERS], .n = 1}, {.cards = containers}};
	struct card *flow = arena_alloc(&s->arena, (IMAGE_CARDS + n) * sizeof *flow);

	if (s->failed || !flow) {
		s->failed = true;
		return;
	}
	image_cards(v, cards);
	all = IMAGE_CARDS + n;
	if (side_by_side) {
		columns[2].n = limit_containers(v, containers, n);
		for (size_t i = 0; i < 3; i++) {
			int h = column_height(&columns[i]);
			height = h > height ? h : height;
		}
	} else {
		memcpy(flow, cards, sizeof cards);
		memcpy(flow + IMAGE_CARDS, containers, n * sizeof *flow);
		height = cards_natural_height(flow, all, inner, CARD_WIDTH);
	}
	height = height + 2 < room ? height + 2 : room;
	scene_add_box(
	        s, &(struct scene_box){0, 0, s->width, height,
	                   scene_format(s, "image %s", image_headline(v)), SCENE_LAYER,
	                   image_mark(v), scene_format(s, "image:%s", scene_clean(s, v->name)), 0});
	if (side_by_side)
		draw_columns(v, columns, n ? 3 : 2, inner, height - 2);
	else
		cards_draw(s, flow, all, 2, 1, inner, height - 2, CARD_WIDTH, 1);
	if (legend)
		scene_add_legend(s, height++);
	s->height = height;
}

int view_image_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;
	struct image_view v = {.in = in, .now = in->now, .before = in->before, .s = &s};

	scene_init(&s, in->width, in->height);
	find_image(&v);
	if (!v.name) {
		s.title = "no image";
		s.description = "There is no image in the store of this user.";
		scene_add_text(&s, &(struct scene_text){s.width > 10 ? 2 : 0, s.height > 2 ? 1 : 0,
		                           s.width, "no image yet", SCENE_DIM, MARK_NONE});
		s.height = s.height > 3 ? 3 : s.height;
	} else {
		s.title = scene_format(&s, "image %s", image_headline(&v));
		s.description = scene_format(&s,
		        "%s: the parts of its name, its manifest, its configuration, its layers, "
		        "and the containers that stand on them.",
		        s.title);
		if (s.width < LEAST_WIDTH || s.height < LEAST_HEIGHT)
			draw_small(&v);
		else
			draw_all(&v);
	}
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
