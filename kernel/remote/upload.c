/* Each blob is a job of up to three requests: is it there (HEAD)? where may it be sent, or is it
 * mounted (POST)? the bytes (PUT). What fails for a moment begins with the first again, since it
 * may be there by now. */
#include "kernel/remote/upload.h"

#include "kernel/base/cleanup.h"
#include "kernel/remote/retry.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { AT_ONCE = 6, TICK_MS = 100 };

enum phase { PHASE_ASK, PHASE_BEGIN, PHASE_SEND };

struct job {
	struct transfer_item *item;
	struct transfer *transfer;
	enum phase phase;
	int blob;
	struct digest *sum; /* of what was sent */
	struct retry retry;
	struct error *err; /* for what give() meets */
	bool renewed;
	bool refused; /* it may not be mounted */
};

struct uploads {
	struct remote *remote;
	const struct layout *layout;
	const json_t *elsewhere;
	const struct progress *progress;
	struct job *jobs;
	struct transfer_item *items;
	size_t n, moving;
	struct error *err;
};

/* --- the bytes --- */

static int rewind_blob(void *data)
{
	struct job *j = data;

	digest_free(j->sum);
	j->sum = digest_new(digest_algorithm(j->item->digest));
	j->item->done = 0;
	return j->sum && lseek(j->blob, 0, SEEK_SET) == 0 ? 0 : -EIO;
}

static int changed(struct job *j)
{
	error_set(j->err, EBADMSG, "read blob", j->item->digest,
	        "its bytes are not those that it is named after: it was changed");
	error_advise(j->err, "the image is damaged: fetch or make it again");
	return -EBADMSG;
}

/* The last bytes are only given when the sum is right. */
static ssize_t give(void *data, void *bytes, size_t n)
{
	struct job *j = data;
	uint64_t left = j->item->size - j->item->done;
	char got[DIGEST_TEXT];
	ssize_t k;

	if (left == 0)
		return 0;
	do
		k = read(j->blob, bytes, n < left ? n : (size_t)left);
	while (k < 0 && errno == EINTR);
	if (k < 0)
		return error_set(j->err, errno, "read blob", j->item->digest, NULL);
	if (k == 0)
		return changed(j);
	digest_add(j->sum, bytes, (size_t)k);
	j->item->done += (uint64_t)k;
	j->item->moved += (uint64_t)k;
	if (j->item->done == j->item->size) {
		digest_finish(j->sum, got);
		if (strcmp(got, j->item->digest) != 0)
			return changed(j);
	}
	return k;
}

/* --- the requests --- */

static int start(struct uploads *u, struct job *j, struct http_request *request, enum phase phase)
{
	int r;

	request->data = j;
	r = remote_start(u->remote, request, &j->transfer, u->err);
	if (r == 0) {
		j->phase = phase;
		j->retry.when = 0;
		j->item->state = TRANSFER_MOVING;
		u->moving++;
	}
	return r;
}

static int ask(struct uploads *u, struct job *j)
{
	auto_buf below = BUF_INIT, url = BUF_INIT;
	struct http_request request = {.method = "HEAD"};

	buf_addf(&below, "blobs/%s", j->item->digest);
	remote_url(u->remote, buf_text(&below), &url);
	request.url = buf_text(&url);
	return start(u, j, &request, PHASE_ASK);
}

static int begin(struct uploads *u, struct job *j)
{
	const char *from = json_string_value(json_object_get(u->elsewhere, j->item->digest));
	struct http_request request = {.method = "POST"};
	auto_buf url = BUF_INIT;

	remote_url(u->remote, "blobs/uploads/", &url);
	if (from && !j->refused) {
		buf_addf(&url, "?mount=%s&from=", j->item->digest);
		remote_escape(from, &url);
	}
	request.url = buf_text(&url);
	return start(u, j, &request, PHASE_BEGIN);
}

static int send_bytes(struct uploads *u, struct job *j, const char *location)
{
	struct http_request request = {.method = "PUT",
	        .content_type = "application/octet-stream",
	        .give = give,
	        .rewind = rewind_blob,
	        .size = j->item->size};
	auto_buf url = BUF_INIT;
	int r = 0;

	if (!location || !location[0])
		return error_set(u->err, EPROTO, "send blob", j->item->digest,
		        "the registry does not say where to");
	if (j->blob < 0)
		j->blob = layout_open_blob(u->layout, j->item->digest, u->err);
	if (j->blob < 0)
		return -ENOENT;
	r = rewind_blob(j);
	if (r < 0)
		return error_set(u->err, -r, "read blob", j->item->digest, NULL);
	buf_addf(&url, "%s%cdigest=%s", location, strchr(location, '?') ? '&' : '?',
	        j->item->digest);
	request.url = buf_text(&url);
	return start(u, j, &request, PHASE_SEND);
}

