/* Keys that processes of one session share, session-keyring(7). */
#pragma once

#include "kernel/do/step.h"

/* In the child: a new and empty session keyring, so that the keys of whoever made the container are
 * not there to be read. A kernel without keyrings has none to share. */
int keyring_join(struct child_error *fail);
