#!/usr/bin/env bash
# How an OCI container's program is run: scheduler, priorities, capabilities and limits that cannot be
# had, labels; and what `update` changes about a container that is there.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"
private_mounts "$@"

if [ "$(id -u)" != 0 ]; then
	skip "processes of OCI containers as root" "root"
	done_testing
fi
bundle_make
chown -R 100000:100000 "$bundle/rootfs"
user_ns='[{"type": "user"}, {"type": "pid"}, {"type": "mount"}]'
has_capability() { # BIT
	[ $((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> $1 & 1)) = 1 ]
}

# running MEMBERS: a container that sleeps, with these members of process; sets $pid.
running() {
	PROCESS=$1 config 'exec sleep 1000'
	run timeout 20 "$OCI" run -d -b "$bundle" --pid-file "$WORK/pid" "$name"
	pid=
	[ "$STATUS" != 0 ] || pid=$(<"$WORK/pid")
}

gone() {
	"$OCI" delete --force "$name"
}

# ---- scheduler -------------------------------------------------------------------------------------
policy() { # PID
	chrt -p "$1" | sed -nE 's/.*(policy|priority): //p' | tr '\n' ' '
}
nice_of() { awk '{ print $19 }' "/proc/$1/stat"; }

running ', "scheduler": {"policy": "SCHED_BATCH", "nice": 5}'
is "scheduler: batch and nice" "$(policy "$pid")$(nice_of "$pid")" "SCHED_BATCH 0 5"
echo '{"args": ["sleep", "1000"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}, "scheduler": {"policy": "SCHED_OTHER", "nice": 9}, "ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 0}}' >"$WORK/process.json"
run timeout 20 "$OCI" exec -d --pid-file "$WORK/pid" --process "$WORK/process.json" "$name"
is "scheduler: exec has its own" "$STATUS$(policy "$(<"$WORK/pid")")$(nice_of "$(<"$WORK/pid")")" "0SCHED_OTHER 0 9"
is "ioPriority: and its own turn at the disk" "$(ionice -p "$(<"$WORK/pid")")" idle
gone
running ', "scheduler": {"policy": "SCHED_IDLE"}'
is "scheduler: idle" "$(policy "$pid")" "SCHED_IDLE 0 "
gone
if has_capability 23; then
	NAMESPACES=$user_ns LINUX=", $own_user" running ', "scheduler": {"policy": "SCHED_OTHER", "nice": -7}'
	is "scheduler: nice below 0, in a user namespace" "$(nice_of "$pid")" -7
	gone
else
	skip "scheduler: nice below 0" "CAP_SYS_NICE"
fi
# A control group may have no share of real time at all: without one, where we have it ourselves.
if chrt -f 1 true 2>/dev/null; then
	with=$OCI
	OCI="$WORK/oci"
	printf '#!/bin/sh\nexec "%s" --cgroup-manager disabled "$@"\n' "$with" >"$OCI"
	chmod 755 "$OCI"
	NAMESPACES=$user_ns LINUX=", $own_user" running ', "scheduler": {"policy": "SCHED_FIFO", "priority": 3, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}'
	is "scheduler: real time with a flag" "$(policy "$pid")" "SCHED_FIFO|SCHED_RESET_ON_FORK 3 "
	run timeout 20 "$OCI" exec -d --pid-file "$WORK/pid" "$name" sleep 1000
	is "scheduler: exec has the container's" "$(policy "$(<"$WORK/pid")")" "SCHED_FIFO|SCHED_RESET_ON_FORK 3 "
	gone
	running ', "scheduler": {"policy": "SCHED_RR", "priority": 2}'
	is "scheduler: round robin" "$(policy "$pid")" "SCHED_RR 2 "
	gone
	OCI=$with
else
	skip "scheduler: real time" "SCHED_FIFO, chrt -f 1 true"
