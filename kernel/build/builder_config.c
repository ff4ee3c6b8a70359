/* Steps that change the configuration of the image and no file (OCI image specification 1.1,
 * config.md, "config"; Shell, Healthcheck and OnBuild are docker's, which config.md reserves). */
#include "kernel/base/cleanup.h"
#include "kernel/base/signal_name.h"
#include "kernel/build/builder_inner.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one word each ------------------------------------------------------------------------- */

/* All words with variables replaced; the caller frees the words and the list. */
static int all_words(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char ***ret, struct error *err)
{
	int r = 0;

	*ret = calloc(i->n_words + 1, sizeof **ret);
	if (!*ret)
		return error_set(err, ENOMEM, "read", b->at->name, NULL);
	for (size_t k = 0; r == 0 && k < i->n_words; k++)
		if (i->words[k].text)
			r = builder_word(b, s, i, &i->words[k], &(*ret)[k], err);
	return r;
}

static void free_words(const struct cf_instruction *i, char **words)
{
	for (size_t k = 0; words && k < i->n_words; k++)
		free(words[k]);
	free(words);
}

static int not_utf8(struct builder *b, const struct cf_instruction *i, struct error *err)
{
	return containerfile_error(
	        b->at, i->at, err, "it is not UTF-8, and JSON can hold nothing else");
}

/* The object of that name in the configuration, made when it is missing. */
static json_t *object(const struct stage *s, const char *name)
{
	json_t *o = json_object_get(stage_config(s), name);

	if (!json_is_object(o)) {
		o = json_object();
		json_object_set_new(stage_config(s), name, o);
	}
	return o;
}

/* ---- the instructions ---------------------------------------------------------------------- */

/* Each takes the words, expanded, and changes the configuration. */
typedef int change(struct builder *b, struct stage *s, const struct cf_instruction *i, char **words,
        struct error *err);

static int change_env(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	for (size_t k = 0; k + 1 < i->n_words; k += 2) {
		if (!*words[k] || strchr(words[k], '='))
			return containerfile_error(
			        b->at, i->words[k].at[0], err, "'%.40s' is no name", words[k]);
		if (stage_set_env(s, words[k], words[k + 1]) < 0)
			return not_utf8(b, i, err);
	}
	return 0;
}

static int change_label(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	for (size_t k = 0; k + 1 < i->n_words; k += 2)
		if (json_object_set_new(object(s, "Labels"), words[k], json_string(words[k + 1])) <
		        0)
			return not_utf8(b, i, err);
	return 0;
}

static int change_command(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	json_t *command = builder_command(s, i);
	bool entry = i->kind == INSTRUCTION_ENTRYPOINT;

	(void)words;
	if (!command)
		return not_utf8(b, i, err);
	if (!i->exec && !i->rest.text[0])
		json_array_clear(command); /* "CMD" alone: none */
	json_object_set_new(stage_config(s), entry ? "Entrypoint" : "Cmd", command);
	/* The command that came with the base image was meant for its entry point. */
	if (entry && !s->has_command)
		json_object_del(stage_config(s), "Cmd");
	s->has_command |= !entry;
	return 0;
}

static int change_user(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	if (!words[0][0])
		return containerfile_error(b->at, i->words[0].at[0], err,
		        "USER needs a user: nothing is left of this");
	return json_object_set_new(stage_config(s), "User", json_string(words[0])) < 0
	               ? not_utf8(b, i, err)
	               : 0;
}

static bool port(const char *text, size_t n, long *ret)
{
	char digits[8] = "";

	if (!n || n >= sizeof digits || strspn(text, "0123456789") < n)
		return false;
	memcpy(digits, text, n);
	*ret = strtol(digits, NULL, 10);
	return *ret >= 1 && *ret <= 65535;
}

/* "80", "53/udp", "8000-8010/tcp". */
static int add_ports(json_t *ports, const char *text)
{
	size_t n = strcspn(text, "/"), dash = strcspn(text, "-/");
	const char *protocol = text[n] ? text + n + 1 : "tcp";
	long first, last;

	if ((strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0 &&
	            strcmp(protocol, "sctp") != 0) ||
	        !port(text, dash, &first))
		return -EINVAL;
	last = first;
	if (text[dash] == '-' && !port(text + dash + 1, n - dash - 1, &last))
		return -EINVAL;
	if (last < first)
		return -EINVAL;
	for (long p = first; p <= last; p++) {
		char key[24];
		snprintf(key, sizeof key, "%ld/%s", p, protocol);
		json_object_set_new(ports, key, json_object());
	}
	return 0;
}

