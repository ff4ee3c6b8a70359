/* challenge = scheme [ 1*SP #( name "=" ( token / quoted-string ) ) ], and of these a list with the
 * same commas: a word that no '=' follows begins the next one. */
#include "kernel/remote/challenge.h"

#include "kernel/base/cleanup.h"

#include <string.h>
#include <strings.h>

#define TOKEN "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:/?"
#define BLANK " \t"

void challenge_release(struct challenge *c)
{
	free(c->realm);
	free(c->service);
	free(c->scope);
	free(c->error);
	*c = (struct challenge){0};
}

static void skip(const char **p, const char *characters)
{
	*p += strspn(*p, characters);
}

/* A value; a quoted one that does not end ends with the text. */
static char *read_value(const char **p)
{
	auto_buf value = BUF_INIT;
	size_t n;

	if (**p != '"') {
		n = strspn(*p, TOKEN "=");
		buf_add_bytes(&value, *p, n);
		*p += n;
	} else {
		for (++*p; **p && **p != '"'; ++*p) {
			if (**p == '\\' && (*p)[1])
				++*p;
			buf_addc(&value, **p);
		}
		if (**p)
			++*p;
	}
	buf_add(&value, "");
	return buf_steal(&value);
}

static char **slot_of(struct challenge *c, const char *name, size_t n)
{
	const struct {
		const char *name;
		char **slot;
	} known[] = {{"realm", &c->realm}, {"service", &c->service}, {"scope", &c->scope},
	        {"error", &c->error}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == n && !strncasecmp(known[i].name, name, n))
			return known[i].slot;
	return NULL;
}

/* The parameters of one challenge. */
static bool read_parameters(const char **p, struct challenge *c)
{
	for (;;) {
		const char *name, *after;
		char **slot, *value;
		size_t n;

		skip(p, BLANK ",");
		name = *p;
		n = strspn(name, TOKEN);
		after = name + n + strspn(name + n, BLANK);
		if (n == 0 || *after != '=')
			return true;
		*p = after + 1;
		skip(p, BLANK);
		value = read_value(p);
		if (!value)
			return false;
		slot = slot_of(c, name, n);
		if (slot && !*slot)
			*slot = value;
		else
			free(value);
	}
}

static enum challenge_kind kind_of(const char *scheme, size_t n)
{
	if (n == 6 && !strncasecmp(scheme, "bearer", n))
		return CHALLENGE_BEARER;
	return n == 5 && !strncasecmp(scheme, "basic", n) ? CHALLENGE_BASIC : CHALLENGE_NONE;
}

bool challenge_read(const char *header, struct challenge *ret)
{
	struct challenge best = {0};
	const char *p = header;

	for (;;) {
		struct challenge c = {0};
		size_t n;

		p += strcspn(p, TOKEN);
		n = strspn(p, TOKEN);
		if (n == 0)
			break;
		c.kind = kind_of(p, n);
		p += n;
		if (!read_parameters(&p, &c)) {
			challenge_release(&c);
			challenge_release(&best);
			return false;
		}
		if (c.kind > best.kind) {
			challenge_release(&best);
			best = c;
		} else {
			challenge_release(&c);
		}
	}
	*ret = best;
	return true;
}
