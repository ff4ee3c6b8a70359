/* Capabilities: the powers of root, one by one, capabilities(7). */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct buf;

/* What a container keeps when nobody says otherwise: the list of Docker and of podman's older
 * releases. */
#define CAPABILITY_DEFAULT capability_default()
uint64_t capability_default(void);

/* "CAP_CHOWN", "cap_chown" or "chown" to its number; -1 when this machine knows none such. */
int capability_number(const char *name);
/* Appends "CAP_CHOWN" for a number. */
void capability_name(int number, struct buf *out);
/* How many there are in this kernel. */
int capability_count(void);
/* The five sets of a process from /proc/PID/status. 0 or -errno. */
struct capability_sets;
int capability_read(pid_t pid, struct capability_sets *ret);