static int change_expose(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	for (size_t k = 0; k < i->n_words; k++)
		if (add_ports(object(s, "ExposedPorts"), words[k]) < 0)
			return containerfile_error(b->at, i->words[k].at[0], err,
			        "'%.40s' is no port: it should be as 80, 53/udp or 8000-8010",
			        words[k]);
	return 0;
}

static int change_volume(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	for (size_t k = 0; k < i->n_words; k++) {
		if (words[k][0] != '/')
			return containerfile_error(b->at, i->words[k].at[0], err,
			        "'%.40s': a volume is named by a path that begins with '/'",
			        words[k]);
		if (json_object_set_new(object(s, "Volumes"), words[k], json_object()) < 0)
			return not_utf8(b, i, err);
	}
	return 0;
}

static int change_shell(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	json_t *shell = json_array();

	(void)b;
	(void)err;
	for (size_t k = 0; k < i->n_words; k++)
		json_array_append_new(shell, json_string(words[k]));
	json_object_set_new(stage_config(s), "Shell", shell);
	return 0;
}

static int change_stop_signal(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	if (signal_by_name(words[0]) < 0)
		return containerfile_error(b->at, i->words[0].at[0], err,
		        "'%.40s' is no signal: it should be as SIGTERM or 15", words[0]);
	json_object_set_new(stage_config(s), "StopSignal", json_string(words[0]));
	return 0;
}

int builder_set_workdir(struct stage *s, char *path, struct error *err)
{
	size_t n = strlen(path);

	if (n > 1 && path[n - 1] == '/')
		path[n - 1] = '\0';
	if (json_object_set_new(stage_config(s), "WorkingDir", json_string(path)) < 0)
		return error_set(err, EILSEQ, "set", "WorkingDir", "the path is not UTF-8");
	return 0;
}

/* Of commit; a build makes the directory, builder_workdir(). */
static int change_workdir(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	auto_free char *path = builder_destination(s, words[0]);

	(void)b;
	(void)i;
	return path ? builder_set_workdir(s, path, err)
	            : error_set(err, ENOMEM, "set", "WorkingDir", NULL);
}

static int change_author(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	return json_object_set_new(s->image, "author", json_string(words[0])) < 0
	               ? not_utf8(b, i, err)
	               : 0;
}

static int change_trigger(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	json_t *list = json_object_get(stage_config(s), "OnBuild");

	(void)words;
	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(stage_config(s), "OnBuild", list);
	}
	return json_array_append_new(list, json_string(i->rest.text)) < 0 ? not_utf8(b, i, err) : 0;
}

/* ---- HEALTHCHECK --------------------------------------------------------------------------- */

