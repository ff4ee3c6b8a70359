#include "shell/lesson/md_pipe.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/md_line.h"

#include <string.h>

static bool is_break(cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	return type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK;
}

bool md_is_table(cmark_node *paragraph)
{
	cmark_node *node = cmark_node_first_child(paragraph);
	bool bar = false;

	while (node && !is_break(node))
		node = cmark_node_next(node);
	for (node = node ? cmark_node_next(node) : NULL;
	        node && cmark_node_get_type(node) == CMARK_NODE_TEXT;
	        node = cmark_node_next(node)) {
		const char *text = cmark_node_get_literal(node);

		if (text[strspn(text, "|-: \t")])
			return false;
		bar |= strchr(text, '|') != NULL;
	}
	return bar;
}

/* The bytes of what stands for a bar at the start: "\|", or as people write it else. */
static size_t bar_length(const char *text, size_t n, bool entities)
{
	static const char entity[] = "&#124;";

	if (n >= 2 && !memcmp(text, "\\|", 2))
		return 2;
	return entities && n >= strlen(entity) && !memcmp(text, entity, strlen(entity))
	               ? strlen(entity)
	               : 0;
}

/* The bytes of code, or of back-ticks that nothing closes on the line. */
static size_t code_length(const char *text, size_t n)
{
	size_t ticks = md_run_of(text, n, '`'), end = ticks, run = 0;

	while (end < n && (run = md_run_of(text + end, n - end, '`')) != ticks)
		end += run ? run : 1;
	return end < n ? end + run : ticks;
}

void md_pipes_hide(const char *text, size_t n, struct buf *out)
{
	bool entities = md_indent_of(text, n) < 4;

	for (size_t i = 0; i < n;) {
		size_t bar = bar_length(text + i, n - i, entities), length = 1;

		if (text[i] == '`')
			length = code_length(text + i, n - i);
		else if (text[i] == '\\' && i + 1 < n)
			length = 2;
		if (bar)
			buf_add(out, MD_BAR);
		else
			buf_add_bytes(out, text + i, length);
		i += bar ? bar : length;
	}
}

void md_pipes_show(const char *text, struct buf *out)
{
	for (const char *bar; (bar = strstr(text, MD_BAR)); text = bar + strlen(MD_BAR)) {
		buf_add_bytes(out, text, (size_t)(bar - text));
		buf_addc(out, '|');
	}
	buf_add(out, text);
}

static bool mend_code(cmark_node *code, bool table)
{
	const char *from = cmark_node_get_literal(code);
	auto_buf text = BUF_INIT;

	if (!strstr(from, MD_BAR) && !(table && strstr(from, "\\|")))
		return true;
	while (*from) {
		bool bar = !strncmp(from, MD_BAR, strlen(MD_BAR));

		if (bar)
			buf_add(&text, table ? "|" : "\\|");
		else if (!table || strncmp(from, "\\|", 2) != 0)
			buf_addc(&text, *from);
		from += bar ? strlen(MD_BAR) : 1;
	}
	return !buf_failed(&text) && cmark_node_set_literal(code, buf_text(&text));
}

bool md_pipes_in_code(cmark_node *root)
{
	cmark_iter *iter = cmark_iter_new(root);
	cmark_event_type event;
	bool table = false, done = true;

	while (done && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);

		if (type == CMARK_NODE_PARAGRAPH)
			table = event == CMARK_EVENT_ENTER && md_is_table(node);
		else if (type == CMARK_NODE_CODE || type == CMARK_NODE_CODE_BLOCK)
			done = mend_code(node, table);
	}
	cmark_iter_free(iter);
	return done;
}
