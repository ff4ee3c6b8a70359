/* Breadth first, since each round reads the layers once: the program, then the libraries that it
 * asks for, then those that these ask for. Each file goes into a nameless file on disk, where
 * libelf reads the few parts that it needs: memory stays small however large a program is. */
#include "kernel/contents/libraries.h"

#include "kernel/base/cleanup.h"
#include "kernel/contents/file_bytes.h"
#include "kernel/contents/library_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPTS_MAX = 4, SHEBANG_MAX = 256 }; /* scripts run by scripts: execve(2) */

#define PROGRAM_BYTES (UINT64_C(1) << 30)

/* A file taken out of the image, as far as it is needed: data stay where they are, and of a program
 * that is larger than any the rest. */
struct spool {
	int fd;
	uint64_t size;
	bool data;
};

struct finding {
	const struct image_contents *contents;
	const struct file_tree *tree;
	struct libraries *out;
	struct elf_file program, *elves; /* of the program, and one for each of out->list */
	uint32_t program_node;
	struct library_path path;
	struct error *err;
};

static int spool_take(void *data, const void *bytes, size_t n)
{
	struct spool *s = data;
	const char *p = bytes;

	if (!bytes) {
		s->size = 0;
		return ftruncate(s->fd, 0) < 0 || lseek(s->fd, 0, SEEK_SET) < 0 ? -errno : 0;
	}
	if (!s->size)
		s->data = !(n > 1 && !memcmp(bytes, "#!", 2)) &&
		          !(n > 3 && !memcmp(bytes, "\177ELF", 4));
	s->size += n;
	if (s->data || s->size > PROGRAM_BYTES)
		return 0;
	while (n) {
		ssize_t done = write(s->fd, p, n);
		if (done < 0 && errno != EINTR)
			return -errno;
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

static int spool_open(const struct image_contents *c, struct spool *ret, struct error *err)
{
	ret->fd = open(c->layout.path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return ret->fd < 0 ? error_set(err, errno, "make temporary file", c->layout.path, NULL) : 0;
}

/* ---- the program ---- */

/* "#!/bin/sh -e": the first word. */
static int take_shebang(struct finding *f, int fd, bool *ret_is)
{
	char line[SHEBANG_MAX];
	ssize_t n = pread(fd, line, sizeof line - 1, 0);
	const char *word;

	*ret_is = n > 2 && line[0] == '#' && line[1] == '!';
	if (!*ret_is)
		return 0;
	line[n] = '\0';
	word = line + 2 + strspn(line + 2, " \t");
	free(f->out->shebang);
	f->out->shebang = strndup(word, strcspn(word, " \t\r\n"));
	return f->out->shebang ? 0 : -ENOMEM;
}

static int add(struct finding *f, const char *name, size_t by, uint32_t node, bool interpreter)
{
	struct libraries *o = f->out;

	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->list[i].name, name))
			return 0;
	if (o->n >= LIBRARIES_MAX)
		return 0;
	o->list[o->n] = (struct library){
	        .name = strdup(name), .interpreter = interpreter, .node = node, .asked_by = by};
	return o->list[o->n++].name ? 0 : -ENOMEM;
}

static uint32_t program_at(const struct finding *f, const char *path)
{
	uint32_t node = file_tree_resolve(f->tree, path);
	const struct file_change *c = node == FILE_NONE ? NULL : file_tree_seen(f->tree, node);

	return c && c->type == FILE_REGULAR ? node : FILE_NONE;
}

/* Reads the file at `node`; of a script goes on with what runs it. */
static int read_program(struct finding *f, uint32_t node)
{
	int r = 0;

	for (int depth = 0; depth < SCRIPTS_MAX; depth++) {
		struct spool s = {.fd = -1};
		struct file_wanted wanted = {.change = file_tree_seen(f->tree, node), .data = &s};
		auto_close fd = -1;
		bool script = false;
		r = spool_open(f->contents, &s, f->err);
		fd = s.fd;
		if (r == 0)
			r = file_bytes_read(f->contents, &wanted, 1, spool_take, f->err);
		if (r == 0)
			r = take_shebang(f, fd, &script);
		if (r < 0)
			return r;
		f->program_node = node;
		if (!script) {
			r = elf_file_read(fd, &f->program, NULL);
			return r == -ENOEXEC ? 0 : r;
		}
		f->out->form = PROGRAM_SCRIPT;
		node = program_at(f, f->out->shebang);
		r = add(f, f->out->shebang, f->out->n ? f->out->n - 1 : LIBRARIES_MAX, node, true);
		if (r < 0 || node == FILE_NONE)
			return r;
	}
	return 0;
}

/* ---- libraries ---- */

static int add_needed(struct finding *f, const struct elf_file *e, uint32_t node, size_t by)
{
	int r = 0;

	for (size_t i = 0; i < e->n_needed && r == 0; i++)
		r = add(f, e->needed[i], by,
		        library_path_find(&f->path, f->tree, e, node, e->needed[i]), false);
	return r;
}

static int read_round(struct finding *f, size_t first, size_t end)
{
	auto_free struct spool *spools = calloc(end - first, sizeof *spools);
	auto_free struct file_wanted *wanted = calloc(end - first, sizeof *wanted);
	size_t n = 0, opened = 0;
	int r = spools && wanted ? 0 : -ENOMEM;

	for (size_t i = first; i < end && r == 0; i++) {
		const struct library *l = &f->out->list[i];
		struct spool *s = &spools[i - first];
		r = spool_open(f->contents, s, f->err);
		if (r < 0)
			break;
		opened++;
		if (l->node != FILE_NONE)
			wanted[n++] = (struct file_wanted){
			        .change = file_tree_seen(f->tree, l->node), .data = s};
	}
	if (r == 0)
		r = file_bytes_read(f->contents, wanted, n, spool_take, f->err);
	for (size_t i = first; i < end && r == 0; i++) {
		struct library *l = &f->out->list[i];
		struct elf_file *e = &f->elves[i];
		if (l->node == FILE_NONE)
			continue;
		r = elf_file_read(spools[i - first].fd, e, NULL);
		l->wrong = r == -ENOEXEC || e->machine != f->program.machine ||
		           e->bits != f->program.bits;
		if (r == -ENOEXEC)
			r = 0;
		if (r == 0 && !l->wrong)
			r = add_needed(f, e, l->node, i);
	}
	for (size_t i = 0; spools && i < opened; i++)
		close(spools[i].fd);
	return r;
}

static int read_rounds(struct finding *f, size_t first)
{
	int r = 0;

	while (first < f->out->n && r == 0) {
		size_t end = f->out->n;
		r = read_round(f, first, end);
		first = end;
	}
	return r;
}

static const char *architecture_of(const struct image_contents *c)
{
	const char *text = json_string_value(json_object_get(c->documents.config, "architecture"));

	return text ? text : "";
}

static int find(struct finding *f)
{
	struct libraries *o = f->out;
	const struct elf_file *e = &f->program;
	size_t first = o->n, by = first ? first - 1 : LIBRARIES_MAX; /* that of a script */
	uint16_t wanted = elf_machine_of(architecture_of(f->contents));
	int r;

	if (!e->bits)
		return 0; /* no ELF */
	if (o->form != PROGRAM_SCRIPT)
		o->form = e->interpreter              ? PROGRAM_DYNAMIC
		          : e->dynamic && e->n_needed ? PROGRAM_LIBRARY
		                                      : PROGRAM_STATIC;
	o->bits = e->bits;
	o->machine = e->machine;
	o->foreign = wanted && wanted != e->machine;
	r = library_path_read(f->contents, e, f->program_node, &f->path, f->err);
	o->musl = f->path.musl;
	if (r == 0 && e->interpreter)
		r = add(f, e->interpreter, by, program_at(f, e->interpreter), true);
	if (r == 0)
		r = add_needed(f, e, f->program_node, by);
	return r < 0 ? r : read_rounds(f, first);
}

/* ---- versions ---- */

static bool defines(const struct elf_file *e, const char *name)
{
	for (size_t i = 0; i < e->n_defines; i++)
		if (!strcmp(e->defines[i], name))
			return true;
	return false;
}

/* The highest of those that begin as `name` does: "GLIBC_". GLIBC_PRIVATE is no version. */
static const char *newest(const struct elf_file *e, const char *name)
{
	size_t n = strcspn(name, "0123456789");
	const char *best = NULL;

	for (size_t i = 0; i < e->n_defines; i++) {
		const char *d = e->defines[i];
		if (!strncmp(d, name, n) && d[n] >= '0' && d[n] <= '9' &&
		        (!best || strverscmp(d, best) > 0))
			best = d;
	}
	return best;
}

static int check_version(struct finding *f, const struct elf_version *v)
{
	for (size_t i = 0; i < f->out->n; i++) {
		struct library *l = &f->out->list[i];
		const struct elf_file *e = &f->elves[i];
		const char *has;
		/* A library without any versions is taken by the loader, with a warning. */
		if (strcmp(l->name, v->library) != 0 || l->wrong || l->missing_version ||
		        !e->n_defines || defines(e, v->name))
			continue;
		has = newest(e, v->name);
		l->missing_version = strdup(v->name);
		l->newest = has ? strdup(has) : NULL;
		return l->missing_version && (l->newest || !has) ? 0 : -ENOMEM;
	}
	return 0;
}

static int check_versions(struct finding *f)
{
	int r = 0;

	if (f->path.musl)
		return 0; /* it does not look at them */
	for (size_t i = 0; i < f->program.n_wants && r == 0; i++)
		r = check_version(f, &f->program.wants[i]);
	for (size_t i = 0; i < f->out->n && r == 0; i++)
		for (size_t k = 0; k < f->elves[i].n_wants && r == 0; k++)
			r = check_version(f, &f->elves[i].wants[k]);
	return r;
}

static int find_packages(struct finding *f, uint32_t node)
{
	struct libraries *o = f->out;
	auto_free uint32_t *nodes = calloc(o->n + 1, sizeof *nodes);
	auto_free struct package *packages = calloc(o->n + 1, sizeof *packages);
	int r = nodes && packages ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	nodes[0] = node;
	for (size_t i = 0; i < o->n; i++)
		nodes[i + 1] = o->list[i].node;
	r = packages_of(f->contents, nodes, o->n + 1, packages, &o->rpm_unread, f->err);
	o->package = packages[0];
	for (size_t i = 0; i < o->n; i++)
		o->list[i].package = packages[i + 1];
	return r;
}

static bool starts(const struct libraries *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].node == FILE_NONE || l->list[i].wrong || l->list[i].missing_version)
			return false;
	return !l->foreign;
}

