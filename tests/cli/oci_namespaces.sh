#!/usr/bin/env bash
# The namespaces of an OCI container: each of the eight, new and entered by path; whose they are; the
# clocks of a time namespace; user ids in several ranges; what is refused.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"
. "$ROOT/tests/lib/user.sh"
private_mounts "$@"

if [ "$(id -u)" != 0 ]; then
	skip "namespaces of OCI containers as root" "root"
	done_testing
fi
bundle_make
chown -R 100000:100000 "$bundle/rootfs"
types="cgroup ipc mnt net pid uts user"
[ ! -e /proc/self/ns/time ] || types+=" time"

# of PID: its namespaces, a line each.
of() {
	local t
	for t in $types; do readlink "/proc/$1/ns/$t"; done
}

# owner FILE: the user namespace that a namespace belongs to, NS_GET_USERNS.
owner() {
	local its
	# lsns gives up when a process of another test ends while it looks at it.
	for _ in {1..20}; do
		its=$(lsns --noheadings --output NS,ONS --type "$2" 2>/dev/null |
			awk -v ns="$(stat -Lc %i "$1")" '$1 == ns { print $2 }')
		[ -z "$its" ] || break
	done
	echo "$its"
}

# a_container NAME: makes one that waits; sets $pid.
a_container() {
	run timeout 20 "$OCI" create -b "$bundle" --pid-file "$WORK/pid" "$1"
	if ! is "$1: is made" "$STATUS$ERR" 0; then
		pid=
		return 1
	fi
	pid=$(<"$WORK/pid")
	"$OCI" start "$1"
}

entry() { # TYPE PATH
	printf '{"type": "%s", "path": "%s"}' "$1" "$2"
}

# ---- new ones --------------------------------------------------------------------------------------
all='[{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}, {"type": "network"}, {"type": "cgroup"}'
NAMESPACES="$all]" TOP=', "hostname": "one"' config 'exec sleep 1000'
a_container "$name"
is "new: all but the user's are others" "$(of "$pid" | grep -cFxf <(of $$))" "$([ -e /proc/self/ns/time ] && echo 2 || echo 1)"
"$OCI" delete --force "$name"
NAMESPACES="$all, {\"type\": \"user\"}]" LINUX=", $own_user" config 'exec sleep 1000'
a_container "$name-user"
user=$pid
for t in ipc mnt net pid uts cgroup; do
	is "new: $t belongs to the new user namespace" "$(owner "/proc/$user/ns/$t" $t)" "$(stat -Lc %i "/proc/$user/ns/user")"
done

# ---- entered by path -------------------------------------------------------------------------------
# All of another's, its user namespace among them.
joined="[$(entry user "/proc/$user/ns/user"), $(entry pid "/proc/$user/ns/pid"), $(entry ipc "/proc/$user/ns/ipc"), $(entry uts "/proc/$user/ns/uts"), $(entry network "/proc/$user/ns/net"), $(entry cgroup "/proc/$user/ns/cgroup"), {\"type\": \"mount\"}]"
NAMESPACES=$joined config 'exec sleep 1000'
a_container "$name-2"
is "by path: all six of another container" "$(of "$pid" | grep -v mnt)" "$(of "$user" | grep -v mnt)"
is "by path: the new mount namespace belongs to the user namespace" "$(owner "/proc/$pid/ns/mnt" mnt)" "$(stat -Lc %i "/proc/$user/ns/user")"
is "by path: it is root in there and nobody out here" "$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")" 100000
is "by path: no group of ours is kept" "$(awk '/^Groups/ { print NF }' "/proc/$pid/status")" 1
is "by path: it is a child of who made it, who is gone" "$(pgrep -cf "$OCI create.*$name-2")" 0
run timeout 20 "$OCI" exec "$name-2" sh -c 'echo "$(id -u) $(hostname)"; readlink /proc/self/ns/user'
is "by path: exec goes there, too" "$STATUS$OUT" "00 $(hostname)
$(readlink "/proc/$user/ns/user")"
"$OCI" delete --force "$name-2"

# As in a pod: what is said by path, and pid and mount new; then those must be the user namespace's.
pod="[$(entry network "/proc/$user/ns/net"), $(entry ipc "/proc/$user/ns/ipc"), $(entry uts "/proc/$user/ns/uts"), $(entry user "/proc/$user/ns/user"), {\"type\": \"pid\"}, {\"type\": \"mount\"}]"
# Engines write a map that nobody uses, for runtimes that want one.
NAMESPACES=$pod LINUX=', "uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]' \
	config 'echo $$; cat /proc/self/uid_map; exec sleep 1000'
