#include "shell/contents/tree_text.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/contents/file_text.h"
#include "shell/size_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { COMMAND_BYTES = 4096, WASTED_LINES = 20 };

static void print_layer_title(const struct image_contents *c, size_t i)
{
	const struct contents_layer *layer = &c->layers[i];
	const struct file_layer *files = &c->files.layers[i];
	struct arena arena = {0};
	char size[SIZE_TEXT];
	const char *by = text_clean(&arena, layer->created_by, COMMAND_BYTES);

	size_text(files->bytes, size);
	printf("layer %zu  %.19s  %s in files: %u added, %u changed, %u removed\n", i + 1,
	        layer->digest, size, files->count[FILE_ADDED], files->count[FILE_CHANGED],
	        files->count[FILE_REMOVED]);
	if (files->stray)
		printf("         %u whiteout%s of what is not there\n", files->stray,
		        files->stray == 1 ? "" : "s");
	if (by && *by)
		printf("         %s\n", by);
	arena_release(&arena);
}

static void print_row(const struct image_contents *c, const struct tree_request *q,
        const struct file_row *row, struct arena *arena)
{
	const struct file_change *change = &c->files.changes[row->change];
	char mode[FILE_MODE_TEXT], owner[FILE_OWNER_TEXT], size[SIZE_TEXT] = "", layer[8] = "";
	const char *path = file_path_text(&c->files, row->node, arena);
	bool directory = change->type == FILE_DIRECTORY;
	char sign = row->passage ? ' ' : file_kind_sign((enum file_kind)row->kind);

	if (q->view.together)
		snprintf(layer, sizeof layer, "%3u ", change->layer + 1u);
	if (row->kind == FILE_REMOVED) {
		printf("%s%c %-10s %11s %9s  %s%s\n", layer, sign, "", "", "", path,
		        directory ? "/" : "");
		return;
	}
	file_mode_text(change, mode);
	file_owner_text(change, owner);
	if (!directory || row->size)
		size_text(row->size, size);
	printf("%s%c %s %11s %9s  %s%s%s\n", layer, sign, mode, owner, size, path,
	        directory ? "/" : "", file_link_text(&c->files, change, arena));
}

static int print_layer(
        const struct image_contents *c, struct tree_request *q, size_t i, struct file_rows *rows)
{
	int r;

	q->view.layer = (uint32_t)i;
	r = file_view_rows(&c->files, &q->view, rows);
	if (r < 0)
		return r;
	for (size_t k = 0; k < rows->n; k++) {
		struct arena arena = {0};
		print_row(c, q, &rows->rows[k], &arena);
		arena_release(&arena);
	}
	return 0;
}

void tree_efficiency_text(const struct efficiency *e, char ret[128])
{
	char wasted[SIZE_TEXT], stored[SIZE_TEXT];

	size_text(e->wasted, wasted);
	size_text(e->stored, stored);
	/* Rounded down: 100 % is only what wastes nothing. */
	snprintf(ret, 128, "efficiency %.1f %%: %s of %s in files are wasted",
	        (double)(long)(e->part * 1000) / 10, wasted, stored);
}

static void print_efficiency(
        const struct image_contents *c, const struct efficiency *e, size_t most)
{
	char text[128], wasted[SIZE_TEXT];

	tree_efficiency_text(e, text);
	puts(text);
	for (size_t i = 0; i < e->n_files && i < most; i++) {
		const struct wasted_file *f = &e->files[i];
		struct arena arena = {0};
		size_text(f->wasted, wasted);
		printf("%11s in %u cop%s, %s  %s\n", wasted, f->copies,
		        f->copies == 1 ? "y" : "ies",
		        f->seen ? "the last is seen" : "none is seen    ",
		        file_path_text(&c->files, f->node, &arena));
		arena_release(&arena);
	}
	if (e->n_files > most)
		printf("            and %zu more: tree --efficiency lists them\n",
		        e->n_files - most);
}

int tree_print_text(const struct image_contents *c, const struct tree_request *asked)
{
	struct tree_request q = *asked;
	struct efficiency e;
	struct file_rows rows = {0};
	size_t first = q.layer < 0 ? 0 : (size_t)q.layer;
	size_t last = q.layer < 0 ? c->n_layers - 1 : (size_t)q.layer;
	int r = efficiency_of(&c->files, &e, NULL);

	if (r < 0)
		return r;
	if (q.view.together)
		first = last; /* the last one shows what all those below have made */
	for (size_t i = first; !q.efficiency && i <= last && r == 0; i++) {
		if (!q.view.together)
			print_layer_title(c, i);
		r = print_layer(c, &q, i, &rows);
		if (!q.view.together)
			putchar('\n');
	}
	if (q.efficiency || q.layer < 0)
		print_efficiency(c, &e, q.efficiency ? SIZE_MAX : WASTED_LINES);
	file_rows_release(&rows);
	efficiency_release(&e);
	return r;
}

