/* /v2/NAME/manifests/REFERENCE: manifests by tag and by digest (OCI distribution specification 1.1,
 * "Pulling manifests", "Pushing Manifests", "Deleting tags", "Deleting Manifests"). */
#include "kernel/base/cleanup.h"
#include "kernel/registry/exchange.h"
#include "kernel/registry/manifest_check.h"
#include "kernel/registry/own_images.h"
#include "kernel/registry/state.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <string.h>

static struct repository repository_of(const struct exchange *e)
{
	return (struct repository){.layout = &e->registry->layout, .name = e->route.name};
}

/* ---- GET, HEAD ---- */

/* The digest that the reference means. */
static int find(const struct exchange *e, const struct repository *r, char ret[DIGEST_TEXT])
{
	int status;

	if (route_by_digest(&e->route)) {
		digest_copy(ret, e->route.reference);
		return 0;
	}
	status = repository_find_tag(r, e->route.reference, ret);
	return status < 0 ? own_find_tag(r, e->route.reference, ret) : 0;
}

/* A manifest of the machine's own says itself what it is. */
static void own_type(const struct buf *text, char ret[MEDIA_TYPE_MAX + 1])
{
	json_t *document = json_loadb(buf_text(text), text->len, 0, NULL);

	snprintf(ret, MEDIA_TYPE_MAX + 1, "%s", layout_media_type(document));
	json_decref(document);
}

static void get(struct exchange *e)
{
	struct repository r = repository_of(e);
	char digest[DIGEST_TEXT], type[MEDIA_TYPE_MAX + 1];
	struct reply *reply = &e->reply;
	bool own = false;
	int status = find(e, &r, digest);

	if (status == 0 && repository_find_manifest(&r, digest, type) < 0) {
		own = own_has_manifest(&r, digest);
		status = own ? 0 : -ENOENT;
	}
	if (status == 0)
		status = layout_get(r.layout, digest, &reply->body, NULL);
	if (status < 0) {
		buf_reset(&reply->body);
		reply_fault(reply, FAULT_MANIFEST_UNKNOWN, e->route.reference);
		return;
	}
	if (own)
		own_type(&reply->body, type);
	reply->status = 200;
	reply_header(reply, "Content-Type", "%s", type);
	reply_header(reply, "Docker-Content-Digest", "%s", digest);
	reply_header(reply, "ETag", "\"%s\"", digest);
}

/* ---- PUT ---- */

struct incoming {
	struct buf text;
	bool too_large;
};

static void take(struct exchange *e, const void *bytes, size_t n)
{
	struct incoming *in = e->data;

	if (in->text.len + n > MANIFEST_MAX)
		in->too_large = true;
	else
		buf_add_bytes(&in->text, bytes, n);
}

static void release(struct exchange *e)
{
	struct incoming *in = e->data;

	buf_release(&in->text);
	free(in);
	e->data = NULL;
}

/* The sum that the client wants: in place of a tag, or behind it as "?digest=". */
static const char *wanted_digest(const struct exchange *e)
{
	return route_by_digest(&e->route) ? e->route.reference : exchange_parameter(e, "digest");
}

static int store(const struct layout *l, const char *wanted, const struct buf *text,
        char ret_digest[DIGEST_TEXT], struct error *err)
{
	struct blob_writer *w = NULL;
	int r = blob_writer_new(l, wanted ? digest_algorithm(wanted) : DIGEST_SHA256, &w, err);

	if (r == 0)
		r = blob_add(w, buf_text(text), text->len, err);
	if (r == 0)
		r = blob_finish(w, wanted, ret_digest, err);
	blob_writer_free(w);
	return r;
}

/* An image gets a name in the layout, so that it is found with all others on this machine. What is
 * no image that this machine could use is left out. */
static int name_image(const struct exchange *e, const char *tag, const char *digest,
        const struct manifest *m, size_t size, struct error *err)
{
	const struct registry *registry = e->registry;
	struct store_documents documents = {0};
	auto_free char *name = NULL;
	int r = store_read(&registry->layout, digest, &documents, NULL);

	store_documents_release(&documents);
	if (r < 0)
		return 0;
	if (asprintf(&name, "%s/%s:%s", registry->host, e->route.name, tag) < 0)
		return error_set(err, ENOMEM, "name image", tag, NULL);
	return layout_name(&registry->layout, name, m->media_type, digest, size, err);
}

struct put {
	struct exchange *e;
	const struct manifest *manifest;
	const char *digest;
	size_t size;
	struct buf tags; /* "a, b" */
	struct error *err;
	int status;
};

static void put_tag(void *data, const char *tag)
{
	struct put *p = data;
	struct repository r = repository_of(p->e);

	if (p->status == 0 && !repository_tag_valid(tag))
		p->status = -EINVAL;
	if (p->status == 0)
		p->status = repository_set_tag(&r, tag, p->digest, p->err);
	if (p->status == 0)
		p->status = name_image(p->e, tag, p->digest, p->manifest, p->size, p->err);
	buf_addf(&p->tags, "%s%s", p->tags.len ? ", " : "", tag);
}

static void check_tag(void *data, const char *tag)
{
	if (!repository_tag_valid(tag))
		*(bool *)data = false;
}

