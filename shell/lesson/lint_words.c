#include "shell/lesson/lint_words.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/glossary.h"
#include "shell/lesson/markdown_tree.h"
#include "shell/lesson/spell.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

enum { DICTIONARY_LIMIT = 1 << 20 };

/* ---- text of a page ---------------------------------------------------------------------------
 */

/* "*Sources: setns(2)*" at the end of a page: names, no prose. */
static bool is_sources(cmark_node *node)
{
	cmark_node *first = cmark_node_first_child(node);

	return cmark_node_get_type(node) == CMARK_NODE_EMPH && first &&
	       cmark_node_get_type(first) == CMARK_NODE_TEXT &&
	       !strncmp(cmark_node_get_literal(first), "Source", 6);
}

/* Appends the text below a node without code and sources. */
static void add_prose(cmark_node *root, struct buf *out)
{
	cmark_iter *iter = cmark_iter_new(root);
	cmark_event_type event;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);

		if (event == CMARK_EVENT_ENTER && is_sources(node))
			cmark_iter_reset(iter, node, CMARK_EVENT_EXIT);
		switch (cmark_node_get_type(node)) {
		case CMARK_NODE_TEXT:
			buf_add(out, cmark_node_get_literal(node));
			break;
		case CMARK_NODE_SOFTBREAK:
		case CMARK_NODE_LINEBREAK:
		case CMARK_NODE_CODE: /* "`ls`s" is no word */
			buf_addc(out, ' ');
			break;
		case CMARK_NODE_PARAGRAPH:
		case CMARK_NODE_HEADING:
			if (event == CMARK_EVENT_EXIT)
				buf_addc(out, '\n');
			break;
		default:
			break;
		}
	}
	cmark_iter_free(iter);
}

/* Whether what stands around a word makes it a part of another, or of code. */
static bool is_part(const char *text, const char *word, size_t n)
{
	char before = word > text ? word[-1] : ' ', after = word[n];

	return isalnum((unsigned char)before) || strchr("`/-_.", before) ||
	       isalnum((unsigned char)after) ||
	       (after && strchr("./_", after) && isalnum((unsigned char)word[n + 1]));
}

/* The line where the first word of `phrase` stands behind `before` (as the stars of "**"), alone
 * and not as a part of a longer one. 1 when it is not found. */
static int line_of(const char *text, const char *before, const char *phrase)
{
	size_t word = strcspn(phrase, " "), n = strlen(before);
	int line = 1;

	for (const char *p = text; *p; p++) {
		if (!strncmp(p, before, n) && !strncmp(p + n, phrase, word) &&
		        (n || !is_part(text, p, word)))
			return line;
		line += *p == '\n';
	}
	return 1;
}

/* ---- terms ------------------------------------------------------------------------------------
 */

static void look_at_bold(struct lint *l, const struct glossary *g, const struct scenario_page *page)
{
	cmark_iter *iter = cmark_iter_new(page->parsed->root);
	cmark_event_type event;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		auto_buf phrase = BUF_INIT;

		if (event != CMARK_EVENT_ENTER || cmark_node_get_type(node) != CMARK_NODE_STRONG)
			continue;
		add_prose(node, &phrase);
		if (!phrase.len || glossary_find(g, buf_text(&phrase)) ||
		        glossary_is_emphasis(g, buf_text(&phrase)))
			continue;
		lint_tell(l, page->path ? page->path : "index.json",
		        line_of(page->markdown, "**", buf_text(&phrase)),
		        "'%s' is bold, as terms are, and not in the glossary; *stars* are for "
		        "emphasis",
		        buf_text(&phrase));
	}
	cmark_iter_free(iter);
}

/* What a step says is said by somebody else, too: its last paragraph names who. */
static void look_at_sources(struct lint *l, const struct scenario_page *page)
{
	cmark_node *last = cmark_node_last_child(page->parsed->root);
	cmark_node *first = last ? cmark_node_first_child(last) : NULL;

	if (page->kind == PAGE_STEP && page->path && page->n_blocks &&
	        !(first && is_sources(first)))
		lint_tell(l, page->path, 1,
		        "the step does not end with its sources: *Sources: a man page, …*");
}

