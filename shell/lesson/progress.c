#include "shell/lesson/progress.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "shell/lesson/boxes.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

enum { PROGRESS_LIMIT = 4 << 20 };

struct progress {
	char *directory;
	json_t *root;    /* {"version", "last", "lessons"} */
	json_t *changed; /* names of lessons touched here, as keys */
	bool failed;
};

static const char file_name[] = "progress.json";

static json_t *new_root(void)
{
	return json_pack("{s:i, s:{}}", "version", 1, "lessons");
}

/* The file as it is now: -ENOENT when there is none, -EINVAL when it is damaged. */
static int read_root(int dir, json_t **ret)
{
	auto_buf text = BUF_INIT;
	json_t *root;
	int r = file_read_at(dir, file_name, PROGRESS_LIMIT, &text);

	if (r < 0)
		return r == -EFBIG ? -EINVAL : r;
	root = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (!json_is_object(json_object_get(root, "lessons"))) {
		json_decref(root);
		return -EINVAL;
	}
	*ret = root;
	return 0;
}

static void put_aside(int dir, const char *directory, struct buf *message)
{
	bool moved = renameat(dir, file_name, dir, "progress.json.damaged") == 0;

	if (message)
		buf_addf(message, "%s/%s is damaged; %s. You start with a new one.", directory,
		        file_name,
		        moved ? "it was renamed to progress.json.damaged" : "it will be replaced");
}

