#!/usr/bin/env bash
# cutaway-oci from the outside, as an engine uses it: the life of a container, what config.json can
# ask for, what is refused and by which name, and that nothing is left.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"
. "$ROOT/tests/lib/bundle.sh"

if [ "$(id -u)" != 0 ]; then
	skip "OCI containers as root" "root"
	done_testing
fi
bundle_make sh cat echo id sleep mount mknod head true false hostname grep ls stat dd kill ps tty test mkdir readlink
printf 'root:x:0:0:root:/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n' >"$bundle/rootfs/etc/passwd"

ALL_TOP=', "hostname": "inside"'
ALL_MOUNTS=', {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]}'
ALL_NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}, {"type": "network"}]'

status() {
	"$OCI" state "$1" 2>/dev/null | sed -nE 's/.*"status": "([a-z]+)".*/\1/p'
}

# shellcheck disable=SC2317 # called by wait_until
is_status() {
	[ "$(status "$1")" = "$2" ]
}

# ---- the life of a container ----------------------------------------------------------------------
config 'echo started; exec sleep 1000'
run timeout 20 "$OCI" create -b "$bundle" --pid-file "$WORK/pid" "$name" 
is "create: exit status" "$STATUS$ERR" "0"
is "create: then it is created" "$(status "$name")" created
pid=$(<"$WORK/pid")
is "create: the pid file names the first process" "$pid" "$("$OCI" state "$name" | sed -nE 's/.*"pid": ([0-9]+).*/\1/p')"
like "create: it is still our program" "$(<"/proc/$pid/comm")" '^cutaway-oci$'
is "create: nothing of ours stays but the first process" "$(pgrep -cf "$OCI create.*$name")" 1
run "$OCI" state "$name"
for member in ociVersion id status pid bundle; do
	like "state: has $member" "$OUT" "\"$member\":"
done
run timeout 20 "$OCI" create -b "$bundle" "$name"
is "create: an id is given once" "$STATUS" 1
like "create: and says so" "$ERR" "$name.*already exists"
run "$OCI" delete "$name"
is "delete: not a created one" "$STATUS$(status "$name")" 1created
run timeout 20 "$OCI" start "$name"
is "start: exit status" "$STATUS$ERR" "0"
is "start: then it is running" "$(status "$name")" running
# The shell that it was given becomes it.
wait_until 5 grep -q '^sleep' "/proc/$pid/cmdline"
is "start: the same process is the program" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "sleep 1000 "
run timeout 20 "$OCI" start "$name"
is "start: only once" "$STATUS" 1
like "start: and says what it is" "$ERR" 'it is running'
run "$OCI" delete "$name"
is "delete: not a running one" "$STATUS$(status "$name")" 1running
run "$OCI" pause "$name"
is "pause" "$STATUS$(status "$name")" 0paused
run "$OCI" exec "$name" true
like "pause: no exec then" "$ERR" 'it is paused'
run "$OCI" resume "$name"
is "resume" "$STATUS$(status "$name")" 0running
run "$OCI" ps --format json "$name"
is "ps: lists the first process" "$OUT" "[$pid]"
run "$OCI" list -q
is "list: has it" "$OUT" "$name"

# ---- exec ------------------------------------------------------------------------------------------
# shellcheck disable=SC2016 # expands inside
run timeout 20 "$OCI" exec -e A=b --cwd /tmp "$name" sh -c 'echo "$A $PWD $(hostname)"; exit 5'
is "exec: status, environment, directory, host name" "$STATUS$OUT" "5b /tmp inside"
run timeout 20 "$OCI" exec --user 1000:1000 "$name" sh -c 'echo "$(id -u):$(id -g) $HOME"'
is "exec: another user with a home" "$OUT" "1000:1000 /home/anna"
run timeout 20 "$OCI" exec "$name" no-such-program
is "exec: of what is not there" "$STATUS" 255
like "exec: says what is not there" "$ERR" 'no-such-program.*not found'
echo '{"args": ["sh", "-c", "id -u; exit 3"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 7, "gid": 7}}' >"$WORK/process.json"
run timeout 20 "$OCI" exec --process "$WORK/process.json" "$name"
is "exec: a process from a file" "$STATUS$OUT" "37"
run timeout 20 "$OCI" exec -d --pid-file "$WORK/exec-pid" "$name" sleep 1000
ok "exec: in the background it lives on" test -d "/proc/$(<"$WORK/exec-pid")"
like "exec: it is in the same group" "$("$OCI" ps "$name")" "$(<"$WORK/exec-pid")  sleep 1000"

