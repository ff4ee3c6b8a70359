#include "shell/command/watch_options.h"

#include "shell/command.h"

#include <getopt.h>
#include <stdlib.h>

enum { WIDTH_OPTION = 256, THEME_OPTION, ASCII_OPTION, ELSE_OPTION };
enum { WIDTH_MOST = 1000 };

/* Those with a value that can be wrong, of how it is drawn. 0, or an exit status. */
static int take_form(int option, struct watch_options *o)
{
	char *end;

	switch (option) {
	case 'l':
		if (!watch_level_find(optarg, &o->form.level))
			return command_usage_error("watch",
			        "--level is api, processes, kernel or all, not %s", optarg);
		break;
	case 'f':
		o->format_given = o->draws = true;
		if (!watch_format_find(optarg, &o->form.format))
			return command_usage_error(
			        "watch", "--format is text, svg, json or trace, not %s", optarg);
		break;
	case WIDTH_OPTION:
		o->form.width = (int)strtol(optarg, &end, 10);
		if (*end || o->form.width < WATCH_WIDTH_LEAST || o->form.width > WIDTH_MOST)
			return command_usage_error("watch",
			        "--width is a number of cells from %d to %d, not %s",
			        WATCH_WIDTH_LEAST, WIDTH_MOST, optarg);
		break;
	case THEME_OPTION:
		o->theme_given = true;
		if (!theme_find(optarg, &o->form.theme))
			return command_usage_error("watch",
			        "--theme is dark, light, mono, contrast, large or none, not %s",
			        optarg);
		break;
	default:
		return EXIT_USAGE; /* said by command_option() */
	}
	return 0;
}

/* 0, or an exit status. */
static int take_option(int option, struct watch_options *o)
{
	switch (option) {
	case 'o':
		o->record = optarg;
		break;
	case 'b':
		o->bodies = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'r':
		o->file = optarg;
		break;
	case 'a':
		if (o->n_also == WATCH_ALSO_MAX)
			return command_usage_error("watch", "--also: too many");
		o->also[o->n_also++] = optarg;
		break;
	case ELSE_OPTION:
		o->otherwise = optarg;
		break;
	case 'd':
		o->draws = true;
		o->drawing = optarg;
		break;
	case 'c':
		o->compare = true;
		break;
	case 's':
		o->screen = true;
		break;
	case ASCII_OPTION:
		o->form.ascii = true;
		break;
	default:
		return take_form(option, o);
	}
	return 0;
}

int watch_options_parse(struct watch_options *o, int argc, char **argv)
{
	static const struct option long_options[] = {{"record", required_argument, NULL, 'o'},
	        {"level", required_argument, NULL, 'l'}, {"also", required_argument, NULL, 'a'},
	        {"bodies", no_argument, NULL, 'b'}, {"quiet", no_argument, NULL, 'q'},
	        {"replay", required_argument, NULL, 'r'}, {"format", required_argument, NULL, 'f'},
	        {"drawing", required_argument, NULL, 'd'}, {"compare", no_argument, NULL, 'c'},
	        {"screen", no_argument, NULL, 's'},
	        {"width", required_argument, NULL, WIDTH_OPTION},
	        {"theme", required_argument, NULL, THEME_OPTION},
	        {"ascii", no_argument, NULL, ASCII_OPTION},
	        {"else", required_argument, NULL, ELSE_OPTION}, {0}};
	int option, r = 0;

	*o = (struct watch_options){.form.level = WATCH_LEVEL_KERNEL};
	/* Options may stand behind the two recordings, not behind a command. */
	while (r == 0) {
		option = command_option("watch", argc, argv, "+o:l:a:bqr:f:d:cs", long_options);
		if (option != -1)
			r = take_option(option, o);
		else if (o->compare && optind < argc && o->n_runs < 3)
			o->runs[o->n_runs++] = argv[optind++];
		else
			break;
	}
	if (r || o->compare || o->screen)
		return r;
	if (o->file ? optind < argc : optind == argc)
		return command_usage_error(
		        "watch", o->file ? "with --replay no command is run" : "which command?");
	if (!o->file && o->format_given && !o->drawing)
		return command_usage_error(
		        "watch", "--format needs --replay, or a file for it: --drawing FILE");
	return 0;
}

