#include "shell/lesson/md_title.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/markdown_tree.h"
#include "shell/lesson/md_html.h"
#include "shell/lesson/md_pipe.h"

#include <string.h>

static void add_inline(cmark_node *node, struct buf *out)
{
	const char *literal = cmark_node_get_literal(node);

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK:
		buf_addc(out, ' ');
		break;
	case CMARK_NODE_CODE:
		buf_addf(out, "`%s`", literal);
		break;
	default:
		md_pipes_show(literal ? literal : "", out);
		break;
	}
}

/* What is in a heading or a paragraph, without blanks around it. */
static void add_block(cmark_node *block, struct buf *out)
{
	cmark_iter *iter = cmark_iter_new(block);
	auto_buf text = BUF_INIT, clean = BUF_INIT;
	cmark_event_type event;
	size_t first, n;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		if (event == CMARK_EVENT_ENTER)
			add_inline(cmark_iter_get_node(iter), &text);
	cmark_iter_free(iter);
	clean_text(buf_text(&text), text.len, false, &clean);
	first = strspn(buf_text(&clean), " ");
	for (n = clean.len; n > first && clean.data[n - 1] == ' '; n--)
		;
	buf_add_bytes(out, buf_text(&clean) + first, n - first);
}

void md_title_of(const struct markdown *md, struct buf *out)
{
	cmark_node *first = cmark_node_first_child(md->root);

	if (first && cmark_node_get_type(first) == CMARK_NODE_HEADING)
		add_block(first, out);
}

void md_title_text(const char *title, struct buf *out)
{
	auto_buf source = BUF_INIT;
	cmark_node *root, *first;

	md_html_line(title + strspn(title, " \t\n"), &source);
	root = cmark_parse_document(buf_text(&source), source.len, CMARK_OPT_VALIDATE_UTF8);
	first = cmark_node_first_child(root);
	if (first)
		add_block(first, out);
	cmark_node_free(root);
}
