#include "shell/contents/trace_text.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/contents/file_text.h"
#include "shell/contents/libraries_text.h"
#include "shell/size_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void print_metadata(
        FILE *out, const struct file_tree *t, const struct file_change *c, struct arena *arena)
{
	char mode[FILE_MODE_TEXT], owner[FILE_OWNER_TEXT], size[SIZE_TEXT], when[32] = "?";
	time_t mtime = (time_t)c->mtime;
	struct tm tm;

	file_mode_text(c, mode);
	file_owner_text(c, owner);
	size_text(c->size, size);
	if (gmtime_r(&mtime, &tm))
		strftime(when, sizeof when, "%Y-%m-%d", &tm);
	fprintf(out, "%s %s %s %s%s", mode, owner, size, when, file_link_text(t, c, arena));
}

static const char *verb(const struct file_change *c)
{
	if (c->reason == FILE_IMPLIED)
		return c->kind == FILE_SAME ? "has something in it" : "implies it";
	switch ((enum file_kind)c->kind) {
	case FILE_ADDED:
		return "adds it";
	case FILE_CHANGED:
		return "changes it";
	case FILE_SAME:
		return "lists it again";
	case FILE_REMOVED:
		return "removes it";
	}
	return "";
}

static void print_removal(
        FILE *out, const struct file_tree *t, const struct file_change *c, struct arena *arena)
{
	const char *about = c->about == FILE_NONE ? "" : file_path_text(t, c->about, arena);

	switch ((enum file_reason)c->reason) {
	case FILE_WHITEOUT:
		fprintf(out, "a whiteout of %s", about);
		break;
	case FILE_OPAQUE:
		fprintf(out, "%s is an opaque directory: nothing from below is seen in it", about);
		break;
	default:
		fprintf(out, "something else stands at %s", about);
	}
}

static void print_step(
        FILE *out, const struct trace_report *r, const struct trace_step *s, struct arena *arena)
{
	const struct file_tree *t = &r->contents->files;
	const struct contents_layer *layer = &r->contents->layers[s->change->layer];
	bool again = s->change->kind == FILE_CHANGED && s->change->type == FILE_REGULAR;

	fprintf(out, "%5u  %.19s  %.19s  %-11s ", s->change->layer + 1u, layer->digest,
	        layer->diff_id, verb(s->change));
	if (s->change->kind == FILE_REMOVED)
		print_removal(out, t, s->change, arena);
	else
		print_metadata(out, t, s->change, arena);
	if (again && !s->change->hard_link)
		fprintf(out, "\n%50s a copy-up: the whole file is carried once more%s", "",
		        s->same_bytes ? ", with the same bytes" : "");
	fputc('\n', out);
}

/* ---- the container ---- */

static struct file_change from_stat(const struct stat *st)
{
	static const struct {
		mode_t format;
		enum file_type type;
	} types[] = {{S_IFDIR, FILE_DIRECTORY}, {S_IFLNK, FILE_SYMLINK}, {S_IFCHR, FILE_CHARACTER},
	        {S_IFBLK, FILE_BLOCK}, {S_IFIFO, FILE_FIFO}};
	struct file_change c = {.size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
	        .mtime = st->st_mtime,
	        .uid = st->st_uid,
	        .gid = st->st_gid,
	        .mode = st->st_mode & 07777,
	        .about = FILE_NONE,
	        .kind = FILE_CHANGED};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if ((st->st_mode & S_IFMT) == types[i].format)
			c.type = (uint8_t)types[i].type;
	return c;
}

static void print_stat(
        FILE *out, const struct trace_report *r, const struct stat *st, struct arena *arena)
{
	struct file_change c = from_stat(st);

	print_metadata(out, &r->contents->files, &c, arena);
}

static void print_upper(FILE *out, const struct trace_report *r, struct arena *arena)
{
	const char *path = text_clean(arena, r->upper_path, FILE_PATH_MAX);
	bool below = r->traced && r->trace.seen;

	fprintf(out, "upper  ");
	switch (r->upper.word) {
	case UPPER_NOTHING:
		fprintf(out, "says nothing of it");
		break;
	case UPPER_HAS:
		fprintf(out, "%s ",
		        !below                           ? "adds it    "
		        : S_ISDIR(r->upper.stat.st_mode) ? "has it     "
		                                         : "changes it, copied up: ");
		print_stat(out, r, &r->upper.stat, arena);
		break;
	case UPPER_WHITEOUT:
		fprintf(out, "removes it: a whiteout of %s (a character device 0:0)",
		        text_clean(arena, r->upper.at, FILE_PATH_MAX));
		break;
	case UPPER_OPAQUE:
		fprintf(out, "hides it: %s is an opaque directory",
		        text_clean(arena, r->upper.at, FILE_PATH_MAX));
		break;
	}
	fprintf(out, "\n       in %s\n", path ? path : "");
}

