#include "shell/stage/board.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/diagram/current.h"
#include "shell/diagram/edit.h"
#include "shell/stage/board_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

int board_new(struct board **ret, struct error *err)
{
	struct board *b = calloc(1, sizeof(*b));

	if (!b)
		return error_set(err, ENOMEM, "open", "the diagram", NULL);
	b->events = -1;
	*ret = b;
	return 0;
}

void board_free(struct board *b)
{
	if (!b)
		return;
	current_release(&b->current);
	if (b->events >= 0)
		close(b->events);
	free(b);
}

/* ---- the file ---- */

/* Nobody who never looks at a diagram has a directory made for it. */
static void watch(struct board *b)
{
	auto_free char *directory = NULL;
	auto_close fd = -1;

	if (b->events >= 0 || keep_directory(&directory, NULL) < 0)
		return;
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd < 0 ||
	        inotify_add_watch(fd, directory, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE) < 0)
		return; /* then it is read again with each look at the machine */
	b->events = steal_fd(&fd);
}

size_t board_pollfds(const struct board *b, struct pollfd *fds, size_t n)
{
	if (b->events < 0 || !n)
		return 0;
	fds[0] = (struct pollfd){.fd = b->events, .events = POLLIN};
	return 1;
}

bool board_drain(struct board *b)
{
	char events[4096];
	bool any = false;

	while (b->events >= 0 && read(b->events, events, sizeof(events)) > 0)
		any = true;
	return any;
}

/* A page about another task, or another one chosen at the prompt. */
static int turn(struct board *b, const char *task, struct error *err)
{
	char name[SKETCH_NAME];
	struct current fresh;
	int r;

	if (!task || !*task) {
		keep_task_read(name);
		task = name;
	}
	if (b->open &&
	        !strcmp(b->current.task->name, *task ? task : b->current.rules->tasks[0].name))
		return 0;
	r = current_open(task, &fresh, err);
	if (r < 0)
		return r;
	current_release(&b->current);
	b->current = fresh;
	b->open = true;
	board_ask(b, ASK_NOTHING);
	return 0;
}

const struct diagram_picture *board_picture(
        struct board *b, const char *task, const struct model *now)
{
	struct error err = {0};
	int r;

	watch(b);
	r = turn(b, task, &err);
	if (r == 0)
		r = current_read(&b->current, now, &err);
	if (r < 0)
		snprintf(b->note, sizeof(b->note), "%.120s: %.120s", err.object, err.cause);
	return r < 0 ? NULL : &b->current.picture.shown;
}

/* ---- what is told ---- */

static const struct diagram_part_rule *part_of(const struct board *b, const char *name)
{
	ssize_t at = b->open ? diagram_part_named(b->current.rules, name) : -1;

	return at < 0 ? NULL : &b->current.rules->parts[at];
}

static const char *title_of(const struct board *b, const char *name)
{
	const struct diagram_part_rule *part = part_of(b, name);

	return part ? part->title : name;
}

/* Why what is focused is wrong; "" = it is not, or was not looked at. */
static const char *reason_of(const struct board *b, const char *focus)
{
	const struct diagram_picture *p = &b->current.picture.shown;

	for (size_t i = 0; b->open && i < p->n_parts; i++)
		if (!strncmp(focus, "part:", 5) && !strcmp(focus + 5, p->parts[i].name))
			return p->parts[i].reason;
	return "";
}

static void say(const struct board *b, const char *focus, struct buf *left)
{
	const char *reason = reason_of(b, focus);

	if (b->note[0])
		buf_addf(left, " %s", b->note);
	else if (b->graded && b->open)
		buf_addf(left, " %s: PgDn tells all of it", b->current.picture.shown.score);
	else if (*reason)
		buf_addf(left, " %s %s", title_of(b, focus + 5), reason);
	else
		buf_addf(left, " diagram %s", b->open ? b->current.task->name : "");
}

void board_bar(
        const struct board *b, const char *focus, bool ascii, struct buf *left, struct buf *right)
{
	const char *cursor = ascii ? "_" : "▏";

	switch (b->ask) {
	case ASK_PART:
		buf_addf(left, " add: %s%s", b->text, cursor);
		buf_add(right, "Tab next  Enter takes it  Esc ends ");
		return;
	case ASK_BAND:
		buf_addf(left, " %s stands in: y you  u user space  k kernel  o another host",
		        title_of(b, b->from));
		buf_add(right, "Esc ends ");
		return;
	case ASK_TARGET:
		buf_addf(left, " from %s to …: move there", title_of(b, b->from));
		buf_add(right, "Enter connects  Esc ends ");
		return;
	case ASK_LABEL:
		buf_addf(left, " %s %s %s, by which call? %s%s", title_of(b, b->from),
		        ascii ? "->" : "▶", title_of(b, b->to), b->text, cursor);
		buf_add(right, "Enter ");
		return;
	case ASK_NOTHING:
		break;
	}
	say(b, focus, left);
	buf_add(right, "a add  c connect  l label  d delete  u undo  g grade  ? keys ");
}

void board_choices(const struct board *b, struct buf *out)
{
	size_t n = 0;

	if (b->ask != ASK_PART || !b->open)
		return;
	for (size_t i = 0; i < b->current.rules->n_parts; i++) {
		const struct diagram_part_rule *p = &b->current.rules->parts[i];

		if (!board_offers(b, p))
			continue;
		buf_addf(out, n == b->choice ? "%s[%s]" : "%s %s ", n ? " " : "", p->title);
		n++;
	}
	if (!n)
		buf_add(out, "No part is called so, or it stands in the diagram already.");
}

void board_help(struct buf *out)
{
	buf_add(out, "a                 add a part: type some of its name, Enter, then its band\n"
	             "c  Enter          connect: an arrow from here to where you move\n"
	             "l                 the label of an arrow: the call\n"
	             "b                 another band for a part\n"
	             "< >               a part earlier or later in its band\n"
	             "d                 delete a part with its arrows, or an arrow\n"
	             "u U               undo, redo\n"
	             "g                 grade it\n");
}
