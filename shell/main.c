/* The program `cutaway`. It does what concerns containers itself and hands all else (the lab, the
 * drawing, images) to `cutaway-lab` beside it.
 *
 * Two programs, since loading is work: the libraries for screen, archives and Markdown take longer
 * to load than a container takes to start. */
#include "shell/command.h"
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

int main(int argc, char **argv)
{
	const struct command *command =
	        argc > 1 && !command_is_diagram(argv[0]) ? command_find(argv[1]) : NULL;

	output_begin();
	if (!command)
		return hand_over(argv);
	setlocale(LC_ALL, "");
	return output_end(command_run_main(command, argc - 1, argv + 1));
}
