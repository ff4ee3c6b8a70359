/* /v2/NAME/blobs/DIGEST: content by its digest, whole or in part (OCI distribution specification
 * 1.1, "Pulling blobs" and "Deleting Blobs"). */
#include "kernel/base/cleanup.h"
#include "kernel/registry/exchange.h"
#include "kernel/registry/own_images.h"
#include "kernel/registry/range.h"
#include "kernel/registry/state.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Range holds only for the content that If-Range names (RFC 9110, 13.1.5). */
static const char *wanted_range(const struct exchange *e)
{
	const char *condition = exchange_header(e, "If-Range");

	return condition && !strstr(condition, e->route.reference) ? NULL
	                                                           : exchange_header(e, "Range");
}

static void send_blob(struct exchange *e, int fd, uint64_t size)
{
	struct reply *r = &e->reply;
	uint64_t offset = 0, length = size;
	enum range range = range_parse(wanted_range(e), size, &offset, &length);

	if (range == RANGE_BAD) {
		close(fd);
		reply_fault(r, FAULT_RANGE_GET, NULL);
		reply_header(r, "Content-Range", "bytes */%" PRIu64, size);
		return;
	}
	r->status = range == RANGE_PART ? 206 : 200;
	r->file = fd;
	r->offset = offset;
	r->length = length;
	reply_header(r, "Content-Type", "application/octet-stream");
	reply_header(r, "Docker-Content-Digest", "%s", e->route.reference);
	reply_header(r, "ETag", "\"%s\"", e->route.reference);
	reply_header(r, "Accept-Ranges", "bytes");
	/* What a digest names never changes. */
	reply_header(r, "Cache-Control", "max-age=31536000, immutable");
	if (range == RANGE_PART)
		reply_header(r, "Content-Range", "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, offset,
		        offset + length - 1, size);
}

static void get(struct exchange *e, const struct repository *repository)
{
	const char *digest = e->route.reference;
	auto_close fd = -1;
	struct stat st;

	if (repository_has_blob(repository, digest) || own_has_blob(repository, digest))
		fd = layout_open_blob(repository->layout, digest, NULL);
	if (fd < 0 || fstat(fd, &st) < 0)
		reply_fault_digest(&e->reply, FAULT_BLOB_UNKNOWN, digest);
	else
		send_blob(e, steal_fd(&fd), (uint64_t)st.st_size);
}

/* The blob is gone from this repository; other repositories and images may have it. */
static void take_away(struct exchange *e, const struct repository *repository)
{
	struct error err = {0};
	auto_close lock = layout_lock(repository->layout, &err);
	int r = lock < 0 ? lock : repository_remove_blob(repository, e->route.reference, &err);

	if (r == 0)
		e->reply.status = 202;
	else if (r == -ENOENT && own_has_blob(repository, e->route.reference))
		reply_fault(&e->reply, FAULT_OWN, NULL);
	else if (r == -ENOENT)
		reply_fault_digest(&e->reply, FAULT_BLOB_UNKNOWN, e->route.reference);
	else
		reply_error(&e->reply, &err);
}

void answer_blob(struct exchange *e)
{
	struct repository repository = {.layout = &e->registry->layout, .name = e->route.name};

	if (e->method == METHOD_GET || e->method == METHOD_HEAD)
		get(e, &repository);
	else if (e->method == METHOD_DELETE)
		take_away(e, &repository);
	else
		reply_fault(&e->reply, FAULT_METHOD, NULL);
}
