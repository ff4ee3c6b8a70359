#include "shell/watch/compare.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/watch/inferred.h"
#include "shell/watch/normal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The table of the alignment has a cell of two bytes for each pair. */
enum { CALLS_MOST = 8000, TEXT_MOST = 8000 };

void watch_compare_release(struct watch_compare *c)
{
	arena_release(&c->arena);
	*c = (struct watch_compare){0};
}

/* ---- the calls of a run ---- */

static bool counts(const struct watch_event *e, enum watch_level level)
{
	if (watch_level_of(e) > level)
		return false;
	if (e->kind == WATCH_API) /* answers follow from them */
		return !e->answer;
	return e->kind == WATCH_CALL && !watch_is_our_start(e);
}

static int take_calls(struct watch_compare *c, struct watch_side *s, enum watch_level level)
{
	const struct watch_recording *r = s->recording;
	const struct inference *inferred = inferred_of(r, &c->arena);
	auto_free char *container = watch_normal_container(r);
	auto_buf text = BUF_INIT;

	s->calls = arena_alloc(&c->arena, (r->n + 1) * sizeof *s->calls);
	if (!s->calls || !inferred || !container)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++) {
		const struct watch_event *e = &r->events[i];
		const char *clean;

		if (!counts(e, level))
			continue;
		buf_reset(&text);
		/* Its name was not heard, and is known by what it caused. */
		if (inferred[i].letter && inferred[i].name)
			buf_addf(&text, "%s (probably %s)", e->name, inferred[i].name);
		else
			watch_normal(&text, e, container);
		clean = buf_failed(&text) ? NULL
		                          : text_clean(&c->arena, buf_text(&text), TEXT_MOST);
		if (!clean)
			return -ENOMEM;
		if (s->n && !strcmp(s->calls[s->n - 1].text, clean))
			s->calls[s->n - 1].count++;
		else
			s->calls[s->n++] = (struct compared_call){e->name, clean, 1, false};
	}
	return watch_times(r, &s->times);
}

static int by_text(const void *a, const void *b)
{
	const struct compared_call *x = *(const struct compared_call *const *)a,
	                           *y = *(const struct compared_call *const *)b;

	return strcmp(x->text, y->text);
}

/* Marks the calls of one run that the other makes as well, somewhere. */
static int mark_there(struct watch_side *s, const struct watch_side *other)
{
	const struct compared_call **all = calloc(other->n + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < other->n; i++)
		all[i] = &other->calls[i];
	qsort(all, other->n, sizeof *all, by_text);
	for (size_t i = 0; i < s->n; i++) {
		const struct compared_call *call = &s->calls[i];
		s->calls[i].there = bsearch(&call, all, other->n, sizeof *all, by_text) != NULL;
	}
	free(all);
	return 0;
}

/* ---- the alignment ---- */

/* Longest common subsequence, by the table of its lengths for all ends of both: the first choice is
 * the same call, the second one of the same name. So each cell weighs both, the same call as much
 * more that no number of names outweighs one. */
enum { SAME = 3, NAME = 1 };

struct table {
	const struct watch_side *a, *b;
	uint16_t *cells; /* (a->n + 1) rows of (b->n + 1) */
};

static uint16_t *cell(const struct table *t, size_t i, size_t k)
{
	return &t->cells[i * (t->b->n + 1) + k];
}

static bool alike_up_to(const char *a, const char *b, const char *end)
{
	size_t n = strcspn(a, end);

	return n == strcspn(b, end) && !strncmp(a, b, n);
}

/* The name of the file that a write names, "N</sys/fs/cgroup/pids/ID/pids.max>, …": in which group
 * it stands says less than which file it is. */
static const char *file_of(const char *text)
{
	const char *end = strchrnul(text, '>');

	while (end > text && end[-1] != '/')
		end--;
	return end;
}

/* "Tasks/Create" of "/containerd.services.tasks.v1.Tasks/Create" and "(probably Tasks/Create)". */
static const char *method_of(const char *text)
{
	const char *end = text + strlen(text);

	while (end > text && !strchr(". ", end[-1]))
		end--;
	return end;
}

/* What some calls do is what their first argument says; what is asked for is a path before its
 * question mark, "http GET /images?all=1", and of a runtime a word, "oci create ID". */
