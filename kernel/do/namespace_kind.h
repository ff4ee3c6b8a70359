/* The eight kinds of namespaces and what each is called where, namespaces(7). */
#pragma once

#include <stddef.h>

struct namespace_kind {
	const char *type; /* in config.json: "mount" */
	const char *file; /* in /proc/PID/ns: "mnt" */
	const char *flag_name;
	unsigned long flag; /* CLONE_NEW*, also what NS_GET_NSTYPE tells */
};

enum { NAMESPACE_KINDS = 8 };
extern const struct namespace_kind namespace_kinds[NAMESPACE_KINDS];

/* NULL: there is none such. */
const struct namespace_kind *namespace_kind_of_type(const char *type);
const struct namespace_kind *namespace_kind_of_flag(unsigned long flag);
