#include "kernel/observe/socket_list.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <string.h>

void socket_list_release(struct socket_list *l)
{
	free(l->told);
	free(l->all);
	*l = (struct socket_list){0};
}

int socket_list_tell(struct socket_list *l, const struct socket_told *told)
{
	if (l->n_told == READING_MAX_SOCKETS)
		return 0;
	if (l->n_told == l->room) {
		size_t room = l->room ? l->room * 2 : 256;
		struct socket_told *all = reallocarray(l->told, room, sizeof *all);
		if (!all)
			return -ENOMEM;
		l->told = all;
		l->room = room;
	}
	l->told[l->n_told++] = *told;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct socket_told *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : y->listening - x->listening; /* who listens is the first */
}

static int by_inode(const void *a, const void *b)
{
	const struct socket_told *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static int by_accepted(const void *a, const void *b)
{
	const struct socket_pair *x = a, *y = b;

	return (x->to > y->to) - (x->to < y->to);
}

int socket_list_pair(struct socket_list *l)
{
	bool listened = false;
	size_t kept = 0;

	if (!l->n_told)
		return 0;
	l->all = calloc(l->n_told, sizeof *l->all);
	if (!l->all)
		return -ENOMEM;
	/* Who listens is left out; of the others `listening` becomes: their name is listened on. */
	qsort(l->told, l->n_told, sizeof *l->told, by_name);
	for (size_t i = 0; i < l->n_told; i++) {
		struct socket_told told = l->told[i];
		bool same = i && !strcmp(told.name, l->told[i - 1].name);

		listened = told.listening || (same && listened);
		if (told.listening)
			continue;
		told.listening = listened;
		l->told[kept++] = told;
	}
	l->n_told = kept;
	qsort(l->told, l->n_told, sizeof *l->told, by_inode);
	for (size_t i = 0; i < l->n_told; i++) {
		const struct socket_told *t = &l->told[i], key = {.inode = t->peer};
		const struct socket_told *peer =
		        t->peer ? bsearch(&key, l->told, l->n_told, sizeof *l->told, by_inode)
		                : NULL;

		if (!t->listening && (peer || !t->peer))
			continue; /* the other end was accepted, or nobody knows which was */
		if (!peer || !peer->listening)
			l->all[l->n++] = (struct socket_pair){t->peer, t->inode, t->name};
	}
	qsort(l->all, l->n, sizeof *l->all, by_accepted);
	return 0;
}

const char *socket_name(struct reading *r, const char *bytes, size_t n)
{
	auto_buf name = BUF_INIT;

	if (!n || bytes[0]) /* a path, whose NUL may or may not be told */
		return reading_string(r, bytes, strnlen(bytes, n));
	for (size_t i = 0; i < n; i++)
		buf_addc(&name, bytes[i] ? bytes[i] : '@');
	return reading_string(r, buf_text(&name), name.len);
}
