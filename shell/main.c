/* The command line: finds the command and hands over. */
#include "shell/command.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static void print_help(void)
{
	puts("Usage: cutaway [LESSON]\n"
	     "       cutaway COMMAND [OPTION]... [ARG]...\n"
	     "A teaching shell and live drawing for Linux containers.\n\n"
	     "Commands:");
	for (size_t i = 0; commands[i]; i++)
		if (!commands[i]->hidden)
			printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n'cutaway COMMAND --help' tells the rest.");
}

static bool wants_help(int argc, char **argv)
{
	return argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
}

int main(int argc, char **argv)
{
	const struct command *command;

	setlocale(LC_ALL, "");
	if (wants_help(argc, argv)) {
		print_help();
		return 0;
	}
	if (argc < 2 || !(command = command_find(argv[1]))) {
		if (argc > 1)
			fprintf(stderr, "cutaway: no command or lesson is called '%s'\n", argv[1]);
		fprintf(stderr, "Try 'cutaway --help'.\n");
		return EXIT_USAGE;
	}
	if (wants_help(argc - 1, argv + 1)) {
		fputs(command->usage, stdout);
		return 0;
	}
	return command->main(argc - 1, argv + 1);
}
