/* Arguments of system calls that are more than a number or a string: structures in the caller's
 * memory, or numbers whose meaning another argument decides. Each appends argument number `i` of
 * the call as C would write it, the address in hexadecimal where its memory cannot be read; or
 * nothing, where this call has no such argument. */
#pragma once

#include "kernel/watch/call.h"

void call_add_clone_flags(struct buf *out, const struct call_made *made, size_t i);
void call_add_clone_args(struct buf *out, const struct call_made *made, size_t i); /* clone3(2) */
void call_add_mount_attr(struct buf *out, const struct call_made *made, size_t i);
void call_add_fsconfig(struct buf *out, const struct call_made *made, size_t i);
void call_add_open_how(struct buf *out, const struct call_made *made, size_t i); /* openat2(2) */
void call_add_groups(struct buf *out, const struct call_made *made, size_t i);
void call_add_cap_header(struct buf *out, const struct call_made *made, size_t i); /* capset(2) */
void call_add_cap_data(struct buf *out, const struct call_made *made, size_t i);
void call_add_prctl(struct buf *out, const struct call_made *made, size_t i);
void call_add_filter(struct buf *out, const struct call_made *made, size_t i); /* seccomp(2) */
void call_add_bpf(struct buf *out, const struct call_made *made, size_t i);
void call_add_keyctl(struct buf *out, const struct call_made *made, size_t i);
void call_add_argv(struct buf *out, const struct call_made *made, size_t i);
/* How many there are: values may be secrets. */
void call_add_environment(struct buf *out, const struct call_made *made, size_t i);
void call_add_address(struct buf *out, const struct call_made *made, size_t i); /* connect(2) */
/* Bytes whose number the next argument is. */
void call_add_bytes(struct buf *out, const struct call_made *made, size_t i);
/* A descriptor and, in angle brackets, the file behind it. */
void call_add_file(struct buf *out, const struct call_made *made, size_t i);
