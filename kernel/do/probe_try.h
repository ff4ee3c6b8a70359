/* The attempts behind kernel/do/probe.c: each tries the real thing in a child process and answers 0
 * or the negative errno that the kernel gave. */
#pragma once

#include <stdbool.h>

/* A mount of an overlay on a tmpfs, in a mount namespace of its own; with `in_userns` as the root
 * of a new user namespace, as rootless containers do it. */
int try_overlay(bool in_userns);
/* A user namespace with this user as its root, and a mount in it: some systems let one be made and
 * then deny it every capability. */
int try_user_namespace(void);
int try_time_namespace(void);
int try_seccomp(void);
/* The kernel's announcements of forks and exits, connector(7). */
int try_proc_connector(void);
/* Runs "NAME --version"; -ENOENT when it is not in PATH. */
int try_program(const char *name);
/* Runs nft(8) in a network namespace of its own, for a rule that changes the destination. */
int try_nat(void);
/* Connects to a Unix socket. */
int try_socket(const char *path);
/* Whether this process has CAP_SYS_ADMIN. */
bool have_sys_admin(void);
