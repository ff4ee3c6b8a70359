#include "kernel/build/commit.h"

#include "kernel/base/cleanup.h"
#include "kernel/build/apart.h"
#include "kernel/build/builder_inner.h"
#include "kernel/do/container_state.h"
#include "kernel/store/store_read.h"
#include "kernel/store/upper_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* ---- the layer ----------------------------------------------------------------------------- */

struct packing {
	const struct builder *builder;
	const char *upper;
	struct packed *packed;
};

static int pack(void *argument, struct error *err)
{
	const struct packing *p = argument;

	return builder_pack(p->builder, p->upper, p->packed, err);
}

/* Whom user 0 inside is outside: as root that is not always the same. */
static uid_t shift_of(const char *container)
{
	json_t *config = NULL;
	const json_t *map;
	uid_t shift = 0;

	if (geteuid() != 0 || container_load_config(container, &config, NULL) < 0)
		return 0;
	map = json_array_get(json_object_get(json_object_get(config, "linux"), "uidMappings"), 0);
	shift = (uid_t)json_integer_value(json_object_get(map, "hostID"));
	json_decref(config);
	return shift;
}

/* Nobody may end us while a container is frozen: it would stay so. */
static int read_frozen(
        const json_t *state, struct packing *p, bool *ret_unfrozen, struct error *err)
{
	bool running = !strcmp(container_status_text(state), "running");
	bool frozen = running && !container_frozen(state), ours;
	sigset_t all, before;
	int r;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	ours = frozen && container_freeze(state, true, NULL) == 0;
	*ret_unfrozen = frozen && !ours;
	r = apart_run(pack, p, err);
	if (ours)
		container_freeze(state, false, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

/* ---- the configuration --------------------------------------------------------------------- */

/* "sh -c …", for the history. */
static char *command_of(const json_t *state)
{
	const json_t *one;
	auto_buf text = BUF_INIT;
	size_t i;

	json_array_foreach (json_object_get(state, "command"), i, one)
		buf_addf(&text, "%s%s", i ? " " : "", json_string_value(one));
	return strdup(buf_text(&text));
}

static int apply_change(struct builder *b, struct stage *s, const char *text, struct error *err)
{
	static const unsigned allowed = 1u << INSTRUCTION_CMD | 1u << INSTRUCTION_ENTRYPOINT |
	                                1u << INSTRUCTION_ENV | 1u << INSTRUCTION_EXPOSE |
	                                1u << INSTRUCTION_LABEL | 1u << INSTRUCTION_USER |
	                                1u << INSTRUCTION_VOLUME | 1u << INSTRUCTION_STOPSIGNAL |
	                                1u << INSTRUCTION_HEALTHCHECK | 1u << INSTRUCTION_ONBUILD |
	                                1u << INSTRUCTION_SHELL | 1u << INSTRUCTION_WORKDIR;
	struct containerfile f;
	int r = containerfile_parse("--change", text, strlen(text), &f, err);

	b->at = &f;
	for (size_t i = 0; r == 0 && i < f.n_instructions; i++)
		r = allowed >> f.instructions[i].kind & 1
		            ? builder_config(b, s, &f.instructions[i], err)
		            : containerfile_error(&f, f.instructions[i].at, err,
		                      "%s is no change of the configuration alone",
		                      instruction_name(f.instructions[i].kind));
	b->at = NULL;
	containerfile_release(&f);
	return r;
}

static int configure(struct builder *b, struct stage *s, const struct image_commit *o,
        const json_t *state, const struct packed *packed, struct error *err)
{
	auto_free char *command = command_of(state);
	char created[CREATED_SIZE];
	json_t *line, *history;
	int r;

	builder_now(b, created);
	r = command ? stage_add(s, packed->empty ? NULL : &packed->layer, created, command, err)
	            : error_set(err, ENOMEM, "commit", o->container, NULL);
	if (r < 0)
		return r;
	history = json_object_get(s->image, "history");
	line = json_array_get(history, json_array_size(history) - 1);
	if ((o->author && json_object_set_new(s->image, "author", json_string(o->author)) < 0) ||
	        (o->message && json_object_set_new(line, "comment", json_string(o->message)) < 0))
		return error_set(err, EILSEQ, "commit", o->container, "a text is not UTF-8");
	for (size_t i = 0; r == 0 && i < o->n_changes; i++)
		r = apply_change(b, s, o->changes[i], err);
	return r;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static int check_state(const json_t *state, const char *name, struct error *err)
{
	const char *status = container_status_text(state);

	if (strcmp(status, "running") != 0 && strcmp(status, "exited") != 0)
		return error_set(
		        err, EINVAL, "commit", name, "it is %s: nothing has run in it", status);
	return 0;
}

static int commit(struct builder *b, const struct image_commit *o, const json_t *state,
        char digest[DIGEST_TEXT], bool *ret_unfrozen, struct error *err)
{
	const char *image = json_string_value(json_object_get(state, "image_digest"));
	struct packing p = {
	        .builder = b,
	        .upper = json_string_value(json_object_get(state, "upper")),
	        .packed = apart_memory(sizeof *p.packed),
	};
	struct stage s = {0};
	int r;

	if (!image || !p.upper || !p.packed)
		r = error_set(err, EBADMSG, "commit", o->container, "its state is damaged");
	else
		r = stage_from_image(&b->store, image, b->ids.layers, &s, err);
	if (r == -ENOENT)
		error_advise(err, "the image that the container was made of is gone");
	if (r == 0)
		r = read_frozen(state, &p, ret_unfrozen, err);
	if (r == 0)
		r = configure(b, &s, o, state, p.packed, err);
	if (r == 0)
		r = stage_commit(&s, &b->store, &b->place, o->name, digest, err);
	stage_release(&s);
	apart_memory_free(p.packed, sizeof *p.packed);
	return r;
}

int image_commit(const struct image_commit *o, char ret_digest[DIGEST_TEXT], bool *ret_unfrozen,
        struct error *err)
{
	const struct image_build options = {.epoch = o->epoch, .no_cache = true};
	struct builder b = {
	        .options = &options,
	        .context = -1,
	        .store = {.dir = -1, .blobs = -1},
	        .place = {.lock = -1},
	        .ids = idmap_choose(),
	        .userxattr = !idmap_privileged(),
	};
	json_t *state = NULL;
	int r = container_load(o->container, &state, err);

	if (r == 0)
		r = check_state(state, o->container, err);
	if (r == 0)
		r = store_open(&b.store, err);
	if (r == 0)
		r = build_place_open(&b.place, err);
	b.ids.offset = shift_of(o->container);
	if (r == 0)
		r = commit(&b, o, state, ret_digest, ret_unfrozen, err);
	json_decref(state);
	build_place_release(&b.place);
	layout_release(&b.store);
	return r;
}
