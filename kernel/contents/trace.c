#include "kernel/contents/trace.h"

#include "kernel/base/cleanup.h"
#include "kernel/contents/file_bytes.h"
#include "kernel/store/digest.h"

#include <errno.h>
#include <string.h>

/* The sum of one version of the file. */
struct version {
	struct digest *digest;
	bool failed;
};

static int take(void *data, const void *bytes, size_t n)
{
	struct version *v = data;

	if (!bytes) {
		digest_free(v->digest);
		v->digest = digest_new(DIGEST_SHA256);
	}
	if (!v->digest)
		return -ENOMEM;
	if (bytes)
		digest_add(v->digest, bytes, n);
	return 0;
}

static bool has_bytes(const struct file_change *c)
{
	return c->type == FILE_REGULAR && c->kind != FILE_REMOVED;
}

static int compare_versions(const struct image_contents *c, struct trace *t, struct error *err)
{
	auto_free struct version *versions = calloc(t->n, sizeof *versions);
	auto_free struct file_wanted *wanted = calloc(t->n, sizeof *wanted);
	char last[DIGEST_TEXT] = "", sum[DIGEST_TEXT];
	size_t n = 0;
	int r = versions && wanted ? 0 : -ENOMEM;

	for (size_t i = 0; i < t->n && r == 0; i++)
		if (has_bytes(t->steps[i].change))
			wanted[n++] = (struct file_wanted){
			        .change = t->steps[i].change, .data = &versions[i]};
	if (r == 0 && n > 1)
		r = file_bytes_read(c, wanted, n, take, err);
	for (size_t i = 0; i < t->n && versions; i++) {
		if (t->steps[i].change->kind == FILE_REMOVED)
			last[0] = '\0';
		if (!versions[i].digest)
			continue;
		digest_finish(versions[i].digest, sum);
		digest_free(versions[i].digest);
		t->steps[i].same_bytes = !strcmp(sum, last);
		memcpy(last, sum, sizeof last);
	}
	return r;
}

static uint32_t node_of(const struct file_tree *t, const char *path)
{
	uint32_t node = file_tree_resolve_link(t, path);

	return node != FILE_NONE ? node : file_tree_find(t, path);
}

static int fill_steps(const struct file_tree *t, struct trace *ret)
{
	uint32_t i;

	for (i = t->nodes[ret->node].top; i != FILE_NONE; i = t->changes[i].below)
		ret->n++;
	ret->steps = calloc(ret->n + 1, sizeof *ret->steps);
	if (!ret->steps)
		return -ENOMEM;
	i = t->nodes[ret->node].top;
	for (size_t k = ret->n; k-- > 0; i = t->changes[i].below)
		ret->steps[k].change = &t->changes[i];
	return 0;
}

int trace_of(const struct image_contents *c, const char *path, struct trace *ret, struct error *err)
{
	struct trace t = {.node = node_of(&c->files, path), .program = FILE_NONE};
	const struct file_change *program;
	int r;

	if (t.node == FILE_NONE || c->files.nodes[t.node].top == FILE_NONE) {
		const char *name = strrchr(path, '/');
		error_set(err, ENOENT, "follow file", path, "no layer of %s says anything of it",
		        c->found.name[0] ? c->found.name : c->found.digest);
		error_advise(err, "find where it is: cutaway tree --all --name %s IMAGE",
		        name && name[1] ? name + 1 : path);
		return -ENOENT;
	}
	r = fill_steps(&c->files, &t);
	t.seen = file_tree_seen(&c->files, t.node);
	t.program = file_tree_resolve(&c->files, path);
	program = t.program == FILE_NONE ? NULL : file_tree_seen(&c->files, t.program);
	if (!program || program->type != FILE_REGULAR)
		t.program = FILE_NONE;
	if (r == 0)
		r = compare_versions(c, &t, err);
	if (r < 0) {
		trace_release(&t);
		return error_set(err, -r, "follow file", path, NULL);
	}
	*ret = t;
	return 0;
}

void trace_release(struct trace *t)
{
	free(t->steps);
	*t = (struct trace){0};
}
