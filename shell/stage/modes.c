#include "shell/stage/modes.h"

/* Cursor keys, the three ways to another screen, pasting in brackets, three ways to be told of the
 * mouse, and the one in which rows and columns may have any number. */
static const int known[] = {1, 47, 1047, 1049, 2004, 1000, 1002, 1003, 1006};

enum {
	KNOWN = sizeof(known) / sizeof(*known),
	SCREEN_BITS = 1 << 1 | 1 << 2 | 1 << 3,
	MOUSE_BITS = 1 << 5 | 1 << 6 | 1 << 7
};

static void apply(struct modes *m, bool on)
{
	for (int i = 0; i < m->n; i++) {
		if (m->numbers[i] == 25)
			m->hidden = !on;
		for (int k = 0; k < KNOWN; k++) {
			if (m->numbers[i] != known[k])
				continue;
			/* Any of the three ways leads back. */
			if (1 << k & SCREEN_BITS)
				m->set &= ~(unsigned)SCREEN_BITS;
			m->set = on ? m->set | 1u << k : m->set & ~(1u << k);
		}
	}
}

static void feed_private(struct modes *m, char c)
{
	if (c >= '0' && c <= '9') {
		int *number = &m->numbers[m->n - 1];

		if (*number < 100000)
			*number = *number * 10 + (c - '0');
		return;
	}
	if (c == ';' && m->n < MODES_NUMBERS) {
		m->numbers[m->n++] = 0;
		return;
	}
	if (c == 'h' || c == 'l')
		apply(m, c == 'h');
	m->at = MODES_TEXT;
}

void modes_feed(struct modes *m, char c)
{
	if (c == '\033') {
		m->at = MODES_ESCAPE;
		return;
	}
	switch (m->at) {
	case MODES_TEXT:
		break;
	case MODES_ESCAPE:
		if (c == 'c') /* reset */
			*m = (struct modes){0};
		m->at = c == '[' ? MODES_BRACKET : MODES_TEXT;
		break;
	case MODES_BRACKET:
		m->at = c == '?' ? MODES_PRIVATE : MODES_TEXT;
		m->n = 1;
		m->numbers[0] = 0;
		break;
	case MODES_PRIVATE:
		feed_private(m, c);
		break;
	}
}

bool modes_full_screen(const struct modes *m)
{
	return m->set & SCREEN_BITS;
}

bool modes_mouse(const struct modes *m)
{
	return m->set & MOUSE_BITS;
}

bool modes_cursor_visible(const struct modes *m)
{
	return !m->hidden;
}

void modes_replay(const struct modes *m, struct buf *out)
{
	for (int k = 0; k < KNOWN; k++)
		if (m->set & 1u << k)
			buf_addf(out, "\033[?%dh", known[k]);
	if (m->hidden)
		buf_add(out, "\033[?25l");
}
