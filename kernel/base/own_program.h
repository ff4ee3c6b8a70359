/* Our own program out of reach of what we start: CVE-2019-5736.
 *
 * A process of ours that has entered a container shows its file there, as /proc/PID/exe, and a
 * container may even name "/proc/self/exe" as its program. Who is root in there and also out here
 * could open that link and, once nobody runs the file any more, write over it: the next container
 * would be started by the attacker's program, as root, on the host.
 *
 * So before anything else we start again from what nobody can write: a read-only mount of our own
 * file that is in no mount table (open_tree(2), Linux 5.2; mount_setattr(2), 5.12), or, where that
 * takes a right that we do not have, a sealed copy in memory (memfd_create(2)). An ordinary user
 * who cannot write the file has nothing to protect: neither can the container. */
#pragma once

#include "kernel/base/error.h"

/* Returns 0 when the program is out of reach already, or needs not be; does not return when it is
 * started again, with `argv` and the same descriptors. Call it before anything is
 * opened that must not be opened twice. */
int own_program_protect(char *const argv[], struct error *err);
