#!/usr/bin/env bash
# Makes the recorded runs that lessons tell where a tool is missing, anew and for real: root, on a
# machine with docker.io, containerd, podman, runc, crun, lxc and systemd-container.
#
#   tests/record_watch.sh [NAME]...   docker podman systemd nspawn lxc runc crun; all without
#
# Everything runs in namespaces of its own and is gone at the end.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
CUTAWAY=${CUTAWAY:-$ROOT/build/cutaway}
toolchain=$ROOT/lessons/single-host-toolchain oci=$ROOT/lessons/open-containers-initiative

if [ -z "${RECORD_APART:-}" ]; then
	exec env RECORD_APART=1 unshare -m -n -p -f -i -C --kill-child --mount-proc -- "$0" "$@"
fi
ip link set lo up
while read -r _ tree type options _; do
	umount "$tree"
	[ "$type" = cgroup ] || options=
	mount -t "$type" ${options:+-o "${options#rw,*relatime,}"} "$type" "$tree"
done < <(awk '$3 ~ /^cgroup2?$/' /proc/mounts)
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 shm /dev/shm
mkdir -p /run/lock /run/lab
cd /run/lab

# record FILE OPTION... -- COMMAND...: the file is replaced when the command has succeeded.
record() {
	local file=$1
	shift
	"$CUTAWAY" watch -q -o new.jsonl "$@"
	mv new.jsonl "$file"
}

wait_for() {
	local i
	for ((i = 0; i < 600; i++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	echo "in vain: $*" >&2
	return 1
}

root() {
	mkdir -p root/{bin,etc,proc,sys,dev,tmp,usr,run}
	cp "$(command -v busybox)" root/bin/true
	cp root/bin/true root/bin/sh
	ln -sfn ../bin root/usr/bin
	: >root/etc/os-release
}

record_docker() {
	printf '%s\n' 'version = 2' 'root = "/run/lab/containerd"' 'state = "/run/containerd"' \
		'disabled_plugins = ["io.containerd.grpc.v1.cri"]' '[grpc]' 'address = "/run/containerd/containerd.sock"' >containerd.toml
	containerd --config containerd.toml >containerd.log 2>&1 &
	wait_for ctr version
	dockerd --containerd /run/containerd/containerd.sock --data-root /run/lab/docker --iptables=false --bridge=none >dockerd.log 2>&1 &
	wait_for docker version
	tar -C "$(dirname "$(command -v busybox)")" -c busybox | docker import - cutaway-watch
	docker run --rm --network none cutaway-watch /busybox true # the daemons have begun with what they do once
	record "$toolchain/docker.jsonl" --also dockerd --also containerd -- docker run --rm --network none cutaway-watch /busybox true
	kill %2 && wait %2 || true
	kill %1 && wait %1 || true
}

record_podman() {
	record "$toolchain/podman.jsonl" -- podman --root /run/lab/p/r --runroot /run/lab/p/u --tmpdir /run/lab/p/t --storage-driver vfs \
		run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --rootfs "$PWD/root" /bin/true
}

record_nspawn() {
	record "$toolchain/nspawn.jsonl" -- systemd-nspawn -q --register=no --keep-unit -D "$PWD/root" /bin/true
}

record_lxc() {
	printf '%s\n' "lxc.rootfs.path = dir:$PWD/root" 'lxc.uts.name = lab' 'lxc.net.0.type = empty' 'lxc.mount.auto = proc:mixed sys:ro' >lxc.conf
	record "$toolchain/lxc.jsonl" -- lxc-start -F -P "$PWD" -n lab -f lxc.conf -- /bin/true
}

# A systemd that is process 1 of a machine of its own; it is watched from inside.
record_systemd() {
	local name
	mkdir -p machine/{usr,etc,var,tmp,run,proc,sys,dev,root,cutaway}
	for name in bin sbin lib lib64; do ln -s "usr/$name" "machine/$name"; done
	: >machine/etc/os-release
	: >machine/etc/machine-id
	systemd-nspawn -q --register=no --keep-unit --private-network -D machine --bind-ro=/usr --bind="$(dirname "$CUTAWAY"):/cutaway" \
		-b systemd.unit=sysinit.target </dev/null >boot.log 2>&1 &
	wait_for pgrep -x systemd
	inside=(nsenter -t "$(pgrep -x systemd)" -a)
	is_up() { [ "$("${inside[@]}" /bin/systemctl is-active sysinit.target)" = active ]; }
	wait_for is_up
	"${inside[@]}" /cutaway/cutaway watch -q -o /cutaway/systemd.jsonl --also 1 -- systemd-run -q --collect -p Type=oneshot \
		-p PrivateTmp=yes -p PrivateNetwork=yes -p ProtectHostname=yes -p MemoryMax=64M true
	mv "$(dirname "$CUTAWAY")/systemd.jsonl" "$toolchain/systemd.jsonl"
	kill -KILL "$(pgrep -x systemd)"
	wait
}

# The bundle of the lesson about standards.
record_runtime() {
	mkdir -p bundle/rootfs/bin
	cp "$(command -v busybox)" bundle/rootfs/bin/
	(cd bundle && rm -f config.json && "$CUTAWAY-oci" spec --rootless)
	jq '.process.terminal = false | .process.args = ["busybox", "hostname"]' bundle/config.json >config.json
	mv config.json bundle/
	(cd bundle && record "$oci/$1.jsonl" -- "$1" --root "/run/lab/state-$1" run once)
}

root
[ $# -gt 0 ] || set -- docker podman nspawn lxc systemd runc crun
for name; do
	case $name in
	runc | crun) record_runtime "$name" ;;
	*) "record_$name" ;;
	esac
	echo "$name"
done