fi
if chrt -d -T 1000000 -D 10000000 -P 10000000 0 true 2>/dev/null; then
	running ', "scheduler": {"policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 10000000, "period": 20000000}'
	like "scheduler: deadline" "$(chrt -p "$pid")" '1000000/10000000/20000000'
	gone
	PROCESS=', "scheduler": {"policy": "SCHED_DEADLINE", "runtime": 9000000, "deadline": 100, "period": 20000000}' config true
	refused "a deadline before the work is done" 'step scheduler: sched_setattr: SCHED_DEADLINE: process.scheduler: these numbers'
else
	skip "scheduler: deadline" "SCHED_DEADLINE"
fi
while read -r members member; do
	PROCESS=", \"scheduler\": {$members}" config true
	refused "scheduler: $members" "$member"
done <<'TABLE'
"policy":"SCHED_LAZY" process.scheduler.policy: should be
"nice":1 process.scheduler.policy: should be
"policy":"SCHED_ISO" process.scheduler.policy: SCHED_ISO
"policy":"SCHED_OTHER","nice":20 process.scheduler.nice
"policy":"SCHED_OTHER","priority":1 process.scheduler.priority: is for
"policy":"SCHED_FIFO" process.scheduler.priority: should be from 1
"policy":"SCHED_FIFO","priority":100 process.scheduler.priority
"policy":"SCHED_FIFO","priority":1,"nice":3 process.scheduler.nice
"policy":"SCHED_BATCH","runtime":7 process.scheduler: has runtime
"policy":"SCHED_BATCH","flags":["FAST"] process.scheduler.flags
"policy":"SCHED_BATCH","flags":"FAST" process.scheduler.flags: should be a list
TABLE

# ---- priority at the disk --------------------------------------------------------------------------
NAMESPACES=$user_ns LINUX=", $own_user" running ', "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 6}'
is "ioPriority: best effort" "$(ionice -p "$pid")" "best-effort: prio 6"
gone
if has_capability 23; then
	NAMESPACES=$user_ns LINUX=", $own_user" running ', "ioPriority": {"class": "IOPRIO_CLASS_RT", "priority": 1}'
	is "ioPriority: real time, in a user namespace" "$(ionice -p "$pid")" "realtime: prio 1"
	gone
else
	skip "ioPriority: real time" "CAP_SYS_NICE"
fi
while read -r members member; do
	PROCESS=", \"ioPriority\": {$members}" config true
	refused "ioPriority: $members" "$member"
done <<'TABLE'
"class":"IOPRIO_CLASS_NICE","priority":1 process.ioPriority.class
"priority":1 process.ioPriority.class
"class":"IOPRIO_CLASS_BE","priority":8 process.ioPriority.priority
"class":"IOPRIO_CLASS_BE" process.ioPriority.priority: is missing
TABLE

# ---- processors of exec ----------------------------------------------------------------------------
# In a group with the first processor only: the kernel keeps of a wish what the group may use.
cpus='grep Cpus_allowed_list /proc/self/status'
LINUX=', "resources": {"cpu": {"cpus": "0"}}' running ', "execCPUAffinity": {"initial": "0"}'
if [ -n "$pid" ]; then
	run timeout 20 "$OCI" exec "$name" sh -c "$cpus"
	is "execCPUAffinity: then as its group" "$STATUS$OUT" "0$(printf 'Cpus_allowed_list:\t0')"
	gone
else
	skip "execCPUAffinity: in a group" "a control group with cpuset"
