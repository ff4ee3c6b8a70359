#!/usr/bin/env bash
# What a program in a container has and has not: the first one and one that joins by `exec`, made by
# root (if we are) and by an ordinary user. Asked of the kernel, not of the program under test.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"
name=inside-$$

# Prints what the process is, a fact a line. Busybox only; the same text runs by `run` and `exec`.
# shellcheck disable=SC2016 # expands inside
facts='
sed -nE "s/^(Cap[A-Z][a-z]+|NoNewPrivs|Seccomp|Groups):[[:space:]]*(.*[^ ])? *$/\1 \2/p" /proc/self/status
echo "map $(tr -s " " </proc/self/uid_map)"
for f in /proc/self/fd/*; do [ ! -e "$f" ] || echo "fd ${f##*/}"; done
echo "env $(env | sed "s/=.*//" | grep -vxE "_|PWD|OLDPWD|SHLVL" | sort | tr "\n" " ")"
echo "ids $(id -u) $(id -g)"
echo "cwd $(readlink /proc/self/cwd)"
set -- $(cat /proc/self/stat); echo "session $6"
for p in /proc/keys /proc/timer_list /proc/kcore /proc/sched_debug; do [ ! -s "$p" ] || echo "shown $p"; done
for p in /proc/acpi /proc/scsi /sys/firmware; do [ -z "$(ls -A $p 2>/dev/null)" ] || echo "shown $p"; done
for p in /proc/bus /proc/fs /proc/irq /proc/sys /proc/acpi /sys/firmware /sys; do
	[ ! -d $p ] || awk -v p=$p "\$5 == p && \$6 !~ /(^|,)ro(,|$)/ || \$5 == p { seen = 1; if (\$6 !~ /(^|,)ro(,|$)/) print \"writable\", p } END { if (!seen) print \"not mounted\", p }" /proc/self/mountinfo
done
awk "\$7 != \"-\" { print \"propagates\", \$5, \$7 }" /proc/self/mountinfo
awk "\$5 == \"/proc\" && \$6 !~ /nosuid,nodev,noexec/ { print \"proc mounted\", \$6 }" /proc/self/mountinfo
mount -t tmpfs x /tmp 2>/dev/null && echo may mount
unshare -U true 2>/dev/null && echo may make a user namespace
nsenter -t 1 -m true 2>/dev/null && echo may join a namespace
hostname other 2>/dev/null && echo may set the host name
mknod /tmp/disk b 8 0 2>/dev/null && echo may make a device
dmesg >/dev/null 2>&1 && echo may read the kernel log
true'

# looks_right WHO UID-MAP FACTS: compares with what ought to be.
looks_right() {
	local who=$1 map=$2 facts=$3
	for set in CapPrm CapEff CapBnd; do
		# 14 capabilities, the default of the OCI engines
		like "$who: $set is the default set" "$facts" "^$set 00000000a80425fb$"
	done
	like "$who: none is inheritable" "$facts" '^CapInh 0+$'
	like "$who: none is ambient" "$facts" '^CapAmb 0+$'
	like "$who: no new privileges" "$facts" '^NoNewPrivs 1$'
	like "$who: a filter" "$facts" '^Seccomp 2$'
	# An ordinary user may not give groups up in a user namespace, user_namespaces(7).
	[ "$map" = "0 $user_id 1" ] || like "$who: no supplementary groups" "$facts" '^Groups *$'
	like "$who: its user map" "$facts" "^map *$map$"
	is "$who: three descriptors" "$(grep -c '^fd' <<<"$facts")" 3
	like "$who: nothing of our environment" "$facts" '^env HOME HOSTNAME PATH $'
	like "$who: root inside" "$facts" '^ids 0 0$'
	like "$who: starts in /" "$facts" '^cwd /$'
	unlike "$who: a session of its own, not ours" "$facts" '^session 0$'
	for word in shown writable 'not mounted' propagates 'proc mounted' may; do
		unlike "$who: nothing is $word" "$facts" "^$word "
	done
}