/* "1m30s", "500ms": nanoseconds, as Go has them. -1: none. */
static json_int_t duration(const char *text)
{
	static const struct {
		const char *unit;
		double nanoseconds;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
	double sum = 0;

	if (!strcmp(text, "0"))
		return 0;
	while (*text) {
		size_t k = 0, n;
		char *end;
		double value = strtod(text, &end);
		if (!isdigit((unsigned char)*text))
			return -1;
		n = strspn(end, "abcdefghijklmnopqrstuvwxyz");
		while (k < 6 && (strlen(units[k].unit) != n || strncmp(units[k].unit, end, n) != 0))
			k++;
		if (k == 6)
			return -1;
		sum += value * units[k].nanoseconds;
		text = end + n;
	}
	return sum > 0 && sum < 9e18 ? (json_int_t)sum : -1;
}

static int health_flag(
        struct builder *b, json_t *check, const struct cf_flag *flag, struct error *err)
{
	static const char *const names[][2] = {{"interval", "Interval"}, {"timeout", "Timeout"},
	        {"start-period", "StartPeriod"}, {"start-interval", "StartInterval"}};
	json_int_t value;
	char *end;

	if (!strcmp(flag->name, "retries")) {
		value = strtol(flag->value.text, &end, 10);
		if (*end || value < 1)
			return containerfile_error(b->at, flag->value.at[0], err,
			        "'%.40s': retries are a number from 1", flag->value.text);
		json_object_set_new(check, "Retries", json_integer(value));
		return 0;
	}
	value = duration(flag->value.text);
	if (value < 0)
		return containerfile_error(b->at, flag->value.at[0], err,
		        "'%.40s' is no time: it should be as 30s or 1m30s", flag->value.text);
	for (size_t i = 0; i < 4; i++)
		if (!strcmp(flag->name, names[i][0]))
			json_object_set_new(check, names[i][1], json_integer(value));
	return 0;
}

static int change_health(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	json_t *check = json_object(), *test = json_array();
	int r = 0;

	(void)words;
	if (!strcmp(i->words[0].text, "NONE")) {
		json_array_append_new(test, json_string("NONE"));
	} else {
		json_array_append_new(test, json_string(i->exec ? "CMD" : "CMD-SHELL"));
		for (size_t k = 1; i->exec && k < i->n_words; k++)
			json_array_append_new(test, json_string(i->words[k].text));
		if (!i->exec && json_array_append_new(test, json_string(i->rest.text)) < 0)
			r = not_utf8(b, i, err);
	}
	json_object_set_new(check, "Test", test);
	for (size_t k = 0; r == 0 && k < i->n_flags; k++)
		r = health_flag(b, check, &i->flags[k], err);
	if (r < 0)
		json_decref(check);
	else
		json_object_set_new(stage_config(s), "Healthcheck", check);
	return r;
}

/* ---- ARG ----------------------------------------------------------------------------------- */

/* What the command line gives, what an ARG before the first FROM gives, what the builder knows. */
static const char *given(const struct builder *b, const char *name)
{
	size_t n = strlen(name);
	const char *value;

	for (size_t i = b->options->n_arguments; i-- > 0;) {
		const char *pair = b->options->arguments[i];
		if (!strncmp(pair, name, n) && pair[n] == '=') {
			json_object_set_new(b->used, name, json_true());
			return pair + n + 1;
		}
	}
	value = json_string_value(json_object_get(b->globals, name));
	return value ? value : builder_platform_variable(b, name);
}

int builder_argument(const struct builder *b, json_t *to, const char *name, const char *standard)
{
	const char *value = given(b, name);

	if (!value)
		value = standard;
	if (!value)
		return 0; /* declared, and without a value */
	return json_object_set_new(to, name, json_string(value)) < 0 ? -EILSEQ : 0;
}

static int change_argument(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **words, struct error *err)
{
	for (size_t k = 0; k + 1 < i->n_words; k += 2)
		if (builder_argument(b, s->arguments, words[k], words[k + 1]) < 0)
			return not_utf8(b, i, err);
	return 0;
}

/* ---- all of them --------------------------------------------------------------------------- */

static change *const changes[INSTRUCTIONS] = {
        [INSTRUCTION_ENV] = change_env,
        [INSTRUCTION_LABEL] = change_label,
        [INSTRUCTION_CMD] = change_command,
        [INSTRUCTION_ENTRYPOINT] = change_command,
        [INSTRUCTION_USER] = change_user,
        [INSTRUCTION_EXPOSE] = change_expose,
        [INSTRUCTION_VOLUME] = change_volume,
        [INSTRUCTION_SHELL] = change_shell,
        [INSTRUCTION_STOPSIGNAL] = change_stop_signal,
        [INSTRUCTION_HEALTHCHECK] = change_health,
        [INSTRUCTION_ONBUILD] = change_trigger,
        [INSTRUCTION_MAINTAINER] = change_author,
        [INSTRUCTION_ARG] = change_argument,
        [INSTRUCTION_WORKDIR] = change_workdir,
};

/* In these nothing is expanded: a shell does it later, or nobody. */
static bool is_literal(enum instruction kind)
{
	return kind == INSTRUCTION_CMD || kind == INSTRUCTION_ENTRYPOINT ||
	       kind == INSTRUCTION_HEALTHCHECK;
}

/* The configuration and the arguments after it are all that the step depends on. */
static int advance(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err)
{
	json_t *all = json_pack("{s:s, s:O, s:O}", "step", instruction_name(i->kind), "config",
	        stage_config(s), "arguments", s->arguments);
	auto_free char *text = all ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	json_decref(all);
	return text ? builder_add_empty(b, s, i, text, err)
	            : error_set(err, ENOMEM, "build", i->text, NULL);
}

int builder_config(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err)
{
	char **words = NULL;
	int r = is_literal(i->kind) ? 0 : all_words(b, s, i, &words, err);

	if (r == 0)
		r = changes[i->kind](b, s, i, words, err);
	if (r == 0)
		r = advance(b, s, i, err);
	free_words(i, words);
	return r;
}
