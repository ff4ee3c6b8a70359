/* Unix domain sockets while connections are found (unix(7)). Internal to kernel/observe. */
#pragma once

#include "kernel/observe/reading.h"

/* A connected stream, told by the end that accepted it: only that one has a name, the one on which
 * was listened. */
struct socket_pair {
	uint64_t from, to; /* inodes of who connected, who accepted; `from` 0 = not told */
	const char *name;  /* "/run/docker.sock", "@abstract"; the model's */
};

/* A stream socket with a name, as it is told. */
struct socket_told {
	uint64_t inode, peer; /* peer 0 = not told */
	const char *name;
	bool listening; /* it is listened on; else it is connected */
};

struct socket_list {
	struct socket_told *told;
	size_t n_told, room;
	struct socket_pair *all; /* by `to` */
	size_t n;
};

void socket_list_release(struct socket_list *l);
/* Copies *told; beyond a bound it is left out. 0 or -ENOMEM. */
int socket_list_tell(struct socket_list *l, const struct socket_told *told);
/* Makes the pairs of what was told. An accepted socket has the name on which was listened; who
 * connects mostly has none, but may (sd-bus binds before it connects): so names that are listened
 * on decide. 0 or -ENOMEM. */
int socket_list_pair(struct socket_list *l);
/* The name of a socket address of `n` bytes as a text of the model's: a path, or '@' and the name
 * of an abstract one with its NULs as '@'. "" when it has none. */
const char *socket_name(struct reading *r, const char *bytes, size_t n);

/* sockets_diag.c: asks the kernel, sock_diag(7), for our network namespace. Negative when it can
 * not be asked; then nothing is told. */
int sockets_diag(struct reading *r, struct socket_list *l);
/* sockets_proc.c: out of proc/net/unix, which does not tell peers. */
int sockets_proc(struct reading *r, struct socket_list *l);
