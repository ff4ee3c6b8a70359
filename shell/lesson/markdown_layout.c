/* Draws a parsed page: walks the tree and lets each paragraph, heading and block of code flow into
 * lines. No recursion: a page may be nested as deeply as its author (or an attacker) likes. */
#include "shell/lesson/markdown.h"
#include "shell/lesson/markdown_tree.h"
#include "shell/lesson/md_flow.h"
#include "shell/lesson/md_pipe.h"
#include "shell/lesson/md_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct layout {
	struct md_flow flow;
	const struct markdown *md;
	int strong, emph, link, heading, quote; /* how many of each are open */
	int numbers[MD_FLOW_DEPTH];             /* of the list items, by depth of lists */
	size_t lists;
	bool gap; /* an empty line is due before the next block */
	bool table;
};

static enum md_style style_now(const struct layout *l)
{
	if (l->heading)
		return MD_HEADING;
	if (l->link)
		return MD_LINK;
	if (l->strong)
		return MD_STRONG;
	if (l->emph)
		return MD_EMPH;
	return l->quote ? MD_QUOTE : MD_PLAIN;
}

static bool is_done(const struct layout *l, int block)
{
	const struct md_options *o = &l->flow.options;

	return o->done && (size_t)block < o->n_done && o->done[block];
}

static enum md_style code_style(const struct layout *l, int block)
{
	if (block < 0)
		return MD_CODE;
	return is_done(l, block) ? MD_COMMAND_DONE : MD_COMMAND;
}

static bool in_tight_item(cmark_node *node)
{
	cmark_node *item = cmark_node_parent(node);

	return item && cmark_node_get_type(item) == CMARK_NODE_ITEM &&
	       cmark_node_get_list_tight(cmark_node_parent(item));
}

static void begin_block(struct layout *l)
{
	if (l->gap && l->flow.out->n)
		md_flow_blank(&l->flow);
	l->gap = false;
}

static const char *code_marker(const struct layout *l, int block)
{
	const struct md_options *o = &l->flow.options;

	if (block < 0 || !md_is_command(&l->md->blocks[block]))
		return "  ";
	if (is_done(l, block))
		return o->ascii ? "+ " : "✓ ";
	return o->ascii ? "$ " : "▶ ";
}

/* Where a command is for, if it is not for the terminal at hand. */
static void draw_place(struct layout *l, int block)
{
	const struct md_block *b = block < 0 ? NULL : &l->md->blocks[block];
	char note[64];

	if (!b || (b->host == 1 && b->terminal == 1))
		return;
	if (b->host > 1 && b->terminal > 1)
		snprintf(note, sizeof note, "  (on machine %d, terminal %d)", b->host, b->terminal);
	else if (b->host > 1)
		snprintf(note, sizeof note, "  (on machine %d)", b->host);
	else
		snprintf(note, sizeof note, "  (terminal %d)", b->terminal);
	md_flow_add(&l->flow, note, MD_DIM, -1, false);
}

static void draw_code_block(struct layout *l, cmark_node *node)
{
	int block =
	        cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK ? markdown_node_block(node) : -1;
	const char *text = block < 0 ? cmark_node_get_literal(node) : l->md->blocks[block].text;
	enum md_style style = code_style(l, block);

	l->gap |= cmark_node_previous(node) != NULL;
	begin_block(l);
	md_flow_add(&l->flow, text, style, block, true);
	draw_place(l, block);
	md_flow_end(&l->flow, true, code_marker(l, block), style);
	l->gap = true;
}

static void draw_rule(struct layout *l)
{
	int room;

	begin_block(l);
	room = md_flow_room(&l->flow);
	for (int i = 0; i < room; i++)
		md_flow_add(&l->flow, l->flow.options.ascii ? "-" : "─", MD_DIM, -1, false);
	md_flow_end(&l->flow, true, NULL, MD_PLAIN);
	l->gap = true;
}

static void draw_code(struct layout *l, cmark_node *node)
{
	int block = markdown_node_block(node);
	const char *text = block < 0 ? cmark_node_get_literal(node) : l->md->blocks[block].text;
	enum md_style style = code_style(l, block);
	const char *tick = l->flow.options.plain ? "`" : "";

	md_flow_add(&l->flow, tick, style, block, false);
	md_flow_add(&l->flow, text, style, block, false);
	md_flow_add(&l->flow, tick, style, block, false);
	draw_place(l, block);
}

/* Stars where nothing else would show the emphasis. */
static void draw_stars(struct layout *l, const char *stars)
{
	if (l->flow.options.plain)
		md_flow_add(&l->flow, stars, style_now(l), -1, false);
}

static void draw_address(struct layout *l, cmark_node *link)
{
	const char *url = cmark_node_get_url(link);
	cmark_node *child = cmark_node_first_child(link);
	const char *text = child && !cmark_node_next(child) ? cmark_node_get_literal(child) : NULL;

	if (!url || !*url || *url == '#' || (text && !strcmp(text, url)))
		return;
	md_flow_add(&l->flow, " (", MD_DIM, -1, false);
	md_flow_add(&l->flow, url, MD_DIM, -1, false);
	md_flow_add(&l->flow, ")", MD_DIM, -1, false);
}

static void enter_item(struct layout *l, cmark_node *item)
{
	cmark_node *list = cmark_node_parent(item);
	char marker[24];

	if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST) {
		size_t depth = l->lists < MD_FLOW_DEPTH ? l->lists : MD_FLOW_DEPTH;
		snprintf(marker, sizeof marker, "%d. ", l->numbers[depth - 1]++);
	} else {
		snprintf(marker, sizeof marker, "%s ", l->flow.options.ascii ? "*" : "•");
	}
	md_flow_push(&l->flow, marker);
}

