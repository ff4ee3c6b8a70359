#include "kernel/store/check.h"

#include "kernel/base/cleanup.h"

#include <stdio.h>
#include <string.h>

/* RFC 3339, 5.6: 2026-01-31T23:59:59.123Z, or +01:00 instead of the Z. */
static bool is_date_time(const char *t)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t i;

	for (i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? t[i] < '0' || t[i] > '9'
		                    : t[i] != shape[i] && !(shape[i] == 'T' && t[i] == 't'))
			return false;
	if (t[i] == '.') {
		size_t digits = strspn(t + i + 1, "0123456789");
		if (digits == 0)
			return false;
		i += 1 + digits;
	}
	if ((t[i] == 'Z' || t[i] == 'z') && !t[i + 1])
		return true;
	return (t[i] == '+' || t[i] == '-') && strlen(t + i) == 6 && t[i + 3] == ':' &&
	       strspn(t + i + 1, "0123456789") == 2 && strspn(t + i + 4, "0123456789") == 2;
}

static void check_created(const struct document *d, const json_t *o, const char *at)
{
	const char *created = check_text(d, o, at, "created", false, CONFIG_SECTION);

	if (created && !is_date_time(created))
		check_fault(d, FAULT_AGAINST, at[0] ? at : "created", CONFIG_SECTION,
		        "created: '%.40s' is no date and time as RFC 3339 has it", created);
}

static void check_object(const struct document *d, const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);
	char at[40];

	snprintf(at, sizeof at, "config.%s", key);
	if (value && !json_is_null(value) && !json_is_object(value))
		check_fault(d, FAULT_BROKEN, at, CONFIG_SECTION, "it is no object");
}

static void check_env(const struct document *d, const json_t *env)
{
	const json_t *one;
	size_t i;

	json_array_foreach (env, i, one) {
		const char *text = json_string_value(one), *equals = text ? strchr(text, '=') : "";
		if (text && (!equals || equals == text))
			check_fault(d, FAULT_AGAINST, "config.Env", CONFIG_SECTION,
			        "[%zu]: '%.40s' is not of the form NAME=VALUE", i, text);
	}
}

/* What a container starts with. */
static void check_execution(const struct document *d)
{
	const json_t *o = json_object_get(d->json, "config");

	if (!o || json_is_null(o))
		return;
	if (!json_is_object(o)) {
		check_fault(d, FAULT_BROKEN, "config", CONFIG_SECTION, "it is no object");
		return;
	}
	check_text(d, o, "config", "User", false, CONFIG_SECTION);
	check_text(d, o, "config", "WorkingDir", false, CONFIG_SECTION);
	check_text(d, o, "config", "StopSignal", false, CONFIG_SECTION);
	check_texts(d, o, "config", "Env", CONFIG_SECTION);
	check_env(d, json_object_get(o, "Env"));
	check_texts(d, o, "config", "Entrypoint", CONFIG_SECTION);
	check_texts(d, o, "config", "Cmd", CONFIG_SECTION);
	check_object(d, o, "ExposedPorts");
	check_object(d, o, "Volumes");
	check_text_map(d, o, "config", "Labels", CONFIG_SECTION);
}

