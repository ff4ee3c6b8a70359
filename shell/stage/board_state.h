/* What the files of the board share: board.c (its file, what it tells), board_keys.c. For nobody
 * else. */
#pragma once

#include "shell/diagram/current.h"
#include "shell/stage/board.h"

/* What the person is in the middle of. */
enum board_ask {
	ASK_NOTHING,
	ASK_PART,   /* which one to add; the text is some of its name */
	ASK_BAND,   /* of `from` */
	ASK_TARGET, /* of an arrow from `from` */
	ASK_LABEL,  /* of the arrow from `from` to `to`; the text is it */
};

struct board {
	struct current current;
	bool open;
	int events; /* inotify(7) on the directory of diagrams, -1 = not yet */
	enum board_ask ask;
	char from[SKETCH_NAME], to[SKETCH_NAME];
	char text[SKETCH_LABEL];
	size_t choice; /* of the parts that are offered */
	char note[256];
	bool graded; /* a moment ago: the score is told */
};

/* Begins to ask, with an empty text. */
void board_ask(struct board *b, enum board_ask ask);
/* Whether a part is among those that may be added now. */
bool board_offers(const struct board *b, const struct diagram_part_rule *part);
