/* The directory of a running lab, RUNTIME/labs/ID/:
 *
 *   lab.json   what the lab is doing (lab_state.h)
 *   control    a Unix stream socket that takes tutor words, a line each: how the stage's keys reach
 *              the tutor while a program holds the terminal
 *   bin/       `cutaway`, `ct` and `cutaway-oci`, links to the running program and the one beside
 *              it, first in PATH
 *   files/     for files of the learner's, which go with the lab: the variable LAB
 *   lesson     link to the folder of the lesson that is open: the variable LESSON
 *   images     names that the lab gave to images (kernel/store/lab_images.h)
 *   watch.jsonl  what `cutaway watch` records in this lab (shell/watch/lab_record.h)
 *   ledger     what the lab left on the machine (kernel/do/ledger.h), its keeper's */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stddef.h>
#include <sys/types.h>

struct lab;

/* Makes the directory and listens. `id` NULL = a new one; else letters, digits, '-' only. */
int lab_create(const char *id, struct lab **ret, struct error *err);
/* Frees, and removes the directory unless the keeper's ledger is in it: then the keeper removes it
 * last. Accepts NULL. */
void lab_remove(struct lab *lab);

const char *lab_id(const struct lab *lab);
const char *lab_directory(const struct lab *lab); /* absolute */
int lab_directory_fd(const struct lab *lab);
int lab_control_fd(const struct lab *lab); /* poll for reading; -1 when there is none */

/* Takes one line that somebody wrote to the control socket, without its newline: 1 with the line
 * appended, 0 when there is none now. Never waits; lines are bounded. */
int lab_control_read(struct lab *lab, struct buf *line);

/* A viewer's side: writes one line to the control socket of the lab with its directory at `dirfd`.
 * Does not wait for an answer: that comes in lab.json. */
int lab_control_send(int dirfd, const char *line, struct error *err);

/* Lets the link "lesson" of the lab with its directory at `directory` lead to a lesson's folder.
 * Negative errno. */
int lab_link_lesson(const char *directory, const char *folder);

/* A fresh id. */
void lab_make_id(char *ret, size_t size);
/* As root: a mount namespace of our own, from which no mount gets out to the machine
 * (mount_namespaces(7)). Needs CAP_SYS_ADMIN: -EPERM else. */
int lab_private_mounts(struct error *err);
