/* What the files of the builder share: builder.c goes through the stages, builder_from.c begins
 * one, builder_files.c does the steps that write files, builder_config.c those that change the
 * configuration only. */
#pragma once

#include "kernel/build/builder.h"
#include "kernel/build/cache.h"
#include "kernel/build/containerfile.h"
#include "kernel/build/copy.h"
#include "kernel/build/ignore.h"
#include "kernel/build/place.h"
#include "kernel/build/stage.h"
#include "kernel/do/idmap.h"

struct builder {
	const struct image_build *options;
	struct containerfile file;
	const struct containerfile *at; /* the one whose instructions are done: a trigger's, too */
	struct layout store;
	struct build_place place;
	struct idmap_choice ids;
	bool userxattr; /* overlayfs is mounted in a user namespace */
	bool single;    /* one id exists there */
	int context;
	struct ignore *ignore;
	json_t *globals; /* of ARG before the first FROM */
	json_t *used;    /* build arguments that an ARG has asked for */
	struct stage *stages;
	size_t n_stages;
	size_t step, steps; /* the current, and how many there are */
	int status;         /* of a program that failed */
	char platform[48];  /* this machine's: "linux/amd64" */
};

/* One instruction, its step shown already. */
int builder_do(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err);
int builder_from(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err);
/* A word of FROM: the variables are those of ARG before the first one. */
int builder_global_word(struct builder *b, const struct piece *word, char **ret, struct error *err);
int builder_config(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err);
int builder_run(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err);
int builder_copy(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err);
int builder_workdir(
        struct builder *b, struct stage *s, const struct cf_instruction *i, struct error *err);

/* The word with its variables and without its quotes; *ret is the caller's. In the exec form quotes
 * are none. */
int builder_word(const struct builder *b, const struct stage *s, const struct cf_instruction *i,
        const struct piece *word, char **ret, struct error *err);
/* The flag's value, NULL when it is not there. */
const struct cf_flag *builder_flag(const struct cf_instruction *i, const char *name);
/* The time that a step done now is given. */
void builder_now(const struct builder *b, char ret[CREATED_SIZE]);
/* A stage that is done, by its name or number; NULL when there is none. */
struct stage *builder_stage(const struct builder *b, const char *name);

/* Where a path leads to that may be relative to WORKDIR; a '/' at the end stays. The caller's. */
char *builder_destination(const struct stage *s, const char *word);
/* Sets WorkingDir to an absolute path, which loses a '/' at its end. */
int builder_set_workdir(struct stage *s, char *path, struct error *err);
/* An ARG: enters the value that counts, if there is one, into `to`. -EILSEQ: not UTF-8. */
int builder_argument(const struct builder *b, json_t *to, const char *name, const char *standard);
/* TARGETARCH and its like; NULL for another name. */
const char *builder_platform_variable(const struct builder *b, const char *name);
/* What RUN, CMD and ENTRYPOINT say, as a list of arguments; the caller's. NULL: not UTF-8. */
json_t *builder_command(const struct stage *s, const struct cf_instruction *i);

/* What came of a step: a layer, or nothing was written. */
struct packed {
	struct layer layer;
	bool empty;
};
/* Takes what the step (its key is the stage's) has made before, when there is such. */
int builder_cached(struct builder *b, struct stage *s, const struct cf_instruction *i, bool *ret,
        struct error *err);
/* Adds it to the stage and remembers it. */
int builder_keep(struct builder *b, struct stage *s, const struct cf_instruction *i,
        const struct packed *packed, struct error *err);
/* Makes a layer of an upper directory: to be called apart (apart.h). */
int builder_pack(const struct builder *b, const char *upper, struct packed *ret, struct error *err);

/* A step without a layer: `key` says what it depends on besides all before it. */
int builder_add_empty(struct builder *b, struct stage *s, const struct cf_instruction *i,
        const char *key, struct error *err);
