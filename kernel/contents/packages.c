/* Two rounds: which package has the file, from lists of files; then which version it has. */
#include "kernel/contents/packages.h"

#include "kernel/base/cleanup.h"
#include "kernel/contents/file_bytes.h"
#include "kernel/contents/lines.h"
#include "kernel/contents/packages_rpm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A path under which a list may have one of the files. */
struct alias {
	char *path;
	size_t file;
};

struct search {
	const struct image_contents *contents;
	struct alias *aliases;
	size_t n_aliases;
	struct package *ret;
	size_t n;
};

enum form { FORM_LIST, FORM_MD5SUMS, FORM_STATUS, FORM_STATUS_D, FORM_APK };

/* One file of a package manager's. */
struct source {
	struct search *search;
	enum form form;
	char name[PACKAGE_NAME_MAX]; /* of its package, where the file is of one */
	char version[PACKAGE_NAME_MAX];
	char directory[FILE_PATH_MAX]; /* apk: F: */
	struct lines lines;
};

struct sources {
	struct source **all;
	struct file_wanted *wanted;
	size_t n, cap;
};

/* ---- files and their other paths ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct alias *)a)->path, ((const struct alias *)b)->path);
}

static int add_alias(struct search *s, const char *path, size_t file)
{
	s->aliases[s->n_aliases].path = strdup(path);
	s->aliases[s->n_aliases].file = file;
	return s->aliases[s->n_aliases++].path ? 0 : -ENOMEM;
}

/* Distributions moved /lib and /bin below /usr; lists may still have the old place. */
static int fill_aliases(struct search *s, const uint32_t *nodes)
{
	char path[FILE_PATH_MAX];
	int r = 0;

	s->aliases = calloc(2 * s->n + 1, sizeof *s->aliases);
	if (!s->aliases)
		return -ENOMEM;
	for (size_t i = 0; i < s->n && r == 0; i++) {
		if (nodes[i] == FILE_NONE)
			continue;
		file_tree_path(&s->contents->files, nodes[i], path);
		r = add_alias(s, path, i);
		if (r == 0 && !strncmp(path, "/usr/", 5))
			r = add_alias(s, path + 4, i);
	}
	qsort(s->aliases, s->n_aliases, sizeof *s->aliases, by_path);
	return r;
}

static void copy_name(char ret[PACKAGE_NAME_MAX], const char *text, size_t n)
{
	if (n >= PACKAGE_NAME_MAX)
		n = PACKAGE_NAME_MAX - 1;
	memcpy(ret, text, n);
	ret[n] = '\0';
}

/* The package `name` says that it has this path. */
static void claim(struct source *from, const char *path)
{
	struct search *s = from->search;
	struct alias key = {.path = (char *)path};
	const struct alias *a = bsearch(&key, s->aliases, s->n_aliases, sizeof key, by_path);

	while (a && a > s->aliases && by_path(a - 1, &key) == 0)
		a--;
	for (; a && a < s->aliases + s->n_aliases && by_path(a, &key) == 0; a++) {
		struct package *p = &s->ret[a->file];
		if (p->name[0])
			continue;
		copy_name(p->name, from->name, strlen(from->name));
		copy_name(p->version, from->version, strlen(from->version));
	}
}

/* ---- lines ---- */

static void take_status(struct source *s, const char *line)
{
	if (!strncmp(line, "Package: ", 9))
		copy_name(s->name, line + 9, strlen(line + 9));
	if (strncmp(line, "Version: ", 9) != 0)
		return;
	for (size_t i = 0; i < s->search->n; i++) {
		struct package *p = &s->search->ret[i];
		if (p->name[0] && !p->version[0] && !strcmp(p->name, s->name))
			copy_name(p->version, line + 9, strlen(line + 9));
	}
}

static void take_apk(struct source *s, const char *line)
{
	char path[2 * FILE_PATH_MAX];

	if (line[1] != ':')
		return;
	if (line[0] == 'P') {
		copy_name(s->name, line + 2, strlen(line + 2));
		s->version[0] = '\0';
	} else if (line[0] == 'V') {
		copy_name(s->version, line + 2, strlen(line + 2));
	} else if (line[0] == 'F') {
		snprintf(s->directory, sizeof s->directory, "%s", line + 2);
	} else if (line[0] == 'R') {
		snprintf(path, sizeof path, "/%s%s%s", s->directory, s->directory[0] ? "/" : "",
		        line + 2);
		claim(s, path);
	}
}

static void take_line(void *data, const char *line)
{
	struct source *s = data;

	switch (s->form) {
	case FORM_LIST:
		claim(s, line);
		break;
	case FORM_MD5SUMS: /* sum, two blanks, a path without its slash */
		if (strlen(line) > 33) {
			char path[LINES_MAX + 2];
			snprintf(path, sizeof path, "/%s", line + 34);
			claim(s, path);
		}
		break;
	case FORM_STATUS:
	case FORM_STATUS_D:
		take_status(s, line);
		break;
	case FORM_APK:
		take_apk(s, line);
		break;
	}
}

static int take_bytes(void *data, const void *bytes, size_t n)
{
	struct source *s = data;

	if (bytes)
		lines_add(&s->lines, bytes, n, take_line, s);
	else
		s->lines.n = 0;
	return 0;
}

/* ---- the managers' files ---- */

static int add_source(
        struct sources *o, struct search *s, uint32_t node, enum form form, size_t name_length)
{
	const struct file_change *c =
	        node == FILE_NONE ? NULL : file_tree_seen(&s->contents->files, node);
	struct source *new;

