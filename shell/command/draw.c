/* `cutaway draw`: one picture of the machine, now. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/fact.h"
#include "kernel/observe/model_json.h"
#include "kernel/observe/observer.h"
#include "render/backend.h"
#include "render/large.h"
#include "render/view.h"
#include "shell/command.h"
#include "shell/diagram/current.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum draw_format { DRAW_TEXT, DRAW_SVG, DRAW_JSON, DRAW_SCENE };

/* The widest and highest picture: more cells than that are a mistake. */
enum { SIZE_MOST = 1000 };

struct draw_options {
	struct observer_options observer;
	const struct view *view;
	bool all; /* of them; then `view` is the first */
	const char *subject, *output;
	enum draw_format format;
	enum theme theme;
	bool theme_given, ascii;
	int width, height; /* 0 = as fits */
};

/* The size of the terminal; on a pipe, one that a page of a handout holds. */
static void choose_size(struct draw_options *o)
{
	struct winsize size;

	if (o->width)
		return;
	/* In large letters a page holds fewer of them. */
	o->width = o->theme == THEME_LARGE ? 72 : 100;
	o->height = o->theme == THEME_LARGE ? 32 : 44;
	if (o->format == DRAW_TEXT && !o->output && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	        size.ws_col && size.ws_row) {
		o->width = size.ws_col;
		o->height = size.ws_row > 1 ? size.ws_row - 1 : 1; /* the prompt takes a row */
	}
}

/* Colours on a terminal, unless NO_COLOR (https://no-color.org) says no; elsewhere when asked. */
static enum theme text_theme(const struct draw_options *o)
{
	const char *no_color = getenv("NO_COLOR");

	if (o->output || !isatty(STDOUT_FILENO) || (no_color && *no_color))
		return THEME_NONE;
	return o->theme_given ? o->theme : THEME_DARK;
}

static int draw_text(const struct draw_options *o, const struct view *view, const struct scene *s,
        struct buf *out, struct error *err)
{
	struct canvas c;

	if (canvas_init(&c, s->width, s->height) < 0)
		return error_set(err, ENOMEM, "draw", view->name, NULL);
	canvas_draw(&c, s, o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0);
	text_write(&c, text_theme(o), out);
	canvas_release(&c);
	return 0;
}

static int draw_json(const struct model *m, struct buf *out, struct error *err)
{
	json_t *json = model_to_json(m);
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;

	json_decref(json);
	if (!text)
		return error_set(err, ENOMEM, "draw", "the model", NULL);
	buf_add(out, text);
	buf_addc(out, '\n');
	free(text);
	return 0;
}

static int find_deep(const struct draw_options *o, const struct model *m, struct error *err)
{
	const char *about = o->view->about;
	char *end;
	long pid = strtol(o->subject, &end, 10);

	if (!strcmp(about, "process") &&
	        ((end != o->subject && !*end && model_process(m, (pid_t)pid)) ||
	                model_container(m, o->subject)))
		return 0;
	if (!strcmp(about, "process"))
		return error_set(err, ESRCH, "draw", o->subject, "there is no such process");
	for (int t = 0; !strcmp(about, "namespace") && t < NS_COUNT; t++)
		if (!strcmp(ns_names[t], o->subject))
			return 0;
	if (!strcmp(about, "namespace"))
		return error_set(err, EINVAL, "draw", o->subject,
		        "no namespace is of this type: user, pid, mnt, uts, ipc, net, cgroup, "
		        "time");
	return 0; /* of a fact or a diagram the reader tells */
}

/* An image may be named by a container made from it. */
static int find_subject(const struct draw_options *o, const struct model *m, struct error *err)
{
	bool image = o->view->about && !strcmp(o->view->about, "image");

	if (o->view->deep && o->subject)
		return find_deep(o, m, err);
	if (!o->subject || model_container(m, o->subject) || (image && model_image(m, o->subject)))
		return 0;
	error_set(err, ENOENT, "draw", o->subject, "there is no %s of this name", o->view->about);
	error_advise(err, "see them all with '%s'", image ? "cutaway images" : "cutaway ps");
	return -ENOENT;
}