a_container "$name-2"
for t in net ipc uts user; do
	is "pod: $t is shared" "$(readlink "/proc/$pid/ns/$t")" "$(readlink "/proc/$user/ns/$t")"
done
for t in pid mnt; do
	isnt=$(readlink "/proc/$user/ns/$t")
	unlike "pod: $t is new" "$(readlink "/proc/$pid/ns/$t")" "${isnt//[\[\]]/.}"
	is "pod: $t belongs to the user namespace" "$(owner "/proc/$pid/ns/$t" $t)" "$(stat -Lc %i "/proc/$user/ns/user")"
done
is "pod: it is the first in its pid namespace" "$(awk '/^NSpid/ { print $3 }' "/proc/$pid/status")" 1
"$OCI" delete --force "$name-2"

# A new user namespace beside namespaces of the host: those are entered before.
NAMESPACES="[{\"type\": \"user\"}, {\"type\": \"pid\"}, {\"type\": \"mount\"}, $(entry uts "/proc/$user/ns/uts"), $(entry ipc /proc/self/ns/ipc)]" \
	LINUX=", $own_user" config 'exec sleep 1000'
a_container "$name-2"
is "new user, others by path" "$(readlink "/proc/$pid/ns/"{uts,ipc})" "$(readlink "/proc/$user/ns/uts" /proc/self/ns/ipc)"
"$OCI" delete --force "$name-2"
# Our own user namespace is no reason to fail, though nobody can enter it again.
NAMESPACES="[$(entry user /proc/self/ns/user), {\"type\": \"mount\"}, {\"type\": \"pid\"}]" run_in 'readlink /proc/self/ns/user'
is "by path: our own user namespace" "$STATUS$OUT" "0$(readlink /proc/self/ns/user)"
# A name of a network namespace, as ip-netns(8) makes it.
touch "$WORK/net"
unshare --net="$WORK/net" true
NAMESPACES="[$(entry network "$WORK/net"), {\"type\": \"mount\"}]" run_in 'readlink /proc/self/ns/net'
is "by path: one that lives by its name" "$OUT" "net:[$(stat -Lc %i "$WORK/net")]"
umount "$WORK/net"

# ---- host names ------------------------------------------------------------------------------------
NAMESPACES='[{"type": "mount"}, {"type": "pid"}]' TOP=', "hostname": "not-the-hosts"' run_in hostname
is "hostname: the host's stays" "$STATUS$OUT" "0$(hostname)"
like "hostname: and that is said" "$ERR" 'warning: hostname: left out'
touch "$WORK/uts"
unshare --uts="$WORK/uts" true
NAMESPACES="[{\"type\": \"mount\"}, $(entry uts "$WORK/uts")]" TOP=', "hostname": "theirs", "domainname": "theirs.too"' \
	run_in 'hostname; cat /proc/sys/kernel/domainname'
is "hostname: that of a uts namespace by path" "$OUT" "theirs
theirs.too"
umount "$WORK/uts"

# ---- mount namespaces by path ----------------------------------------------------------------------
# Somebody lives in one that has the bundle's root where the host has nothing.
mkdir "$WORK/shared"
# shellcheck disable=SC2016 # expands inside
unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs "$1/shared" && mkdir "$1/shared/r" &&
	mount --bind "$1/bundle/rootfs" "$1/shared/r" && touch "$1/ready" && exec sleep 1000' sh "$WORK" &
