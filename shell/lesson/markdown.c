#include "shell/lesson/markdown.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/markdown_tree.h"
#include "shell/lesson/md_html.h"
#include "shell/lesson/md_pipe.h"
#include "shell/lesson/md_source.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

struct parser {
	struct markdown *md;
	const struct md_source *source;
	struct buf address; /* of the <a> that is open */
	int line;           /* of the source, for nodes that were made here; 0 = as the node says */
	cmark_node *block;  /* that was last asked for whether it is a table */
	bool table, failed;
};

/* Room for one more item in an array that doubles. */
static bool grow(void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 16;
	void *p;

	if (n < *room)
		return true;
	p = realloc(*(void **)array, more * size);
	if (!p)
		return false;
	*(void **)array = p;
	*room = more;
	return true;
}

static int source_line(const struct parser *p, cmark_node *node)
{
	cmark_node *at = node;
	size_t line;

	if (p->line)
		return p->line;
	/* Nodes made from HTML have no line; the nearest one above has. */
	while (at && cmark_node_get_start_line(at) < 1)
		at = cmark_node_parent(at);
	line = at ? (size_t)cmark_node_get_start_line(at) : 1;
	return line <= p->source->n_lines ? p->source->lines[line - 1] : 1;
}

/* The text of a command: clean, no blanks around it; inside a sentence it is one line. */
static char *command_text(struct parser *p, const char *literal, size_t n, bool fenced)
{
	auto_buf text = BUF_INIT;
	const char *start;
	size_t length;

	clean_text(literal, n, fenced, &text);
	start = buf_text(&text);
	start += fenced ? strspn(start, "\n") : strspn(start, " \n");
	length = strlen(start);
	while (length && isspace((unsigned char)start[length - 1]))
		length--;
	return buf_failed(&text) ? NULL : arena_strndup(&p->md->arena, start, length);
}

/* The first `n` bytes of a code node are a command. */
static void add_block(struct parser *p, cmark_node *node, size_t n, const struct md_action *action)
{
	struct markdown *md = p->md;
	bool fenced = cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK;
	char *text;

	if (action->kind == MD_NONE || markdown_node_block(node) >= 0)
		return;
	text = command_text(p, cmark_node_get_literal(node), n, fenced);

	if (!text || !grow(&md->blocks, md->n_blocks, &md->blocks_room, sizeof *md->blocks)) {
		p->failed = true;
		return;
	}
	if (!*text) /* nothing to run */
		return;
	md->blocks[md->n_blocks++] = (struct md_block){
	        .text = text,
	        .kind = action->kind,
	        .terminal = action->terminal,
	        .host = action->host,
	        .fenced = fenced,
	        .line = source_line(p, node),
	};
	/* The index rides in the pointer, plus one so that NULL is none. */
	cmark_node_set_user_data(node, (void *)(intptr_t)md->n_blocks);
}

/* What stands behind a node in its sentence: also behind the emphasis or the link that it ends. */
static cmark_node *behind(cmark_node *node)
{
	cmark_node *next = cmark_node_next(node), *parent;

	while (!next && (parent = cmark_node_parent(node)) &&
	        (cmark_node_get_type(parent) == CMARK_NODE_EMPH ||
	                cmark_node_get_type(parent) == CMARK_NODE_STRONG ||
	                cmark_node_get_type(parent) == CMARK_NODE_LINK)) {
		node = parent;
		next = cmark_node_next(node);
	}
	return next;
}

/* An action mark right behind inline code, on the same line or the next: taken out of the text. */
static bool take_action(cmark_node *code, struct md_action *action)
{
	cmark_node *next = behind(code), *broken = NULL;
	struct md_action more;
	const char *text;
	size_t taken, again;

	if (next && (cmark_node_get_type(next) == CMARK_NODE_SOFTBREAK ||
	                    cmark_node_get_type(next) == CMARK_NODE_LINEBREAK)) {
		broken = next;
		next = cmark_node_next(next);
	}
	if (!next || cmark_node_get_type(next) != CMARK_NODE_TEXT)
		return false;
	text = cmark_node_get_literal(next);
	taken = md_action_parse(text, strlen(text), action);
	if (!taken)
		return false;
	/* The first of several is meant. */
	while ((again = md_action_parse(text + taken, strlen(text + taken), &more)))
		taken += again;
	if (text[taken]) {
		auto_free char *rest = strdup(text + taken);
		if (rest)
			cmark_node_set_literal(next, rest);
	} else {
		cmark_node_free(next);
	}
	if (broken)
		cmark_node_free(broken);
	return true;
}

