#include "kernel/oci/record_file.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A configuration of 16 MiB, and what has been added. */
enum { FILE_LIMIT = 17 << 20 };
#define FILE_NAME     "status"
#define CONFIG_KEY    "config "
#define STATUS_KEY    "status "
#define CONFIG_MEMBER "config" /* of a file that is one JSON object */

int record_no_memory(struct error *err, const char *id)
{
	return error_set(err, ENOMEM, "keep container", id, NULL);
}

int record_file_path(const struct record *r, char **ret, struct error *err)
{
	if (asprintf(ret, "%s/" FILE_NAME, r->directory) >= 0)
		return 0;
	*ret = NULL;
	return record_no_memory(err, r->id);
}

/* Where its standard streams lead, a JSON list as one text: what restores a checkpoint asks. */
static char *name_streams(void)
{
	json_t *list = json_array();
	char *text;

	for (int fd = 0; fd < 3; fd++) {
		char path[32], to[PATH_MAX] = "";
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		if (readlink(path, to, sizeof to - 1) < 0)
			to[0] = '\0';
		json_array_append_new(list, json_string(to));
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

/* The caller's reference; NULL: no memory. */
static json_t *status_json(struct record *r)
{
	json_t *groups = json_array();

	if (!r->streams)
		r->streams = name_streams();
	for (size_t i = 0; i < r->n_groups; i++)
		json_array_append_new(groups, json_string(r->groups[i]));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:I, s:b, s:I, s:I, s:o, s:i, s:s, s:O*}",
	        "version", 1, "id", r->id, "bundle", r->bundle ? r->bundle : "", "rootfs",
	        r->rootfs ? r->rootfs : "", "created", r->created, "pid", (int)r->process.pid,
	        "start_time", (json_int_t)r->process.start_time, "own_pids", r->own_pids,
	        "mount_space", (json_int_t)r->root_mount.space, "mount",
	        (json_int_t)r->root_mount.mount, "groups", groups, "groups_kept", (int)r->kept,
	        "external_descriptors", r->streams ? r->streams : "", "annotations",
	        r->annotations);
}

/* Its line of the file. */
static int status_line(struct record *r, struct buf *out, struct error *err)
{
	json_t *json = status_json(r);
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text)
		return record_no_memory(err, r->id);
	buf_add(out, STATUS_KEY);
	buf_add(out, text);
	buf_addc(out, '\n');
	return buf_failed(out) ? record_no_memory(err, r->id) : 0;
}

/* A configuration and the status, as the whole file. `config` is JSON without line ends. */
static int both_lines(struct record *r, const char *config, struct buf *out, struct error *err)
{
	buf_add(out, CONFIG_KEY);
	buf_add(out, config);
	buf_addc(out, '\n');
	return status_line(r, out, err);
}

static int append(const struct record *r, int flags, const struct buf *text, struct error *err)
{
	auto_free char *path = NULL;
	auto_close fd = -1;
	int code = record_file_path(r, &path, err);

	if (code < 0)
		return code;
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd < 0)
		return error_set(err, errno, "write", path, NULL);
	code = file_write_all(fd, text->data, text->len);
	return code < 0 ? error_set(err, -code, "write", path, NULL) : 0;
}

int record_begin(struct record *r, const char *config, struct error *err)
{
	auto_buf text = BUF_INIT;
	int code = both_lines(r, config, &text, err);

	return code < 0 ? code : append(r, O_CREAT | O_EXCL, &text, err);
}

int record_save(struct record *r, struct error *err)
{
	auto_buf text = BUF_INIT;
	int code = status_line(r, &text, err);

	return code < 0 ? code : append(r, 0, &text, err);
}

int record_save_config(struct record *r, const json_t *config, struct error *err)
{
	auto_free char *path = NULL, *dump = json_dumps(config, JSON_COMPACT);
	auto_buf text = BUF_INIT;
	int code = dump ? record_file_path(r, &path, err) : record_no_memory(err, r->id);

	if (code == 0)
		code = both_lines(r, dump, &text, err);
	if (code < 0)
		return code;
	code = file_replace_at(AT_FDCWD, path, text.data, text.len, 0600);
	return code < 0 ? error_set(err, -code, "write", path, NULL) : 0;
}

int record_save_whole(struct record *r, struct error *err)
{
	auto_free char *path = NULL, *dump = NULL;
	json_t *status = status_json(r), *config = NULL;
	auto_buf text = BUF_INIT;
	int code = record_load_config(r, &config, err);

	if (code == 0)
		code = record_file_path(r, &path, err);
	if (code == 0 && json_object_set(status, CONFIG_MEMBER, config) == 0)
		dump = json_dumps(status, JSON_COMPACT);
	json_decref(status);
	json_decref(config);
	if (code < 0)
		return code;
	buf_addf(&text, "%s\n", dump ? dump : "");
	if (!dump || buf_failed(&text))
		return record_no_memory(err, r->id);
	code = file_replace_at(AT_FDCWD, path, text.data, text.len, 0600);
	return code < 0 ? error_set(err, -code, "write", path, NULL) : 0;
}

/* The last complete line that begins with `key`, without it; NULL when there is none. */
static char *last_line(char *text, const char *key)
{
	size_t n = strlen(key);
	char *found = NULL, *end;

	for (char *line = text; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (!strncmp(line, key, n))
			found = line + n;
	}
	return found;
}

/* The first line as record_save_whole() has it. */
static int read_whole(
        const char *text, const char *key, const char *path, json_t **ret, struct error *err)
{
	json_t *all = json_loads(text, 0, NULL);

	*ret = strcmp(key, CONFIG_KEY) ? json_incref(all)
	                               : json_incref(json_object_get(all, CONFIG_MEMBER));
	json_decref(all);
	return *ret ? 0 : error_set(err, EBADMSG, "read", path, "it is not JSON");
}

static int read_line(const struct record *r, const char *key, json_t **ret, struct error *err)
{
	auto_free char *path = NULL;
	auto_buf text = BUF_INIT;
	const char *line;
	int code = record_file_path(r, &path, err);

	if (code < 0)
		return code;
	code = file_read_at(AT_FDCWD, path, FILE_LIMIT, &text);
	if (code < 0)
		return error_set(err, -code, "read", path, NULL);
	line = last_line(text.data, key);
	if (!line && text.len && text.data[0] == '{')
		return read_whole(text.data, key, path, ret, err);
	if (!line) /* whoever makes it has not come so far */
		return error_set(err, ENOENT, "read", path, NULL);
	*ret = json_loads(line, 0, NULL);
	return *ret ? 0 : error_set(err, EBADMSG, "read", path, "it is not JSON");
}

int record_load_config(const struct record *r, json_t **ret, struct error *err)
{
	return read_line(r, CONFIG_KEY, ret, err);
}

int record_file_status(const struct record *r, json_t **ret, struct error *err)
{
	return read_line(r, STATUS_KEY, ret, err);
}