/* What there is, or would be, in a container without an upper directory of its own. */
static void print_seen(FILE *out, const struct trace_report *r, struct arena *arena)
{
	const struct file_change *c = r->traced ? r->trace.seen : NULL;

	if (r->running) {
		fprintf(out, "sees   ");
		if (r->seen_here)
			print_stat(out, r, &r->seen, arena);
		else
			fprintf(out, "nothing: there is no such file");
		fprintf(out, "\n       (asked of the kernel; owners as the host has them)\n");
		return;
	}
	if (r->container)
		fprintf(out, "sees   nothing: container %s does not run\n", r->container);
	if (!c) {
		if (!r->container)
			fprintf(out,
			        "sees   nothing: a container of this image has no such file\n");
		return;
	}
	if (r->container)
		return;
	fprintf(out, "sees   ");
	print_metadata(out, &r->contents->files, c, arena);
	fprintf(out, "\n       from layer %u", c->layer + 1u);
	if (c->type == FILE_REGULAR && r->trace.n > 1)
		fprintf(out, "; what lower layers have of it is carried for nothing");
	fputc('\n', out);
}

void trace_print_text(FILE *out, const struct trace_report *r)
{
	const struct file_tree *t = &r->contents->files;
	struct arena arena = {0};
	const char *asked = text_clean(&arena, r->path, FILE_PATH_MAX);
	const char *path = r->traced ? file_path_text(t, r->trace.node, &arena) : asked;
	const char *name = r->contents->found.name;

	fprintf(out, "%s in %s\n", path,
	        name[0] ? text_clean(&arena, name, 1024) : r->contents->found.digest);
	if (r->traced && asked && strcmp(path, asked) != 0 && asked[0] == '/')
		fprintf(out, "(%s leads there)\n", asked);
	fprintf(out, "\nlayer  blob                 diff_id              says\n");
	for (size_t i = 0; r->traced && i < r->trace.n; i++)
		print_step(out, r, &r->trace.steps[i], &arena);
	if (!r->traced)
		fprintf(out, "%s\n", "   no layer says anything of it");
	else if (r->trace.n < r->contents->n_layers)
		fprintf(out, "       %zu of %zu layers say nothing of it\n",
		        r->contents->n_layers - r->trace.n, r->contents->n_layers);
	if (r->container)
		print_upper(out, r, &arena);
	print_seen(out, r, &arena);
	if (r->program)
		libraries_print_text(
		        out, r->contents, r->trace.program, &r->libraries, r->managers);
	arena_release(&arena);
}

/* ---- JSON ---- */

static json_t *step_json(const struct trace_report *r, const struct trace_step *s)
{
	const struct contents_layer *layer = &r->contents->layers[s->change->layer];
	json_t *o = file_json(&r->contents->files, s->change);

	json_object_del(o, "path");
	json_object_set_new(o, "layer", json_integer(s->change->layer + 1));
	json_object_set_new(o, "digest", json_string(layer->digest));
	json_object_set_new(o, "diff_id", json_string(layer->diff_id));
	if (s->change->kind == FILE_CHANGED && s->change->type == FILE_REGULAR)
		json_object_set_new(o, "same_bytes", json_boolean(s->same_bytes));
	return o;
}

static json_t *stat_json(const struct stat *st)
{
	struct file_change c = from_stat(st);
	char mode[8];

	snprintf(mode, sizeof mode, "%04o", c.mode);
	return json_pack("{s:s, s:I, s:s, s:I, s:I, s:I}", "type",
	        file_type_word((enum file_type)c.type), "size", (json_int_t)c.size, "mode", mode,
	        "uid", (json_int_t)c.uid, "gid", (json_int_t)c.gid, "mtime", (json_int_t)c.mtime);
}

static json_t *upper_json(const struct trace_report *r)
{
	static const char *const words[] = {"nothing", "has", "whiteout", "opaque directory"};
	json_t *o = json_pack("{s:o, s:s}", "directory", file_json_text(r->upper_path), "says",
	        words[r->upper.word]);

	if (r->upper.word == UPPER_HAS)
		json_object_set_new(o, "file", stat_json(&r->upper.stat));
	else if (r->upper.word != UPPER_NOTHING)
		json_object_set_new(o, "at", file_json_text(r->upper.at));
	return o;
}

json_t *trace_json(const struct trace_report *r)
{
	const struct file_tree *t = &r->contents->files;
	char path[FILE_PATH_MAX];
	json_t *o = json_pack("{s:o, s:o, s:s, s:[]}", "asked", file_json_text(r->path), "image",
	        file_json_text(r->contents->found.name), "digest", r->contents->found.digest,
	        "layers");

	if (r->traced) {
		file_tree_path(t, r->trace.node, path);
		json_object_set_new(o, "path", file_json_text(path));
	}
	for (size_t i = 0; r->traced && i < r->trace.n; i++)
		json_array_append_new(
		        json_object_get(o, "layers"), step_json(r, &r->trace.steps[i]));
	if (r->container) {
		json_object_set_new(o, "container", json_string(r->container));
		json_object_set_new(o, "upper", upper_json(r));
	}
	if (r->running)
		json_object_set_new(o, "seen", r->seen_here ? stat_json(&r->seen) : json_null());
	else if (!r->container)
		json_object_set_new(o, "seen",
		        r->traced && r->trace.seen
		                ? json_pack("{s:i}", "layer", r->trace.seen->layer + 1)
		                : json_null());
	if (r->program)
		json_object_set_new(
		        o, "program", libraries_json(r->contents, r->trace.program, &r->libraries));
	return o;
}
