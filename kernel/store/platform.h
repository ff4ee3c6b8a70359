/* For which machine an image is (OCI image specification 1.1, image-index.md, "platform"). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

/* This machine's as images name it: "amd64", "arm64", … */
const char *platform_architecture(void);

/* The manifest for this machine: of a manifest itself, of an index the one that fits (also through
 * an index in an index). -ENOENT when there is none for this machine; the cause lists those there
 * are. */
int platform_pick(const struct layout *l, const char *digest, char ret_manifest[DIGEST_TEXT],
        struct error *err);
