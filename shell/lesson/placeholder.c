#include "shell/lesson/placeholder.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool begins(const char *text, const char *what)
{
	return !strncasecmp(text, what, strlen(what));
}

/* Past "what" at p, NULL when it does not stand there. */
static const char *past(const char *p, const char *what)
{
	return begins(p, what) ? p + strlen(what) : NULL;
}

/* A name between brackets that means the first machine: "HOST", "HOST1", "CLIENT". */
static const char *past_machine(const char *p)
{
	const char *end = past(p, "HOST");

	if (!end)
		end = past(p, "CLIENT");
	if (end && *end == '1' && !isdigit((unsigned char)end[1]))
		end++;
	return end;
}

enum { PORT_LIMIT = 64 };

/* How long a port at p is: 8080, and where a command has it: $PORT, ${PORT}; 0 = none. */
static size_t port_length(const char *p)
{
	size_t n = strspn(p, "0123456789");

	if (n)
		return n <= 5 ? n : 0;
	if (begins(p, "${")) {
		n = strcspn(p, "} \n");
		return p[n] == '}' && n > 2 && n + 1 < PORT_LIMIT ? n + 1 : 0;
	}
	for (n = *p == '$'; n && (isalnum((unsigned char)p[n]) || p[n] == '_'); n++)
		;
	return n > 1 && n < PORT_LIMIT ? n : 0;
}

/* -8080-[[KATACODA_HOST]].environments.katacoda.com: the port, and where the address ends. */
static const char *past_port(const char *p, char port[PORT_LIMIT])
{
	static const char *const ends[] = {"[[KATACODA_HOST]].environments.katacoda.com",
	        "[[KATACODA_HOST]].[[KATACODA_DOMAIN]]", "[[KATACODA_HOST]]", "[[KATACODA_DOMAIN]]",
	        "simba"};
	size_t n = *p == '-' ? port_length(p + 1) : 0;
	const char *end;

	port[0] = '\0';
	if (!n)
		return p;
	memcpy(port, p + 1, n);
	port[n] = '\0';
	p += 1 + n;
	for (size_t i = 0; *p == '-' && i < sizeof ends / sizeof *ends; i++)
		if ((end = past(p + 1, ends[i])))
			return end;
	return p;
}

/* [[HOST2_SUBDOMAIN]]-80-[[KATACODA_HOST]]…: past the address of a machine that is not here, which
 * stays as it is written; NULL when it is none. */
static const char *past_other_machine(const char *p)
{
	const char *end = past(p, "[[HOST");
	char port[PORT_LIMIT];

	if (!end || !isdigit((unsigned char)*end))
		return NULL;
	end = past(end + strspn(end, "0123456789"), "_SUBDOMAIN]]");
	return end ? past_port(end, port) : NULL;
}

static void add_host(struct buf *out, const char *host, const char *port)
{
	buf_addf(out, "%s%s%s", host, *port ? ":" : "", port);
}

/* https is theirs: here nobody has a certificate for it. */
static void drop_scheme(struct buf *out, size_t name)
{
	static const char scheme[] = "https://";
	size_t n = strlen(scheme);

	if (name >= n && !strncasecmp(out->data + name - n, scheme, n)) {
		memmove(out->data + name - n + 4, out->data + name - n + 5,
		        out->len - (name - n + 4));
		out->len--;
	}
}

/* Where the name before an address in `out` begins: blog.[[HOST_SUBDOMAIN]]. It stays, for a web
 * server that tells its sites apart by it: every name below localhost is this machine (RFC 6761,
 * 6.3). */
static size_t name_before(const struct buf *out)
{
	size_t n = out->len;

	while (n && (isalnum((unsigned char)out->data[n - 1]) || strchr(".-_", out->data[n - 1])))
		n--;
	return n;
}

/* [[HOST_SUBDOMAIN]]-80-… or [[HOST_IP]] or [[KATACODA_HOST]]: past it, NULL when it is none. */
static const char *replace_brackets(const char *p, struct buf *out)
{
	const char *name = p + 2, *end = past_machine(name), *behind;
	char port[PORT_LIMIT] = "";

	if (end && (behind = past(end, "_SUBDOMAIN]]"))) {
		size_t before = name_before(out);

		end = past_port(behind, port);
		if (out->len)
			drop_scheme(out, before);
		add_host(out, "localhost", port);
		return end;
	}
	if (end && (behind = past(end, "_IP]]"))) {
		buf_add(out, "127.0.0.1");
		return behind;
	}
	if ((behind = past(name, "KATACODA_HOST]]")) ||
	        (behind = past(name, "KATACODA_DOMAIN]]"))) {
		buf_add(out, "localhost");
		return behind;
	}
	return NULL;
}

/* {{TRAFFIC_HOST1_80}}, {{TRAFFIC_SELECTOR}} */
static const char *replace_braces(const char *p, struct buf *out)
{
	const char *name = p + 2 + strspn(p + 2, " "), *end = past(name, "TRAFFIC_SELECTOR");
	char port[6] = "";

	if (!end && (end = past(name, "TRAFFIC_")) && (end = past_machine(end)) && *end == '_') {
		size_t n = strspn(++end, "0123456789");

		if (n < 1 || n > 5)
			return NULL;
		memcpy(port, end, n);
		port[n] = '\0';
		end += n;
	} else if (!past(name, "TRAFFIC_SELECTOR")) {
		return NULL;
	}
	end += strspn(end, " ");
	if (!begins(end, "}}"))
		return NULL;
	/* [words]{{TRAFFIC_HOST1_80}}: whoever left out the parentheses has no address in the
	 * words. */
	if (out->len && out->data[out->len - 1] == ']')
		buf_add(out, " ");
	buf_add(out, "http://");
	add_host(out, "localhost", port);
	return end + 2;
}

bool placeholder_replace(const char *text, struct buf *out)
{
	bool any = false;

	while (*text) {
		const char *end = NULL;

		if (begins(text, "[["))
			end = replace_brackets(text, out);
		else if (begins(text, "{{"))
			end = replace_braces(text, out);
		any |= end != NULL;
		if (!end) {
			end = past_other_machine(text);
			end = end ? end : text + 1;
			buf_add_bytes(out, text, (size_t)(end - text));
		}
		text = end;
	}
	return any;
}
