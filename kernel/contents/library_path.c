#include "kernel/contents/library_path.h"

#include "kernel/base/cleanup.h"
#include "kernel/contents/file_bytes.h"
#include "kernel/contents/lines.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTORIES_MAX = 200, CONFIGURATIONS_MAX = 200 };

/* A file of the loader's configuration. */
struct configuration {
	struct library_path *path;
	struct lines lines;
	bool failed;
};

static void add_directory(struct configuration *c, const char *text, size_t n)
{
	struct library_path *p = c->path;
	char **grown;

	if (!n || text[0] != '/' || p->n >= DIRECTORIES_MAX)
		return;
	grown = realloc(p->directories, (p->n + 1) * sizeof *grown);
	if (grown) {
		p->directories = grown;
		grown[p->n] = strndup(text, n);
		p->n += grown[p->n] != NULL;
	} else {
		c->failed = true;
	}
}

/* ldconfig(8): directories, separated by blanks, commas or colons; '#' begins a comment. musl: the
 * same with newlines or colons. "include" is understood elsewhere. */
static void take_line(void *data, const char *line)
{
	line += strspn(line, " \t");
	if (!strncmp(line, "include", 7) || !strncmp(line, "hwcap", 5))
		return;
	while (*line && *line != '#') {
		size_t n = strcspn(line, " \t,:=#");
		add_directory(data, line, n);
		line += n;
		line += strspn(line, " \t,:=");
	}
}

static int take_bytes(void *data, const void *bytes, size_t n)
{
	struct configuration *c = data;

	if (bytes)
		lines_add(&c->lines, bytes, n, take_line, c);
	else
		c->lines.n = 0;
	return 0;
}

static void want(const struct file_tree *t, uint32_t node, struct file_wanted *all, size_t *n)
{
	const struct file_change *c = node == FILE_NONE ? NULL : file_tree_seen(t, node);

	if (c && c->type == FILE_REGULAR && *n < CONFIGURATIONS_MAX)
		all[(*n)++].change = c;
}

/* Debian's and Fedora's /etc/ld.so.conf includes ld.so.conf.d: in both the file says nothing else.
 */
static size_t wanted_files(const struct file_tree *t, const struct library_path *p,
        const struct elf_file *program, struct file_wanted *all)
{
	size_t n = 0;
	uint32_t directory;

	if (p->musl) {
		char path[512];
		const char *name = strrchr(program->interpreter, '/');
		name = name ? name + 1 : program->interpreter;
		snprintf(path, sizeof path, "/etc/%.*s.path", (int)strcspn(name, "."), name);
		want(t, file_tree_resolve(t, path), all, &n);
		return n;
	}
	want(t, file_tree_resolve(t, "/etc/ld.so.conf"), all, &n);
	directory = n ? file_tree_resolve(t, "/etc/ld.so.conf.d") : FILE_NONE;
	if (directory == FILE_NONE)
		return n;
	for (uint32_t c = t->nodes[directory].child; c != FILE_NONE; c = t->nodes[c].next)
		if (fnmatch("*.conf", file_tree_name(t, c), FNM_PERIOD) == 0)
			want(t, c, all, &n);
	return n;
}

static int read_configuration(const struct image_contents *c, const struct elf_file *program,
        struct library_path *p, struct error *err)
{
	auto_free struct file_wanted *wanted = calloc(CONFIGURATIONS_MAX, sizeof *wanted);
	auto_free struct configuration *files = NULL;
	size_t n = wanted ? wanted_files(&c->files, p, program, wanted) : 0;
	int r = wanted ? 0 : -ENOMEM;

	files = calloc(n + 1, sizeof *files);
	if (!files)
		r = -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++) {
		files[i].path = p;
		wanted[i].data = &files[i];
	}
	if (r == 0)
		r = file_bytes_read(c, wanted, n, take_bytes, err);
	for (size_t i = 0; i < n && r == 0; i++) {
		lines_end(&files[i].lines, take_line, &files[i]);
		r = files[i].failed ? -ENOMEM : 0;
	}
	return r;
}

static int read_environment(const struct image_contents *c, struct library_path *p)
{
	const json_t *list = json_object_get(json_object_get(c->documents.config, "config"), "Env");
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry) {
		const char *text = json_string_value(entry);
		if (!text || strncmp(text, "LD_LIBRARY_PATH=", 16) != 0)
			continue;
		free(p->configured);
		p->configured = strdup(text + 16);
		if (!p->configured)
			return -ENOMEM;
	}
	return 0;
}

int library_path_read(const struct image_contents *c, const struct elf_file *program, uint32_t node,
        struct library_path *ret, struct error *err)
{
	struct library_path p = {.program = program, .program_node = node};
	int r;

