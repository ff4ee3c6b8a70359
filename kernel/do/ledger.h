/* The ledger: what we are about to leave on the machine is written down before it exists, so that
 * it can be taken away again after any end, kill -9 included.
 *
 * One file, one line an entry, appended with a single write(2). Undone from the last line to the
 * first; every undo accepts that the thing is already gone or never came to be. Only what stands in
 * a ledger is ever removed. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/base/process_id.h"

#include <stdbool.h>

enum ledger_kind {
	LEDGER_PROCESS, /* "PID START_TIME": killed, then waited for */
	LEDGER_CGROUP, /* absolute directory in a cgroup file system: emptied, then rmdir'd with its
	                  children */
	LEDGER_MOUNT,  /* absolute mount point in the mount namespace of the writer:
	                  umount2(MNT_DETACH) */
	LEDGER_LINK,   /* network link name in the network namespace of the writer */
	LEDGER_TREE,   /* absolute path of a directory tree: removed, never across file systems */
	LEDGER_FILE,   /* absolute path of one file or socket */
	LEDGER_CONTROL, /* "FILE\tTEXT": write TEXT back to FILE (cgroup.subtree_control "-memory")
	                 */
	LEDGER_NETWORK, /* "CONTAINER DIRECTORY": its place on the lab's network, network.h */
	LEDGER_TABLE,   /* nftables table of family ip, in the network namespace of the writer */
	LEDGER_CHAIN,   /* "TABLE CHAIN": a chain of such a table */
	LEDGER_SYSCTL,  /* "net/ipv4/NAME\tTEXT": write TEXT back, in the network namespace of the
	                   writer */
};

struct ledger;

/* A new ledger file owned by `owner`: while that process lives, nobody else sweeps it. */
int ledger_create(
        const char *path, const struct process_id *owner, struct ledger **ret, struct error *err);
/* Opens an existing one for appending. */
int ledger_open(const char *path, struct ledger **ret, struct error *err);
void ledger_close(struct ledger *l); /* keeps the file; accepts NULL */

/* Writes the entry down. Call before the thing is made. `l` NULL does nothing: for callers that
 * want none. */
int ledger_add(struct ledger *l, enum ledger_kind kind, const char *object, struct error *err);

/* Undoes every entry of the file, last first, then removes the file. What could not be undone stays
 * in it and is the first error. `report` (may be NULL) gets a line for each thing removed. */
int ledger_undo(const char *path, struct buf *report, struct error *err);

/* Reports like ledger_undo() what is there to be removed, and removes nothing. */
int ledger_preview(const char *path, struct buf *report, struct error *err);

/* Who the ledger belongs to. After a reboot nobody: pid 0. -ENOENT when there is no such ledger;
 * -EBADMSG when it is none. */
int ledger_owner(const char *path, struct process_id *ret);

/* Undoes the ledgers of all labs and containers below the runtime directory whose owner is dead,
 * and removes the directories they stood in; `all`: see sweep.h, which has the whole story. */
int ledger_sweep(const char *runtime, bool all, struct buf *report, struct error *err);
