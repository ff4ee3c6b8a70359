#include "shell/lesson/glossary.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/scenario_json.h"
#include "shell/lesson/words.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

enum { FILE_LIMIT = 4 << 20, NEAR = 5 };

/* A text of the file, clean, in the arena; "" when it is none. */
static const char *keep(struct glossary *g, const json_t *value, bool *failed)
{
	auto_buf text = BUF_INIT;
	const char *copy;

	if (!json_is_string(value))
		return "";
	clean_text(json_string_value(value), json_string_length(value), false, &text);
	copy = arena_strdup(&g->arena, buf_text(&text));
	*failed |= !copy;
	return copy ? copy : "";
}

static const char **keep_list(struct glossary *g, const json_t *list, size_t *ret_n, bool *failed)
{
	size_t n = json_array_size(list);
	const char **texts = arena_alloc(&g->arena, (n + 1) * sizeof *texts);

	if (!texts) {
		*failed = true;
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		texts[i] = keep(g, json_array_get(list, i), failed);
	*ret_n = n;
	return texts;
}

int glossary_read(const char *folder, struct glossary *ret, struct error *err)
{
	auto_close fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct glossary g = {0};
	const json_t *terms;
	json_t *root = NULL;
	bool failed = false;
	int r;

	if (fd < 0)
		return error_set(err, errno, "read glossary", folder, NULL);
	r = scenario_json_read(fd, folder, "glossary.json", FILE_LIMIT, &root, err);
	if (r < 0)
		return r;
	terms = json_object_get(root, "terms");
	g.n = json_array_size(terms);
	g.terms = arena_alloc(&g.arena, (g.n + 1) * sizeof *g.terms);
	for (size_t i = 0; g.terms && i < g.n; i++) {
		const json_t *item = json_array_get(terms, i);
		struct glossary_term *t = &g.terms[i];

		t->term = keep(&g, json_object_get(item, "term"), &failed);
		t->means = keep(&g, json_object_get(item, "means"), &failed);
		t->source = keep(&g, json_object_get(item, "source"), &failed);
		t->also = keep_list(&g, json_object_get(item, "also"), &t->n_also, &failed);
	}
	g.emphasis = keep_list(&g, json_object_get(root, "emphasis"), &g.n_emphasis, &failed);
	json_decref(root);
	if (failed || !g.terms) {
		glossary_release(&g);
		return error_set(err, ENOMEM, "read glossary", folder, NULL);
	}
	*ret = g;
	return 0;
}

int glossary_read_ours(struct glossary *ret, struct error *err)
{
	auto_free char *folder = NULL;
	int r = lesson_directory(&folder, err);

	return r < 0 ? r : glossary_read(folder, ret, err);
}

void glossary_release(struct glossary *g)
{
	arena_release(&g->arena);
	*g = (struct glossary){0};
}

/* Whether `fits` holds of the term's name or one of its other names. */
static bool any_name(const struct glossary_term *t, const char *word,
        bool (*fits)(const char *name, const char *word))
{
	if (fits(t->term, word))
		return true;
	for (size_t i = 0; i < t->n_also; i++)
		if (fits(t->also[i], word))
			return true;
	return false;
}

const struct glossary_term *glossary_find(const struct glossary *g, const char *word)
{
	/* A name goes before another name: "pause" is a word of two terms. */
	for (size_t i = 0; i < g->n; i++)
		if (words_same(g->terms[i].term, word))
			return &g->terms[i];
	for (size_t i = 0; i < g->n; i++)
		if (any_name(&g->terms[i], word, words_same))
			return &g->terms[i];
	return NULL;
}

bool glossary_is_emphasis(const struct glossary *g, const char *phrase)
{
	for (size_t i = 0; i < g->n_emphasis; i++)
		if (words_same(g->emphasis[i], phrase))
			return true;
	return false;
}

static bool contains(const char *name, const char *word)
{
	auto_buf left = BUF_INIT, right = BUF_INIT;

	words_normalise(name, &left);
	words_normalise(word, &right);
	return right.len > 2 && strstr(buf_text(&left), buf_text(&right));
}

size_t glossary_near(
        const struct glossary *g, const char *word, const struct glossary_term **found, size_t max)
{
	static bool (*const ways[])(const char *, const char *) = {words_near, contains};
	size_t n = 0;

	for (size_t way = 0; way < 2; way++)
		for (size_t i = 0; i < g->n && n < max; i++) {
			size_t k = 0;

			while (k < n && found[k] != &g->terms[i])
				k++;
			if (k == n && any_name(&g->terms[i], word, ways[way]))
				found[n++] = &g->terms[i];
		}
	return n;
}

void glossary_tell(const struct glossary_term *term, int width, struct buf *out)
{
	auto_buf head = BUF_INIT, source = BUF_INIT;

	buf_add(&head, term->term);
	for (size_t i = 0; i < term->n_also; i++)
		buf_addf(&head, "%s%s", i ? ", " : " (also: ", term->also[i]);
	if (term->n_also)
		buf_addc(&head, ')');
	words_fold(buf_text(&head), width, 0, out);
	words_fold(term->means, width, 2, out);
	if (*term->source) {
		buf_addf(&source, "Source: %s", term->source);
		words_fold(buf_text(&source), width, 2, out);
	}
}

/* All names in columns. */
static void tell_names(const struct glossary *g, int width, struct buf *out)
{
	int widest = 1, columns;

	for (size_t i = 0; i < g->n; i++)
		if (text_width(g->terms[i].term) > widest)
			widest = text_width(g->terms[i].term);
	columns = width / (widest + 2) > 0 ? width / (widest + 2) : 1;
	for (size_t i = 0; i < g->n; i++) {
		const char *name = g->terms[i].term;
		bool last = (i + 1) % (size_t)columns == 0 || i + 1 == g->n;

		buf_addf(out, "%s%*s%s", name, last ? 0 : widest + 2 - text_width(name), "",
		        last ? "\n" : "");
	}
}

bool glossary_answer(const struct glossary *g, const char *word, int width, struct buf *out)
{
	const struct glossary_term *term, *near[NEAR];
	size_t n;

	if (!*word) {
		tell_names(g, width, out);
		return true;
	}
	if ((term = glossary_find(g, word))) {
		glossary_tell(term, width, out);
		return true;
	}
	n = glossary_near(g, word, near, NEAR);
	buf_addf(out, "The glossary has no '%s'.", word);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s'%s'",
		        i == 0      ? " Did you mean "
		        : i + 1 < n ? ", "
		                    : " or ",
		        near[i]->term);
	buf_add(out, n ? "?\n" : " 'glossary' alone lists what it has.\n");
	return false;
}
