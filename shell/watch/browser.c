#include "shell/watch/browser.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/scroll_keys.h"
#include "shell/watch/explain.h"

#include <stdio.h>
#include <string.h>

enum { TITLE_ROWS = 1, BAR_ROWS = 1 };

static const char *const help[] = {
        "Up Down j k      an event up, down",
        "PgUp PgDn        a page; Home End g G first, last",
        "Enter            the event in full, and what it is for",
        "1 2 3 4          level: api, processes, kernel, all",
        "+ -              a level more, less",
        "/                look for words; n N the next, the one before",
        "^L               draw anew",
        "q Esc            close; end",
};

enum { HELP_LINES = sizeof help / sizeof *help };

void watch_browser_init(struct watch_browser *b, const struct watch_recording *r,
        enum watch_level level, bool ascii)
{
	*b = (struct watch_browser){
	        .recording = r, .level = level, .ascii = ascii, .stale = true, .height = 1};
}

void watch_browser_release(struct watch_browser *b)
{
	arena_release(&b->arena);
	*b = (struct watch_browser){0};
}

/* ---- the lifelines ---- */

static size_t count(const struct watch_browser *b)
{
	return b->lifelines.sequence.n_messages;
}

/* Anew, with the cursor on the same event or the one after it. */
static void make(struct watch_browser *b, int width)
{
	struct arena arena = {0};
	struct lifelines l;
	size_t event = count(b) ? b->lifelines.arrows[b->cursor].event : 0;
	int room = width > LIFELINES_MARGIN ? width - LIFELINES_MARGIN : 1;

	if (!b->stale && b->width == width)
		return;
	if (lifelines_of(b->recording, b->level, room, &arena, &l) < 0) {
		arena_release(&arena);
		snprintf(b->note, sizeof b->note, "There is no memory left for this.");
		return;
	}
	arena_release(&b->arena);
	b->arena = arena;
	b->lifelines = l;
	b->width = width;
	b->stale = false;
	b->cursor = lifelines_find(&b->lifelines, event);
}

static void keep_inside(struct watch_browser *b)
{
	size_t n = count(b), height = b->height > 0 ? (size_t)b->height : 1;

	if (b->cursor >= n)
		b->cursor = n ? n - 1 : 0;
	if (b->cursor < b->top)
		b->top = b->cursor;
	if (b->cursor >= b->top + height)
		b->top = b->cursor - height + 1;
	if (b->top + height > n)
		b->top = n > height ? n - height : 0;
}

/* ---- keys ---- */

static void choose_level(struct watch_browser *b, int level)
{
	if (level < 0 || level >= WATCH_LEVELS)
		return;
	b->level = (enum watch_level)level;
	b->stale = true;
}

static bool contains(const struct watch_browser *b, size_t i)
{
	return strcasestr(b->lifelines.sequence.messages[i].text, b->search) != NULL;
}

/* From the cursor on or back, round the end; with `here` the cursor's own counts first. */
static void look_for(struct watch_browser *b, bool back, bool here)
{
	size_t n = count(b);

	for (size_t k = !here; k < n + !here && b->search[0]; k++) {
		size_t i = back ? (b->cursor + n - k % n) % n : (b->cursor + k) % n;
		if (contains(b, i)) {
			b->cursor = i;
			return;
		}
	}
	if (b->search[0])
		snprintf(b->note, sizeof b->note, "Nothing here has \"%.60s\".", b->search);
}

static void type(struct watch_browser *b, const struct screen_key *key)
{
	size_t n = strlen(b->search);
	char text[5];

	if (key->kind == KEY_KIND_ENTER || key->kind == KEY_KIND_ESCAPE) {
		b->typing = false;
	} else if (key->kind == KEY_KIND_BACKSPACE) {
		while (n > 0 && (b->search[--n] & 0xc0) == 0x80)
			;
		b->search[n] = '\0';
	} else if (key->kind == KEY_KIND_CHARACTER && key->character >= ' ') {
		size_t length = glyph_encode(key->character, text);
		if (n + length < sizeof b->search)
			memcpy(b->search + n, text, length + 1);
	}
	if (key->kind != KEY_KIND_ESCAPE)
		look_for(b, false, true);
}