# both WHO UID-MAP GROUP CUTAWAY...: by run and by exec; GROUP is not empty when it has control groups.
both() {
	local who=$1 map=$2 group=$3 pid ns
	shift 3
	export LEAKED=secret
	exec 8</etc/passwd 9</
	run "$@" run --rm --name "$name" base sh -c "$facts"
	looks_right "$who, run" "$map" "$OUT"
	[ "$STATUS" = 0 ] || diag "$ERR"
	"$@" run -d --name "$name" "${limits[@]}" base sleep 1000 >/dev/null
	run "$@" exec "$name" sh -c "$facts"
	looks_right "$who, exec" "$map" "$OUT"
	exec 8<&- 9<&-
	pid=$("$@" inspect --format pid "$name")
	# shellcheck disable=SC2016 # expands inside
	run "$@" exec "$name" sh -c 'for ns in user pid mnt uts ipc net cgroup; do readlink /proc/self/ns/$ns; done'
	for ns in user pid mnt uts ipc net cgroup; do
		ok "$who: another $ns namespace than ours" test \
			"$(readlink "/proc/$pid/ns/$ns")" != "$(readlink "/proc/self/ns/$ns")"
		is "$who: exec is in its $ns namespace" "$(grep "^$ns:" <<<"$OUT")" \
			"$(readlink "/proc/$pid/ns/$ns")"
	done
	# A time that no other sleep of this machine has.
	"$@" exec "$name" sleep $((100000 + $$)) &
	wait_until 5 pgrep -x -f "sleep $((100000 + $$))"
	joined=$(pgrep -x -f "sleep $((100000 + $$))" | head -n 1)
	is "$who: exec is in its control groups" "$(cat "/proc/$joined/cgroup")" "$(cat "/proc/$pid/cgroup")"
	[ -z "$group" ] || like "$who: and these bear its name" "$(cat "/proc/$pid/cgroup")" \
		"^[0-9]+:.*/cutaway-[0-9a-f]{8}/$name$"
	kill -9 "$joined"
	wait $! 2>/dev/null
	is "$who: the end of one that joined is told" "$?" 137
	is "$who: the old root is out of sight" "$("$@" exec "$name" cat /proc/1/mounts |
		grep -c -v -E '^(overlay / |[^ ]+ /(proc|dev|sys)[/ ])')" 0
	"$@" rm -f "$name" >/dev/null
}

user_place
user_id=$USER_UID
[ "$(id -u)" = 0 ] || user_id=$(id -u)
limits=()
# One id can be mapped without help, the user's own.
# shellcheck disable=SC2154 # user_home: user.sh
both user "0 $user_id 1" "" as_user "$user_home/build/cutaway"
if [ "$(id -u)" = 0 ]; then
	! "$CUTAWAY" doctor --has "cgroup pids" 2>/dev/null || limits=(--pids-limit 40)
	both root '0 100000 65536' "${limits[*]}" setpriv --groups 4,20 "$CUTAWAY"
	if "$CUTAWAY" doctor --has "cgroup memory" 2>/dev/null; then
		"$CUTAWAY" run -d --name "$name" -m 48M base sleep 1000 >/dev/null
		pid=$("$CUTAWAY" inspect --format pid "$name")
		group=$(sed -nE 's/^[0-9]+:(memory)?:(.+)$/\2/p' "/proc/$pid/cgroup" | head -n 1)
		is "root: the kernel holds the memory limit" \
			"$(cat "/sys/fs/cgroup/memory$group/memory.limit_in_bytes" \
				"/sys/fs/cgroup$group/memory.max" 2>/dev/null)" $((48 << 20))
		"$CUTAWAY" rm -f "$name" >/dev/null
	else
		skip "root: the kernel holds the memory limit" "no memory controller here"
	fi
fi
done_testing
