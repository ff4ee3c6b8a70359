#include "kernel/store/layer_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 16 };

struct slot {
	unsigned char *bytes;
	size_t room;
	ssize_t n; /* 0: the end; a negative errno: it failed */
};

struct layer_ahead {
	struct layer_stream *stream;
	pthread_t thread;
	pthread_mutex_t mutex; /* for all below, but what is in slots: a slot has one owner */
	pthread_cond_t changed;
	struct slot slots[SLOTS];
	size_t filled, taken; /* how many ever; the caller holds the one before `taken` */
	bool held, stop;
	struct error error; /* of the slot that failed, the last one */
};

/* The next slot to fill; NULL: nobody wants any more. */
static struct slot *wait_for_room(struct layer_ahead *a)
{
	struct slot *slot;

	pthread_mutex_lock(&a->mutex);
	while (!a->stop && a->filled - a->taken + a->held >= SLOTS)
		pthread_cond_wait(&a->changed, &a->mutex);
	slot = a->stop ? NULL : &a->slots[a->filled % SLOTS];
	pthread_mutex_unlock(&a->mutex);
	return slot;
}

static void hand_over(struct layer_ahead *a)
{
	pthread_mutex_lock(&a->mutex);
	a->filled++;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
}

static void fill(struct layer_ahead *a, struct slot *slot)
{
	const void *bytes = NULL;

	slot->n = layer_stream_read(a->stream, &bytes, &a->error);
	if (slot->n <= 0)
		return;
	if (slot->room < (size_t)slot->n) {
		free(slot->bytes);
		slot->bytes = malloc((size_t)slot->n);
		slot->room = slot->bytes ? (size_t)slot->n : 0;
	}
	if (slot->bytes)
		memcpy(slot->bytes, bytes, (size_t)slot->n);
	else
		slot->n = error_set(&a->error, ENOMEM, "unpack layer", "", NULL);
}

static void *read_ahead(void *data)
{
	struct layer_ahead *a = data;
	struct slot *slot;
	bool more = true;

	while (more && (slot = wait_for_room(a))) {
		fill(a, slot);
		more = slot->n > 0;
		hand_over(a);
	}
	return NULL;
}

int layer_ahead_start(struct layer_stream *s, struct layer_ahead **ret, struct error *err)
{
	struct layer_ahead *a = calloc(1, sizeof *a);
	int r;

	if (!a)
		return error_set(err, ENOMEM, "unpack layer", "", NULL);
	a->stream = s;
	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->changed, NULL);
	r = pthread_create(&a->thread, NULL, read_ahead, a);
	if (r) {
		pthread_cond_destroy(&a->changed);
		pthread_mutex_destroy(&a->mutex);
		free(a);
		return error_set(err, r, "start thread", "", NULL);
	}
	*ret = a;
	return 0;
}

static int tell(const struct layer_ahead *a, struct error *err)
{
	if (err && !err->code)
		*err = a->error;
	return -a->error.code;
}

ssize_t layer_ahead_read(struct layer_ahead *a, const void **ret, struct error *err)
{
	struct slot *slot;

	pthread_mutex_lock(&a->mutex);
	a->held = false; /* the bytes of the last time */
	pthread_cond_signal(&a->changed);
	while (a->filled == a->taken)
		pthread_cond_wait(&a->changed, &a->mutex);
	slot = &a->slots[a->taken % SLOTS];
	if (slot->n > 0) { /* the end stays, for whoever asks again */
		a->taken++;
		a->held = true;
	}
	pthread_mutex_unlock(&a->mutex);
	*ret = slot->bytes;
	return slot->n < 0 ? tell(a, err) : slot->n;
}

int layer_ahead_stop(struct layer_ahead *a, struct error *err)
{
	int r;

	if (!a)
		return 0;
	pthread_mutex_lock(&a->mutex);
	a->stop = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	pthread_join(a->thread, NULL);
	r = a->error.code ? tell(a, err) : 0;
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->mutex);
	for (size_t i = 0; i < SLOTS; i++)
		free(a->slots[i].bytes);
	free(a);
	return r;
}
