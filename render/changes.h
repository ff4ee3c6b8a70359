/* What is new or different between two models, by their stable ids. `before` NULL = nothing is
 * known to have changed. */
#pragma once

#include "kernel/observe/model.h"
#include "render/scene.h"

enum scene_mark mark_process(const struct model *before, const struct model_process *p);
enum scene_mark mark_namespace(const struct model *before, enum ns_type type, uint64_t inode);
enum scene_mark mark_container(const struct model *before, const struct model_container *c);
/* Was not there when the step began: it comes after who was, so that nobody moves for it. */
bool container_is_fresh(const struct model *before, const struct model_container *c);
/* Limits of a control group (its use changes all the time and is no news). */
enum scene_mark mark_cgroup(const struct model *before, const struct model_cgroup *g);
enum scene_mark mark_mount(const struct model *before, const struct model_mount *m);
enum scene_mark mark_link(const struct model *before, const struct model_link *l);
/* Capabilities, filter and no_new_privs of one process that existed before. */
enum scene_mark mark_security(const struct model *before, const struct model_process *p);
/* By who is connected to whom: sockets have no identity that lasts. */
enum scene_mark mark_connection(
        const struct model *before, const struct model *now, const struct model_connection *c);
enum scene_mark mark_text(const char *before, const char *now); /* before NULL = unknown */
