/* Walking through the steps of a container: requests and answers, as JSON.
 *
 *   {"do":"next"} {"do":"back"} {"do":"all"} {"do":"to","step":"rootfs"} {"do":"list"}
 * {"do":"quit"}
 *
 * The answer: {"name", "status", "done", "total", "rebuilt", "performed":[STEP…], "steps":[…],
 * "error":{"operation","object","cause","advice","code"}}; `performed` for what was done now (the
 * step taken back, for "back"), `steps` for "list", `error` only when there was one. A STEP is that
 * of step_json.h with "seen":[line…] and "problem", what reading the machine back has found. */
#pragma once

#include "kernel/do/container.h"

#include <jansson.h>

/* Does what is asked and writes the container's state. *ret is the caller's; failures of the steps
 * are in it. 1 when the monitor is to quit, else 0 or -ENOMEM. */
int session_answer(struct container *c, const json_t *request, json_t **ret);

/* The explanation of one step, with what reading back has seen if it is done. The caller's. */
json_t *session_step(struct container *c, size_t index);

/* RUNTIME/containers/NAME/control, a listening unix socket. */
int session_listen(struct container *c, int *ret_fd, struct error *err);
/* Serves one connection. 1 when the monitor is to quit. */
int session_serve(int listening, struct container *c);

/* The other side: asks the monitor of a container. *ret is the caller's. */
int session_ask(const char *name, const json_t *request, json_t **ret, struct error *err);
