/* Namespaces of another container of ours, to be shared with it: `--network container:NAME` and the
 * like, which is what makes a pod of containers.
 *
 * They are entered by their files in /proc/PID/ns (namespace_join.h). Who may do something in a
 * namespace is said in the user namespace that owns it (namespaces(7)): so with any of the others
 * the user namespace of that container comes along, and all that are shared have to be of one. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/base/process_id.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Those that can be shared by choice. A mount table, a place in the tree of control groups and an
 * owner are each container's own; the last comes along. */
enum share_kind { SHARE_NETWORK, SHARE_IPC, SHARE_PID, SHARE_UTS, SHARE_KINDS };

/* "network", as in config.json; "--network" is the option. */
const char *share_type(enum share_kind kind);

struct share {
	struct process_id with[SHARE_KINDS]; /* first processes; pid 0 = not shared */
	const char *names[SHARE_KINDS];      /* whose they are; not owned */
	struct shared {
		const char *type; /* as in config.json */
		char path[32];    /* "/proc/PID/ns/net" */
	} entered[SHARE_KINDS + 1];
	size_t n;          /* 0 = nothing is shared */
	bool user;         /* a user namespace is among them; else they are of our own */
	uid_t root;        /* who root of it is outside */
	char hostname[65]; /* what those in the shared uts namespace read */
};

/* Looks up the running containers `names` (NULL = not shared). -ESRCH when one does not run,
 * -EINVAL when they are of different user namespaces. Nothing is opened. */
int share_find(const char *const names[static SHARE_KINDS], struct share *ret, struct error *err);
/* After their files are open: whether all of them are still those that were found. */
int share_check(const struct share *s, struct error *err);
