/* `hooks` of config.json. */
#include "kernel/do/config_read.h"

#include <errno.h>
#include <unistd.h>

static int read_hook(struct config *c, const json_t *one, struct hook *h, struct error *err)
{
	int64_t seconds = 0;
	size_t n_args = 0;
	int r = config_text(c, one, "path", "hooks.path", "", &h->path, err);

	if (r == 0)
		r = config_texts(
		        c, json_object_get(one, "args"), "hooks.args", &h->args, &n_args, err);
	/* Without `env` it has ours: a shell as a hook expects a PATH. */
	h->env = environ;
	if (r == 0 && json_object_get(one, "env"))
		r = config_texts(c, json_object_get(one, "env"), "hooks.env", &h->env, NULL, err);
	if (r == 0)
		r = config_number(one, "timeout", "hooks.timeout", 1, 86400, &seconds, err);
	if (r < 0)
		return r;
	if (h->path[0] != '/')
		return config_bad(err, "hooks.path", "should be an absolute path");
	/* Without arguments a program would not even have its name; there is room for one. */
	if (!n_args) {
		h->args = arena_alloc(&c->arena, 2 * sizeof *h->args);
		if (!h->args)
			return config_no_memory(err);
		h->args[0] = (char *)h->path;
	}
	h->timeout_ms = seconds ? (int)seconds * 1000 : -1;
	return 0;
}

int config_read_hooks(struct config *c, const json_t *hooks, struct error *err)
{
	static const char *const names[HOOK_KINDS] = {
	        [HOOK_PRESTART] = "prestart",
	        [HOOK_CREATE_RUNTIME] = "createRuntime",
	        [HOOK_CREATE_CONTAINER] = "createContainer",
	        [HOOK_START_CONTAINER] = "startContainer",
	        [HOOK_POSTSTART] = "poststart",
	        [HOOK_POSTSTOP] = "poststop",
	};

	for (int kind = 0; kind < HOOK_KINDS; kind++) {
		const json_t *list = json_object_get(hooks, names[kind]);
		struct hook_list *l = &c->hooks[kind];
		int r = config_room(c, list, "hooks", sizeof *l->hooks, &l->hooks, &l->n, err);
		for (size_t i = 0; r == 0 && i < l->n; i++)
			r = read_hook(c, json_array_get(list, i), &l->hooks[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}