/* ---- spelling ---------------------------------------------------------------------------------
 */

/* Whether the dictionary has this word; small letters there stand for any. */
static bool dictionary_has(const char *dictionary, const char *word, size_t n)
{
	for (const char *p = dictionary; *p;) {
		size_t line = strcspn(p, "\n"), m = strcspn(p, "\n# ");
		bool capitals = false;

		for (size_t i = 0; i < m; i++)
			capitals |= isupper((unsigned char)p[i]) != 0;
		if (m == n && !(capitals ? strncmp(p, word, n) : strncasecmp(p, word, n)))
			return true;
		p += line + (p[line] == '\n');
	}
	return false;
}

/* ENOENT, CLONE, POSIX: names of constants and the like. */
static bool is_capitals(const char *word)
{
	return word[0] && word[1] && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")];
}

/* Texts of index.json have no Markdown; their commands stand in back-ticks and quotes. */
static void add_line(struct buf *out, const char *text)
{
	bool code = false;

	for (; text && *text; text++) {
		code ^= *text == '`';
		if (*text != '`')
			buf_addc(out, code ? ' ' : *text);
	}
	buf_addc(out, '\n');
}

static void tell_word(struct lint *l, const struct scenario *s, const char *index, const char *word)
{
	for (size_t i = 0; i < s->n_pages; i++) {
		auto_buf prose = BUF_INIT;

		if (!s->pages[i].path)
			continue;
		add_prose(s->pages[i].parsed->root, &prose);
		if (line_of(buf_text(&prose), "", word) > 1 ||
		        !strncmp(buf_text(&prose), word, strlen(word))) {
			lint_tell(l, s->pages[i].path, line_of(s->pages[i].markdown, "", word),
			        "'%s' is no word that aspell or the dictionary knows", word);
			return;
		}
	}
	lint_tell(l, "index.json", line_of(index, "", word),
	        "'%s' is no word that aspell or the dictionary knows", word);
}

/* Whether the word stands among those before it already. */
static bool told_before(const char *words, const char *word, size_t n)
{
	for (const char *p = words; p < word; p += strcspn(p, "\n") + 1)
		if (strcspn(p, "\n") == n && !strncmp(p, word, n))
			return true;
	return false;
}

/* Whether it is a path, an option, the name of a file or of a constant: memory.max, -ef, CAP_MKNOD.
 */
static bool is_code(const char *word, size_t n)
{
	if (*word == '-' || (*word == '\'' && word[1] == '-'))
		return true;
	for (size_t i = 0; i < n; i++)
		if (strchr("/_=@<>|$0123456789", word[i]) ||
		        (strchr(".:", word[i]) && i + 1 < n && isalnum((unsigned char)word[i + 1])))
			return true;
	return false;
}

static void take_code_out(char *text)
{
	while (*text) {
		size_t n = strcspn(text, " \n");

		if (n && is_code(text, n))
			memset(text, ' ', n);
		text += n + (text[n] != '\0');
	}
}

/* The words of `text`, which is changed, that nobody knows, each once. */
static int unknown_words(struct lint *l, const char *dictionary, struct buf *text,
        void (*tell)(void *data, const char *word), void *data)
{
	auto_buf words = BUF_INIT;
	struct error err = {0};
	int r;

	if (text->len)
		take_code_out(text->data);
	r = spell_check(buf_text(text), &words, &err);
	if (r < 0) {
		if (l->skipped)
			l->skipped(l->data, "the spelling", "aspell");
		return r;
	}
	for (const char *p = buf_text(&words); *p;) {
		size_t n = strcspn(p, "\n");
		auto_free char *word = strndup(p, n);

		if (word && n && !is_capitals(word) && !told_before(buf_text(&words), p, n) &&
		        !dictionary_has(dictionary, word, n))
			tell(data, word);
		p += n + (p[n] == '\n');
	}
	return 0;
}

struct telling {
	struct lint *lint;
	const struct scenario *lesson;
	const char *file, *source; /* index.json, or what stands beside the lessons */
};

static void tell_of_lesson(void *data, const char *word)
{
	struct telling *t = data;

	tell_word(t->lint, t->lesson, t->source, word);
}

