#include "kernel/observe/inet_translated.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const struct inet_translation *x, const struct inet_translation *y)
{
	const int order = inet_end_compare(&x->server, &y->server);

	return order ? order : inet_end_compare(&x->seen, &y->seen);
}

static int by_server(const void *a, const void *b)
{
	return compare(a, b);
}

static bool read_end(const char *address, unsigned port, struct inet_end *ret)
{
	char mapped[64];

	snprintf(mapped, sizeof mapped, strchr(address, ':') ? "%s" : "::ffff:%s", address);
	ret->port = (uint16_t)port;
	return inet_pton(AF_INET6, mapped, ret->address) == 1;
}

/* "ipv4     2 tcp      6 431998 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport=33060 dport=8080
 * src=10.88.0.2 dst=10.88.0.1 sport=80 dport=33060 [ASSURED] …": what was sent, and what is
 * answered. */
bool inet_translation_from_line(const char *line, struct inet_translation *ret)
{
	static const char ends[] = " src=%45s dst=%45s sport=%u dport=%u";
	const char *sent = strstr(line, " src="), *answered;
	char from[46], to[46], back_from[46], back_to[46];
	unsigned port, to_port, back_port, back_to_port;
	struct inet_translation t = {0};

	if (!strstr(line, " tcp ") || !strstr(line, " ESTABLISHED ") || !sent)
		return false;
	answered = strstr(sent + 1, " src=");
	if (!answered || sscanf(sent, ends, from, to, &port, &to_port) != 4 ||
	        sscanf(answered, ends, back_from, back_to, &back_port, &back_to_port) != 4 ||
	        !read_end(from, port, &t.client) || !read_end(to, to_port, &t.asked) ||
	        !read_end(back_from, back_port, &t.server) ||
	        !read_end(back_to, back_to_port, &t.seen))
		return false;
	if (inet_end_compare(&t.client, &t.seen) == 0 && inet_end_compare(&t.asked, &t.server) == 0)
		return false;
	*ret = t;
	return true;
}

static pid_t one_of_host(const struct model *m)
{
	for (size_t i = 0; i < m->n_namespaces; i++)
		if (m->namespaces[i].type == NS_NET && m->namespaces[i].inode == m->host.ns[NS_NET])
			return m->namespaces[i].first_pid;
	return 0;
}

int inet_translations_read(struct reading *r, struct inet_translations *ret)
{
	const pid_t pid = one_of_host(r->model);
	auto_close dir = pid ? reading_process_dir(r, pid) : -1;
	auto_buf text = BUF_INIT;
	struct inet_translations t = {0};
	size_t room = 0;
	char *at, *line;

	if (dir >= 0 && file_read_at(dir, "net/nf_conntrack", INET_TRANSLATED_BYTES, &text) >= 0)
		for (size_t i = 0; i < text.len; i++)
			room += text.data[i] == '\n';
	t.all = calloc(room + 1, sizeof *t.all);
	if (!t.all)
		return -ENOMEM;
	at = text.data;
	while (t.n < room && (line = strsep(&at, "\n")))
		t.n += inet_translation_from_line(line, &t.all[t.n]);
	qsort(t.all, t.n, sizeof *t.all, by_server);
	*ret = t;
	return 0;
}

const struct inet_translation *inet_translations_find(const struct inet_translations *t,
        const struct inet_end *server, const struct inet_end *seen)
{
	const struct inet_translation key = {.server = *server, .seen = *seen};

	return t->n ? bsearch(&key, t->all, t->n, sizeof *t->all, by_server) : NULL;
}

void inet_translations_release(struct inet_translations *t)
{
	free(t->all);
	*t = (struct inet_translations){0};
}
