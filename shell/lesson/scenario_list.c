/* The lessons of a folder and their order. */
#include "shell/lesson/scenario.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/scenario_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { LIST_LIMIT = 1 << 20, LESSONS_LIMIT = 1000 };

struct names {
	struct arena *arena;
	const char **list;
	size_t n;
};

/* Adds a folder that is a lesson; what is none, or is not in here, is left out. */
static bool add_name(struct names *names, int fd, const char *name)
{
	auto_free char *index = NULL;
	int found;

	if (!name || names->n == LESSONS_LIMIT || asprintf(&index, "%s/index.json", name) < 0)
		return name == NULL;
	found = folder_open(fd, index, SIZE_MAX, NULL);
	if (found < 0)
		return true;
	close(found);
	names->list[names->n] = arena_strdup(names->arena, name);
	return names->list[names->n++] != NULL;
}

/* "items" of Killercoda's structure.json, "courses" of Katacoda's pathway. */
static int list_from(
        int fd, const char *folder, const char *file, struct names *names, struct error *err)
{
	json_t *root = NULL, *items;
	const char *key = "path";
	int r = scenario_json_read(fd, folder, file, LIST_LIMIT, &root, err);

	if (r < 0)
		return r;
	items = json_object_get(root, "items");
	if (!items) {
		items = json_object_get(root, "courses");
		key = "course_id";
	}
	for (size_t i = 0; i < json_array_size(items) && r == 0; i++) {
		const char *name =
		        json_string_value(json_object_get(json_array_get(items, i), key));
		if (!add_name(names, fd, name))
			r = error_set(err, ENOMEM, "list lessons", folder, NULL);
	}
	json_decref(root);
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_pathway(const char *name)
{
	size_t n = strlen(name), end = strlen("-pathway.json");

	return n > end && !strcmp(name + n - end, "-pathway.json");
}

int scenario_list(
        const char *folder, struct arena *arena, const char ***ret, size_t *n, struct error *err)
{
	struct names names = {.arena = arena};
	auto_dir dir = opendir(folder);
	auto_free char *pathway = NULL;
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return error_set(err, errno, "list lessons", folder, NULL);
	names.list = arena_alloc(arena, LESSONS_LIMIT * sizeof *names.list);
	if (!names.list)
		return error_set(err, ENOMEM, "list lessons", folder, NULL);
	if (faccessat(dirfd(dir), "structure.json", F_OK, 0) == 0)
		r = list_from(dirfd(dir), folder, "structure.json", &names, err);
	while (r == 0 && !pathway && (entry = readdir(dir)))
		if (is_pathway(entry->d_name))
			pathway = strdup(entry->d_name);
	if (r == 0 && names.n == 0 && pathway)
		r = list_from(dirfd(dir), folder, pathway, &names, err);
	if (r < 0)
		return r;
	if (names.n == 0) {
		rewinddir(dir);
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.' && !add_name(&names, dirfd(dir), entry->d_name))
				return error_set(err, ENOMEM, "list lessons", folder, NULL);
		qsort(names.list, names.n, sizeof *names.list, compare_names);
	}
	*ret = names.list;
	*n = names.n;
	return 0;
}
