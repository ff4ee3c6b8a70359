#include "kernel/registry/uploads.h"

#include "kernel/registry/registry.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FORGOTTEN = 3600 }; /* seconds */

struct uploads {
	const struct layout *layout;
	pthread_mutex_t mutex; /* for the list and for `taken`; what is taken is its taker's */
	struct upload *first;
	size_t n;
};

struct uploads *uploads_new(const struct layout *l)
{
	struct uploads *u = calloc(1, sizeof *u);

	if (u) {
		u->layout = l;
		pthread_mutex_init(&u->mutex, NULL);
	}
	return u;
}

static void upload_free(struct upload *upload)
{
	blob_writer_free(upload->writer);
	free(upload);
}

void uploads_free(struct uploads *u)
{
	if (!u)
		return;
	while (u->first) {
		struct upload *gone = u->first;
		u->first = gone->next;
		upload_free(gone);
	}
	pthread_mutex_destroy(&u->mutex);
	free(u);
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void end_forgotten(struct uploads *u)
{
	for (struct upload **p = &u->first; *p;) {
		struct upload *one = *p;
		if (one->taken || now() - one->touched < FORGOTTEN) {
			p = &one->next;
			continue;
		}
		*p = one->next;
		u->n--;
		upload_free(one);
	}
}

static int new_upload(const struct layout *l, const char *name, enum digest_algorithm algorithm,
        struct upload **ret, struct error *err)
{
	struct upload *one = calloc(1, sizeof *one);
	unsigned char number[UPLOAD_ID / 2];
	int r;

	if (!one || getrandom(number, sizeof number, 0) != sizeof number) {
		free(one);
		return error_set(err, ENOMEM, "begin upload", name, NULL);
	}
	for (size_t i = 0; i < sizeof number; i++)
		snprintf(one->id + 2 * i, 3, "%02x", number[i]);
	snprintf(one->name, sizeof one->name, "%s", name);
	one->taken = true;
	r = blob_writer_new(l, algorithm, &one->writer, err);
	if (r < 0)
		free(one);
	else
		*ret = one;
	return r;
}

int uploads_begin(struct uploads *u, const char *name, enum digest_algorithm algorithm,
        struct upload **ret, struct error *err)
{
	int r = 0;

	pthread_mutex_lock(&u->mutex);
	end_forgotten(u);
	if (u->n >= REGISTRY_UPLOADS)
		r = error_set(err, EUSERS, "begin upload", name, NULL);
	if (r == 0)
		r = new_upload(u->layout, name, algorithm, ret, err);
	if (r == 0) {
		(*ret)->next = u->first;
		u->first = *ret;
		u->n++;
	}
	pthread_mutex_unlock(&u->mutex);
	return r;
}

int uploads_take(struct uploads *u, const char *name, const char *id, struct upload **ret)
{
	int r = -ENOENT;

	pthread_mutex_lock(&u->mutex);
	for (struct upload *one = u->first; one; one = one->next) {
		if (strcmp(one->id, id) != 0 || strcmp(one->name, name) != 0)
			continue;
		r = one->taken ? -EBUSY : 0;
		if (r == 0) {
			one->taken = true;
			*ret = one;
		}
		break;
	}
	pthread_mutex_unlock(&u->mutex);
	return r;
}

void uploads_give_back(struct uploads *u, struct upload *upload)
{
	pthread_mutex_lock(&u->mutex);
	upload->taken = false;
	upload->touched = now();
	pthread_mutex_unlock(&u->mutex);
}

void uploads_end(struct uploads *u, struct upload *upload)
{
	pthread_mutex_lock(&u->mutex);
	for (struct upload **p = &u->first; *p; p = &(*p)->next)
		if (*p == upload) {
			*p = upload->next;
			u->n--;
			break;
		}
	pthread_mutex_unlock(&u->mutex);
	upload_free(upload);
}
