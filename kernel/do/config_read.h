/* Members of config.json, read and checked one by one. For the files config*.c only: every function
 * returns 0 or a negative errno, with an error that names the member as the specification does
 * ("process.user.uid"). What is returned belongs to the arena of the configuration. */
#pragma once

#include "kernel/do/config.h"

/* No list of a configuration may be longer than this, nor a text: a bound, not a wish. */
enum { CONFIG_LIST_MAX = 4096, CONFIG_TEXT_MAX = 128 * 1024 };

int config_bad(struct error *err, const char *member, const char *problem);
/* What the specification knows and this program does not do. */
int config_refuse(struct error *err, const char *member, const char *problem);
int config_no_memory(struct error *err);

/* A text; `fallback` when the member is not there. */
int config_text(struct config *c, const json_t *object, const char *key, const char *member,
        const char *fallback, const char **ret, struct error *err);
/* A list of texts, ended by NULL. A missing one is empty. `ret_n` may be NULL. */
int config_texts(struct config *c, const json_t *list, const char *member, char ***ret,
        size_t *ret_n, struct error *err);
/* A whole number from `min` to `max`; *ret is left alone when the member is not there. */
int config_number(const json_t *object, const char *key, const char *member, int64_t min,
        int64_t max, int64_t *ret, struct error *err);
/* A user or group id; *ret is left alone when the member is not there. */
int config_id(const json_t *object, const char *key, const char *member, uint32_t *ret,
        struct error *err);
/* A limit: a positive number, or -1 or nothing for none. */
int config_limit(const json_t *object, const char *key, const char *member, uint64_t *ret,
        struct error *err);
/* Room for the entries of a list, each of `size`, and for two more, zeroed. */
int config_room(struct config *c, const json_t *list, const char *member, size_t size, void *ret,
        size_t *ret_n, struct error *err);
/* A list of {containerID, hostID, size}, user_namespaces(7). A missing one is empty. */
int config_id_map(struct config *c, const json_t *list, const char *member, struct id_map **ret,
        size_t *ret_n, struct error *err);

/* The parts, each in the file of its idea. */
int config_read_process(struct config *c, const json_t *process, struct error *err);
int config_read_scheduler(struct config *c, const json_t *object, struct error *err);
int config_read_io_priority(struct config *c, const json_t *object, struct error *err);
int config_read_affinity(struct config *c, const json_t *object, struct error *err);
int config_read_mounts(struct config *c, const json_t *list, struct error *err);
/* What is wrong with a member of one mount. */
int config_bad_mount(
        const struct mount_spec *m, const char *member, const char *problem, struct error *err);
/* config_mount_ids.c: uidMappings and gidMappings of a mount; whether an option is "idmap=…". */
int config_mount_ids(struct config *c, const json_t *one, struct mount_spec *m, struct error *err);
bool config_mount_ids_words(const char *option, struct mount_spec *m);
/* After config_read_linux: mounts that want the container's own id mapping get it. */
int config_own_mappings(struct config *c, struct error *err);
int config_read_linux(struct config *c, const json_t *linux_, struct error *err);
int config_read_namespaces(struct config *c, const json_t *list, struct error *err);
int config_read_time_offsets(struct config *c, const json_t *offsets, struct error *err);
int config_read_resources(struct config *c, const json_t *resources, struct error *err);
int config_read_devices(struct config *c, const json_t *list, struct error *err);
int config_read_device_rules(struct config *c, const json_t *list, struct error *err);
int config_read_hooks(struct config *c, const json_t *hooks, struct error *err);