run "$OCI" kill "$name" KILL
is "kill: exit status" "$STATUS" 0
ok "kill: then it is stopped" wait_until 10 is_status "$name" stopped
run "$OCI" kill "$name" TERM
is "kill: not a stopped one" "$STATUS" 1
like "kill: in the words engines know" "$ERR" 'container not running'
run "$OCI" exec "$name" true
like "exec: not in a stopped one" "$ERR" 'it is stopped'
run "$OCI" delete "$name"
is "delete: a stopped one" "$STATUS" 0
run "$OCI" state "$name"
is "delete: then there is none" "$STATUS" 1
like "delete: in the words engines know" "$ERR" 'container does not exist'
run "$OCI" delete --force "$name"
is "delete --force: what is not there is no error" "$STATUS" 0
config 'sleep 1000'
run timeout 20 "$OCI" run -d -b "$bundle" "$name"
run "$OCI" delete --force "$name"
is "delete --force: a running one" "$STATUS$("$OCI" list -q)" 0

# ---- exit statuses and errors ----------------------------------------------------------------------
run_in 'exit 7'
is "run: the program's own status" "$STATUS" 7
run_in 'kill -9 $$; sleep 1'
run_in 'sleep 1000 & kill -9 $!; wait $!'
is "run: 128 and the signal" "$STATUS" 137
PROCESS=', "args": ["no-such-program"]' config ''
sed -i '0,/"args": \["sh", "-c", ""\], /s///' "$bundle/config.json"
run timeout 20 "$OCI" create -b "$bundle" "$name"
is "create: a program that is not there is told at once" "$STATUS" 1
like "create: in the words engines know" "$ERR" 'no-such-program.*executable file not found'

touch "$bundle/rootfs/data/text"
for program in /data /data/text; do
	config ''
	sed -i "0,/\"sh\", \"-c\", \"\"/s//\"${program//\//\\/}\"/" "$bundle/config.json"
	run timeout 20 "$OCI" create -b "$bundle" "$name"
	is "create: $program is no program, told at once" "$STATUS" 1
	like "create: $program is no program, in the words engines know" "$ERR" "$program: permission denied"
done
rm "$bundle/rootfs/data/text"

echo '{' >"$bundle/config.json"
refused "no JSON" 'config.json: line'
PROCESS=', "rlimits": [{"type": "RLIMIT_FLY", "soft": 1, "hard": 1}]' config true
refused "an unknown limit" 'process.rlimits.type'
PROCESS=', "apparmorProfile": "x"' config true
refused "an AppArmor profile" 'process.apparmorProfile: AppArmor is not at work'
PROCESS=', "selinuxLabel": "x"' config true
refused "an SELinux label" 'process.selinuxLabel'
LINUX=', "sysctl": {"kernel.panic": "1"}' config true
refused "a setting of the host" 'linux.sysctl.*kernel.panic'
LINUX=', "intelRdt": {"closID": "x"}' config true
refused "intelRdt" 'linux.intelRdt'
LINUX=', "cgroupsPath": "a.slice:b:c"' config true
refused "a path for systemd" 'linux.cgroupsPath.*systemd'
LINUX=', "cgroupsPath": "/"' config true
refused "everybody's group" 'linux.cgroupsPath'
LINUX=', "cgroupsPath": "/../x"' config true
refused "a path that leads up" 'linux.cgroupsPath'
TERMINAL=true config true
run timeout 20 "$OCI" create -b "$bundle" "$name"
like "refused: a terminal for nobody" "$ERR" 'process.terminal.*nobody'
# The way the command was called comes before what else is wrong.
sed -i 's/"args": \["sh"/"args": [7/' "$bundle/config.json"
run timeout 20 "$OCI" create -b "$bundle" "$name"
like "refused: a terminal for nobody, before all else" "$ERR" 'use --console-socket'
run timeout 20 "$OCI" --systemd-cgroup list
is "refused: --systemd-cgroup" "$STATUS" 2
like "refused: --systemd-cgroup, and what to do" "$ERR" 'cgroupfs driver'
config true
run timeout 20 "$OCI" create -b "$bundle" ../escape
like "refused: an id that is a path" "$ERR" 'invalid character ./. in the ID'
run timeout 20 "$OCI" --log "$WORK/log" --log-format json state "$name"
like "--log-format json: as engines read it" "$(<"$WORK/log")" '^\{"level": ?"error", ?"msg": ?".*does not exist.*", ?"time":'

