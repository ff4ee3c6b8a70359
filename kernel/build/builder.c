/* The stages, one after the other, and in each the instructions. */
#include "kernel/build/builder.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/build/builder_inner.h"
#include "kernel/build/expand.h"
#include "kernel/store/platform.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { IGNORE_LIMIT = 1 << 20 };

/* ---- what steps ask for -------------------------------------------------------------------- */

void builder_now(const struct builder *b, char ret[CREATED_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	if (b->options->epoch < now)
		now = (time_t)b->options->epoch;
	if (!gmtime_r(&now, &tm) || !strftime(ret, CREATED_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(ret, CREATED_SIZE, "1970-01-01T00:00:00Z");
}

const struct cf_flag *builder_flag(const struct cf_instruction *i, const char *name)
{
	for (size_t k = i->n_flags; k-- > 0;)
		if (!strcmp(i->flags[k].name, name))
			return &i->flags[k];
	return NULL;
}

const char *builder_platform_variable(const struct builder *b, const char *name)
{
	static const char *const both[] = {"TARGET", "BUILD"};
	const char *platform = b->options->platform;

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(both[i]);
		if (strncmp(name, both[i], n) != 0)
			continue;
		if (!strcmp(name + n, "OS"))
			return "linux";
		if (!strcmp(name + n, "ARCH"))
			return platform && i == 0 ? strchr(platform, '/') + 1
			                          : platform_architecture();
		if (!strcmp(name + n, "PLATFORM"))
			return platform && i == 0 ? platform : b->platform;
	}
	return NULL;
}

int builder_word(const struct builder *b, const struct stage *s, const struct cf_instruction *i,
        const struct piece *word, char **ret, struct error *err)
{
	auto_buf out = BUF_INIT;
	int r;

	(void)i;
	r = expand(b->at, word, stage_variable, s, &out, err);
	if (r < 0)
		return r;
	buf_add(&out, "");
	*ret = buf_steal(&out);
	return *ret ? 0 : error_set(err, ENOMEM, "read", b->at->name, NULL);
}

struct stage *builder_stage(const struct builder *b, const char *name)
{
	char number[24];

	for (size_t i = 0; i < b->n_stages; i++) {
		struct stage *s = &b->stages[i];
		snprintf(number, sizeof number, "%zu", i);
		if (s->image && (!strcasecmp(s->name, name) || !strcmp(number, name)))
			return s;
	}
	return NULL;
}

int builder_add_empty(struct builder *b, struct stage *s, const struct cf_instruction *i,
        const char *key, struct error *err)
{
	struct step_result result = {0};
	int r = stage_advance_key(s, key, strlen(key), err);

	if (r < 0)
		return r;
	/* The time it was done first: all from the cache gives the same image. */
	if (!b->options->no_cache && cache_find(&b->place, s->key, &result))
		return stage_add(s, NULL, result.created, i->text, err);
	builder_now(b, result.created);
	r = stage_add(s, NULL, result.created, i->text, err);
	return r < 0 ? r : cache_put(&b->place, s->key, &result, err);
}

int builder_do(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err)
{
	switch (i->kind) {
	case INSTRUCTION_RUN:
		return builder_run(b, s, i, err);
	case INSTRUCTION_COPY:
	case INSTRUCTION_ADD:
		return builder_copy(b, s, i, err);
	case INSTRUCTION_WORKDIR:
		return builder_workdir(b, s, i, err);
	default:
		return builder_config(b, s, i, err);
	}
}

/* ---- stages -------------------------------------------------------------------------------- */

/* Where the stages begin and which of them are needed. */
struct span {
	size_t first, end; /* of its instructions, FROM among them */
	char *name;
	bool needed;
};

static bool is_name(const char *text)
{
	if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z')))
		return false;
	return !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                          "0123456789_.-")];
}

static int read_from(
        struct builder *b, const struct cf_instruction *i, struct span *s, struct error *err)
{
	if (i->n_words == 1)
		return 0;
	if (i->n_words != 3 || strcasecmp(i->words[1].text, "AS") != 0)
		return containerfile_error(&b->file, i->words[1].at[0], err,
		        "behind the image there may be AS and a name, and nothing else");
	if (!is_name(i->words[2].text))
		return containerfile_error(&b->file, i->words[2].at[0], err,
		        "'%.40s' is no name of a stage: letters, digits, '_', '.' and '-', and a "
		        "letter first",
		        i->words[2].text);
	s->name = strdup(i->words[2].text);
	return s->name ? 0 : error_set(err, ENOMEM, "build", "", NULL);
}