static void enter_list(struct layout *l, cmark_node *list)
{
	if (l->lists++ < MD_FLOW_DEPTH)
		l->numbers[l->lists - 1] = cmark_node_get_list_start(list);
}

static void enter_block(struct layout *l, cmark_node *node)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_BLOCK_QUOTE:
		begin_block(l);
		md_flow_push(&l->flow, NULL);
		l->quote++;
		break;
	case CMARK_NODE_LIST:
		enter_list(l, node);
		break;
	case CMARK_NODE_ITEM:
		enter_item(l, node);
		break;
	case CMARK_NODE_HEADING:
		begin_block(l);
		l->heading++;
		if (l->flow.options.plain)
			for (int i = cmark_node_get_heading_level(node); i >= 0; i--)
				md_flow_add(&l->flow, i ? "#" : " ", MD_HEADING, -1, false);
		break;
	case CMARK_NODE_PARAGRAPH:
		begin_block(l);
		l->table = md_is_table(node);
		break;
	case CMARK_NODE_CODE_BLOCK:
	case CMARK_NODE_HTML_BLOCK:
	case CMARK_NODE_CUSTOM_BLOCK:
		draw_code_block(l, node);
		break;
	case CMARK_NODE_THEMATIC_BREAK:
		draw_rule(l);
		break;
	default:
		break;
	}
}

static void enter_inline(struct layout *l, cmark_node *node)
{
	const char *literal = cmark_node_get_literal(node);

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_CODE:
		draw_code(l, node);
		break;
	case CMARK_NODE_LINEBREAK:
		md_flow_break(&l->flow);
		break;
	case CMARK_NODE_SOFTBREAK:
		if (l->table)
			md_flow_break(&l->flow);
		else
			md_flow_add(&l->flow, " ", style_now(l), -1, false);
		break;
	case CMARK_NODE_STRONG:
		l->strong++;
		draw_stars(l, "**");
		break;
	case CMARK_NODE_EMPH:
		l->emph++;
		draw_stars(l, "*");
		break;
	case CMARK_NODE_LINK:
		l->link++;
		break;
	case CMARK_NODE_IMAGE:
		md_flow_add(&l->flow, "[picture: ", MD_DIM, -1, false);
		if (!cmark_node_first_child(node)) /* its file says more than nothing */
			md_flow_add(&l->flow, cmark_node_get_url(node), MD_DIM, -1, false);
		break;
	default:
		if (literal)
			md_flow_add(&l->flow, literal, style_now(l), -1, false);
		break;
	}
}

static void leave(struct layout *l, cmark_node *node)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_BLOCK_QUOTE:
		md_flow_pop(&l->flow);
		l->quote--;
		l->gap = true;
		break;
	case CMARK_NODE_LIST:
		l->lists--;
		l->gap = !in_tight_item(node);
		break;
	case CMARK_NODE_ITEM:
		md_flow_pop(&l->flow);
		break;
	case CMARK_NODE_HEADING:
	case CMARK_NODE_PARAGRAPH:
		md_flow_end(&l->flow, l->table && md_table_align(&l->flow), NULL, MD_PLAIN);
		l->heading = 0;
		l->table = false;
		l->gap = !in_tight_item(node);
		break;
	case CMARK_NODE_STRONG:
		draw_stars(l, "**");
		l->strong--;
		break;
	case CMARK_NODE_EMPH:
		draw_stars(l, "*");
		l->emph--;
		break;
	case CMARK_NODE_LINK:
		l->link--;
		draw_address(l, node);
		break;
	case CMARK_NODE_IMAGE:
		md_flow_add(&l->flow, "]", MD_DIM, -1, false);
		break;
	default:
		break;
	}
}

static void walk(struct layout *l)
{
	cmark_iter *iter = cmark_iter_new(l->md->root);
	cmark_event_type event;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE && !l->flow.failed) {
		cmark_node *node = cmark_iter_get_node(iter);

		if (event == CMARK_EVENT_EXIT)
			leave(l, node);
		else if (cmark_node_get_type(node) <= CMARK_NODE_LAST_BLOCK)
			enter_block(l, node);
		else
			enter_inline(l, node);
	}
	cmark_iter_free(iter);
}

int markdown_layout(
        const struct markdown *md, const struct md_options *options, struct md_text *ret)
{
	struct layout l = {.md = md, .flow = {.options = *options, .out = ret}};

	*ret = (struct md_text){0};
	if (l.flow.options.width < 1)
		l.flow.options.width = 1;
	walk(&l);
	md_flow_release(&l.flow);
	if (l.flow.failed) {
		md_text_release(ret);
		return -ENOMEM;
	}
	return 0;
}

void md_text_release(struct md_text *t)
{
	free(t->lines);
	arena_release(&t->arena);
	*t = (struct md_text){0};
}

void md_text_write(const struct md_text *t, bool colour, struct buf *out)
{
	static const char *const sgr[MD_STYLES] = {
	        [MD_HEADING] = "1",
	        [MD_STRONG] = "1",
	        [MD_EMPH] = "3",
	        [MD_CODE] = "36",
	        [MD_COMMAND] = "1;32",
	        [MD_COMMAND_DONE] = "32",
	        [MD_LINK] = "4",
	        [MD_QUOTE] = "3",
	        [MD_DIM] = "2",
	};

	for (size_t i = 0; i < t->n; i++) {
		for (size_t j = 0; j < t->lines[i].n; j++) {
			const struct md_span *span = &t->lines[i].spans[j];
			const char *code = colour ? sgr[span->style] : NULL;

			if (code)
				buf_addf(out, "\033[%sm", code);
			buf_add(out, span->text);
			if (code)
				buf_add(out, "\033[0m");
		}
		buf_addc(out, '\n');
	}
}
