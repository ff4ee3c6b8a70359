#include "kernel/contents/file_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct filling {
	const struct file_tree *tree;
	const struct file_view *view;
	struct file_rows *out;
	bool failed;
};

/* What is in a directory, as far as it is shown. */
struct sum {
	uint64_t size;
	uint32_t lines;
};

static const struct file_change *last_word(
        const struct file_tree *t, const struct file_view *v, uint32_t node)
{
	uint32_t i = t->nodes[node].top;

	while (i != FILE_NONE &&
	        (t->changes[i].layer > v->layer || t->changes[i].kind == FILE_SAME))
		i = t->changes[i].below;
	return i == FILE_NONE ? NULL : &t->changes[i];
}

const struct file_change *file_view_change(const struct file_tree *t, const struct file_view *v,
        uint32_t node, enum file_kind *ret_kind)
{
	const struct file_change *c;

	if (v->together) {
		c = last_word(t, v, node);
		*ret_kind = c ? (enum file_kind)c->kind : FILE_SAME;
		return c;
	}
	c = file_tree_change(t, node, v->layer);
	*ret_kind = c ? (enum file_kind)c->kind : FILE_SAME;
	return c ? c : file_tree_seen_at(t, node, v->layer);
}

static bool name_matches(const struct file_tree *t, const struct file_view *v, uint32_t node)
{
	char path[FILE_PATH_MAX];

	if (!v->name[0])
		return true;
	if (!strchr(v->name, '/'))
		return strcasestr(file_tree_name(t, node), v->name) != NULL;
	file_tree_path(t, node, path);
	return strcasestr(path, v->name) != NULL;
}

static struct file_row *push(struct filling *f)
{
	struct file_rows *o = f->out;

	if (o->n == o->cap) {
		size_t more = o->cap + o->cap / 4 + 256;
		void *grown = realloc(o->rows, more * sizeof *o->rows);
		if (!grown) {
			f->failed = true;
			return NULL;
		}
		o->rows = grown;
		o->cap = more;
	}
	return &o->rows[o->n++];
}

static struct sum fill(struct filling *f, uint32_t node, unsigned depth);

/* Its line, if it is shown for its own sake or for what is in it. */
static struct sum fill_one(struct filling *f, uint32_t node, unsigned depth)
{
	enum file_kind kind;
	const struct file_change *c = file_view_change(f->tree, f->view, node, &kind);
	bool shown = c && f->view->kinds & (1u << kind) && name_matches(f->tree, f->view, node);
	size_t at = f->out->n;
	bool closed = f->view->closed && f->view->closed[node];
	struct file_row *row = push(f);
	struct sum s = {0};

	if (!row)
		return s;
	/* A directory that only leads to what is shown may have no change that is. */
	*row = (struct file_row){.node = node,
	        .change = c ? (uint32_t)(c - f->tree->changes) : f->tree->nodes[node].top,
	        .depth = (uint16_t)depth,
	        .kind = (uint8_t)kind,
	        .closed = closed,
	        .passage = !shown};
	s = fill(f, node, depth + 1);
	if (f->failed)
		return s;
	if (!shown && !s.lines) {
		f->out->n = at;
		return (struct sum){0};
	}
	row = &f->out->rows[at];
	row->below = s.lines;
	if (shown && kind != FILE_REMOVED && !c->hard_link)
		s.size += c->size;
	row->size = c && c->hard_link && !s.size ? c->size : s.size;
	if (closed)
		f->out->n = at + 1;
	s.lines++;
	return s;
}

static struct sum fill(struct filling *f, uint32_t node, unsigned depth)
{
	struct sum all = {0};

	for (uint32_t c = f->tree->nodes[node].child; c != FILE_NONE && !f->failed;
	        c = f->tree->nodes[c].next) {
		struct sum one = fill_one(f, c, depth);
		all.size += one.size;
		all.lines += one.lines;
	}
	return all;
}

int file_view_rows(const struct file_tree *t, const struct file_view *v, struct file_rows *ret)
{
	struct filling f = {.tree = t, .view = v, .out = ret};

	ret->n = 0;
	fill(&f, FILE_ROOT, 1);
	return f.failed ? -ENOMEM : 0;
}

void file_rows_release(struct file_rows *r)
{
	free(r->rows);
	*r = (struct file_rows){0};
}
