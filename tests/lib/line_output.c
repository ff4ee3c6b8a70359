/* Linked into every unit test: results are written line by line, so that a test that forks does not
 * print its parent's buffered lines a second time. */
#include <stdio.h>

__attribute__((constructor)) static void line_output(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
}
