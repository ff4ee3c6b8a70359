/* How it looks. Signs say what colours say, so that neither is needed alone. */
#include "shell/contents/browser_state.h"

#include "render/glyph.h"
#include "shell/contents/file_text.h"
#include "shell/contents/tree_text.h"
#include "shell/size_text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 1024 };

static const char *const help[] = {
        "Up Down j k         a line up, down",
        "Tab                 to the other side: layers, files",
        "PgUp PgDn ^B ^F     a page; ^U ^D half of one; Home End g G first, last",
        "Left Right h l      close, open a directory; left again: to the one it is in",
        "Enter Space         open and close a directory; of a file: what each layer says",
        "t                   a file in full: layers, digests, the libraries that it needs",
        "z Z                 close, open all directories",
        "[ ]                 the layer below, above, from either side",
        "a                   this layer against those below, or all of them together",
        "1 2 3 4             show or hide: added, changed, removed, unchanged",
        "/                   only names that contain this; Enter keeps it, Esc takes it away",
        "w                   what is carried for nothing, the worst first",
        "Mouse               click and wheel, where the terminal sends them",
        "^L                  draw anew",
        "q                   end",
        "",
        "+ added   ~ changed   - removed   no sign: the same as in lower layers",
};

enum { HELP_LINES = sizeof help / sizeof *help };

static void add(struct scene *s, int x, int y, int width, enum scene_role role, const char *text)
{
	struct scene_text t = {.x = x, .y = y, .width = width, .text = text, .role = role};

	if (width > 0 && *text)
		scene_add_text(s, &t);
}

static void add_box(
        struct scene *s, const struct browser_area *a, const char *title, bool focus, int depth)
{
	struct scene_box box = {.x = a->x,
	        .y = a->y,
	        .width = a->width,
	        .height = a->height,
	        .title = title,
	        .role = focus ? SCENE_TITLE : SCENE_FRAME,
	        .id = title,
	        .depth = depth};

	if (a->height > 1 && a->width > 1)
		scene_add_box(s, &box);
}

static enum scene_role kind_role(const struct file_row *row)
{
	switch ((enum file_kind)row->kind) {
	case FILE_ADDED:
		return row->passage ? SCENE_DIM : SCENE_NAMESPACE_UTS;
	case FILE_CHANGED:
		return row->passage ? SCENE_DIM : SCENE_YOU;
	case FILE_REMOVED:
		return row->passage ? SCENE_DIM : SCENE_SECURITY;
	case FILE_SAME:
		break;
	}
	return SCENE_PLAIN;
}

/* ---- layers ---- */

static void draw_layers(const struct browser *b, struct scene *s)
{
	const struct browser_area *a = &b->left;

	if (!a->height)
		return;
	add_box(s, a, scene_format(s, "layers of %s", scene_clean(s, b->contents->found.name)),
	        b->focus == FOCUS_LAYERS, 0);
	for (int i = 0; i < b->layers.height && b->layers.top + (size_t)i < b->layers.n; i++) {
		size_t n = b->layers.top + (size_t)i;
		const struct contents_layer *layer = &b->contents->layers[n];
		const struct file_layer *files = &b->contents->files.layers[n];
		bool chosen = n == b->layers.cursor;
		const char *by = text_clean(&s->arena, layer->created_by, NAME_BYTES);
		char size[SIZE_TEXT];
		size_text(files->bytes, size);
		add(s, a->x + 1, a->y + 1 + i, a->width - 2, chosen ? SCENE_TITLE : SCENE_LAYER,
		        scene_format(s, "%s%3zu %9s  %s", chosen ? b->ascii ? ">" : "▶" : " ",
		                n + 1, size, by && *by ? by : layer->digest));
	}
}

static int add_lines(struct scene *s, const struct browser_area *a, int y, const char *text)
{
	int width = a->width - 4;

	while (*text && y < a->y + a->height - 1 && width > 0) {
		size_t n = text_fit(text, width);
		if (!n)
			break;
		add(s, a->x + 2, y++, width, SCENE_DIM, scene_format(s, "%.*s", (int)n, text));
		text += n;
		text += strspn(text, " ");
	}
	return y;
}

