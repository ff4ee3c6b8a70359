#include "kernel/store/check.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { JSON_LIMIT = 4 << 20, CHUNK = 128 << 10 };

static void note(const struct document *d, const struct fault *like, const char *at,
        const char *format, va_list args)
{
	struct fault f = *like;
	auto_buf text = BUF_INIT;

	buf_addv(&text, format, args);
	f.file = d->file;
	f.role = d->role;
	f.at = at;
	f.text = buf_text(&text);
	faults_add(d->check->faults, &f);
}

void check_fault(const struct document *d, enum fault_level level, const char *at,
        const char *section, const char *format, ...)
{
	const struct fault like = {.level = level, .code = EBADMSG, .section = section};
	va_list args;

	va_start(args, format);
	note(d, &like, at, format, args);
	va_end(args);
}

void check_missing(
        const struct document *d, const char *at, const char *section, const char *format, ...)
{
	const struct fault like = {.level = FAULT_BROKEN, .code = ENOENT, .section = section};
	va_list args;

	va_start(args, format);
	note(d, &like, at, format, args);
	va_end(args);
}

bool check_first(struct check *c, const char *key)
{
	if (json_object_get(c->seen, key))
		return false;
	json_object_set_new_nocheck(c->seen, key, json_true());
	return true;
}

/* Without waiting: a FIFO of that name would keep us for ever. */
int check_open(const struct document *d, int dir, const char *path, const char *section)
{
	auto_close fd =
	        openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		check_missing(d, "", section, "it is missing");
	else if (fd < 0 && errno == ELOOP)
		check_fault(d, FAULT_BROKEN, "", section, "it is a symbolic link, not a file");
	else if (fd < 0)
		check_fault(d, FAULT_BROKEN, "", section, "it cannot be read: %s", strerror(errno));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		check_fault(d, FAULT_BROKEN, "", section, "it is no regular file");
		return -EBADMSG;
	}
	return steal_fd(&fd);
}

/* All of it, summed on the way when there is a sum. */
static int read_all(int fd, struct buf *out, struct digest *sum)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (sum)
			digest_add(sum, bytes, (size_t)n);
		if (out->len + (size_t)n > JSON_LIMIT)
			return -EFBIG;
		buf_add_bytes(out, bytes, (size_t)n);
	}
	return buf_failed(out) ? -ENOMEM : 0;
}

static void wrong_sum(const struct document *d, const char *got)
{
	check_fault(d, FAULT_BROKEN, "", BLOBS_SECTION,
	        "the sum of its bytes is %s: they are not those that it is named after", got);
}

static json_t *parse(const struct document *d, const struct buf *text)
{
	json_error_t problem;
	json_t *json = json_loadb(buf_text(text), text->len, JSON_REJECT_DUPLICATES, &problem);

	if (json)
		return json;
	check_fault(d, FAULT_BROKEN, "", JSON_SECTION, "line %d: %s", problem.line, problem.text);
	/* With a name twice there still is more to look at. */
	return json_error_code(&problem) == json_error_duplicate_key
	               ? json_loadb(buf_text(text), text->len, 0, NULL)
	               : NULL;
}

json_t *check_read_json(
        struct document *d, int dir, const char *path, const char *digest, const char *section)
{
	auto_close fd = check_open(d, dir, path, section);
	struct digest *sum = digest ? digest_new(digest_algorithm(digest)) : NULL;
	char got[DIGEST_TEXT];
	auto_buf text = BUF_INIT;
	int r = fd < 0 ? fd : read_all(fd, &text, sum);

	if (r == 0 && sum) {
		char key[DIGEST_TEXT + 8];
		digest_finish(sum, got);
		snprintf(key, sizeof key, "blob %s", digest);
		if (check_first(d->check, key) && strcmp(got, digest) != 0)
			wrong_sum(d, got);
		d->check->bytes += text.len;
		d->check->blobs_seen++;
	}
	digest_free(sum);
	if (r == -EFBIG)
		check_fault(d, FAULT_BROKEN, "", section,
		        "it is larger than 4 MiB, which nobody takes for a document");
	else if (r < 0 && fd >= 0)
		check_fault(d, FAULT_BROKEN, "", section, "it cannot be read: %s", strerror(-r));
	d->json = r < 0 ? NULL : parse(d, &text);
	if (d->json && !json_is_object(d->json)) {
		check_fault(d, FAULT_BROKEN, "", section, "it is no JSON object");
		json_decref(d->json);
		d->json = NULL;
	}
	return d->json;
}

void check_blob(struct check *c, const char *digest)
{
	char path[DIGEST_TEXT], file[DIGEST_TEXT + 8], got[DIGEST_TEXT], key[DIGEST_TEXT + 8];
	struct document d = {.check = c, .file = file, .role = "blob"};
	auto_free char *bytes = malloc(CHUNK);
	struct digest *sum = digest_new(digest_algorithm(digest));
	auto_close fd = -1;
	ssize_t n = 0;

	digest_path(digest, path);
	snprintf(file, sizeof file, "blobs/%s", path);
	snprintf(key, sizeof key, "blob %s", digest);
	if (bytes && sum && check_first(c, key) &&
	        (fd = check_open(&d, c->blobs, path, BLOBS_SECTION)) >= 0) {
		while ((n = read(fd, bytes, CHUNK)) > 0) {
			digest_add(sum, bytes, (size_t)n);
			c->bytes += (uint64_t)n;
		}
		c->blobs_seen++;
		digest_finish(sum, got);
		if (n < 0)
			check_fault(&d, FAULT_BROKEN, "", BLOBS_SECTION, "it cannot be read: %s",
			        strerror(errno));
		else if (strcmp(got, digest) != 0)
			wrong_sum(&d, got);
	}
	digest_free(sum);
}
