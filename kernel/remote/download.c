/* Each blob is a job that goes from state to state: its hidden file is opened (or another process
 * has it: asked again at the next tick), a transfer moves bytes into it, and its end is judged. One
 * loop moves all of them; there are no threads. */
#include "kernel/remote/download.h"

#include "kernel/base/cleanup.h"
#include "kernel/remote/retry.h"

#include <errno.h>
#include <string.h>

enum { AT_ONCE = 6, TICK_MS = 100 };

struct job {
	struct transfer_item *item;
	struct partial **partial;
	struct transfer *transfer;
	struct retry retry;
	struct error *err; /* for what take() meets */
	bool began;        /* of this transfer the first bytes have come */
	bool renewed;      /* a new authorization was got for it */
};

struct downloads {
	struct remote *remote;
	const struct layout *layout;
	const struct progress *progress;
	struct job *jobs;
	struct transfer_item *items;
	size_t n, moving;
	struct error *err;
};

/* The answer may begin where we asked it to, or, from a server that knows no ranges, at the
 * beginning. */
static int take(void *data, const void *bytes, size_t n)
{
	struct job *j = data;
	int r = 0;

	if (!j->began) {
		uint64_t from = transfer_answer(j->transfer)->from;
		j->began = true;
		if (from == 0 && partial_size(*j->partial) > 0)
			r = partial_restart(*j->partial, j->err);
		else if (from != partial_size(*j->partial))
			r = error_set(j->err, EBADMSG, "fetch blob", j->item->digest,
			        "the registry sends another range than was asked for");
	}
	if (r == 0)
		r = partial_add(*j->partial, bytes, n, j->err);
	if (r == 0) {
		j->item->done = partial_size(*j->partial);
		j->item->moved += n;
	}
	return r;
}

static int start_transfer(struct downloads *d, struct job *j)
{
	auto_buf below = BUF_INIT, url = BUF_INIT;
	struct http_request request = {
	        .method = "GET", .from = partial_size(*j->partial), .take = take, .data = j};
	int r;

	buf_addf(&below, "blobs/%s", j->item->digest);
	remote_url(d->remote, buf_text(&below), &url);
	request.url = buf_text(&url);
	j->began = false;
	j->retry.when = 0;
	r = remote_start(d->remote, &request, &j->transfer, d->err);
	if (r == 0) {
		j->item->state = TRANSFER_MOVING;
		d->moving++;
	}
	return r;
}

static void finish(struct job *j)
{
	j->item->state = TRANSFER_DONE;
	j->item->done = j->item->size;
}

/* Opens the hidden file, unless another process has it. */
static int open_partial(struct downloads *d, struct job *j)
{
	bool opened = !*j->partial;
	int r = 0;

	if (opened)
		r = partial_open(d->layout, j->item->digest, j->item->size, j->partial, d->err);
	if (r == -EBUSY) {
		if (j->item->state != TRANSFER_SHARED)
			progress_note(d->progress,
			        "%s: another process is fetching it; waiting for that",
			        j->item->name);
		j->item->state = TRANSFER_SHARED;
		return 0;
	}
	if (r < 0)
		return r;
	/* Who had it may have given it its name meanwhile. */
	if (j->item->state == TRANSFER_SHARED &&
	        partial_is_there(d->layout, j->item->digest, j->item->size)) {
		partial_discard(steal_ptr(*j->partial));
		j->item->how = TRANSFER_PRESENT;
		finish(j);
		return 0;
	}
	j->item->done = partial_size(*j->partial);
	if (partial_is_proved(*j->partial)) {
		if (opened)
			j->item->how = TRANSFER_PRESENT;
		finish(j);
	}
	return 0;
}

static int begin(struct downloads *d, struct job *j)
{
	int r = open_partial(d, j);

	if (r < 0 || !*j->partial || j->item->state == TRANSFER_DONE)
		return r;
	j->item->state = TRANSFER_WAITING;
	if (partial_size(*j->partial) > 0 && j->item->how != TRANSFER_RESUMED) {
		j->item->how = TRANSFER_RESUMED;
		progress_note(d->progress, "%s: going on behind the %llu bytes that are there",
		        j->item->name, (unsigned long long)partial_size(*j->partial));
	}
	return start_transfer(d, j);
}

/* Gives up, or puts it off. `r` and the recorded error say why. */
static int try_again(struct downloads *d, struct job *j, int r, int after, struct error *why)
{
	if (retry_again(&j->retry, remote_retries(d->remote), partial_size(*j->partial), after)) {
		progress_note(d->progress, "%s: %s; trying again", j->item->name, why->cause);
		j->item->state = TRANSFER_WAITING;
		return 0;
	}
	if (d->err && !d->err->code)
		*d->err = *why;
	return r;
}

