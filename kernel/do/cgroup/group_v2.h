/* What is different about control groups of version 2: controllers that have to be switched on, and
 * a program of the kernel's own machine in the place of a list of devices (cgroup-v2.rst). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/config.h"

#include <stdbool.h>

/* Whether the tree mounted there has the controller at all. */
bool group_v2_has(const char *mount, const char *controller);
/* Switches the controller on in every group above `directory`, from the top down. */
int group_v2_enable(
        const char *mount, const char *directory, const char *controller, struct error *err);
/* Attaches a program that answers for each use of a device, bpf(2), BPF_CGROUP_DEVICE. Linux 4.15,
 * root. */
int group_v2_devices(const char *directory, const struct config *c, struct error *err);
