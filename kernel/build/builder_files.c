/* Steps that write files: COPY, ADD and WORKDIR in an overlay that is mounted for them alone, RUN
 * in a container. What they have written is in the upper directory, and that becomes the layer. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/build/apart.h"
#include "kernel/build/builder_inner.h"
#include "kernel/build/expand.h"
#include "kernel/do/overlay_mount.h"
#include "kernel/do/overlay_options.h"
#include "kernel/do/users.h"
#include "kernel/store/upper_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

/* ---- the cache around them ----------------------------------------------------------------- */

int builder_cached(struct builder *b, struct stage *s, const struct cf_instruction *i, bool *ret,
        struct error *err)
{
	struct step_result result;

	*ret = !b->options->no_cache && cache_find(&b->place, s->key, &result);
	if (!*ret)
		return 0;
	b->options->events.cached(b->options->events.data);
	return stage_add(s, result.has_layer ? &result.layer : NULL, result.created, i->text, err);
}

int builder_keep(struct builder *b, struct stage *s, const struct cf_instruction *i,
        const struct packed *packed, struct error *err)
{
	struct step_result result = {.has_layer = !packed->empty, .layer = packed->layer};
	int r;

	builder_now(b, result.created);
	r = stage_add(s, packed->empty ? NULL : &packed->layer, result.created, i->text, err);
	return r < 0 ? r : cache_put(&b->place, s->key, &result, err);
}

int builder_pack(const struct builder *b, const char *upper, struct packed *ret, struct error *err)
{
	auto_close fd = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct upper_options o = {
	        .shift = b->ids.offset,
	        .not_after = b->options->epoch,
	        .userxattr = b->userxattr,
	};

	if (fd < 0)
		return error_set(err, errno, "read", upper, NULL);
	return upper_layer(fd, &b->place.layout, &o, &ret->layer, &ret->empty, err);
}

/* ---- an overlay of one's own --------------------------------------------------------------- */

/* A step, for the process apart. */
struct writing {
	const struct builder *builder;
	const struct scratch *scratch;
	const struct image *image;
	const struct image *from; /* COPY --from; NULL = the context */
	int documents; /* a directory with the here-documents, which are the context; -1 = none */
	const struct cf_instruction *instruction;
	const struct copy *copy;
	const char *sum;   /* of the sources */
	const char *owner; /* --chown */
	bool has_mode;
	mode_t mode;
	struct packed *packed;
};

static int mount_overlay(const struct writing *w, struct error *err)
{
	auto_buf options = BUF_INIT;
	const struct overlay_source o = {
	        .layers = w->image->layers,
	        .n_layers = w->image->n_layers,
	        .upper = w->scratch->upper,
	        .work = w->scratch->work,
	        .is_volatile = true,
	};
	int fd, r;

	overlay_options(&o, w->builder->userxattr, &options);
	r = buf_failed(&options) ? -ENOMEM
	                         : overlay_mount(&o, w->builder->userxattr, buf_text(&options),
	                                   w->scratch->merged, 0);
	if (r < 0) {
		error_set(err, -r, "mount overlay", w->scratch->merged, NULL);
		error_advise(err, "'cutaway doctor' tells whether overlayfs works here");
		return r;
	}
	fd = open(w->scratch->merged, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "open", w->scratch->merged, NULL) : fd;
}

/* The root of another image, to be read. A single layer needs no overlay. */
static int mount_from(const struct writing *w, struct error *err)
{
	const struct overlay_source o = {.layers = w->from->layers, .n_layers = w->from->n_layers};
	const char *path = w->from->n_layers == 1 ? w->from->layers[0] : w->scratch->from;
	auto_buf options = BUF_INIT;
	int fd, r = 0;

	overlay_options(&o, w->builder->userxattr, &options);
	if (o.n_layers > 1)
		r = overlay_mount(&o, w->builder->userxattr, buf_text(&options), path, MS_RDONLY);
	if (r < 0)
		return error_set(err, -r, "mount overlay", path, NULL);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "open", path, NULL) : fd;
}

static struct context context_of(const struct writing *w, const struct builder *b, int from)
{
	if (w->from)
		return (struct context){.root = from, .name = w->from->name};
	if (w->documents >= 0)
		return (struct context){.root = w->documents, .name = "the here-documents"};
	return (struct context){.root = b->context, .ignore = b->ignore, .name = "the context"};
}

