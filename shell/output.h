/* The three standard streams, at the start and at the end of a program. */
#pragma once

/* Descriptors 0, 1 and 2 must be something, or what we open next would become them. A closed input
 * becomes an empty one; a closed output stays one that cannot be written to. First thing in main().
 */
void output_begin(void);
/* The exit status when all is printed: `status`, or 1 with a word on stderr when not all of stdout
 * could be written, which on a full disk shows only now. */
int output_end(int status);
