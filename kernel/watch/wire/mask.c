#include "kernel/watch/wire/mask.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/memory.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

/* How deep documents are looked through; jansson reads no deeper than 2048. */
enum { DEPTH_MAX = 64 };

bool mask_is_secret(const char *name, size_t n)
{
	static const char *const words[] = {"token", "auth", "password", "passwd", "secret", "key",
	        "signature", "credential", "buildarg", NULL};

	for (size_t i = 0; words[i]; i++)
		for (size_t at = 0; at + strlen(words[i]) <= n; at++)
			if (!strncasecmp(name + at, words[i], strlen(words[i])))
				return true;
	return false;
}

/* Appends text, with "://user:password@" masked. */
static void add_plain(struct buf *out, const char *text, size_t n)
{
	const char *scheme = memmem(text, n, "://", 3), *authority, *end, *at;

	while (scheme) {
		authority = scheme + 3;
		end = authority;
		while (end < text + n && !strchr("/?# \"'", *end))
			end++;
		at = memrchr(authority, '@', (size_t)(end - authority));
		buf_add_bytes(out, text, (size_t)(authority - text));
		if (at)
			buf_add(out, "…");
		n -= (size_t)((at ? at : authority) - text);
		text = at ? at : authority;
		scheme = memmem(text, n, "://", 3);
	}
	buf_add_bytes(out, text, n);
}

void mask_target(struct buf *out, const char *target, size_t n)
{
	const char *query = memchr(target, '?', n);
	size_t i = query ? (size_t)(query - target) + 1 : n;

	add_plain(out, target, i);
	while (i < n) {
		const char *field = target + i, *end = memchr(field, '&', n - i);
		size_t length = end ? (size_t)(end - field) : n - i;
		const char *equals = memchr(field, '=', length);
		if (equals && mask_is_secret(field, (size_t)(equals - field))) {
			buf_add_bytes(out, field, (size_t)(equals - field) + 1);
			buf_add(out, "…");
		} else {
			add_plain(out, field, length);
		}
		if (end)
			buf_addc(out, '&');
		i += length + 1;
	}
}

/* ---- JSON ------------------------------------------------------------------------------------ */

enum within { PLAIN, SECRET, VARIABLES };

static json_t *masked_string(const json_t *value, enum within within)
{
	const char *text = json_string_value(value), *equals = strchr(text, '=');
	size_t n = json_string_length(value);
	auto_buf out = BUF_INIT;

	if (within == SECRET)
		return json_string(n ? "…" : "");
	if (within == VARIABLES) {
		if (!equals)
			return json_string(n ? "…" : "");
		buf_add_bytes(&out, text, (size_t)(equals - text) + 1);
		buf_add(&out, "…");
	} else {
		add_plain(&out, text, n);
	}
	return json_string(buf_text(&out));
}

static enum within within_of(const char *name, enum within outer)
{
	if (outer == SECRET || mask_is_secret(name, strlen(name)))
		return SECRET;
	return !strcasecmp(name, "env") || outer == VARIABLES ? VARIABLES : PLAIN;
}

static json_t *masked(const json_t *value, enum within within, int depth);

static json_t *masked_members(const json_t *value, enum within within, int depth)
{
	json_t *all = json_object(), *member;
	const char *name;

	json_object_foreach ((json_t *)value, name, member)
		json_object_set_new(all, name, masked(member, within_of(name, within), depth));
	return all;
}

static json_t *masked(const json_t *value, enum within within, int depth)
{
	json_t *all;

	if (depth == DEPTH_MAX)
		return json_string("…");
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return masked_members(value, within, depth + 1);
	case JSON_ARRAY:
		all = json_array();
		for (size_t i = 0; i < json_array_size(value); i++)
			json_array_append_new(
			        all, masked(json_array_get(value, i), within, depth + 1));
		return all;
	case JSON_STRING:
		return masked_string(value, within);
	case JSON_INTEGER:
	case JSON_REAL:
		return within == PLAIN ? json_deep_copy(value) : json_string("…");
	default:
		return json_deep_copy(value);
	}
}

bool mask_json(struct buf *out, const char *bytes, size_t n)
{
	auto_buf all = BUF_INIT;

	while (n) {
		json_error_t problem;
		json_t *json, *plain;
		char *text;

		if (strchr(" \t\r\n", *bytes)) {
			bytes++;
			n--;
			continue;
		}
		json = json_loadb(bytes, n, JSON_DISABLE_EOF_CHECK, &problem);
		if (!json || problem.position <= 0 || (size_t)problem.position > n) {
			json_decref(json);
			return false;
		}
		plain = masked(json, PLAIN, 0);
		text = plain ? json_dumps(plain, JSON_COMPACT) : NULL;
		if (all.len)
			buf_addc(&all, ' ');
		if (text)
			buf_add(&all, text);
		free(text);
		json_decref(plain);
		json_decref(json);
		bytes += problem.position;
		n -= (size_t)problem.position;
	}
	buf_add(out, buf_text(&all));
	return all.len > 0;
}

void mask_bytes(struct buf *out, const char *bytes, size_t n)
{
	size_t end = 0;

	while (end < n && bytes[end] != '=' && bytes[end] != ':')
		end++;
	if (end < n)
		end++;
	memory_quote(out, bytes, end, end);
	if (end < n)
		buf_add(out, "…");
}