static void draw_details(const struct browser *b, struct scene *s)
{
	const struct browser_area *a = &b->details;
	const struct contents_layer *layer = &b->contents->layers[b->layers.cursor];
	const struct file_layer *files = &b->contents->files.layers[b->layers.cursor];
	char size[SIZE_TEXT], wasted[SIZE_TEXT];
	const char *by = text_clean(&s->arena, layer->created_by, NAME_BYTES);
	double percent = (double)(long)(b->efficiency.part * 1000) / 10; /* never rounded up */
	int y = a->y + 1, end = a->y + a->height - 1, x = a->x + 2, width = a->width - 4;

	if (a->height < 4)
		return;
	add_box(s, a, scene_format(s, "layer %zu", b->layers.cursor + 1), false, 0);
	size_text(layer->size, size);
	add(s, x, y++, width, SCENE_PLAIN,
	        scene_format(s, "+%u ~%u -%u, %s as a file", files->count[FILE_ADDED],
	                files->count[FILE_CHANGED], files->count[FILE_REMOVED], size));
	add(s, x, y++, width, SCENE_DIM, scene_format(s, "blob    %s", layer->digest));
	add(s, x, y++, width, SCENE_DIM, scene_format(s, "diff_id %s", layer->diff_id));
	if (end - y > 6 && by)
		y = add_lines(
		        s, &(struct browser_area){a->y, a->x, a->height - 5, a->width}, y, by);
	size_text(b->efficiency.wasted, wasted);
	add(s, x, y++, width, SCENE_TITLE,
	        width < 34 ? scene_format(s, "efficiency %.1f %%", percent)
	                   : scene_format(s, "efficiency %.1f %%, %s wasted", percent, wasted));
	for (size_t i = 0; i < b->efficiency.n_files && y < end; i++) {
		const struct wasted_file *f = &b->efficiency.files[i];
		size_text(f->wasted, wasted);
		add(s, x, y++, width, SCENE_SECURITY,
		        scene_format(s, "%9s %s", wasted,
		                file_path_text(&b->contents->files, f->node, &s->arena)));
	}
}

/* ---- files ---- */

/* Which kinds are shown: "+~-" and "=" for the unchanged. */
static const char *files_title(const struct browser *b, struct scene *s)
{
	const struct file_view *v = &b->view;
	const char *name = scene_clean(s, v->name);

	return scene_format(s, "files of layer%s %s%u  %s%s%s%s%s%s", v->together ? "s" : "",
	        v->together ? "1 to " : "", v->layer + 1, v->kinds & 1 ? "+" : "",
	        v->kinds & 2 ? "~" : "", v->kinds & 4 ? "-" : "", v->kinds & 8 ? "=" : "",
	        *name ? "  /" : "", name);
}

static const char *row_text(const struct browser *b, const struct file_row *row, struct scene *s)
{
	const struct file_tree *t = &b->contents->files;
	const struct file_change *c = &t->changes[row->change];
	char mode[FILE_MODE_TEXT] = "", owner[FILE_OWNER_TEXT] = "", size[SIZE_TEXT] = "";
	const char *name = text_clean(&s->arena, file_tree_name(t, row->node), NAME_BYTES);
	const char *fold = row->closed ? b->ascii ? "+" : "▸" : b->ascii ? "-" : "▾";
	int most = b->right.width / 3, indent = (row->depth - 1) * 2;
	bool wide = b->right.width >= 70, gone = c->kind == FILE_REMOVED;
	char below[24] = "", layer[8] = "";
	const char *meta;

	if (!gone) {
		file_mode_text(c, mode);
		file_owner_text(c, owner);
		if (c->type != FILE_DIRECTORY || row->size)
			size_text(row->size, size);
	}
	if (row->closed && row->below)
		snprintf(below, sizeof below, "  (%u)", row->below);
	if (b->view.together)
		snprintf(layer, sizeof layer, "%3u ", c->layer + 1u);
	meta = wide ? scene_format(s, "%-10s %9s ", mode, owner) : "";
	return scene_format(s, "%c %s%s%9s %*s%s %s%s%s",
	        row->passage ? ' ' : file_kind_sign((enum file_kind)row->kind), layer, meta, size,
	        indent < most ? indent : most, "", row->below ? fold : " ", name ? name : "",
	        c->type == FILE_DIRECTORY ? "/" : file_link_text(t, c, &s->arena), below);
}

static void draw_files(const struct browser *b, struct scene *s)
{
	const struct browser_area *a = &b->right;

	if (!a->height)
		return;
	add_box(s, a, files_title(b, s), b->focus == FOCUS_FILES, 0);
	for (int i = 0; i < b->files.height && b->files.top + (size_t)i < b->files.n; i++) {
		const struct file_row *row = &b->rows.rows[b->files.top + (size_t)i];
		add(s, a->x + 1, a->y + 1 + i, a->width - 2, kind_role(row), row_text(b, row, s));
	}
	if (!b->files.n && b->files.height > 0)
		add(s, a->x + 2, a->y + 1, a->width - 4, SCENE_DIM,
		        b->view.name[0] ? "No file of these kinds has such a name."
		                        : "This layer has nothing of these kinds.");
}

/* ---- over both ---- */

size_t browser_over_lines(const struct browser *b)
{
	const struct file_tree *t = &b->contents->files;
	size_t n = 0;

	switch (b->over_what) {
	case OVER_HELP:
		return HELP_LINES;
	case OVER_WASTE:
		return b->efficiency.n_files ? b->efficiency.n_files : 1;
	case OVER_FILE:
		for (uint32_t i = t->nodes[b->over_node].top; i != FILE_NONE;
		        i = t->changes[i].below)
			n++;
		return n;
	case OVER_TRACE:
		return b->n_trace;
	case OVER_NOTHING:
		break;
	}
	return 0;
}

