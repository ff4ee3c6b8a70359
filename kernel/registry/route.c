#include "kernel/registry/route.h"

#include "kernel/store/digest.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *middle; /* between the name and the reference */
	enum route_kind kind;
} places[] = {
        {"/blobs/uploads", ROUTE_UPLOAD},
        {"/blobs", ROUTE_BLOB},
        {"/manifests", ROUTE_MANIFEST},
        {"/referrers", ROUTE_REFERRERS},
        {"/tags", ROUTE_TAGS},
};

static enum fault check_reference(struct route *r)
{
	const char *text = r->reference;

	switch (r->kind) {
	case ROUTE_TAGS:
		return strcmp(text, "list") ? FAULT_PATH : FAULT_NONE;
	case ROUTE_UPLOAD:
		if (!text[0])
			r->kind = ROUTE_UPLOADS;
		return FAULT_NONE;
	case ROUTE_MANIFEST:
		if (!route_by_digest(r))
			return repository_tag_valid(text) ? FAULT_NONE : FAULT_TAG_INVALID;
		return digest_valid(text) ? FAULT_NONE : FAULT_DIGEST_INVALID;
	default:
		if (r->kind == ROUTE_BLOB && !strcmp(text, "uploads")) {
			r->kind = ROUTE_UPLOADS;
			return FAULT_NONE;
		}
		return digest_valid(text) ? FAULT_NONE : FAULT_DIGEST_INVALID;
	}
}

/* NAME, what stands in the middle, and behind the last '/' the reference. A name may have any of
 * these words in it, so it is read from the end. */
static enum fault parse_place(const char *path, struct route *r)
{
	const char *slash = strrchr(path, '/');
	size_t before = slash ? (size_t)(slash - path) : 0;

	for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
		size_t n = strlen(places[i].middle);
		if (before < n || memcmp(path + before - n, places[i].middle, n) != 0)
			continue;
		r->kind = places[i].kind;
		if (before - n > REPOSITORY_NAME_MAX)
			return FAULT_NAME_INVALID;
		snprintf(r->name, sizeof r->name, "%.*s", (int)(before - n), path);
		if (!repository_name_valid(r->name))
			return FAULT_NAME_INVALID;
		if (strlen(slash + 1) > ROUTE_REFERENCE_MAX)
			return strchr(slash, ':') ? FAULT_DIGEST_INVALID : FAULT_TAG_INVALID;
		snprintf(r->reference, sizeof r->reference, "%s", slash + 1);
		return check_reference(r);
	}
	return FAULT_PATH;
}

enum fault route_parse(const char *path, struct route *ret)
{
	static const char version[] = "/v2/";

	*ret = (struct route){.kind = ROUTE_BASE};
	if (!strcmp(path, "/v2") || !strcmp(path, version))
		return FAULT_NONE;
	if (!strcmp(path, "/token")) {
		ret->kind = ROUTE_TOKEN;
		return FAULT_NONE;
	}
	if (strncmp(path, version, strlen(version)) != 0)
		return FAULT_PATH;
	path += strlen(version);
	if (!strcmp(path, "_catalog")) {
		ret->kind = ROUTE_CATALOG;
		return FAULT_NONE;
	}
	return parse_place(path, ret);
}

bool route_by_digest(const struct route *r)
{
	return strchr(r->reference, ':');
}
