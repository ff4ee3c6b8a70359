/* Bits and numbers of system calls by the names that their manual pages give them. */
#pragma once

#include "kernel/base/buf.h"

#include <stdint.h>

/* A table ends with a NULL name. */
struct flag {
	uint64_t value;
	const char *name;
};

extern const struct flag flags_clone[], flags_mount[], flags_umount[], flags_open[], flags_at[],
        flags_open_tree[], flags_move_mount[], flags_fsopen[], flags_fsmount[], flags_resolve[],
        flags_mount_attr[], flags_seccomp[], flags_pidfd[];
extern const struct flag values_fsconfig[], values_seccomp[], values_prctl[], values_bpf[],
        values_keyctl[], values_propagation[], values_namespace[];

/* Appends the names of the bits of `value`, joined by |, what has no name in hexadecimal; "0" for
 * none. */
void flags_add(struct buf *out, const struct flag *table, uint64_t value);
/* Appends the name of `value`, or the number. */
void flags_add_value(struct buf *out, const struct flag *table, uint64_t value);
