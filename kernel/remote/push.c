#include "kernel/remote/push.h"

#include "kernel/base/cleanup.h"
#include "kernel/remote/push_blobs.h"
#include "kernel/remote/retry.h"
#include "kernel/remote/upload.h"
#include "kernel/store/find.h"
#include "kernel/store/platform.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <string.h>

enum { ELSEWHERE_MAX = 8 }; /* repositories that leave is asked for */

struct push {
	const struct reference *to;
	const struct remote_options *options;
	const struct progress *progress;
	struct layout layout;
	struct found found;
	struct push_blobs blobs;
	json_t *elsewhere;
	struct remote *remote;
	struct error *err;
};

void pushed_release(struct pushed *p)
{
	free(p->items);
	*p = (struct pushed){0};
}

static const struct document *named(const struct push *p)
{
	return &p->blobs.documents[p->blobs.n_documents - 1];
}

/* --- what is sent --- */

/* Of an index that is not whole here the manifest for this machine. */
static int read_image(struct push *p)
{
	char manifest[DIGEST_TEXT];
	struct error why = {0};
	int r = push_blobs_read(&p->layout, p->found.digest, &p->blobs, &why);

	if (r == -ENOENT && platform_pick(&p->layout, p->found.digest, manifest, NULL) == 0 &&
	        strcmp(manifest, p->found.digest) != 0) {
		progress_note(p->progress,
		        "of this index not all manifests are here: the one for this machine is "
		        "sent, %s",
		        manifest);
		return push_blobs_read(&p->layout, manifest, &p->blobs, p->err);
	}
	if (r < 0 && p->err && !p->err->code)
		*p->err = why;
	return r;
}

static int check_digest(struct push *p)
{
	if (!p->to->digest[0] || !strcmp(p->to->digest, named(p)->digest))
		return 0;
	return error_set(p->err, EINVAL, "push image", p->to->digest,
	        "the digest of this image is %s: it cannot have another", named(p)->digest);
}

static int open_remote(struct push *p)
{
	const char *also[ELSEWHERE_MAX], *digest;
	json_t *repository;
	size_t n = 0;

	json_object_foreach (p->elsewhere, digest, repository) {
		const char *name = json_string_value(repository);
		bool known = n == ELSEWHERE_MAX;
		for (size_t i = 0; i < n && !known; i++)
			known = !strcmp(also[i], name);
		if (!known)
			also[n++] = name;
	}
	return remote_open(p->to, "pull,push", also, n, p->options, &p->remote, p->err);
}

/* --- manifests --- */

struct sending {
	const struct document *document;
	size_t done;
};

static ssize_t give(void *data, void *bytes, size_t n)
{
	struct sending *s = data;
	size_t left = s->document->bytes.len - s->done;

	if (n > left)
		n = left;
	memcpy(bytes, s->document->bytes.data + s->done, n);
	s->done += n;
	return (ssize_t)n;
}

static int rewind_document(void *data)
{
	struct sending *s = data;

	s->done = 0;
	return 0;
}

static int put_once(struct push *p, const struct document *d, const char *word, const char *name,
        int *ret_after, struct error *err)
{
	auto_buf below = BUF_INIT, url = BUF_INIT;
	struct sending s = {.document = d};
	struct http_request request = {.method = "PUT",
	        .content_type = d->media_type,
	        .give = give,
	        .rewind = rewind_document,
	        .size = d->bytes.len,
	        .data = &s};
	const struct http_answer *a;
	struct transfer *t = NULL;
	int r;

	buf_addf(&below, "manifests/%s", word);
	remote_url(p->remote, buf_text(&below), &url);
	request.url = buf_text(&url);
	r = remote_ask(p->remote, &request, name, &t, err);
	if (r < 0)
		return r;
	a = transfer_answer(t);
	*ret_after = a->retry_after;
	if (a->status != 201 && a->status != 200)
		r = remote_refusal(p->remote, a, "push manifest", name, err);
	else if (digest_valid(a->digest) &&
	         digest_algorithm(a->digest) == digest_algorithm(d->digest) &&
	         strcmp(a->digest, d->digest) != 0)
		r = error_set(err, EBADMSG, "push manifest", name,
		        "the registry says it has %s now, not %s", a->digest, d->digest);
	transfer_free(t);
	return r;
}

static int put_document(struct push *p, const struct document *d, const char *word)
{
	auto_buf name = BUF_INIT;
	struct retry retry = {0};
	int after = 0;

	remote_name(p->remote, word, &name);
	for (;;) {
		struct error why = {0};
		int r = put_once(p, d, word, buf_text(&name), &after, &why);
		if (r < 0 && retry_is_worth(r) &&
		        retry_again(&retry, remote_retries(p->remote), 0, after)) {
			progress_note(p->progress, "manifest: %s; trying again", why.cause);
			while (deadline_left(retry.when) > 0)
				client_wait(
				        remote_client(p->remote), deadline_left(retry.when), NULL);
			continue;
		}
		if (r < 0 && p->err && !p->err->code)
			*p->err = why;
		return r;
	}
}

static int put_documents(struct push *p)
{
	int r = 0;

	for (size_t i = 0; i < p->blobs.n_documents && r == 0; i++) {
		const struct document *d = &p->blobs.documents[i];
		bool last = d == named(p);
		r = put_document(p, d, last && p->to->tag[0] ? p->to->tag : d->digest);
	}
	return r;
}

/* --- all of it --- */

static int push_all(struct push *p, const char *word)
{
	int r = store_open(&p->layout, p->err);

	if (r == 0)
		r = store_find(&p->layout, word, &p->found, p->err);
	if (r == 0)
		r = read_image(p);
	if (r == 0)
		r = check_digest(p);
	if (r < 0)
		return r;
	p->elsewhere = push_blobs_elsewhere(&p->layout, p->to, &p->blobs);
	r = open_remote(p);
	if (r == 0)
		r = upload(p->remote, &p->layout, p->blobs.items, p->blobs.n, p->elsewhere,
		        p->progress, p->err);
	return r < 0 ? r : put_documents(p);
}

int image_push(const char *word, const struct reference *to, const struct remote_options *options,
        const struct progress *progress, struct pushed *ret, struct error *err)
{
	struct push *p = calloc(1, sizeof *p);
	struct reference name = *to;
	int r;

	if (!p)
		return error_set(err, ENOMEM, "push image", word, NULL);
	*p = (struct push){.to = to, .options = options, .progress = progress, .err = err};
	r = push_all(p, word);
	if (r == 0) {
		*ret = (struct pushed){.n = p->blobs.n};
		name.scheme[0] = '\0';
		reference_format(&name, ret->name);
		digest_copy(ret->digest, named(p)->digest);
		memcpy(ret->media_type, named(p)->media_type, sizeof ret->media_type);
		ret->items = steal_ptr(p->blobs.items);
	}
	remote_free(p->remote);
	push_blobs_release(&p->blobs);
	json_decref(p->elsewhere);
	found_release(&p->found);
	layout_release(&p->layout);
	free(p);
	return r;
}
