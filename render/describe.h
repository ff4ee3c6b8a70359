/* Facts of the model as short clean words. All strings belong to the scene. */
#pragma once

#include "kernel/observe/model.h"
#include "render/scene.h"

const char *describe_size(struct scene *s, uint64_t bytes); /* "12M"; "no limit"; "?" unknown */
/* "3.2M/64M", "1/20"; the limit is left out when there is none. */
const char *describe_use(struct scene *s, uint64_t current, uint64_t max, bool bytes);
/* How full, 0 to 1; negative when there is no limit or nothing is known. */
double describe_fill(uint64_t current, uint64_t max);
const char *describe_status(struct scene *s, const struct model_container *c);
/* What a process is called: comm, with the first word of its arguments where that tells more. */
const char *describe_process(struct scene *s, const struct model_process *p);
const char *describe_user(struct scene *s, long uid); /* "0 root", "1000", "none" */
/* A path of at most `most` cells: of a longer one its end, which tells more than its beginning. */
const char *describe_path(struct scene *s, const char *path, int most);
int describe_count_capabilities(uint64_t set);
/* The name of capability `n` without "cap_", NULL when there is none of this number. */
const char *describe_capability(int n);
/* The role that draws namespaces of this type. */
enum scene_role describe_namespace_role(enum ns_type type);
/* How many of the container's namespaces are not the host's. */
int describe_own_namespaces(const struct model *m, const struct model_container *c);
/* Whether the namespaces of a process could be read at all: another user's may not. */
bool describe_can_read(const struct model_process *p);
/* The step that failed; n_steps when none has. What was done before it is undone by then. */
size_t describe_failed_step(const struct model_container *c);
/* "mount-proc: EPERM" of the step that failed; "" when none has. */
const char *describe_failure(struct scene *s, const struct model_container *c);
/* Step that comes next (0 = the first); n_steps when all are done. */
size_t describe_next_step(const struct model_container *c);
/* "80/tcp", "127.0.0.1:8080/tcp", "[::1]:80/tcp": the address where it is not any. */
const char *describe_listener(struct scene *s, const struct model_listener *l);
/* Whether it says the same as the one before it: one program that listens on 0.0.0.0 and on ::. */
bool describe_listener_again(const struct model *m, size_t i);
/* "◀┄ 3", "from green, host": how many are connected to it, and from where; "" and "" when nobody
 * is. */
const char *describe_clients(struct scene *s, const struct model *m, const struct model_listener *l,
        const char **ret_from);