static int find_spans(struct builder *b, struct span *spans, size_t *ret_n, struct error *err)
{
	size_t n = 0;
	int r = 0;

	for (size_t k = 0; r == 0 && k < b->file.n_instructions; k++) {
		const struct cf_instruction *i = &b->file.instructions[k];
		if (i->kind == INSTRUCTION_FROM) {
			spans[n].first = k;
			r = read_from(b, i, &spans[n++], err);
		} else if (!n && i->kind != INSTRUCTION_ARG) {
			return containerfile_error(&b->file, i->at, err,
			        "%s before the first FROM: only ARG may be there",
			        instruction_name(i->kind));
		}
		if (n)
			spans[n - 1].end = k + 1;
	}
	if (r == 0 && !n)
		return containerfile_error(&b->file, b->file.instructions[0].at, err,
		        "there is no FROM: what should the image begin with?");
	*ret_n = n;
	return r;
}

/* The span that a name or number means, among the first `n`; n when it means none. */
static size_t find_span(const struct span *spans, size_t n, const char *name)
{
	char number[24];

	for (size_t i = n; i-- > 0;) {
		snprintf(number, sizeof number, "%zu", i);
		if ((spans[i].name && !strcasecmp(spans[i].name, name)) || !strcmp(number, name))
			return i;
	}
	return n;
}

/* Marks the span and what it takes from others. They come before it, so one pass from the last to
 * the first sees all. */
static int mark(struct builder *b, struct span *spans, size_t last, struct error *err)
{
	spans[last].needed = true;
	for (size_t n = last + 1; n-- > 0;) {
		auto_free char *image = NULL;
		size_t from;
		if (!spans[n].needed)
			continue;
		if (builder_global_word(
		            b, &b->file.instructions[spans[n].first].words[0], &image, err) < 0)
			return -EINVAL;
		from = find_span(spans, n, image);
		if (from < n && strcmp(image, "scratch") != 0)
			spans[from].needed = true;
		for (size_t k = spans[n].first; k < spans[n].end; k++) {
			const struct cf_flag *flag = builder_flag(&b->file.instructions[k], "from");
			from = flag ? find_span(spans, n, flag->value.text) : n;
			if (from < n)
				spans[from].needed = true;
		}
	}
	return 0;
}

static void show(struct builder *b, const struct cf_instruction *i)
{
	b->step++;
	b->options->events.step(b->options->events.data, b->step, b->steps, i->text);
}

static int do_stage(struct builder *b, const struct span *span, struct stage *s, struct error *err)
{
	const struct cf_instruction *all = b->file.instructions;
	int r;

	show(b, &all[span->first]);
	s->name = strdup(span->name ? span->name : "");
	if (!s->name)
		return error_set(err, ENOMEM, "build", "", NULL);
	r = builder_from(b, s, &all[span->first], err);
	for (size_t k = span->first + 1; r == 0 && k < span->end; k++) {
		show(b, &all[k]);
		r = builder_do(b, s, &all[k], err);
	}
	return r;
}

static int no_target(struct builder *b, struct error *err)
{
	return error_set(err, ENOENT, "find stage", b->options->target,
	        "%s has no stage of that name", b->file.name);
}

static int do_stages(struct builder *b, struct span *spans, size_t n, char digest[DIGEST_TEXT],
        struct error *err)
{
	size_t last = b->options->target ? find_span(spans, n, b->options->target) : n - 1;
	int r = 0;

	if (last == n)
		return no_target(b, err);
	r = mark(b, spans, last, err);
	for (size_t i = 0; r == 0 && i <= last; i++)
		b->steps += spans[i].needed ? spans[i].end - spans[i].first : 0;
	b->stages = calloc(n, sizeof *b->stages);
	if (!b->stages)
		return error_set(err, ENOMEM, "build", "", NULL);
	for (size_t i = 0; r == 0 && i <= last; i++) {
		/* Only what is done can be named. */
		b->n_stages = i;
		if (spans[i].needed)
			r = do_stage(b, &spans[i], &b->stages[i], err);
	}
	b->n_stages = last + 1;
	if (r == 0)
		r = stage_commit(
		        &b->stages[last], &b->store, &b->place, b->options->name, digest, err);
	return r;
}

/* ARG before the first FROM. */
static int read_globals(struct builder *b, size_t end, struct error *err)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < end; k++) {
		const struct cf_instruction *i = &b->file.instructions[k];
		for (size_t w = 0; r == 0 && w + 1 < i->n_words; w += 2) {
			auto_free char *name = NULL, *value = NULL;
			r = builder_global_word(b, &i->words[w], &name, err);
			if (r == 0 && i->words[w + 1].text)
				r = builder_global_word(b, &i->words[w + 1], &value, err);
			if (r == 0 && builder_argument(b, b->globals, name, value) < 0)
				r = containerfile_error(
				        &b->file, i->at, err, "the value is not UTF-8");
		}
	}
	return r;
}