	p.musl = program->interpreter && strstr(program->interpreter, "ld-musl-");
	r = read_environment(c, &p);
	if (r == 0)
		r = read_configuration(c, program, &p, err);
	if (r < 0) {
		library_path_release(&p);
		return error_set(err, -r, "read configuration of the loader", c->found.name, NULL);
	}
	*ret = p;
	return 0;
}

void library_path_release(struct library_path *p)
{
	free(p->configured);
	for (size_t i = 0; i < p->n; i++)
		free(p->directories[i]);
	free(p->directories);
	*p = (struct library_path){0};
}

/* ---- the search ---- */

static uint32_t regular(const struct file_tree *t, const char *path)
{
	uint32_t node = file_tree_resolve(t, path);
	const struct file_change *c = node == FILE_NONE ? NULL : file_tree_seen(t, node);

	return c && c->type == FILE_REGULAR ? node : FILE_NONE;
}

static uint32_t in_directory(
        const struct file_tree *t, const char *directory, size_t n, const char *name)
{
	char path[FILE_PATH_MAX];

	if (!n || (size_t)snprintf(path, sizeof path, "%.*s/%s", (int)n, directory, name) >=
	                  sizeof path)
		return FILE_NONE;
	return regular(t, path);
}

/* $ORIGIN is the directory of the file that asks. */
static uint32_t in_origin(
        const struct file_tree *t, uint32_t by, const char *rest, size_t n, const char *name)
{
	char origin[FILE_PATH_MAX], directory[2 * FILE_PATH_MAX];

	file_tree_path(t, t->nodes[by].parent, origin);
	snprintf(directory, sizeof directory, "%s%.*s", strcmp(origin, "/") ? origin : "", (int)n,
	        rest);
	return in_directory(
	        t, *directory ? directory : "/", *directory ? strlen(directory) : 1, name);
}

static uint32_t in_list(const struct file_tree *t, const char *list, uint32_t by, const char *name)
{
	uint32_t found = FILE_NONE;

	while (list && *list && found == FILE_NONE) {
		size_t n = strcspn(list, ":");
		size_t sign = !strncmp(list, "$ORIGIN", 7)     ? 7
		              : !strncmp(list, "${ORIGIN}", 9) ? 9
		                                               : 0;
		found = sign && sign <= n ? in_origin(t, by, list + sign, n - sign, name)
		                          : in_directory(t, list, n, name);
		list += n + (list[n] == ':');
	}
	return found;
}

/* musl has the parts of libc in its loader, whatever they are called. */
static bool is_musl_itself(const char *name)
{
	static const char *const parts[] = {"libc.so", "libpthread.so", "librt.so", "libm.so",
	        "libdl.so", "libutil.so", "libxnet.so"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strcmp(name, parts[i]))
			return true;
	return false;
}

static uint32_t in_usual_places(
        const struct library_path *p, const struct file_tree *t, const char *name)
{
	static const char *const glibc[] = {"/lib64", "/usr/lib64", "/lib", "/usr/lib", NULL};
	static const char *const musl[] = {"/lib", "/usr/local/lib", "/usr/lib", NULL};
	const char *triplet = elf_machine_triplet(p->program->machine);
	uint32_t found = FILE_NONE;

	if (!p->musl && *triplet) {
		char path[128];
		snprintf(path, sizeof path, "/lib/%s", triplet);
		found = in_directory(t, path, strlen(path), name);
		snprintf(path, sizeof path, "/usr/lib/%s", triplet);
		if (found == FILE_NONE)
			found = in_directory(t, path, strlen(path), name);
	}
	for (const char *const *d = p->musl ? musl : glibc; *d && found == FILE_NONE; d++)
		if (p->program->bits == 64 || !strstr(*d, "64"))
			found = in_directory(t, *d, strlen(*d), name);
	return found;
}

uint32_t library_path_find(const struct library_path *p, const struct file_tree *t,
        const struct elf_file *asking, uint32_t by, const char *name)
{
	uint32_t found;

	if (strchr(name, '/'))
		return regular(t, name);
	if (p->musl && is_musl_itself(name))
		return regular(t, p->program->interpreter);
	found = asking->runpath ? FILE_NONE : in_list(t, asking->rpath, by, name);
	if (found == FILE_NONE && !asking->runpath && !p->program->runpath)
		found = in_list(t, p->program->rpath, p->program_node, name);
	if (found == FILE_NONE)
		found = in_list(t, p->configured, by, name);
	if (found == FILE_NONE)
		found = in_list(t, asking->runpath, by, name);
	for (size_t i = 0; i < p->n && found == FILE_NONE; i++)
		found = in_directory(t, p->directories[i], strlen(p->directories[i]), name);
	/* musl's file of directories takes the place of its usual ones. */
	if (found == FILE_NONE && !(p->musl && p->n))
		found = in_usual_places(p, t, name);
	return found;
}
