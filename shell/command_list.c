#include "shell/command_list.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/version.h"
#include "shell/command.h"
#include "shell/near.h"

#include <stdio.h>
#include <string.h>

const struct command_entry command_list[] = {
        {"shell", "the lab at a prompt: lesson and terminal, without the drawing"},
        {"lessons", "list the lessons and your progress, or print one"},
        {"progress", "what you have done, know and have reached"},
        {"glossary", "what a word of the field means"},
        {"quiz", "questions on what the lessons teach, and the exam"},
        {"lint", "check lessons strictly, and prove that their checks do"},
        {"replay", "do lessons unattended and prove that they work"},
        {"draw", "one picture of the machine, now"},
        {"view", "the live drawing of a running lab, in another terminal"},
        {"diagram", "draw how it all works together, and be told what is right"},
        {"run", "make a container and run a program in it"},
        {"step", "build a container one step at a time"},
        {"exec", "run one more program in a container that runs"},
        {"ps", "list containers"},
        {"logs", "show what a container in the background has written"},
        {"stop", "end a container: SIGTERM, and SIGKILL when it does not listen"},
        {"kill", "send a signal to the first process of a container"},
        {"pause", "freeze all processes of a container"},
        {"unpause", "let a frozen container run on"},
        {"rm", "remove containers"},
        {"inspect", "show all that is known of a container or an image"},
        {"state", "the machine as the drawing sees it, as JSON"},
        {"build", "build an image from a Containerfile"},
        {"commit", "make an image of what a container has become"},
        {"diff", "show what a container has changed of its image's files"},
        {"images", "list the images on this machine"},
        {"pull", "fetch images from a registry"},
        {"push", "send an image to a registry"},
        {"login", "keep the name and the password for a registry"},
        {"logout", "remove what login has kept"},
        {"tag", "give an image one more name"},
        {"rmi", "remove images"},
        {"save", "write images into one file"},
        {"load", "read images from a file or a directory"},
        {"verify", "prove that images are what they say"},
        {"history", "show how an image came about, layer by layer"},
        {"tree", "what is in an image, layer by layer"},
        {"trace", "follow one file through the layers, and what it needs to start"},
        {"url", "take the full URL of an image into its parts"},
        {"registry", "a registry on this machine, to push to and to pull from"},
        {"clean", "remove what a crash left"},
        {"doctor", "what works on this machine, and what blocks the rest"},
        {"check", "assert something about the machine"},
        {"measure", "how long a command takes, as bars"},
        {"watch", "tell what a command and all that it starts ask of the kernel"},
        {0},
};

void command_list_help(void)
{
	puts("Usage: cutaway [--fresh] [LESSON]\n"
	     "       cutaway COMMAND [OPTION]... [ARG]...\n"
	     "A teaching shell and live drawing for Linux containers.\n\n"
	     "Without a command: the lab, with lesson, terminal and drawing on one screen.\n"
	     "LESSON is a number, a name or a folder; --fresh begins at the first page.\n\n"
	     "Commands:");
	for (size_t i = 0; command_list[i].name; i++)
		printf("  %-10s %s\n", command_list[i].name, command_list[i].summary);
	puts("\n'cutaway COMMAND --help' tells the rest. --version: which cutaway this is.\n\n"
	     "Environment: CUTAWAY_THEME (dark, light, mono, contrast, large, none), NO_COLOR,\n"
	     "CUTAWAY_LESSONS (the folder of lessons), and the XDG directories.");
}

/* An argument that came from elsewhere must not steer the terminal. */
static void print_name(const char *name)
{
	for (const char *p = name; *p; p++)
		fputc((unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p, stderr);
}

int command_list_unknown(const char *name)
{
	fputs("cutaway: no command or lesson is called '", stderr);
	print_name(name);
	fputc('\'', stderr);
	for (size_t i = 0; command_list[i].name; i++)
		if (near_is(name, command_list[i].name))
			fprintf(stderr, "; did you mean '%s'?", command_list[i].name);
	fputs("\n'cutaway --help' lists the commands, 'cutaway lessons' the lessons.\n", stderr);
	return EXIT_USAGE;
}

static int unknown_option(const char *given)
{
	static const char *const known[] = {"--fresh", "--help", "--version"};

	fputs("cutaway: unknown option '", stderr);
	print_name(given);
	fputc('\'', stderr);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (near_is(given, known[i]))
			fprintf(stderr, "; did you mean '%s'?", known[i]);
	fputs("\nTry 'cutaway --help'.\n", stderr);
	return EXIT_USAGE;
}

int command_list_answer(int argc, char **argv)
{
	int first = argc > 1 && !strcmp(argv[1], "--fresh") ? 2 : 1;
	const char *word = argc > first ? argv[first] : "";

	if (!strcmp(word, "--help") || !strcmp(word, "-h") ||
	        (!strcmp(word, "help") && argc == first + 1)) {
		command_list_help();
		return 0;
	}
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		puts("cutaway " CUTAWAY_VERSION);
		return 0;
	}
	return *word == '-' && strcmp(word, "--") != 0 ? unknown_option(word) : -1;
}
