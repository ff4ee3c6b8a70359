/* The scene as SVG 1.1 (https://www.w3.org/TR/SVG11/): boxes become cards with their title inside,
 * text stays text in a monospace font. textLength keeps columns in line whatever font the reader
 * has. Marks differ by colour, by symbol and by stroke. */
#include "render/backend.h"
#include "render/glyph.h"

#include <stdio.h>
#include <string.h>

/* Pixels: a cell of DejaVu Sans Mono at 14, the page around, and how far a card stays off its
 * cells' edges. */
#define CELL_WIDTH  8.43
#define CELL_HEIGHT 20.0
#define MARGIN      14.0
#define INSET_X     2.6
#define INSET_Y     2.5

/* How much larger all of it is in the theme of that name: letters of 21 pixels. */
#define LARGE_SCALE 1.5

struct svg {
	const struct scene *s;
	enum theme theme;
	struct buf *out;
};

static double px(double column)
{
	return MARGIN + column * CELL_WIDTH;
}

static double py(double row)
{
	return MARGIN + row * CELL_HEIGHT;
}

static void escape(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n && text[i]; i++) {
		switch (text[i]) {
		case '&':
			buf_add(out, "&amp;");
			break;
		case '<':
			buf_add(out, "&lt;");
			break;
		case '>':
			buf_add(out, "&gt;");
			break;
		case '"':
			buf_add(out, "&quot;");
			break;
		default:
			buf_addc(out, text[i]);
		}
	}
}

static void add_words(struct svg *v, const char *element, const char *id, const char *text)
{
	buf_addf(v->out, "<%s id=\"%s\">", element, id);
	escape(v->out, text, strlen(text));
	buf_addf(v->out, "</%s>\n", element);
}

/* One class a role and mark that occurs; "r5" and "m1" are its colours for text and strokes. */
static void add_classes(struct svg *v)
{
	for (int r = 0; r < SCENE_ROLES; r++) {
		struct style s = theme_style(v->theme, (enum scene_role)r, MARK_NONE);
		buf_addf(v->out, ".r%d{fill:#%06x%s}.b%d{stroke:#%06x}", r, s.rgb,
		        s.bold ? ";font-weight:bold" : "", r, s.rgb);
	}
	for (int m = MARK_CHANGED; m <= MARK_GONE; m++) {
		struct style s = theme_style(v->theme, SCENE_PLAIN, (enum scene_mark)m);
		buf_addf(v->out, ".r.m%d{fill:#%06x%s}.b.m%d{stroke:#%06x}", m, s.rgb,
		        s.bold ? ";font-weight:bold" : "", m, s.rgb);
	}
}

static void add_style(struct svg *v)
{
	struct theme_ground g = theme_ground(v->theme);

	buf_addf(v->out,
	        "<style>text{font:14px 'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',"
	        "monospace;white-space:pre}"
	        ".page{fill:#%06x}.band{fill:#%06x}.card{fill:#%06x}"
	        ".b{fill:none;stroke-width:1.3;stroke-linejoin:round}"
	        ".b.m1{stroke-width:2.2}.b.m2{stroke-dasharray:5 4}.b.m3{stroke-width:2.2}"
	        ".b.m4{stroke-dasharray:1.5 4}.tint{opacity:.13}.soft{opacity:.55}.t{font-weight:"
	        "bold}.r.m4{text-decoration:line-through}",
	        g.page, g.band, g.card);
	add_classes(v);
	buf_add(v->out, "</style>\n");
}

/* Text of `width` cells at most, at a cell. */
static void add_text(struct svg *v, double x, int y, int width, const char *text,
        enum scene_role role, enum scene_mark mark, bool title)
{
	bool cut = text_width(text) > width;
	size_t n = cut ? text_fit(text, width - 1) : strlen(text);
	int cells = cut ? width : text_width(text);

