#include "shell/watch/normal.h"

#include <ctype.h>
#include <string.h>

enum { ID_DIGITS = 64, SHORT_ID = 12 };

/* The first argument of these is a number that means the same in every run. */
static bool keeps_numbers(const char *call)
{
	static const char *const keep[] = {
	        "set", "prctl", "cap", "keyctl", "personality", "prlimit", "unshare", NULL};

	if (!strcmp(call, "setns"))
		return false;
	for (size_t i = 0; keep[i]; i++)
		if (!strncmp(call, keep[i], strlen(keep[i])))
			return true;
	return false;
}

static bool ends_word(char c)
{
	return !c || strchr("/ ,\"<>)}]:.|=", c) != NULL;
}

/* A number by itself: a whole argument, or a whole part of a path. */
static size_t number_at(const char *text, const char *p, bool keep)
{
	size_t n = strspn(p, "0123456789");
	char before = p == text ? ' ' : p[-1];

	if (!n || !ends_word(p[n]))
		return 0;
	if (before == '/' || p[n] == '<')
		return n;
	/* Who enters a control group. */
	if (before == '"' && (strstr(text, "procs>") || strstr(text, "tasks>")))
		return *p == '0' ? 0 : n;
	/* 0 is a flag or a user, 0755 a mode. */
	return !keep && before == ' ' && *p != '0' && (p[n] == ',' || !p[n]) ? n : 0;
}

static size_t hex_at(const char *p)
{
	size_t n = strspn(p, "0123456789abcdef");

	return (n == ID_DIGITS || n == SHORT_ID) && (ends_word(p[n]) || p[n] == '-') ? n : 0;
}

/* "runc.rtD4Zh": six letters as mkstemp(3) chooses them, with a capital or a digit in them. */
static size_t random_at(const char *text, const char *p)
{
	size_t n = 0;
	bool mixed = false;

	if (p == text || p[-1] != '.')
		return 0;
	for (; isalnum((unsigned char)p[n]); n++)
		mixed |= isupper((unsigned char)p[n]) || isdigit((unsigned char)p[n]);
	return n == 6 && mixed ? n : 0;
}

void watch_normal(struct buf *out, const struct watch_event *e)
{
	const char *text = e->text, *p = text;
	bool keep = keeps_numbers(e->name);
	size_t n;

	buf_addf(out, "%s(", e->name);
	while (*p) {
		bool begins = p == text || ends_word(p[-1]);
		if (!strncmp(p, ", /* ", 5) && !strncmp(e->name, "execve", 6)) {
			p += strlen(p);
		} else if (begins && !strncmp(p, "0x", 2) && isxdigit((unsigned char)p[2])) {
			buf_add(out, "ADDRESS");
			p += 2 + strspn(p + 2, "0123456789abcdef");
		} else if ((begins || p[-1] == '-') && (n = hex_at(p))) {
			/* also "libpod-ID", "ID-init" */
			buf_add(out, "ID");
			p += n;
		} else if (begins && (n = number_at(text, p, keep))) {
			buf_add(out, "N");
			p += n;
		} else if ((n = random_at(text, p))) {
			buf_add(out, "…");
			p += n;
		} else {
			buf_addc(out, *p++);
		}
	}
	buf_addc(out, ')');
	if (*e->failure)
		buf_addf(out, " = -1 %s", e->failure);
}