static void read_code(struct parser *p, cmark_node *node)
{
	const char *literal = cmark_node_get_literal(node), *mark;
	struct md_action action;
	size_t n = strlen(literal);

	if (take_action(node, &action)) {
		add_block(p, node, n, &action);
		return;
	}
	/* The mark inside of the back-ticks: `ls {{exec}}` */
	mark = n > 4 ? strstr(literal, "{{") : NULL;
	while (mark && md_action_parse(mark, strlen(mark), &action) != strlen(mark))
		mark = strstr(mark + 2, "{{");
	if (mark) {
		auto_free char *rest = strndup(literal, (size_t)(mark - literal));
		if (!rest || !cmark_node_set_literal(node, rest))
			p->failed = true;
		else
			add_block(p, node, strlen(rest), &action);
	}
}

/* A comment that stands for an action belongs to the block before it. True for such a comment. */
static bool take_comment(struct parser *p, cmark_node *node)
{
	cmark_node *before = cmark_node_previous(node);
	struct md_action action;

	if (!md_action_parse_comment(cmark_node_get_literal(node), &action))
		return false;
	if (before && cmark_node_get_type(before) == CMARK_NODE_CODE_BLOCK)
		add_block(p, before, strlen(cmark_node_get_literal(before)), &action);
	return true;
}

/* Text of HTML in the place of the HTML, read as Markdown. */
static void replace_html(struct parser *p, cmark_node *html)
{
	auto_buf text = BUF_INIT;
	cmark_node *inner, *child;

	md_html_text(cmark_node_get_literal(html), &text);
	if (buf_failed(&text)) {
		p->failed = true;
		return;
	}
	p->line = source_line(p, html);
	inner = cmark_parse_document(buf_text(&text), text.len, CMARK_OPT_VALIDATE_UTF8);
	p->block = NULL;
	cmark_consolidate_text_nodes(inner);
	while ((child = cmark_node_first_child(inner))) {
		cmark_node_unlink(child);
		if (!cmark_node_insert_before(html, child)) {
			cmark_node_free(child);
			break;
		}
		if (cmark_node_get_type(child) != CMARK_NODE_HTML_BLOCK)
			continue;
		/* What still looks like HTML after its tags went is plain text in a page. */
		if (!take_comment(p, child)) {
			cmark_node *code = cmark_node_new(CMARK_NODE_CODE_BLOCK);
			cmark_node_set_literal(code, cmark_node_get_literal(child));
			cmark_node_insert_before(html, code);
		}
		cmark_node_free(child);
	}
	cmark_node_free(inner);
	p->line = 0;
}

static void read_html_block(struct parser *p, cmark_node *node)
{
	if (!take_comment(p, node))
		replace_html(p, node);
	cmark_node_free(node);
}

/* Whether it stands in a table, whose rows a line break would cut. */
static bool in_table(struct parser *p, cmark_node *node)
{
	while (node && cmark_node_get_type(node) > CMARK_NODE_LAST_BLOCK)
		node = cmark_node_parent(node);
	if (node != p->block) {
		p->block = node;
		p->table = node && cmark_node_get_type(node) == CMARK_NODE_PARAGRAPH &&
		           md_is_table(node);
	}
	return p->table;
}

/* <code>text</code> in a sentence: as if it had back-ticks. */
static void read_code_tag(struct parser *p, cmark_node *tag)
{
	auto_buf text = BUF_INIT;
	cmark_node *node = cmark_node_next(tag), *next, *code;

	for (next = node; next && cmark_node_get_type(next) == CMARK_NODE_TEXT;
	        next = cmark_node_next(next))
		md_pipes_show(cmark_node_get_literal(next), &text);
	if (!text.len || !next || cmark_node_get_type(next) != CMARK_NODE_HTML_INLINE ||
	        !md_html_is(cmark_node_get_literal(next), "</code"))
		return;
	code = cmark_node_new(CMARK_NODE_CODE);
	if (!code || !cmark_node_set_literal(code, buf_text(&text)) ||
	        !cmark_node_insert_before(node, code)) {
		p->failed = true;
		return;
	}
	while (node != next) {
		cmark_node *after = cmark_node_next(node);

		cmark_node_free(node);
		node = after;
	}
}

static void read_html_inline(struct parser *p, cmark_node *node)
{
	auto_buf text = BUF_INIT;
	cmark_node *with = NULL;

	md_html_inline(cmark_node_get_literal(node), &p->address, &text);
	if (md_html_is(cmark_node_get_literal(node), "<code"))
		read_code_tag(p, node);
	if (!strcmp(buf_text(&text), "\n") && in_table(p, node)) {
		buf_reset(&text);
		buf_addc(&text, ' ');
	}
	if (!strcmp(buf_text(&text), "\n"))
		with = cmark_node_new(CMARK_NODE_LINEBREAK);
	else if (text.len && (with = cmark_node_new(CMARK_NODE_TEXT)))
		cmark_node_set_literal(with, buf_text(&text));
	if (with)
		cmark_node_replace(node, with);
	p->failed |= buf_failed(&text);
	cmark_node_free(node);
}

