/* A grammar of characters only, so one pass from left to right tells where it went wrong. The one
 * question that needs a look ahead is whether the first component is a host: it is when it has a
 * '.' or a ':', is "localhost", or has a capital letter, which no repository may have. */
#include "kernel/store/reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOWER   "abcdefghijklmnopqrstuvwxyz"
#define UPPER   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"
#define HEX     DIGITS "abcdef"
#define LETTERS LOWER UPPER

struct reader {
	const char *text, *p;
	struct reference *into;
	size_t *ret_at;
	struct error *err;
};

/* -EINVAL at `at`: what is wrong with which part, and with which character. */
static int refuse(struct reader *r, const char *at, enum reference_part part, const char *rule)
{
	const char *name = reference_part_name(part);

	if (r->ret_at)
		*r->ret_at = (size_t)(at - r->text);
	if (!*at)
		return error_set(r->err, EINVAL, "read image name", r->text,
		        "it ends where the %s should go on: %s", name, rule);
	if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
		return error_set(r->err, EINVAL, "read image name", r->text,
		        "character %zu is not allowed in the %s: %s", at - r->text + 1, name, rule);
	return error_set(r->err, EINVAL, "read image name", r->text,
	        "'%c', character %zu, is not allowed in the %s: %s", *at, at - r->text + 1, name,
	        rule);
}

static int too_long(struct reader *r, const char *at, enum reference_part part, size_t max)
{
	if (r->ret_at)
		*r->ret_at = (size_t)(at - r->text);
	return error_set(r->err, EINVAL, "read image name", r->text,
	        "the %s is too long: at most %zu characters", reference_part_name(part), max);
}

static void copy(char *into, const char *from, size_t n)
{
	memcpy(into, from, n);
	into[n] = '\0';
}

static int read_scheme(struct reader *r)
{
	static const char *const known[] = {"docker", "https", "http"};
	const char *end = strstr(r->p, "://");

	if (!end)
		return 0;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i]) == (size_t)(end - r->p) &&
		        !strncmp(known[i], r->p, strlen(known[i]))) {
			copy(r->into->scheme, r->p, strlen(known[i]));
			r->p = end + 3;
			return 0;
		}
	return refuse(r, r->p, REFERENCE_SCHEME, "docker://, https:// or http://, or none");
}

/* Whether the component of `n` characters is a host, not the first part of a path. */
static bool is_host(const char *component, size_t n)
{
	if (n == 9 && !strncmp(component, "localhost", 9))
		return true;
	for (size_t i = 0; i < n; i++)
		if (strchr(".:[" UPPER, component[i]))
			return true;
	return false;
}

static int read_port(struct reader *r, const char *end)
{
	const char *start = r->p;
	size_t n;

	r->p += strspn(r->p, DIGITS);
	n = (size_t)(r->p - start);
	if (r->p != end || n == 0)
		return refuse(r, r->p, REFERENCE_PORT, "a number from 1 to 65535");
	if (n > 5 || atoi(start) < 1 || atoi(start) > 65535)
		return refuse(r, start, REFERENCE_PORT, "a number from 1 to 65535");
	copy(r->into->port, start, n);
	return 0;
}

/* "[::1]", an address of IPv6. */
static int read_address(struct reader *r)
{
	const char *start = r->p++;

	r->p += strspn(r->p, HEX "ABCDEF:.");
	if (*r->p != ']' || r->p == start + 1)
		return refuse(r, r->p, REFERENCE_HOST, "an address of IPv6 stands in [ and ]");
	r->p++;
	if (r->p - start > REFERENCE_NAME_MAX)
		return too_long(r, start, REFERENCE_HOST, REFERENCE_NAME_MAX);
	copy(r->into->host, start, (size_t)(r->p - start));
	return 0;
}

/* Labels of letters, digits and inner hyphens, with a '.' between them. */
static int read_labels(struct reader *r)
{
	static const char rule[] = "letters, digits and '.', and '-' inside a word";
	const char *start = r->p;

	do {
		const char *label = r->p += r->p > start;
		r->p += strspn(r->p, LETTERS DIGITS "-");
		if (r->p == label || *label == '-')
			return refuse(r, label, REFERENCE_HOST, rule);
		if (r->p[-1] == '-')
			return refuse(r, r->p - 1, REFERENCE_HOST, rule);
	} while (*r->p == '.');
	if (r->p - start > REFERENCE_NAME_MAX)
		return too_long(r, start, REFERENCE_HOST, REFERENCE_NAME_MAX);
	copy(r->into->host, start, (size_t)(r->p - start));
	return 0;
}

static int read_host(struct reader *r)
{
	const char *slash = strchr(r->p, '/');
	int status;

	if (!slash || !is_host(r->p, (size_t)(slash - r->p)))
		return r->into->scheme[0] ? refuse(r, slash ? r->p : r->p + strlen(r->p),
		                                    REFERENCE_HOST, "a registry server, then a '/'")
		                          : 0;
	status = *r->p == '[' ? read_address(r) : read_labels(r);
	if (status < 0)
		return status;
	if (*r->p == ':') {
		r->p++;
		status = read_port(r, slash);
	} else if (r->p != slash) {
		status = refuse(
		        r, r->p, REFERENCE_HOST, "letters, digits and '.', and '-' inside a word");
	}
	if (status == 0)
		r->p = slash + 1;
	return status;
}

/* Between words of a component stands '.', '_', '__' or any number of '-'. */
static size_t separator(const char *p)
{
	if (*p == '.')
		return 1;
	if (*p == '_')
		return p[1] == '_' ? 2 : 1;
	return strspn(p, "-");
}

