/* `cutaway trace`: one file of an image or a container, followed through the layers. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "shell/command.h"
#include "shell/contents/trace_text.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

struct tracing {
	struct trace_report report;
	struct image_contents *contents;
	json_t *state; /* of the container */
};

static const char *state_text(const json_t *state, const char *key)
{
	const char *text = json_string_value(json_object_get(state, key));

	return text ? text : "";
}

/* The name may be another image's by now: a container keeps the layers that it was made of. */
static int check_layers(const struct tracing *t, struct error *err)
{
	const json_t *layers = json_object_get(t->state, "layers");
	size_t n = json_array_size(layers);

	for (size_t i = 0; i < n; i++) {
		const char *path = json_string_value(json_array_get(layers, n - 1 - i));
		const char *name = path ? strrchr(path, '/') : NULL;
		const char *hex =
		        i < t->contents->n_layers ? digest_hex(t->contents->layers[i].diff_id) : "";
		if (n == t->contents->n_layers && name && !strncmp(name + 1, hex, strlen(hex)))
			continue;
		error_set(err, ESTALE, "follow file", t->report.container,
		        "it was made of another image that was called '%s'",
		        state_text(t->state, "image"));
		error_advise(err, "name the image that it was made of, or make the container anew");
		return -ESTALE;
	}
	return 0;
}

/* A container of that name goes first. */
static int open_contents(struct tracing *t, const char *word, struct error *err)
{
	struct error none = {0};
	int r = container_load(word, &t->state, &none);

	if (r < 0 && r != -ENOENT && r != -EINVAL) {
		*err = none;
		return r;
	}
	if (r == 0) {
		t->report.container = word;
		t->report.upper_path = state_text(t->state, "upper");
		word = state_text(t->state, "image");
	}
	r = image_contents_open(word, &t->contents, err);
	t->report.contents = t->contents;
	return r < 0 || !t->state ? r : check_layers(t, err);
}

static int look_into_container(struct trace_report *r, const json_t *state, struct error *err)
{
	char path[FILE_PATH_MAX];
	struct process_id process = container_process(state);
	struct error none = {0};
	int result;

	/* Links on the way are those of the image; a new one in the upper directory is the kernel's
	 * to follow, below. */
	if (r->traced)
		file_tree_path(&r->contents->files, r->trace.node, path);
	else
		snprintf(path, sizeof path, "%s", r->path);
	result = upper_look(r->upper_path, path, &r->upper, err);
	if (result < 0)
		return result;
	r->running = process.pid > 0 && strcmp(container_status_text(state), "exited") != 0;
	if (!r->running)
		return 0;
	result = upper_seen(process.pid, path, &r->seen, &none);
	r->seen_here = result == 0;
	if (result < 0 && result != -ENOENT && result != -ENOTDIR) {
		*err = none;
		return result;
	}
	return 0;
}

static int trace(struct tracing *t, const char *path, struct error *err)
{
	struct trace_report *r = &t->report;
	struct error none = {0};
	int result = trace_of(t->contents, path, &r->trace, &none);

	r->path = path;
	r->traced = result == 0;
	if (result == -ENOENT && t->state)
		result = 0; /* it may have been made in the container */
	if (result < 0) {
		*err = none;
		return result;
	}
	if (t->state)
		result = look_into_container(r, t->state, err);
	if (result == 0 && t->state && !r->traced && r->upper.word == UPPER_NOTHING) {
		*err = none;
		return -ENOENT;
	}
	if (result == 0 && r->traced && r->trace.program != FILE_NONE) {
		r->managers = packages_managers(&t->contents->files);
		result = libraries_of(t->contents, r->trace.program, &r->libraries, err);
		r->program = result == 0;
	}
	return result;
}

static int print(const struct trace_report *r, bool json)
{
	json_t *o;
	int result;

	if (!json) {
		trace_print_text(stdout, r);
		return 0;
	}
	o = trace_json(r);
	result = o ? json_dumpf(o, stdout, JSON_INDENT(2)) : -1;
	json_decref(o);
	putchar('\n');
	return result < 0 ? -ENOMEM : 0;
}

static int trace_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	struct tracing t = {0};
	struct error err = {0};
	bool json = false;
	int option, r;

	optind = 0;
	while ((option = command_option("trace", argc, argv, "", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (argc - optind != 2)
		return command_usage_error("trace", "which image, and which file in it?");
	r = open_contents(&t, argv[optind], &err);
	if (r == 0)
		r = trace(&t, argv[optind + 1], &err);
	if (r == 0) {
		r = print(&t.report, json);
		if (r < 0)
			error_set(&err, -r, "show file", argv[optind + 1], NULL);
	}
	libraries_release(&t.report.libraries);
	trace_release(&t.report.trace);
	image_contents_free(t.contents);
	json_decref(t.state);
	return r < 0 ? command_fail("trace", &err) : 0;
}

const struct command command_trace = {
        .name = "trace",
        .usage = "Usage: cutaway trace [--json] IMAGE|CONTAINER PATH\n"
                 "Show what each layer of an image says of one file: which one adds it, which "
                 "change\n"
                 "it (the whole file is then carried once more), which removes it and how, and "
                 "what\n"
                 "a container sees in the end. For a container also what its upper directory "
                 "says,\n"
                 "and what the kernel shows its processes.\n"
                 "\n"
                 "For a program or a library: the interpreter and the libraries that it needs, "
                 "which\n"
                 "layer and which package (dpkg, apk) brings each, and what is missing. For a "
                 "script:\n"
                 "the program that runs it. Nothing is run.\n"
                 "\n"
                 "      --json   as JSON; .program.starts says whether all that it needs is "
                 "there\n"
                 "\n"
                 "Exit status: 0, 1 on failure (also when no layer has such a file), 2 for wrong "
                 "usage.\n"
                 "\n"
                 "Examples:\n"
                 "  cutaway trace base /bin/sh\n"
                 "  cutaway trace red /etc/hosts\n"
                 "  cutaway trace --json shop /usr/bin/app | jq .program.starts\n",
        .main = trace_main,
};
