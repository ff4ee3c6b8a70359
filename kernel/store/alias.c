#include "kernel/store/alias.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/store/reference.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { ALIAS_LIMIT = 256 << 10 };

static bool full_name(const char *word, char ret[REFERENCE_TEXT])
{
	struct reference r, full;
	bool added[REFERENCE_PARTS];

	if (reference_parse(word, &r, NULL, NULL) < 0)
		return false;
	reference_complete(&r, &full, added);
	reference_format(&full, ret);
	return true;
}

static bool same_image(const char *a, const char *b)
{
	char x[REFERENCE_TEXT], y[REFERENCE_TEXT];

	return !strcmp(a, b) || (full_name(a, x) && full_name(b, y) && !strcmp(x, y));
}

static char *look_up(const char *path, const char *word)
{
	auto_buf text = BUF_INIT;
	json_t *map, *value;
	const char *name;
	char *found = NULL;

	if (!path || !*path || file_read_at(AT_FDCWD, path, ALIAS_LIMIT, &text) < 0)
		return NULL;
	map = json_loadb(buf_text(&text), text.len, 0, NULL);
	json_object_foreach (map, name, value) {
		if (!found && json_is_string(value) && same_image(name, word) &&
		        !same_image(json_string_value(value), word))
			found = strdup(json_string_value(value));
	}
	json_decref(map);
	return found;
}

static char *config_file(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (config && *config == '/')
		n = asprintf(&path, "%s/cutaway/images.json", config);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/.config/cutaway/images.json", home);
	return n < 0 ? NULL : path;
}

char *image_alias(const char *word, const char *also)
{
	auto_free char *config = config_file();
	char *found = look_up(also, word);

	if (!found)
		found = look_up(getenv("CUTAWAY_IMAGES"), word);
	return found ? found : look_up(config, word);
}