	if (width < 1 || !cells)
		return;
	buf_addf(v->out, "<text class=\"r r%d m%d%s\" x=\"%.1f\" y=\"%.1f\"", role, mark,
	        title ? " t" : "", px(x), py(y + 0.5) + (title ? 6.5 : 4.9));
	if (cells > 1)
		buf_addf(v->out, " textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\"",
		        cells * CELL_WIDTH);
	buf_add(v->out, ">");
	escape(v->out, text, n);
	buf_add(v->out, cut ? "…</text>\n" : "</text>\n");
}

static void add_box(struct svg *v, const struct scene_box *b)
{
	double x = px(b->x) + INSET_X, y = py(b->y) + INSET_Y;
	double w = b->width * CELL_WIDTH - 2 * INSET_X, h = b->height * CELL_HEIGHT - 2 * INSET_Y;
	double radius = b->depth == 0 ? 10 : b->height == 2 ? 5 : 7, head = CELL_HEIGHT - 1;

	if (b->height == 2) { /* a layer: a slab as high as its title */
		h = CELL_HEIGHT * 1.5;
		head = h;
	}
	buf_addf(v->out, "<g><title>");
	escape(v->out, b->id, strlen(b->id));
	buf_addf(v->out, "</title>");
	if (b->mark != MARK_GHOST)
		buf_addf(v->out,
		        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		        "rx=\"%.0f\"/>",
		        b->depth == 0 ? "band" : "card", x, y, w, h, radius);
	if (b->depth > 0 && b->mark != MARK_GHOST) /* the ground of the title */
		buf_addf(v->out,
		        "<path class=\"r r%d m%d tint\" d=\"M%.1f %.1fv-%.1fa%.0f %.0f 0 0 1 %.0f "
		        "-%.0fh%.1fa%.0f %.0f 0 0 1 %.0f %.0fv%.1fz\"/>",
		        b->role, b->mark, x, y + head, head - radius, radius, radius, radius,
		        radius, w - 2 * radius, radius, radius, radius, radius, head - radius);
	buf_addf(v->out,
	        "<rect class=\"b b%d m%d%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
	        "rx=\"%.0f\"/></g>\n",
	        b->role, b->mark, b->mark == MARK_NONE ? " soft" : "", x, y, w, h, radius);
}

static void add_title(struct svg *v, const struct scene_box *b)
{
	if (b->mark != MARK_NONE)
		add_text(v, b->x + 0.8, b->y, 1, mark_symbol(b->mark), b->role, b->mark, true);
	add_text(v, b->x + 2, b->y, b->width - 4, b->title, b->role,
	        b->mark == MARK_GONE ? MARK_GHOST : b->mark, true);
}

static void add_meter(struct svg *v, const struct scene_meter *m)
{
	double w = m->width * CELL_WIDTH - 4, full = m->value * w;

	if (m->value > 0 && full < 6)
		full = 6;
	buf_addf(v->out,
	        "<rect class=\"r r%d tint\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"8\" "
	        "rx=\"4\"/><rect class=\"r r%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
	        "height=\"8\" rx=\"4\"/>\n",
	        m->role, px(m->x), py(m->y + 0.5) - 4, w, m->role, px(m->x), py(m->y + 0.5) - 4,
	        full);
}

static bool on_border(const struct scene *s, const struct scene_point *p)
{
	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *b = &s->boxes[i];
		bool in = p->x >= b->x && p->x < b->x + b->width && p->y >= b->y &&
		          p->y < b->y + b->height;
		if (in && (p->x == b->x || p->x == b->x + b->width - 1 || p->y == b->y ||
		                  p->y == b->y + b->height - 1))
			return true;
	}
	return false;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Where a run ends in pixels: at the border of the card beside it. `outward` is the direction in
 * which the border lies. */
static void to_border(double *x, double *y, int outward_x, int outward_y, bool inside_card)
{
	double reach_x = CELL_WIDTH / 2 + INSET_X, reach_y = CELL_HEIGHT / 2 + INSET_Y;

	if (inside_card) { /* the point lies on the card: step out to its edge */
		reach_x = CELL_WIDTH / 2 - INSET_X;
		reach_y = CELL_HEIGHT / 2 - INSET_Y;
	}
	*x += outward_x * reach_x;
	*y += outward_y * reach_y;
}