static int set_target(const struct writing *w, struct target *t, struct error *err)
{
	struct users owner;
	int r;

	t->shift = w->builder->ids.offset;
	t->single = w->builder->single;
	t->has_mode = w->has_mode;
	t->mode = w->mode;
	if (!w->owner)
		return 0;
	r = users_find(w->owner, users_open_root, &t->root, &owner, err);
	t->has_owner = true;
	t->uid = owner.uid;
	t->gid = owner.gid;
	return r;
}

/* ---- COPY and ADD -------------------------------------------------------------------------- */

static int copy_into(const struct writing *w, int root, struct error *err)
{
	auto_close from = w->from ? mount_from(w, err) : -1;
	const struct context context = context_of(w, w->builder, from);
	struct target target;
	int r;

	if (w->from && from < 0)
		return from;
	target_init(&target, root);
	r = set_target(w, &target, err);
	if (r == 0)
		r = copy_files(&context, w->copy, &target, w->sum, err);
	target_release(&target);
	return r;
}

static int write_copy(void *argument, struct error *err)
{
	const struct writing *w = argument;
	auto_close root = mount_overlay(w, err);
	int r = root < 0 ? root : copy_into(w, root, err);

	if (r < 0)
		return r;
	cleanup_fd(&root);
	/* From here on all of it is in the upper directory. */
	if (umount2(w->scratch->merged, 0) < 0)
		return error_set(err, errno, "umount", w->scratch->merged, NULL);
	return builder_pack(w->builder, w->scratch->upper, w->packed, err);
}

/* Mounts, works apart, and keeps the layer. */
static int write_apart(struct builder *b, struct stage *s, const struct writing *job,
        int (*work)(void *argument, struct error *err), struct error *err)
{
	struct writing w = *job;
	struct scratch scratch = {.lock = -1};
	struct image image = {0};
	int r = stage_image(s, &b->store, &b->place, b->ids.layers, "the image", &image, err);

	if (r == 0)
		r = scratch_new(&b->place, b->ids.offset, &scratch, err);
	w.packed = r == 0 ? apart_memory(sizeof *w.packed) : NULL;
	if (r == 0 && !w.packed)
		r = error_set(err, ENOMEM, "build", "", NULL);
	w.builder = b;
	w.scratch = &scratch;
	w.image = &image;
	if (r == 0)
		r = apart_run(work, &w, err);
	if (r == 0)
		r = builder_keep(b, s, w.instruction, w.packed, err);
	apart_memory_free(w.packed, sizeof *w.packed);
	scratch_release(&scratch);
	image_release(&image);
	return r;
}

/* What the step depends on: the files of the context, or all that the other stage is. */
static int copy_key(struct builder *b, struct stage *s, const struct writing *w, char *sum,
        const char *from_key, struct error *err)
{
	const struct context context = context_of(w, b, -1);
	auto_buf key = BUF_INIT;
	int r = 0;

	if (!from_key)
		r = copy_sum(&context, w->copy, sum, err);
	if (r < 0)
		return r;
	buf_addf(&key, "%s %s", instruction_name(w->instruction->kind), from_key ? from_key : sum);
	for (size_t i = 0; i < w->copy->n_sources; i++)
		buf_addf(&key, " %zu %s", strlen(w->copy->sources[i]), w->copy->sources[i]);
	buf_addf(&key, " to %s", w->copy->destination);
	if (w->owner)
		buf_addf(&key, " owner %s", w->owner);
	if (w->has_mode)
		buf_addf(&key, " mode %o", (unsigned)w->mode);
	return stage_advance_key(s, buf_text(&key), key.len, err);
}

/* The image that COPY --from names: a stage, else one of the store. */
static int open_from(struct builder *b, const struct cf_flag *flag, struct image *ret,
        char **ret_key, struct error *err)
{
	struct stage *stage = builder_stage(b, flag->value.text);
	int r;

	if (stage) {
		*ret_key = strdup(stage->key);
		r = stage_image(
		        stage, &b->store, &b->place, b->ids.layers, flag->value.text, ret, err);
	} else {
		r = store_image(flag->value.text, b->ids.layers, ret, err);
		*ret_key = r == 0 ? strdup(ret->manifest_digest) : NULL;
	}
	if (r == 0 && !*ret_key)
		r = error_set(err, ENOMEM, "copy", flag->value.text, NULL);
	return r;
}