	if (!c || c->type != FILE_REGULAR)
		return 0;
	if (o->n == o->cap) {
		size_t more = o->cap ? o->cap * 2 : 64;
		void *all = realloc(o->all, more * sizeof *o->all), *wanted;
		if (all)
			o->all = all;
		wanted = all ? realloc(o->wanted, more * sizeof *o->wanted) : NULL;
		if (!wanted)
			return -ENOMEM;
		o->wanted = wanted;
		o->cap = more;
	}
	new = calloc(1, sizeof *new);
	if (!new)
		return -ENOMEM;
	new->search = s;
	new->form = form;
	copy_name(new->name, file_tree_name(&s->contents->files, node), name_length);
	o->all[o->n] = new;
	o->wanted[o->n++] = (struct file_wanted){.change = c, .data = new};
	return 0;
}

static void sources_release(struct sources *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->all[i]);
	free(o->all);
	free(o->wanted);
	*o = (struct sources){0};
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

/* All files in a directory whose names end so; "libc6:amd64.list" is of package libc6. */
static int add_directory(
        struct sources *o, struct search *s, const char *directory, const char *end, enum form form)
{
	const struct file_tree *t = &s->contents->files;
	uint32_t node = file_tree_resolve(t, directory);
	int r = 0;

	if (node == FILE_NONE)
		return 0;
	for (uint32_t c = t->nodes[node].child; c != FILE_NONE && r == 0; c = t->nodes[c].next) {
		const char *name = file_tree_name(t, c);
		size_t n = strlen(name) - strlen(end);
		const char *colon = memchr(name, ':', strlen(name));
		if (*end ? !ends_with(name, end) : strchr(name, '.') != NULL)
			continue;
		r = add_source(o, s, c, form, colon ? (size_t)(colon - name) : n);
	}
	return r;
}

static int add_file(struct sources *o, struct search *s, const char *path, enum form form)
{
	return add_source(o, s, file_tree_resolve(&s->contents->files, path), form, 0);
}

static int read_all(struct sources *o, struct search *s, struct error *err)
{
	int r = file_bytes_read(s->contents, o->wanted, o->n, take_bytes, err);

	for (size_t i = 0; i < o->n && r == 0; i++)
		lines_end(&o->all[i]->lines, take_line, o->all[i]);
	sources_release(o);
	return r;
}

static int search(struct search *s, struct error *err)
{
	struct sources o = {0};
	int r = add_directory(&o, s, "/var/lib/dpkg/info", ".list", FORM_LIST);

	if (r == 0)
		r = add_directory(&o, s, "/var/lib/dpkg/status.d", ".md5sums", FORM_MD5SUMS);
	if (r == 0)
		r = add_file(&o, s, "/lib/apk/db/installed", FORM_APK);
	if (r == 0)
		r = add_file(&o, s, "/usr/lib/apk/db/installed", FORM_APK);
	if (r == 0)
		r = read_all(&o, s, err);
	if (r == 0)
		r = add_file(&o, s, "/var/lib/dpkg/status", FORM_STATUS);
	if (r == 0)
		r = add_directory(&o, s, "/var/lib/dpkg/status.d", "", FORM_STATUS_D);
	if (r == 0)
		r = read_all(&o, s, err);
	sources_release(&o);
	return r;
}

/* "NAME\tVERSION\tPATH" */
static void take_rpm(void *data, const char *line)
{
	struct source *s = data;
	const char *version = strchr(line, '\t'),
	           *path = version ? strchr(version + 1, '\t') : NULL;

	if (!path)
		return;
	copy_name(s->name, line, (size_t)(version - line));
	copy_name(s->version, version + 1, (size_t)(path - version - 1));
	claim(s, path + 1);
}

/* The others are told without it. */
static int search_rpm(struct search *s, int *ret_unread, struct error *err)
{
	auto_free struct source *from = calloc(1, sizeof *from);
	struct error why = {0};
	int r;

	if (!from)
		return -ENOMEM;
	if (!packages_rpm_there(&s->contents->files))
		return 0;
	from->search = s;
	r = packages_rpm_list(s->contents, take_rpm, from, &why);
	if (r == -ENOPKG || r == -EBADMSG) {
		*ret_unread = -r;
		return 0;
	}
	if (r < 0)
		*err = why;
	return r;
}

static bool has(const struct file_tree *t, const char *path)
{
	return file_tree_resolve(t, path) != FILE_NONE;
}

unsigned packages_managers(const struct file_tree *t)
{
	unsigned found = 0;

	if (has(t, "/var/lib/dpkg/status") || has(t, "/var/lib/dpkg/status.d"))
		found |= PACKAGES_DPKG;
	if (has(t, "/lib/apk/db/installed") || has(t, "/usr/lib/apk/db/installed"))
		found |= PACKAGES_APK;
	if (packages_rpm_there(t))
		found |= PACKAGES_RPM;
	return found;
}

int packages_of(const struct image_contents *c, const uint32_t *nodes, size_t n,
        struct package *ret, int *ret_unread, struct error *err)
{
	struct search s = {.contents = c, .ret = ret, .n = n};
	int r;

	memset(ret, 0, n * sizeof *ret);
	*ret_unread = 0;
	r = fill_aliases(&s, nodes);
	if (r == 0)
		r = search(&s, err);
	if (r == 0)
		r = search_rpm(&s, ret_unread, err);
	for (size_t i = 0; i < s.n_aliases; i++)
		free(s.aliases[i].path);
	free(s.aliases);
	return r < 0 ? error_set(err, -r, "read packages", c->found.name, NULL) : 0;
}
