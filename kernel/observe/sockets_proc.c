/* Connected Unix domain sockets out of proc/net/unix (proc(5)), for a kernel without sock_diag and
 * for recorded trees. It names the accepted end and not who its peer is: that is told by the file
 * net/unix_peers of a recorded tree, one pair of inodes a line (tests/record.sh), which no kernel
 * has. Without it we know that somebody is connected, and not who. */
#include "kernel/observe/socket_list.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* SS_CONNECTED in include/uapi/linux/net.h; __SO_ACCEPTCON there: it is listened on. */
enum { CONNECTED = 3, LISTENING = 1 << 16 };

struct peer {
	uint64_t inode, peer;
};

static int by_inode(const void *a, const void *b)
{
	const struct peer *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static size_t read_peers(struct reading *r, struct peer **ret)
{
	auto_buf text = BUF_INIT;
	struct peer *all;
	char *at, *line;
	size_t n = 0;

	*ret = NULL;
	if (r->live || file_read_at(r->proc, "net/unix_peers", READING_TABLE_BYTES, &text) < 0 ||
	        !(all = calloc(READING_MAX_SOCKETS, sizeof *all)))
		return 0;
	at = text.data;
	while ((line = strsep(&at, "\n")) && n < READING_MAX_SOCKETS)
		n += sscanf(line, "%" SCNu64 " %" SCNu64, &all[n].inode, &all[n].peer) == 2;
	qsort(all, n, sizeof *all, by_inode);
	*ret = all;
	return n;
}

/* "0000000000000000: 00000003 00000000 00000000 0001 03 21177 /run/docker.sock": reference count,
 * protocol, flags, type, state, inode, name. */
static int read_line(struct reading *r, const char *line, const struct peer *peers, size_t n,
        struct socket_list *l)
{
	unsigned flags, type, state;
	struct peer key = {0};
	const struct peer *found;
	struct socket_told told;
	int end = 0;

	if (sscanf(line, "%*[0-9a-f]: %*x %*x %x %x %x %" SCNu64 " %n", &flags, &type, &state,
	            &key.inode, &end) != 4 ||
	        !end || type == SOCK_DGRAM || (state != CONNECTED && !(flags & LISTENING)))
		return 0;
	found = n ? bsearch(&key, peers, n, sizeof *peers, by_inode) : NULL;
	told = (struct socket_told){key.inode, found ? found->peer : 0,
	        reading_string(r, line + end, strlen(line + end)), flags & LISTENING};
	return *told.name ? socket_list_tell(l, &told) : 0;
}

int sockets_proc(struct reading *r, struct socket_list *l)
{
	auto_buf text = BUF_INIT;
	auto_free struct peer *peers = NULL;
	char *at, *line;
	size_t n;
	int result = 0;

	if (file_read_at(r->proc, "net/unix", READING_TABLE_BYTES, &text) < 0)
		return 0;
	n = read_peers(r, &peers);
	at = text.data;
	while (result == 0 && (line = strsep(&at, "\n")))
		result = read_line(r, line, peers, n, l);
	return result;
}
