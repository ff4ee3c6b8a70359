#include "shell/transfer_show.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/deadline.h"
#include "shell/size_text.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

enum { BAR = 20, SHORT_DIGEST = 19, TEXT = 24 };

struct transfer_show {
	bool quiet, terminal, utf8;
	const char *moved, *there;
	deadline_ms *began; /* of each item, 0: not yet */
	bool *told;         /* its end was said */
	size_t n;
	deadline_ms first; /* when the first began */
	int lines;         /* of the picture on the terminal */
};

/* --- text --- */

static void time_text(double seconds, char ret[TEXT])
{
	long s = seconds < 0 || seconds > 359999 ? 359999 : (long)(seconds + 0.5);

	if (s >= 3600)
		snprintf(ret, TEXT, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(ret, TEXT, "%ld:%02ld", s / 60, s % 60);
}

static const char *how_text(const struct transfer_show *s, const struct transfer_item *item)
{
	switch (item->how) {
	case TRANSFER_PRESENT:
		return s->there;
	case TRANSFER_MOUNTED:
		return "mounted from another repository";
	case TRANSFER_RESUMED:
		return "the rest fetched";
	default:
		return s->moved;
	}
}

static void add_bar(const struct transfer_show *s, uint64_t done, uint64_t size, struct buf *out)
{
	size_t full = size ? (size_t)((double)done / (double)size * BAR) : BAR;

	for (size_t i = 0; i < BAR; i++)
		if (s->utf8)
			buf_add(out, i < full ? "━" : "─");
		else
			buf_addc(out, i < full ? '#' : '-');
}

/* "5.1 MB/s 0:06" */
static void add_speed(uint64_t moved, uint64_t left, deadline_ms since, struct buf *out)
{
	char rate[SIZE_TEXT], rest[TEXT];
	double seconds = (double)(deadline_in(0) - since) / 1000;
	double speed;

	if (since == 0 || seconds < 0.5 || moved == 0)
		return;
	speed = (double)moved / seconds;
	size_text((uint64_t)speed, rate);
	time_text((double)left / speed, rest);
	buf_addf(out, "  %s/s  %s left", rate, rest);
}

static void add_item(struct transfer_show *s, const struct transfer_item *item, deadline_ms began,
        int width, struct buf *out)
{
	char done[SIZE_TEXT], size[SIZE_TEXT];

	size_text(item->done, done);
	size_text(item->size, size);
	buf_addf(out, "%-9s ", item->name);
	if (width >= 100)
		buf_addf(out, "%.*s  ", SHORT_DIGEST, item->digest);
	switch (item->state) {
	case TRANSFER_DONE:
		buf_addf(out, "%10s  %s", size, how_text(s, item));
		break;
	case TRANSFER_MOVING:
		add_bar(s, item->done, item->size, out);
		buf_addf(out, " %s of %s", done, size);
		add_speed(item->moved, item->size - item->done, began, out);
		break;
	case TRANSFER_SHARED:
		buf_addf(out, "%10s  another process is fetching it", size);
		break;
	default:
		buf_addf(out, "%10s  waiting", size);
	}
}

static void add_total(
        struct transfer_show *s, const struct transfer_item *items, size_t n, struct buf *out)
{
	uint64_t done = 0, size = 0, moved = 0;
	char done_text[SIZE_TEXT], whole_text[SIZE_TEXT];

	for (size_t i = 0; i < n; i++) {
		done += items[i].done;
		size += items[i].size;
		moved += items[i].moved;
	}
	size_text(done, done_text);
	size_text(size, whole_text);
	buf_addf(out, "%-9s ", "all");
	add_bar(s, done, size, out);
	buf_addf(out, " %s of %s", done_text, whole_text);
	if (done < size)
		add_speed(moved, size - done, s->first, out);
}

/* --- on a terminal --- */

static void window(int *ret_rows, int *ret_columns)
{
	struct winsize w = {0};

	ioctl(STDERR_FILENO, TIOCGWINSZ, &w);
	*ret_rows = w.ws_row > 0 ? w.ws_row : 24;
	*ret_columns = w.ws_col > 0 ? w.ws_col : 80;
}

/* A line that is longer than the terminal would become two. Every character is one column wide. */
static void put_line(const struct buf *line, int columns)
{
	const char *p = buf_text(line);
	int column = 0;

	for (; *p && (column < columns - 1 || ((unsigned char)*p & 0xc0) == 0x80); p++) {
		column += ((unsigned char)*p & 0xc0) != 0x80;
		fputc(*p, stderr);
	}
	fputs("\033[K\n", stderr);
}

static void erase(struct transfer_show *s)
{
	if (s->lines > 0)
		fprintf(stderr, "\033[%dA\033[J", s->lines);
	s->lines = 0;
}

/* When there are more than fit, those that move are what is worth a line. */
static bool is_shown(const struct transfer_item *item, bool all)
{
	return all || item->state == TRANSFER_MOVING || item->state == TRANSFER_SHARED;
}

static void draw(struct transfer_show *s, const struct transfer_item *items, size_t n)
{
	int rows, columns, lines = 0;
	auto_buf line = BUF_INIT;
	bool all;

	window(&rows, &columns);
	all = n + 2 <= (size_t)rows;
	if (s->lines > 0)
		fprintf(stderr, "\033[%dA", s->lines);
	for (size_t i = 0; i < n && lines + 2 < rows; i++) {
		if (!is_shown(&items[i], all))
			continue;
		buf_reset(&line);
		add_item(s, &items[i], s->began[i], columns, &line);
		put_line(&line, columns);
		lines++;
	}
	buf_reset(&line);
	add_total(s, items, n, &line);
	put_line(&line, columns);
	fputs("\033[J", stderr);
	fflush(stderr);
	s->lines = lines + 1;
}

/* --- elsewhere --- */

static void tell(struct transfer_show *s, const struct transfer_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char size[SIZE_TEXT];
		if (items[i].state != TRANSFER_DONE || s->told[i])
			continue;
		s->told[i] = true;
		size_text(items[i].size, size);
		fprintf(stderr, "%s: %.*s, %s, %s\n", items[i].name, SHORT_DIGEST, items[i].digest,
		        size, how_text(s, &items[i]));
	}
}

