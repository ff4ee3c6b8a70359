/* Images on this machine: an OCI image layout (content addressed) and, beside it, layers unpacked
 * as overlay lower directories.
 *
 *   DATA/store/                   the layout, see layout.h
 *   DATA/layers/DIFFID/           the layer unpacked for uid 0 as seen by the kernel
 *   DATA/layers/DIFFID.OFFSET/    the same, owned by uid OFFSET and up, for user namespaces
 *   DATA/layers/….on.CHAIN/       one that takes something from the layers below: store_read.h
 *
 * Nothing half written is ever seen as whole: temporary name, then rename. Several processes may
 * ask for the same image at once: one makes it, the others wait for it (flock(2)). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/reference.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct image {
	char *name;            /* as asked for: "base" */
	char *manifest_digest; /* "sha256:…" */
	char *config;          /* the OCI image config, JSON text */
	char **layers; /* absolute unpacked directories, topmost first (as overlayfs wants them) */
	int *held;     /* their directories, locked against store_collect() until released */
	size_t n_layers;
};

void image_release(struct image *i);

/* Finds `name` and makes sure its layers are unpacked for containers whose uid 0 is `uid_offset` on
 * the host (0: no shift; an ordinary user then owns every file). An ordinary user with subordinate
 * ids (kernel/do/subid.h) gives the first of these: owners are as that map has them. "base" is made
 * on first use from the host's static busybox, offline, and again when it is damaged. -ENOENT: no
 * such image. -EBADMSG: its bytes are not what their digests say. */
int store_image(const char *name, uid_t uid_offset, struct image *ret, struct error *err);

/* What there is, for lists. */
struct store_entry {
	char *name; /* "" when the image has none */
	char *manifest_digest;
	char *created; /* RFC 3339, "" when the image does not say */
	size_t n_layers;
	uint64_t size; /* bytes of the compressed layers and the configuration */
};

/* Images in the order of the index. The caller frees with store_entries_free(). */
int store_list(struct store_entry **ret, size_t *ret_n, struct error *err);
void store_entries_free(struct store_entry *entries, size_t n);

/* Gives the image that `word` means (see find.h) one more name; an image that had it loses it. A
 * name without tag and digest gets ":latest". ret_name is the name as it is kept, the caller's. */
int store_tag(const char *word, const char *name, char **ret_name, struct error *err);

/* That name: without a scheme and with a tag. -EINVAL with the bad character. */
int store_name_to_keep(const char *name, char ret[REFERENCE_TEXT], struct error *err);

struct collected;
/* Takes names away, or, for the beginning of a digest, the image with all its names; then what
 * nothing needs any more. Layers that a container uses stay until it is gone and somebody
 * collects again. */
int store_remove(const char *word, struct collected *ret, struct error *err);
/* Takes away what nothing needs: see collect.h. */
int store_prune(struct collected *ret, struct error *err);
