#include "render/changes.h"
#include "render/describe.h"
#include "render/image.h"
#include "render/wants.h"

#include <string.h>

enum { DIGITS = 12 }; /* of a digest: enough to tell it from others by eye */

/* "0123456789ab…": of the algorithm there is no doubt, and cells are dear. */
static const char *short_digest(struct scene *s, const char *digest)
{
	const char *colon = strchr(digest, ':');

	return scene_format(s, "%.*s%s", DIGITS, scene_clean(s, colon ? colon + 1 : digest),
	        *digest ? "…" : "");
}

static enum scene_mark changed(bool different)
{
	return different ? MARK_CHANGED : MARK_NONE;
}

const char *image_headline(const struct image_view *v)
{
	const char *name = scene_clean(v->s, *v->name ? v->name : "without a name");

	if (!v->i)
		return scene_format(v->s, "%s · %s", name, v->i_before ? "gone" : "not there yet");
	if (!v->i->n_layers)
		return scene_format(v->s, "%s · damaged", name);
	return scene_format(v->s, "%s · %zu layer%s, %s", name, v->i->n_layers,
	        v->i->n_layers == 1 ? "" : "s", describe_size(v->s, v->i->size));
}

enum scene_mark image_mark(const struct image_view *v)
{
	if (!v->i)
		return v->i_before ? MARK_GONE : MARK_GHOST;
	return changed(
	        v->before && (!v->i_before || strcmp(v->i_before->digest, v->i->digest) != 0));
}

static const char *id_of(const struct image_view *v, const char *what)
{
	return scene_format(v->s, "image:%s:%s", scene_clean(v->s, v->name), what);
}

/* A part and what it is called. */
static void add_part(const struct image_view *v, struct card *c, const char *value,
        const char *what, enum scene_mark mark)
{
	struct card_line *l = card_line(v->s, c);

	if (!*value)
		value = "none";
	card_add(l, what, SCENE_DIM, mark);
	card_add(l, scene_clean(v->s, value), SCENE_PLAIN, MARK_NONE);
	if (l)
		l->keep = mark != MARK_NONE;
}

/* What the step still asks of this image: "layers 3". */
static void add_wants(const struct image_view *v, struct card *c)
{
	size_t n = strlen(v->name);

	for (size_t i = 0; i < v->in->n_wants; i++) {
		const struct view_want *want = &v->in->wants[i];
		const char *fact = want->fact ? want->fact : "";
		if (strncmp(fact, "image.", 6) || strncmp(fact + 6, v->name, n) || !n)
			continue;
		fact += 6 + n;
		if (*fact && *fact != '.')
			continue;
		add_part(v, c, *want->wanted ? want->wanted : "to be there",
		        scene_clean(v->s, *fact ? fact + 1 : "image"), MARK_GHOST);
	}
}

static void url_card(const struct image_view *v, struct card *c)
{
	const struct model_image *i = v->i, *old = v->i_before;
	bool moved = i && old && strcmp(i->digest, old->digest) != 0;

	*c = (struct card){
	        .id = id_of(v, "url"), .title = "full URL", .role = SCENE_YOU, .firm = true};
	if (i) {
		add_part(v, c, i->registry, "registry", MARK_NONE);
		add_part(v, c, i->path, "repository", MARK_NONE);
		add_part(v, c, i->tag, "tag", changed(moved));
		add_part(v, c, short_digest(v->s, i->digest), "digest", changed(moved));
		if (moved)
			add_part(v, c, short_digest(v->s, old->digest), "before", MARK_GONE);
	}
	add_wants(v, c);
	if (!c->n_lines)
		card_say(v->s, c, i ? "none" : "no such image here", SCENE_DIM, MARK_NONE);
}

static void manifest_card(const struct image_view *v, struct card *c)
{
	*c = (struct card){.id = id_of(v, "manifest"),
	        .title = "manifest",
	        .role = SCENE_NAMESPACE_UTS,
	        .mark = v->i ? image_mark(v) : MARK_GHOST};
	if (!v->i)
		return;
	add_part(v, c, short_digest(v->s, v->i->digest), "digest", MARK_NONE);
	if (v->i->n_layers)
		add_part(v, c,
		        scene_format(v->s, "1 configuration, %zu layer%s", v->i->n_layers,
		                v->i->n_layers == 1 ? "" : "s"),
		        "names", MARK_NONE);
	else
		card_say(v->s, c, "cannot be read whole: cutaway verify", SCENE_PLAIN, MARK_FAILED);
}

static void config_card(const struct image_view *v, struct card *c)
{
	const struct model_image *i = v->i, *old = v->i_before;
	bool fresh = i && v->before && (!old || strcmp(old->config, i->config) != 0);

	*c = (struct card){.id = id_of(v, "config"),
	        .title = "configuration",
	        .role = SCENE_SECURITY,
	        .mark = v->i ? changed(fresh) : MARK_GHOST};
	if (!i || !*i->config)
		return;
	add_part(v, c, short_digest(v->s, i->config), "digest", MARK_NONE);
	add_part(v, c, i->platform, "for", MARK_NONE);
	add_part(v, c, i->command, "starts", MARK_NONE);
}

static bool had_layer(const struct model *m, const char *diff_id)
{
	for (size_t i = 0; i < m->n_layers; i++)
		if (!strcmp(m->layers[i].diff_id, diff_id))
			return true;
	return false;
}

static bool has_layer(const struct model_image *i, int layer)
{
	for (size_t k = 0; k < i->n_layers; k++)
		if (i->layers[k] == layer)
			return true;
	return false;
}