# ---- files ---------------------------------------------------------------------------------------
READONLY=true run_in 'echo x >/x || echo refused; echo y >/dev/shm/y || echo no; mkdir /dev/z && echo wrote'
like "root.readonly: the root" "$OUT" refused
like "root.readonly: not the mounts on it" "$OUT" wrote
is "root.readonly: nothing was written" "$(ls "$bundle/rootfs/x" 2>/dev/null)" ""
mkdir "$WORK/volume"
echo content >"$WORK/volume/file"
MOUNTS=', {"destination": "/data/a/b", "source": "'$WORK/volume'", "options": ["rbind", "ro", "nosuid", "noexec", "rprivate"]},
 {"destination": "/etc/one", "source": "'$WORK/volume/file'", "options": ["bind"]},
 {"destination": "/data/t", "type": "tmpfs", "source": "t", "options": ["size=64k", "noatime", "nodev"]},
 {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid"]},
 {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]},
 {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]}' \
	run_in 'cat /data/a/b/file /etc/one; echo x >/data/a/b/x; mount; ls /sys/fs/cgroup | head -1; mkdir /sys/fs/cgroup/x'
like "mounts: a directory anywhere" "$OUT" '^content$'
like "mounts: read-only and more" "$OUT" ' on /data/a/b type [a-z0-9]+ \(ro,nosuid,noexec'
like "mounts: what is read-only" "$ERR" '/data/a/b/x: Read-only'
like "mounts: a file" "$OUT" ' on /etc/one type'
like "mounts: a tmpfs with its options" "$OUT" '^t on /data/t type tmpfs \(rw,nodev,noatime,size=64k'
like "mounts: queues" "$OUT" ' on /dev/mqueue type mqueue \(rw,nosuid'
like "mounts: control groups" "$OUT" ' on /sys/fs/cgroup(/pids)? type cgroup2? \(ro' || like "" "$OUT" x
like "mounts: control groups are read-only" "$ERR" 'cgroup/x.*Read-only'
rm "$bundle/rootfs/etc/one"

mkdir -p "$WORK/outside" "$bundle/rootfs$WORK/outside"
ln -s "$WORK/outside" "$bundle/rootfs/link"
ln -s ../../../../../../../.."$WORK/outside" "$bundle/rootfs/up"
MOUNTS=', {"destination": "/link/in", "type": "tmpfs", "source": "a"}, {"destination": "/up/in", "type": "tmpfs", "source": "b"}' \
	run_in 'mount'
like "a link in a mount point leads nowhere but inside" "$OUT" "^a on $WORK/outside/in"
is "a link in a mount point: nothing was made outside" "$(ls -A "$WORK/outside")" ""
rm -rf "$bundle/rootfs/link" "$bundle/rootfs/up" "$bundle/rootfs/tmp"/*
mv "$bundle/rootfs/proc" "$bundle/rootfs/real"
ln -s real "$bundle/rootfs/proc"
config true
refused "a link where /proc belongs" 'mounts.*/proc'
rm "$bundle/rootfs/proc"
exec 7<"$WORK"
CWD=/proc/self/fd/7 run_in 'ls'
is "a directory of the host as process.cwd is refused" "$STATUS" 1
exec 7<&-
CWD=/new/dir run_in 'echo $PWD'
is "process.cwd is made when it is missing" "$OUT" /new/dir
LINUX=', "maskedPaths": ["/etc/passwd", "/proc/keys"], "readonlyPaths": ["/data", "/proc/sys"]' \
	run_in 'cat /etc/passwd; echo x >/data/x; echo 1 >/proc/sys/net/ipv4/ip_forward; echo end'
is "maskedPaths: empty" "$OUT" end
like "readonlyPaths: of files" "$ERR" '/data/x: Read-only'
like "readonlyPaths: of /proc" "$ERR" 'ip_forward: Read-only'

# ---- the process ---------------------------------------------------------------------------------
USER_JSON='{"uid": 1000, "gid": 1001, "additionalGids": [5, 6], "umask": 63}' \
	PROCESS=', "capabilities": {"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}, "noNewPrivileges": true, "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 18446744073709551615}], "oomScoreAdj": 500' \
	LINUX=', "personality": {"domain": "LINUX32"}, "sysctl": {"net.ipv4.ip_forward": "1"}, "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}' \
	TOP=', "domainname": "a.domain"' \
	run_in 'id; umask; ulimit -n; ulimit -Hn; ulimit -Hc; cat /proc/self/oom_score_adj /proc/self/personality /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward; grep -E "^(Cap|NoNew|Seccomp:)" /proc/self/status; mkdir /tmp/x; echo $HOME'
