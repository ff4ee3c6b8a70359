/* cutaway verify: whether images are what they say. */
#include "kernel/store/verify.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/shown.h"
#include "kernel/store/find.h"
#include "kernel/store/store_read.h"
#include "kernel/store/verify_archive.h"
#include "shell/command.h"
#include "shell/size_text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

/* An image of this machine. */
static int verify_image(const char *word, struct verdict *ret, struct error *err)
{
	struct found f = {0};
	struct layout l = {0};
	int r = store_open_there(&l, NULL);

	if (r < 0)
		return error_set(err, ENOENT, "find image", word,
		        "there is no file of that name, and no image on this machine");
	r = store_find(&l, word, &f, err);
	if (r == 0)
		r = image_faults(&l, f.digest, ret, err);
	found_release(&f);
	layout_release(&l);
	return r;
}

static int verify_path(const char *path, struct verdict *ret, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "verify", path, NULL);
	if (S_ISDIR(st.st_mode))
		return layout_verify(path, ret, err);
	if (S_ISREG(st.st_mode))
		return archive_verify(fd, path, ret, err);
	return error_set(err, EINVAL, "verify", path, "it is neither a file nor a directory");
}

/* An image of that name comes before a file of that name, unless it is written as a path. */
static int verify(const char *word, struct verdict *ret, struct error *err)
{
	struct error problem = {0};
	int r;

	if (strchr(word, '/') && access(word, F_OK) == 0)
		return verify_path(word, ret, err);
	r = verify_image(word, ret, &problem);
	if (r == -ENOENT && access(word, F_OK) == 0)
		return verify_path(word, ret, err);
	if (r < 0)
		*err = problem;
	return r;
}

static bool is_fault(const struct fault *f)
{
	return f->level != FAULT_NOTE;
}

static const char *level_name(enum fault_level level)
{
	static const char *const names[] = {"broken", "against the specification", "note"};

	return names[level];
}

static void print_fault(const struct fault *f)
{
	auto_buf line = BUF_INIT;

	buf_add_shown(&line, f->file);
	if (f->role[0] && strcmp(f->file, "index.json") != 0)
		buf_addf(&line, " (%s)", f->role);
	buf_add(&line, ": ");
	if (f->at[0]) {
		buf_add_shown(&line, f->at);
		buf_add(&line, ": ");
	}
	buf_add_shown(&line, f->text);
	printf("%s%s\n    %s%s\n", is_fault(f) ? "" : "note: ", buf_text(&line),
	        strstr(f->section, ".md") ? "OCI image specification 1.1, " : "", f->section);
}

static void print_text(const char *word, const struct verdict *v, size_t faults)
{
	char size[SIZE_TEXT];
	auto_buf shown = BUF_INIT;

	for (size_t i = 0; i < v->faults.n; i++)
		print_fault(&v->faults.list[i]);
	if (v->faults.more)
		printf("and %zu more\n", v->faults.more);
	buf_add_shown(&shown, word);
	size_text(v->bytes, size);
	if (faults)
		printf("%s: %zu fault%s\n", buf_text(&shown), faults, faults == 1 ? "" : "s");
	else
		printf("%s: whole: %zu image%s, %zu blob%s, %s\n", buf_text(&shown), v->images,
		        v->images == 1 ? "" : "s", v->blobs, v->blobs == 1 ? "" : "s", size);
}

/* JSON has no bytes that are no UTF-8: names of files may have. */
static json_t *shown_json(const char *text)
{
	auto_buf shown = BUF_INIT;
	json_t *plain = json_string(text);

	if (plain)
		return plain;
	buf_add_shown(&shown, text);
	return json_string(buf_text(&shown));
}

static void print_json(const char *word, const struct verdict *v, size_t faults)
{
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < v->faults.n; i++) {
		const struct fault *f = &v->faults.list[i];
		json_array_append_new(
		        list, json_pack("{s:s,s:o,s:s,s:o,s:o,s:s}", "level", level_name(f->level),
		                      "file", shown_json(f->file), "role", f->role, "at",
		                      shown_json(f->at), "fault", shown_json(f->text), "section",
		                      f->section));
	}
	o = json_pack("{s:o,s:b,s:I,s:I,s:I,s:I,s:o}", "what", shown_json(word), "whole",
	        faults == 0, "images", (json_int_t)v->images, "blobs", (json_int_t)v->blobs,
	        "bytes", (json_int_t)v->bytes, "more", (json_int_t)v->faults.more, "faults", list);
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(o);
	putchar('\n');
}

static int verify_one(const char *word, bool json)
{
	struct verdict v = {0};
	struct error err = {0};
	size_t faults;

	if (verify(word, &v, &err) < 0)
		return command_fail("verify", &err);
	faults = faults_count(&v.faults, FAULT_BROKEN) + faults_count(&v.faults, FAULT_AGAINST) +
	         v.faults.more;
	if (json)
		print_json(word, &v, faults);
	else
		print_text(word, &v, faults);
	verdict_release(&v);
	return faults ? 1 : 0;
}

static int verify_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	bool json = false;
	int option, status = 0;

	optind = 0;
	while ((option = command_option("verify", argc, argv, "", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (optind >= argc)
		return command_usage_error("verify", "which directory, archive or image?");
	if (json && optind + 1 < argc)
		return command_usage_error("verify", "--json takes one at a time");
	for (int i = optind; i < argc; i++)
		status |= verify_one(argv[i], json);
	return status;
}

const struct command command_verify = {
        .name = "verify",
        .usage =
                "Usage: cutaway verify [--json] DIR|ARCHIVE|IMAGE...\n"
                "Look at every document, size, sum and media type of images, down to the names in\n"
                "their layers, and tell all faults: each with the file it is in, where in it, and\n"
                "the part of the OCI image specification that says so. Nothing is changed, and\n"
                "nothing is unpacked into the store.\n\n"
                "DIR is an OCI image layout: also the blobs that no image names are summed.\n"
                "ARCHIVE is an oci-archive or a docker-archive (of that the first fault is told);\n"
                "it needs room in $TMPDIR. IMAGE is one of 'cutaway images'; ./NAME is a file.\n"
                "A line that begins with 'note:' is of something that is allowed.\n\n"
                "      --json   {what, whole, images, blobs, bytes, faults: [{level, file, role,\n"
                "               at, fault, section}], more: how many faults were left out}\n\n"
                "Examples:\n"
                "  cutaway verify base\n"
                "  skopeo copy docker://debian oci:debian && cutaway verify ./debian\n\n"
                "Exit status: 0 when all is whole, 1 when there is a fault or it cannot be read,\n"
                "2 for wrong usage.\n",
        .main = verify_main,
};
