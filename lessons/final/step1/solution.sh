# shellcheck shell=bash disable=SC2086
# One way to draw it.
diagram place you you
for part in shell docker dockerd containerd shim runc container; do diagram place $part user; done
for part in namespaces cgroups capabilities seccomp mounts; do diagram place $part kernel; done
diagram connect you shell types
diagram connect shell docker 'fork+exec'
diagram connect docker dockerd HTTP
diagram connect dockerd containerd gRPC
diagram connect containerd shim 'ttrpc'
diagram connect shim runc 'fork+exec'
diagram connect runc container 'clone'
diagram connect runc namespaces 'clone, unshare, setns'
diagram connect runc cgroups 'mkdir and write in cgroupfs'
diagram connect runc capabilities capset
diagram connect runc seccomp seccomp
diagram connect runc mounts 'mount, pivot_root'