static void tell_of_file(void *data, const char *word)
{
	struct telling *t = data;

	lint_tell(t->lint, t->file, line_of(t->source, "", word),
	        "'%s' is no word that aspell or the dictionary knows", word);
}

static void look_at_spelling(struct lint *l, const struct scenario *s, const char *dictionary)
{
	auto_buf text = BUF_INIT, index = BUF_INIT;
	struct telling telling = {l, s, "index.json", NULL};
	auto_free char *path = NULL;

	add_line(&text, s->title);
	add_line(&text, s->description);
	for (size_t i = 0; i < s->n_pages; i++) {
		const struct scenario_page *page = &s->pages[i];

		add_line(&text, page->title);
		add_line(&text, page->predict.question);
		for (size_t k = 0; k < page->predict.n_choices; k++)
			add_line(&text, page->predict.choices[k]);
		add_line(&text, page->predict.because);
		add_prose(page->parsed->root, &text);
	}
	if (asprintf(&path, "%s/index.json", l->folder) > 0)
		file_read_at(AT_FDCWD, path, DICTIONARY_LIMIT, &index);
	telling.source = buf_text(&index);
	unknown_words(l, dictionary, &text, tell_of_lesson, &telling);
}

/* ---- both -------------------------------------------------------------------------------------
 */

static int read_beside(const char *folder, const char *name, struct buf *out)
{
	auto_free char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return -ENOMEM;
	return file_read_at(AT_FDCWD, path, DICTIONARY_LIMIT, out);
}

void lint_spelling(struct lint *l, const char *file, struct buf *text)
{
	auto_buf source = BUF_INIT, dictionary = BUF_INIT;
	struct telling telling = {l, NULL, file, NULL};

	if (read_beside(l->folder, "dictionary.txt", &dictionary) < 0)
		return;
	read_beside(l->folder, file, &source); /* without it no line is found */
	telling.source = buf_text(&source);
	unknown_words(l, buf_text(&dictionary), text, tell_of_file, &telling);
}

void lint_words(struct lint *l, const struct scenario *s)
{
	struct glossary glossary = {0};
	struct error err = {0};
	auto_buf dictionary = BUF_INIT;
	auto_free char *above = NULL;

	if (asprintf(&above, "%s/..", s->folder) < 0)
		return;
	if (glossary_read(above, &glossary, &err) == 0)
		for (size_t i = 0; i < s->n_pages; i++) {
			look_at_bold(l, &glossary, &s->pages[i]);
			look_at_sources(l, &s->pages[i]);
		}
	glossary_release(&glossary);
	if (read_beside(above, "dictionary.txt", &dictionary) == 0)
		look_at_spelling(l, s, buf_text(&dictionary));
}

/* One name of a term: whether another term has it, too. */
static void look_at_name(struct lint *l, const struct glossary *g, const struct glossary_term *t,
        const char *name, const char *source)
{
	const struct glossary_term *other = glossary_find(g, name);

	if (other && other != t)
		lint_tell(l, "glossary.json", line_of(source, "", name),
		        "'%s' is a name of '%s' and of '%s'", name, other->term, t->term);
}

void lint_glossary(struct lint *l)
{
	struct glossary g = {0};
	struct error err = {0};
	auto_buf source = BUF_INIT, text = BUF_INIT;

	if (read_beside(l->folder, "glossary.json", &source) == -ENOENT)
		return;
	if (glossary_read(l->folder, &g, &err) < 0) {
		lint_tell(l, "glossary.json", 1, "%s", err.cause);
		return;
	}
	for (size_t i = 0; i < g.n; i++) {
		const struct glossary_term *t = &g.terms[i];

		if (!*t->term || !*t->means || !*t->source)
			lint_tell(l, "glossary.json", line_of(buf_text(&source), "", t->term),
			        "'%s' lacks its term, its meaning or its source", t->term);
		look_at_name(l, &g, t, t->term, buf_text(&source));
		for (size_t k = 0; k < t->n_also; k++)
			look_at_name(l, &g, t, t->also[k], buf_text(&source));
		add_line(&text, t->means);
	}
	lint_spelling(l, "glossary.json", &text);
	glossary_release(&g);
}
