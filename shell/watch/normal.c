#include "shell/watch/normal.h"

#include <ctype.h>
#include <string.h>

enum { ID_DIGITS = 64, SHORT_ID = 12, KEY_DIGITS = 6 };

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
	return !c || strchr("/ ,\"<>)}]:.|=?&\\", c) != NULL;
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

/* The container's name, as a word or a whole part of a path. */
static size_t name_at(const char *p, const char *container)
{
	size_t n = strlen(container);

	return n && !strncmp(p, container, n) && ends_word(p[n]) ? n : 0;
}

/* The numbers that keys have are chosen by the kernel; small ones and negative ones mean something:
 * keyctl(2). */
static size_t key_at(const char *p, const struct watch_event *e)
{
	size_t n = strspn(p, "0123456789");

	return n >= KEY_DIGITS && ends_word(p[n]) && !strcmp(e->name, "keyctl") ? n : 0;
}

char *watch_normal_container(const struct watch_recording *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct watch_event *e = &r->events[i];
		const char *name = e->kind == WATCH_API && !strcmp(e->name, "oci") && !e->answer
		                           ? strchr(e->text, ' ')
		                           : NULL;

		if (name)
			return strndup(name + 1, strcspn(name + 1, " "));
	}
	return strdup("");
}

/* What stands at p for something that each run has its own of: its length, 0 when nothing does. */
static size_t own_at(const struct watch_event *e, const char *p, const char *container, bool keep,
        const char **ret_instead)
{
	const char *text = e->text;
	bool begins = p == text || ends_word(p[-1]);
	size_t n = 0;

	*ret_instead = "ADDRESS";
	if (begins && !strncmp(p, "0x", 2) && isxdigit((unsigned char)p[2]))
		return 2 + strspn(p + 2, "0123456789abcdef");
	*ret_instead = "ID";
	if (begins || p[-1] == '-') /* also "libpod-ID", "ID-init" */
		n = name_at(p, container);
	if (!n && (begins || p[-1] == '-'))
		n = hex_at(p);
	if (n)
		return n;
	*ret_instead = "N";
	if (begins)
		n = number_at(text, p, keep);
	if (!n && begins)
		n = key_at(p, e);
	if (n)
		return n;
	*ret_instead = "…";
	return e->kind == WATCH_CALL ? random_at(text, p) : 0;
}

void watch_normal(struct buf *out, const struct watch_event *e, const char *container)
{
	bool keep = keeps_numbers(e->name), call = e->kind == WATCH_CALL;
	const char *instead;

	buf_addf(out, call ? "%s(" : "%s ", e->name);
	for (const char *p = e->text; *p;) {
		size_t n = own_at(e, p, container, keep, &instead);

		if (!strncmp(p, ", /* ", 5) && !strncmp(e->name, "execve", 6))
			break;
		if (n)
			buf_add(out, instead);
		else
			buf_addc(out, *p);
		p += n ? n : 1;
	}
	buf_add(out, call ? ")" : "");
	if (call && *e->failure)
		buf_addf(out, " = -1 %s", e->failure);
}