fi
running ', "execCPUAffinity": {"initial": "0", "final": "0"}'
is "execCPUAffinity: not for the first process" "$(grep Cpus_allowed_list "/proc/$pid/status")" "$(grep Cpus_allowed_list /proc/self/status)"
run timeout 20 "$OCI" exec "$name" sh -c "$cpus"
is "execCPUAffinity: final" "$OUT" "$(printf 'Cpus_allowed_list:\t0')"
echo '{"args": ["sh", "-c", "'"$cpus"'"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}, "execCPUAffinity": {"initial": "0"}}' >"$WORK/process.json"
run timeout 20 "$OCI" exec --process "$WORK/process.json" "$name"
is "execCPUAffinity: without a final one all" "$OUT" "$(grep Cpus_allowed_list /proc/self/status)"
sed -i 's/"initial": "0"/"final": "900-1000"/' "$WORK/process.json"
run timeout 20 "$OCI" exec --process "$WORK/process.json" "$name"
is "execCPUAffinity: processors that are not there" "$STATUS" 255
like "execCPUAffinity: and says so" "$ERR" 'sched_setaffinity: final'
gone
for list in 1- x 3-1 1,,2 0,9999999 -1; do
	PROCESS=", \"execCPUAffinity\": {\"final\": \"$list\"}" config true
	refused "execCPUAffinity: $list" 'process.execCPUAffinity.final: should be a list'
done

# ---- capabilities that cannot be had ---------------------------------------------------------------
set_of() { # NAME...
	local list set
	list=$(printf '"%s",' "$@")
	for set in bounding effective permitted; do printf '"%s": [%s]%s' $set "${list%,}" "$([ $set = permitted ] || echo ,)"; done
}
PROCESS=", \"capabilities\": {$(set_of CAP_KILL CAP_TIME_TRAVEL)}" run_in 'grep CapEff /proc/self/status'
is "capabilities: an unknown one is left out" "$STATUS$OUT" "0$(printf 'CapEff:\t0000000000000020')"
like "capabilities: and is said" "$ERR" 'warning: process.capabilities.effective: CAP_TIME_TRAVEL: left out'
run timeout 20 "$OCI" --log "$WORK/log" --log-format json run -b "$bundle" "$name"
is "capabilities: with --log it is said there" "$ERR" ""
like "capabilities: in its words" "$(<"$WORK/log")" '^\{"level": ?"warning", ?"msg": ?"process.capabilities.bounding: CAP_TIME_TRAVEL'
WITHOUT_CAPABILITIES=1 run_in 'grep -E "Cap(Prm|Bnd)" /proc/self/status'
is "capabilities: who says nothing of them has none" "$STATUS$OUT" "0$(printf 'CapPrm:\t0000000000000000\nCapBnd:\t0000000000000000')"
PROCESS=', "capabilities": {"effective": [7]}' config true
refused "capabilities: a number" 'process.capabilities: should have lists of names'
PROCESS=', "capabilities": {"effective": "CAP_KILL"}' config true
refused "capabilities: no list" 'process.capabilities.effective: should be a list'
PROCESS=", \"capabilities\": {$(set_of CAP_SYS_RESOURCE CAP_KILL)}" config 'grep CapEff /proc/self/status'
run timeout 20 capsh --drop=cap_sys_resource -- -c "exec '$OCI' run -b '$bundle' '$name'"
is "capabilities: one that we do not have" "$STATUS$OUT" "0$(printf 'CapEff:\t0000000000000020')"
like "capabilities: and that is said" "$ERR" 'warning: process.capabilities: CAP_SYS_RESOURCE: left out'

# ---- limits of the process -------------------------------------------------------------------------
without_resource() { timeout 20 capsh --drop=cap_sys_resource -- -c "ulimit -n 1000; exec '$OCI' $*"; }
limit() { echo ', "rlimits": [{"type": "RLIMIT_NOFILE", "soft": '"$1"', "hard": '"$2"'}]'; }
PROCESS=$(limit 50 60) run_in 'ulimit -Sn; ulimit -Hn'
is "rlimits: lowered" "$OUT" "50
60"
PROCESS=$(limit 50 2000) config true
run without_resource run -b "$bundle" "$name"
is "rlimits: raised without CAP_SYS_RESOURCE" "$STATUS" 1
like "rlimits: names the limit, and what it may be" "$ERR" 'step rlimits: prlimit: RLIMIT_NOFILE: raising the hard limit above 1000 takes CAP_SYS_RESOURCE'
if has_capability 24; then
	NAMESPACES=$user_ns LINUX=", $own_user" PROCESS=$(limit 1500 2000) config 'ulimit -Sn; ulimit -Hn'
	run bash -c "ulimit -n 1000; exec '$OCI' run -b '$bundle' '$name'"
	is "rlimits: raised, in a user namespace" "$OUT" "1500