/* --- what is called --- */

static bool grow(struct transfer_show *s, size_t n)
{
	if (n <= s->n)
		return true;
	free(s->began);
	free(s->told);
	s->began = calloc(n, sizeof *s->began);
	s->told = calloc(n, sizeof *s->told);
	s->n = s->began && s->told ? n : 0;
	return s->n == n;
}

static void on_changed(void *data, const struct transfer_item *items, size_t n)
{
	struct transfer_show *s = data;

	if (!grow(s, n))
		return;
	for (size_t i = 0; i < n; i++)
		if (items[i].state == TRANSFER_MOVING && s->began[i] == 0) {
			s->began[i] = deadline_in(0);
			s->first = s->first ? s->first : s->began[i];
		}
	if (s->terminal)
		draw(s, items, n);
	else
		tell(s, items, n);
}

static void on_note(void *data, const char *text)
{
	struct transfer_show *s = data;

	if (s->terminal)
		erase(s);
	/* Some of it came over the line. */
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		fputc(*p < ' ' || *p == 0x7f ? '?' : *p, stderr);
	fputc('\n', stderr);
}

struct transfer_show *transfer_show_new(bool quiet, const char *moved, const char *there)
{
	struct transfer_show *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->quiet = quiet;
	s->terminal = isatty(STDERR_FILENO);
	s->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	s->moved = moved;
	s->there = there;
	return s;
}

struct progress transfer_show_progress(struct transfer_show *s)
{
	if (!s || s->quiet)
		return (struct progress){0};
	return (struct progress){.changed = on_changed, .note = on_note, .data = s};
}

void transfer_show_free(struct transfer_show *s)
{
	if (!s)
		return;
	free(s->began);
	free(s->told);
	free(s);
}
