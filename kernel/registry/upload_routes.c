/* /v2/NAME/blobs/uploads/: sending a blob, in one piece or in chunks, or taking it over from
 * another repository (OCI distribution specification 1.1, "Pushing blobs"). */
#include "kernel/base/cleanup.h"
#include "kernel/registry/exchange.h"
#include "kernel/registry/own_images.h"
#include "kernel/registry/range.h"
#include "kernel/registry/state.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define UPLOAD_MAX (UINT64_C(32) << 30) /* bytes of a blob: what layer_stream.h takes */

/* ---- what the answers say ---- */

/* Where it goes on, and what has come. An upload of which nothing has come says "0-0" as well: the
 * specification has no other word for it. */
static void say_progress(struct exchange *e, const struct upload *u, int status)
{
	uint64_t size = blob_size(u->writer);

	e->reply.status = status;
	reply_header(&e->reply, "Location", "/v2/%s/blobs/uploads/%s", u->name, u->id);
	reply_header(&e->reply, "Range", "0-%" PRIu64, size ? size - 1 : 0);
	reply_header(&e->reply, "Docker-Upload-UUID", "%s", u->id);
}

static void say_created(struct exchange *e, const char *digest)
{
	e->reply.status = 201;
	reply_header(&e->reply, "Location", "/v2/%s/blobs/%s", e->route.name, digest);
	reply_header(&e->reply, "Docker-Content-Digest", "%s", digest);
}

/* ---- the body ---- */

static void give_back(struct exchange *e)
{
	struct upload *u = steal_ptr(e->data);

	if (u)
		uploads_give_back(e->registry->uploads, u);
}

static void end_upload(struct exchange *e)
{
	struct upload *u = steal_ptr(e->data);

	if (u)
		uploads_end(e->registry->uploads, u);
}

static void append(struct exchange *e, const void *bytes, size_t n)
{
	struct upload *u = e->data;
	struct error err = {0};

	if (blob_size(u->writer) + n > UPLOAD_MAX)
		reply_fault(&e->reply, FAULT_TOO_LARGE, NULL);
	else if (blob_add(u->writer, bytes, n, &err) < 0)
		reply_error(&e->reply, &err);
	/* How much of it was written is not known: it cannot go on. */
	if (e->reply.status)
		e->release = end_upload;
}

/* Whether the body is as long as its Content-Range said. */
static bool chunk_is_whole(struct exchange *e)
{
	const char *text = exchange_header(e, "Content-Range");
	uint64_t first, last;

	if (!text || !range_parse_chunk(text, &first, &last) || e->received == last - first + 1)
		return true;
	reply_fault(&e->reply, FAULT_SIZE_INVALID, text);
	return false;
}

static void end_chunk(struct exchange *e)
{
	if (chunk_is_whole(e))
		say_progress(e, e->data, 202);
}

/* Gives the blob its name and the repository the blob, both at once for store_collect(). */
static int keep(struct exchange *e, struct upload *u, const char *wanted, char digest[DIGEST_TEXT],
        struct error *err)
{
	struct repository repository = {.layout = &e->registry->layout, .name = e->route.name};
	auto_close lock = layout_lock(repository.layout, err);
	int r = lock < 0 ? lock : blob_finish(u->writer, wanted, digest, err);

	return r < 0 ? r : repository_add_blob(&repository, digest, err);
}

static void end_blob(struct exchange *e)
{
	struct error err = {0};
	char digest[DIGEST_TEXT];

	if (!chunk_is_whole(e))
		return;
	if (keep(e, e->data, exchange_parameter(e, "digest"), digest, &err) < 0)
		reply_error(&e->reply, &err);
	else
		say_created(e, digest);
	end_upload(e);
}

/* ---- beginning one ---- */

static bool too_large(struct exchange *e)
{
	if (e->length <= UPLOAD_MAX)
		return false;
	reply_fault(&e->reply, FAULT_TOO_LARGE, NULL);
	return true;
}

static bool find_in(const struct layout *l, const char *name, const char *digest)
{
	struct repository r = {.layout = l, .name = name};

	return repository_name_valid(name) &&
	       (repository_has_blob(&r, digest) || own_has_blob(&r, digest));
}

/* Without "from" the registry may look everywhere. */
static bool find_anywhere(const struct layout *l, const char *digest)
{
	json_t *names = repository_names(l), *name;
	bool found = false;
	size_t i;

	own_names(l, names);
	json_array_foreach (names, i, name)
		if (!found)
			found = find_in(l, json_string_value(name), digest);
	json_decref(names);
	return found;
}