other=$!
wait_until 10 test -e "$WORK/ready" || fail "another mount namespace"
before=$(cat "/proc/$other/mountinfo")
NAMESPACES="[$(entry mount "/proc/$other/ns/mnt"), {\"type\": \"pid\"}]" config 'exec sleep 1000'
sed -i "s|\"path\": \"rootfs\"|\"path\": \"$WORK/shared/r\"|" "$bundle/config.json"
a_container "$name"
is "mount by path: it is in there" "$(readlink "/proc/$pid/ns/mnt")" "$(readlink "/proc/$other/ns/mnt")"
is "mount by path: its root is found there" "$(readlink "/proc/$pid/root")" "$WORK/shared/r"
is "mount by path: the other keeps its root" "$(readlink "/proc/$other/root")" /
run timeout 20 "$OCI" exec "$name" sh -c 'ls /; echo $(readlink /proc/1/exe)'
is "mount by path: exec sees its root" "$OUT" "$(ls "$bundle/rootfs")
/bin/busybox"
"$OCI" delete --force "$name"
is "mount by path: then all is as before" "$(cat "/proc/$other/mountinfo")" "$before"
# What fails half way leaves nothing there either.
sed -i 's|"exec sleep 1000"|"true"|; s|"args": \["sh"|"args": ["no-such-program"|' "$bundle/config.json"
run timeout 20 "$OCI" create -b "$bundle" "$name"
is "mount by path: a failure" "$STATUS" 1
is "mount by path: leaves all as before" "$(cat "/proc/$other/mountinfo")" "$before"
kill "$other"
wait "$other" 2>/dev/null
# None at all: it lives among the mounts of who started it.
before=$(cat /proc/self/mountinfo)
NAMESPACES='[{"type": "pid"}, {"type": "ipc"}]' config 'exec sleep 1000'
a_container "$name"
is "no mount namespace: it is in ours" "$(readlink "/proc/$pid/ns/mnt")" "$(readlink /proc/self/ns/mnt)"
is "no mount namespace: with a root of its own" "$(readlink "/proc/$pid/root")" "$(realpath "$bundle/rootfs")"
run timeout 20 "$OCI" exec "$name" sh -c 'ls -d /proc/1 /dev/null; readlink /proc/1/exe'
is "no mount namespace: exec sees what is mounted there" "$STATUS$OUT" "0/dev/null
/proc/1
/bin/busybox"
"$OCI" delete --force "$name"
is "no mount namespace: then all is as before" "$(cat /proc/self/mountinfo)" "$before"
sed -i 's|"exec sleep 1000"|"true"|; s|"args": \["sh"|"args": ["no-such-program"|' "$bundle/config.json"
run timeout 20 "$OCI" create -b "$bundle" "$name"
is "no mount namespace: a failure leaves all as before" "$STATUS$(cat /proc/self/mountinfo)" "1$before"
NAMESPACES='[{"type": "pid"}]' run_in 'echo ran'
is "no mount namespace: run" "$STATUS$OUT$(cat /proc/self/mountinfo)" "0ran$before"
NAMESPACES="[$(entry mount /proc/self/ns/mnt)]" config true
sed -i 's|"path": "rootfs"|"path": "/"|' "$bundle/config.json"
refused "the host's own root in its own mount namespace" "find root.path: /: the host's own root"

# ---- clocks ----------------------------------------------------------------------------------------
if [ -e /proc/self/ns/time ]; then
	now() { awk '{ print int($1) }' /proc/uptime; }
	# between TEXT GOT LOW HIGH
	between() { ok "$1" test "$2" -ge "$3" -a "$2" -le "$4"; }
	offsets=', "timeOffsets": {"monotonic": {"secs": 5000, "nanosecs": 7}, "boottime": {"secs": 100000}}'
	low=$(now)
	NAMESPACES='[{"type": "time"}, {"type": "pid"}, {"type": "mount"}]' LINUX=$offsets \
		run_in 'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time'
	is "time: the offsets" "$(head -n 2 <<<"$OUT" | tr -s ' ')" "monotonic 5000 7
