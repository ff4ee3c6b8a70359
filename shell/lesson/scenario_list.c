/* The lessons of a folder and their order. */
#include "shell/lesson/scenario.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/scenario_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_LIMIT = 1 << 20, LESSONS_LIMIT = 5000, DEPTH_LIMIT = 5 };

struct lister {
	int fd; /* the folder that was asked for; every path is below it */
	const char *folder;
	struct arena *arena;
	const char **list;
	size_t n;
	struct error *err;
};

static int no_memory(struct lister *l)
{
	return error_set(l->err, ENOMEM, "list lessons", l->folder, NULL);
}

static char *join(const char *path, const char *name)
{
	char *all;

	name += strspn(name, "/");
	if (asprintf(&all, "%s%s%s", path, *path ? "/" : "", name) < 0)
		return NULL;
	for (size_t n = strlen(all); n && all[n - 1] == '/'; n--)
		all[n - 1] = '\0';
	return all;
}

/* Takes "." and ".." out of the path; false when it leads above the folder that was asked for. */
static bool straighten(char *path)
{
	char *out = path;

	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");
		const char *next = p + n + strspn(p + n, "/");

		if (n == 2 && !strncmp(p, "..", 2)) {
			if (out == path)
				return false;
			while (--out > path && out[-1] != '/')
				;
		} else if (n && !(n == 1 && *p == '.')) {
			memmove(out, p, n);
			out += n;
			if (*next)
				*out++ = '/';
		}
		p = next;
	}
	while (out > path && out[-1] == '/')
		out--;
	*out = '\0';
	return true;
}

static bool is_file(struct lister *l, const char *path, const char *name)
{
	auto_free char *all = join(path, name);
	int found = all ? folder_open(l->fd, all, SIZE_MAX, NULL) : -1;

	if (found >= 0)
		close(found);
	return found >= 0;
}

/* Adds a folder that is a lesson, once; `ret` says whether it is one. */
static int add_lesson(struct lister *l, const char *path, bool *ret)
{
	*ret = is_file(l, path, "index.json");
	if (!*ret || l->n == LESSONS_LIMIT)
		return 0;
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->list[i], path))
			return 0;
	l->list[l->n] = arena_strdup(l->arena, path);
	return l->list[l->n++] ? 0 : no_memory(l);
}

static int list_folder(struct lister *l, const char *path, int depth);

static const char *text_of(const json_t *item, const char *key)
{
	return json_is_string(item) ? json_string_value(item)
	                            : json_string_value(json_object_get(item, key));
}

/* The items of a structure.json: lessons, folders of them, groups of items. */
static int list_items(struct lister *l, const char *path, const json_t *items, int depth)
{
	int r = 0;

	for (size_t i = 0; i < json_array_size(items) && r == 0; i++) {
		const json_t *item = json_array_get(items, i);
		const json_t *inner = json_object_get(item, "items");
		const char *name = text_of(item, "path");
		auto_free char *at = name ? join(path, name) : strdup(path);
		bool lesson = false;

		if (!at)
			return no_memory(l);
		if (!straighten(at))
			continue;
		if (name)
			r = add_lesson(l, at, &lesson);
		if (r == 0 && inner && depth < DEPTH_LIMIT)
			r = list_items(l, at, inner, depth + 1);
		else if (r == 0 && name && !lesson && depth < DEPTH_LIMIT)
			r = list_folder(l, at, depth + 1);
	}
	return r;
}

static int read_list(struct lister *l, const char *path, const char *name, json_t **ret)
{
	auto_free char *file = join(path, name);

	return file ? scenario_json_read_sloppy(
	                      l->fd, l->folder, file, LIST_LIMIT, NULL, ret, l->err)
	            : no_memory(l);
}

static int list_structure(struct lister *l, const char *path, int depth)
{
	json_t *root = NULL;
	int r = read_list(l, path, "structure.json", &root);

	if (r == 0)
		r = list_items(l, path, json_object_get(root, "items"), depth);
	json_decref(root);
	return r;
}

/* Adds the lesson NAME/ID, or ID beside the file, or, as the pathways of training/ have it, ID or
 * PATHWAY/ID from the top. */