2000"
else
	skip "rlimits: raised" "CAP_SYS_RESOURCE"
fi
running ''
echo '{"args": ["true"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}'"$(limit 50 2000)"'}' >"$WORK/process.json"
run without_resource exec --process "$WORK/process.json" "$name"
is "rlimits: exec cannot raise either" "$STATUS" 255
like "rlimits: and says which" "$ERR" 'RLIMIT_NOFILE'
echo '{"args": ["cat", "/proc/self/oom_score_adj"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}, "oomScoreAdj": -900}' >"$WORK/process.json"
run without_resource exec --process "$WORK/process.json" "$name"
is "oomScoreAdj: exec goes on without" "$STATUS$OUT" "0$(cat /proc/self/oom_score_adj)"
like "oomScoreAdj: and says so" "$ERR" 'warning: process.oomScoreAdj -900: lowering it takes CAP_SYS_RESOURCE'
gone
PROCESS=', "oomScoreAdj": -900' config 'cat /proc/self/oom_score_adj'
run without_resource run -b "$bundle" "$name"
is "oomScoreAdj: create goes on without" "$STATUS$OUT" "0$(cat /proc/self/oom_score_adj)"
like "oomScoreAdj: and says so too" "$ERR" 'warning: process.oomScoreAdj -900'
PROCESS=', "oomScoreAdj": 900' run_in 'cat /proc/self/oom_score_adj'
is "oomScoreAdj: raised" "$OUT$ERR" 900

# ---- labels ----------------------------------------------------------------------------------------
works() { grep -qw "$1" /sys/kernel/security/lsm 2>/dev/null; }
PROCESS=', "apparmorProfile": "", "selinuxLabel": ""' LINUX=', "mountLabel": ""' run_in 'echo run'
is "labels: empty ones are none" "$OUT" run
if ! works apparmor && ! grep -q Y /sys/module/apparmor/parameters/enabled 2>/dev/null; then
	PROCESS=', "apparmorProfile": "x"' config true
	refused "a profile that nobody looks at" 'process.apparmorProfile: AppArmor is not at work'
else
	PROCESS=', "apparmorProfile": "no-such-profile"' config true
	refused "a profile that is not loaded" 'process.apparmorProfile: no such profile is loaded'
fi
if ! works selinux && [ ! -e /sys/fs/selinux/enforce ]; then
	PROCESS=', "selinuxLabel": "a:b:c:s0"' config true
	refused "a label that nobody looks at" 'process.selinuxLabel: SELinux is not at work'
	LINUX=', "mountLabel": "a:b:c:s0"' run_in 'grep -c context= /proc/mounts'
	is "labels: one of mounts that nobody looks at is left out" "$OUT" 0
	like "labels: and that is said" "$ERR" 'warning: linux.mountLabel: "a:b:c:s0" is left out: SELinux is not at work'
	LINUX=', "mountLabel": "a:b:c:s0"' running ''
	echo '{"args": ["true"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}, "selinuxLabel": "a:b:c:s0"}' >"$WORK/process.json"
	run timeout 20 "$OCI" exec --process "$WORK/process.json" "$name"
	like "labels: exec, too" "$ERR" 'process.selinuxLabel: SELinux is not at work'
	echo '{"args": ["true"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' >"$WORK/process.json"
	run timeout 20 "$OCI" exec --process "$WORK/process.json" "$name"
	is "labels: that of mounts is not said again" "$STATUS$ERR" 0
	gone
else
	PROCESS=', "selinuxLabel": "not a label"' config true
	refused "a label that is none" 'process.selinuxLabel'
fi