/* ---- JSON ---- */

static int dump(json_t *value, const char *before)
{
	int r = 0;

	if (!value)
		return -ENOMEM;
	fputs(before, stdout);
	if (json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY) < 0)
		r = -EIO;
	json_decref(value);
	return r;
}

static json_t *efficiency_json(const struct image_contents *c, const struct efficiency *e)
{
	json_t *files = json_array();

	for (size_t i = 0; i < e->n_files; i++) {
		const struct wasted_file *f = &e->files[i];
		char path[FILE_PATH_MAX];
		file_tree_path(&c->files, f->node, path);
		json_array_append_new(files,
		        json_pack("{s:o, s:I, s:I, s:I, s:b}", "path", file_json_text(path),
		                "wasted", (json_int_t)f->wasted, "stored", (json_int_t)f->stored,
		                "copies", (json_int_t)f->copies, "seen", f->seen));
	}
	return json_pack("{s:f, s:I, s:I, s:I, s:o}", "efficiency", e->part, "stored",
	        (json_int_t)e->stored, "seen", (json_int_t)e->seen, "wasted", (json_int_t)e->wasted,
	        "files", files);
}

static int print_json_rows(
        const struct image_contents *c, struct tree_request *q, size_t i, struct file_rows *rows)
{
	const char *before = "\n";
	int r;

	q->view.layer = (uint32_t)i;
	r = file_view_rows(&c->files, &q->view, rows);
	for (size_t k = 0; k < rows->n && r == 0; k++) {
		const struct file_change *change = &c->files.changes[rows->rows[k].change];
		json_t *o = file_json(&c->files, change);
		json_object_set_new(
		        o, "kind", json_string(file_kind_word((enum file_kind)rows->rows[k].kind)));
		json_object_set_new(o, "layer", json_integer(change->layer + 1));
		r = dump(o, before);
		before = ",\n";
	}
	return r;
}

static int print_json_layer(
        const struct image_contents *c, struct tree_request *q, size_t i, struct file_rows *rows)
{
	const struct contents_layer *layer = &c->layers[i];
	const struct file_layer *files = &c->files.layers[i];
	int r;

	printf("{\"layer\":%zu,\"digest\":\"%s\",\"diff_id\":\"%s\",\"size\":%llu,\"bytes\":%llu,"
	       "\"added\":%u,\"changed\":%u,\"removed\":%u",
	        i + 1, layer->digest, layer->diff_id, (unsigned long long)layer->size,
	        (unsigned long long)files->bytes, files->count[FILE_ADDED],
	        files->count[FILE_CHANGED], files->count[FILE_REMOVED]);
	r = dump(file_json_text(layer->created_by), ",\"created_by\":");
	fputs(",\"files\":[", stdout);
	if (r == 0 && !q->efficiency && !q->view.together)
		r = print_json_rows(c, q, i, rows);
	fputs("]}", stdout);
	return r;
}

int tree_print_json(const struct image_contents *c, const struct tree_request *asked)
{
	struct tree_request q = *asked;
	size_t last = q.layer < 0 ? c->n_layers - 1 : (size_t)q.layer;
	struct file_rows rows = {0};
	struct efficiency e;
	int r = efficiency_of(&c->files, &e, NULL);

	if (r < 0)
		return r;
	r = dump(file_json_text(c->found.name), "{\"image\":");
	printf(",\"digest\":\"%s\"", c->found.digest);
	if (r == 0)
		r = dump(efficiency_json(c, &e), ",\"efficiency\":");
	fputs(",\"layers\":[", stdout);
	for (size_t i = 0; i < c->n_layers && r == 0; i++) {
		if (q.layer >= 0 && !q.view.together && i != last)
			continue;
		fputs(i > 0 && (q.layer < 0 || q.view.together) ? ",\n" : "\n", stdout);
		r = print_json_layer(c, &q, i, &rows);
	}
	fputs("]", stdout);
	if (r == 0 && q.view.together && !q.efficiency) {
		fputs(",\"files\":[", stdout);
		r = print_json_rows(c, &q, last, &rows);
		fputs("]", stdout);
	}
	fputs("}\n", stdout);
	file_rows_release(&rows);
	efficiency_release(&e);
	return r;
}