like "user: ids and groups" "$OUT" '^uid=1000\(anna\) gid=1001 groups=5,6'
like "user: umask" "$OUT" '^0077$'
like "rlimits: soft and hard" "$(tr '\n' ' ' <<<"$OUT")" ' 100 200 unlimited 500 '
like "personality" "$OUT" '^0*8$'
like "domainname" "$OUT" '^a.domain$'
like "sysctl" "$OUT" '^1$'
like "capabilities: ambient ones reach the program" "$OUT" '^CapEff:.0+20$'
like "no_new_privs" "$OUT" '^NoNewPrivs:.1$'
like "seccomp: is on" "$OUT" '^Seccomp:.2$'
like "seccomp: refuses with the errno that was asked for" "$ERR" 'mkdir.*not supported'
like "HOME is that of the user" "$OUT" '^/home/anna$'
# What we lack ourselves we cannot give: told, and no failure (config.md).
PROCESS=', "capabilities": {"bounding": ["CAP_KILL", "CAP_SYS_TIME"], "permitted": ["CAP_KILL", "CAP_SYS_TIME"], "effective": ["CAP_KILL", "CAP_SYS_TIME"]}' \
	config 'grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status'
run timeout 20 setpriv --bounding-set -sys_time "$OCI" run -b "$bundle" "$name"
is "capabilities: those we have" "$STATUS$(tr -d '\n' <<<"$OUT" | tr -s '\t' ' ')" \
	"0CapPrm: 0000000000000020CapEff: 0000000000000020CapBnd: 0000000000000020"
like "capabilities: what cannot be given is said" "$ERR" 'warning: process.capabilities: CAP_SYS_TIME: left out'
PROCESS=', "oomScoreAdj": -900' run_in true
is "oomScoreAdj: without the right to it goes on" "$STATUS" 0

# ---- a terminal ----------------------------------------------------------------------------------
. "$ROOT/tests/lib/terminal.sh"
PROCESS=', "consoleSize": {"width": 61, "height": 17}' TERMINAL=true config 'tty; ls -l /dev/console; stty size 2>/dev/null; read -r line; echo "read $line"; exit 6'
terminal_start 80 24 "$OCI --root $WORK/terminal run -b $bundle $name; echo status=\$?"
sees "terminal: one of its own" 10 '^/dev/pts/0'
sees "terminal: as its console" 10 '/dev/console'
terminal_type hello
terminal_keys Enter
sees "terminal: what is typed arrives" 10 '^read hello'
sees "terminal: the exit status" 10 'status=6'
terminal_end

# ---- devices and limits ----------------------------------------------------------------------------
LINUX=', "devices": [{"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 8608, "uid": 3, "gid": 4}, {"path": "/dev/far/pipe", "type": "p"}], "resources": {"devices": [{"allow": false, "access": "rwm"}]}' \
	run_in 'stat -c "%F %a %u %g %t:%T" /dev/mine /dev/null; test -p /dev/far/pipe && echo pipe; dd if=/dev/mine of=/dev/null bs=1 count=1 && echo used; mknod /dev/k c 1 1; dd if=/dev/k of=/dev/null count=1'
like "devices: as asked for" "$OUT" '^character special file 640 3 4 1:5$'
like "devices: those that every program expects" "$OUT" '^character special file 666 0 0 1:3$'
like "devices: a pipe" "$OUT" '^pipe$'
like "devices: the default ones may be used" "$OUT" '^used$'
unlike "devices: no other" "$OUT" 'records in'
if [ -d /sys/fs/cgroup/memory ] && [ -d /sys/fs/cgroup/pids ]; then
	LINUX=', "cgroupsPath": "/'$name'/deep", "resources": {"memory": {"limit": 67108864}, "pids": {"limit": 9}, "cpu": {"shares": 512, "quota": 50000, "period": 100000, "cpus": "0"}}' \
		config 'sleep 1000'
	run timeout 20 "$OCI" create -b "$bundle" "$name"
	is "resources: memory" "$(cat "/sys/fs/cgroup/memory/$name/deep/memory.limit_in_bytes")" 67108864
	is "resources: processes" "$(cat "/sys/fs/cgroup/pids/$name/deep/pids.max")" 9
	is "resources: shares" "$(cat "/sys/fs/cgroup/cpu/$name/deep/cpu.shares")" 512
	is "resources: quota" "$(cat "/sys/fs/cgroup/cpu/$name/deep/cpu.cfs_quota_us")" 50000
	is "resources: processors" "$(cat "/sys/fs/cgroup/cpuset/$name/deep/cpuset.cpus")" 0
	run timeout 20 "$OCI" create -b "$bundle" "$name-2"
	like "resources: a group that is in use is not taken" "$ERR" 'has processes in it'
	"$OCI" delete --force "$name"
	find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} + 2>/dev/null
