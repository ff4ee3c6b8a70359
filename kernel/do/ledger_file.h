/* The ledger's file format, shared by those who write it (ledger.c), undo it (ledger_undo.c) and
 * sweep what is orphaned (sweep.c).
 *
 *   cutaway-ledger 1 PID START_TIME BOOT_ID     the owner; process ids mean nothing after a reboot
 *   KIND NAMESPACE LENGTH OBJECT                one line an entry
 *
 * NAMESPACE is the inode of the mount or network namespace that OBJECT is a name in, 0 for kinds
 * that need none. LENGTH is that of OBJECT as written: a line torn in the middle (kill -9, full
 * disk) does not match its length and is ignored, so that half a path is never taken for a path.
 * In OBJECT, newline and backslash stand as \012 and \134, as in /proc/self/mountinfo. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/do/ledger.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ledger_entry {
	enum ledger_kind kind;
	ino_t ns;
	const char *object;
};

struct ledger_book {
	struct process_id owner;
	bool same_boot; /* false: the machine was restarted since; only files can be left */
	struct ledger_entry *entries; /* oldest first */
	size_t n;
	struct arena arena; /* holds all of the above */
};

void ledger_book_release(struct ledger_book *b);
/* -ENOENT: no such ledger. -EBADMSG: its first line is not one of ours. */
int ledger_book_read(int fd, struct ledger_book *ret);
/* Replaces the file by the same owner and the first `n` entries whose `keep` is true. */
int ledger_book_rewrite(const char *path, const struct ledger_book *b, const bool *keep);

/* "mount", "cgroup", … */
const char *ledger_kind_name(enum ledger_kind kind);
/* The inode of this process' namespace that objects of that kind are names in; 0 for none. */
ino_t ledger_kind_namespace(enum ledger_kind kind);
