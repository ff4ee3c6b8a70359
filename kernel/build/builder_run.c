/* RUN: a container of the image so far; what it has written becomes a layer. */
#include "kernel/base/cleanup.h"
#include "kernel/build/apart.h"
#include "kernel/build/builder_inner.h"
#include "kernel/do/container.h"
#include "kernel/do/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the container's end needs to make a layer of its files. */
struct keeping {
	const struct builder *builder;
	const char *upper;
	struct packed *packed;
};

static int pack(void *argument, struct error *err)
{
	const struct keeping *k = argument;

	return builder_pack(k->builder, k->upper, k->packed, err);
}

static int keep_upper(struct container *c, struct error *err)
{
	struct keeping *k = c->keep_data;

	if (c->exit_code != 0)
		return 0; /* a step that failed makes no layer */
	k->upper = c->upper;
	return apart_run(pack, k, err);
}

/* ---- the command --------------------------------------------------------------------------- */

json_t *builder_command(const struct stage *s, const struct cf_instruction *i)
{
	json_t *shell = json_object_get(stage_config(s), "Shell"), *list, *one;
	size_t k;

	list = json_array();
	if (!i->exec) {
		if (json_array_size(shell))
			json_array_foreach (shell, k, one)
				json_array_append(list, one);
		else
			for (k = 0; k < 2; k++)
				json_array_append_new(list, json_string(k ? "-c" : "/bin/sh"));
		if (json_array_append_new(list, json_string(i->rest.text)) == 0)
			return list;
	}
	for (k = 0; i->exec && k < i->n_words; k++)
		if (json_array_append_new(list, json_string(i->words[k].text)) < 0)
			break;
	if (i->exec && k == i->n_words)
		return list;
	json_decref(list);
	return NULL;
}

/* The command and what of ARG it is given, as one text. */
static int advance_key(struct stage *s, const json_t *command, struct error *err)
{
	json_t *all = json_pack("{s:O, s:O}", "run", command, "arguments", s->arguments);
	auto_free char *text = all ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	json_decref(all);
	if (!text)
		return error_set(err, ENOMEM, "run", "", NULL);
	return stage_advance_key(s, text, strlen(text), err);
}

/* Arguments go before the environment of the image, which is stronger: config_build() lets `env`
 * win, so those that the image sets as well are left out. */
static size_t list_arguments(const struct stage *s, char **pairs)
{
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach (s->arguments, key, value) {
		const char *now = stage_variable(s, key, strlen(key));
		if (json_is_string(value) && now == json_string_value(value) &&
		        asprintf(&pairs[n], "%s=%s", key, now) >= 0)
			n++;
	}
	return n;
}

/* The image's own program is not what runs here; and what a step writes to a place that the image
 * says is a volume belongs to the layer, as with docker's BuildKit. */
static int without_program(struct image *i)
{
	json_t *image = json_loads(i->config, 0, NULL), *config;
	char *text;

	config = json_object_get(image, "config");
	json_object_del(config, "Entrypoint");
	json_object_del(config, "Cmd");
	json_object_del(config, "Volumes");
	text = image ? json_dumps(image, JSON_COMPACT) : NULL;
	json_decref(image);
	if (!text)
		return -ENOMEM;
	free(i->config);
	i->config = text;
	return 0;
}

/* ---- the container ------------------------------------------------------------------------- */

static int run_container(struct container *c, struct keeping *k, int *ret_status, struct error *err)
{
	struct monitor_options o = {.foreground = true, .start = true};
	int r = container_claim(c, err);

	/* Nobody types into a build. */
	c->build.stdio[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (r == 0 && c->build.stdio[0] < 0)
		r = error_set(err, errno, "open", "/dev/null", NULL);
	c->keep = keep_upper;
	c->keep_data = k;
	if (r < 0) {
		container_finish(c, -1, NULL);
		return r;
	}
	return monitor_run(c, &o, ret_status, err);
}

static int failed(struct builder *b, const struct cf_instruction *i, int status, struct error *err)
{
	char line[32];

	b->status = status;
	snprintf(line, sizeof line, "line %u", i->line);
	if (status > 128)
		return error_set(err, ECHILD, line, i->text, "exit status %d (signal %s)", status,
		        sigabbrev_np(status - 128) ? sigabbrev_np(status - 128) : "?");
	return error_set(err, ECHILD, line, i->text, "exit status %d", status);
}

static int run_command(struct builder *b, struct stage *s, const struct cf_instruction *i,
        char **command, size_t n, char **arguments, struct packed *packed, struct error *err)
{
	struct keeping k = {.builder = b, .packed = packed};
	char name[48];
	struct container_options o = {
	        .name = name,
	        .image = "the image",
	        .command = command,
	        .n_command = n,
	        .env = (const char **)arguments,
	        .n_env = list_arguments(s, arguments),
	        .network_host = b->options->network_host,
	        .remove = true,
	};
	struct container *c = NULL;
	struct image image = {0};
	int status = 0, r;

	snprintf(name, sizeof name, "build-%d-%zu", (int)getpid(), b->step);
	r = stage_image(s, &b->store, &b->place, b->ids.layers, "build", &image, err);
	if (r == 0 && without_program(&image) < 0)
		r = error_set(err, ENOMEM, "run", i->text, NULL);
	if (r == 0)
		r = container_plan_of(&o, &image, &c, err);
	if (r == 0)
		r = run_container(c, &k, &status, err);
	container_free(c);
	image_release(&image);
	for (size_t a = 0; a < o.n_env; a++)
		free(arguments[a]);
	if (r < 0 && err && !strncmp(err->operation, "step exec", 9)) {
		struct error why = *err;
		*err = (struct error){0};
		b->status = monitor_failure_status(&why);
		return error_set(err, why.code, "run", i->text, "%s: %s", why.object, why.cause);
	}
	return r < 0 ? r : status ? failed(b, i, status, err) : 0;
}

static int run_step(struct builder *b, struct stage *s, const struct cf_instruction *i,
        const json_t *list, struct error *err)
{
	size_t n = json_array_size(list), k;
	auto_free char **command = calloc(n + 1, sizeof *command);
	auto_free char **arguments = calloc(json_object_size(s->arguments) + 1, sizeof *arguments);
	struct packed *packed = apart_memory(sizeof *packed);
	const json_t *one;
	int r = 0;

	if (!command || !arguments || !packed)
		r = error_set(err, ENOMEM, "run", i->text, NULL);
	if (r == 0) {
		json_array_foreach (list, k, one)
			command[k] = (char *)json_string_value(one);
		r = run_command(b, s, i, command, n, arguments, packed, err);
	}
	if (r == 0)
		r = builder_keep(b, s, i, packed, err);
	apart_memory_free(packed, sizeof *packed);
	return r;
}

int builder_run(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err)
{
	json_t *command = builder_command(s, i);
	bool cached = false;
	int r;

	if (!command)
		return containerfile_error(b->at, i->at, err,
		        "the command is not UTF-8, and JSON can hold nothing else");
	r = advance_key(s, command, err);
	if (r == 0)
		r = builder_cached(b, s, i, &cached, err);
	if (r == 0 && !cached)
		r = run_step(b, s, i, command, err);
	json_decref(command);
	return r;
}
