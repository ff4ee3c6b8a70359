/* The table of the tutor's words, and how a line is taken for one of them. */
#include "shell/tutor.h"

#include "shell/near.h"

#include <stdio.h>
#include <string.h>

const struct tutor_entry tutor_words[] = {
        {TUTOR_NEXT, "next", "", "go on to the next page, once this one's check has passed",
                "When something is still missing, it is listed, and you stay.\n"
                "'skip' goes on all the same.\n",
                true},
        {TUTOR_BACK, "back", "", "turn back a page",
                "The machine stays as it is: what you made is still there. 'reset' then takes\n"
                "it to the start of the page you are on.\n",
                true},
        {TUTOR_HINT, "hint", "", "a hint for what is missing right now",
                "Hints look at the machine first. Ask again for the next one.\n", true},
        {TUTOR_CHECK, "check", "", "what this page asks for, and what of it is still missing",
                "The same check runs quietly after each command.\n", true},
        {TUTOR_SETUP, "setup", "[run]", "the scripts that this page brings along",
                "Lessons from elsewhere prepare the machine with scripts. None runs by itself:\n"
                "'setup' shows them, 'setup run' runs them.\n",
                false},
        {TUTOR_ANSWER, "answer", "[NUMBER ANSWER]", "the questions of this page",
                "Asks those that are not answered yet. 'answer 2 ls' answers the second.\n", false},
        {TUTOR_EXPLAIN, "explain", "[STEP]", "why the last step of the container was made",
                "STEP is the name of one, as 'ct step --list' has them: explain pivot\n", true},
        {TUTOR_DIAGRAM, "diagram", "[VERB …]", "draw how it all works together; graded",
                "diagram place docker user, diagram connect docker dockerd HTTP, diagram grade, "
                "…;\n"
                "'diagram --help' has all verbs. Alone it shows the drawing and the task. In the\n"
                "drawing (F4) keys do the same: a adds, c connects, ? lists them.\n",
                true},
        {TUTOR_SOLUTION, "solution", "[run|anyway]",
                "the commands that solve this page, after an attempt",
                "'solution run' runs them for you. An attempt is a command, 'check' or 'hint';\n"
                "'solution anyway' needs none.\n",
                true},
        {TUTOR_VIEW, "view", "[NAME [SUBJECT]]", "what the drawing shows",
                "Without NAME: the names there are. 'view container hand' shows one container,\n"
                "'view image base' one image, 'view host' the whole machine. Of a watch 'view\n"
                "toolchain api' shows what daemons are asked; processes, kernel and all are more.\n"
                "A new page brings its own view.\n",
                true},
        {TUTOR_SKIP, "skip", "", "go to the next page although this one is not done",
                "The page is not counted as passed.\n", false},
        {TUTOR_RESET, "reset", "[all]", "take the machine back to the start of this page",
                "Ends all containers of this lab and repeats the earlier pages' commands.\n"
                "'reset all' goes to the first page with nothing made.\n"
                "The program that resets a terminal is reached by 'command reset'.\n",
                false},
        {TUTOR_RESTART, "restart", "", "begin this lesson anew",
                "Like 'reset all', and what you had passed of it is forgotten. What you know of "
                "the\n"
                "questions stays.\n",
                false},
        {TUTOR_LESSON, "lesson", "[NAME]", "show this page again, or change to another lesson",
                "'lesson NAME' ends what this lesson made, then starts the other.\n", false},
        {TUTOR_LESSONS, "lessons", "", "the lessons there are, and how far you are",
                "'lesson NAME' goes to one.\n", false},
        {TUTOR_PROGRESS, "progress", "", "the pages of this lesson, and which you have passed",
                "Progress is kept when you leave.\n", true},
        {TUTOR_GLOSSARY, "glossary", "[WORD]", "what a word of the field means",
                "Without WORD: all that it knows. Capitals and the plural do not matter.\n", true},
        {TUTOR_QUIZ, "quiz", "[TOPIC]", "questions on this lesson, or on TOPIC",
                "TOPIC is a goal (ct quiz --list), a lesson, 'all', or 'exam'.\n"
                "'quiz TOPIC again' asks also what you know. An answer is a word, or the number\n"
                "of a choice; Enter alone means 'I do not know', 'stop' ends.\n",
                false},
        {TUTOR_HELP, "help", "[WORD]", "this list, or more about one word",
                "The 'help' of bash is reached by 'builtin help'.\n", true},
        {TUTOR_QUIT, "quit", "", "end the lab; what it made goes, your progress stays",
                "Ctrl-D on an empty line does the same, and asks once.\n", true},
        {0},
};

const struct tutor_entry *tutor_find(const char *name)
{
	for (size_t i = 0; tutor_words[i].name; i++)
		if (!strcmp(tutor_words[i].name, name))
			return &tutor_words[i];
	return NULL;
}

/* Letters that mean nothing to bash. */
static bool is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789._:/- ";

	return !text[strspn(text, plain)];
}

bool tutor_parse(const char *line, struct tutor_call *ret)
{
	const struct tutor_entry *entry;
	char name[16];
	size_t n;

	line += strspn(line, " \t");
	n = strcspn(line, " \t");
	if (!n || n >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)n, line);
	if (!(entry = tutor_find(name)))
		return false;
	line += n + strspn(line + n, " \t");
	n = strlen(line);
	while (n && strchr(" \t", line[n - 1]))
		n--;
	if (n >= sizeof(ret->argument))
		return false;
	snprintf(ret->argument, sizeof(ret->argument), "%.*s", (int)n, line);
	if (!is_plain(ret->argument) || (n && !*entry->arguments))
		return false;
	if (n && entry->word == TUTOR_DIAGRAM)
		return false; /* a program of the lab */
	ret->entry = entry;
	return true;
}

const char *tutor_suggest(const char *word)
{
	for (size_t i = 0; tutor_words[i].name; i++)
		if (near_is(word, tutor_words[i].name))
			return tutor_words[i].name;
	return NULL;
}
