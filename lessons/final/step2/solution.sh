# shellcheck shell=bash disable=SC2086
# One way to draw it.
ct diagram task cluster
for part in kubectl apiserver etcd scheduler controllers; do ct diagram place $part remote; done
for part in kubelet kube-proxy cri shim runc container; do ct diagram place $part user; done
for part in namespaces network; do ct diagram place $part kernel; done
ct diagram connect kubectl apiserver HTTP
ct diagram connect apiserver etcd gRPC
for part in scheduler controllers kubelet kube-proxy; do ct diagram connect $part apiserver 'watches over HTTPS'; done
ct diagram connect kubelet cri gRPC
ct diagram connect cri shim ttrpc
ct diagram connect shim runc 'fork+exec'
ct diagram connect runc container clone
ct diagram connect runc namespaces 'clone, unshare, setns'
ct diagram connect kube-proxy network netlink