int progress_load(struct progress **ret, struct buf *message, struct error *err)
{
	struct progress *p = calloc(1, sizeof *p);
	auto_close dir = -1;
	int r;

	if (!p || !(p->changed = json_object())) {
		free(p);
		return error_set(err, ENOMEM, "read progress", "", NULL);
	}
	r = dirs_path(DIRS_STATE, NULL, true, &p->directory, err);
	if (r == 0) {
		dir = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? -errno : read_root(dir, &p->root);
		if (r == -EINVAL)
			put_aside(dir, p->directory, message);
		if (r == -EINVAL || r == -ENOENT)
			r = (p->root = new_root()) ? 0 : -ENOMEM;
	}
	if (r < 0) {
		error_set(err, -r, "read progress", p->directory, NULL);
		progress_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	json_decref(p->root);
	json_decref(p->changed);
	free(p->directory);
	free(p);
}

/* Lays what was changed here over what the file holds now. */
static int merge(struct progress *p, json_t *file)
{
	json_t *ours = json_object_get(p->root, "lessons"),
	       *theirs = json_object_get(file, "lessons");
	json_t *last = json_object_get(p->root, "last"), *value;
	const char *name;

	json_object_foreach (p->changed, name, value) {
		json_t *lesson = json_object_get(ours, name);
		if (!lesson)
			json_object_del(theirs, name);
		else if (json_object_set(theirs, name, lesson) < 0)
			return -ENOMEM;
	}
	/* A forgotten lesson is no place to come back to. */
	name = json_string_value(json_object_get(file, "last"));
	if (name && !json_object_get(theirs, name))
		json_object_del(file, "last");
	return last && json_object_set(file, "last", last) < 0 ? -ENOMEM : 0;
}

int progress_save(struct progress *p, struct error *err)
{
	auto_close dir = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *text = NULL;
	json_t *file = NULL;
	int r;

	if (dir < 0)
		return error_set(err, errno, "save progress", p->directory, NULL);
	if (read_root(dir, &file) < 0)
		file = new_root();
	r = !file || p->failed ? -ENOMEM : merge(p, file);
	if (r == 0 && !(text = json_dumps(file, JSON_INDENT(1) | JSON_SORT_KEYS)))
		r = -ENOMEM;
	if (r == 0)
		r = file_replace_at(dir, file_name, text, strlen(text), 0600);
	json_decref(file);
	return r < 0 ? error_set(err, -r, "save progress", p->directory, NULL) : 0;
}

static const json_t *find(const struct progress *p, const char *lesson, const char *key)
{
	return json_object_get(json_object_get(json_object_get(p->root, "lessons"), lesson), key);
}

/* The entry of a lesson, made when it is not there, and marked as changed. */
static json_t *touch(struct progress *p, const char *lesson)
{
	json_t *lessons = json_object_get(p->root, "lessons"), *entry;

	if (json_object_set_new(p->changed, lesson, json_true()) < 0)
		p->failed = true;
	entry = json_object_get(lessons, lesson);
	if (json_is_object(entry))
		return entry;
	if (json_object_set_new(lessons, lesson, json_object()) < 0)
		p->failed = true;
	return json_object_get(lessons, lesson);
}

/* A member of an entry, of the type of `fresh`, which is taken. */
static json_t *member(struct progress *p, json_t *entry, const char *key, json_t *fresh)
{
	json_t *value = json_object_get(entry, key);

	if (value && fresh && json_typeof(value) == json_typeof(fresh)) {
		json_decref(fresh);
		return value;
	}
	if (json_object_set_new(entry, key, fresh) < 0)
		p->failed = true;
	return json_object_get(entry, key);
}

const char *progress_last(const struct progress *p)
{
	return json_string_value(json_object_get(p->root, "last"));
}

size_t progress_page(const struct progress *p, const char *lesson)
{
	json_int_t page = json_integer_value(find(p, lesson, "page"));

	return page > 0 ? (size_t)page : 0;
}

bool progress_passed(const struct progress *p, const char *lesson, size_t page)
{
	const json_t *passed = find(p, lesson, "passed");

	for (size_t i = 0; i < json_array_size(passed); i++)
		if (json_integer_value(json_array_get(passed, i)) == (json_int_t)page)
			return true;
	return false;
}

size_t progress_count(const struct progress *p, const char *lesson)
{
	return json_array_size(find(p, lesson, "passed"));
}

static const char *page_key(size_t page, char *text, size_t size)
{
	snprintf(text, size, "%zu", page);
	return text;
}

static const json_t *of_page(
        const struct progress *p, const char *lesson, const char *what, size_t page)
{
	char key[24];

	return json_object_get(find(p, lesson, what), page_key(page, key, sizeof key));
}

/* `value` is taken. */
static void set_of_page(
        struct progress *p, const char *lesson, const char *what, size_t page, json_t *value)
{
	json_t *all = member(p, touch(p, lesson), what, json_object());
	char key[24];

	if (json_object_set_new(all, page_key(page, key, sizeof key), value) < 0)
		p->failed = true;
}

int progress_attempts(const struct progress *p, const char *lesson, size_t page)
{
	return (int)json_integer_value(of_page(p, lesson, "attempts", page));
}

static const char *const uses[] = {[PROGRESS_HINT] = "hints", [PROGRESS_SOLUTION] = "solutions"};

int progress_uses(const struct progress *p, const char *lesson, size_t page, enum progress_use use)
{
	return (int)json_integer_value(of_page(p, lesson, uses[use], page));
}

long long progress_time(const struct progress *p, const char *lesson, size_t page)
{
	return json_integer_value(of_page(p, lesson, "times", page));
}

int progress_guessed(const struct progress *p, const char *lesson, size_t page)
{
	const json_t *guess = of_page(p, lesson, "guesses", page);

	return json_is_boolean(guess) ? json_is_true(guess) : -1;
}

void progress_open(struct progress *p, const char *lesson, size_t page, size_t pages)
{
	json_t *entry = touch(p, lesson);

	if (json_object_set_new(p->root, "last", json_string(lesson)) < 0 ||
	        json_object_set_new(entry, "page", json_integer((json_int_t)page)) < 0 ||
	        json_object_set_new(entry, "pages", json_integer((json_int_t)pages)) < 0)
		p->failed = true;
}

void progress_pass(struct progress *p, const char *lesson, size_t page)
{
	json_t *passed;

	if (progress_passed(p, lesson, page))
		return;
	passed = member(p, touch(p, lesson), "passed", json_array());
	if (json_array_append_new(passed, json_integer((json_int_t)page)) < 0)
		p->failed = true;
	set_of_page(p, lesson, "times", page, json_integer((json_int_t)boxes_now()));
}

void progress_fail(struct progress *p, const char *lesson, size_t page)
{
	set_of_page(
	        p, lesson, "attempts", page, json_integer(progress_attempts(p, lesson, page) + 1));
}

void progress_used(struct progress *p, const char *lesson, size_t page, enum progress_use use)
{
	set_of_page(
	        p, lesson, uses[use], page, json_integer(progress_uses(p, lesson, page, use) + 1));
}

void progress_guess(struct progress *p, const char *lesson, size_t page, bool right)
{
	if (progress_guessed(p, lesson, page) < 0)
		set_of_page(p, lesson, "guesses", page, json_boolean(right));
}

void progress_forget(struct progress *p, const char *lesson)
{
	const char *last = progress_last(p);

	touch(p, lesson);
	if (last && !strcmp(last, lesson))
		json_object_del(p->root, "last");
	json_object_del(json_object_get(p->root, "lessons"), lesson);
}
