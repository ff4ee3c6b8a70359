/* What a program of an image needs to start there: the interpreter that the kernel would start, and
 * all libraries that this one would load, each at the place where it would be found among the files
 * of the image. Order of the search: ld.so(8), "DESCRIPTION"; for musl its manual, "Dynamic
 * linker". Nothing is run. */
#pragma once

#include "kernel/contents/elf_file.h"
#include "kernel/contents/image_contents.h"
#include "kernel/contents/packages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIBRARIES_MAX = 500 };

struct library {
	char *name; /* as it is asked for: "libc.so.6", "/lib64/ld-linux-x86-64.so.2" */
	bool interpreter;
	bool wrong;            /* found, and no library of this machine and class */
	uint32_t node;         /* where it is found; FILE_NONE: no layer has it */
	size_t asked_by;       /* which of the list asks for it first; LIBRARIES_MAX: the program */
	char *missing_version; /* the first version that is asked of it and that it has not; or NULL
	                        */
	char *newest;          /* then: the last one of that kind that it has; or NULL */
	struct package package;
};

enum program_form {
	PROGRAM_OTHER,  /* data, or a form unknown here */
	PROGRAM_STATIC, /* ELF that needs no other file */
	PROGRAM_DYNAMIC,
	PROGRAM_LIBRARY, /* ELF without an interpreter that has something for the loader */
	PROGRAM_SCRIPT,  /* "#!" */
};

struct libraries {
	enum program_form form;
	int bits;
	uint16_t machine;
	bool foreign;         /* made for another machine than the image is for */
	bool musl;            /* its interpreter is musl's */
	char *shebang;        /* of a script: the program that runs it; in `list` as interpreter */
	struct library *list; /* the interpreter first */
	size_t n;
	struct package package; /* of the program itself */
	int rpm_unread;         /* as packages_of() tells it */
	bool starts;            /* nothing is missing */
};

/* Of a regular file that is seen in the end. A library counts as if a program of its image loaded
 * it. */
int libraries_of(
        const struct image_contents *c, uint32_t node, struct libraries *ret, struct error *err);
void libraries_release(struct libraries *l);
