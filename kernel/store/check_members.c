#include "kernel/store/check.h"

#include "kernel/base/cleanup.h"

#include <string.h>
#include <strings.h>

/* "layers[0]" and "size" -> "layers[0].size" */
static char *join(const char *at, const char *key)
{
	char *path = NULL;

	return asprintf(&path, "%s%s%s", at, at[0] ? "." : "", key) < 0 ? NULL : path;
}

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_NULL:
		return "null";
	default:
		return "true or false";
	}
}

const char *check_text(const struct document *d, const json_t *o, const char *at, const char *key,
        bool required, const char *section)
{
	const json_t *value = json_object_get(o, key);
	auto_free char *path = join(at, key);

	if (!value && required)
		check_fault(d, FAULT_BROKEN, path, section, "it is missing");
	else if (value && !json_is_string(value) && (required || !json_is_null(value)))
		check_fault(
		        d, FAULT_BROKEN, path, section, "it is %s, not a text", type_name(value));
	else if (required && !json_string_length(value))
		check_fault(d, FAULT_BROKEN, path, section, "it is empty");
	return json_string_value(value);
}

void check_texts(const struct document *d, const json_t *o, const char *at, const char *key,
        const char *section)
{
	const json_t *value = json_object_get(o, key), *one;
	auto_free char *path = join(at, key);
	size_t i;

	if (!value || json_is_null(value))
		return;
	if (!json_is_array(value))
		check_fault(d, FAULT_BROKEN, path, section, "it is %s, not an array of texts",
		        type_name(value));
	json_array_foreach (value, i, one)
		if (!json_is_string(one))
			check_fault(d, FAULT_BROKEN, path, section, "[%zu] is %s, not a text", i,
			        type_name(one));
}

void check_text_map(const struct document *d, const json_t *o, const char *at, const char *key,
        const char *section)
{
	json_t *value = json_object_get(o, key), *one;
	auto_free char *path = join(at, key);
	const char *name;

	if (!value || json_is_null(value))
		return;
	if (!json_is_object(value))
		check_fault(d, FAULT_BROKEN, path, section, "it is %s, not an object of texts",
		        type_name(value));
	json_object_foreach (value, name, one) {
		if (!json_is_string(one))
			check_fault(d, FAULT_BROKEN, path, section, "'%.80s' is %s, not a text",
			        name, type_name(one));
		if (!name[0])
			check_fault(d, FAULT_AGAINST, path, section, "a name is empty");
	}
}

bool check_is_one(const char *text, const char *const *texts)
{
	for (; text && *texts; texts++)
		if (!strcmp(text, *texts))
			return true;
	return false;
}

static bool is_restricted_name(const char *text, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789!#$&-^_.+";

	return n > 0 && n <= 127 && !strchr("!#$&-^_.+", text[0]) && strspn(text, letters) >= n;
}

bool check_is_media_type(const char *text)
{
	size_t n = strcspn(text, "/");

	return text[n] == '/' && is_restricted_name(text, n) &&
	       is_restricted_name(text + n + 1, strlen(text + n + 1));
}

/* Go's decoder, which most programs use, takes "Digest" for "digest": then they see another
 * document than we do. */
void check_case(const struct document *d, const json_t *o, const char *at, const char *const *known,
        const char *section)
{
	json_t *value;
	const char *name;

	json_object_foreach ((json_t *)o, name, value)
		for (size_t i = 0; known[i]; i++)
			if (!strcasecmp(name, known[i]) && strcmp(name, known[i]) != 0) {
				auto_free char *path = join(at, name);
				check_fault(d, FAULT_BROKEN, path, section,
				        "it is written '%s'; some programs take this for it",
				        known[i]);
			}
}

void check_top(const struct document *d, const char *const *types, const char *const *known,
        const char *section)
{
	const json_t *version = json_object_get(d->json, "schemaVersion");
	const char *type;

	check_case(d, d->json, "", known, section);
	if (!version)
		check_fault(d, FAULT_BROKEN, "schemaVersion", section,
		        "schemaVersion is not 2: it is missing");
	else if (!json_is_integer(version))
		check_fault(d, FAULT_BROKEN, "schemaVersion", section,
		        "schemaVersion is not 2: it is %s", type_name(version));
	else if (json_integer_value(version) != 2)
		check_fault(d, FAULT_BROKEN, "schemaVersion", section,
		        "schemaVersion is not 2, but %lld", (long long)json_integer_value(version));
	type = check_text(d, d->json, "", "mediaType", false, section);
	if (type && !check_is_one(type, types))
		check_fault(
		        d, FAULT_BROKEN, "mediaType", section, "'%.80s' is no %s", type, d->role);
	check_text_map(d, d->json, "", "annotations", ANNOTATION_SECTION);
}

/* descriptor.md: algorithm ":" encoded */
static bool follows_grammar(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+._-");

	return n > 0 && text[n] == ':' && text[n + 1] &&
	       !text[n + 1 +
	               strspn(text + n + 1, "abcdefghijklmnopqrstuvwxyz"
	                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=_-")];
}

bool check_digest(const struct document *d, const char *at, const char *text, const char *section)
{
	size_t n = strcspn(text, ":");

	if (digest_valid(text))
		return true;
	if (!follows_grammar(text))
		check_fault(d, FAULT_BROKEN, at, section,
		        "'%.80s' is no digest: it is not of the form ALGORITHM:DIGITS", text);
	else if (strncmp(text, "sha256:", 7) != 0 && strncmp(text, "sha512:", 7) != 0)
		check_fault(d, FAULT_BROKEN, at, section,
		        "'%.80s' is no digest that can be proved: '%.*s' is not supported, only "
		        "sha256 and sha512",
		        text, (int)(n < 40 ? n : 40), text);
	else if (strpbrk(text + n, "ABCDEF"))
		check_fault(d, FAULT_BROKEN, at, section,
		        "'%.150s' is no digest: it has digits in upper case", text);
	else
		check_fault(d, FAULT_BROKEN, at, section,
		        "'%.150s' is no digest: %.6s has %d digits from 0 to f, and nothing else",
		        text, text, strncmp(text, "sha256", 6) ? 128 : 64);
	return false;
}