/* --- their ends --- */

static int done(struct job *j, enum transfer_how how)
{
	j->item->how = how;
	j->item->done = j->item->size;
	j->item->state = TRANSFER_DONE;
	return 0;
}

static int try_again(struct uploads *u, struct job *j, int r, int after, struct error *why)
{
	if (retry_is_worth(r) && retry_again(&j->retry, remote_retries(u->remote), 0, after)) {
		progress_note(u->progress, "%s: %s; trying again", j->item->name, why->cause);
		j->item->state = TRANSFER_WAITING;
		j->item->done = 0;
		return 0;
	}
	if (u->err && !u->err->code)
		*u->err = *why;
	return r;
}

/* What the answer leads to; -ENOMSG: it is none of those that are good. */
static int go_on(struct uploads *u, struct job *j, const struct http_answer *a)
{
	switch (j->phase) {
	case PHASE_ASK:
		if (a->status == 200)
			return done(j, TRANSFER_PRESENT);
		return a->status == 404 ? begin(u, j) : -ENOMSG;
	case PHASE_BEGIN:
		if (a->status == 201)
			return done(j, TRANSFER_MOUNTED);
		if (a->status == 202)
			return send_bytes(u, j, a->location);
		/* Who may not read there may send it. */
		if (!j->refused && json_object_get(u->elsewhere, j->item->digest) &&
		        a->status >= 400 && a->status < 500) {
			j->refused = true;
			return begin(u, j);
		}
		return -ENOMSG;
	default:
		return a->status == 201 || a->status == 204 ? done(j, TRANSFER_WHOLE) : -ENOMSG;
	}
}

static int judge(struct uploads *u, struct job *j, struct transfer *t)
{
	const struct http_answer *a = transfer_answer(t);
	struct error why = {0};
	int r = transfer_result(t, "send blob", j->item->digest, &why);

	if (u->err->code) /* give() has said it */
		return -u->err->code;
	if (r < 0)
		return try_again(u, j, r, 0, &why);
	if (a->status == 401 && !j->renewed) {
		j->renewed = true;
		j->item->state = TRANSFER_WAITING;
		return remote_renew(u->remote, a, j->item->digest, u->err);
	}
	r = go_on(u, j, a);
	if (r != -ENOMSG)
		return r;
	r = remote_refusal(u->remote, a, "send blob", j->item->digest, &why);
	return try_again(u, j, r, a->retry_after, &why);
}

static int end_transfer(struct uploads *u, struct job *j)
{
	struct transfer *t = j->transfer;
	int r;

	j->transfer = NULL;
	u->moving--;
	r = judge(u, j, t);
	transfer_free(t);
	progress_changed(u->progress, u->items, u->n);
	return r;
}

static bool is_due(const struct job *j)
{
	return !j->transfer && j->item->state != TRANSFER_DONE &&
	       (j->retry.when == 0 || deadline_left(j->retry.when) == 0);
}

static long start_due(struct uploads *u)
{
	long left = 0;

	for (size_t i = 0; i < u->n; i++) {
		struct job *j = &u->jobs[i];
		if (is_due(j) && u->moving < AT_ONCE) {
			int r = ask(u, j);
			if (r < 0)
				return r;
		}
		left += j->item->state != TRANSFER_DONE;
	}
	return left;
}

static int run_all(struct uploads *u)
{
	long left;

	while ((left = start_due(u)) > 0) {
		struct transfer *t = client_wait(remote_client(u->remote), TICK_MS, u->err);
		int r = 0;
		if (t)
			r = end_transfer(u, transfer_data(t));
		else
			progress_changed(u->progress, u->items, u->n);
		if (r < 0)
			return r;
		if (u->err->code)
			return -u->err->code;
	}
	return (int)left;
}

int upload(struct remote *r, const struct layout *l, struct transfer_item *items, size_t n,
        const json_t *elsewhere, const struct progress *progress, struct error *err)
{
	struct error own = {0};
	struct uploads u = {.remote = r,
	        .layout = l,
	        .elsewhere = elsewhere,
	        .progress = progress,
	        .items = items,
	        .n = n,
	        .jobs = calloc(n ? n : 1, sizeof(struct job)),
	        .err = err ? err : &own};
	int result;

	if (!u.jobs)
		return error_set(err, ENOMEM, "send blobs", l->path, NULL);
	for (size_t i = 0; i < n; i++)
		u.jobs[i] = (struct job){.item = &items[i], .blob = -1, .err = u.err};
	result = run_all(&u);
	progress_changed(progress, items, n);
	for (size_t i = 0; i < n; i++) {
		transfer_free(u.jobs[i].transfer);
		cleanup_fd(&u.jobs[i].blob);
		digest_free(u.jobs[i].sum);
	}
	free(u.jobs);
	return result;
}
