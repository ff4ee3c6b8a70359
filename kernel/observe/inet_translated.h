/* Connections whose addresses are translated on the way (NAT), as by a published port: what the
 * kernel keeps of each, net/nf_conntrack of the namespace that translates. Internal to
 * kernel/observe. For root, where the kernel has the file (CONFIG_NF_CONNTRACK_PROCFS). */
#pragma once

#include "kernel/observe/inet_told.h"
#include "kernel/observe/reading.h"

/* A file that is longer is not read: who passes on that much is no machine for learners, and it
 * would cost more than all the rest. */
enum { INET_TRANSLATED_BYTES = 256 * 1024 };

struct inet_translation {
	struct inet_end client, asked; /* as who connected has it: its own end, the other */
	struct inet_end server, seen;  /* as who accepted has it: its own end, the other */
};

struct inet_translations {
	struct inet_translation *all; /* by server, then seen */
	size_t n;
};

/* Out of a line of the file; false when it is of no TCP connection, or nothing is translated. */
bool inet_translation_from_line(const char *line, struct inet_translation *ret);
/* Of the host's network namespace; none when that is not told. 0 or -ENOMEM. */
int inet_translations_read(struct reading *r, struct inet_translations *ret);
/* What became of the connection that who accepted it has with these ends; NULL = it is not
 * translated. */
const struct inet_translation *inet_translations_find(const struct inet_translations *t,
        const struct inet_end *server, const struct inet_end *seen);
void inet_translations_release(struct inet_translations *t);
