/* An instruction taken apart: its name, its flags, its words. */
#include "kernel/build/containerfile_inner.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/build/similar.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEALTH_FLAGS " interval timeout start-period start-interval retries "

const struct instruction_form instruction_forms[INSTRUCTIONS] = {
        [INSTRUCTION_FROM] = {"FROM", FORM_WORDS, " platform ", "", false, 1, "an image"},
        [INSTRUCTION_RUN] = {"RUN", FORM_COMMAND, "", " mount network security device ", true, 1,
                "a command"},
        [INSTRUCTION_CMD] = {"CMD", FORM_COMMAND, "", "", false, 0, ""},
        [INSTRUCTION_ENTRYPOINT] = {"ENTRYPOINT", FORM_COMMAND, "", "", false, 0, ""},
        [INSTRUCTION_COPY] = {"COPY", FORM_WORDS, " from chown chmod ", " link parents exclude ",
                true, 2, "a source and a destination"},
        [INSTRUCTION_ADD] = {"ADD", FORM_WORDS, " chown chmod ",
                " checksum keep-git-dir link exclude unpack ", true, 2,
                "a source and a destination"},
        [INSTRUCTION_ENV] = {"ENV", FORM_PAIRS, "", "", false, 2, "NAME=VALUE"},
        [INSTRUCTION_ARG] = {"ARG", FORM_NAMES, "", "", false, 2, "a name"},
        [INSTRUCTION_LABEL] = {"LABEL", FORM_PAIRS, "", "", false, 2, "NAME=VALUE"},
        [INSTRUCTION_WORKDIR] = {"WORKDIR", FORM_TEXT, "", "", false, 1, "a directory"},
        [INSTRUCTION_USER] = {"USER", FORM_TEXT, "", "", false, 1, "a user"},
        [INSTRUCTION_EXPOSE] = {"EXPOSE", FORM_WORDS, "", "", false, 1, "a port"},
        [INSTRUCTION_VOLUME] = {"VOLUME", FORM_WORDS, "", "", false, 1, "a directory"},
        [INSTRUCTION_SHELL] = {"SHELL", FORM_ARRAY, "", "", false, 1, "a JSON array of texts"},
        [INSTRUCTION_STOPSIGNAL] = {"STOPSIGNAL", FORM_TEXT, "", "", false, 1, "a signal"},
        [INSTRUCTION_HEALTHCHECK] = {"HEALTHCHECK", FORM_HEALTH, HEALTH_FLAGS, "", false, 1,
                "NONE or CMD and a command"},
        [INSTRUCTION_ONBUILD] = {"ONBUILD", FORM_TRIGGER, "", "", false, 1, "an instruction"},
        [INSTRUCTION_MAINTAINER] = {"MAINTAINER", FORM_TEXT, "", "", false, 1, "a name"},
};

const char *instruction_name(enum instruction kind)
{
	return instruction_forms[kind].name;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static struct piece from(const struct piece *p, size_t n)
{
	return (struct piece){.text = p->text + n, .at = p->at + n};
}

static struct piece skip_blanks(const struct piece *p)
{
	size_t n = 0;

	while (is_blank(p->text[n]))
		n++;
	return from(p, n);
}

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "read Containerfile", "", NULL);
}

/* ---- the name ------------------------------------------------------------------------------- */

/* What was written, cut to a length that a message can bear. */
static int shown(size_t n)
{
	return n < 60 ? (int)n : 60;
}

int containerfile_kind(const struct containerfile *f, const struct piece *text, size_t n,
        enum instruction *ret, struct error *err)
{
	const char *meant = NULL;
	char word[16] = "";

