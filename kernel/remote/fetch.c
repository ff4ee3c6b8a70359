#include "kernel/remote/fetch.h"

#include "kernel/base/cleanup.h"
#include "kernel/remote/retry.h"
#include "kernel/store/layout.h"

#include <errno.h>
#include <string.h>

static const char accept_types[] =
        OCI_MANIFEST ", " OCI_INDEX ", " DOCKER_MANIFEST ", " DOCKER_LIST;

struct wanted {
	const char *word, *name, *url; /* "latest"; for messages; its address */
	const struct descriptor *expected;
};

struct body {
	struct buf bytes;
	size_t most;
};

static int take(void *data, const void *bytes, size_t n)
{
	struct body *b = data;

	if (n > b->most - b->bytes.len)
		return -EFBIG;
	buf_add_bytes(&b->bytes, bytes, n);
	return buf_failed(&b->bytes) ? -ENOMEM : 0;
}

/* What the registry says the digest is, is no proof; but a registry that says it wrongly is none to
 * be believed. */
static int check_said(
        const struct http_answer *a, const struct buf *bytes, const char *name, struct error *err)
{
	char got[DIGEST_TEXT];

	if (!a->digest || !a->digest[0])
		return 0;
	if (!digest_valid(a->digest))
		return error_set(err, EBADMSG, "fetch manifest", name,
		        "the registry says its digest is '%.80s', which is none", a->digest);
	if (digest_of(digest_algorithm(a->digest), buf_text(bytes), bytes->len, got) < 0)
		return error_set(err, ENOMEM, "fetch manifest", name, NULL);
	if (strcmp(got, a->digest) != 0)
		return error_set(err, EBADMSG, "fetch manifest", name,
		        "the registry says its digest is %s, but that of what came is %s",
		        a->digest, got);
	return 0;
}

static int check_expected(const struct document *d, const struct wanted *w, struct error *err)
{
	const struct descriptor *expected = w->expected;

	if (digest_valid(w->word) && strcmp(w->word, d->digest) != 0)
		return error_set(err, EBADMSG, "fetch manifest", w->name,
		        "the digest of what came is %s: it is not what was meant", d->digest);
	if (expected && expected->size != d->bytes.len)
		return error_set(err, EBADMSG, "fetch manifest", w->name,
		        "%zu bytes came, not the %llu that the index says", d->bytes.len,
		        (unsigned long long)expected->size);
	if (expected && strcmp(expected->media_type, d->media_type) != 0)
		return error_set(err, EBADMSG, "fetch manifest", w->name,
		        "the index says it is %.80s, it is %.80s", expected->media_type,
		        d->media_type);
	return 0;
}

static int read_answer(struct remote *r, const struct http_answer *a, struct body *b,
        const struct wanted *w, struct document *ret, struct error *err)
{
	enum digest_algorithm algorithm =
	        digest_valid(w->word) ? digest_algorithm(w->word) : DIGEST_SHA256;
	struct document d = {0};
	int result;

	if (a->status != 200)
		return remote_refusal(r, a, "fetch manifest", w->name, err);
	result = check_said(a, &b->bytes, w->name, err);
	if (result == 0)
		result = document_read(&b->bytes, algorithm, a->content_type, w->name, &d, err);
	if (result == 0)
		result = check_expected(&d, w, err);
	if (result < 0)
		document_release(&d);
	else
		*ret = d;
	return result;
}

static int fetch_once(struct remote *r, const struct wanted *w, struct document *ret,
        int *ret_after, struct error *err)
{
	struct body b = {.bytes = BUF_INIT, .most = DOCUMENT_MAX};
	struct http_request request = {
	        .method = "GET", .url = w->url, .accept = accept_types, .take = take, .data = &b};
	struct error own = {0};
	struct transfer *t = NULL;
	int result = remote_ask(r, &request, w->name, &t, &own);

	if (result == -EFBIG)
		result = error_set(err, EFBIG, "fetch manifest", w->name,
		        "it is larger than 4 MiB, which none may be");
	else if (result < 0 && err && !err->code)
		*err = own;
	if (result == 0) {
		const struct http_answer *a = transfer_answer(t);
		*ret_after = a->retry_after;
		result = read_answer(r, a, &b, w, ret, err);
	}
	transfer_free(t);
	buf_release(&b.bytes);
	return result;
}

int fetch_document(struct remote *r, const char *word, const struct descriptor *expected,
        const struct progress *progress, struct document *ret, struct error *err)
{
	auto_buf below = BUF_INIT, url = BUF_INIT, name = BUF_INIT;
	struct wanted w = {.word = word, .expected = expected};
	struct retry retry = {0};
	int after = 0;

	buf_addf(&below, "manifests/%s", word);
	remote_url(r, buf_text(&below), &url);
	remote_name(r, word, &name);
	w.url = buf_text(&url);
	w.name = buf_text(&name);
	for (;;) {
		struct error why = {0};
		int result = fetch_once(r, &w, ret, &after, &why);
		if (result < 0 && retry_is_worth(result) &&
		        retry_again(&retry, remote_retries(r), 0, after)) {
			progress_note(progress, "manifest: %s; trying again", why.cause);
			while (deadline_left(retry.when) > 0)
				client_wait(remote_client(r), deadline_left(retry.when), NULL);
			continue;
		}
		if (result < 0 && err && !err->code)
			*err = why;
		return result;
	}
}
