#include "kernel/watch/conversation.h"

#include "kernel/base/shown.h"
#include "kernel/watch/memory.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_BYTES = 2048 };

/* ---- where a socket leads -------------------------------------------------------------------- */

static void address_text(const void *address, size_t n, char to[static CONVERSATION_TO])
{
	const struct sockaddr_un *un = address;
	const struct sockaddr_in *in = address;
	const struct sockaddr_in6 *in6 = address;
	const size_t path = offsetof(struct sockaddr_un, sun_path);
	char text[INET6_ADDRSTRLEN];

	*to = 0;
	if (un->sun_family == AF_UNIX && n > path) {
		bool abstract = !un->sun_path[0];
		snprintf(to, CONVERSATION_TO, "%s%.*s", abstract ? "@" : "",
		        (int)(n - path - abstract), un->sun_path + abstract);
	} else if (in->sin_family == AF_INET && n >= sizeof *in) {
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
		snprintf(to, CONVERSATION_TO, "%s:%u", text, ntohs(in->sin_port));
	} else if (in6->sin6_family == AF_INET6 && n >= sizeof *in6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		snprintf(to, CONVERSATION_TO, "[%s]:%u", text, ntohs(in6->sin6_port));
	}
}

void conversation_connect(struct conversations *all, pid_t pid, const struct call_made *made)
{
	struct sockaddr_storage address = {0};
	size_t n =
	        made->arguments[2] < sizeof address ? (size_t)made->arguments[2] : sizeof address;
	size_t slot = all->next, count = sizeof all->slots / sizeof *all->slots;

	if (n < sizeof address.ss_family ||
	        !memory_read(made->tid, made->arguments[1], &address, n))
		return;
	for (size_t i = 0; i < count; i++)
		if (all->slots[i].pid == pid && all->slots[i].fd == (int)made->arguments[0])
			slot = i;
	if (slot == all->next)
		all->next = (all->next + 1) % count;
	all->slots[slot].pid = pid;
	all->slots[slot].fd = (int)made->arguments[0];
	address_text(&address, n, all->slots[slot].to);
}

const char *conversation_to(const struct conversations *all, pid_t pid, int fd)
{
	for (size_t i = 0; i < sizeof all->slots / sizeof *all->slots; i++)
		if (all->slots[i].pid == pid && all->slots[i].fd == fd)
			return all->slots[i].to;
	return "";
}

/* ---- what is said ---------------------------------------------------------------------------- */

/* A field of the query whose value is nobody's business. */
static bool is_secret(const char *name, size_t n)
{
	static const char *const words[] = {"token", "auth", "password", "passwd", "secret", "key",
	        "signature", "credential", NULL};

	for (size_t i = 0; words[i]; i++)
		for (size_t at = 0; at + strlen(words[i]) <= n; at++)
			if (!strncasecmp(name + at, words[i], strlen(words[i])))
				return true;
	return false;
}

/* The target of a request, RFC 9112 section 3.2; bytes behind "=" of a secret field become "…". */
static void add_target(struct buf *out, const char *target, size_t n)
{
	struct buf plain = BUF_INIT;
	const char *query = memchr(target, '?', n);
	size_t i = query ? (size_t)(query - target) + 1 : n;

	buf_add_bytes(&plain, target, i);
	while (i < n) {
		const char *field = target + i, *end = memchr(field, '&', n - i);
		size_t length = end ? (size_t)(end - field) : n - i;
		const char *equals = memchr(field, '=', length);
		if (equals && is_secret(field, (size_t)(equals - field))) {
			buf_add_bytes(&plain, field, (size_t)(equals - field) + 1);
			buf_add(&plain, "…");
		} else {
			buf_add_bytes(&plain, field, length);
		}
		if (end)
			buf_addc(&plain, '&');
		i += length + 1;
	}
	buf_add_shown(out, buf_text(&plain));
	buf_release(&plain);
}

bool conversation_http(struct buf *out, const char *bytes, size_t n)
{
	static const char *const methods[] = {"GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "PATCH ",
	        "OPTIONS ", "CONNECT ", NULL};
	const char *line_end = memchr(bytes, '\r', n), *target, *end;
	size_t i = 0, length;

	while (methods[i] &&
	        (n < strlen(methods[i]) || memcmp(bytes, methods[i], strlen(methods[i])) != 0))
		i++;
	if (!methods[i] || !line_end)
		return false;
	target = bytes + strlen(methods[i]);
	if (target >= line_end)
		return false;
	end = memchr(target, ' ', (size_t)(line_end - target));
	if (!end || end == target || (size_t)(line_end - end) < 9 ||
	        memcmp(end + 1, "HTTP/1.", 7) != 0)
		return false;
	length = (size_t)(end - target);
	buf_add(out, methods[i]);
	add_target(out, target, length);
	return true;
}

bool conversation_request(struct buf *out, const struct call_made *made)
{
	char bytes[LINE_BYTES], link[64], name[16];
	size_t n = made->arguments[2] < sizeof bytes ? (size_t)made->arguments[2] : sizeof bytes;

	if (n < sizeof "GET / HTTP/1.1" ||
	        memory_read_some(made->tid, made->arguments[1], bytes, 1) != 1 ||
	        !isupper((unsigned char)*bytes))
		return false;
	n = memory_read_some(made->tid, made->arguments[1], bytes, n);
	snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)made->tid, (int)made->arguments[0]);
	if (readlink(link, name, sizeof name) < 7 || memcmp(name, "socket:", 7) != 0)
		return false;
	return conversation_http(out, bytes, n);
}