static int read_mode(struct builder *b, const struct cf_flag *flag, const char *text, mode_t *ret,
        struct error *err)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);

	if (!*text || *end || mode > 07777 || text[0] == '-' || text[0] == '+')
		return containerfile_error(b->at, flag->value.at[0], err,
		        "--chmod='%.40s': it should be an octal number, as 755", text);
	*ret = (mode_t)mode;
	return 0;
}

/* Says which instruction it was, when the error stands nowhere in the file. */
static int place_error(struct builder *b, const struct cf_instruction *i, int r, struct error *err)
{
	struct error whole = {0};

	if (r == 0 || !err || !strcmp(err->operation, "read"))
		return r;
	containerfile_error(
	        b->at, i->at, &whole, "%s: %s: %s", err->operation, err->object, err->cause);
	whole.code = err->code;
	memcpy(whole.advice, err->advice, sizeof whole.advice);
	*err = whole;
	return r;
}

static int copy_words(struct builder *b, struct stage *s, const struct writing *flags,
        struct copy *job, char **words, struct error *err)
{
	struct writing w = *flags;
	const struct cf_instruction *i = w.instruction;
	const struct cf_flag *from = builder_flag(i, "from");
	struct image image = {0};
	auto_free char *key = NULL;
	char sum[DIGEST_TEXT];
	bool cached = false;
	int r = 0;

	job->sources = words;
	job->n_sources = i->n_words - 1;
	job->add = i->kind == INSTRUCTION_ADD;
	job->keep_owners = from;
	w.copy = job;
	if (from)
		r = open_from(b, from, &image, &key, err);
	w.from = from ? &image : NULL;
	w.sum = from ? NULL : sum;
	if (r == 0)
		r = copy_key(b, s, &w, sum, key, err);
	if (r == 0)
		r = builder_cached(b, s, i, &cached, err);
	if (r == 0 && !cached)
		r = write_apart(b, s, &w, write_copy, err);
	image_release(&image);
	return place_error(b, i, r, err);
}

/* Relative ones are below WORKDIR; a '/' at the end means something and stays. */
char *builder_destination(const struct stage *s, const char *word)
{
	const char *cwd = json_string_value(json_object_get(stage_config(s), "WorkingDir"));
	char joined[PATH_MAX], *ret = NULL;
	size_t n = strlen(word);
	bool directory = !strcmp(word, ".") || (n && word[n - 1] == '/') ||
	                 (n > 1 && !strcmp(word + n - 2, "/."));

	if (!target_join(joined, cwd ? cwd : "", word))
		return NULL;
	return asprintf(&ret, "/%s%s", joined, directory && joined[0] ? "/" : "") < 0 ? NULL : ret;
}

static int refuse_url(
        struct builder *b, const struct cf_instruction *i, char **words, struct error *err)
{
	for (size_t k = 0; k + 1 < i->n_words; k++)
		if (strstr(words[k], "://") || !strncmp(words[k], "git@", 4))
			return containerfile_error(b->at, i->words[k].at[0], err,
			        "'%.60s' is a URL: a build takes only files that are here; fetch "
			        "it first",
			        words[k]);
	return 0;
}

static int copy_flags(
        struct builder *b, struct stage *s, struct writing *w, char **owner, struct error *err)
{
	const struct cf_flag *flag = builder_flag(w->instruction, "chown");
	auto_free char *mode = NULL;
	int r = 0;

	if (flag)
		r = builder_word(b, s, NULL, &flag->value, owner, err);
	w->owner = *owner;
	flag = builder_flag(w->instruction, "chmod");
	if (r == 0 && flag) {
		r = builder_word(b, s, NULL, &flag->value, &mode, err);
		if (r == 0)
			r = read_mode(b, flag, mode, &w->mode, err);
		w->has_mode = true;
	}
	return r;
}

/* ---- here-documents ------------------------------------------------------------------------ */

static int write_document(struct builder *b, const struct stage *s, const struct cf_document *d,
        int directory, struct error *err)
{
	auto_buf text = BUF_INIT;
	int r = 0;

	if (d->literal)
		buf_add(&text, d->text.text);
	else
		r = expand_document(b->at, &d->text, stage_variable, s, &text, err);
	if (r < 0)
		return r;
	r = buf_failed(&text)
	            ? -ENOMEM
	            : file_replace_at(directory, d->name, buf_text(&text), text.len, 0644);
	return r < 0 ? error_set(err, -r, "write", d->name, NULL) : 0;
}

