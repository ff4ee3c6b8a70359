/* The files of measurements, written and read. What is read may be anything: each length is
 * bounded, and what does not fit the form is no measurement. */
#include "kernel/measure/measure.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/do/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STORE_VERSION = 1, FILE_LIMIT = 1 << 20, COMMAND_LIMIT = 4096 };
enum { FILE_NAME_SIZE = MEASURE_NAME_MAX + sizeof ".json" };

static bool id_is_plain(const char *id)
{
	return *id && !strchr(id, '/') && id[0] != '.';
}

void measure_place(struct buf *out)
{
	const char *lab = getenv(LAB_VARIABLE);

	if (lab && id_is_plain(lab))
		buf_addf(out, "labs/%s/", lab);
	buf_add(out, "measures");
}

static int open_place(bool create, struct error *err)
{
	auto_buf place = BUF_INIT;
	auto_free char *path = NULL;
	int r, fd;

	measure_place(&place);
	r = dirs_path(DIRS_RUNTIME, buf_text(&place), create, &path, err);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "open directory", path, NULL) : fd;
}

static void file_name(const char *name, char out[static FILE_NAME_SIZE])
{
	snprintf(out, FILE_NAME_SIZE, "%s.json", name);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* JSON takes UTF-8 only; what is none of it, and what is very long, is cut or shown as '?'. */
static json_t *command_to_json(const char *command)
{
	auto_free char *text = strndup(command, COMMAND_LIMIT);
	json_t *value = text ? json_string(text) : NULL;

	if (value)
		return value;
	for (char *p = text; p && *p; p++)
		if (*p & 0x80)
			*p = '?';
	return json_string(text ? text : "");
}

static json_t *to_json(const struct measure *m)
{
	json_t *wall = json_array(), *cpu = json_array();

	for (size_t i = 0; i < m->n; i++) {
		json_array_append_new(wall, json_integer((json_int_t)m->samples[i].wall_us));
		json_array_append_new(cpu, json_integer((json_int_t)m->samples[i].cpu_us));
	}
	return json_pack("{s:i, s:s, s:o, s:I, s:o, s:o}", "version", STORE_VERSION, "name",
	        m->name, "command", command_to_json(m->command), "time_us", (json_int_t)m->time_us,
	        "wall_us", wall, "cpu_us", cpu);
}

/* Whether one more finds room: one that takes the place of another does. */
static bool has_room(int place, const char *file)
{
	auto_dir dir = NULL;
	size_t n = 0;
	int fd;

	if (faccessat(place, file, F_OK, 0) == 0)
		return true;
	fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && readdir(dir))
		n++;
	return n < MEASURE_KEPT_MAX + 2; /* "." and ".." */
}

int measure_store(const struct measure *m, struct error *err)
{
	auto_close place = open_place(true, err);
	char file[FILE_NAME_SIZE];
	auto_free char *text = NULL;
	json_t *json;
	int r;

	if (place < 0)
		return place;
	file_name(m->name, file);
	if (!has_room(place, file)) {
		error_set(err, ENOSPC, "keep measurement", m->name, "there are %d already",
		        MEASURE_KEPT_MAX);
		error_advise(err, "forget some: cutaway measure --clear");
		return -ENOSPC;
	}
	json = to_json(m);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return error_set(err, ENOMEM, "keep measurement", m->name, NULL);
	r = file_replace_at(place, file, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "keep measurement", m->name, NULL) : 0;
}

int measure_forget(const char *name, struct error *err)
{
	auto_close place = -1;
	struct error ignored = {0};
	char file[FILE_NAME_SIZE];

	if (measure_name_ok(name)) {
		place = open_place(false, &ignored);
		file_name(name, file);
		if (place >= 0 && unlinkat(place, file, 0) == 0)
			return 0;
	}
	return error_set(err, ENOENT, "forget measurement", name, "there is none of that name");
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool take_number(const json_t *value, uint64_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(value);
	return true;
}

static bool take_samples(const json_t *json, struct measure *m)
{
	const json_t *wall = json_object_get(json, "wall_us");
	const json_t *cpu = json_object_get(json, "cpu_us");
	size_t n = json_array_size(wall);

	if (!n || n > MEASURE_RUNS_MAX || json_array_size(cpu) != n)
		return false;
	m->samples = calloc(n, sizeof *m->samples);
	if (!m->samples)
		return false;
	m->n = n;
	for (size_t i = 0; i < n; i++)
		if (!take_number(json_array_get(wall, i), &m->samples[i].wall_us) ||
		        !take_number(json_array_get(cpu, i), &m->samples[i].cpu_us))
			return false;
	return true;
}

static bool take(const json_t *json, const char *file, struct measure *m)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	const char *command = json_string_value(json_object_get(json, "command"));
	char expected[FILE_NAME_SIZE];

	if (json_integer_value(json_object_get(json, "version")) != STORE_VERSION || !name ||
	        !measure_name_ok(name) || !command)
		return false;
	file_name(name, expected);
	if (strcmp(file, expected) != 0)
		return false;
	memcpy(m->name, name, strlen(name) + 1);
	m->command = strdup(command);
	return m->command && take_number(json_object_get(json, "time_us"), &m->time_us) &&
	       take_samples(json, m);
}

static bool read_one(int place, const char *file, struct measure *ret)
{
	auto_buf text = BUF_INIT;
	struct measure m = {.name = ""};
	struct stat st;
	json_t *json;
	bool good;

	/* A pipe in its place would keep us waiting. */
	if (fstatat(place, file, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (file_read_at(place, file, FILE_LIMIT, &text) < 0)
		return false;
	json = json_loadb(buf_text(&text), text.len, 0, NULL);
	good = json && take(json, file, &m);
	json_decref(json);
	if (good)
		*ret = m;
	else
		measure_release(&m);
	return good;
}

static int by_time(const void *a, const void *b)
{
	const struct measure *x = a, *y = b;

	return x->time_us != y->time_us ? (x->time_us > y->time_us) - (x->time_us < y->time_us)
	                                : strcmp(x->name, y->name);
}

int measure_list_read(int runtime, const char *place, struct measure_list *ret)
{
	int fd = openat(runtime, place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	*ret = (struct measure_list){0};
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	ret->all = calloc(MEASURE_KEPT_MAX, sizeof *ret->all);
	if (!ret->all)
		return -ENOMEM;
	while (ret->n < MEASURE_KEPT_MAX && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && read_one(fd, entry->d_name, &ret->all[ret->n]))
			ret->n++;
	qsort(ret->all, ret->n, sizeof *ret->all, by_time);
	return 0;
}
