#include "shell/option.h"

#include "kernel/base/cleanup.h"
#include "shell/near.h"

#include <string.h>

/* The length of "--name" in "--name=value". */
static size_t name_length(const char *given)
{
	return strcspn(given, "=");
}

static const struct option *find(const struct option *longs, const char *name, size_t n)
{
	for (size_t i = 0; longs[i].name; i++)
		if (strlen(longs[i].name) == n && !strncmp(longs[i].name, name, n))
			return &longs[i];
	return NULL;
}

/* Those that it is the beginning of, or else those a slip away. */
static void add_meant(const struct option *longs, const char *given, size_t n, struct buf *problem)
{
	auto_buf name = BUF_INIT;
	const char *before = "; did you mean ";
	bool begins = false;

	buf_add_bytes(&name, given + 2, n - 2);
	for (size_t i = 0; longs[i].name; i++)
		begins |= n > 2 && !strncmp(longs[i].name, buf_text(&name), n - 2);
	for (size_t i = 0; longs[i].name; i++) {
		if (begins ? strncmp(longs[i].name, buf_text(&name), n - 2) != 0
		           : !near_is(buf_text(&name), longs[i].name))
			continue;
		buf_addf(problem, "%s'--%s'", before, longs[i].name);
		before = " or ";
	}
	if (!strncmp(before, " or", 3))
		buf_add(problem, "?");
}

/* `optopt` is 0 for a long option that there is not, and for one with a value too much what it
 * stands for; else it is the letter. argv[optind - 1] may then be the word before. */
static void add_unknown(const char *given, const struct option *longs, struct buf *problem)
{
	size_t n = name_length(given);
	bool with_value =
	        !strncmp(given, "--", 2) && given[n] == '=' && find(longs, given + 2, n - 2);

	if (optopt && with_value && find(longs, given + 2, n - 2)->has_arg == no_argument) {
		buf_addf(problem, "option '%.*s' takes no value", (int)n, given);
	} else if (optopt) {
		buf_addf(problem, "unknown option '-%c'", optopt);
	} else {
		buf_addf(problem, "unknown option '%.*s'", (int)n, given);
		add_meant(longs, given, n, problem);
	}
}

int option_next(
        int argc, char **argv, const char *shorts, const struct option *longs, struct buf *problem)
{
	auto_buf silent = BUF_INIT;
	bool stops = *shorts == '+';
	int option;

	buf_addf(&silent, "%s:%s", stops ? "+" : "", shorts + stops + (shorts[stops] == ':'));
	opterr = 0;
	option = getopt_long(argc, argv, buf_text(&silent), longs, NULL);
	if (option == ':' && !strncmp(argv[optind - 1], "--", 2))
		buf_addf(problem, "option '%s' needs a value", argv[optind - 1]);
	else if (option == ':')
		buf_addf(problem, "option '-%c' needs a value", optopt);
	else if (option == '?')
		add_unknown(argv[optind - 1], longs, problem);
	return option == ':' ? '?' : option;
}