/* A blob that is here already need not be sent again. */
static bool mount(struct exchange *e, const char *digest)
{
	const char *from = exchange_parameter(e, "from");
	struct repository here = {.layout = &e->registry->layout, .name = e->route.name};
	struct error err = {0};
	auto_close lock = -1;

	if (!digest_valid(digest))
		return false;
	lock = layout_lock(here.layout, &err);
	if (lock < 0 || !(from && from[0] ? find_in(here.layout, from, digest)
	                                  : find_anywhere(here.layout, digest)))
		return false;
	if (repository_add_blob(&here, digest, &err) < 0)
		return false;
	say_created(e, digest);
	return true;
}

/* With which sum it will probably be named. */
static enum digest_algorithm algorithm_of(const struct exchange *e)
{
	const char *digest = exchange_parameter(e, "digest");
	const char *name = exchange_parameter(e, "digest-algorithm");

	if (digest)
		return digest_algorithm(digest);
	return name && !strcmp(name, digest_algorithm_name(DIGEST_SHA512)) ? DIGEST_SHA512
	                                                                   : DIGEST_SHA256;
}

static void begin(struct exchange *e)
{
	const char *digest = exchange_parameter(e, "digest");
	struct upload *u = NULL;
	struct error err = {0};
	int r;

	if (digest && !digest_valid(digest)) {
		reply_fault_digest(&e->reply, FAULT_DIGEST_INVALID, digest);
		return;
	}
	if (too_large(e))
		return;
	r = uploads_begin(e->registry->uploads, e->route.name, algorithm_of(e), &u, &err);
	if (r == -EUSERS)
		reply_fault(&e->reply, FAULT_TOO_MANY_REQUESTS, NULL);
	else if (r < 0)
		reply_error(&e->reply, &err);
	if (r < 0)
		return;
	e->data = u;
	if (digest) {
		e->take = append;
		e->end = end_blob;
		e->release = end_upload;
	} else {
		say_progress(e, u, 202);
		give_back(e);
	}
}

void answer_uploads(struct exchange *e)
{
	const char *wanted = exchange_parameter(e, "mount");

	if (e->method != METHOD_POST)
		reply_fault(&e->reply, FAULT_METHOD, NULL);
	else if (!wanted || !mount(e, wanted))
		begin(e);
}

/* ---- going on with one ---- */

/* Chunks come one behind the other; a body without a range is what follows. */
static bool follows(struct exchange *e, const struct upload *u)
{
	const char *text = exchange_header(e, "Content-Range");
	uint64_t first, last;

	if (!text || (range_parse_chunk(text, &first, &last) && first == blob_size(u->writer) &&
	                     (!e->has_length || e->length == last - first + 1)))
		return true;
	reply_fault(&e->reply, FAULT_RANGE, text);
	say_progress(e, u, fault_status(FAULT_RANGE));
	return false;
}

static void go_on(struct exchange *e, struct upload *u)
{
	const char *digest = exchange_parameter(e, "digest");

	e->data = u;
	e->release = give_back;
	if (e->method == METHOD_GET || e->method == METHOD_HEAD) {
		say_progress(e, u, 204);
	} else if (e->method == METHOD_DELETE) {
		e->release = end_upload;
		e->reply.status = 204;
	} else if (e->method == METHOD_PUT && !digest_valid(digest)) {
		reply_fault_digest(&e->reply, FAULT_DIGEST_INVALID, digest ? digest : "");
	} else if (!too_large(e) && follows(e, u)) {
		e->take = append;
		e->end = e->method == METHOD_PUT ? end_blob : end_chunk;
	}
}

void answer_upload(struct exchange *e)
{
	struct upload *u = NULL;
	int r;

	if (e->method == METHOD_POST || e->method == METHOD_OTHER) {
		reply_fault(&e->reply, FAULT_METHOD, NULL);
		return;
	}
	r = uploads_take(e->registry->uploads, e->route.name, e->route.reference, &u);
	if (r == -EBUSY)
		reply_fault(&e->reply, FAULT_BUSY, NULL);
	else if (r < 0)
		reply_fault(&e->reply, FAULT_BLOB_UPLOAD_UNKNOWN, NULL);
	else
		go_on(e, u);
}
