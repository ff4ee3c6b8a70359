/* For which machine an image is (OCI image specification 1.1, image-index.md, "platform"). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

/* This machine's as images name it: "amd64", "arm64", … */
const char *platform_architecture(void);

/* "OS/ARCHITECTURE[/VARIANT]": "linux/arm64", "linux/arm/v7". */
struct platform {
	char os[32], architecture[32], variant[16]; /* variant "": any, one without it first */
};

void platform_here(struct platform *ret);
/* Reads one; a name of the kernel for a machine ("x86_64", "aarch64") is understood as well.
 * -EINVAL. */
int platform_parse(const char *text, struct platform *ret, struct error *err);
enum { PLATFORM_TEXT = 96 };
void platform_format(const struct platform *p, char ret[PLATFORM_TEXT]);
/* Which of an index's `manifests` is for that platform: the one that fits best, the first of
 * equals; one that says no platform fits all. -ENOENT: none; the cause lists those there are.
 * `object` is for messages. */
int platform_choose(const json_t *manifests, const struct platform *p, const char *object,
        size_t *ret, struct error *err);

/* The manifest for this machine: of a manifest itself, of an index the one that fits (also through
 * an index in an index). -ENOENT when there is none for this machine; the cause lists those there
 * are. */
int platform_pick(const struct layout *l, const char *digest, char ret_manifest[DIGEST_TEXT],
        struct error *err);
