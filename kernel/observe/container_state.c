/* Containers of ours: RUNTIME/containers/NAME/state.json, which their monitor replaces after every
 * step. It tells the plan; whether the process it names still lives, /proc tells. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

enum { MAX_STEPS = 256, MAX_LAYERS = 256, MAX_ARGUMENTS = 1024, MAX_NAME = 255, MAX_PORTS = 64 };

/* A member that is a text without NUL; "" when it is missing or something else. */
static const char *text_of(struct reading *r, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return "";
	return reading_string(r, json_string_value(value), strlen(json_string_value(value)));
}

static json_int_t number_of(const json_t *object, const char *key, json_int_t otherwise)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static pid_t pid_of(const json_t *object, const char *key)
{
	json_int_t value = number_of(object, key, 0);

	return value > 0 && value < INT32_MAX ? (pid_t)value : 0;
}

static const char *command_of(struct reading *r, const json_t *object)
{
	const json_t *words = json_object_get(object, "command");
	auto_buf text = BUF_INIT;

	for (size_t i = 0; i < json_array_size(words) && i < MAX_ARGUMENTS; i++) {
		const char *word = json_string_value(json_array_get(words, i));
		if (i)
			buf_addc(&text, ' ');
		buf_add(&text, word ? word : "");
	}
	return reading_string(r, buf_text(&text), text.len);
}

static void read_layers(struct reading *r, const json_t *object, struct model_container *c)
{
	const json_t *layers = json_object_get(object, "layers");
	size_t n = json_array_size(layers);
	const char **list;

	n = n < MAX_LAYERS ? n : MAX_LAYERS;
	list = n ? arena_alloc(&r->model->arena, n * sizeof *list) : NULL;
	if (!list)
		return;
	for (size_t i = 0; i < n; i++) {
		const char *path = json_string_value(json_array_get(layers, i));
		list[i] = path ? reading_string(r, path, strlen(path)) : "";
	}
	c->layers = list;
	c->n_layers = n;
}

/* "0.0.0.0:8080->80/tcp", as many as there are. */
static const char *ports_of(struct reading *r, const json_t *object)
{
	const json_t *ports = json_object_get(json_object_get(object, "network"), "ports");
	auto_buf text = BUF_INIT;

	for (size_t i = 0; i < json_array_size(ports) && i < MAX_PORTS; i++) {
		const json_t *port = json_array_get(ports, i);
		buf_addf(&text, "%s%s:%lld->%lld/%s", i ? " " : "", text_of(r, port, "host"),
		        (long long)number_of(port, "host_port", 0),
		        (long long)number_of(port, "port", 0), text_of(r, port, "protocol"));
	}
	return reading_string(r, buf_text(&text), text.len);
}

static enum step_status step_status_of(const char *word)
{
	if (!strcmp(word, "done"))
		return STEP_DONE;
	return !strcmp(word, "failed") ? STEP_FAILED : STEP_TODO;
}

static void read_steps(struct reading *r, const json_t *object, struct model_container *c)
{
	const json_t *steps = json_object_get(object, "steps");
	size_t n = json_array_size(steps);
	struct model_step *list;

	n = n < MAX_STEPS ? n : MAX_STEPS;
	list = n ? arena_alloc(&r->model->arena, n * sizeof *list) : NULL;
	if (!list)
		return;
	for (size_t i = 0; i < n; i++) {
		const json_t *step = json_array_get(steps, i);
		list[i] = (struct model_step){
		        .id = text_of(r, step, "id"),
		        .title = text_of(r, step, "title"),
		        .status = step_status_of(text_of(r, step, "status")),
		        .error = text_of(r, step, "error"),
		        .advice = text_of(r, step, "advice"),
		        .call = text_of(r, step, "call"),
		        .why = text_of(r, step, "why"),
		};
	}
	c->steps = list;
	c->n_steps = n;
}

static const struct model_process *living(const struct model *m, pid_t pid, json_int_t start)
{
	const struct model_process *p = pid ? model_process(m, pid) : NULL;

	return p && start >= 0 && p->start_time == (uint64_t)start && p->state != 'Z' ? p : NULL;
}

/* What the file says, corrected by what lives: a monitor that was killed can not write "exited". */
static enum container_status status_of(
        const struct reading *r, const json_t *state, const struct model_process *first)
{
	const char *word = json_string_value(json_object_get(state, "status"));
	bool monitored = living(
	        r->model, pid_of(state, "monitor_pid"), number_of(state, "monitor_start", -1));

	if (!word || !strcmp(word, "exited"))
		return CONTAINER_EXITED;
	if (!first && (pid_of(state, "pid") || !monitored))
		return CONTAINER_EXITED;
	if (!strcmp(word, "planned"))
		return CONTAINER_PLANNED;
	return !strcmp(word, "running") ? CONTAINER_RUNNING : CONTAINER_BUILDING;
}

static void fill(
        struct reading *r, const char *name, const json_t *state, struct container_draft *draft)
{
	struct model_container *c = &draft->container;
	const struct model_process *first =
	        living(r->model, pid_of(state, "pid"), number_of(state, "start_time", -1));
	const char *cgroup = json_string_value(json_object_get(state, "cgroup"));
	const struct model_cgroup *group = cgroup ? model_cgroup(r->model, cgroup) : NULL;

	c->name = reading_string(r, name, strlen(name));
	c->image = text_of(r, state, "image");
	c->command = command_of(r, state);
	c->upper = text_of(r, state, "upper");
	c->ports = ports_of(r, state);
	c->rootfs = text_of(r, state, "rootfs");
	c->status = status_of(r, state, first);
	c->cgroup = group ? (int)(group - r->model->cgroups) : -1;
	if (c->status == CONTAINER_EXITED)
		c->exit_code = (int)number_of(state, "exit_code", -1);
	read_layers(r, state, c);
	upper_read(r, c);
	read_steps(r, state, c);
	draft->monitor = pid_of(state, "monitor_pid");
	if (first)
		container_describe(r, draft, first);
}

/* 0 as well when the file tells nothing: it is half a container, being made or being removed. */
static int read_one(struct reading *r, int dir, const char *name, struct container_list *l)
{
	auto_close fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_buf text = BUF_INIT;
	struct container_draft *draft;
	json_t *state;

	if (fd < 0 || strlen(name) > MAX_NAME ||
	        file_read_at(fd, "state.json", READING_STATE_BYTES, &text) < 0)
		return 0;
	state = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (!json_is_object(state)) {
		json_decref(state);
		return 0;
	}
	draft = container_list_add(l);
	if (draft)
		fill(r, name, state, draft);
	json_decref(state);
	return draft ? 0 : -ENOMEM;
}

int container_states_read(struct reading *r, struct container_list *l)
{
	int fd = r->runtime < 0
	                 ? -1
	                 : openat(r->runtime, "containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int result = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (result == 0 && l->n < READING_MAX_CONTAINERS && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			result = read_one(r, fd, e->d_name, l);
	return result;
}
