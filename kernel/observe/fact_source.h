/* The table of sources. Internal to kernel/observe. */
#pragma once

#include "kernel/observe/model.h"

/* Templates: {pid} {type} (of namespace) {long} (nsenter's option for it) {rest} (behind the
 * attribute) {name} (container) {value} {group} (path of the control group) {file} (that fact's).
 */
struct fact_source {
	const char *attribute; /* ends in '.' when something follows */
	const char *title, *path, *field, *about, *page;
	const char *commands[FACT_COMMANDS];
};

struct fact_words {
	pid_t pid;
	const char *type, *longer, *rest, *name, *value, *group, *file;
};

/* By attribute; NULL when there is none. *ret_rest points behind it. */
const struct fact_source *fact_source_process(const char *attribute, const char **ret_rest);
const struct fact_source *fact_source_container(const char *attribute, const char **ret_rest);
const struct fact_source *fact_source_host(const char *attribute, const char **ret_rest);
extern const struct fact_source fact_source_namespace;

/* Fills title, path, field, about, page and commands of *ret. 0 or -ENOMEM. */
int fact_source_fill(const struct fact_source *s, const struct fact_words *words, struct arena *a,
        struct model_fact *ret);

/* The file of a control group's attribute ("memory.max"), on v1 or v2 as this machine has it
 * mounted; "" for the group itself. `ret_field` is where in the file. NULL: no such attribute, or
 * memory is out. */
const char *fact_cgroup_file(const struct model *m, const char *path, const char *attribute,
        struct arena *a, const char **ret_field);
/* "the memory limit"; NULL = no such attribute. */
const char *fact_cgroup_title(const char *attribute);