	for (int i = 0; i < INSTRUCTIONS; i++)
		if (strlen(instruction_forms[i].name) == n &&
		        !strncasecmp(instruction_forms[i].name, text->text, n)) {
			*ret = (enum instruction)i;
			return 0;
		}
	for (size_t i = 0; i < n && n < sizeof word; i++)
		word[i] = (char)toupper((unsigned char)text->text[i]);
	for (int i = 0; word[0] && i < INSTRUCTIONS; i++)
		if (!meant && similar(word, instruction_forms[i].name))
			meant = instruction_forms[i].name;
	return containerfile_error(f, text->at[0], err, "unknown instruction '%.*s'%s%s%s",
	        shown(n), text->text, meant ? "; did you mean " : "", meant ? meant : "",
	        meant ? "?" : "");
}

/* ---- flags ---------------------------------------------------------------------------------- */

static bool in_list(const char *list, const char *name, size_t n)
{
	for (const char *p = list; (p = strchr(p, ' ')) && p[1]; p++)
		if (strcspn(p + 1, " ") == n && !strncmp(p + 1, name, n))
			return true;
	return false;
}

/* The first flag of the list that is nearly this; "" when none is. */
static void find_meant(const char *list, const char *name, char ret[static 32])
{
	ret[0] = '\0';
	for (const char *p = list; (p = strchr(p, ' ')) && p[1]; p++) {
		snprintf(ret, 32, "%.*s", (int)strcspn(p + 1, " "), p + 1);
		if (similar(name, ret))
			return;
	}
	ret[0] = '\0';
}

static int check_flag(const struct containerfile *f, const struct instruction_form *form,
        const struct cf_flag *flag, struct error *err)
{
	size_t n = strlen(flag->name);
	char meant[32];

	if (in_list(form->refused, flag->name, n))
		return containerfile_error(f, flag->at, err,
		        "%s --%s is of other builders: this one does not have it", form->name,
		        flag->name);
	if (!in_list(form->flags, flag->name, n)) {
		find_meant(form->flags, flag->name, meant);
		return containerfile_error(f, flag->at, err, "%s has no flag '--%.40s'%s%s%s",
		        form->name, flag->name, meant[0] ? "; did you mean --" : "", meant,
		        meant[0] ? "?" : "");
	}
	if (!flag->has_value || !flag->value.text[0])
		return containerfile_error(f, flag->at, err, "--%s needs a value, as in --%s=VALUE",
		        flag->name, flag->name);
	return 0;
}

/* Takes the flags off the front of the text. */
static int take_flags(
        struct containerfile *f, struct cf_instruction *i, struct piece *text, struct error *err)
{
	enum { MAX_FLAGS = 16 };
	const struct instruction_form *form = &instruction_forms[i->kind];
	int r = 0;

	i->flags = arena_alloc(&f->arena, MAX_FLAGS * sizeof *i->flags);
	if (!i->flags)
		return no_memory(err);
	while (r == 0 && !strncmp(text->text, "--", 2) && text->text[2] &&
	        !is_blank(text->text[2])) {
		struct cf_flag *flag = &i->flags[i->n_flags];
		size_t n = strcspn(text->text, " \t\v\f\r"), name = 2;
		if (++i->n_flags > MAX_FLAGS)
			return containerfile_error(f, text->at[0], err, "too many flags");
		while (name < n && text->text[name] != '=')
			name++;
		flag->at = text->at[0];
		flag->name = arena_strndup(&f->arena, text->text + 2, name - 2);
		flag->has_value = name < n;
		flag->value = from(text, name + (name < n));
		flag->value.text =
		        arena_strndup(&f->arena, flag->value.text, n - name - (name < n));
		if (!flag->name || !flag->value.text)
			return no_memory(err);
		r = check_flag(f, form, flag, err);
		*text = from(text, n);
		*text = skip_blanks(text);
	}
	return r;
}

/* ---- words ---------------------------------------------------------------------------------- */

/* Bytes of the word at the beginning of `text`: up to a blank outside of quotes, or up to `stop`.
 * *ret_open is the quote that is never closed, or 0. */
