/* The files of a container: what its root directory is made of, and where on the host each of its
 * mounts comes from. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/detail.h"
#include "render/wants.h"

#include <string.h>

enum { LAYERS_MOST = 130, PATH_MOST = 60, OPTION_MOST = 4096 };

/* Until pivot_root what will be its root is somewhere below. */
static const char *target_of(const struct detail *d, const struct model_mount *m)
{
	size_t n = strlen(d->c->rootfs);

	if (!n || strncmp(m->target, d->c->rootfs, n) || (m->target[n] && m->target[n] != '/'))
		return m->target;
	return m->target[n] ? m->target + n : "/";
}

static bool is_in(const struct detail *d, const struct model_mount *m)
{
	return d->c->ns[NS_MNT] && m->mnt_ns == d->c->ns[NS_MNT];
}

/* Whether its table is still a copy of the host's; what it will have stands below its future root.
 */
static bool before_pivot(const struct detail *d)
{
	size_t n = strlen(d->c->rootfs);

	for (size_t i = 0; n && i < d->now->n_mounts; i++) {
		const struct model_mount *m = &d->now->mounts[i];
		if (is_in(d, m) && !strncmp(m->target, d->c->rootfs, n) &&
		        (!m->target[n] || m->target[n] == '/'))
			return true;
	}
	return false;
}

static const struct model_mount *root_mount(const struct detail *d)
{
	const struct model_mount *found = NULL;
	bool below = before_pivot(d);

	for (size_t i = 0; i < d->now->n_mounts; i++) {
		const struct model_mount *m = &d->now->mounts[i];
		if (!is_in(d, m) || strcmp(target_of(d, m), "/") ||
		        (below && !strcmp(m->target, "/")))
			continue;
		found = m;
	}
	return found;
}

/* The same file system on the host, mounted so that it shows at least as much: where it comes from.
 * The deepest of several. */
static const struct model_mount *source_on_host(const struct detail *d, const struct model_mount *m)
{
	const struct model_mount *best = NULL;

	for (size_t i = 0; *m->device && i < d->now->n_mounts; i++) {
		const struct model_mount *h = &d->now->mounts[i];
		size_t n = strlen(h->root);
		if (h->mnt_ns != d->now->host.ns[NS_MNT] || strcmp(h->device, m->device) != 0)
			continue;
		if (n == 1) /* "/" */
			n = 0;
		if (strncmp(h->root, m->root, n) != 0 || (m->root[n] && m->root[n] != '/'))
			continue;
		if (!best || strlen(h->root) > strlen(best->root))
			best = h;
	}
	return best;
}

static const char *path_on_host(
        struct detail *d, const struct model_mount *m, const struct model_mount *host)
{
	const char *rest = m->root + (strlen(host->root) == 1 ? 0 : strlen(host->root));
	const char *top = strcmp(host->target, "/") ? host->target : "";

	if (!strcmp(rest, "/"))
		rest = "";
	return *top || *rest ? describe_path(d->s, scene_format(d->s, "%s%s", top, rest), PATH_MOST)
	                     : "/";
}

static const char *origin(struct detail *d, const struct model_mount *m)
{
	const struct model_mount *host = source_on_host(d, m);

	if (host)
		return path_on_host(d, m, host);
	return "not on the host";
}

/* The value of an option of an overlay, as the kernel writes it; NULL when it has none. */
static const char *overlay_option(struct detail *d, const char *options, const char *key)
{
	const char *at = strstr(options, key);
	size_t n = strlen(key);

	if (!at || (at > options && at[-1] != ','))
		return NULL;
	at += n;
	return scene_format(d->s, "%.*s", (int)strcspn(at, ","), at);
}

static void add_lower(struct detail *d, const char *path, size_t i, size_t n, enum scene_mark mark)
{
	struct side_line *l =
	        sides_add(d->t, "  lower layer", SCENE_LAYER, describe_path(d->s, path, PATH_MOST),
	                scene_format(d->s, "read only, %zu of %zu", i + 1, n), mark);

	if (l)
		l->on_host = true;
}