/* As in a pager, the space bar pages as well. */
static long distance(const struct screen_key *key, int height)
{
	struct screen_key page = {.kind = KEY_KIND_PAGE_DOWN};

	if (key->kind == KEY_KIND_CHARACTER && key->character == ' ')
		key = &page;
	return scroll_distance(key, height);
}

static void letter(struct watch_browser *b, uint32_t c)
{
	switch (c) {
	case '1':
	case '2':
	case '3':
	case '4':
		choose_level(b, (int)(c - '1'));
		break;
	case '+':
	case '-':
		choose_level(b, (int)b->level + (c == '+' ? 1 : -1));
		break;
	case '/':
		b->typing = true;
		b->search[0] = '\0';
		break;
	case 'n':
	case 'N':
		look_for(b, c == 'N', false);
		break;
	case '?':
		b->over = WATCH_OVER_HELP;
		b->over_top = 0;
		break;
	case 'q':
		b->ended = true;
		break;
	default:
		break;
	}
}

static void over_key(struct watch_browser *b, const struct screen_key *key)
{
	long lines = distance(key, b->height);

	if (!lines) {
		b->over = WATCH_OVER_NOTHING;
		return;
	}
	if (lines < 0)
		b->over_top = (size_t)-lines < b->over_top ? b->over_top - (size_t)-lines : 0;
	else
		b->over_top += (size_t)lines; /* drawing keeps it inside */
}

void watch_browser_key(struct watch_browser *b, const struct screen_key *key)
{
	long lines = distance(key, b->height);

	b->note[0] = '\0';
	if (b->typing) {
		type(b, key);
	} else if (b->over) {
		over_key(b, key);
	} else if (lines < 0) {
		b->cursor = (size_t)-lines < b->cursor ? b->cursor - (size_t)-lines : 0;
	} else if (lines > 0) {
		b->cursor += (size_t)lines;
	} else if (key->kind == KEY_KIND_ENTER && count(b)) {
		b->over = WATCH_OVER_EVENT;
		b->over_top = 0;
	} else if (key->kind == KEY_KIND_ESCAPE) {
		b->ended = true;
	} else if (key->kind == KEY_KIND_CHARACTER) {
		letter(b, key->character);
	}
	keep_inside(b);
}

/* ---- how it looks ---- */

static void add(struct scene *s, int x, int y, int width, enum scene_role role, const char *text)
{
	if (width > 0 && *text)
		scene_add_text(s, &(struct scene_text){x, y, width, text, role, MARK_NONE});
}

void watch_browser_event(const struct watch_browser *b, struct buf *out)
{
	const struct watch_arrow *arrow = &b->lifelines.arrows[b->cursor];
	const struct sequence_message *m = &b->lifelines.sequence.messages[b->cursor];
	const struct sequence_actor *actors = b->lifelines.sequence.actors;
	const struct watch_event *e = &b->recording->events[arrow->event];

	if (e->kind == WATCH_CALL) {
		buf_addf(out, "%s(%s)", e->name, e->text);
		if (*e->failure)
			buf_addf(out, " = -1 %s\n", e->failure);
		else
			buf_addf(out, " = %lld\n", (long long)e->result);
	} else {
		buf_addf(out, "%s\n", m->text);
	}
	if (arrow->count > 1)
		buf_addf(out, "%zu of this kind, one after the other; this is the first.\n",
		        arrow->count);
	buf_addf(out, "%s%s%s, process %d", actors[m->from].name, m->from == m->to ? "" : " to ",
	        m->from == m->to ? "" : actors[m->to].name, (int)e->pid);
	if (e->tid && e->tid != e->pid)
		buf_addf(out, ", thread %d", (int)e->tid);
	buf_addf(out, ", at %s", m->when + strspn(m->when, " "));
	if (e->kind == WATCH_CALL)
		buf_addf(out, ", for %llu us", (unsigned long long)e->us);
	buf_addc(out, '\n');
	if (e->kind == WATCH_IN && *e->text)
		buf_addf(out, "Namespaces: %s\n", e->text);
	if (e->kind == WATCH_API && *e->to)
		buf_addf(out, "%s %s\n", e->heard ? "From" : "To", e->to);
	buf_addc(out, '\n');
	watch_explain(e, out);
	watch_explain_inferred(&arrow->inferred, out);
}

