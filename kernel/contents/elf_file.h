/* What a program or library says it needs: elf(5), gABI chapter 5 "Dynamic Linking", and for
 * versions the LSB core specification, "Symbol Versioning". Read with libelf, from program headers
 * as the kernel and the dynamic loader do; versions from sections. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_LIST_MAX = 1000 }; /* of each list: more are not kept */

/* "GLIBC_2.34", of "libc.so.6" */
struct elf_version {
	char *name, *library;
};

struct elf_file {
	int bits;              /* 32 or 64 */
	uint16_t machine;      /* EM_* */
	bool dynamic;          /* it has something for the dynamic loader */
	char *interpreter;     /* the loader that the kernel starts; NULL: none */
	char *rpath, *runpath; /* NULL: none */
	char **needed;         /* names of libraries */
	size_t n_needed;
	struct elf_version *wants; /* versions that it needs of its libraries */
	size_t n_wants;
	char **defines; /* versions that it has for others */
	size_t n_defines;
};

/* 0; -ENOEXEC: no ELF file, or one that cannot be understood. The descriptor is borrowed. */
int elf_file_read(int fd, struct elf_file *ret, struct error *err);
void elf_file_release(struct elf_file *e);
/* "x86-64"; "machine 300" of one without a name here, in `room`. */
const char *elf_machine_name(uint16_t machine, char room[24]);
/* The machine of an OCI architecture ("amd64"), 0 when it is not known. */
uint16_t elf_machine_of(const char *architecture);
/* "x86_64-linux-gnu": where Debian keeps libraries of a machine; "" when it is not known. */
const char *elf_machine_triplet(uint16_t machine);
