/* The files that a lesson brings along, put where it wants them: inside of the lab, nowhere else.
 */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lesson/scenario.h"

/* Copies the assets for the first machine into the directory `to`, which stands for the machine:
 * "~/" and "/root" are `to` itself, "/opt/x" is opt/x below it, ".." is refused. "file" is a path
 * below the lesson's assets/ (or its folder), maybe with wildcards (glob(7)) and with slashes or
 * "./" around it; a directory is copied with all that it holds. Symbolic links are followed inside
 * of the lesson's folder only. "chmod" is "+x" or an octal mode. At most 2000 files and 64 MiB.
 * Appends to `said`, for people, what could not be copied, and where files went that are not below
 * "~". Returns how many were copied. */
size_t lesson_assets_copy(const struct scenario *lesson, int to, struct buf *said);