const char watch_usage[] =
        "Usage: cutaway watch [OPTION]... [--] COMMAND [ARGUMENT]...\n"
        "       cutaway watch --replay FILE [--level LEVEL] [--format FORMAT]\n"
        "       cutaway watch --compare FILE FILE [--level LEVEL] [--format FORMAT]\n"
        "\n"
        "Runs COMMAND and tells, on stderr and in order, the system calls by which it\n"
        "and all processes that it starts make, enter and leave isolation, and what they\n"
        "say to daemons: HTTP, gRPC, ttrpc, D-Bus, and what runtimes are started for.\n"
        "\n"
        "  -l, --level LEVEL   api: what daemons are asked; processes: also who starts\n"
        "                      whom; kernel (what you get): also the calls that isolate;\n"
        "                      all: every call that is recorded\n"
        "  -a, --also WHICH    follow processes too that run already, such as daemons: "
        "one\n"
        "                      by its id; all of a name; or who listens on a socket,\n"
        "                      given by its path; may be given again. Where root may\n"
        "                      load programs into the kernel (BPF) none of them is\n"
        "                      stopped; elsewhere each is at each call, ptrace(2)\n"
        "  -b, --bodies        keep also what is said in requests and answers: of HTTP\n"
        "                      documents of JSON up to 16 KiB, with all that is called a\n"
        "                      password, a token and the like and values of variables\n"
        "                      masked; of gRPC and ttrpc the first 32 bytes\n"
        "  -o, --record FILE   keep everything in FILE: JSON, a line an event\n"
        "      --else FILE     when COMMAND cannot be found, followed or done here, tell\n"
        "                      and keep what FILE has recorded elsewhere, and say so\n"
        "  -q, --quiet         tell nothing\n"
        "  -r, --replay FILE   tell what FILE has recorded, on stdout; runs nothing and\n"
        "                      needs no privilege\n"
        "  -f, --format FORMAT draw it, lifelines from left to right and time downward:\n"
        "                      text, svg, or json (what is drawn, for a program);\n"
        "                      trace: all of it for ui.perfetto.dev and\n"
        "                      chrome://tracing (Trace Event Format)\n"
        "  -d, --drawing FILE  write the drawing there; of a COMMAND when it has ended.\n"
        "                      Without --format the name says which: .svg, .json,\n"
        "                      .trace\n"
        "  -s, --screen        with --replay: on the whole terminal, to move about in;\n"
        "                      Enter tells what an event is for, ? all keys\n"
        "  -c, --compare A B   two recordings beside each other: which calls and\n"
        "                      requests both make, which only one, and how long each\n"
        "                      layer took, down to the --level; as text\n"
        "                      or, with --format json, for a program\n"
        "      --width N       cells; default: the terminal, else 100\n"
        "      --theme THEME   dark, light, mono, contrast, large or none\n"
        "      --ascii         lines of ASCII\n"
        "\n"
        "In a lab the view toolchain of its drawing shows the watch that goes on.\n"
        "\n"
        "Values of the environment, and in the first lines of requests what is called a\n"
        "token, a password and the like, are not kept. Arguments of programs and bytes\n"
        "written are kept as they are: look through a record before you give it away.\n"
        "\n"
        "gRPC names a method once and then by number: where a connection is older than\n"
        "the watch it is \"(method A: …)\", a letter for each. Drawings add which one it\n"
        "probably is, by what it caused, and tell why.\n"
        "\n"
        "The microseconds at the end of a line are how long the call took, from its\n"
        "first stop for us to its end.\n"
        "\n"
        "Examples:\n"
        "  cutaway watch -- unshare --mount --uts --net true\n"
        "  cutaway watch --also dockerd --also containerd -- docker run --rm base true\n"
        "  cutaway watch -o run.jsonl -- podman run --rm base true\n"
        "  cutaway watch --replay run.jsonl --level processes --format text\n"
        "  cutaway watch -q -d run.svg -- runc run -b bundle hand\n"
        "  cutaway watch --screen --replay run.jsonl\n"
        "  cutaway watch --compare runc.jsonl crun.jsonl\n"
        "\n"
        "Exit status: that of COMMAND, 128 + N when signal N ended it, 127 when there is\n"
        "no such program, 1 when it could not be followed, 2 for a wrong command line\n";