/* Files of their names, in `place`; the words that stand for them become those names. */
static int write_documents(struct builder *b, const struct stage *s, const struct cf_instruction *i,
        const struct scratch *place, char **words, int *ret, struct error *err)
{
	auto_close directory = open(place->from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = directory < 0 ? error_set(err, errno, "open", place->from, NULL) : 0;

	if (r == 0 && (i->n_documents + 1 != i->n_words || builder_flag(i, "from")))
		r = containerfile_error(b->at, i->documents[0].at, err,
		        "here-documents do not go together with other sources");
	for (size_t k = 0; r == 0 && k < i->n_documents; k++) {
		const struct cf_document *d = &i->documents[k];
		r = write_document(b, s, d, directory, err);
		free(words[d->word]);
		words[d->word] = strdup(d->name);
		if (r == 0 && !words[d->word])
			r = error_set(err, ENOMEM, "copy", d->name, NULL);
	}
	if (r == 0)
		*ret = steal_fd(&directory);
	return r;
}

static int copy_documents(struct builder *b, struct stage *s, struct writing *w, struct copy *job,
        char **words, struct error *err)
{
	struct scratch place = {.lock = -1};
	auto_close directory = -1;
	int r = 0;

	if (w->instruction->n_documents) {
		r = scratch_new(&b->place, b->ids.offset, &place, err);
		if (r == 0)
			r = write_documents(b, s, w->instruction, &place, words, &directory, err);
	}
	w->documents = directory;
	if (r == 0)
		r = copy_words(b, s, w, job, words, err);
	scratch_release(&place);
	return r;
}

int builder_copy(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err)
{
	auto_free char **words = calloc(i->n_words, sizeof *words), *owner = NULL, *to = NULL;
	struct writing w = {.instruction = i, .documents = -1};
	struct copy job = {0};
	int r = words ? 0 : error_set(err, ENOMEM, "copy", "", NULL);

	for (size_t k = 0; r == 0 && k < i->n_words; k++)
		r = builder_word(b, s, i, &i->words[k], &words[k], err);
	if (r == 0)
		r = refuse_url(b, i, words, err);
	if (r == 0)
		r = copy_flags(b, s, &w, &owner, err);
	if (r == 0) {
		job.destination = to = builder_destination(s, words[i->n_words - 1]);
		r = to ? copy_documents(b, s, &w, &job, words, err)
		       : error_set(err, ENAMETOOLONG, "copy to", words[i->n_words - 1], NULL);
	}
	for (size_t k = 0; words && k < i->n_words; k++)
		free(words[k]);
	return r;
}

/* ---- WORKDIR ------------------------------------------------------------------------------- */

static int write_directory(void *argument, struct error *err)
{
	const struct writing *w = argument;
	auto_close root = mount_overlay(w, err);
	struct target target;
	int r = root;

	if (root >= 0) {
		target_init(&target, root);
		r = set_target(w, &target, err);
		if (r == 0)
			r = target_directory(&target, w->copy->destination + 1, NULL, err);
		target_release(&target);
	}
	if (r < 0)
		return r;
	cleanup_fd(&root);
	if (umount2(w->scratch->merged, 0) < 0)
		return error_set(err, errno, "umount", w->scratch->merged, NULL);
	return builder_pack(w->builder, w->scratch->upper, w->packed, err);
}

int builder_workdir(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err)
{
	auto_free char *word = NULL, *path = NULL, *key = NULL;
	struct copy job = {0};
	struct writing w = {.instruction = i, .copy = &job, .documents = -1};
	bool cached = false;
	int r = builder_word(b, s, i, &i->words[0], &word, err);

	if (r < 0)
		return r;
	path = builder_destination(s, word);
	if (!path || asprintf(&key, "WORKDIR %s", path) < 0)
		return error_set(err, ENOMEM, "make directory", word, NULL);
	r = builder_set_workdir(s, path, err);
	if (r < 0)
		return r;
	job.destination = path;
	r = stage_advance_key(s, key, strlen(key), err);
	if (r == 0)
		r = builder_cached(b, s, i, &cached, err);
	if (r == 0 && !cached)
		r = write_apart(b, s, &w, write_directory, err);
	return place_error(b, i, r, err);
}