/* Layers of somebody else's overlay: what its mount says. */
static void add_foreign_layers(struct detail *d, const struct model_mount *root)
{
	const char *upper = overlay_option(d, root->options, "upperdir=");
	const char *lower = overlay_option(d, root->options, "lowerdir=");
	size_t n = 1, i = 0;

	if (upper)
		sides_add(d->t, "  upper layer", SCENE_LAYER, describe_path(d->s, upper, PATH_MOST),
		        "what it writes", MARK_NONE);
	for (const char *at = lower; at && *at; at++)
		n += *at == ':';
	while (lower && *lower && i < LAYERS_MOST) {
		size_t length = strcspn(lower, ":");
		add_lower(d, scene_format(d->s, "%.*s", (int)length, lower), i++, n, MARK_NONE);
		lower += length + (lower[length] == ':');
	}
}

static void add_changes(struct detail *d)
{
	const struct model_container *c = d->c, *old = d->c_before;

	for (size_t i = 0; i < c->n_changes; i++) {
		const struct model_change *change = &c->changes[i];
		bool known = !d->before;
		for (size_t k = 0; old && k < old->n_changes && !known; k++)
			known = !strcmp(old->changes[k].path, change->path) &&
			        old->changes[k].kind == change->kind;
		sides_add(d->t, i ? "" : "    written", SCENE_LAYER,
		        describe_path(d->s, scene_format(d->s, "%s%s", c->upper, change->path), 40),
		        scene_clean(d->s, scene_format(d->s, "%s %s", change->path,
		                                  model_change_name(change->kind))),
		        known ? MARK_NONE : MARK_CHANGED);
	}
}

static void add_layers(struct detail *d, const struct model_mount *root)
{
	const struct model_container *c = d->c;
	enum scene_mark mark = MARK_GHOST;
	struct side_line *l;

	if (root && !strcmp(root->fstype, "overlay"))
		mark = mark_mount(d->before, root);
	else if (c->status == CONTAINER_EXITED)
		mark = MARK_NONE;
	if (*c->upper) {
		l = sides_add(d->t, "  upper layer", SCENE_LAYER,
		        describe_path(d->s, c->upper, PATH_MOST), "what it writes", mark);
		if (l)
			l->on_host = true;
	}
	for (size_t i = 0; i < c->n_layers && i < LAYERS_MOST; i++)
		add_lower(d, c->layers[i], i, c->n_layers, mark);
	add_changes(d);
}

void detail_root(struct detail *d)
{
	const struct model_mount *root = d->c ? root_mount(d) : NULL, *host;

	sides_group(d->t);
	if (d->c && d->p && !detail_own(d, NS_MNT)) {
		sides_add(d->t, "root directory", SCENE_MOUNT, "/", "/", MARK_NONE);
	} else if (root) {
		host = source_on_host(d, root);
		sides_add(d->t, "root directory", SCENE_MOUNT,
		        host            ? path_on_host(d, root, host)
		        : *d->c->rootfs ? describe_path(d->s, d->c->rootfs, PATH_MOST)
		                        : "not mounted on the host",
		        scene_format(d->s, "/%s %s", before_pivot(d) ? " to be," : "",
		                scene_clean(d->s, root->fstype)),
		        mark_mount(d->before, root));
		detail_fact(d, "mount./");
	}
	detail_want(d, "layers", "layers", SCENE_LAYER, true);
	if (d->c && (d->c->n_layers || *d->c->upper))
		add_layers(d, root);
	else if (root && !strcmp(root->fstype, "overlay"))
		add_foreign_layers(d, root);
	for (size_t i = 0; i < d->in->n_wants; i++) {
		const struct view_want *want = &d->in->wants[i];
		const char *rest;
		if (want_about(want, d->name, "upper", &rest))
			sides_ghost(d->t, "    written", SCENE_LAYER,
			        scene_clean(d->s, scene_format(d->s, "%s %s", rest,
			                                  want->wanted ? want->wanted : "")),
			        false);
	}
	detail_want(d, "changes", "    written", SCENE_LAYER, false);
}

