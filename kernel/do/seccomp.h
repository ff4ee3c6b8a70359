/* System call filters: a small program in the kernel that sees each call before it is done,
 * seccomp(2). */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <jansson.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

/* Compiles linux.seccomp of config.json into a filter; ret->filter is the caller's, for free(3).
 * A name that means nothing on this machine is left out, as other runtimes do: `warnings` (may be
 * NULL) gets one line about all of them. */
int seccomp_compile(
        const json_t *profile, struct sock_fprog *ret, struct buf *warnings, struct error *err);

/* Whether some call is handed to another program to decide, SCMP_ACT_NOTIFY. */
bool seccomp_notifies(const json_t *profile);

/* The profile of a container that has these capabilities, as linux.seccomp: what no program in a
 * container needs, and what the capabilities do not call for, is refused. The caller's. */
json_t *seccomp_default_profile(uint64_t capabilities);

/* Reads a profile from a file: linux.seccomp as JSON, which is what docker's profiles are as well.
 * Their conditions on capabilities or the kernel (includes, excludes) are refused, not passed over.
 * *ret is the caller's. */
int seccomp_profile_read(const char *path, json_t **ret, struct error *err);

/* linux.seccomp.flags as seccomp(2) takes them, with what SCMP_ACT_NOTIFY needs. Checks
 * listenerPath and listenerMetadata. -ENOTSUP for what is not done here. */
int seccomp_flags(const json_t *profile, unsigned *ret, struct error *err);
/* The i-th architecture that a profile may name; NULL after the last. */
const char *seccomp_architecture(size_t i);
/* The i-th flag and action; NULL after the last. */
const char *seccomp_flag(size_t i);
const char *seccomp_action(size_t i);