static bool means_alike(const struct compared_call *x, const struct compared_call *y)
{
	size_t n = strlen(x->name);

	if (strcmp(x->name, y->name) != 0)
		return false;
	if (!strcmp(x->name, "prctl") || !strcmp(x->name, "keyctl") || !strcmp(x->name, "seccomp"))
		return alike_up_to(x->text, y->text, ",)");
	if (!strcmp(x->name, "write"))
		return alike_up_to(file_of(x->text), file_of(y->text), ">");
	if (!strcmp(x->name, "grpc"))
		return alike_up_to(method_of(x->text), method_of(y->text), ")");
	if (x->text[n] != ' ')
		return true;
	return alike_up_to(x->text + n + 1, y->text + n + 1, strcmp(x->name, "oci") ? "?" : " ");
}

static unsigned weight(const struct table *t, size_t i, size_t k)
{
	const struct compared_call *x = &t->a->calls[i], *y = &t->b->calls[k];

	if (!strcmp(x->text, y->text))
		return SAME;
	/* What the other makes elsewhere is not made here with other arguments. */
	return !x->there && !y->there && means_alike(x, y) ? NAME : 0;
}

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static void fill(const struct table *t)
{
	for (size_t i = t->a->n; i-- > 0;)
		for (size_t k = t->b->n; k-- > 0;) {
			unsigned w = weight(t, i, k),
			         best = larger(*cell(t, i + 1, k), *cell(t, i, k + 1));
			if (w)
				best = larger(best, *cell(t, i + 1, k + 1) + w);
			*cell(t, i, k) = (uint16_t)best;
		}
}

static void add_pair(
        struct watch_compare *c, enum watch_pair_kind kind, size_t first, size_t second)
{
	c->pairs[c->n++] = (struct watch_pair){kind, first, second};
	c->kinds[kind]++;
	c->there[0] += kind == PAIR_FIRST && c->sides[0].calls[first].there;
	c->there[1] += kind == PAIR_SECOND && c->sides[1].calls[second].there;
}

static void walk(struct watch_compare *c, const struct table *t)
{
	size_t i = 0, k = 0;

	while (i < t->a->n || k < t->b->n) {
		unsigned w = i < t->a->n && k < t->b->n ? weight(t, i, k) : 0;
		if (w && *cell(t, i, k) == *cell(t, i + 1, k + 1) + w)
			add_pair(c, w == SAME ? PAIR_SAME : PAIR_OTHER, i++, k++);
		else if (k == t->b->n || (i < t->a->n && *cell(t, i + 1, k) >= *cell(t, i, k + 1)))
			add_pair(c, PAIR_FIRST, i++, k);
		else
			add_pair(c, PAIR_SECOND, i, k++);
	}
}

static int align(struct watch_compare *c)
{
	struct table t = {&c->sides[0], &c->sides[1], NULL};

	c->pairs = arena_alloc(&c->arena, (t.a->n + t.b->n + 1) * sizeof *c->pairs);
	t.cells = calloc((t.a->n + 1) * (t.b->n + 1), sizeof *t.cells);
	if (c->pairs && t.cells) {
		fill(&t);
		walk(c, &t);
	}
	free(t.cells);
	return c->pairs && t.cells ? 0 : -ENOMEM;
}

int watch_compare(const struct watch_recording *first, const struct watch_recording *second,
        enum watch_level level, struct watch_compare *ret, struct error *err)
{
	struct watch_compare c = {.sides = {{.recording = first}, {.recording = second}}};
	int r = take_calls(&c, &c.sides[0], level);

	if (r == 0)
		r = take_calls(&c, &c.sides[1], level);
	if (r == 0 && (c.sides[0].n > CALLS_MOST || c.sides[1].n > CALLS_MOST)) {
		r = error_set(
		        err, E2BIG, "compare", "calls", "one run has more than %d", CALLS_MOST);
		error_advise(err, "A lower level has fewer: --level kernel.");
	} else if (r == 0) {
		r = mark_there(&c.sides[0], &c.sides[1]);
		if (r == 0)
			r = mark_there(&c.sides[1], &c.sides[0]);
		if (r == 0)
			r = align(&c);
	}
	if (r < 0) {
		watch_compare_release(&c);
		return error_set(err, -r, "compare", "runs", NULL);
	}
	*ret = c;
	return 0;
}
