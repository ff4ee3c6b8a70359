#include "kernel/store/lab_images.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/do/sweep.h"
#include "kernel/store/collect.h"
#include "kernel/store/repository.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { NOTES_LIMIT = 4 << 20 };

static const char *digest_in(const json_t *descriptor)
{
	const char *digest = json_string_value(json_object_get(descriptor, "digest"));

	return digest ? digest : "";
}

/* Where the index has the name; the length of the list when it has not. */
static size_t find_name(const json_t *manifests, const char *name)
{
	size_t i = 0, n = json_array_size(manifests);

	while (i < n && strcmp(layout_name_of(json_array_get(manifests, i)), name) != 0)
		i++;
	return i;
}

static bool has_line(const struct buf *notes, const char *line)
{
	size_t n = strlen(line);
	const char *at = buf_text(notes);

	for (; (at = strstr(at, line)); at += n)
		if (at == buf_text(notes) || at[-1] == '\n')
			return true;
	return false;
}

/* RUNTIME/labs/ID of the lab that we are in; NULL when we are in none. */
static char *own_lab(void)
{
	const char *id = getenv(LAB_VARIABLE);
	auto_free char *below = NULL;
	char *path = NULL;

	if (!id || !*id || strchr(id, '/') || id[0] == '.' || asprintf(&below, "labs/%s", id) < 0 ||
	        dirs_path(DIRS_RUNTIME, below, false, &path, NULL) < 0)
		return NULL;
	if (access(path, W_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static bool is_our_store(const struct layout *l)
{
	auto_free char *path = NULL;

	return dirs_path(DIRS_DATA, "store", false, &path, NULL) == 0 && !strcmp(path, l->path);
}

static bool is_base(const char *name)
{
	return !strcmp(name, "base") || !strncmp(name, "base-", 5);
}

/* One that was there before is the learner's. */
static bool was_there(
        const json_t *index, const struct buf *notes, const char *name, const char *digest)
{
	const json_t *manifests = json_object_get(index, "manifests"), *one;
	auto_buf line = BUF_INIT;
	size_t i;

	if (!*name) {
		json_array_foreach (manifests, i, one)
			if (!strcmp(digest_in(one), digest))
				return true;
		return false;
	}
	i = find_name(manifests, name);
	if (i == json_array_size(manifests))
		return false;
	buf_addf(&line, "%s\t%s\n", name, digest_in(json_array_get(manifests, i)));
	return !has_line(notes, buf_text(&line));
}

/* Appends a line to a list of the lab, unless it is there. Without a lab there is nothing to note.
 */
static int note(const char *list, const char *line, const char *name, struct error *err)
{
	auto_free char *lab = own_lab(), *path = NULL;
	auto_buf notes = BUF_INIT;
	auto_close fd = -1;

	if (!lab)
		return 0;
	if (asprintf(&path, "%s/%s", lab, list) < 0)
		return error_set(err, ENOMEM, "note image", name, NULL);
	file_read_at(AT_FDCWD, path, NOTES_LIMIT, &notes);
	if (has_line(&notes, line))
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		return error_set(err, errno, "note image", path, NULL);
	return 0;
}

int lab_images_note(const struct layout *l, const json_t *index, const char *name,
        const char *digest, struct error *err)
{
	auto_free char *lab = is_base(name) || !is_our_store(l) ? NULL : own_lab(), *path = NULL;
	auto_buf notes = BUF_INIT, line = BUF_INIT;

	if (!lab)
		return 0;
	if (asprintf(&path, "%s/images", lab) < 0)
		return error_set(err, ENOMEM, "note image", name, NULL);
	file_read_at(AT_FDCWD, path, NOTES_LIMIT, &notes);
	buf_addf(&line, "%s\t%s\n", name, digest);
	return was_there(index, &notes, name, digest) ? 0
	                                              : note("images", buf_text(&line), name, err);
}

/* Takes what the line says out of the list; whether it was there. */
static bool take_back(json_t *manifests, const char *name, const char *digest)
{
	size_t n = json_array_size(manifests);

	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(manifests, i);
		if (strcmp(layout_name_of(one), name) != 0 || strcmp(digest_in(one), digest) != 0)
			continue;
		json_array_remove(manifests, i);
		return true;
	}
	return false;
}

static bool take_all_back(json_t *manifests, char *notes, struct buf *report)
{
	bool changed = false;

	for (char *line = notes, *next; *line; line = next) {
		char *tab = strchr(line, '\t'), *end = line + strcspn(line, "\n");

		next = *end ? end + 1 : end;
		*end = '\0';
		if (!tab || tab > end)
			continue;
		*tab = '\0';
		if (!take_back(manifests, line, tab + 1))
			continue;
		changed = true;
		if (report)
			buf_addf(report, "image %s\n", *line ? line : tab + 1);
	}
	return changed;
}

static int undo(
        const struct layout *l, char *notes, bool dry_run, struct buf *report, struct error *err)
{
	auto_close lock = layout_lock(l, err);
	struct collected ignored;
	json_t *index = NULL;
	int r = lock < 0 ? lock : layout_index(l, &index, err);

	if (r == 0 && take_all_back(json_object_get(index, "manifests"), notes, report) && !dry_run)
		r = layout_restore(l, index, err);
	json_decref(index);
	return r < 0 || dry_run ? r : store_collect(l, &ignored, err);
}

/* The repositories, each whole. */
static int undo_repositories(
        const struct layout *l, char *notes, bool dry_run, struct buf *report, struct error *err)
{
	auto_close lock = layout_lock(l, err);
	struct collected ignored;
	char *state = NULL;
	int r = lock < 0 ? lock : 0;

	for (char *name = strtok_r(notes, "\n", &state); name && r == 0;
	        name = strtok_r(NULL, "\n", &state)) {
		struct repository repository = {.layout = l, .name = name};
		if (!repository_name_valid(name) || !repository_exists(&repository))
			continue;
		if (report)
			buf_addf(report, "repository %s\n", name);
		if (!dry_run)
			r = repository_remove(&repository, err);
	}
	return r < 0 || dry_run ? r : store_collect(l, &ignored, err);
}

int lab_repositories_note(const struct layout *l, const char *name, struct error *err)
{
	auto_buf line = BUF_INIT;

	buf_addf(&line, "%s\n", name);
	return is_our_store(l) ? note("repositories", buf_text(&line), name, err) : 0;
}

static int undo_list(const char *lab_directory, const char *list,
        int (*with)(const struct layout *, char *, bool, struct buf *, struct error *),
        bool dry_run, struct buf *report, struct error *err)
{
	auto_free char *path = NULL;
	auto_buf notes = BUF_INIT;
	struct layout l = {0};
	int r;

	if (asprintf(&path, "%s/%s", lab_directory, list) < 0)
		return error_set(err, ENOMEM, "remove images of", lab_directory, NULL);
	r = file_read_at(AT_FDCWD, path, NOTES_LIMIT, &notes);
	if (r < 0 || !notes.len)
		return r == -ENOENT ? 0 : r;
	r = store_open(&l, err);
	if (r == 0)
		r = with(&l, notes.data, dry_run, report, err);
	layout_release(&l);
	if (r == 0 && !dry_run && unlink(path) < 0 && errno != ENOENT)
		r = error_set(err, errno, "remove", path, NULL);
	return r;
}

int lab_images_undo(const char *lab_directory, bool dry_run, struct buf *report, struct error *err)
{
	int r = undo_list(lab_directory, "repositories", undo_repositories, dry_run, report, err);

	/* What was pushed has a name among the images as well. */
	return r < 0 ? r : undo_list(lab_directory, "images", undo, dry_run, report, err);
}