size_t containerfile_word_length(
        const struct containerfile *f, const struct piece *text, char stop, size_t *ret_open)
{
	size_t n = 0, open = 0;
	char quote = 0;

	for (; text->text[n]; n++) {
		char c = text->text[n];
		if (c == f->escape && quote != '\'' && text->text[n + 1]) {
			n++;
		} else if (quote) {
			quote = c == quote ? '\0' : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
			open = n;
		} else if (is_blank(c) || (stop && c == stop)) {
			break;
		}
	}
	*ret_open = quote ? open + 1 : 0;
	return n;
}

static int add_word(struct containerfile *f, struct cf_instruction *i, const struct piece *at,
        size_t n, struct error *err)
{
	/* Doubled whenever it is full: at a power of two. */
	if (!(i->n_words & (i->n_words - 1))) {
		size_t cap = i->n_words ? i->n_words * 2 : 1;
		struct piece *more = arena_alloc(&f->arena, cap * sizeof *more);
		if (!more)
			return no_memory(err);
		if (i->n_words)
			memcpy(more, i->words, i->n_words * sizeof *more);
		i->words = more;
	}
	i->words[i->n_words] = *at;
	if (at->text) {
		i->words[i->n_words].text = arena_strndup(&f->arena, at->text, n);
		if (!i->words[i->n_words].text)
			return no_memory(err);
	}
	i->n_words++;
	return 0;
}

static int unclosed(
        const struct containerfile *f, const struct piece *text, size_t open, struct error *err)
{
	return containerfile_error(f, text->at[open - 1], err, "this quote is never closed");
}

static int split_words(struct containerfile *f, struct cf_instruction *i, struct error *err)
{
	struct piece text = i->rest;
	size_t n, open;
	int r = 0;

	for (; r == 0 && text.text[0]; text = from(&text, n), text = skip_blanks(&text)) {
		n = containerfile_word_length(f, &text, 0, &open);
		if (open)
			return unclosed(f, &text, open, err);
		r = add_word(f, i, &text, n, err);
	}
	return r;
}

/* "A=b c=d", or "A b c d" for one alone, the older form. */
static int split_pairs(
        struct containerfile *f, struct cf_instruction *i, bool bare, struct error *err)
{
	struct piece text = i->rest, none = {0};
	size_t n, open;
	int r = 0;

	while (r == 0 && text.text[0]) {
		n = containerfile_word_length(f, &text, '=', &open);
		if (open)
			return unclosed(f, &text, open, err);
		if (n == 0)
			return containerfile_error(
			        f, text.at[0], err, "a name is missing in front of '='");
		r = add_word(f, i, &text, n, err);
		text = from(&text, n);
		if (r == 0 && text.text[0] == '=') {
			text = from(&text, 1);
			n = containerfile_word_length(f, &text, 0, &open);
			if (open)
				return unclosed(f, &text, open, err);
			r = add_word(f, i, &text, n, err);
			text = from(&text, n);
		} else if (r == 0 && bare) {
			none.at = text.at;
			r = add_word(f, i, &none, 0, err);
		} else if (r == 0) {
			struct piece value = skip_blanks(&text);
			if (i->n_words > 1 || !value.text[0])
				return containerfile_error(f, text.at[0], err,
				        "'=' and a value are missing: it should be NAME=VALUE");
			i->quoted_env = true;
			return add_word(f, i, &value, strlen(value.text), err);
		}
		text = skip_blanks(&text);
	}
	return r;
}

/* The strings of a JSON array. 1: it is none, and so a command for the shell. */
static int split_array(struct containerfile *f, struct cf_instruction *i, struct error *err)
{
	json_t *array = i->rest.text[0] == '[' ? json_loads(i->rest.text, 0, NULL) : NULL, *one;
	size_t k;
	int r = json_is_array(array) ? 0 : 1;

	if (r == 0)
		json_array_foreach (array, k, one)
			if (!json_is_string(one))
				r = 1;
	if (r == 0)
		json_array_foreach (array, k, one)
			if (r == 0) {
				struct piece p = {json_string_value(one), i->rest.at};
				r = add_word(f, i, &p, strlen(p.text), err);
			}
	i->exec = r == 0;
	json_decref(array);
	return r;
}

