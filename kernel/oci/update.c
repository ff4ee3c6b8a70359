#include "kernel/oci/update.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/config.h"
#include "kernel/oci/create.h"
#include "kernel/oci/record.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Engines send every member there is, and 0 or nothing where there is no change. */
static bool says_nothing(const char *key, const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value) && !strcmp(key, "idle"))
		return false;
	return json_is_null(value) || (json_is_integer(value) && !json_integer_value(value)) ||
	       json_is_false(value) || (text && !*text) ||
	       ((json_is_array(value) || json_is_object(value)) && !json_array_size(value) &&
	               !json_object_size(value));
}

/* Puts the changes into the resources, member by member. */
static int merge(json_t *resources, const json_t *changes, struct error *err)
{
	const char *group, *key;
	json_t *part, *value;

	if (!json_is_object(changes))
		return error_set(err, EINVAL, "update container", "resources",
		        "should be a JSON object like linux.resources");
	json_object_foreach ((json_t *)changes, group, part) {
		if (says_nothing(group, part))
			continue;
		if (!strcmp(group, "devices"))
			return error_set(err, ENOTSUP, "update container",
			        "linux.resources.devices",
			        "which devices may be used is said when it is made");
		if (!json_is_object(part)) {
			json_object_set(resources, group, part);
			continue;
		}
		if (!json_object_get(resources, group))
			json_object_set_new(resources, group, json_object());
		json_object_foreach (part, key, value)
			if (!says_nothing(key, value))
				json_object_set(json_object_get(resources, group), key, value);
	}
	return 0;
}

static bool has(const json_t *changes, const char *group, const char *key)
{
	const json_t *value = json_object_get(json_object_get(changes, group), key);

	return value && !says_nothing(key, value);
}

/* "linux.resources.memory.limit" is changed when changes.memory.limit is. Two pairs are written as
 * one number on version 2 of control groups: who changes one of them changes both. */
static bool is_changed(const json_t *changes, const char *member)
{
	char group[32];
	const char *key = member + strlen("linux.resources.");
	size_t n = strcspn(key, ".");

	if (n >= sizeof group)
		return false;
	memcpy(group, key, n);
	group[n] = '\0';
	key += n + (key[n] == '.');
	if (!*key) {
		const json_t *value = json_object_get(changes, group);
		return value && !says_nothing(group, value);
	}
	if (!strcmp(key, "quota") || !strcmp(key, "period"))
		return has(changes, group, "quota") || has(changes, group, "period");
	if (!strcmp(group, "memory") && !strcmp(key, "swap"))
		return has(changes, group, "swap") || has(changes, group, "limit");
	return has(changes, group, key);
}

static void keep_changed(struct config *c, const json_t *changes)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_resources; i++)
		if (is_changed(changes, c->resources[i].member))
			c->resources[n++] = c->resources[i];
	c->n_resources = n;
	c->n_device_rules = 0;
}

static bool is_in(const struct record *r, const char *directory)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (!strcmp(r->groups[i], directory))
			return true;
	return false;
}

/* A limit of a kind that it had none of before needs a group in one more tree. */
static int enter_new_groups(struct record *r, struct group *g, struct error *err)
{
	size_t had = r->n_groups;
	int code = 0;

	for (size_t i = 0; code == 0 && i < group_count(g); i++) {
		const char *directory = group_directory(g, i);
		if (is_in(r, directory))
			continue;
		if (r->n_groups == GROUP_PARTS_MAX)
			return error_set(err, E2BIG, "update container", r->id, NULL);
		code = group_make_part(g, i, err);
		if (code < 0)
			return code;
		r->groups[r->n_groups] = strdup(directory);
		if (!r->groups[r->n_groups])
			return error_set(err, ENOMEM, "update container", r->id, NULL);
		r->kept |= (unsigned)group_was_there(g, i) << r->n_groups;
		r->n_groups++;
		code = record_save(r, err);
		if (code == 0)
			code = group_move((const char *const *)r->groups, had, directory, err);
	}
	return code;
}

static int apply(struct record *r, const json_t *json, const json_t *changes, struct error *err)
{
	struct config *config = NULL;
	struct group *group = NULL;
	char path[PATH_MAX];
	int code = config_parse(json, &config, err);

	if (code < 0)
		return code;
	keep_changed(config, changes);
	code = create_group_path(config, r->id, path, err);
	if (code == 0)
		code = group_new(path, config, &group, err);
	if (code == 0)
		code = enter_new_groups(r, group, err);
	if (code == 0)
		code = group_limit_again(group, config, err);
	group_free(group);
	config_free(config);
	return code;
}

static int change(struct record *r, const json_t *changes, struct error *err)
{
	json_t *json = NULL, *linux_, *resources;
	int code = record_load_config(r, &json, err);

	if (code < 0)
		return code;
	linux_ = json_object_get(json, "linux");
	if (!json_object_get(linux_, "resources"))
		json_object_set_new(linux_, "resources", json_object());
	resources = json_object_get(linux_, "resources");
	code = merge(resources, changes, err);
	if (code == 0)
		code = apply(r, json, changes, err);
	if (code == 0)
		code = record_save_config(r, json, err);
	json_decref(json);
	return code;
}

int update(const char *root, const char *id, const json_t *changes, struct error *err)
{
	struct record *r = NULL;
	enum record_status status;
	int code = record_load(root, id, true, &r, err);

	if (code < 0)
		return code;
	status = record_status(r);
	if (status == RECORD_STOPPED || status == RECORD_CREATING)
		code = error_set(
		        err, EBUSY, "update container", id, "it is %s", record_status_name(status));
	else if (!r->n_groups)
		code = error_set(err, ENOTSUP, "update container", id, "it has no control group");
	else
		code = change(r, changes, err);
	record_free(r);
	return code;
}