boottime 100000 0"
	between "time: the clock shows it" "$(sed -n 3p <<<"$OUT")" $((low + 100000)) $(($(now) + 100000))
	unlike "time: a namespace of its own" "$OUT" "$(readlink /proc/self/ns/time | tr '[]' ..)"
	NAMESPACES='[{"type": "time"}, {"type": "pid"}, {"type": "mount"}, {"type": "user"}]' LINUX="$offsets, $own_user" config 'exec sleep 1000'
	a_container "$name-2"
	is "time: with a user namespace, and it belongs to it" "$(owner "/proc/$pid/ns/time" time)" "$(stat -Lc %i "/proc/$pid/ns/user")"
	run timeout 20 "$OCI" exec "$name-2" sh -c 'readlink /proc/self/ns/time; cut -d. -f1 /proc/uptime'
	is "time: exec is in it" "$(head -n 1 <<<"$OUT")" "$(readlink "/proc/$pid/ns/time")"
	between "time: and has its clock" "$(tail -n 1 <<<"$OUT")" $((low + 100000)) $(($(now) + 100000))
	NAMESPACES="[$(entry time "/proc/$pid/ns/time"), {\"type\": \"mount\"}, {\"type\": \"pid\"}]" \
		run_in 'readlink /proc/self/ns/time; cut -d. -f1 /proc/uptime'
	is "time: by path" "$(head -n 1 <<<"$OUT")" "$(readlink "/proc/$pid/ns/time")"
	NAMESPACES="[$(entry time "/proc/$pid/ns/time"), $(entry user "/proc/$pid/ns/user"), {\"type\": \"mount\"}, {\"type\": \"pid\"}]" \
		run_in 'readlink /proc/self/ns/time'
	is "time: by path, with its user namespace" "$OUT" "$(readlink "/proc/$pid/ns/time")"
	NAMESPACES="[{\"type\": \"time\"}, $(entry user "/proc/$pid/ns/user"), {\"type\": \"mount\"}, {\"type\": \"pid\"}]" LINUX=$offsets \
		run_in 'cat /proc/self/timens_offsets'
	like "time: a new one in a user namespace by path" "$OUT" '^boottime +100000 +0$'
	"$OCI" delete --force "$name-2"
	NAMESPACES='[{"type": "time"}, {"type": "mount"}]' run_in 'cat /proc/self/timens_offsets'
	like "time: without offsets the clocks are the host's" "$OUT" '^boottime +0 +0$'
	NAMESPACES='[{"type": "time"}, {"type": "mount"}]' LINUX=', "timeOffsets": {"boottime": {"secs": -99999999}}' config true
	refused "a clock before 0" 'namespace-time.*boottime -99999999 0.*before 0'
else
	NAMESPACES='[{"type": "time"}, {"type": "mount"}]' config true
	refused "a time namespace on a kernel without" 'this kernel has no time namespaces'
fi
LINUX=', "timeOffsets": {"boottime": {"secs": 1}}' config true
refused "offsets without a time namespace" 'linux.timeOffsets: needs a new time namespace'
NAMESPACES='[{"type": "time"}, {"type": "mount"}]' LINUX=', "timeOffsets": {"realtime": {"secs": 1}}' config true
refused "a clock that cannot be set" 'linux.timeOffsets: is for monotonic and boottime'
NAMESPACES='[{"type": "time"}, {"type": "mount"}]' LINUX=', "timeOffsets": {"boottime": {"nanosecs": 1000000000}}' config true
refused "a second in nanoseconds" 'linux.timeOffsets.boottime.nanosecs'

# ---- user ids --------------------------------------------------------------------------------------
ranges='"uidMappings": [{"containerID": 0, "hostID": 100000, "size": 10}, {"containerID": 10, "hostID": 200000, "size": 5}, {"containerID": 5000, "hostID": 0, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 10}, {"containerID": 50, "hostID": 300000, "size": 50}]'
user_ns='[{"type": "user"}, {"type": "pid"}, {"type": "mount"}]'
NAMESPACES=$user_ns LINUX=", $ranges" USER_JSON='{"uid": 12, "gid": 55, "additionalGids": [60, 3], "umask": 63}' \
	run_in 'cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id -u; id -g; id -G; umask'
is "ranges: several" "$(tr -s ' ' <<<"$OUT" | sed 's/^ //')" "0 100000 10
10 200000 5
5000 0 1
0 100000 10
50 300000 50
allow
12
55
55 3 60
0077"
NAMESPACES=$user_ns LINUX=', "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 1}]' \
	USER_JSON='{"uid": 0, "gid": 0, "additionalGids": [0]}' run_in 'cat /proc/self/setgroups; grep Groups /proc/self/status'
is "ranges: as root a single id needs no denial" "$OUT" "allow
$(printf 'Groups:\t0 ')"
NAMESPACES=$user_ns LINUX=", $ranges" USER_JSON='{"uid": 20, "gid": 0}' config true
refused "a user that is not mapped" 'user 20 or group 0 does not exist'
NAMESPACES=$user_ns LINUX=', "uidMappings": [{"containerID": 0, "hostID": 1, "size": 2}, {"containerID": 1, "hostID": 9, "size": 2}], "gidMappings": [{"containerID": 0, "hostID": 1, "size": 2}]' config true
refused "ranges that overlap" 'uid_map.*the map is malformed'
NAMESPACES=$user_ns config true
refused "a user namespace without maps" 'linux.uidMappings'

