/* Names for containers that were given none: "calm-otter". */
#pragma once

/* A name made at random, for free(3); NULL without memory. It may be taken. */
char *name_make(void);