static int build(struct builder *b, char digest[DIGEST_TEXT], struct error *err)
{
	auto_free struct span *spans = calloc(b->file.n_instructions + 1, sizeof *spans);
	size_t n = 0;
	int r = spans ? find_spans(b, spans, &n, err) : error_set(err, ENOMEM, "build", "", NULL);

	if (r == 0)
		r = read_globals(b, spans[0].first, err);
	if (r == 0)
		r = do_stages(b, spans, n, digest, err);
	for (size_t i = 0; spans && i < b->file.n_instructions; i++)
		free(spans[i].name);
	return r;
}

/* ---- the files ----------------------------------------------------------------------------- */

static int read_standard_input(struct buf *out)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(0, bytes, sizeof bytes)) > 0 && out->len <= CONTAINERFILE_LIMIT)
		buf_add_bytes(out, bytes, (size_t)n);
	return n < 0 ? -errno : 0;
}

/* The name it is found under, for errors. */
static int read_file(const struct builder *b, struct buf *text, const char **ret, struct error *err)
{
	static const char *const names[] = {"Containerfile", "Dockerfile"};
	const char *file = b->options->file;
	int r = -ENOENT;

	if (file && !strcmp(file, "-")) {
		*ret = "standard input";
		r = read_standard_input(text);
		return r < 0 ? error_set(err, -r, "read", *ret, NULL) : 0;
	}
	if (file) {
		*ret = file;
		r = file_read_at(AT_FDCWD, file, CONTAINERFILE_LIMIT, text);
		return r < 0 ? error_set(err, -r, "read", file, NULL) : 0;
	}
	for (size_t i = 0; r == -ENOENT && i < 2; i++) {
		*ret = names[i];
		r = file_read_at(b->context, names[i], CONTAINERFILE_LIMIT, text);
	}
	if (r == -ENOENT) {
		error_set(err, ENOENT, "find Containerfile", b->options->context,
		        "there is no Containerfile and no Dockerfile in it");
		error_advise(err, "write one, or name it with --file");
		return -ENOENT;
	}
	return r < 0 ? error_set(err, -r, "read", *ret, NULL) : 0;
}

static int read_ignore(struct builder *b, struct error *err)
{
	static const char *const names[] = {".containerignore", ".dockerignore"};
	auto_buf text = BUF_INIT;
	int r = -ENOENT;
	size_t i;

	for (i = 0; i < 2 && r == -ENOENT; i++)
		r = file_read_at(b->context, names[i], IGNORE_LIMIT, &text);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_set(err, -r, "read", names[i - 1], NULL);
	return ignore_parse(names[i - 1], buf_text(&text), text.len, &b->ignore, err);
}

static int open_all(struct builder *b, struct error *err)
{
	auto_buf text = BUF_INIT;
	const char *name = "";
	int r;

	b->context = open(b->options->context, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->context < 0)
		return error_set(err, errno, "open context", b->options->context, NULL);
	b->globals = json_object();
	b->used = json_object();
	b->ids = idmap_choose();
	b->userxattr = !idmap_privileged();
	b->single = geteuid() != 0 && !b->ids.range;
	snprintf(b->platform, sizeof b->platform, "linux/%s", platform_architecture());
	r = read_file(b, &text, &name, err);
	if (r == 0)
		r = containerfile_parse(name, buf_text(&text), text.len, &b->file, err);
	b->at = &b->file;
	if (r == 0)
		r = read_ignore(b, err);
	if (r == 0)
		r = store_open(&b->store, err);
	return r < 0 ? r : build_place_open(&b->place, err);
}

/* Somebody may have mistyped a name. */
static void tell_unused(const struct builder *b)
{
	for (size_t i = 0; i < b->options->n_arguments; i++) {
		const char *pair = b->options->arguments[i];
		auto_free char *name = strndup(pair, strcspn(pair, "=")), *text = NULL;
		if (name && !json_object_get(b->used, name) &&
		        asprintf(&text, "--build-arg %s: no ARG asked for it", name) >= 0)
			b->options->events.note(b->options->events.data, text);
	}
}

int image_build(const struct image_build *o, char ret_digest[DIGEST_TEXT], int *ret_status,
        struct error *err)
{
	struct builder b = {
	        .options = o,
	        .context = -1,
	        .store = {.dir = -1, .blobs = -1},
	        .place = {.lock = -1},
	};
	int r = open_all(&b, err);

	if (r == 0)
		r = build(&b, ret_digest, err);
	if (r == 0)
		tell_unused(&b);
	*ret_status = b.status;
	for (size_t i = 0; b.stages && i < b.n_stages; i++)
		stage_release(&b.stages[i]);
	free(b.stages);
	build_place_release(&b.place);
	layout_release(&b.store);
	ignore_free(b.ignore);
	json_decref(b.globals);
	json_decref(b.used);
	containerfile_release(&b.file);
	cleanup_fd(&b.context);
	return r;
}