static bool host_has(const struct detail *d, const struct model_mount *m)
{
	for (size_t i = 0; i < d->now->n_mounts; i++)
		if (d->now->mounts[i].mnt_ns == d->now->host.ns[NS_MNT] &&
		        !strcmp(d->now->mounts[i].target, m->target))
			return true;
	return false;
}

/* Copies of the host's mounts go all at once with the old root: that is no news of each. */
static void add_gone_mounts(struct detail *d)
{
	uint64_t ns = d->c->ns[NS_MNT];

	for (size_t i = 0; d->c_before && d->c_before->ns[NS_MNT] == ns && i < d->before->n_mounts;
	        i++) {
		const struct model_mount *old = &d->before->mounts[i];
		bool there = old->mnt_ns != ns || host_has(d, old);
		for (size_t k = 0; k < d->now->n_mounts && !there; k++)
			there = d->now->mounts[k].id == old->id && d->now->mounts[k].mnt_ns == ns;
		if (!there)
			sides_add(d->t, "", SCENE_MOUNT, "", scene_clean(d->s, old->target),
			        MARK_GONE);
	}
}

static void add_wanted_mounts(struct detail *d)
{
	for (size_t i = 0; i < d->in->n_wants; i++) {
		const struct view_want *want = &d->in->wants[i];
		const char *rest;
		if (want_about(want, d->name, "mount", &rest))
			sides_ghost(d->t, "mounts", SCENE_MOUNT,
			        scene_clean(d->s, scene_format(d->s, "%s %s", rest,
			                                  want->wanted ? want->wanted : "")),
			        false);
	}
}

/* Whether the host has the same at the same place. */
static bool is_copy(const struct detail *d, const struct model_mount *m)
{
	for (size_t i = 0; i < d->now->n_mounts; i++) {
		const struct model_mount *h = &d->now->mounts[i];
		if (h->mnt_ns == d->now->host.ns[NS_MNT] && !strcmp(h->target, m->target) &&
		        !strcmp(h->device, m->device) && !strcmp(h->root, m->root))
			return true;
	}
	return false;
}

static const char *count_mounts(struct detail *d, uint64_t ns)
{
	size_t n = 0;

	for (size_t i = 0; i < d->now->n_mounts; i++)
		n += d->now->mounts[i].mnt_ns == ns;
	return scene_format(d->s, "%zu mount%s", n, n == 1 ? "" : "s");
}

void detail_mounts(struct detail *d)
{
	const struct model_mount *root = d->c ? root_mount(d) : NULL;
	bool below = d->c && before_pivot(d), copy = !below && root && is_copy(d, root);
	const char *host = count_mounts(d, d->now->host.ns[NS_MNT]);
	size_t first;

	sides_group(d->t);
	add_wanted_mounts(d);
	first = d->t->n;
	if (!d->p)
		return;
	if (!detail_own(d, NS_MNT)) {
		sides_add(d->t, "mounts", SCENE_MOUNT, host, host, MARK_NONE);
		return;
	}
	if (copy) /* a mount namespace begins as a copy of the one it was made in */
		sides_add(d->t, "mounts", SCENE_MOUNT, host,
		        scene_format(d->s, "%s, copied", count_mounts(d, d->c->ns[NS_MNT])),
		        MARK_NONE);
	for (size_t i = 0; i < d->now->n_mounts; i++) {
		const struct model_mount *m = &d->now->mounts[i];
		if (!is_in(d, m) || m == root || (below && target_of(d, m) == m->target) ||
		        (copy && is_copy(d, m)))
			continue;
		sides_add(d->t, d->t->n == first ? "mounts" : "", SCENE_MOUNT, origin(d, m),
		        scene_clean(d->s, scene_format(d->s, "%s %s", target_of(d, m), m->fstype)),
		        mark_mount(d->before, m));
		detail_fact(d, scene_format(d->s, "mount.%s", target_of(d, m)));
	}
	if (!below)
		add_gone_mounts(d);
}