static int draw_view(const struct draw_options *o, const struct model *m, const struct view *view,
        const char *subject, struct buf *out, struct error *err)
{
	/* Text has one size of letters: it gets the room instead. */
	bool large = o->theme == THEME_LARGE && o->format == DRAW_TEXT;
	struct view_input in = {.now = m,
	        .subject = subject,
	        .shell = o->observer.root ? 0 : getpid(), /* below the lab's, where there is one */
	        .width = o->width,
	        .height = large ? large_rows(o->height) : o->height};
	bool of_fact = view->about && !strcmp(view->about, "fact");
	struct current diagram = {0};
	struct model_fact fact;
	struct arena arena = {0};
	struct scene s;
	int r = 0;

	if (of_fact) {
		r = subject ? fact_find(m, subject, &arena, &fact) : -EINVAL;
		in.fact = &fact;
	}
	if (view->about && !strcmp(view->about, "diagram")) {
		r = current_open(subject, &diagram, err);
		if (r == 0)
			r = current_read(&diagram, m, err);
		in.diagram = &diagram.picture.shown;
	}
	if (r == -EINVAL && of_fact) {
		error_set(
		        err, EINVAL, "draw", subject ? subject : "a fact", "no fact has this name");
		error_advise(err, "names are like pid.1.ns.uts, host.hostname or those of '%s'",
		        "cutaway check --list");
	} else if (r == 0 && (r = view->layout(&in, &s)) < 0) {
		error_set(err, -r, "draw", view->name, NULL);
	}
	arena_release(&arena);
	if (r < 0) {
		current_release(&diagram);
		return r;
	}
	if (large)
		large_spread(&s, o->height);
	if (o->format == DRAW_SVG)
		svg_write(&s, o->theme_given ? o->theme : THEME_LIGHT, out);
	else if (o->format == DRAW_TEXT)
		r = draw_text(o, view, &s, out, err);
	else if (scene_json_write(&s, view->name, subject, out) < 0)
		r = error_set(err, ENOMEM, "draw", view->name, NULL);
	scene_release(&s);
	current_release(&diagram);
	return r;
}

/* One after the other, all from the same look at the machine. */
static int draw_all(
        const struct draw_options *o, const struct model *m, struct buf *out, struct error *err)
{
	int r = 0;

	for (const struct view *v = views; v->name && r == 0; v++) {
		bool image = v->about && !strcmp(v->about, "image");
		size_t n = v->deep ? 0 : image ? m->n_images : v->about ? m->n_containers : 1;

		for (size_t i = 0; i < n && r == 0; i++)
			r = draw_view(o, m, v,
			        image      ? m->images[i].name
			        : v->about ? m->containers[i].name
			                   : NULL,
			        out, err);
	}
	return r;
}

static int draw(
        const struct draw_options *o, const struct model *m, struct buf *out, struct error *err)
{
	int r = o->all ? 0 : find_subject(o, m, err);

	if (r < 0)
		return r;
	if (o->format == DRAW_JSON)
		return draw_json(m, out, err);
	return o->all ? draw_all(o, m, out, err) : draw_view(o, m, o->view, o->subject, out, err);
}

static int put_out(const struct draw_options *o, const struct buf *out, struct error *err)
{
	int r = 0;

	if (buf_failed(out))
		return error_set(err, ENOMEM, "draw", o->view->name, NULL);
	if (o->output)
		r = file_replace_at(AT_FDCWD, o->output, out->data, out->len, 0644);
	else if (fwrite(out->data, 1, out->len, stdout) != out->len || fflush(stdout))
		r = -errno;
	return r < 0 ? error_set(err, -r, "write", o->output ? o->output : "standard output", NULL)
	             : 0;
}

static int run(struct draw_options *o)
{
	struct observer *observer = NULL;
	struct model *m = NULL;
	struct error err = {0};
	auto_buf out = BUF_INIT;
	int r = observer_new(&o->observer, &observer, &err);

	choose_size(o);
	if (r == 0)
		r = observer_read(observer, &m, &err);
	if (r == 0)
		r = draw(o, m, &out, &err);
	if (r == 0)
		r = put_out(o, &out, &err);
	model_free(m);
	observer_free(observer);
	return r < 0 ? command_fail("draw", &err) : 0;
}

static bool read_size(const char *text, struct draw_options *o)
{
	char *end;
	long width = strtol(text, &end, 10), height;

	if (end == text || *end != 'x')
		return false;
	text = end + 1;
	height = strtol(text, &end, 10);
	if (end == text || *end || width < 1 || height < 1 || width > SIZE_MOST ||
	        height > SIZE_MOST)
		return false;
	o->width = (int)width;
	o->height = (int)height;
	return true;
}

static bool read_format(const char *name, struct draw_options *o)
{
	static const char *const names[] = {"text", "svg", "json", "scene"};

	for (int i = 0; i < 4; i++) {
		if (!strcmp(names[i], name)) {
			o->format = (enum draw_format)i;
			return true;
		}
	}
	return false;
}

/* "no view is called 'hots'; there are host, kernel, container NAME, image NAME, all" */
static int unknown_view(const char *name)
{
	auto_buf names = BUF_INIT;

	for (const struct view *v = views; v->name; v++)
		buf_addf(
		        &names, "%s%s%s", v == views ? "" : ", ", v->name, v->about ? " NAME" : "");
	return command_usage_error(
	        "draw", "no view is called '%s'; there are %s, all", name, buf_text(&names));
}

