/* ADD of a tar archive, plain or compressed (gzip, bzip2, xz, zstd): its entries are written into a
 * root. Names are taken with the destination as their "/", and ".." is refused. */
#pragma once

#include "kernel/build/target.h"
#include "kernel/store/digest.h"

/* 1: unpacked (`t` NULL: only summed); 0: the file is no archive, and nothing was written. */
int unpack_archive(
        struct target *t, int fd, const char *destination, struct digest *sum, struct error *err);
