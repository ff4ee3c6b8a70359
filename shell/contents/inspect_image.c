#include "shell/contents/inspect_image.h"

#include "kernel/base/cleanup.h"
#include "kernel/contents/efficiency.h"
#include "kernel/contents/image_contents.h"
#include "render/glyph.h"
#include "shell/command.h"
#include "shell/contents/file_text.h"
#include "shell/contents/json_member.h"
#include "shell/contents/tree_text.h"
#include "shell/size_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_BYTES = 4096 };

static const char *media_type(const json_t *document, const json_t *descriptor)
{
	const char *text = json_string_value(json_object_get(descriptor, "mediaType"));

	if (!text)
		text = layout_media_type(document);
	return text ? text : "";
}

/* ---- text ---- */

static void print_value(const char *key, const char *text, struct arena *arena)
{
	const char *shown = text_clean(arena, text, VALUE_BYTES);

	if (shown && *shown)
		printf("  %-14s %s\n", key, shown);
}

/* A member of the configuration in one line: texts as they are, all else as JSON. */
static void print_member(const json_t *object, const char *key, struct arena *arena)
{
	const json_t *value = json_object_get(object, key);
	auto_free char *text = NULL;

	if (!value || json_is_null(value))
		return;
	if (json_is_string(value)) {
		print_value(key, json_string_value(value), arena);
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text)
		print_value(key, text, arena);
}

static void print_config(const struct image_contents *c, struct arena *arena)
{
	static const char *const top[] = {"created", "author"};
	static const char *const keys[] = {"Entrypoint", "Cmd", "Env", "User", "WorkingDir",
	        "ExposedPorts", "Volumes", "Labels", "StopSignal", "Healthcheck", "Shell"};
	const json_t *config = c->documents.config, *inner = json_object_get(config, "config");
	const json_t *descriptor = json_object_get(c->documents.manifest, "config");
	const char *os = json_string_value(json_object_get(config, "os"));
	const char *architecture = json_string_value(json_object_get(config, "architecture"));
	const char *digest = json_string_value(json_object_get(descriptor, "digest"));

	printf("config    %s\n", digest ? digest : "");
	print_value("media type", media_type(NULL, descriptor), arena);
	printf("  %-14s %s/%s\n", "platform", os ? text_clean(arena, os, 64) : "?",
	        architecture ? text_clean(arena, architecture, 64) : "?");
	for (size_t i = 0; i < sizeof top / sizeof *top; i++)
		print_member(config, top[i], arena);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		print_member(inner, keys[i], arena);
}

static void print_layer(const struct image_contents *c, size_t i, struct arena *arena)
{
	const struct contents_layer *layer = &c->layers[i];
	char size[SIZE_TEXT], tar[SIZE_TEXT];

	size_text(layer->size, size);
	size_text(layer->tar, tar);
	printf("layer %-3zu %s\n", i + 1, layer->digest);
	printf("  %-14s %s\n", "diff_id", layer->diff_id);
	if (layer->verified)
		printf("  %-14s %s as a file, %s as a tar; digest and diff_id are right\n", "size",
		        size, tar);
	else
		printf("  %-14s %s as a file; NOT verified\n", "size", size);
	if (layer->verified) {
		const struct file_layer *files = &c->files.layers[i];
		printf("  %-14s %u added, %u changed, %u removed\n", "files",
		        files->count[FILE_ADDED], files->count[FILE_CHANGED],
		        files->count[FILE_REMOVED]);
	}
	print_value("made by", layer->created_by, arena);
}

static int print_text(const struct image_contents *c, const struct efficiency *e)
{
	struct arena arena = {0};
	char text[128];
	const char *name = c->found.name[0] ? c->found.name : "(no name)";

	printf("image     %s\n", text_clean(&arena, name, 1024));
	printf("manifest  %s\n", c->found.digest);
	print_value("media type", media_type(c->documents.manifest, NULL), &arena);
	print_config(c, &arena);
	for (size_t i = 0; i < c->n_layers; i++)
		print_layer(c, i, &arena);
	if (e) {
		tree_efficiency_text(e, text);
		puts(text);
	}
	arena_release(&arena);
	return 0;
}

/* ---- JSON ---- */

static json_t *layer_json(const struct image_contents *c, size_t i)
{
	const struct contents_layer *layer = &c->layers[i];
	json_t *o = json_pack("{s:s, s:s, s:I, s:b, s:o}", "digest", layer->digest, "diff_id",
	        layer->diff_id, "size", (json_int_t)layer->size, "verified", layer->verified,
	        "created_by", file_json_text(layer->created_by));

	if (layer->verified) {
		const struct file_layer *files = &c->files.layers[i];
		json_object_set_new(o, "tar_size", json_integer((json_int_t)layer->tar));
		json_object_set_new(o, "bytes", json_integer((json_int_t)files->bytes));
		json_object_set_new(o, "added", json_integer(files->count[FILE_ADDED]));
		json_object_set_new(o, "changed", json_integer(files->count[FILE_CHANGED]));
		json_object_set_new(o, "removed", json_integer(files->count[FILE_REMOVED]));
	}
	return o;
}

static json_t *image_json(const struct image_contents *c, const struct efficiency *e)
{
	json_t *layers = json_array();
	json_t *o = json_pack("{s:o, s:s, s:O, s:O, s:o}", "name", file_json_text(c->found.name),
	        "digest", c->found.digest, "manifest", c->documents.manifest, "config",
	        c->documents.config, "layers", layers);

	for (size_t i = 0; o && i < c->n_layers; i++)
		json_array_append_new(layers, layer_json(c, i));
	if (e && o) {
		json_object_set_new(o, "efficiency", json_real(e->part));
		json_object_set_new(o, "stored", json_integer((json_int_t)e->stored));
		json_object_set_new(o, "wasted", json_integer((json_int_t)e->wasted));
	}
	return o;
}

static int print_json(const struct image_contents *c, const struct efficiency *e,
        const char *format, struct error *err)
{
	json_t *o = image_json(c, e);
	int r = 0;

	if (!o)
		return error_set(err, ENOMEM, "inspect", c->found.name, NULL);
	if (format)
		r = json_member_print(o, format, err);
	else if (json_dumpf(o, stdout, JSON_INDENT(2)) < 0)
		r = error_set(err, EIO, "write", "standard output", NULL);
	else
		putchar('\n');
	json_decref(o);
	return r;
}

/* A damaged image is shown as far as it is whole; the fault is told at the end. */
static int show(const struct image_contents *c, const char *format, bool json, struct error *err)
{
	struct efficiency e = {0};
	bool whole = c->layers[c->n_layers - 1].verified;
	int r = whole ? efficiency_of(&c->files, &e, err) : 0;

	if (r == 0)
		r = json || format ? print_json(c, whole ? &e : NULL, format, err)
		                   : print_text(c, whole ? &e : NULL);
	efficiency_release(&e);
	return r;
}

int inspect_image(const char *word, const char *format, bool json)
{
	struct image_contents *c = NULL;
	struct error err = {0}, none = {0};
	int r = image_contents_open(word, &c, &none), shown = 0;

	if (r == -ENOENT && !c) {
		error_set(&err, ENOENT, "inspect", word,
		        "there is no container and no image of that name");
		error_advise(&err, "see them with 'cutaway ps -a' and 'cutaway images'");
	}
	if (c)
		shown = show(c, format, json, &err);
	if (r < 0 && !err.code)
		err = none;
	fflush(stdout);
	image_contents_free(c);
	return r < 0 || shown < 0 ? command_fail("inspect", &err) : 0;
}
