/* Following processes without stopping them: a program in the kernel (tap.bpf.c, bpf(2)) takes
 * each call of interest down, and what comes out is read here. It takes CAP_BPF and CAP_PERFMON,
 * and a kernel that describes its types (/sys/kernel/btf/vmlinux). When we end, in whatever way,
 * the kernel removes it: nobody notices. */
#pragma once

#include "kernel/watch/tap/event.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tap;

/* Loads it; *ret is the caller's. Negative errno: the kernel does not have it, or not for us. */
int tap_open(struct tap **ret);
/* These processes and all that they start are followed from their next call on. -ESRCH. */
int tap_follow(struct tap *p, const pid_t *pids, size_t n);
/* Gives what has been told since, in its order; `event` with `size` bytes of areas behind it, which
 * are only there during the call. How many. */
typedef void tap_take_t(void *data, const struct tap_event *event, const void *areas, size_t size);
size_t tap_take(struct tap *p, tap_take_t *take, void *data);
/* How many events have found no room, since this was asked last. */
uint64_t tap_missed(struct tap *p);
/* NULL is none. */
void tap_close(struct tap *p);
