/* Device nodes of config.json that the parent makes before clone3(2), for step_devices to put in
 * place: build.device_tree, a file system that is nowhere, or -1. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct build;

bool device_sources_wanted(const struct build *b);
void device_sources_close(struct build *b);

/* For the child; negative errno. Between show and hide a copy can be taken of the i-th of
 * config.devices: a descriptor for bind_put(). */
int device_sources_show(struct build *b);
int device_sources_take(const struct build *b, size_t i);
int device_sources_hide(struct build *b);
