# shellcheck shell=bash disable=SC2086
# One way to draw it.
ct diagram task single-host
ct diagram place you you
for part in shell docker dockerd containerd shim runc container; do ct diagram place $part user; done
for part in namespaces cgroups capabilities seccomp mounts; do ct diagram place $part kernel; done
ct diagram connect you shell types
ct diagram connect shell docker 'fork+exec'
ct diagram connect docker dockerd HTTP
ct diagram connect dockerd containerd gRPC
ct diagram connect containerd shim 'ttrpc'
ct diagram connect shim runc 'fork+exec'
ct diagram connect runc container 'clone'
ct diagram connect runc namespaces 'clone, unshare, setns'
ct diagram connect runc cgroups 'mkdir and write in cgroupfs'
ct diagram connect runc capabilities capset
ct diagram connect runc seccomp seccomp
ct diagram connect runc mounts 'mount, pivot_root'
ct diagram save $LAB/single-host.svg