# ---- update ----------------------------------------------------------------------------------------
# of V1-TREE FILE V2-FILE: what the container's group says.
of() {
	local dir
	dir=$(awk -F: -v c="$1" '$2 == c || $2 ~ "(^|,)" c "(,|$)" { print $3 }' "/proc/$pid/cgroup")
	if [ -n "$dir" ]; then
		cat "/sys/fs/cgroup/$1$dir/$2"
	else
		cat "/sys/fs/cgroup$(awk -F: '$1 == 0 { print $3 }' "/proc/$pid/cgroup")/$3"
	fi
}
# has FILE: whether control groups of version 1 have it here. shellcheck disable=SC2144
v1() { [ -e "/sys/fs/cgroup/$1" ]; }

LINUX=', "resources": {"memory": {"limit": 67108864}, "pids": {"limit": 50}}' running ''
if [ -z "$pid" ]; then
	skip "update" "control groups for memory and pids: $ERR"
else
	run "$OCI" update --memory 32M --pids-limit 20 "$name"
	is "update: exit status" "$STATUS$ERR" 0
	is "update: memory" "$(of memory memory.limit_in_bytes memory.max)" 33554432
	is "update: processes" "$(of pids pids.max pids.max)" 20
	run "$OCI" update --memory 128M "$name"
	is "update: memory, up again" "$STATUS$(of memory memory.limit_in_bytes memory.max)" 0134217728
	is "update: and the rest stays" "$(of pids pids.max pids.max)" 20
	run "$OCI" update --pids-limit -1 --memory-reservation 16M "$name"
	is "update: no limit" "$(of pids pids.max pids.max)" max
	is "update: reservation" "$(of memory memory.soft_limit_in_bytes memory.low)" 16777216
	if v1 memory/memory.memsw.limit_in_bytes; then
		run "$OCI" update --memory 64M --memory-swap 96M "$name"
		is "update: memory and swap, down" "$STATUS$(of memory memory.memsw.limit_in_bytes memory.swap.max)" 0100663296
		run "$OCI" update --memory 200M --memory-swap 300M "$name"
		is "update: memory and swap, up, in an order that the kernel takes" "$STATUS$(of memory memory.memsw.limit_in_bytes x)" 0314572800
		run "$OCI" update --memory 400M --memory-swap 300M "$name"
		is "update: memory above memory and swap" "$STATUS" 1
		like "update: by its name" "$ERR" 'linux.resources.memory.swap'
		is "update: and nothing was changed" "$(of memory memory.limit_in_bytes x)" 209715200
		run "$OCI" update --memory-swap -1 "$name"
		is "update: memory without swap's limit" "$STATUS" 0
	else
		skip "update: memory and swap" "memory.memsw.limit_in_bytes"
	fi
	run "$OCI" update --cpu-quota 20000 --cpu-period 50000 --cpu-shares 512 "$name"
	is "update: processor, exit status" "$STATUS$ERR" 0
	if v1 cpu; then
		is "update: quota and period" "$(of cpu cpu.cfs_quota_us) $(of cpu cpu.cfs_period_us)" "20000 50000"
		is "update: shares" "$(of cpu cpu.shares)" 512
	else
		is "update: quota and period" "$(of cpu - cpu.max)" "20000 50000"
		is "update: shares" "$(of cpu - cpu.weight)" 20
	fi
	run "$OCI" update --cpu-quota 30000 "$name"
	is "update: quota alone keeps the period" "$(v1 cpu && of cpu cpu.cfs_period_us || of cpu - cpu.max)" "$(v1 cpu && echo 50000 || echo 30000 50000)"
	if v1 cpu/cpu.shares && [ ! -e "/sys/fs/cgroup/cpu$(awk -F: '$2 == "cpu" { print $3 }' "/proc/$pid/cgroup")/cpu.idle" ]; then
		run "$OCI" update --cpu-idle 1 "$name"
		is "update: idle, where the kernel has none" "$STATUS" 1
		like "update: and says so" "$ERR" 'linux.resources.cpu.idle'
	else
		run "$OCI" update --cpu-idle 1 "$name"
		is "update: idle" "$STATUS$(of cpu cpu.idle cpu.idle)" 01
		run "$OCI" update --cpu-idle 0 "$name"
		is "update: idle no more" "$STATUS$(of cpu cpu.idle cpu.idle)" 00
	fi
	# A kind of limit that it had none of: it gets one more group, and all its processes go there.
	run timeout 20 "$OCI" exec -d --pid-file "$WORK/pid" "$name" sleep 1000
	run "$OCI" update --cpuset-cpus 0 "$name"
	if [ "$STATUS" = 0 ]; then
		is "update: processors" "$(of cpuset cpuset.cpus cpuset.cpus)" 0
		for each in "$pid" "$(<"$WORK/pid")"; do
			is "update: and they hold for process $each" "$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$each/status")" 0
		done
		run timeout 20 "$OCI" exec "$name" sh -c "$cpus"
		is "update: and for whom it starts later" "$OUT" "$(printf 'Cpus_allowed_list:\t0')"
	else
		skip "update: processors" "a control group with cpuset: $ERR"
	fi
	# As an engine sends it: all members, with 0 and "" for what stays.
	echo '{"memory": {"limit": 0, "reservation": 0, "swap": 0, "kernel": 0}, "cpu": {"shares": 256, "quota": 0, "period": 0, "cpus": "", "mems": ""}, "blockIO": {"weight": 0}, "pids": {"limit": 77}}' >"$WORK/resources.json"
	before=$(of memory memory.limit_in_bytes memory.max)
	run "$OCI" update --resources "$WORK/resources.json" "$name"
	is "update: from a file" "$STATUS$ERR$(of pids pids.max pids.max)" 077
	is "update: 0 stays as it is" "$(of memory memory.limit_in_bytes memory.max)" "$before"
	"$OCI" update --resources - "$name" <<<'{"pids": {"limit": 78}}'
	is "update: from standard input" "$(of pids pids.max pids.max)" 78
	run "$OCI" pause "$name"
	run "$OCI" update --pids-limit 79 "$name"
	is "update: of a paused one" "$STATUS$(of pids pids.max pids.max)" 079
	run "$OCI" resume "$name"
	# What is wrong.
	run "$OCI" update --memory lots "$name"
	is "update: no size" "$STATUS" 2
	like "update: and says so" "$ERR" "--memory 'lots': it should be a size"
	run "$OCI" update --pids-limit -2 "$name"
	is "update: no number" "$STATUS" 2
	run "$OCI" update "$name"
	is "update: nothing to do" "$STATUS" 2
	run "$OCI" update --l3-cache-schema x "$name"
	like "update: what is not supported" "$ERR" 'linux.intelRdt is not supported'
	echo '{"devices": [{"allow": true}]}' >"$WORK/resources.json"
	run "$OCI" update -r "$WORK/resources.json" "$name"
	like "update: devices" "$ERR" 'linux.resources.devices'
	echo '[7]' >"$WORK/resources.json"
	run "$OCI" update -r "$WORK/resources.json" "$name"
	like "update: not an object" "$ERR" 'should be a JSON object'
	run "$OCI" update -r "$WORK/none.json" "$name"
	is "update: a file that is not there" "$STATUS" 1
	run "$OCI" update --cpuset-cpus 9999 "$name"
	is "update: processors that are not there" "$STATUS" 1
	like "update: by their name" "$ERR" 'linux.resources.cpu.cpus'
	"$OCI" kill "$name" KILL
	stopped() { "$OCI" state "$name" | grep -q stopped; }
	ok "update: when it has ended" wait_until 10 stopped
	run "$OCI" update --pids-limit 7 "$name"
	like "update: not any more" "$ERR" 'it is stopped'
fi
gone
run "$OCI" update --pids-limit 7 "$name"
like "update: of none" "$ERR" 'container does not exist'

is "nothing is left to list" "$("$OCI" list -q)" ""
is "no control group is left" "$(find /sys/fs/cgroup -type d \( -name "*$name*" -o -name cutaway-oci \) 2>/dev/null)" ""
is "no process is left" "$(pgrep -af "$OCI")" ""
done_testing
