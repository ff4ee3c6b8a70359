#include "shell/diagram/rules.h"

#include "shell/near.h"

#include <stdlib.h>
#include <string.h>

void diagram_rules_free(struct diagram_rules *r)
{
	if (!r)
		return;
	arena_release(&r->arena);
	free(r);
}

/* Blanks, dashes and underscores are the same, and capitals do not count. */
static void plain_form(const char *words, char *out, size_t size)
{
	size_t n = 0;

	words += strspn(words, " \t");
	for (; *words && n + 1 < size; words++) {
		char c = *words == '-' || *words == '_' || *words == '\t' ? ' ' : *words;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != ' ' || (n && out[n - 1] != ' '))
			out[n++] = c;
	}
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

static bool same_words(const char *plain, const char *text)
{
	char other[64];

	plain_form(text, other, sizeof(other));
	return !strcmp(plain, other);
}

ssize_t diagram_part_named(const struct diagram_rules *r, const char *name)
{
	for (size_t i = 0; i < r->n_parts; i++)
		if (!strcmp(r->parts[i].name, name))
			return (ssize_t)i;
	return -1;
}

ssize_t diagram_part_find(const struct diagram_rules *r, const char *words)
{
	char plain[64];

	plain_form(words, plain, sizeof(plain));
	for (size_t i = 0; i < r->n_parts; i++)
		if (same_words(plain, r->parts[i].name) || same_words(plain, r->parts[i].title))
			return (ssize_t)i;
	for (size_t i = 0; i < r->n_parts; i++)
		for (size_t k = 0; k < r->parts[i].also.n; k++)
			if (same_words(plain, r->parts[i].also.texts[k]))
				return (ssize_t)i;
	for (size_t i = 0; strlen(plain) >= 4 && i < r->n_parts; i++)
		if (near_is(plain, r->parts[i].name))
			return (ssize_t)i;
	return -1;
}

static const struct diagram_arrow_rule *find(
        const struct diagram_arrow_rule *rules, size_t n, size_t from, size_t to)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].from == from && rules[i].to == to)
			return &rules[i];
	return NULL;
}

const struct diagram_arrow_rule *diagram_arrow_find(
        const struct diagram_rules *r, size_t from, size_t to)
{
	return find(r->arrows, r->n_arrows, from, to);
}

const struct diagram_arrow_rule *diagram_wrong_find(
        const struct diagram_rules *r, size_t from, size_t to)
{
	return find(r->wrong, r->n_wrong, from, to);
}

const struct diagram_task *diagram_task_find(const struct diagram_rules *r, const char *name)
{
	if ((!name || !*name) && r->n_tasks)
		return r->tasks;
	for (size_t i = 0; name && i < r->n_tasks; i++)
		if (!strcmp(r->tasks[i].name, name))
			return &r->tasks[i];
	return NULL;
}

bool diagram_band_find(const char *words, enum diagram_band *ret)
{
	static const struct {
		const char *words;
		enum diagram_band band;
	} known[] = {
	        {"you", BAND_YOU},
	        {"user", BAND_USER},
	        {"user space", BAND_USER},
	        {"userspace", BAND_USER},
	        {"kernel", BAND_KERNEL},
	        {"kernel space", BAND_KERNEL},
	        {"remote", BAND_REMOTE},
	        {"another host", BAND_REMOTE},
	        {"other host", BAND_REMOTE},
	        {"other", BAND_REMOTE},
	        {"elsewhere", BAND_REMOTE},
	};
	char plain[64];

	plain_form(words, plain, sizeof(plain));
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i].words, plain)) {
			*ret = known[i].band;
			return true;
		}
	return false;
}
