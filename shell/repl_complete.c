/* What Tab offers: the tutor's words and programs first in a line, then what the word takes. File
 * names come from readline when nothing is offered here. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "render/view.h"
#include "shell/command_list.h"
#include "shell/diagram/edit.h"
#include "shell/lesson/glossary.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/quiz.h"
#include "shell/watch/level.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const builtins[] = {"alias", "bg", "cd", "command", "declare", "echo", "exit",
        "export", "fg", "history", "jobs", "kill", "popd", "printf", "pushd", "pwd", "read", "set",
        "source", "trap", "type", "ulimit", "umask", "unset", "wait", NULL};

bool repl_is_program(const char *word)
{
	const char *path = getenv("PATH");

	if (!strcmp(word, "ct") || !strcmp(word, "cutaway"))
		return true; /* the lab puts them into bash's PATH, not into ours */
	for (size_t i = 0; builtins[i]; i++)
		if (!strcmp(word, builtins[i]))
			return true;
	if (strchr(word, '/'))
		return !access(word, X_OK);
	for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
		auto_buf file = BUF_INIT;

		buf_addf(&file, "%.*s/%s", (int)strcspn(path, ":"), path, word);
		if (!access(buf_text(&file), X_OK))
			return true;
	}
	return false;
}

static void offer_programs(const char *word, struct line_candidates *out)
{
	const char *path = getenv("PATH");
	size_t n = strlen(word);

	for (size_t i = 0; builtins[i]; i++)
		line_candidate(out, builtins[i]);
	for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
		auto_free char *name = strndup(path, strcspn(path, ":"));
		auto_dir dir = name ? opendir(name) : NULL;
		const struct dirent *entry;

		while (dir && (entry = readdir(dir)))
			if (entry->d_name[0] != '.' && !strncmp(entry->d_name, word, n) &&
			        !faccessat(dirfd(dir), entry->d_name, X_OK, AT_EACCESS))
				line_candidate(out, entry->d_name);
	}
}

static void offer_words(struct line_candidates *out)
{
	for (size_t i = 0; tutor_words[i].name; i++)
		line_candidate(out, tutor_words[i].name);
}

static void offer_lessons(struct line_candidates *out)
{
	struct lesson_list list = {0};
	struct error none = {0};

	if (lesson_list_read(&list, &none) < 0)
		return;
	for (size_t i = 0; i < list.n; i++)
		line_candidate(out, list.entries[i].name);
	lesson_list_release(&list);
}

static void offer_terms(struct line_candidates *out)
{
	struct glossary glossary = {0};

	if (glossary_read_ours(&glossary, NULL) < 0)
		return;
	for (size_t i = 0; i < glossary.n; i++)
		line_candidate(out, glossary.terms[i].term);
	glossary_release(&glossary);
}

static void offer_topics(struct line_candidates *out)
{
	struct quiz quiz = {0};

	if (quiz_read_ours(&quiz, NULL) < 0)
		return;
	for (size_t i = 0; i < quiz.n_goals; i++)
		line_candidate(out, quiz.goals[i].name);
	quiz_release(&quiz);
	line_candidate(out, "all");
	line_candidate(out, "exam");
	offer_lessons(out);
}

static void offer_commands(struct line_candidates *out)
{
	for (size_t i = 0; command_list[i].name; i++)
		line_candidate(out, command_list[i].name);
}

static void offer_diagram_verbs(struct line_candidates *out)
{
	for (size_t i = 0; diagram_verbs[i]; i++)
		line_candidate(out, diagram_verbs[i]);
}

static void offer_diagram_words(struct line_candidates *out)
{
	static const char *const others[] = {"you", "user", "kernel", "remote", "left", "right"};
	struct diagram_rules *rules;
	struct error none = {0};

	if (diagram_rules_read(NULL, &rules, &none) < 0)
		return;
	for (size_t i = 0; i < rules->n_parts; i++)
		line_candidate(out, rules->parts[i].name);
	for (size_t i = 0; i < rules->n_tasks; i++)
		line_candidate(out, rules->tasks[i].name);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		line_candidate(out, others[i]);
	diagram_rules_free(rules);
}

/* The word before the one that is completed begins the command. */
static bool follows(const char *before, size_t start, const char *name)
{
	size_t n = strlen(name), lead = strspn(before, " ");

	return !strncmp(before + lead, name, n) && before[lead + n] == ' ' &&
	       lead + n + strspn(before + lead + n, " ") == start;
}

void repl_complete(
        void *data, const char *before, size_t start, const char *word, struct line_candidates *out)
{
	size_t at = start;

	(void)data;
	while (at && before[at - 1] == ' ')
		at--;
	if (!at)
		offer_words(out);
	if ((!at || strchr("|;&(", before[at - 1])) && !strchr(word, '/'))
		offer_programs(word, out);
	else if (follows(before, start, "lesson"))
		offer_lessons(out);
	else if (follows(before, start, "glossary"))
		offer_terms(out);
	else if (follows(before, start, "quiz"))
		offer_topics(out);
	else if (follows(before, start, "help"))
		offer_words(out);
	else if (follows(before, start, "diagram"))
		offer_diagram_verbs(out);
	else if (!strncmp(before + strspn(before, " "), "diagram ", 8))
		offer_diagram_words(out);
	else if (follows(before, start, "cutaway") || follows(before, start, "ct"))
		offer_commands(out);
	else if (!strncmp(before + strspn(before, " "), "view toolchain ", 15))
		for (size_t i = 0; i < WATCH_LEVELS; i++)
			line_candidate(out, watch_level_names[i]);
	else if (follows(before, start, "view"))
		for (const struct view *v = views; v->name; v++)
			line_candidate(out, v->name);
}
