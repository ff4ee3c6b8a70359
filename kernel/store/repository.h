/* Repositories of a registry, in the directory registry/ of an image layout: which of the shared
 * blobs are whose, and what the tags mean.
 *
 *   registry/team/web/_blobs/sha256/HEX          empty: the blob belongs to team/web
 *   registry/team/web/_manifests/sha256/HEX      its media type
 *   registry/team/web/_tags/1.0                  the digest of a manifest
 *   registry/team/web/_referrers/sha256/HEX/sha256:HEX   empty: the second has the first as subject
 *
 * One small file for each fact, so that each changes at once or not at all; a component of a name
 * never begins with '_' or '.', so these cannot collide. Content lies in blobs/ once, whoever has
 * it; store_collect() keeps what is named here.
 *
 * What adds or removes is called under the layout's lock. Names, tags and digests must have been
 * found valid: they become file names.
 *
 * Source: OCI distribution specification 1.1, "Pulling manifests". */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

enum { REPOSITORY_NAME_MAX = 255, REPOSITORY_TAG_MAX = 128, MEDIA_TYPE_MAX = 255 };

bool repository_name_valid(const char *name);
bool repository_tag_valid(const char *tag);

/* Borrowed; whether anything is in it is another question. */
struct repository {
	const struct layout *layout;
	const char *name;
};

/* Whether anybody has ever put something there that is still there. */
bool repository_exists(const struct repository *r);

int repository_add_blob(const struct repository *r, const char *digest, struct error *err);
bool repository_has_blob(const struct repository *r, const char *digest);
/* When it was added, 0 when it was not. */
time_t repository_blob_time(const struct repository *r, const char *digest);
/* -ENOENT: it has none. The content stays for others. */
int repository_remove_blob(const struct repository *r, const char *digest, struct error *err);

int repository_add_manifest(
        const struct repository *r, const char *digest, const char *media_type, struct error *err);
/* The media type of the manifest, as it was pushed. -ENOENT. */
int repository_find_manifest(
        const struct repository *r, const char *digest, char ret_type[MEDIA_TYPE_MAX + 1]);
int repository_remove_manifest(const struct repository *r, const char *digest, struct error *err);

int repository_set_tag(
        const struct repository *r, const char *tag, const char *digest, struct error *err);
/* -ENOENT. */
int repository_find_tag(const struct repository *r, const char *tag, char ret_digest[DIGEST_TEXT]);
int repository_remove_tag(const struct repository *r, const char *tag, struct error *err);

int repository_add_referrer(
        const struct repository *r, const char *subject, const char *digest, struct error *err);
int repository_remove_referrer(
        const struct repository *r, const char *subject, const char *digest, struct error *err);

/* Takes away all that it has, under the lock. */
int repository_remove(const struct repository *r, struct error *err);
/* Takes away the directories that repositories have left empty, under the lock. */
void repository_prune(const struct layout *l);

/* Lists: arrays of strings in no order, the caller's; empty where there is nothing. NULL: no
 * memory. */
json_t *repository_tags(const struct repository *r);
json_t *repository_blobs(const struct repository *r);
json_t *repository_manifests(const struct repository *r);
json_t *repository_referrers(const struct repository *r, const char *subject);
/* The names of all that are in the layout. */
json_t *repository_names(const struct layout *l);