static void check_rootfs(const struct document *d, size_t n_layers)
{
	const json_t *rootfs = json_object_get(d->json, "rootfs"), *ids, *one;
	const char *type;
	size_t i;

	if (!json_is_object(rootfs)) {
		check_fault(d, FAULT_BROKEN, "rootfs", CONFIG_SECTION,
		        rootfs ? "it is no object" : "it is missing");
		return;
	}
	type = json_string_value(json_object_get(rootfs, "type"));
	if (!type || strcmp(type, "layers") != 0)
		check_fault(d, FAULT_BROKEN, "rootfs.type", CONFIG_SECTION,
		        "rootfs.type is not 'layers', but '%.40s'", type ? type : "");
	ids = json_object_get(rootfs, "diff_ids");
	if (!json_is_array(ids)) {
		check_fault(d, FAULT_BROKEN, "rootfs.diff_ids", CONFIG_SECTION,
		        ids ? "it is no array" : "it is missing");
		return;
	}
	json_array_foreach (ids, i, one) {
		char at[48];
		snprintf(at, sizeof at, "rootfs.diff_ids[%zu]", i);
		if (!json_is_string(one))
			check_fault(d, FAULT_BROKEN, at, CONFIG_SECTION, "it is no text");
		else
			check_digest(d, at, json_string_value(one), CONFIG_SECTION);
	}
	if (json_array_size(ids) != n_layers)
		check_fault(d, FAULT_BROKEN, "rootfs.diff_ids", CONFIG_SECTION,
		        "%zu layers in the manifest, and %zu diff_ids here", n_layers,
		        json_array_size(ids));
}

static void check_history(const struct document *d, size_t n_layers)
{
	const json_t *history = json_object_get(d->json, "history"), *one;
	size_t i, with_layer = 0;

	if (!history || json_is_null(history))
		return;
	if (!json_is_array(history)) {
		check_fault(d, FAULT_BROKEN, "history", CONFIG_SECTION, "it is no array");
		return;
	}
	json_array_foreach (history, i, one) {
		const json_t *empty = json_object_get(one, "empty_layer");
		char at[40];
		snprintf(at, sizeof at, "history[%zu]", i);
		if (!json_is_object(one)) {
			check_fault(d, FAULT_BROKEN, at, CONFIG_SECTION, "it is no object");
			continue;
		}
		check_created(d, one, at);
		check_text(d, one, at, "created_by", false, CONFIG_SECTION);
		check_text(d, one, at, "comment", false, CONFIG_SECTION);
		check_text(d, one, at, "author", false, CONFIG_SECTION);
		if (empty && !json_is_boolean(empty))
			check_fault(d, FAULT_BROKEN, at, CONFIG_SECTION,
			        "empty_layer is neither true nor false");
		with_layer += !json_is_true(empty);
	}
	if (with_layer > n_layers)
		check_fault(d, FAULT_AGAINST, "history", CONFIG_SECTION,
		        "it tells of %zu layers, and there are %zu", with_layer, n_layers);
	else if (with_layer > 0 && with_layer < n_layers)
		check_fault(d, FAULT_NOTE, "history", CONFIG_SECTION,
		        "it tells of %zu layers, and there are %zu", with_layer, n_layers);
}

static void check_same(
        const struct document *d, const json_t *platform, const char *key, const char *entry)
{
	const char *said = json_string_value(json_object_get(platform, key));
	const char *is = json_string_value(json_object_get(d->json, key));

	if (said && is && is[0] && strcmp(said, is) != 0)
		check_fault(d, FAULT_AGAINST, key, LIST_SECTION,
		        "%s is '%.40s' here, and '%.40s' in the platform of %s", key, is, said,
		        entry);
}

void check_config(
        const struct document *d, size_t n_layers, const json_t *platform, const char *entry)
{
	static const char *const known[] = {"created", "author", "architecture", "os", "os.version",
	        "os.features", "variant", "config", "rootfs", "history", NULL};

	check_case(d, d->json, "", known, CONFIG_SECTION);
	check_text(d, d->json, "", "architecture", true, CONFIG_SECTION);
	check_text(d, d->json, "", "os", true, CONFIG_SECTION);
	check_text(d, d->json, "", "author", false, CONFIG_SECTION);
	check_text(d, d->json, "", "variant", false, CONFIG_SECTION);
	check_text(d, d->json, "", "os.version", false, CONFIG_SECTION);
	check_texts(d, d->json, "", "os.features", CONFIG_SECTION);
	check_created(d, d->json, "");
	check_execution(d);
	check_rootfs(d, n_layers);
	check_history(d, n_layers);
	check_same(d, platform, "architecture", entry);
	check_same(d, platform, "os", entry);
	check_same(d, platform, "variant", entry);
}