static int read_component(struct reader *r, enum reference_part part)
{
	static const char rule[] = "small letters and digits, with '.', '_', '__' or '-' between";
	size_t word = strspn(r->p, LOWER DIGITS);

	if (word == 0)
		return refuse(r, r->p, part, rule);
	for (;;) {
		size_t between;
		r->p += word;
		between = separator(r->p);
		if (between == 0)
			return 0;
		word = strspn(r->p + between, LOWER DIGITS);
		if (word == 0)
			return refuse(r, r->p[between] ? r->p + between : r->p, part, rule);
		r->p += between;
	}
}

static int read_path(struct reader *r, const char *name_start)
{
	const char *start = r->p, *last = r->p;

	for (;;) {
		const char *next = r->p + strcspn(r->p, "/:@");
		int status = read_component(
		        r, *next == '/' ? REFERENCE_NAMESPACE : REFERENCE_REPOSITORY);
		if (status < 0)
			return status;
		if (*r->p != '/')
			break;
		last = ++r->p;
	}
	if (*r->p && *r->p != ':' && *r->p != '@')
		return refuse(r, r->p, REFERENCE_REPOSITORY,
		        "small letters and digits, with '.', '_', '__' or '-' between");
	if (r->p - name_start > REFERENCE_NAME_MAX)
		return too_long(r, name_start, REFERENCE_REPOSITORY, REFERENCE_NAME_MAX);
	if (last > start)
		copy(r->into->name_space, start, (size_t)(last - start - 1));
	copy(r->into->repository, last, (size_t)(r->p - last));
	return 0;
}

static int read_tag(struct reader *r)
{
	static const char rule[] = "letters, digits and '_', then also '.' and '-'";
	const char *start;
	size_t n;

	if (*r->p != ':')
		return 0;
	start = ++r->p;
	if (!*start || !strchr(LETTERS DIGITS "_", *start))
		return refuse(r, start, REFERENCE_TAG, rule);
	n = strspn(start, LETTERS DIGITS "_.-");
	r->p += n;
	if (*r->p && *r->p != '@')
		return refuse(r, r->p, REFERENCE_TAG, rule);
	if (n > REFERENCE_TAG_MAX)
		return too_long(r, start + REFERENCE_TAG_MAX, REFERENCE_TAG, REFERENCE_TAG_MAX);
	copy(r->into->tag, start, n);
	return 0;
}

static int read_digest(struct reader *r)
{
	static const struct {
		const char *algorithm;
		size_t digits;
		const char *rule;
	} known[] = {
	        {"sha256:", 64, "64 digits of 0-9 and a-f after sha256:"},
	        {"sha512:", 128, "128 digits of 0-9 and a-f after sha512:"},
	};
	const char *start;

	if (*r->p != '@')
		return 0;
	start = ++r->p;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		size_t n;
		if (strncmp(start, known[i].algorithm, 7) != 0)
			continue;
		n = strspn(start + 7, HEX);
		r->p += 7 + n;
		if (n < known[i].digits || *r->p || n > known[i].digits)
			return refuse(r, n > known[i].digits ? start + 7 + known[i].digits : r->p,
			        REFERENCE_DIGEST, known[i].rule);
		copy(r->into->digest, start, 7 + n);
		return 0;
	}
	return refuse(r, start, REFERENCE_DIGEST, "sha256: or sha512:, and the sum in hexadecimal");
}

int reference_parse(const char *text, struct reference *ret, size_t *ret_at, struct error *err)
{
	struct reference into = {0};
	struct reader r = {.text = text, .p = text, .into = &into, .ret_at = ret_at, .err = err};
	const char *name_start;
	int status = read_scheme(&r);

	name_start = r.p;
	if (status == 0)
		status = read_host(&r);
	if (status == 0)
		status = read_path(&r, name_start);
	if (status == 0)
		status = read_tag(&r);
	if (status == 0)
		status = read_digest(&r);
	if (status == 0)
		*ret = into;
	return status;
}

const char *reference_part(const struct reference *r, enum reference_part part)
{
	const char *const parts[REFERENCE_PARTS] = {
	        r->scheme, r->host, r->port, r->name_space, r->repository, r->tag, r->digest};

	return parts[part];
}

const char *reference_part_name(enum reference_part part)
{
	static const char *const names[REFERENCE_PARTS] = {
	        "scheme", "host", "port", "namespace", "repository", "tag", "digest"};

	return names[part];
}

void reference_format(const struct reference *r, char ret[REFERENCE_TEXT])
{
	snprintf(ret, REFERENCE_TEXT, "%s%s%s%s%s%s%s%s%s%s%s%s%s", r->scheme,
	        r->scheme[0] ? "://" : "", r->host, r->port[0] ? ":" : "", r->port,
	        r->host[0] ? "/" : "", r->name_space, r->name_space[0] ? "/" : "", r->repository,
	        r->tag[0] ? ":" : "", r->tag, r->digest[0] ? "@" : "", r->digest);
}

void reference_complete(
        const struct reference *r, struct reference *ret, bool ret_added[REFERENCE_PARTS])
{
	memset(ret_added, 0, REFERENCE_PARTS * sizeof *ret_added);
	*ret = *r;
	if (!ret->host[0]) {
		copy(ret->host, "docker.io", 9);
		ret_added[REFERENCE_HOST] = true;
	}
	if (!strcmp(ret->host, "docker.io") && !ret->name_space[0]) {
		copy(ret->name_space, "library", 7);
		ret_added[REFERENCE_NAMESPACE] = true;
	}
	if (!ret->tag[0] && !ret->digest[0]) {
		copy(ret->tag, "latest", 6);
		ret_added[REFERENCE_TAG] = true;
	}
}