static const char *waste_line(const struct browser *b, size_t i, struct scene *s)
{
	const struct wasted_file *f = &b->efficiency.files[i];
	char wasted[SIZE_TEXT];

	if (!b->efficiency.n_files)
		return "Nothing: all that is carried can be seen.";
	size_text(f->wasted, wasted);
	return scene_format(s, "%9s in %u cop%s, %s  %s", wasted, f->copies,
	        f->copies == 1 ? "y  " : "ies", f->seen ? "the last is seen" : "none is seen    ",
	        file_path_text(&b->contents->files, f->node, &s->arena));
}

/* The lowest layer first. */
static const char *file_line(const struct browser *b, size_t i, struct scene *s)
{
	const struct file_tree *t = &b->contents->files;
	uint32_t at = t->nodes[b->over_node].top;
	const struct file_change *c;
	char mode[FILE_MODE_TEXT], owner[FILE_OWNER_TEXT], size[SIZE_TEXT];

	for (size_t k = browser_over_lines(b) - 1; k > i; k--)
		at = t->changes[at].below;
	c = &t->changes[at];
	if (c->kind == FILE_REMOVED)
		return scene_format(s, "layer %-3u removed, by %s %s", c->layer + 1u,
		        c->reason == FILE_WHITEOUT ? "a whiteout of"
		        : c->reason == FILE_OPAQUE ? "the opaque directory"
		                                   : "what stands at",
		        file_path_text(t, c->about, &s->arena));
	file_mode_text(c, mode);
	file_owner_text(c, owner);
	size_text(c->size, size);
	return scene_format(s, "layer %-3u %-9s %s %s %s%s", c->layer + 1u,
	        file_kind_word((enum file_kind)c->kind), mode, owner, size,
	        file_link_text(t, c, &s->arena));
}

static const char *over_title(const struct browser *b, struct scene *s)
{
	switch (b->over_what) {
	case OVER_HELP:
		return "keys";
	case OVER_WASTE:
		return "carried for nothing";
	case OVER_FILE:
		return file_path_text(&b->contents->files, b->over_node, &s->arena);
	default:
		return "one file";
	}
}

static const char *over_line(const struct browser *b, size_t i, struct scene *s)
{
	switch (b->over_what) {
	case OVER_HELP:
		return help[i];
	case OVER_WASTE:
		return waste_line(b, i, s);
	case OVER_FILE:
		return file_line(b, i, s);
	default:
		return b->trace[i];
	}
}

static void draw_over(const struct browser *b, struct scene *s)
{
	struct browser_area a = {
	        0, 0, b->rows_screen > 1 ? b->rows_screen - 1 : 1, b->columns_screen};

	add_box(s, &a, over_title(b, s), true, 0);
	for (int i = 0; i < b->over.height && b->over.top + (size_t)i < b->over.n; i++) {
		add(s, a.x + 2, a.y + 1 + i, a.width - 4, SCENE_PLAIN,
		        over_line(b, b->over.top + (size_t)i, s));
	}
}

/* ---- the lowest row ---- */

static void draw_line(const struct browser *b, struct scene *s)
{
	const struct browser_area *a = &b->line;
	const char *text;

	if (!a->height)
		return;
	if (b->note[0])
		text = b->note;
	else if (b->typing)
		text = scene_format(s, "name: %s_   Enter keeps it, Esc takes it away",
		        scene_clean(s, b->view.name));
	else if (b->over_what)
		text = b->over.n > (size_t)b->over.height ? "Up Down PgUp PgDn scroll; any other "
		                                            "key goes back"
		                                          : "any key goes back";
	else
		text = scene_format(s,
		        "%zu/%zu  ? keys  / name  [ ] layer  Tab side  a %s  w waste  q end",
		        b->files.n ? b->files.cursor + 1 : 0, b->files.n,
		        b->view.together ? "this layer" : "together");
	add(s, a->x + 1, a->y, a->width - 1, b->note[0] ? SCENE_YOU : SCENE_DIM, text);
}

void browser_draw(const struct browser *b, struct scene *s)
{
	if (b->over_what) {
		draw_over(b, s);
	} else {
		draw_layers(b, s);
		draw_details(b, s);
		draw_files(b, s);
	}
	draw_line(b, s);
}

bool browser_cursor_line(const struct browser *b, struct browser_area *ret)
{
	const struct browser_list *l = b->focus == FOCUS_FILES ? &b->files : &b->layers;
	const struct browser_area *a = b->focus == FOCUS_FILES ? &b->right : &b->left;

	if (b->over_what || !a->height || l->height < 1 || l->cursor >= l->n ||
	        l->cursor < l->top || l->cursor >= l->top + (size_t)l->height)
		return false;
	*ret = (struct browser_area){
	        a->y + 1 + (int)(l->cursor - l->top), a->x + 1, 1, a->width - 2};
	return true;
}
