#include "shell/lesson/lesson_find.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* `below` the directory above the one that this program is in. */
static char *beside_program(const char *below)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *path;

	exe[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2; i++)
		if (strrchr(exe, '/'))
			*strrchr(exe, '/') = '\0';
	return asprintf(&path, "%s/%s", exe, below) < 0 ? NULL : path;
}

int lesson_directory(char **ret, struct error *err)
{
	static const char *const below[] = {"lessons", "share/cutaway/lessons"};
	const char *set = getenv("CUTAWAY_LESSONS");

	if (set && *set) {
		if (!is_directory(set)) {
			error_set(err, errno ? errno : ENOTDIR, "find lessons", set, NULL);
			error_advise(err, "CUTAWAY_LESSONS names this folder; set it to another or "
			                  "unset it.");
			return -ENOENT;
		}
		*ret = strdup(set);
		return *ret ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < 2; i++) {
		char *path = beside_program(below[i]);
		if (path && is_directory(path)) {
			*ret = path;
			return 0;
		}
		free(path);
	}
	if (is_directory("/usr/share/cutaway/lessons")) {
		*ret = strdup("/usr/share/cutaway/lessons");
		return *ret ? 0 : -ENOMEM;
	}
	error_set(err, ENOENT, "find lessons", "lessons", "there is no folder of lessons");
	error_advise(err, "Set CUTAWAY_LESSONS to the folder that holds them.");
	return -ENOENT;
}

static const char *keep(struct lesson_list *l, const char *text)
{
	const char *copy = arena_strdup(&l->arena, text);

	return copy ? copy : "";
}

static void read_entry(struct lesson_list *l, struct lesson_entry *entry)
{
	struct scenario *s;
	struct error err = {0};
	auto_buf problem = BUF_INIT;

	entry->title = entry->time = entry->difficulty = "";
	if (scenario_load(entry->folder, &s, &err) < 0) {
		error_format(&err, &problem);
		entry->title = entry->name;
		entry->problem = keep(l, buf_text(&problem));
		return;
	}
	entry->title = keep(l, s->title);
	entry->time = keep(l, s->time);
	entry->difficulty = keep(l, s->difficulty);
	entry->pages = s->n_pages;
	scenario_free(s);
}

static int add_entry(struct lesson_list *l, const char *directory, const char *name)
{
	struct lesson_entry *entry = &l->entries[l->n];
	auto_free char *folder = NULL;

	if (asprintf(&folder, "%s%s%s", directory, *name ? "/" : "", name) < 0)
		return -ENOMEM;
	entry->number = ++l->n;
	entry->name =
	        *name ? name : keep(l, strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder);
	entry->folder = keep(l, folder);
	read_entry(l, entry);
	return 0;
}

static bool is_lesson(const char *directory)
{
	auto_free char *index = NULL;

	return asprintf(&index, "%s/index.json", directory) > 0 && access(index, F_OK) == 0;
}

int lesson_list_read_from(const char *directory, struct lesson_list *ret, struct error *err)
{
	struct lesson_list l = {0};
	const char **names = NULL;
	size_t n = 0;
	int r = scenario_list(directory, &l.arena, &names, &n, err);

	if (r == 0 && !(l.entries = arena_alloc(&l.arena, (n + 2) * sizeof *l.entries)))
		r = error_set(err, ENOMEM, "list lessons", directory, NULL);
	if (r == 0 && is_lesson(directory) && add_entry(&l, directory, "") < 0)
		r = error_set(err, ENOMEM, "list lessons", directory, NULL);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (add_entry(&l, directory, names[i]) < 0)
			r = error_set(err, ENOMEM, "list lessons", directory, NULL);
	if (r < 0) {
		lesson_list_release(&l);
		return r;
	}
	*ret = l;
	return 0;
}

int lesson_list_read(struct lesson_list *ret, struct error *err)
{
	auto_free char *directory = NULL;
	int r = lesson_directory(&directory, err);

	return r < 0 ? r : lesson_list_read_from(directory, ret, err);
}

void lesson_list_release(struct lesson_list *l)
{
	arena_release(&l->arena);
	*l = (struct lesson_list){0};
}

static bool is_lesson_path(const char *what)
{
	auto_free char *index = NULL;

	if (strchr(what, '/'))
		return true;
	return asprintf(&index, "%s/index.json", what) > 0 && access(index, F_OK) == 0;
}

static bool begins(const char *text, const char *what)
{
	return !strncasecmp(text, what, strlen(what));
}

/* The one entry that is meant. Whole names and numbers go before beginnings. */
static int choose(const struct lesson_list *l, const char *what, const struct lesson_entry **ret,
        struct error *err)
{
	const struct lesson_entry *found = NULL, *other = NULL;
	char *end;
	unsigned long number = strtoul(what, &end, 10);

	for (size_t i = 0; i < l->n; i++) {
		const struct lesson_entry *e = &l->entries[i];
		if (!strcasecmp(e->name, what) || !strcasecmp(e->title, what) ||
		        (*what && !*end && number == e->number)) {
			*ret = e;
			return 0;
		}
		if (*what && (begins(e->title, what) || begins(e->name, what))) {
			other = found;
			found = e;
		}
	}
	if (!found) {
		error_set(err, ENOENT, "find lesson", what, "there is none of that name or number");
		error_advise(err, "'cutaway lessons' lists them.");
		return -ENOENT;
	}
	if (other) {
		error_set(err, EINVAL, "find lesson", what, "it may be '%s' or '%s'", other->title,
		        found->title);
		error_advise(err, "Give more of the title, or the number.");
		return -EINVAL;
	}
	*ret = found;
	return 0;
}

int lesson_find(const char *what, char **ret, struct error *err)
{
	struct lesson_list l;
	const struct lesson_entry *entry = NULL;
	int r, cause = 0;

	if (is_lesson_path(what)) {
		*ret = realpath(what, NULL);
		if (*ret)
			return 0;
		cause = errno;
	}
	r = lesson_list_read(&l, cause ? NULL : err);
	if (r < 0)
		return cause ? error_set(err, cause, "find lesson", what, NULL) : r;
	r = choose(&l, what, &entry, cause ? NULL : err);
	if (r < 0 && cause) /* of a path, what the path lacks is the answer */
		r = error_set(err, cause, "find lesson", what, NULL);
	if (r == 0 && !(*ret = strdup(entry->folder)))
		r = error_set(err, ENOMEM, "find lesson", what, NULL);
	lesson_list_release(&l);
	return r;
}