static void add_edge(struct svg *v, const struct scene_edge *e)
{
	size_t last = e->n_points - 1;
	int in_x = sign(e->points[1].x - e->points[0].x);
	int in_y = in_x ? 0 : sign(e->points[1].y - e->points[0].y);
	int out_x = sign(e->points[last].x - e->points[last - 1].x);
	int out_y = out_x ? 0 : sign(e->points[last].y - e->points[last - 1].y);

	buf_add(v->out, "<g><title>");
	escape(v->out, e->label, strlen(e->label));
	buf_addf(v->out, "</title><path class=\"b b%d m%d\"%s d=\"", e->role, e->mark,
	        e->dashed ? " stroke-dasharray=\"6 3\"" : "");
	for (size_t i = 0; i <= last; i++) {
		double x = px(e->points[i].x + 0.5), y = py(e->points[i].y + 0.5);

		if (i == 0 && on_border(v->s, &e->points[0]))
			to_border(&x, &y, in_x, in_y, true);
		else if (i == last && e->arrow)
			to_border(&x, &y, out_x, out_y, false);
		if (i == last && e->arrow) { /* the head covers the end */
			buf_addf(v->out, "L%.1f %.1f", x - out_x * 6, y - out_y * 6);
			buf_addf(v->out,
			        "\"/><path class=\"r r%d m%d\" d=\"M%.1f %.1fL%.1f %.1fL%.1f "
			        "%.1fz",
			        e->role, e->mark, x, y, x - out_x * 8 - out_y * 4.5,
			        y - out_y * 8 - out_x * 4.5, x - out_x * 8 + out_y * 4.5,
			        y - out_y * 8 + out_x * 4.5);
		} else {
			buf_addf(v->out, "%c%.1f %.1f", i ? 'L' : 'M', x, y);
		}
	}
	buf_add(v->out, "\"/></g>\n");
}

static void add_scene(struct svg *v)
{
	const struct scene *s = v->s;
	int deepest = 0;

	for (size_t i = 0; i < s->n_boxes; i++)
		deepest = s->boxes[i].depth > deepest ? s->boxes[i].depth : deepest;
	for (int depth = 0; depth <= deepest; depth++)
		for (size_t i = 0; i < s->n_boxes; i++)
			if (s->boxes[i].depth == depth)
				add_box(v, &s->boxes[i]);
	for (size_t i = 0; i < s->n_edges; i++)
		add_edge(v, &s->edges[i]);
	for (size_t i = 0; i < s->n_meters; i++)
		add_meter(v, &s->meters[i]);
	for (size_t i = 0; i < s->n_boxes; i++)
		add_title(v, &s->boxes[i]);
	for (size_t i = 0; i < s->n_texts; i++) {
		const struct scene_text *t = &s->texts[i];
		int marked = t->mark != MARK_NONE;

		if (marked)
			add_text(v, t->x, t->y, 1, mark_symbol(t->mark), t->role,
			        t->mark == MARK_GONE ? MARK_GHOST : t->mark, false);
		add_text(v, t->x + marked, t->y, t->width - marked, t->text, t->role, t->mark,
		        false);
	}
}

void svg_write(const struct scene *s, enum theme theme, struct buf *out)
{
	struct svg v = {s, theme == THEME_NONE ? THEME_LIGHT : theme, out};
	double width = s->width * CELL_WIDTH + 2 * MARGIN;
	double height = s->height * CELL_HEIGHT + 2 * MARGIN;

	double scale = theme == THEME_LARGE ? LARGE_SCALE : 1;

	buf_addf(out,
	        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%.0f\" "
	        "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" xml:space=\"preserve\" "
	        "aria-labelledby=\"title desc\">\n",
	        width * scale, height * scale, width, height);
	add_words(&v, "title", "title", s->title);
	add_words(&v, "desc", "desc", s->description);
	add_style(&v);
	buf_addf(out, "<rect class=\"page\" width=\"%.0f\" height=\"%.0f\" rx=\"12\"/>\n", width,
	        height);
	add_scene(&v);
	buf_add(out, "</svg>\n");
}