static int judge_whole(struct downloads *d, struct job *j, const struct http_answer *a)
{
	struct error why = {0};
	int r;

	/* A server may send a part of what was asked for; then the rest is asked for. */
	if (partial_size(*j->partial) < j->item->size) {
		r = error_set(&why, EBADMSG, "fetch blob", j->item->digest,
		        "only %llu of the %llu bytes that were announced came",
		        (unsigned long long)partial_size(*j->partial),
		        (unsigned long long)j->item->size);
		return try_again(d, j, r, a->retry_after, &why);
	}
	r = partial_prove(*j->partial, d->err);
	if (r == 0)
		finish(j);
	return r;
}

/* The transfer has ended: what now? */
static int judge(struct downloads *d, struct job *j)
{
	const struct http_answer *a = transfer_answer(j->transfer);
	struct error why = {0};
	int r = transfer_result(j->transfer, "fetch blob", j->item->digest, &why);

	if (d->err && d->err->code) /* take() has said it */
		return -d->err->code;
	if (r < 0 && retry_is_worth(r))
		return try_again(d, j, r, 0, &why);
	if (r < 0) {
		if (d->err)
			*d->err = why;
		return r;
	}
	if (a->status == 200 || a->status == 206)
		return judge_whole(d, j, a);
	if (a->status == 401 && !j->renewed) {
		j->renewed = true;
		j->item->state = TRANSFER_WAITING;
		return remote_renew(d->remote, a, j->item->digest, d->err);
	}
	r = remote_refusal(d->remote, a, "fetch blob", j->item->digest, &why);
	/* What is there reaches behind what the server has: begin again. */
	if (a->status == 416 && partial_size(*j->partial) > 0) {
		r = partial_restart(*j->partial, d->err);
		return r < 0 ? r : try_again(d, j, -EPROTO, 0, &why);
	}
	if (retry_is_worth_status(a->status))
		return try_again(d, j, r, a->retry_after, &why);
	if (d->err)
		*d->err = why;
	return r;
}

static int end_transfer(struct downloads *d, struct job *j)
{
	int r = judge(d, j);

	transfer_free(j->transfer);
	j->transfer = NULL;
	d->moving--;
	progress_changed(d->progress, d->items, d->n);
	return r;
}

static bool is_due(const struct job *j)
{
	return !j->transfer && j->item->state != TRANSFER_DONE &&
	       (j->retry.when == 0 || deadline_left(j->retry.when) == 0);
}

/* Starts what is due; returns how many are left to be done, or a negative errno. */
static long start_due(struct downloads *d)
{
	long left = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct job *j = &d->jobs[i];
		if (is_due(j) && d->moving < AT_ONCE) {
			int r = begin(d, j);
			if (r < 0)
				return r;
		}
		left += j->item->state != TRANSFER_DONE;
	}
	return left;
}

static int run_all(struct downloads *d)
{
	long left;

	while ((left = start_due(d)) > 0) {
		struct transfer *t = client_wait(remote_client(d->remote), TICK_MS, d->err);
		int r = 0;
		if (t)
			r = end_transfer(d, transfer_data(t));
		else
			progress_changed(d->progress, d->items, d->n);
		if (r < 0)
			return r;
		if (d->err && d->err->code)
			return -d->err->code;
	}
	return (int)left;
}

/* What is there need not be fetched; for the rest there has to be room. */
static int look_around(struct downloads *d)
{
	uint64_t wanted = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct transfer_item *item = &d->items[i];
		struct job *j = &d->jobs[i];
		int r = 0;
		if (partial_is_there(d->layout, item->digest, item->size)) {
			item->how = TRANSFER_PRESENT;
			finish(j);
		} else {
			r = open_partial(d, j);
		}
		if (r < 0)
			return r;
		if (item->size - item->done > UINT64_MAX - wanted)
			return error_set(d->err, EBADMSG, "fetch blobs", item->digest,
			        "the sizes that are announced are beyond all measure");
		wanted += item->size - item->done;
	}
	return partial_room(d->layout, wanted, d->err);
}

int download(struct remote *r, const struct layout *l, struct transfer_item *items, size_t n,
        struct partial **ret_partials, const struct progress *progress, struct error *err)
{
	struct error own = {0};
	struct downloads d = {.remote = r,
	        .layout = l,
	        .progress = progress,
	        .items = items,
	        .n = n,
	        .jobs = calloc(n ? n : 1, sizeof(struct job)),
	        .err = err ? err : &own};
	int result;

	if (!d.jobs)
		return error_set(err, ENOMEM, "fetch blobs", l->path, NULL);
	for (size_t i = 0; i < n; i++)
		d.jobs[i] =
		        (struct job){.item = &items[i], .partial = &ret_partials[i], .err = d.err};
	result = look_around(&d);
	if (result == 0)
		result = run_all(&d);
	progress_changed(progress, items, n);
	for (size_t i = 0; i < n; i++)
		transfer_free(d.jobs[i].transfer);
	free(d.jobs);
	return result;
}
