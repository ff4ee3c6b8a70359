/* The program `cutaway`. It does what concerns containers itself and hands all else (the lab, the
 * drawing, images) to `cutaway-lab` beside it.
 *
 * Two programs, since loading is work: the libraries for screen, archives and Markdown take longer
 * to load than a container takes to start. So it says itself, too, what commands there are. */
#include "shell/command.h"
#include "shell/command_list.h"
#include "shell/output.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int hand_over(char **argv)
{
	static const char name[] = "cutaway-lab";
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof name);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	memcpy(slash ? slash + 1 : path, name, sizeof name);
	execv(path, argv);
	fprintf(stderr,
	        "cutaway: start program: %s: %s\n"
	        "  it belongs beside 'cutaway': build or install both\n",
	        path, strerror(errno));
	return 1;
}

static int run_words(int argc, char **argv)
{
	char asked[] = "--help", *help[] = {argv[0], NULL, asked, NULL};
	const struct command *command;
	int answered;

	if (argc < 2 || command_is_diagram(argv[0]))
		return hand_over(argv);
	if (argc == 3 && !strcmp(argv[1], "help")) { /* as git and docker have it */
		help[1] = argv[2];
		argv = help;
	}
	if ((answered = command_list_answer(argc, argv)) >= 0)
		return answered;
	if (!(command = command_find(argv[1])))
		return hand_over(argv);
	setlocale(LC_ALL, "");
	return command_run_main(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	output_begin();
	return output_end(run_words(argc, argv));
}
