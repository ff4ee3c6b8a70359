/* What a security module is to call the program: process.apparmorProfile, process.selinuxLabel and
 * linux.mountLabel. Only where the module is at work; elsewhere a profile that protects nobody is
 * an error, a label of mounts a warning, apparmor(7), selinux(8). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/config.h"
#include "kernel/do/step.h"

bool label_apparmor_works(void);
bool label_selinux_works(void);
/* -ENOTSUP and the member, when a label is asked for that nobody would look at. That of mounts is
 * left out then, with a line in c->warnings. */
int label_check(struct config *c, struct error *err);
/* Gives file systems that are to be mounted the label in linux.mountLabel. */
int label_mounts(struct config *c, struct error *err);
/* Of the next execve(2) of this process or of what it forks. For the child, with the host's /proc
 * in sight. */
int label_next_program(const struct config *c, struct child_error *fail);