static void release(struct finding *f)
{
	for (size_t i = 0; f->elves && i < f->out->n; i++)
		elf_file_release(&f->elves[i]);
	free(f->elves);
	elf_file_release(&f->program);
	library_path_release(&f->path);
}

int libraries_of(
        const struct image_contents *c, uint32_t node, struct libraries *ret, struct error *err)
{
	struct libraries l = {.list = calloc(LIBRARIES_MAX, sizeof *l.list)};
	struct finding f = {.contents = c,
	        .tree = &c->files,
	        .out = &l,
	        .elves = calloc(LIBRARIES_MAX, sizeof *f.elves),
	        .err = err};
	int r = l.list && f.elves ? read_program(&f, node) : -ENOMEM;

	if (r == 0)
		r = find(&f);
	if (r == 0)
		r = check_versions(&f);
	if (r == 0)
		r = find_packages(&f, node);
	release(&f);
	if (r < 0) {
		libraries_release(&l);
		return error_set(err, -r, "read program", c->found.name, NULL);
	}
	l.starts = starts(&l);
	*ret = l;
	return 0;
}

void libraries_release(struct libraries *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->list[i].name);
		free(l->list[i].missing_version);
		free(l->list[i].newest);
	}
	free(l->list);
	free(l->shebang);
	*l = (struct libraries){0};
}
