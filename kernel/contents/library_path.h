/* Where the dynamic loader looks for a library, in the image's files. */
#pragma once

#include "kernel/contents/elf_file.h"
#include "kernel/contents/image_contents.h"

#include <stdbool.h>
#include <stdint.h>

struct library_path {
	char *configured;   /* LD_LIBRARY_PATH of the image's Env; NULL: none */
	char **directories; /* of ld.so.conf, or of musl's ld-musl-ARCH.path */
	size_t n;
	bool musl;
	const struct elf_file *program; /* borrowed: its RPATH counts for all that it loads */
	uint32_t program_node;
};

/* Reads the configuration of the loader of that program, which is borrowed until the release. */
int library_path_read(const struct image_contents *c, const struct elf_file *program, uint32_t node,
        struct library_path *ret, struct error *err);
void library_path_release(struct library_path *p);
/* The file that `name` would be when it is asked for by the file at `by`; FILE_NONE. */
uint32_t library_path_find(const struct library_path *p, const struct file_tree *t,
        const struct elf_file *asking, uint32_t by, const char *name);
