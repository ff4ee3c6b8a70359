#include "shell/lesson/scenario.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/scenario_json.h"
#include "shell/lesson/scenario_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { INDEX_LIMIT = 4 << 20 };

static int read_asset(struct reader *r, const char *host, const json_t *item)
{
	struct scenario_asset *asset = &r->s->assets[r->s->n_assets];
	int result = 0;

	if (json_is_string(item))
		asset->file = arena_strdup(&r->s->arena, json_string_value(item));
	else
		result = reader_string(r, item, "file", false, &asset->file);
	asset->host = arena_strdup(&r->s->arena, host);
	if (result == 0)
		result = reader_string(r, item, "target", false, &asset->target);
	if (result == 0)
		result = reader_string(r, item, "chmod", false, &asset->mode);
	if (asset->file && asset->host && *asset->file)
		r->s->n_assets++;
	return result;
}

/* details.assets: {"host01": [{"file": …, "target": …, "chmod": …}]}; one object or a list
 * without hosts are taken as well. */
static int read_assets(struct reader *r, const json_t *root)
{
	const json_t *hosts = reader_part(root, "assets"), *list;
	const char *host;
	size_t n = 0;
	int result = 0;

	json_object_foreach ((json_t *)hosts, host, list) {
		n += json_is_array(list) ? json_array_size(list) : 1;
	}
	n += json_array_size(hosts);
	r->s->assets = arena_alloc(&r->s->arena, (n + 1) * sizeof *r->s->assets);
	if (!r->s->assets)
		return reader_no_memory(r);
	for (size_t i = 0; i < json_array_size(hosts) && result == 0; i++)
		result = read_asset(r, "host01", json_array_get(hosts, i));
	json_object_foreach ((json_t *)hosts, host, list) {
		if (json_is_object(list) && result == 0)
			result = read_asset(r, host, list);
		for (size_t i = 0; i < json_array_size(list) && result == 0; i++)
			result = read_asset(r, host, json_array_get(list, i));
	}
	return result;
}

static int read_scenario(struct reader *r, const json_t *root)
{
	struct scenario *s = r->s;
	int result = reader_title(r, root, &s->title);

	if (result == 0)
		result = reader_string(r, root, "description", true, &s->description);
	if (result == 0)
		result = reader_string(r, root, "time", false, &s->time);
	if (result == 0)
		result = reader_string(r, root, "difficulty", false, &s->difficulty);
	if (result == 0)
		result = reader_string(
		        r, reader_part(root, "backend"), "imageid", false, &s->machine);
	if (result < 0)
		return result;
	s->title = s->title && *s->title ? s->title : s->name;
	s->description = s->description ? s->description : "";
	s->time = s->time ? s->time : "";
	s->difficulty = s->difficulty ? s->difficulty : "";
	s->machine = s->machine ? s->machine : "";
	result = read_assets(r, root);
	return result < 0 ? result : reader_pages(r, root);
}

static int keep_remark(struct reader *r, const struct buf *remark)
{
	auto_buf clean = BUF_INIT;

	clean_text(buf_text(remark), remark->len, false, &clean);
	r->s->remark = arena_strdup(&r->s->arena, buf_text(&clean));
	return r->s->remark && !buf_failed(remark) && !buf_failed(&clean) ? 0 : reader_no_memory(r);
}

int scenario_load(const char *folder, struct scenario **ret, struct error *err)
{
	auto_free char *absolute = realpath(folder, NULL);
	auto_free struct scenario *s = calloc(1, sizeof *s);
	auto_close fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct reader r = {.s = s, .fd = fd, .err = err};
	auto_buf remark = BUF_INIT;
	json_t *root = NULL;
	int result;

	if (fd < 0 || !absolute)
		return error_set(err, errno, "open lesson folder", folder, NULL);
	if (!s)
		return error_set(err, ENOMEM, "read lesson", folder, NULL);
	s->folder = arena_strdup(&s->arena, absolute);
	if (!s->folder) {
		result = reader_no_memory(&r);
	} else {
		s->name = strrchr(s->folder, '/') + 1;
		result = scenario_json_read_sloppy(
		        fd, s->folder, "index.json", INDEX_LIMIT, &remark, &root, err);
	}
	if (result == 0)
		result = keep_remark(&r, &remark);
	if (result == 0)
		result = read_scenario(&r, root);
	json_decref(root);
	if (result < 0) {
		scenario_free(steal_ptr(s));
		return result;
	}
	*ret = steal_ptr(s);
	return 0;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_pages; i++)
		markdown_free(s->pages[i].parsed);
	arena_release(&s->arena);
	free(s);
}

char *scenario_folder_above(const struct scenario *s)
{
	size_t n = (size_t)(strrchr(s->folder, '/') - s->folder);

	return n ? strndup(s->folder, n) : strdup("/");
}