/* A layer is drawn once, however many images have it: " · also in base", " · in 4 images". */
static const char *sharing(const struct image_view *v, int layer)
{
	const struct model *m = v->now;
	const struct model_image *other = NULL;

	if (m->layers[layer].images < 2)
		return "";
	if (m->layers[layer].images > 2)
		return scene_format(v->s, " · in %zu images", m->layers[layer].images);
	for (size_t i = 0; i < m->n_images && !other; i++)
		if (has_layer(&m->images[i], layer) &&
		        strcmp(m->images[i].digest, v->i->digest) != 0)
			other = &m->images[i];
	return scene_format(v->s, " · also in %s",
	        scene_clean(v->s, other && *other->name ? other->name : "another image"));
}

/* "2 · 12K · also in base · COPY app /app" */
static const char *layer_text(const struct image_view *v, size_t k)
{
	const struct model_layer *layer = &v->now->layers[v->i->layers[k]];

	return scene_format(v->s, "%zu · %s%s%s · %s", k + 1, describe_size(v->s, layer->size),
	        sharing(v, v->i->layers[k]), *layer->directory ? "" : " · not unpacked",
	        scene_clean(v->s, *layer->created_by ? layer->created_by : layer->diff_id));
}

static void layers_card(const struct image_view *v, struct card *c)
{
	*c = (struct card){.id = id_of(v, "layers"), .title = "layers", .role = SCENE_LAYER};
	if (!v->i) {
		c->mark = MARK_GHOST;
		return;
	}
	c->title = v->i->n_layers > 1 ? "layers, the topmost first" : "layer";
	for (size_t k = v->i->n_layers; k-- > 0;) {
		const struct model_layer *layer = &v->now->layers[v->i->layers[k]];
		struct card_line *l = card_line(v->s, c);
		enum scene_mark mark = changed(v->before && !had_layer(v->before, layer->diff_id));

		card_add(l, layer_text(v, k), SCENE_LAYER, mark);
		if (l) {
			l->box = true;
			l->keep = mark != MARK_NONE;
		}
	}
}

/* ---- containers ---- */

static bool had_change(const struct model_container *c, const struct model_change *change)
{
	for (size_t i = 0; i < c->n_changes; i++)
		if (!strcmp(c->changes[i].path, change->path) && c->changes[i].kind == change->kind)
			return true;
	return false;
}

static void add_change(const struct image_view *v, const struct model_container *old,
        const struct model_change *change, struct card *card)
{
	static const char *const words[] = {
	        [CHANGE_ADDED] = "added",
	        [CHANGE_CHANGED] = "copied up",
	        [CHANGE_REMOVED] = "whiteout",
	};
	struct card_line *l = card_line(v->s, card);
	enum scene_mark mark = changed(v->before && (!old || !had_change(old, change)));

	card_add(l, words[change->kind], SCENE_DIM, mark);
	card_add(l, scene_clean(v->s, change->path), SCENE_MOUNT, MARK_NONE);
	card_add(l, change->size ? describe_size(v->s, change->size) : "", SCENE_DIM, MARK_NONE);
	if (l)
		l->keep = mark != MARK_NONE;
}

static void container_card(
        const struct image_view *v, const struct model_container *c, struct card *card)
{
	const struct model_container *old = v->before ? model_container(v->before, c->name) : NULL;

	*card = (struct card){.id = scene_format(v->s, "container:%s", scene_clean(v->s, c->name)),
	        .title = scene_format(
	                v->s, "%s · %s", scene_clean(v->s, c->name), describe_status(v->s, c)),
	        .role = SCENE_CONTAINER,
	        .liked = 8};
	if (v->before && !old)
		card->mark = MARK_CHANGED;
	card_say(v->s, card, c->n_changes ? "upper, its own:" : "upper: empty", SCENE_DIM,
	        MARK_NONE);
	for (size_t i = 0; i < c->n_changes; i++)
		add_change(v, old, &c->changes[i], card);
	for (size_t i = 0; i < v->in->n_wants; i++) {
		const char *rest, *wanted = v->in->wants[i].wanted;
		if (want_about(&v->in->wants[i], c->name, "upper", &rest))
			add_part(v, card, rest,
			        wanted && *wanted ? scene_clean(v->s, wanted) : "to be there",
			        MARK_GHOST);
	}
	if (c->more_changes)
		card_say(v->s, card, "and more", SCENE_DIM, MARK_NONE);
	card_say(v->s, card,
	        scene_format(v->s, "over %zu layer%s", c->n_layers, c->n_layers == 1 ? "" : "s"),
	        SCENE_DIM, MARK_NONE);
}

size_t image_container_cards(const struct image_view *v, struct card **ret)
{
	struct card *cards = arena_alloc(&v->s->arena, (v->now->n_containers + 1) * sizeof *cards);
	size_t n = 0;

	if (!cards) {
		v->s->failed = true;
		return 0;
	}
	for (int fresh = 0; fresh < 2; fresh++)
		for (size_t i = 0; v->i && i < v->now->n_containers; i++) {
			const struct model_container *c = &v->now->containers[i];
			if (container_is_fresh(v->before, c) == fresh &&
			        model_made_from(v->now, c, v->i))
				container_card(v, c, &cards[n++]);
		}
	*ret = cards;
	return n;
}

void image_cards(const struct image_view *v, struct card ret[IMAGE_CARDS])
{
	url_card(v, &ret[IMAGE_URL]);
	manifest_card(v, &ret[IMAGE_MANIFEST]);
	config_card(v, &ret[IMAGE_CONFIG]);
	layers_card(v, &ret[IMAGE_LAYERS]);
}