/* Under the lock: content, then what leads to it. */
static int enter(struct exchange *e, const struct manifest *m, const struct buf *text,
        char digest[DIGEST_TEXT], struct error *err)
{
	struct repository r = repository_of(e);
	struct put p = {.e = e, .manifest = m, .digest = digest, .size = text->len, .err = err};
	auto_close lock = layout_lock(r.layout, err);

	if (lock < 0)
		return lock;
	p.status = store(r.layout, wanted_digest(e), text, digest, err);
	if (p.status == 0)
		p.status = repository_add_manifest(&r, digest, m->media_type, err);
	if (p.status == 0 && m->subject)
		p.status = repository_add_referrer(&r, m->subject, digest, err);
	if (!route_by_digest(&e->route))
		put_tag(&p, e->route.reference);
	else
		exchange_parameters(e, "tag", put_tag, &p);
	if (p.status == 0 && route_by_digest(&e->route) && p.tags.len)
		reply_header(&e->reply, "OCI-Tag", "%s", buf_text(&p.tags));
	buf_release(&p.tags);
	return p.status;
}

static void end(struct exchange *e)
{
	struct incoming *in = e->data;
	struct repository r = repository_of(e);
	struct manifest m = {0};
	struct error err = {0};
	char digest[DIGEST_TEXT];

	if (in->too_large) {
		reply_fault(&e->reply, FAULT_TOO_LARGE, "a manifest has at most 4 MiB");
		return;
	}
	if (manifest_check(&r, buf_text(&in->text), in->text.len,
	            exchange_header(e, "Content-Type"), e->registry->options->sparse, &m,
	            &e->reply) < 0)
		return;
	if (enter(e, &m, &in->text, digest, &err) < 0) {
		reply_error(&e->reply, &err);
	} else {
		e->reply.status = 201;
		reply_header(&e->reply, "Location", "/v2/%s/manifests/%s", e->route.name, digest);
		reply_header(&e->reply, "Docker-Content-Digest", "%s", digest);
		if (m.subject)
			reply_header(&e->reply, "OCI-Subject", "%s", m.subject);
	}
	manifest_release(&m);
}

static void put(struct exchange *e)
{
	const char *digest = wanted_digest(e);
	bool tags_valid = true;

	exchange_parameters(e, "tag", check_tag, &tags_valid);
	if (digest && !digest_valid(digest))
		reply_fault_digest(&e->reply, FAULT_DIGEST_INVALID, digest);
	else if (!tags_valid)
		reply_fault(&e->reply, FAULT_TAG_INVALID, NULL);
	else if (e->length > MANIFEST_MAX)
		reply_fault(&e->reply, FAULT_TOO_LARGE, "a manifest has at most 4 MiB");
	else if (!(e->data = calloc(1, sizeof(struct incoming))))
		reply_fault(&e->reply, FAULT_INTERNAL, NULL);
	if (e->reply.status)
		return;
	e->take = take;
	e->end = end;
	e->release = release;
}

/* ---- DELETE ---- */

/* The layout forgets the name that the tag gave, unless it means something else by now. */
static void forget_name(const struct exchange *e, const char *tag, const char *digest)
{
	const struct layout *l = &e->registry->layout;
	auto_free char *name = NULL;
	char named[DIGEST_TEXT];

	if (asprintf(&name, "%s/%s:%s", e->registry->host, e->route.name, tag) >= 0 &&
	        layout_find(l, name, named, NULL) == 0 && !strcmp(named, digest))
		layout_unname(l, name, NULL);
}

static int remove_tag(struct exchange *e, const char *tag, struct error *err)
{
	struct repository r = repository_of(e);
	char digest[DIGEST_TEXT];
	int status = repository_find_tag(&r, tag, digest);

	if (status == 0)
		status = repository_remove_tag(&r, tag, err);
	if (status == 0)
		forget_name(e, tag, digest);
	return status;
}

/* With all its tags; what refers to it stays. */
static int remove_manifest(struct exchange *e, const char *digest, struct error *err)
{
	struct repository r = repository_of(e);
	json_t *tags = repository_tags(&r), *tag, *document = NULL;
	char type[MEDIA_TYPE_MAX + 1], tagged[DIGEST_TEXT];
	int status = repository_find_manifest(&r, digest, type);
	size_t i;

	json_array_foreach (tags, i, tag) {
		const char *text = json_string_value(tag);
		if (status == 0 && repository_find_tag(&r, text, tagged) == 0 &&
		        !strcmp(tagged, digest))
			status = remove_tag(e, text, err);
	}
	json_decref(tags);
	if (status == 0 && layout_get_json(r.layout, digest, &document, NULL) == 0) {
		const char *subject = manifest_subject(document);
		if (digest_valid(subject))
			repository_remove_referrer(&r, subject, digest, NULL);
		json_decref(document);
	}
	return status < 0 ? status : repository_remove_manifest(&r, digest, err);
}

static void take_away(struct exchange *e)
{
	struct repository r = repository_of(e);
	struct error err = {0};
	char digest[DIGEST_TEXT];
	auto_close lock = layout_lock(r.layout, &err);
	bool by_digest = route_by_digest(&e->route);
	int status = lock < 0    ? lock
	             : by_digest ? remove_manifest(e, e->route.reference, &err)
	                         : remove_tag(e, e->route.reference, &err);

	if (status == 0)
		e->reply.status = 202;
	else if (status == -ENOENT &&
	         (by_digest ? own_has_manifest(&r, e->route.reference)
	                    : own_find_tag(&r, e->route.reference, digest) == 0))
		reply_fault(&e->reply, FAULT_OWN, NULL);
	else if (status == -ENOENT)
		reply_fault(&e->reply, FAULT_MANIFEST_UNKNOWN, e->route.reference);
	else
		reply_error(&e->reply, &err);
}

void answer_manifest(struct exchange *e)
{
	if (e->method == METHOD_GET || e->method == METHOD_HEAD)
		get(e);
	else if (e->method == METHOD_PUT)
		put(e);
	else if (e->method == METHOD_DELETE)
		take_away(e);
	else
		reply_fault(&e->reply, FAULT_METHOD, NULL);
}