static int add_course(struct lister *l, const char *path, const char *below, const json_t *course)
{
	static const char *const keys[] = {"course_id", "id"};
	const char *pathway = json_string_value(json_object_get(course, "pathway_id"));
	const char *folders[] = {below, path, "", pathway};
	bool lesson = false;
	int r = 0;

	for (size_t i = 0; i < 8 && r == 0 && !lesson; i++) {
		const char *id = text_of(course, keys[i / 4]), *folder = folders[i % 4];
		auto_free char *at = id && *id && folder ? join(folder, id) : NULL;

		if (!id || !*id || !folder)
			continue;
		if (!at)
			return no_memory(l);
		if (straighten(at))
			r = add_lesson(l, at, &lesson);
	}
	return r;
}

static bool is_pathway(const char *file)
{
	size_t n = strlen(file), end = strlen("pathway.json");

	return n >= end && !strcmp(file + n - end, "pathway.json");
}

/* How much of the file's name is that of the pathway: of NAME-pathway.json, NAME.pathway.json. */
static size_t pathway_name(const char *file)
{
	size_t n = strlen(file) - strlen("pathway.json");

	return n - (n && (file[n - 1] == '-' || file[n - 1] == '.'));
}

/* The "courses" and "scenarios" of Katacoda's NAME-pathway.json, each a list or one alone. */
static int list_pathway(struct lister *l, const char *path, const char *file)
{
	static const char *const keys[] = {"courses", "scenarios"};
	auto_free char *name = strndup(file, pathway_name(file));
	auto_free char *below = name ? join(path, name) : NULL;
	json_t *root = NULL;
	int r = below ? read_list(l, path, file, &root) : no_memory(l);

	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		const json_t *list = json_object_get(root, keys[k]);

		if (json_is_object(list) && r == 0)
			r = add_course(l, path, below, list);
		for (size_t i = 0; i < json_array_size(list) && r == 0; i++)
			r = add_course(l, path, below, json_array_get(list, i));
	}
	json_decref(root);
	return r;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* What a lesson brings along is no lesson. */
static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "assets") != 0 &&
	       strcmp(entry->d_name, "node_modules") != 0;
}

/* The names in a folder that lies below ours without a symbolic link on the way. */
static int read_names(struct lister *l, const char *path, struct dirent ***ret)
{
	auto_close fd = *path ? dup(l->fd) : -1;
	int found;

	for (const char *p = path; *p && fd >= 0; p += strspn(p, "/")) {
		auto_free char *name = strndup(p, strcspn(p, "/"));
		int next =
		        name && strcmp(name, "..") != 0
		                ? openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		                : -1;

		close(fd);
		fd = next;
		p += strcspn(p, "/");
	}
	if (*path && fd < 0)
		return 0;
	found = scandirat(*path ? fd : l->fd, ".", ret, is_visible, compare_names);
	return found < 0 ? 0 : found;
}

static int list_names(struct lister *l, const char *path, int depth, struct dirent **names, int n)
{
	int r = 0;

	for (int i = 0; i < n && r == 0; i++)
		if (is_pathway(names[i]->d_name))
			r = list_pathway(l, path, names[i]->d_name);
	for (int i = 0; i < n && r == 0; i++) {
		auto_free char *at = join(path, names[i]->d_name);
		bool lesson = false;

		r = at ? add_lesson(l, at, &lesson) : no_memory(l);
		/* Into lessons, too: there may be others below them. */
		if (r == 0 && depth < DEPTH_LIMIT &&
		        (names[i]->d_type == DT_DIR || names[i]->d_type == DT_UNKNOWN))
			r = list_folder(l, at, depth + 1);
	}
	return r;
}

static int list_folder(struct lister *l, const char *path, int depth)
{
	struct dirent **names = NULL;
	size_t before = l->n;
	int n, r = 0;

	if (is_file(l, path, "structure.json"))
		r = list_structure(l, path, depth);
	if (r < 0 || l->n > before)
		return r;
	n = read_names(l, path, &names);
	r = list_names(l, path, depth, names, n);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return r;
}

int scenario_list(
        const char *folder, struct arena *arena, const char ***ret, size_t *n, struct error *err)
{
	auto_close fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct lister l = {.fd = fd, .folder = folder, .arena = arena, .err = err};
	int r;

	if (fd < 0)
		return error_set(err, errno, "list lessons", folder, NULL);
	l.list = arena_alloc(arena, LESSONS_LIMIT * sizeof *l.list);
	if (!l.list)
		return no_memory(&l);
	r = list_folder(&l, "", 0);
	if (r < 0)
		return r;
	*ret = l.list;
	*n = l.n;
	return 0;
}
