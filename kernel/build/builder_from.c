/* FROM: what a stage begins with, and the instructions that its image has for who builds on it. */
#include "kernel/base/cleanup.h"
#include "kernel/build/builder_inner.h"
#include "kernel/build/expand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *global_variable(const void *data, const char *name, size_t n)
{
	const struct builder *b = data;
	auto_free char *key = strndup(name, n);
	const char *value = key ? json_string_value(json_object_get(b->globals, key)) : NULL;

	return value || !key ? value : builder_platform_variable(b, key);
}

int builder_global_word(struct builder *b, const struct piece *word, char **ret, struct error *err)
{
	auto_buf out = BUF_INIT;
	int r = expand(&b->file, word, global_variable, b, &out, err);

	if (r < 0)
		return r;
	buf_add(&out, "");
	*ret = buf_steal(&out);
	return *ret ? 0 : error_set(err, ENOMEM, "read", b->file.name, NULL);
}

/* A program of another architecture would not run here. */
static int check_platform(
        struct builder *b, const struct cf_instruction *i, const char *platform, struct error *err)
{
	if (!platform || !strcmp(platform, b->platform))
		return 0;
	return containerfile_error(&b->file, i->at, err,
	        "platform %.60s: this machine is %s; of another one only FROM scratch can be built",
	        platform, b->platform);
}

/* The instructions that the base image has for who builds on it. */
static int do_triggers(struct builder *b, struct stage *s, const char *image, struct error *err)
{
	json_t *list = json_incref(json_object_get(stage_config(s), "OnBuild")), *one;
	char name[128];
	size_t k;
	int r = 0;

	json_object_del(stage_config(s), "OnBuild");
	snprintf(name, sizeof name, "ONBUILD of %.100s", image);
	json_array_foreach (list, k, one) {
		struct containerfile f;
		const char *text = json_string_value(one);
		if (r < 0 || !text)
			continue;
		r = containerfile_parse(name, text, strlen(text), &f, err);
		b->at = &f;
		for (size_t i = 0; r == 0 && i < f.n_instructions; i++) {
			enum instruction kind = f.instructions[i].kind;
			if (kind == INSTRUCTION_FROM || kind == INSTRUCTION_ONBUILD)
				r = containerfile_error(&f, 0, err, "that is no trigger");
			else
				r = builder_do(b, s, &f.instructions[i], err);
		}
		b->at = &b->file;
		containerfile_release(&f);
	}
	json_decref(list);
	return r;
}

int builder_from(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err)
{
	const struct cf_flag *flag = builder_flag(i, "platform");
	auto_free char *image = NULL, *own = NULL;
	const char *platform = b->options->platform;
	struct stage *from;
	char epoch[48];
	int r = builder_global_word(b, &i->words[0], &image, err);

	if (r == 0 && flag) {
		r = builder_global_word(b, &flag->value, &own, err);
		platform = own;
	}
	if (r < 0)
		return r;
	if (!*image)
		return containerfile_error(&b->file, i->words[0].at[0], err,
		        "no image is left of this: give the variable a value with ARG or "
		        "--build-arg");
	from = builder_stage(b, image);
	if (!strcmp(image, "scratch"))
		r = stage_scratch(s, platform, err);
	else if (from)
		r = stage_from_stage(from, s, err);
	else if ((r = check_platform(b, i, platform, err)) == 0)
		r = stage_from_image(&b->store, image, b->ids.layers, s, err);
	/* Other times are other layers. */
	snprintf(epoch, sizeof epoch, "epoch %lld",
	        b->options->epoch == INT64_MAX ? -1ll : (long long)b->options->epoch);
	if (r == 0 && !from)
		r = stage_advance_key(s, epoch, strlen(epoch), err);
	return r < 0 || from ? r : do_triggers(b, s, image, err);
}
