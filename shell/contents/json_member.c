#include "shell/contents/json_member.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of an array by its number. */
static const json_t *one(const json_t *value, const char *key)
{
	char *end;
	unsigned long i;

	if (!json_is_array(value))
		return json_object_get(value, key);
	i = strtoul(key, &end, 10);
	return *key && !*end ? json_array_get(value, i) : NULL;
}

static const json_t *member(const json_t *value, const char *path)
{
	char key[128];

	while (value && *path) {
		size_t n = strcspn(path, ".");
		if (n >= sizeof key)
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		value = one(value, key);
		path += n + (path[n] == '.');
	}
	return value;
}

int json_member_print(const json_t *object, const char *path, struct error *err)
{
	const json_t *value = member(object, path);

	if (!value) {
		error_set(err, ENOENT, "inspect", path, "it has no such member");
		error_advise(err, "without --format all of them are shown");
		return -ENOENT;
	}
	if (json_is_string(value))
		puts(json_string_value(value));
	else {
		json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_INDENT(2));
		putchar('\n');
	}
	return 0;
}