elif grep -qw pids /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
	group=/sys/fs/cgroup/$name/deep
	LINUX=', "cgroupsPath": "/'$name'/deep", "resources": {"memory": {"limit": 67108864}, "pids": {"limit": 9}, "cpu": {"shares": 512, "quota": 50000, "period": 100000}, "unified": {"memory.high": "33554432"}}' \
		config 'sleep 1000'
	run timeout 20 "$OCI" create -b "$bundle" "$name"
	is "resources: memory" "$(cat "$group/memory.max" "$group/memory.high")" $'67108864\n33554432'
	is "resources: processes" "$(cat "$group/pids.max")" 9
	is "resources: shares as weight" "$(cat "$group/cpu.weight")" 20
	is "resources: quota" "$(cat "$group/cpu.max")" "50000 100000"
	"$OCI" delete --force "$name"
	find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} + 2>/dev/null
else
	skip "resources" "control groups with pids"
fi

# ---- namespaces ------------------------------------------------------------------------------------
config 'sleep 1000'
run timeout 20 "$OCI" run -d --pid-file "$WORK/pid" -b "$bundle" "$name"
pid=$(<"$WORK/pid")
NAMESPACES='[{"type": "mount"}, {"type": "pid", "path": "/proc/'$pid'/ns/pid"}, {"type": "network", "path": "/proc/'$pid'/ns/net"}, {"type": "uts", "path": "/proc/'$pid'/ns/uts"}]' \
	config 'for n in net pid uts; do readlink /proc/self/ns/$n; done; exit 4'
run timeout 20 "$OCI" run -b "$bundle" "$name-2"
is "namespaces: joined by path" "$STATUS$OUT" "4$(readlink "/proc/$pid/ns/net" "/proc/$pid/ns/pid" "/proc/$pid/ns/uts")"
NAMESPACES='[{"type": "mount"}, {"type": "network", "path": "/proc/'$pid'/ns/uts"}]' config true
run timeout 20 "$OCI" run -b "$bundle" "$name-2"
like "namespaces: of the wrong type" "$ERR" 'of the kind "uts", and the configuration says "network"'
"$OCI" delete --force "$name"
sed -i '/"type": "proc"/d; s/"mounts": \[/&/' "$bundle/config.json"
NAMESPACES='[{"type": "mount"}]' config 'echo $PPID'
sed -i 's/"type": "proc", "source": "proc"/"type": "bind", "source": "\/proc", "options": ["rbind"]/' "$bundle/config.json"
run timeout 20 "$OCI" run -b "$bundle" "$name"
is "namespaces: only of mounts" "$STATUS" 0
NAMESPACES='[{"type": "mount"}, {"type": "pid"}, {"type": "user"}]' \
	LINUX=', "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}], "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]' \
	config 'cat /proc/self/uid_map; ls -l /dev/null'
chmod 755 "$WORK" "$bundle"
chown -R 100000:100000 "$bundle/rootfs"
run timeout 20 "$OCI" run -b "$bundle" "$name"
like "namespaces: a user namespace" "$OUT" '^ +0 +100000 +65536$'
like "namespaces: devices of the host are bound in it" "$OUT" '^crw.* 1, +3 .*/dev/null'
chown -R 0:0 "$bundle/rootfs"

# ---- hooks ---------------------------------------------------------------------------------------
cat >"$WORK/hook" <<'HOOK'
#!/bin/sh
echo "$1 $(sed -E 's/.*"status": ?"([a-z]+)".*/\1/') $(readlink /proc/self/ns/uts)" >>"$2"
[ "$1" != fail ]
HOOK
chmod +x "$WORK/hook"
hook() { # KIND
	printf '"%s": [{"path": "%s", "args": ["hook", "%s", "%s"], "env": ["PATH=/bin:/usr/bin"]}]' "$1" "$WORK/hook" "${2:-$1}" "$WORK/hooks.log"
}
inside='"startContainer": [{"path": "/bin/sh", "args": ["sh", "-c", "cat >/tmp/state; echo startContainer >>/tmp/log"], "env": ["PATH=/bin"]}]'
TOP=', "hooks": {'"$(hook prestart), $(hook createRuntime), $(hook createContainer), $(hook poststart), $(hook poststop), $inside"'}' \
	run_in 'cat /tmp/log; echo program'
