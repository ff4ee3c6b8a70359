/* What is written down about the lab's network, for all containers on it: network.json.
 *
 *   {"bridge": "cutaway0", "table": "cutaway", "subnet": 173539328, "ip_forward_was": "0",
 *    "members": {"red": {"host": 2, "hostname": "red"}}}
 *
 * `host` is the last number of the address. Read and written with the directory locked; who only
 * looks may read without, since the file is replaced as a whole. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Locks the directory, making it where it is missing and `create`. Returns the descriptor that
 * holds the lock, or -ENOENT or another errno. */
int record_lock(const char *directory, bool create);

/* The record, empty ({"members": {}}) when there is none; the caller's. NULL: no memory. */
json_t *record_read(const char *directory);
int record_write(const char *directory, const json_t *record);

json_t *record_members(const json_t *record);
/* 0 when it is not on it. */
uint32_t record_host(const json_t *record, const char *name);
/* The lowest number nobody has; 0 = all are taken. */
uint32_t record_free_host(const json_t *record);
int record_add(json_t *record, const char *name, const char *hostname, uint32_t host);

/* The file in the directory that the container of this name sees as its /etc/hosts. */
enum { RECORD_FILE_SIZE = 128 };
void record_hosts_file(const char *name, char ret[static RECORD_FILE_SIZE]);
/* Writes the hosts file of each member anew, and makes that of the one who comes (NULL: nobody).
 *
 * In place, since what is mounted in a container is this very file. And one for each, since what a
 * program has passed on by splice(2) or sendfile(2), as busybox's cat does, is the page of the file
 * itself: who reads the pipe late reads what was written last. That must not be that the
 * container is gone, by its own end. */
int record_write_hosts(const char *directory, const json_t *record, const char *comes);
/* Of one who goes: what it has passed on stays as it is. */
void record_remove_hosts(const char *directory, const char *name);
/* Writes `resolv.conf` of the machine's own: what of it a container can reach. */
int record_write_resolvers(const char *directory);

/* The part of record_write_resolvers() that thinks: appends what is kept of `text`; how many name
 * servers that leaves. */
size_t resolvers_keep(const char *text, struct buf *out);
