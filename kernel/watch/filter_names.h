/* What a system call filter does, told by the names of the calls: the program (classic BPF) is run
 * for each call that this machine has, with arguments of zero, as the kernel runs it, seccomp(2).
 */
#pragma once

#include "kernel/base/buf.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the program answers for `data`: *ret is SECCOMP_RET_…. False when it is no program that the
 * kernel takes: leads out of itself, divides by zero, has an unknown instruction. */
bool filter_run(
        const struct sock_filter *code, size_t n, const struct seccomp_data *data, uint32_t *ret);

/* Appends ", allows N calls" and for each other answer ", EPERM: reboot, swapon, … (N)": at most
 * 8 names each. A call that is decided by its arguments is counted by what zeroes get. */
void filter_names_add(struct buf *out, const struct sock_filter *code, size_t n);
