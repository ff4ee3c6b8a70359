# shellcheck shell=bash
# Engines for a test, on a machine of their own as far as the kernel goes: source after tap.sh.
#
#   engine_apart TEXT PROGRAM...   runs the script again in mount, network, process, IPC and control
#                                  group namespaces of its own, and returns in there; skips all of it
#                                  where a PROGRAM or root is missing. Whatever is started in there
#                                  ends with it.
#   engine_image                   makes $ENGINE_IMAGE, the tar of a root: busybox, two users, `look`
#   engine_daemon NAME LOG COMMAND...   starts it; its process id is in $daemon_NAME, ended by
#   engine_end NAME
#   engine_containerd              starts containerd, as a test; ended by engine_end containerd
#   engine_word NAME COMMAND...    a command of that name on the PATH, for terminals and functions
#
# $ENGINE is a directory in memory for all that an engine keeps, with a short name, since podman asks
# for one; $OCI is the runtime under test.
# shellcheck disable=SC2034 # for the caller
OCI=$CUTAWAY-oci
ENGINE=/run/engine
ENGINE_IMAGE=$ENGINE/image.tar

# Control groups in a group of our own in each hierarchy, so that an engine finds itself at the top
# of all trees and what it leaves is found.
engine_groups() {
	local trees=(/sys/fs/cgroup/*) tree
	[ ! -e /sys/fs/cgroup/cgroup.controllers ] || trees=(/sys/fs/cgroup)
	for tree in "${trees[@]}"; do
		[ ! -e "$tree/cgroup.procs" ] || echo "$tree/cutaway-engine-$$"
	done
}

engine_join_groups() {
	local group tree file
	while IFS= read -r group; do
		tree=${group%/*}
		mkdir -p "$group"
		for file in cpuset.cpus cpuset.mems; do
			[ ! -e "$tree/$file" ] || [ -e "$tree/cgroup.controllers" ] || cat "$tree/$file" >"$group/$file"
		done
		echo "$BASHPID" >"$group/cgroup.procs"
	done < <(engine_groups)
}

# shellcheck disable=SC2317 # called by wait_until
engine_groups_gone() {
	local group status=0
	while IFS= read -r group; do
		[ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + || status=1
	done < <(engine_groups)
	return $status
}

engine_apart() {
	local text=$1 program child status
	shift
	if [ -n "${ENGINE_APART:-}" ]; then
		engine_inside
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		skip "$text" "root"
		done_testing
	fi
	for program; do
		if ! command -v "$program" >/dev/null; then
			skip "$text" "$program, which is not installed"
			done_testing
		fi
	done
	(
		engine_join_groups
		exec env ENGINE_APART=1 unshare -m -n -p -f -i -C --kill-child --mount-proc -- "$0"
	) &
	child=$!
	trap 'kill -KILL $child' TERM INT HUP
	wait $child
	status=$?
	if ! wait_until 60 engine_groups_gone; then
		echo "not ok - control groups can be removed when all has ended"
		engine_groups | sed 's/^/# /'
		status=1
	fi
	exit $status
}

# Pure v2: who shares out its controllers may have no processes of its own, cgroups(7).
engine_inside() {
	local tree type options
	ip link set lo up
	while read -r _ tree type options _; do
		umount "$tree"
		if [ "$type" = cgroup ]; then
			mount -t cgroup -o "${options#rw,*relatime,}" cgroup "$tree"
		else
			mount -t cgroup2 cgroup2 "$tree"
		fi
	done < <(awk '$3 ~ /^cgroup2?$/' /proc/mounts)
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		mkdir /sys/fs/cgroup/test
		echo $$ >/sys/fs/cgroup/test/cgroup.procs
	fi
	mount -t tmpfs -o mode=755 run /run
	mount -t tmpfs -o mode=1777 shm /dev/shm # podman keeps its locks there
	mkdir /run/lock
	mkdir -p "$ENGINE/bin"
	cd "$ENGINE" || exit 1 # conmon writes a file "oom" where it is
	PATH=$ENGINE/bin:$PATH
}

engine_image() {
	local root=$ENGINE/image name
	mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,root,data}
	chmod 1777 "$root/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox"
	for name in $(busybox --list); do
		[ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
	done
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'anna:x:1000:1000::/tmp:/bin/sh' >"$root/etc/passwd"
	printf '%s\n' 'root:x:0:' 'anna:x:1000:' 'more:x:1001:anna' >"$root/etc/group"
	echo text >"$root/etc/text"
	echo image >"$root/data/image"
	cat >"$root/bin/look" <<'LOOK'
#!/bin/sh
# What a program sees that may not depend on which runtime has made its container.
id
umask
pwd
env | grep -v ^HOSTNAME= | sort -u
grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups|SigIgn|SigBlk)' /proc/self/status
cat /proc/self/limits /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_forward
ls -l /dev /dev/pts | sed -E 's/[A-Z][a-z]{2} +[0-9]+ [0-9:]{5} //; s/^total .*//'
mount | sed -nE 's/.* on ([^ ]+) type ([^ ]+) .*/\1 \2/p' | grep -vE '^/sys/fs/cgroup|^/proc/[0-9]' | sort -u
cd /sys/class/net && echo *
for file in memory/memory.limit_in_bytes pids/pids.max cpu/cpu.shares cpu/cpu.cfs_quota_us; do
	[ ! -e /sys/fs/cgroup/$file ] || cat /sys/fs/cgroup/$file
done
for file in memory.max pids.max cpu.weight cpu.max; do
	[ ! -e /sys/fs/cgroup/$file ] || cat /sys/fs/cgroup/$file
done
for path in /proc/sys/kernel/domainname /sys/x /x /dev/x /dev/shm/x /tmp/x /etc/x; do
	if echo x 2>/dev/null >$path; then echo "$path can be written"; else echo "$path cannot be written"; fi
done
for path in /proc/kcore /proc/keys /proc/timer_list /proc/acpi /sys/firmware; do
	[ ! -f $path ] || head -c 9 $path | wc -c
	[ ! -d $path ] || ls $path | wc -l
done
ls /proc/self/fd | wc -w
LOOK
	chmod 755 "$root/bin/look"
	tar -C "$root" -cf "$ENGINE_IMAGE" .
}

# Their descriptors are not ours: a runner may wait for one of its own to be closed.
engine_daemon() {
	local name=$1 log=$2
	shift 2
	"$@" >"$log" 2>&1 </dev/null 8>&- 9>&- &
	printf -v "daemon_$name" %d $!
}

# Answers at $ENGINE/containerd.sock.
engine_containerd() {
	cat >"$ENGINE/containerd.toml" <<-TOML
		version = 2
		root = "$ENGINE/containerd"
		state = "$ENGINE/containerd.state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		address = "$ENGINE/containerd.sock"
		[metrics]
		address = "127.0.0.1:1338"
	TOML
	engine_daemon containerd "$WORK/containerd.log" containerd --config "$ENGINE/containerd.toml"
	if ! ok "containerd answers" wait_until 60 ctr -a "$ENGINE/containerd.sock" version; then
		diag "$(tail -n 20 "$WORK/containerd.log")"
		return 1
	fi
}

engine_end() {
	local pid=daemon_$1
	[ -n "${!pid:-}" ] || return 0
	kill "${!pid}" 2>/dev/null
	wait "${!pid}"
}

engine_word() {
	local word=$1 name=$1
	shift
	word=$ENGINE/bin/$name
	printf '#!/bin/sh\nexec %s "$@"\n' "$(printf '%q ' "$@")" >"$word"
	chmod 755 "$word"
}