is "hooks: startContainer runs inside, before the program" "$OUT" $'startContainer\nprogram'
is "hooks: the others, in their order" "$(awk '{ print $1 }' "$WORK/hooks.log" | tr '\n' ' ')" "prestart createRuntime createContainer poststart poststop "
is "hooks: and with the state of that moment" "$(awk '{ print $2 }' "$WORK/hooks.log" | tr '\n' ' ')" "created created created running stopped "
own=$(readlink /proc/self/ns/uts)
is "hooks: createContainer is in the namespaces, createRuntime is not" \
	"$(awk -v own="$own" '{ print $1 ($3 == own ? " outside" : " inside") }' "$WORK/hooks.log" | sed -n 2,3p | tr '\n' ' ')" \
	"createRuntime outside createContainer inside "
like "hooks: the state has the id" "$(cat "$bundle/rootfs/tmp/state")" "\"id\": ?\"$name\""
TOP=', "hooks": {'"$(hook createRuntime fail)"'}' run_in 'echo program'
is "hooks: one that fails stops it" "$STATUS$OUT" 1
like "hooks: and is named" "$ERR" "$WORK/hook: the hook ended with an error"
TOP=', "hooks": {"createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "1000"], "timeout": 1}]}' run_in 'echo program'
like "hooks: one that takes too long is ended" "$ERR" 'longer than its timeout'

# ---- spec and features -----------------------------------------------------------------------------
rm "$bundle/config.json"
run "$OCI" spec -b "$bundle"
sed -i 's/"terminal": true/"terminal": false/' "$bundle/config.json"
run timeout 20 "$OCI" run -b "$bundle" "$name"
is "spec: what it writes runs" "$STATUS$ERR" 0
run "$OCI" features
like "features: hooks" "$OUT" '"startContainer"'
like "features: options of mounts" "$OUT" '"tmpcopyup"'
if command -v runc >/dev/null; then
	rm "$bundle/config.json"
	(cd "$bundle" && runc spec && sed -i 's/"terminal": true/"terminal": false/' config.json)
	run timeout 20 "$OCI" run -b "$bundle" "$name"
	is "runc spec: its config.json runs" "$STATUS" 0
	like "runc spec: ambient capabilities that the kernel cannot give are said" "$ERR" 'warning: process.capabilities.ambient'
	keys() { sed -nE 's/^ *"([a-zA-Z]+)":.*/\1/p' | sort | tr '\n' ' '; }
	timeout 20 unshare -m runc --root "$WORK/runc" create -b "$bundle" "$name" </dev/null >"$WORK/runc.out" 2>&1
	theirs=$(runc --root "$WORK/runc" state "$name" | keys)
	runc --root "$WORK/runc" delete --force "$name"
	run timeout 20 "$OCI" create -b "$bundle" "$name"
	is "state: the members of runc's" "$("$OCI" state "$name" | keys)" "$theirs"
	"$OCI" delete --force "$name"
else
	skip "state as runc tells it" "runc"
fi

# ---- an ordinary user ------------------------------------------------------------------------------
as_user true
mkdir -p "$user_home/bundle"
cp -r "$bundle/rootfs" "$user_home/bundle/rootfs"
cp "$OCI" "$user_home/build/"
chown -R $USER_UID:$USER_UID "$user_home/bundle"
if as_user unshare -Ur true 2>/dev/null; then
	as_user cutaway-oci spec --rootless -b "$user_home/bundle"
	sed -i 's/"terminal": true/"terminal": false/; s/^ *"sh"$/"id"/' "$user_home/bundle/config.json"
	run as_user timeout 20 cutaway-oci run -b "$user_home/bundle" "$name"
	like "spec --rootless: runs for an ordinary user" "$OUT" '^uid=0'
	is "spec --rootless: and leaves nothing" "$(as_user cutaway-oci list -q)" ""
else
	skip "spec --rootless" "user namespaces for ordinary users"
fi

is "nothing is left to list" "$("$OCI" list -q)" ""
is "no control group is left" "$(find /sys/fs/cgroup -type d \( -name "*$name*" -o -name 'cutaway-oci' \) 2>/dev/null)" ""
is "no mount is left" "$(grep -F "$WORK" /proc/self/mountinfo)" ""
done_testing
