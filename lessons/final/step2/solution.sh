# shellcheck shell=bash disable=SC2086
# One way to draw it.
for part in kubectl apiserver etcd scheduler controllers; do diagram place $part remote; done
for part in kubelet kube-proxy cri shim runc container; do diagram place $part user; done
for part in namespaces network; do diagram place $part kernel; done
diagram connect kubectl apiserver HTTP
diagram connect apiserver etcd gRPC
for part in scheduler controllers kubelet kube-proxy; do diagram connect $part apiserver 'watches over HTTPS'; done
diagram connect kubelet cri gRPC
diagram connect cri shim ttrpc
diagram connect shim runc 'fork+exec'
diagram connect runc container clone
diagram connect runc namespaces 'clone, unshare, setns'
diagram connect kube-proxy network netlink
