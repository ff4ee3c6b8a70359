/* `cutaway diagram`: draw the architecture, and be told what of it is right. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/shown.h"
#include "kernel/observe/observer.h"
#include "shell/command.h"
#include "shell/diagram/edit.h"
#include "shell/diagram/grade.h"
#include "shell/diagram/keep.h"
#include "shell/diagram/render.h"
#include "shell/diagram/report.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

struct diagram_options {
	const char *file, *task, *rules, *root;
	bool no_machine, quiet, json;
};

struct diagram_run {
	const struct diagram_options *o;
	struct diagram_rules *rules;
	const struct diagram_task *task;
	char task_name[SKETCH_NAME];
	char *path; /* of the diagram */
};

static int no_task(const struct diagram_rules *rules, const char *name, struct error *err)
{
	auto_buf names = BUF_INIT;

	for (size_t i = 0; i < rules->n_tasks; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", rules->tasks[i].name);
	error_set(err, ENOENT, "diagram", name, "there is no such task");
	error_advise(err, "there are %s", buf_text(&names));
	return -ENOENT;
}

/* The task that was named, else that of the file, else the one that is drawn at, else the first. */
static int find_task(struct diagram_run *run, struct error *err)
{
	const char *name = run->o->task;
	struct sketch s;
	int r;

	if (name) {
		snprintf(run->task_name, sizeof(run->task_name), "%s", name);
	} else if (run->o->file) {
		if ((r = keep_read(run->o->file, "", &s, err)) < 0)
			return r;
		snprintf(run->task_name, sizeof(run->task_name), "%s", s.task);
		sketch_release(&s);
	}
	if (!*run->task_name)
		keep_task_read(run->task_name);
	run->task = diagram_task_find(run->rules, run->task_name);
	if (!run->task)
		return no_task(run->rules, run->task_name, err);
	snprintf(run->task_name, sizeof(run->task_name), "%s", run->task->name);
	return 0;
}

static int open_run(struct diagram_run *run, struct error *err)
{
	int r = diagram_rules_read(run->o->rules, &run->rules, err);

	if (r < 0 || (r = find_task(run, err)) < 0)
		return r;
	if (!run->o->file)
		return keep_path(run->task_name, &run->path, err);
	run->path = strdup(run->o->file);
	return run->path ? 0 : error_set(err, ENOMEM, "diagram", run->o->file, NULL);
}

static void close_run(struct diagram_run *run)
{
	diagram_rules_free(run->rules);
	free(run->path);
}

/* ---- verbs ---- */

static int do_edit(struct diagram_run *run, int argc, char **argv, struct error *err)
{
	struct diagram_edit edit = {run->rules, argc, (const char *const *)argv, BUF_INIT};
	int r = diagram_edit_check(&edit, err);

	if (r < 0)
		return EXIT_USAGE;
	r = keep_edit(run->path, run->task_name, diagram_edit_apply, &edit, NULL, err);
	if (r >= 0 && !run->o->quiet) {
		auto_buf shown = BUF_INIT;
		buf_add_shown(&shown, buf_text(&edit.said));
		puts(buf_text(&shown));
	}
	buf_release(&edit.said);
	return r < 0;
}

/* NULL when the machine is not to be asked. */
static int look(const struct diagram_options *o, struct model **ret, struct error *err)
{
	struct observer_options options = {.root = o->root, .no_network = true};
	struct observer *observer = NULL;
	int r;

	*ret = NULL;
	if (o->no_machine)
		return 0;
	r = observer_new(&options, &observer, err);
	if (r == 0)
		r = observer_read(observer, ret, err);
	observer_free(observer);
	return r;
}

static int note_graded(struct sketch *s, void *data, struct error *err)
{
	(void)data;
	(void)err;
	sketch_set_graded(s, true);
	return 0;
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* Marks stay on what was looked at. A file that is not ours to write is graded all the same. */
static int do_grade(struct diagram_run *run, bool keep, struct error *err)
{
	struct model *now = NULL;
	struct sketch s;
	struct grade g = {0};
	auto_buf out = BUF_INIT;
	int r = keep_read(run->path, run->task_name, &s, err);

	if (r < 0)
		return 1;
	r = look(run->o, &now, err);
	if (r == 0 && (r = grade_make(run->rules, run->task, &s, now, &g)) < 0)
		error_set(err, -r, "grade", run->path, NULL);
	if (r < 0) {
		sketch_release(&s);
		model_free(now);
		return 1;
	}
	if (run->o->json)
		r = report_json(run->rules, run->task, &s, &g, &out);
	else
		report_text(run->rules, run->task, &s, &g, &out);
	if (!run->o->quiet)
		fwrite(buf_text(&out), 1, out.len, stdout);
	if (r == 0)
		r = report_unmet(run->rules, run->task, &s, &g, err);
	if (r == 0 && keep && is_there(run->path))
		r = keep_edit(run->path, run->task_name, note_graded, NULL, NULL, err);
	r = r < 0 ? r : g.passed ? 0 : 1;
	grade_release(&g);
	sketch_release(&s);
	model_free(now);
	return r != 0;
}

static void choose_size(int *width, int *height)
{
	struct winsize size;
	bool terminal = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;

	*width = terminal ? size.ws_col : 100;
	*height = terminal && size.ws_row > 1 ? size.ws_row - 1 : 44; /* the prompt takes a row */
}

/* As a picture, to be seen or to be handed in; `svg` NULL = on the terminal. */
static int put_picture(const struct diagram_run *run, const struct sketch *sketch,
        const struct picture *p, const char *svg, struct error *err)
{
	const char *no_color = getenv("NO_COLOR");
	bool plain = !isatty(STDOUT_FILENO) || (no_color && *no_color);
	auto_buf out = BUF_INIT, whole = BUF_INIT;
	int width, height, r;

	choose_size(&width, &height);
	r = svg ? diagram_svg(p, THEME_LIGHT, &out)
	        : diagram_text(p, width, height, strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	                  plain ? THEME_NONE : THEME_DARK, &out);
	if (r == 0 && svg)
		r = sketch_print_svg(sketch, buf_text(&out), &whole);
	if (r < 0)
		return error_set(err, -r, "draw diagram", run->path, NULL);
	if (!svg)
		fwrite(buf_text(&out), 1, out.len, stdout);
	else if ((r = file_replace_at(AT_FDCWD, svg, whole.data, whole.len, 0644)) < 0)
		return error_set(err, -r, "write", svg, NULL);
	return 0;
}

/* What was graded is shown with what was found. */
static int do_picture(struct diagram_run *run, const char *svg, struct error *err)
{
	struct model *now = NULL;
	struct sketch s;
	struct picture p;
	auto_buf out = BUF_INIT;
	int r = keep_read(run->path, run->task_name, &s, err);

	if (r < 0)
		return 1;
	if (run->o->json && !svg) {
		sketch_print(&s, &out);
		fwrite(buf_text(&out), 1, out.len, stdout);
	} else if ((r = look(run->o, &now, err)) == 0) {
		r = picture_make(run->rules, run->task, &s, now, &p);
		if (r < 0)
			error_set(err, -r, "draw diagram", run->path, NULL);
	}
	if (r == 0 && (!run->o->json || svg)) {
		r = put_picture(run, &s, &p, svg, err);
		picture_release(&p);
	}
	if (r == 0 && !svg && !run->o->json) {
		report_list(run->rules, run->task, &s, &out);
		fwrite(buf_text(&out), 1, out.len, stdout);
	}
	model_free(now);
	sketch_release(&s);
	return r < 0;
}

static int do_task(struct diagram_run *run, const char *name, struct error *err)
{
	const struct diagram_task *task = name ? diagram_task_find(run->rules, name) : NULL;

	if (name && !task) {
		no_task(run->rules, name, err);
		return EXIT_USAGE;
	}
	if (name && keep_task_write(name, err) < 0)
		return 1;
	if (name) {
		printf("%s: %s\n%s\n", task->name, task->title, task->ask);
		return 0;
	}
	for (size_t i = 0; i < run->rules->n_tasks; i++) {
		task = &run->rules->tasks[i];
		printf("%c %-12s %s\n", task == run->task ? '*' : ' ', task->name, task->title);
	}
	return 0;
}

static int do_parts(const struct diagram_run *run)
{
	for (size_t i = 0; i < run->rules->n_parts; i++) {
		const struct diagram_part_rule *p = &run->rules->parts[i];
		printf("%-13s %s", p->name, strcmp(p->name, p->title) ? p->title : "");
		for (size_t k = 0; k < p->also.n; k++)
			printf("%s%s",
			        k                           ? ", "
			        : strcmp(p->name, p->title) ? "; also "
			                                    : "also ",
			        p->also.texts[k]);
		putchar('\n');
	}
	return 0;
}

static int do_calls(const struct diagram_run *run)
{
	for (size_t i = 0; i < run->rules->n_calls; i++)
		puts(run->rules->calls[i].title);
	return 0;
}

/* ---- the command line ---- */

static const struct {
	const char *name;
	int most; /* words after it */
} other_verbs[] = {
        {"show", 0}, {"save", 1}, {"grade", 1}, {"task", 1}, {"parts", 0}, {"calls", 0}, {NULL, 0}};

static int run_verb(struct diagram_run *run, int argc, char **argv, struct error *err)
{
	const char *verb = argv[0];

	if (diagram_edit_is(verb))
		return do_edit(run, argc, argv, err);
	if (!strcmp(verb, "grade"))
		return do_grade(run, argc == 1 && !run->o->file && !run->o->quiet, err);
	if (!strcmp(verb, "task"))
		return do_task(run, argc > 1 ? argv[1] : NULL, err);
	if (!strcmp(verb, "parts"))
		return do_parts(run);
	if (!strcmp(verb, "calls"))
		return do_calls(run);
	return do_picture(run, !strcmp(verb, "save") ? argv[1] : NULL, err);
}

static int check_verb(int argc, char **argv)
{
	size_t i = 0;

	if (!argc)
		return command_usage_error(
		        "diagram", "what is to be done? place, connect, grade …");
	if (diagram_edit_is(argv[0]))
		return 0;
	while (other_verbs[i].name && strcmp(other_verbs[i].name, argv[0]))
		i++;
	if (!other_verbs[i].name)
		return command_usage_error("diagram", "there is no 'diagram %s'", argv[0]);
	if (!strcmp(argv[0], "save") && argc < 2)
		return command_usage_error("diagram", "save into which file? FILE.svg");
	if (argc - 1 > other_verbs[i].most)
		return command_usage_error(
		        "diagram", "unexpected argument '%s'", argv[other_verbs[i].most + 1]);
	return 0;
}

static int run_all(struct diagram_options *o, int argc, char **argv)
{
	struct diagram_run run = {.o = o};
	struct error err = {0};
	int status = check_verb(argc, argv);

	if (status)
		return status;
	if (!strcmp(argv[0], "grade") && argc > 1) {
		if (o->file)
			return command_usage_error("diagram", "either --file or a FILE to grade");
		if (!is_there(argv[1])) {
			error_set(&err, errno, "read diagram", argv[1], NULL);
			return command_fail("diagram", &err);
		}
		o->file = argv[1];
	}
	status = open_run(&run, &err) < 0 ? 1 : run_verb(&run, argc, argv, &err);
	close_run(&run);
	if (err.code)
		command_fail("diagram", &err);
	if (status == 0 && fflush(stdout))
		return 1;
	return status;
}

static int diagram_main(int argc, char **argv)
{
	enum { FILE_OPTION = 256, TASK, RULES, ROOT, NO_MACHINE, JSON };
	static const struct option long_options[] = {
	        {"file", required_argument, NULL, FILE_OPTION},
	        {"task", required_argument, NULL, TASK},
	        {"rules", required_argument, NULL, RULES},
	        {"root", required_argument, NULL, ROOT},
	        {"no-machine", no_argument, NULL, NO_MACHINE},
	        {"json", no_argument, NULL, JSON},
	        {"quiet", no_argument, NULL, 'q'},
	        {0},
	};
	struct diagram_options o = {0};

	optind = 0;
	for (int c; (c = command_option("diagram", argc, argv, "q", long_options)) != -1;)
		switch (c) {
		case FILE_OPTION:
			o.file = optarg;
			break;
		case TASK:
			o.task = optarg;
			break;
		case RULES:
			o.rules = optarg;
			break;
		case ROOT:
			o.root = optarg;
			break;
		case NO_MACHINE:
			o.no_machine = true;
			break;
		case JSON:
			o.json = true;
			break;
		case 'q':
			o.quiet = true;
			break;
		default:
			return EXIT_USAGE;
		}
	return run_all(&o, argc - optind, argv + optind);
}

const struct command command_diagram = {
        .name = "diagram",
        .usage =
                "Usage: cutaway diagram [OPTION]... VERB [WORD]...\n"
                "An exercise: place the parts in their bands, connect them, label each arrow with\n"
                "the call that is made; then let it be graded, part by part. Against the rules,\n"
                "and against this machine: an arrow that it contradicts is wrong, whatever books\n"
                "say. In a lab 'diagram VERB' does the same, and the drawing shows it (view\n"
                "diagram).\n"
                "\n"
                "  task [NAME]              the tasks there are; draw at this one from now on\n"
                "  parts, calls             the words for parts, and for calls\n"
                "  place PART BAND          BAND: you, user (space), kernel, remote (another "
                "host)\n"
                "  connect FROM TO [LABEL]  an arrow from who calls to who is called\n"
                "  label FROM TO LABEL      write another call at it\n"
                "  remove PART              with its arrows\n"
                "  remove FROM TO           an arrow\n"
                "  move PART left|right     among those of its band\n"
                "  undo, redo, clear        (clear can be undone as well)\n"
                "  show                     the picture, and what is in it\n"
                "  save FILE.svg            the picture, to hand in: the diagram is in it\n"
                "  grade [FILE]             what is right, what is wrong and why, what is "
                "missing\n"
                "\n"
                "  --task TASK   the diagram of this task, not of the one that is drawn at\n"
                "  --file FILE   a diagram kept in FILE, which is made if need be\n"
                "  --no-machine  grade by the rules alone\n"
                "  --root DIR    grade against the recorded tree DIR, not against this machine\n"
                "  --rules FILE  other tasks and rules; the format is that of diagram.json among\n"
                "                the lessons\n"
                "  --json        show or grade as JSON\n"
                "  -q, --quiet   print nothing but errors; grade without marks in the picture\n"
                "\n"
                "A diagram is kept for each task, with your progress, in "
                "$XDG_STATE_HOME/cutaway/\n"
                "diagrams/TASK.json: {\"version\":1, \"task\", \"parts\":[{\"part\",\"band\"}],\n"
                "\"arrows\":[{\"from\",\"to\",\"label\"}], \"undo\", \"redo\"}. Hand in\n"
                "that file, or the picture.\n"
                "If the variable CUTAWAY_UNMET names a file, 'grade' also appends to it what is\n"
                "not right yet, a line of JSON each, as 'cutaway check' does.\n"
                "\n"
                "Exit status: 0 (of 'grade': all that is asked for is right), 1 not so, or the\n"
                "diagram cannot be read or changed, 2 wrong usage.\n"
                "\n"
                "Examples:\n"
                "  cutaway diagram task single-host\n"
                "  cutaway diagram place dockerd user\n"
                "  cutaway diagram connect shell docker fork+exec\n"
                "  cutaway diagram grade\n"
                "  cutaway diagram grade --no-machine handed-in/anna.json\n",
        .main = diagram_main,
};
