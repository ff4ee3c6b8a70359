#include "kernel/do/config_read.h"

#include <errno.h>
#include <string.h>

int config_bad(struct error *err, const char *member, const char *problem)
{
	error_set(err, EINVAL, "read config.json", member, "%s", problem);
	error_advise(err, "see the OCI runtime specification, config.md");
	return -EINVAL;
}

int config_refuse(struct error *err, const char *member, const char *problem)
{
	error_set(err, ENOTSUP, "read config.json", member, "%s", problem);
	error_advise(err, "leave it out of config.json, or use another runtime");
	return -ENOTSUP;
}

int config_no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "read config.json", "", NULL);
}

int config_text(struct config *c, const json_t *object, const char *key, const char *member,
        const char *fallback, const char **ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);
	const char *text = fallback;

	if (value) {
		text = json_string_value(value);
		if (!text)
			return config_bad(err, member, "should be a text");
		if (json_string_length(value) > CONFIG_TEXT_MAX)
			return config_bad(err, member, "is too long");
		if (strlen(text) != json_string_length(value))
			return config_bad(err, member, "contains a NUL byte");
	}
	*ret = arena_strdup(&c->arena, text);
	return *ret ? 0 : config_no_memory(err);
}

int config_room(struct config *c, const json_t *list, const char *member, size_t size, void *ret,
        size_t *ret_n, struct error *err)
{
	size_t n = json_array_size(list);

	if (list && !json_is_null(list) && !json_is_array(list))
		return config_bad(err, member, "should be a list");
	if (n > CONFIG_LIST_MAX)
		return config_bad(err, member, "has too many entries");
	*(void **)ret = arena_alloc(&c->arena, (n + 2) * size);
	*ret_n = n;
	return *(void **)ret ? 0 : config_no_memory(err);
}

int config_texts(struct config *c, const json_t *list, const char *member, char ***ret,
        size_t *ret_n, struct error *err)
{
	char **texts;
	size_t n;
	int r = config_room(c, list, member, sizeof *texts, &texts, &n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		const char *text = json_string_value(one);
		if (!text || strlen(text) > CONFIG_TEXT_MAX ||
		        strlen(text) != json_string_length(one))
			return config_bad(err, member, "should be a list of texts");
		texts[i] = arena_strdup(&c->arena, text);
		if (!texts[i])
			return config_no_memory(err);
	}
	*ret = texts;
	if (ret_n)
		*ret_n = n;
	return 0;
}

int config_number(const json_t *object, const char *key, const char *member, int64_t min,
        int64_t max, int64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < min ||
	        json_integer_value(value) > max) {
		error_set(err, EINVAL, "read config.json", member,
		        "should be a number from %lld to %lld", (long long)min, (long long)max);
		return -EINVAL;
	}
	*ret = json_integer_value(value);
	return 0;
}

int config_id(
        const json_t *object, const char *key, const char *member, uint32_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	/* (uid_t)-1 means "no change" to the kernel, so it is no user. */
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	        json_integer_value(value) >= (json_int_t)UINT32_MAX)
		return config_bad(err, member, "should be a number from 0 to 4294967294");
	*ret = (uint32_t)json_integer_value(value);
	return 0;
}

int config_limit(
        const json_t *object, const char *key, const char *member, uint64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	*ret = CONFIG_UNLIMITED;
	if (!value || (json_is_integer(value) && json_integer_value(value) == -1))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) <= 0)
		return config_bad(err, member, "should be a positive number, or -1 for no limit");
	*ret = (uint64_t)json_integer_value(value);
	return 0;
}

int config_id_map(struct config *c, const json_t *list, const char *member, struct id_map **ret,
        size_t *ret_n, struct error *err)
{
	struct id_map *map;
	size_t n;
	int r = config_room(c, list, member, sizeof *map, &map, &n, err);

	if (r < 0)
		return r;
	/* user_namespaces(7): at most 340 lines. */
	if (n > 340)
		return config_bad(err, member, "has more than 340 entries");
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		int64_t size = 0;
		r = config_id(one, "containerID", member, &map[i].inside, err);
		if (r == 0)
			r = config_id(one, "hostID", member, &map[i].outside, err);
		if (r == 0)
			r = config_number(one, "size", member, 0, UINT32_MAX, &size, err);
		if (r < 0)
			return r;
		map[i].count = (uint32_t)size; /* 4294967295: every id there is */
		if (map[i].count == 0)
			return config_bad(err, member, "has a range of size 0");
	}
	*ret = map;
	*ret_n = n;
	return 0;
}