static int split_health(struct containerfile *f, struct cf_instruction *i, struct error *err)
{
	struct piece word = i->rest;
	size_t n = strcspn(word.text, " \t\v\f\r");
	bool none = n == 4 && !strncasecmp(word.text, "none", 4);
	int r;

	if (!none && !(n == 3 && !strncasecmp(word.text, "cmd", 3)))
		return containerfile_error(
		        f, word.at[0], err, "HEALTHCHECK needs NONE, or CMD and a command");
	r = add_word(f, i, &(struct piece){none ? "NONE" : "CMD", word.at}, none ? 4 : 3, err);
	i->rest = from(&word, n);
	i->rest = skip_blanks(&i->rest);
	if (r < 0)
		return r;
	if (none == (i->rest.text[0] != '\0'))
		return containerfile_error(f, i->rest.at[0], err,
		        none ? "nothing follows HEALTHCHECK NONE" : "a command is missing");
	r = none ? 0 : split_array(f, i, err);
	return r > 0 ? 0 : r;
}

/* The trigger has to be an instruction that may be one. */
static int check_trigger(
        const struct containerfile *f, const struct cf_instruction *i, struct error *err)
{
	enum instruction kind;
	size_t n = strcspn(i->rest.text, " \t\v\f\r");
	int r = containerfile_kind(f, &i->rest, n, &kind, err);

	if (r == 0 && (kind == INSTRUCTION_FROM || kind == INSTRUCTION_ONBUILD ||
	                      kind == INSTRUCTION_MAINTAINER))
		return containerfile_error(f, i->rest.at[0], err, "%s is no trigger for ONBUILD",
		        instruction_name(kind));
	return r;
}

static int split(struct containerfile *f, struct cf_instruction *i, struct error *err)
{
	int r;

	switch (instruction_forms[i->kind].form) {
	case FORM_WORDS:
		r = split_array(f, i, err);
		return r > 0 ? split_words(f, i, err) : r;
	case FORM_ARRAY:
		r = split_array(f, i, err);
		if (r <= 0)
			return r;
		return containerfile_error(f, i->rest.at[0], err,
		        "%s needs a JSON array, as in [\"/bin/sh\", \"-c\"]",
		        instruction_name(i->kind));
	case FORM_COMMAND:
		r = split_array(f, i, err);
		return r > 0 ? 0 : r;
	case FORM_PAIRS:
		return split_pairs(f, i, false, err);
	case FORM_NAMES:
		return split_pairs(f, i, true, err);
	case FORM_HEALTH:
		return split_health(f, i, err);
	case FORM_TRIGGER:
		return check_trigger(f, i, err);
	case FORM_TEXT:
		return add_word(f, i, &i->rest, strlen(i->rest.text), err);
	}
	return 0;
}

int containerfile_words(struct containerfile *f, struct cf_instruction *i, const struct piece *text,
        struct error *err)
{
	const struct instruction_form *form = &instruction_forms[i->kind];
	struct piece rest = skip_blanks(text);
	int r = take_flags(f, i, &rest, err);

	i->rest = rest;
	if (r == 0 && form->words && !rest.text[0])
		r = containerfile_error(f, rest.at[0], err, "%s needs %s", form->name, form->needs);
	if (r == 0)
		r = containerfile_find_documents(f, i, err);
	if (r == 0)
		r = split(f, i, err);
	if (r == 0 && form->words > 1 && i->n_words < form->words)
		r = containerfile_error(f, rest.at[0], err, "%s needs %s", form->name, form->needs);
	if (r == 0 && form->form == FORM_ARRAY && !i->n_words)
		r = containerfile_error(f, rest.at[0], err, "the array is empty");
	if (r == 0 && i->kind == INSTRUCTION_RUN && i->exec && !i->n_words)
		r = containerfile_error(f, rest.at[0], err, "the array is empty");
	return r;
}
