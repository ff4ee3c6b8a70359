/* `cutaway view`: the drawing of a running lab, from another terminal. */
#include "render/view.h"
#include "kernel/base/cleanup.h"
#include "render/theme.h"
#include "shell/command.h"
#include "shell/labs.h"
#include "shell/stage/viewer.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* The list goes below the error, a line each. */
static int fail_with_list(const struct lab_list *list, const char *name, struct error *err)
{
	if (name)
		error_set(err, ENOENT, "follow", name, "no lab is called so");
	else
		error_set(err, EEXIST, "follow", "a lab", "there are %zu", list->n);
	error_advise(err, list->n ? "say which with --lab NAME, one of those below"
	                          : "start one with 'cutaway' in another terminal");
	return -err->code;
}

/* The lab that was named, or the only one that runs, or else the only one that was killed. NULL
 * with 0 when there is none: it may come. */
static int choose_lab(const struct lab_list *list, const char *name, const struct lab_found **ret,
        struct error *err)
{
	const struct lab_found *alive = NULL, *dead = NULL;
	size_t n_alive = 0, n_dead = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct lab_found *f = &list->labs[i];

		if (name && !strcmp(f->id, name)) {
			*ret = f;
			return 0;
		}
		*(f->alive ? &alive : &dead) = f;
		(*(f->alive ? &n_alive : &n_dead))++;
	}
	if (name)
		return fail_with_list(list, name, err);
	if (n_alive > 1 || (!n_alive && n_dead > 1))
		return fail_with_list(list, NULL, err);
	*ret = alive ? alive : dead;
	return 0;
}

static int run(struct viewer_options *o)
{
	const char *inside = getenv("CUTAWAY_LAB");
	const struct lab_found *lab = NULL;
	struct lab_list list = {0};
	struct error err = {0};
	auto_buf lines = BUF_INIT;
	int r;

	if (labs_find(o->runtime, &list, &err) < 0)
		return command_fail("view", &err);
	if (!o->lab && inside && *inside)
		o->lab = inside;
	r = choose_lab(&list, o->lab, &lab, &err);
	if (r < 0)
		labs_describe(&list, &lines);
	if (!r && lab)
		o->runtime = lab->runtime;
	if (!r)
		r = viewer_run(o, &err);
	if (r < 0) {
		r = command_fail("view", &err);
		fputs(buf_text(&lines), stderr);
	}
	labs_release(&list);
	return r;
}

static int read_arguments(int argc, char **argv, struct viewer_options *o)
{
	const struct view *view = argc ? view_find(argv[0]) : NULL;
	auto_buf names = BUF_INIT;

	if (argc && !view) {
		for (const struct view *v = views; v->name; v++)
			buf_addf(&names, "%s%s%s", v == views ? "" : ", ", v->name,
			        v->about ? " [NAME]" : "");
		return command_usage_error(
		        "view", "no view is called '%s'; there are %s", argv[0], buf_text(&names));
	}
	if (argc > 2 || (argc == 2 && !view->about))
		return command_usage_error("view", "unexpected argument '%s'", argv[argc - 1]);
	o->view = view ? view->name : NULL;
	o->subject = argc == 2 ? argv[1] : NULL;
	return 0;
}

static int read_theme(const char *name, const char *from, enum theme *ret)
{
	if (name && *name && !theme_find(name, ret))
		return command_usage_error(
		        "view", "%s is one of %s, not '%s'", from, theme_names, name);
	return 0;
}

/* A summary of several lines goes on below its beginning. */
static void add_summary(struct buf *out, const char *text)
{
	enum { INDENT = 20, WIDTH = 78 };
	int x = INDENT;

	while (*text) {
		const size_t n = strcspn(text, " ");
		const bool first = x == INDENT;
		if (!first && x + 1 + (int)n > WIDTH) {
			buf_addf(out, "\n%*s", INDENT, "");
			x = INDENT;
		} else if (!first) {
			buf_addc(out, ' ');
			x++;
		}
		buf_addf(out, "%.*s", (int)n, text);
		x += (int)n;
		text += n;
		text += strspn(text, " ");
	}
}

static void list_views(struct buf *out)
{
	for (const struct view *v = views; v->name; v++) {
		auto_buf name = BUF_INIT;

		buf_addf(&name, "%s%s", v->name, v->about ? " [NAME]" : "");
		buf_addf(out, "  %-16s  ", buf_text(&name));
		add_summary(out, v->summary);
		buf_addc(out, '\n');
	}
}

static int view_main(int argc, char **argv)
{
	enum { LAB = 256, RUNTIME, THEME };
	static const struct option long_options[] = {
	        {"lab", required_argument, NULL, LAB},
	        {"runtime", required_argument, NULL, RUNTIME},
	        {"theme", required_argument, NULL, THEME},
	        {0},
	};
	struct viewer_options o = {.theme = THEME_DARK};
	const char *theme = NULL;

	optind = 1;
	for (int c; (c = command_option("view", argc, argv, "", long_options)) != -1;)
		if (c == LAB)
			o.lab = optarg;
		else if (c == RUNTIME)
			o.runtime = optarg;
		else if (c == THEME)
			theme = optarg;
		else
			return EXIT_USAGE;
	if (theme ? read_theme(theme, "--theme", &o.theme)
	          : read_theme(getenv("CUTAWAY_THEME"), "CUTAWAY_THEME", &o.theme))
		return EXIT_USAGE;
	if (read_arguments(argc - optind, argv + optind, &o))
		return EXIT_USAGE;
	return run(&o);
}

const struct command command_view = {
        .name = "view",
        .usage = "Usage: cutaway view [VIEW [NAME]] [OPTION]...\n"
                 "Shows the drawing of a running lab over this whole terminal: for a second\n"
                 "screen, or a projector. Any number of them, each of its own size, theme and\n"
                 "view. It follows the lab's pages, what they ask for, and what changed since\n"
                 "they began. 'q' closes it, '?' shows the keys.\n"
                 "\n"
                 "Without VIEW it shows what the page of the lesson is about. VIEW is one of\n"
                 "\n",
        .usage_list = list_views,
        .usage_rest =
                "\n"
                "  --lab NAME        which lab, when there are several\n"
                "  --theme THEME     dark (the default), light, mono, contrast, none, or large "
                "for\n"
                "                    a projector: bold on black, fewer details, room between "
                "lines\n"
                "  --runtime DIR     look for labs below this runtime directory\n"
                "\n"
                "'[' and ']' go back and on over the states of the machine that it has seen, '{'\n"
                "and '}' page by page: at most 1,000 states, and 64 MiB of them; the first state\n"
                "of each page is kept longest.\n"
                "\n"
                "Without a lab it shows the machine, and follows the next lab that starts. When\n"
                "the lab ends it says so and stays, until the next lab or 'q'. Where a lab was\n"
                "killed it shows what is left. Only the lab's own user and root may look at it;\n"
                "root sees the labs of all users.\n"
                "\n"
                "Environment: CUTAWAY_THEME, NO_COLOR.\n"
                "\n"
                "Exit status: 0 when it was closed, 1 when there is no such lab, no terminal or\n"
                "no way in, 2 for wrong usage.\n"
                "\n"
                "Examples:\n"
                "  cutaway view\n"
                "  cutaway view container red --theme light\n",
        .main = view_main,
};