static int read_arguments(int argc, char **argv, struct draw_options *o)
{
	const char *name = argc > 0 ? argv[0] : "host";

	o->all = !strcmp(name, "all");
	o->view = o->all ? views : view_find(name);
	if (!o->view)
		return unknown_view(name);
	if (argc > 1)
		o->subject = argv[1];
	if (argc > 2 || (o->subject && (o->all || !o->view->about)))
		return command_usage_error("draw", "unexpected argument '%s'", argv[argc - 1]);
	if (o->all && o->format == DRAW_SVG)
		return command_usage_error("draw", "an SVG file holds one view, not all");
	return 0;
}

static int draw_main(int argc, char **argv)
{
	enum { ROOT = 256, RUNTIME, FORMAT, SIZE, THEME, ASCII };
	static const struct option long_options[] = {
	        {"root", required_argument, NULL, ROOT},
	        {"runtime", required_argument, NULL, RUNTIME},
	        {"format", required_argument, NULL, FORMAT},
	        {"size", required_argument, NULL, SIZE},
	        {"theme", required_argument, NULL, THEME},
	        {"ascii", no_argument, NULL, ASCII},
	        {"output", required_argument, NULL, 'o'},
	        {0},
	};
	struct draw_options o = {0};
	const char *bad = NULL;

	optind = 1;
	for (int c; !bad && (c = command_option("draw", argc, argv, "o:", long_options)) != -1;)
		switch (c) {
		case ROOT:
			o.observer.root = optarg;
			break;
		case RUNTIME:
			o.observer.runtime = optarg;
			break;
		case FORMAT:
			bad = read_format(optarg, &o) ? NULL
			                              : "--format is one of text, svg, json, scene";
			break;
		case SIZE:
			bad = read_size(optarg, &o) ? NULL
			                            : "--size wants WIDTHxHEIGHT in cells, "
			                              "each from 1 to 1000";
			break;
		case THEME:
			o.theme_given = true;
			bad = theme_find(optarg, &o.theme) ? NULL
			                                   : "--theme is one of dark, light, mono, "
			                                     "contrast, large, none";
			break;
		case ASCII:
			o.ascii = true;
			break;
		case 'o':
			o.output = optarg;
			break;
		default:
			return EXIT_USAGE;
		}
	if (bad)
		return command_usage_error("draw", "%s, not '%s'", bad, optarg);
	return read_arguments(argc - optind, argv + optind, &o) ? EXIT_USAGE : run(&o);
}

const struct command command_draw = {
        .name = "draw",
        .usage =
                "Usage: cutaway draw [VIEW [NAME]] "
                "[OPTION]...\n"
                "Draws what the machine is at this moment: user space standing on the kernel, the\n"
                "kernel's side alone, the network, or one container or image and what it is made "
                "of.\n"
                "\n"
                "  host              user space and kernel (the default)\n"
                "  kernel            who shares which namespaces; the tree of control groups\n"
                "  network           links, addresses, routes, who listens and who is connected\n"
                "                    to it, in a box for each namespace\n"
                "  toolchain         who calls whom, from you to the kernel: who started whom,\n"
                "                    and who is connected to whom\n"
                "  container [NAME]  one container, from the host and from inside; without a name\n"
                "                    the first of ours\n"
                "  image [NAME]      one image, and the containers that stand on its layers\n"
                "  steps [NAME]      the plan of the container that is being built\n"
                "  process [PID]     one process, also by the name of its container\n"
                "  namespace [TYPE]  all namespaces of a type (uts, net, …), and who is in each\n"
                "  fact NAME         one fact: its value, the file in /proc or /sys it is read\n"
                "                    from, and commands that show the same\n"
                "  diagram [TASK]    the diagram that you draw ('cutaway diagram')\n"
                "  all               each of them, of every container and image, from one look\n"
                "                    at the machine (not as svg)\n"
                "\n"
                "  --format FORMAT   text (the default), svg, json (the model that is drawn) or\n"
                "                    scene (JSON of the picture: boxes, texts, marks, arrows)\n"
                "  --size WxH        in cells; default: the terminal, else 100x44. The picture\n"
                "                    may end above H\n"
                "  --theme THEME     dark, light, mono, contrast, none, or large for a projector:\n"
                "                    bold on black, room between lines, larger letters in SVG.\n"
                "                    Text is coloured on a terminal only, and not when NO_COLOR\n"
                "                    is set\n"
                "  --ascii           lines of ASCII (done by itself where the locale is not "
                "UTF-8)\n"
                "  --root DIR        draw the recorded tree DIR (DIR/proc, DIR/sys)\n"
                "  --runtime DIR     where our containers' state is kept\n"
                "  -o, --output FILE write there, replacing it as a whole\n"
                "\n"
                "Exit status: 0, 1 when the machine can not be read or the picture not be "
                "written,\n"
                "2 for wrong usage.\n"
                "\n"
                "Examples:\n"
                "  cutaway draw\n"
                "  cutaway draw container red --size 80x24 --ascii\n"
                "  cutaway draw --format svg --theme dark -o machine.svg\n",
        .main = draw_main,
};
