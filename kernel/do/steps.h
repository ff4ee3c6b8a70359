/* The operations of every step, each in the file of its idea. step.c puts them in order. */
#pragma once

#include "kernel/do/step.h"

extern const struct step_ops step_cgroup, step_limit_memory, step_limit_pids, step_limit_cpu,
        step_cgroup_join;
extern const struct step_ops step_clone;
extern const struct step_ops step_idmap;
extern const struct step_ops step_namespace_mnt, step_namespace_uts, step_namespace_ipc,
        step_namespace_net, step_namespace_cgroup;
extern const struct step_ops step_rootfs, step_pivot;
extern const struct step_ops step_mount_proc, step_mount_dev, step_mount_sys;
extern const struct step_ops step_volumes;
extern const struct step_ops step_hide;
extern const struct step_ops step_hostname;
extern const struct step_ops step_user, step_capabilities, step_no_new_privs;
extern const struct step_ops step_seccomp;
extern const struct step_ops step_exec;

/* Of `--network bridge`. */
extern const struct step_ops step_bridge, step_masquerade, step_publish;
extern const struct step_ops step_veth, step_address, step_resolve;

/* Of OCI bundles: what an engine may ask for beyond our own containers. */
extern const struct step_ops step_group, step_resources, step_group_join;
extern const struct step_ops step_oom_score, step_keyring;
extern const struct step_ops step_namespace_join, step_namespace_time;
extern const struct step_ops step_bind_sources;
extern const struct step_ops step_device_sources;
extern const struct step_ops step_bundle_root, step_mounts, step_devices, step_root_readonly,
        step_root_propagation;
extern const struct step_ops step_root_keep, step_root_change;
extern const struct step_ops step_label, step_scheduler, step_io_priority;
extern const struct step_ops step_sysctl, step_domainname, step_personality, step_rlimits;
extern const struct step_ops step_hooks_runtime, step_hooks_container;
extern const struct step_ops step_start;

struct build;
/* Opens what the child joins the control group of `b` through, into b->cgroup_fds. */
int limit_open_join_files(struct build *b, struct error *err);