static void read_link(struct parser *p, cmark_node *node)
{
	struct markdown *md = p->md;
	const char *url = cmark_node_get_url(node);
	auto_buf clean = BUF_INIT;

	clean_text(url ? url : "", url ? strlen(url) : 0, false, &clean);
	if (!grow(&md->links, md->n_links, &md->links_room, sizeof *md->links))
		p->failed = true;
	else if (!(md->links[md->n_links] = arena_strdup(&md->arena, buf_text(&clean))))
		p->failed = true;
	else
		md->n_links++;
}

static bool is_html(cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	return type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE;
}

/* Visits all nodes of certain types in the order of the text. The iterator may not stand on a node
 * that is freed, so they are listed first. */
static void visit(struct parser *p, bool html)
{
	cmark_node **nodes = NULL;
	size_t n = 0, room = 0;
	cmark_iter *iter = cmark_iter_new(p->md->root);
	cmark_event_type event;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE && !p->failed) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);

		if (event != CMARK_EVENT_ENTER ||
		        (html ? !is_html(node)
		              : type != CMARK_NODE_CODE && type != CMARK_NODE_LINK &&
		                                type != CMARK_NODE_IMAGE))
			continue;
		if (!grow(&nodes, n, &room, sizeof(cmark_node *)))
			p->failed = true;
		else
			nodes[n++] = node;
	}
	cmark_iter_free(iter);
	for (size_t i = 0; i < n && !p->failed; i++) {
		cmark_node_type type = cmark_node_get_type(nodes[i]);

		if (type == CMARK_NODE_HTML_BLOCK)
			read_html_block(p, nodes[i]);
		else if (type == CMARK_NODE_HTML_INLINE)
			read_html_inline(p, nodes[i]);
		else if (type == CMARK_NODE_CODE)
			read_code(p, nodes[i]);
		else
			read_link(p, nodes[i]);
	}
	free(nodes);
}

/* Blocks were found fenced ones first; put them into the order of the page. */
static void number_blocks(struct parser *p)
{
	struct markdown *md = p->md;
	struct md_block *sorted = malloc((md->n_blocks + 1) * sizeof *sorted);
	cmark_iter *iter = cmark_iter_new(md->root);
	cmark_event_type event;
	size_t n = 0;

	if (!sorted) {
		p->failed = true;
		cmark_iter_free(iter);
		return;
	}
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		int block = markdown_node_block(node);

		if (event != CMARK_EVENT_ENTER || block < 0)
			continue;
		sorted[n++] = md->blocks[block];
		cmark_node_set_user_data(node, (void *)(intptr_t)n);
	}
	cmark_iter_free(iter);
	free(md->blocks);
	md->blocks = sorted;
	md->n_blocks = n;
}

const char *md_kind_word(enum md_block_kind kind)
{
	static const char *const words[] = {
	        [MD_EXEC] = "exec",
	        [MD_COPY] = "copy",
	        [MD_INTERRUPT] = "interrupt",
	        [MD_TYPE] = "type",
	        [MD_KEY] = "key",
	        [MD_OPEN] = "open",
	};

	return kind < MD_KINDS ? words[kind] : "";
}

int markdown_parse(const char *text, struct markdown **ret)
{
	struct md_source source = {0};
	struct markdown *md = calloc(1, sizeof *md);
	struct parser p = {.md = md, .source = &source};

	if (!md || md_source_normalise(text, &source) < 0) {
		free(md);
		return -ENOMEM;
	}
	md->root = cmark_parse_document(
	        buf_text(&source.text), source.text.len, CMARK_OPT_VALIDATE_UTF8);
	cmark_consolidate_text_nodes(md->root);
	visit(&p, true);
	/* HTML between two texts went away: they may be one now. */
	cmark_consolidate_text_nodes(md->root);
	p.failed |= !md_pipes_in_code(md->root);
	visit(&p, false);
	if (!p.failed)
		number_blocks(&p);
	md_source_release(&source);
	buf_release(&p.address);
	if (p.failed) {
		markdown_free(md);
		return -ENOMEM;
	}
	*ret = md;
	return 0;
}

void markdown_free(struct markdown *md)
{
	if (!md)
		return;
	cmark_node_free(md->root);
	free(md->blocks);
	free(md->links);
	arena_release(&md->arena);
	free(md);
}

const struct md_block *markdown_blocks(const struct markdown *md, size_t *n)
{
	*n = md->n_blocks;
	return md->blocks;
}

const char *const *markdown_links(const struct markdown *md, size_t *n)
{
	*n = md->n_links;
	return md->links;
}
