#include "shell/contents/libraries_text.h"

#include "render/glyph.h"
#include "shell/contents/file_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *clean(struct arena *arena, const char *text)
{
	const char *shown = text_clean(arena, text, FILE_PATH_MAX);

	return shown ? shown : "";
}

static const char *form_word(const struct libraries *l)
{
	switch (l->form) {
	case PROGRAM_STATIC:
		return "a static program: it needs no other file";
	case PROGRAM_DYNAMIC:
		return l->musl ? "a program for musl" : "a program";
	case PROGRAM_LIBRARY:
		return "a library";
	case PROGRAM_SCRIPT:
		return "a script";
	case PROGRAM_OTHER:
		break;
	}
	return "";
}

/* Whether some manager says which package has what. */
static bool has_lists(const struct libraries *l, unsigned managers)
{
	return managers & (PACKAGES_DPKG | PACKAGES_APK) ||
	       (managers & PACKAGES_RPM && !l->rpm_unread);
}

static const char *why_unread(const struct libraries *l)
{
	return l->rpm_unread == ENOPKG ? "the program rpm, which reads it, is not on this machine"
	                               : "it is damaged: rpm cannot read it";
}

static void print_package(FILE *out, const struct package *p, struct arena *arena)
{
	if (p->name[0])
		fprintf(out, "%s%s%s", clean(arena, p->name), p->version[0] ? " " : "",
		        clean(arena, p->version));
	else
		fprintf(out, "(of no package)");
}

static uint32_t layer_of(const struct image_contents *c, uint32_t node)
{
	const struct file_change *seen = node == FILE_NONE ? NULL : file_tree_seen(&c->files, node);

	return seen ? seen->layer + 1u : 0;
}

static void print_library(FILE *out, const struct image_contents *c, const struct libraries *l,
        const struct library *one, struct arena *arena)
{
	char room[24];

	fprintf(out, "  %-28s ", clean(arena, one->name));
	if (one->node == FILE_NONE) {
		fprintf(out, "MISSING: no layer has it");
		if (one->asked_by < l->n)
			fprintf(out, " (%s needs it)", clean(arena, l->list[one->asked_by].name));
		fputc('\n', out);
		return;
	}
	fprintf(out, "layer %-3u ", layer_of(c, one->node));
	print_package(out, &one->package, arena);
	fprintf(out, "\n  %-28s %s\n", one->interpreter ? "  (its interpreter)" : "",
	        file_path_text(&c->files, one->node, arena));
	if (one->wrong)
		fprintf(out, "  %-28s it is not for %s, %d bits\n", "",
		        elf_machine_name(l->machine, room), l->bits);
	if (one->missing_version)
		fprintf(out, "  %-28s it has no %s; its newest is %s\n", "",
		        clean(arena, one->missing_version),
		        one->newest ? clean(arena, one->newest) : "none");
}

/* In one sentence, plainly, for each thing that is not as it has to be. */
static void print_verdict(FILE *out, const struct image_contents *c, uint32_t program,
        const struct libraries *l, struct arena *arena)
{
	const char *path = file_path_text(&c->files, program, arena);
	const char *architecture =
	        json_string_value(json_object_get(c->documents.config, "architecture"));
	char room[24];

	if (l->foreign)
		fprintf(out, "%s is for %s, and the image is for %s: it cannot start here\n", path,
		        elf_machine_name(l->machine, room),
		        architecture ? clean(arena, architecture) : "?");
	for (size_t i = 0; i < l->n; i++) {
		const struct library *one = &l->list[i];
		const char *by =
		        one->asked_by < l->n ? clean(arena, l->list[one->asked_by].name) : path;
		if (one->node == FILE_NONE)
			fprintf(out, "%s needs %s, which no layer has: it cannot start here\n", by,
			        clean(arena, one->name));
		else if (one->missing_version)
			fprintf(out,
			        "%s needs %s of %s, and the one here has it not: it cannot start "
			        "here\n",
			        by, clean(arena, one->missing_version), clean(arena, one->name));
		else if (one->wrong)
			fprintf(out,
			        "%s needs %s, and the one here is for another machine: it cannot "
			        "start here\n",
			        by, clean(arena, one->name));
	}
	if (l->starts && l->form != PROGRAM_STATIC)
		fprintf(out, "%s\n", "Everything that it needs is here.");
}

void libraries_print_text(FILE *out, const struct image_contents *c, uint32_t program,
        const struct libraries *l, unsigned managers)
{
	struct arena arena = {0};
	char room[24];

	if (l->form == PROGRAM_OTHER)
		return;
	fprintf(out, "\n%s is %s", file_path_text(&c->files, program, &arena), form_word(l));
	if (l->bits)
		fprintf(out, ", %s, %d bits", elf_machine_name(l->machine, room), l->bits);
	if (has_lists(l, managers)) {
		fprintf(out, "; ");
		print_package(out, &l->package, &arena);
	}
	fputc('\n', out);
	if (l->n)
		fprintf(out, "%s\n", "needs");
	for (size_t i = 0; i < l->n; i++)
		print_library(out, c, l, &l->list[i], &arena);
	print_verdict(out, c, program, l, &arena);
	if (l->rpm_unread)
		fprintf(out, "The image has a database of rpm; %s.\n", why_unread(l));
	arena_release(&arena);
}

/* ---- JSON ---- */

static void set_package(json_t *o, const struct package *p)
{
	if (p->name[0])
		json_object_set_new(o, "package",
		        json_pack("{s:o, s:o}", "name", file_json_text(p->name), "version",
		                file_json_text(p->version)));
}

static json_t *library_json(
        const struct image_contents *c, const struct libraries *l, const struct library *one)
{
	json_t *o = json_pack("{s:o, s:b, s:b}", "name", file_json_text(one->name), "interpreter",
	        one->interpreter, "missing", one->node == FILE_NONE);
	char path[FILE_PATH_MAX];

	if (one->asked_by < l->n)
		json_object_set_new(o, "asked_by", file_json_text(l->list[one->asked_by].name));
	if (one->node == FILE_NONE)
		return o;
	file_tree_path(&c->files, one->node, path);
	json_object_set_new(o, "path", file_json_text(path));
	json_object_set_new(o, "layer", json_integer(layer_of(c, one->node)));
	set_package(o, &one->package);
	if (one->wrong)
		json_object_set_new(o, "other_machine", json_true());
	if (one->missing_version)
		json_object_set_new(o, "missing_version", file_json_text(one->missing_version));
	if (one->newest)
		json_object_set_new(o, "newest_version", file_json_text(one->newest));
	return o;
}

json_t *libraries_json(const struct image_contents *c, uint32_t program, const struct libraries *l)
{
	static const char *const forms[] = {"other", "static", "dynamic", "library", "script"};
	char path[FILE_PATH_MAX], room[24];
	json_t *o;

	file_tree_path(&c->files, program, path);
	o = json_pack("{s:o, s:s, s:b, s:[]}", "path", file_json_text(path), "form", forms[l->form],
	        "starts", l->starts && l->form != PROGRAM_OTHER, "needs");
	if (l->bits) {
		json_object_set_new(o, "bits", json_integer(l->bits));
		json_object_set_new(o, "machine", json_string(elf_machine_name(l->machine, room)));
	}
	set_package(o, &l->package);
	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(json_object_get(o, "needs"), library_json(c, l, &l->list[i]));
	if (l->rpm_unread)
		json_object_set_new(o, "rpm", json_sprintf("present, not read: %s", why_unread(l)));
	return o;
}