# ---- what is no namespace --------------------------------------------------------------------------
NAMESPACES="[{\"type\": \"mount\"}, $(entry network "/proc/$user/ns/uts")]" config true
refused "another kind" 'of the kind "uts", and the configuration says "network"'
NAMESPACES="[$(entry user "/proc/$user/ns/pid"), {\"type\": \"mount\"}]" config true
refused "another kind for the user's" 'of the kind "pid", and the configuration says "user"'
NAMESPACES="[{\"type\": \"mount\"}, $(entry network /proc/self/ns/none)]" config true
refused "a path that is not there" '/proc/self/ns/none: there is no such file'
NAMESPACES="[{\"type\": \"mount\"}, $(entry network /etc/passwd)]" config true
refused "a file that is none" '/etc/passwd: it is no namespace'
mkfifo "$WORK/pipe"
NAMESPACES="[{\"type\": \"mount\"}, $(entry ipc "$WORK/pipe")]" config true
refused "a pipe" 'it is no namespace'
NAMESPACES="[{\"type\": \"mount\"}, $(entry network proc/self/ns/net)]" config true
refused "a path that is relative" 'linux.namespaces.path: should be an absolute path'
NAMESPACES='[{"type": "mount"}, {"type": "uts"}, {"type": "uts"}]' config true
refused "twice the same" 'linux.namespaces.type: stands there twice'
NAMESPACES="[{\"type\": \"mount\"}, {\"type\": \"uts\"}, $(entry uts /proc/self/ns/uts)]" config true
refused "new and by path" 'linux.namespaces.type: stands there twice'
NAMESPACES='[{"type": "mount"}, {"type": "flight"}]' config true
refused "an unknown kind" 'linux.namespaces.type: is no kind of namespace'
LINUX=', "sysctl": {"net.core.somaxconn": "9"}' config true
refused "a setting of the host's network" 'linux.sysctl.*net.core.somaxconn'

"$OCI" delete --force "$name-user"

# ---- an ordinary user's pod ------------------------------------------------------------------------
as_user true
mkdir -p "$user_home/bundle"
cp -r "$bundle/rootfs" "$user_home/bundle/rootfs"
cp "$OCI" "$user_home/build/"
if as_user unshare -Ur true 2>/dev/null; then
	bundle=$user_home/bundle
	one="{\"containerID\": 0, \"hostID\": $USER_UID, \"size\": 1}"
	NAMESPACES="$all, {\"type\": \"user\"}]" LINUX=", \"uidMappings\": [$one], \"gidMappings\": [$one]" config 'exec sleep 1000'
	chown -R $USER_UID:$USER_UID "$bundle"
	run as_user timeout 20 cutaway-oci run -d -b "$bundle" --pid-file "$user_home/tmp/pid" "$name-user"
	user=$(<"$user_home/tmp/pid")
	NAMESPACES="[$(entry network "/proc/$user/ns/net"), $(entry ipc "/proc/$user/ns/ipc"), $(entry user "/proc/$user/ns/user"), $(entry pid "/proc/$user/ns/pid"), {\"type\": \"mount\"}]" \
		USER_JSON='{"uid": 0, "gid": 0, "additionalGids": [7]}' PROCESS=', "oomScoreAdj": 500' config 'readlink /proc/self/ns/net; readlink /proc/self/ns/pid; id -u; cat /proc/self/oom_score_adj'
	run as_user timeout 20 cutaway-oci run -b "$bundle" "$name"
	is "ordinary user: enters a user namespace of its own, and others by it" "$OUT" "$(readlink "/proc/$user/ns/"{net,pid})
0
500"
	is "ordinary user: groups that cannot be had are said, and nothing else" "$ERR" \
		"cutaway-oci: warning: process.user.additionalGids: left out, since setgroups(2) is switched off in this user namespace"
	as_user cutaway-oci delete --force "$name-user"
	NAMESPACES="[$(entry network /proc/self/ns/net), {\"type\": \"user\"}, {\"type\": \"mount\"}]" LINUX=", \"uidMappings\": [$one], \"gidMappings\": [$one]" config true
	run as_user timeout 20 cutaway-oci run -b "$bundle" "$name"
	like "ordinary user: not into the host's" "$ERR" 'namespace-join: setns: /proc/self/ns/net: it takes CAP_SYS_ADMIN'
	is "ordinary user: nothing is left" "$(as_user cutaway-oci list -q)" ""
else
	skip "namespaces of an ordinary user" "user namespaces for ordinary users"
fi
is "nothing is left to list" "$("$OCI" list -q)" ""
is "no process is left" "$(pgrep -af "$OCI")" ""
is "no mount is left" "$(grep -F "$bundle" /proc/self/mountinfo)" ""
done_testing