/* Lines of a text, broken at its blanks. Returns how many there are. */
static size_t add_lines(struct watch_browser *b, struct scene *s, const char *text, int width,
        int height, bool draw)
{
	size_t line = 0;

	while (*text) {
		size_t whole = strcspn(text, "\n"), rest = 0, n;
		const char *part = scene_format(s, "%.*s", (int)whole, text);

		do {
			n = text_break(part, width, &rest);
			if (draw && line >= b->over_top && line < b->over_top + (size_t)height)
				add(s, 2, TITLE_ROWS + 1 + (int)(line - b->over_top), width,
				        line ? SCENE_PLAIN : SCENE_TITLE,
				        scene_clean(s, scene_format(s, "%.*s", (int)n, part)));
			part += rest ? rest : n;
			line++;
		} while (*part && (rest || n));
		text += whole + (text[whole] == '\n');
	}
	return line;
}

static void draw_over(struct watch_browser *b, struct scene *s)
{
	auto_buf text = BUF_INIT;
	int height = s->height - TITLE_ROWS - BAR_ROWS - 2, width = s->width - 4;
	size_t lines;

	if (height < 1 || width < 1)
		return;
	if (b->over == WATCH_OVER_HELP)
		for (size_t i = 0; i < HELP_LINES; i++)
			buf_addf(&text, "%s\n", help[i]);
	else
		watch_browser_event(b, &text);
	lines = add_lines(b, s, buf_text(&text), width, height, false);
	if (b->over_top + (size_t)height > lines)
		b->over_top = lines > (size_t)height ? lines - (size_t)height : 0;
	scene_add_box(s, &(struct scene_box){0, TITLE_ROWS, s->width, height + 2,
	                         b->over == WATCH_OVER_HELP ? "keys" : "the event", SCENE_TITLE,
	                         MARK_NONE, "over", 1});
	add_lines(b, s, buf_text(&text), width, height, true);
}

static void draw_sequence(struct watch_browser *b, struct scene *s)
{
	struct sequence q = b->lifelines.sequence;
	int rows = s->height - TITLE_ROWS - BAR_ROWS;

	b->height = (int)sequence_room(&q, s->width, rows);
	keep_inside(b);
	if (rows < 1)
		return;
	if (!q.n_messages) {
		add(s, 0, TITLE_ROWS, s->width, SCENE_DIM,
		        "Nothing on this level: press + for more.");
		return;
	}
	q.chosen = &q.messages[b->cursor];
	q.messages += b->top;
	q.n_messages -= b->top;
	if (q.n_messages > (size_t)b->height)
		q.n_messages = (size_t)b->height;
	sequence_draw(s, &q, 0, TITLE_ROWS, s->width, rows);
}

static void draw_bar(const struct watch_browser *b, struct scene *s)
{
	const char *text;

	if (b->typing)
		text = scene_format(s, "/%s", scene_clean(s, b->search));
	else if (b->note[0])
		text = scene_clean(s, b->note);
	else if (b->over)
		text = "any key closes this";
	else
		text = scene_format(s,
		        "%zu/%zu  ? keys  Enter what it is  1 2 3 4 + - level  / search  "
		        "q end",
		        count(b) ? b->cursor + 1 : 0, count(b));
	add(s, 0, s->height - 1, s->width, b->note[0] || b->typing ? SCENE_YOU : SCENE_DIM, text);
}

void watch_browser_draw(struct watch_browser *b, struct scene *s)
{
	make(b, s->width);
	add(s, 0, 0, s->width, SCENE_TITLE,
	        scene_format(s, "watch: %s   level %s", scene_clean(s, b->recording->command),
	                watch_level_names[b->level]));
	if (b->over)
		draw_over(b, s);
	else
		draw_sequence(b, s);
	if (s->height > TITLE_ROWS)
		draw_bar(b, s);
}
