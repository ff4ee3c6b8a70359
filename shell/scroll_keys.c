#include "shell/scroll_keys.h"

enum { CONTROL = '@' };

long scroll_distance(const struct screen_key *key, int height)
{
	const long page = height > 1 ? height - 1 : 1, far = 1L << 40;

	switch (key->kind) {
	case KEY_KIND_UP:
		return -1;
	case KEY_KIND_DOWN:
		return 1;
	case KEY_KIND_PAGE_UP:
		return -page;
	case KEY_KIND_PAGE_DOWN:
		return page;
	case KEY_KIND_HOME:
		return -far;
	case KEY_KIND_END:
		return far;
	case KEY_KIND_CHARACTER:
		break;
	default:
		return 0;
	}
	switch (key->character) {
	case 'k':
		return -1;
	case 'j':
		return 1;
	case 'g':
		return -far;
	case 'G':
		return far;
	case 'B' - CONTROL:
		return -page;
	case 'F' - CONTROL:
		return page;
	case 'U' - CONTROL:
		return -(page / 2 + 1);
	case 'D' - CONTROL:
		return page / 2 + 1;
	default:
		return 0;
	}
}
