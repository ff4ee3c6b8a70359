/* The model as named facts: each fact a dotted name, each value a short text.
 *
 *   host.hostname  host.kernel  host.cgroups  host.ns.TYPE
 *   containers.count            running ones of ours
 *   container.NAME              status: planned building running exited foreign
 *   container.NAME.pid  .hostname  .image  .command  .exit  .processes  .uid (host uid of its first
 *                               process)  .root (host uid that uid 0 inside stands for)
 *   container.NAME.pid.inside   what the first process is in there;  .uid.inside  .cgroup.inside
 *   container.NAME.link.LINK    addresses of a link in its network namespace, else up or down
 *   container.NAME.ns.TYPE      inode when it is its own; empty when shared with the host
 *   container.NAME.mount.PATH   file system type of the mount at PATH (which may hold dots)
 *   container.NAME.cgroup       path;  .cgroup.memory.max  .cgroup.pids.max  .cgroup.memory.current
 *   container.NAME.cap.CAP      yes/no: effective set of its first process has cap_CAP
 *   container.NAME.caps         number of effective capabilities;  .seccomp  .no_new_privs  yes/no
 *   container.NAME.step.ID      done todo failed;  .error  what failed in it, and why
 *   container.NAME.layers       number of layers below;  .changes  of files written over them
 *   container.NAME.upper.PATH   what its upper directory has there: added changed removed
 *   images.count  layers.count  in the store: names of images, different layers
 *   image.NAME                  yes when it is here;  .digest  .config  .layers  .size  .registry
 *                               .tag  .platform  .command  .shared (layers that another image has
 *                               too)  .layer.N (digest)  .diff_id.N of a layer, the lowest is 1
 *   process.COMM                pid of the first process with that comm; processes.COMM.count
 *   daemon.NAME                 pid of the first daemon of that name;  .clients  how many processes
 *                               are seen to be connected to it;  .clients.COMM  of those with that
 *                               comm;  .servers  .servers.COMM  whom it is connected to
 *   cgroup.PATH                 yes when it exists
 *   measure.NAME                number of runs;  .runs  .median  .min  .max  .q1  .q3  .cpu
 *                               (microseconds)  .command
 *   lab.containers.count  lab.cgroups.count  lab.mounts.count   what labs of ours hold now */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/observe/model.h"

/* Appends the value of `fact`. 0; -ENOENT when nothing of that name exists now (an absent
 * container); -EINVAL when no fact has such a name. */
int query_fact(const struct model *m, const char *fact, struct buf *out);

/* Appends every fact name that exists in this model, one a line: for completion and for help. */
void query_list(const struct model *m, struct buf *out);
