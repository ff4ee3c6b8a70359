#!/usr/bin/env bash
# config.json from somebody who means harm, or does not know: whatever is wrong in it, cutaway-oci
# says what, with exit status 1, and is never ended by a signal.
# Not in user-mode-linux: proven there by hand, left out for its time.
. "$ROOT/tests/lib/tap.sh"

if [ "$(id -u)" != 0 ]; then
	skip "hostile config.json" "root"
	done_testing
fi
if ! command -v jq >/dev/null; then
	skip "hostile config.json" "jq"
	done_testing
fi
OCI=$CUTAWAY-oci
name=oci-hostile-$$
bundle=$WORK/bundle
mkdir -p "$bundle/rootfs/bin"
cp "$(command -v busybox)" "$bundle/rootfs/bin/busybox"
ln -s busybox "$bundle/rootfs/bin/true"
oci=("$OCI" --root "$WORK/states" create -b "$bundle" --config "$WORK/config.json" "$name")

# What can be said in a config.json, each member once.
cat >"$WORK/base.json" <<'JSON'
{"ociVersion": "1.1.0",
 "process": {"terminal": false, "consoleSize": {"height": 10, "width": 20}, "cwd": "/",
  "env": ["PATH=/bin"], "args": ["true"],
  "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 64, "soft": 64}],
  "user": {"uid": 0, "gid": 0, "umask": 18, "additionalGids": [1]},
  "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"],
   "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]},
  "noNewPrivileges": true, "oomScoreAdj": 10},
 "root": {"path": "rootfs", "readonly": true},
 "hostname": "h", "domainname": "d",
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k"]}],
 "hooks": {"prestart": [{"path": "/bin/true", "args": ["true"], "env": ["A=b"], "timeout": 5}],
  "createRuntime": [{"path": "/bin/true"}], "createContainer": [{"path": "/bin/true"}],
  "startContainer": [{"path": "/bin/true"}], "poststart": [{"path": "/bin/true"}],
  "poststop": [{"path": "/bin/true"}]},
 "annotations": {"a": "b"},
 "linux": {
  "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}],
  "devices": [{"path": "/dev/x", "type": "c", "major": 1, "minor": 3, "fileMode": 438, "uid": 0, "gid": 0}],
  "cgroupsPath": "/oci-hostile", "sysctl": {"kernel.domainname": "d"},
  "rootfsPropagation": "private", "maskedPaths": ["/proc/keys"], "readonlyPaths": ["/proc/sys"],
  "personality": {"domain": "LINUX", "flags": []},
  "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
   "flags": ["SECCOMP_FILTER_FLAG_LOG"],
   "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
    "args": [{"index": 0, "value": 1, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}]}]},
  "resources": {"devices": [{"allow": false, "type": "a", "major": 1, "minor": 1, "access": "rwm"}],
   "memory": {"limit": 67108864, "swap": 67108864, "reservation": 33554432},
   "cpu": {"shares": 100, "quota": 50000, "period": 100000, "cpus": "0", "mems": "0"},
   "pids": {"limit": 10},
   "blockIO": {}, "hugepageLimits": [], "unified": {}}}}
JSON

# All that follows is one step away from what is right.
cp "$WORK/base.json" "$WORK/config.json"
"${oci[@]}" >"$WORK/said" 2>&1 </dev/null
if grep -q 'does not offer the controller "cpuset"' "$WORK/said"; then # then processors can be no part of it
	jq 'del(.linux.resources.cpu.cpus, .linux.resources.cpu.mems)' "$WORK/base.json" >"$WORK/config.json"
	cp "$WORK/config.json" "$WORK/base.json"
	"${oci[@]}" >"$WORK/said" 2>&1 </dev/null
fi
is "the configuration that is spoilt below is good" "$? $(grep -v warning: "$WORK/said")" "0 "
"$OCI" --root "$WORK/states" delete --force "$name"

# told_off STATUS: whether the last run said one thing that is wrong, and ended as it should.
told_off() {
	[ "$1" -eq 1 ] && grep -qE '^cutaway-oci: [^:]+: .+' "$WORK/said"
}

# all_refused TEXT FILE: FILE has a name and a config.json a line, with a tab between.
all_refused() {
	local what json status n=0 bad=''
	while IFS=$'\t' read -r what json; do
		printf '%s' "$json" >"$WORK/config.json"
		"${oci[@]}" >"$WORK/said" 2>&1 </dev/null
		status=$?
		n=$((n + 1))
		told_off $status && continue
		bad+="$what: $status $(head -c 200 "$WORK/said")"$'\n'
		[ $status -ne 0 ] || "$OCI" --root "$WORK/states" delete --force "$name"
	done <"$2"
	is "$1" "$bad" ""
	ok "$1: there were many ($n)" test $n -gt "$3"
}

# variants JQ: of each member that there is, with $p its path and $v its value, what JQ makes of it.
variants() {
	jq -cr '. as $base | paths as $p | getpath($p) as $v | select(($p | length) > 0) |
		('"$1"') as $new |
		($p | map(tostring) | join(".")) + " = " + ($new | tostring)[0:40] + "\t" + ($base | setpath($p; $new) | tojson)' \
		"$WORK/base.json"
}

config_is() { # TEXT: $WORK/config.json is told off
	"${oci[@]}" >"$WORK/said" 2>&1 </dev/null
	local status=$?
	if told_off $status; then
		pass "$1"
	else
		fail "$1"
		diag "exit status $status: $(head -c 500 "$WORK/said")"
	fi
	[ $status -ne 0 ] || "$OCI" --root "$WORK/states" delete --force "$name"
}

changed() { # TEXT JQ
	jq -c "$2" "$WORK/base.json" >"$WORK/config.json" || fail "$1: $2"
	config_is "$1"
}

variants 'if ($v | type) == "object" then [1] elif ($v | type) == "array" then {"a": 1}
	elif ($v | type) == "string" then 7 else "text" end' >"$WORK/types"
all_refused "of every member the wrong type is told" "$WORK/types" 100
variants 'if ($v | type) == "number" then -1.5, 1e300 else empty end' >"$WORK/numbers"
all_refused "of every number one that cannot be is told" "$WORK/numbers" 40
variants 'if ($v | type) == "string" then "a\u0000b" else empty end' >"$WORK/nul"
all_refused "of every text one with a NUL in it is told" "$WORK/nul" 40

# shellcheck disable=SC2317 # called by wait_until
rmdir_groups() {
	local group
	while read -r group; do
		for pid in $(cat "$group/cgroup.procs" 2>/dev/null); do
			kill -KILL "$pid"
		done
		rmdir "$group"
	done < <(find /sys/fs/cgroup -depth -type d -name '*oci-hostile*')
	[ -z "$(find /sys/fs/cgroup -type d -name '*oci-hostile*')" ]
}

text() { # a long one, of COUNT bytes
	head -c "$1" /dev/zero | tr '\0' "${2:-a}"
}
jq -cr --rawfile long <(text 1048576) '. as $base | paths(type == "string") as $p |
	select($p[0] != "annotations" and $p[1] != "sysctl" and $p[1] != "capabilities" and $p[-2] != "names") | select($p[-1] != "ociVersion") |
	($p | map(tostring) | join(".")) + "\t" + ($base | setpath($p; "/" + $long) | tojson)' "$WORK/base.json" >"$WORK/long"
all_refused "of every text one of a MiB is told" "$WORK/long" 30

for broken in '' ' ' '{' '}' '[]' '"text"' 'null' '{"ociVersion": "1.0.0"' '{"a": 1, "a": 2}' $'{"a": "\xff\xfe"}' '{"a": 1e999}' '{"a": 01}' '{"a": "\ud800"}' $'\xef\xbb\xbf{}' '{"ociVersion": "2.0.0"}'; do
	printf '%s' "$broken" >"$WORK/config.json"
	config_is "not a configuration: ${broken//[^ -~]/?}"
done
printf '{"ociVersion": "1.0.0"}\0{"process": {}}' >"$WORK/config.json"
config_is "a NUL in the file"
text 100000 '[' >"$WORK/config.json"
config_is "100,000 lists in one another"
(text 100000 '[' && text 100000 ']') >"$WORK/config.json"
config_is "100,000 lists in one another, and closed"
(for ((i = 0; i < 20000; i++)); do printf '{"a":'; done) >"$WORK/config.json"
config_is "20,000 objects in one another"
truncate -s 17M "$WORK/config.json"
config_is "a file of 17 MiB"
rm "$WORK/config.json"
config_is "no file"
mkdir "$WORK/config.json"
config_is "a directory for a file"
rmdir "$WORK/config.json"

changed "no program" '.process.args = []'
changed "a program without a name" '.process.args = [""]'
changed "no process" 'del(.process)'
changed "no root" 'del(.root)'
changed "no namespaces" '.linux.namespaces = []'
changed "a namespace twice" '.linux.namespaces += [{"type": "pid"}]'
changed "more groups than a process can have" '.process.user.additionalGids = [range(70000)]'
changed "a user that cannot be" '.process.user.uid = 4294967295'
changed "arguments of more than the kernel takes" '.process.args = ["true"] + [range(400000) | "argument"]'
changed "environment of more than the kernel takes" '.process.env = [range(400000) | "A\(.)=b"]'
changed "mounts in one another without end" '.mounts += [range(20000) | {"destination": "/proc/x\(.)", "type": "tmpfs"}]'
changed "paths to hide without end" '.linux.maskedPaths = [range(20000) | "/proc/x\(.)"]'
changed "a relative working directory" '.process.cwd = "a/b"'
changed "a mount over the root" '.mounts += [{"destination": "/", "type": "tmpfs"}]'
changed "a mount over the root, written otherwise" '.mounts += [{"destination": "/./..//.", "type": "tmpfs"}]'
changed "a device outside" '.linux.devices[0].path = "dev/x"'
changed "a setting by way of .." '.linux.sysctl = {"net/../kernel/panic": "1"}'
changed "a setting of the host" '.linux.sysctl = {"kernel.panic": "1"}'
changed "another program's group" '.linux.cgroupsPath = "/a/../../b"'
changed "a map of ids over the end" '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 4294967295, "hostID": 4294967295, "size": 4294967295}]'
changed "a root that is the host's" '.root.path = "/"'
changed "a root that leads to the host's" '.root.path = "../../../../../../../../../.."'

# What another program is told to be in a container that runs, of exec.
jq -c '.process.args = ["sleep", "1000"] | .linux.resources = {} | del(.linux.devices, .hooks, .linux.seccomp) | .process.rlimits = []' "$WORK/base.json" >"$WORK/config.json"
ln -s busybox "$bundle/rootfs/bin/sleep"
"$OCI" --root "$WORK/states" run -d -b "$bundle" --config "$WORK/config.json" "$name" >"$WORK/said" 2>&1 </dev/null
is "a container for exec" "$?$(<"$WORK/said")" 0
jq -cr '.process | . as $base | paths as $p | getpath($p) as $v |
	(if ($v | type) == "object" then [1] elif ($v | type) == "array" then {"a": 1}
	elif ($v | type) == "string" then 7 else "text" end) as $new |
	$base | setpath($p; $new) | tojson' "$WORK/base.json" >"$WORK/processes"
bad='' n=0
while read -r json; do
	printf '%s' "$json" >"$WORK/process.json"
	"$OCI" --root "$WORK/states" exec --process "$WORK/process.json" "$name" >"$WORK/said" 2>&1 </dev/null
	status=$?
	n=$((n + 1))
	[ $status -eq 255 ] && grep -qE '^cutaway-oci: [^:]+: .+' "$WORK/said" || bad+="$status $json"$'\n'
done <"$WORK/processes"
is "exec: of every member of a process the wrong type is told" "$bad" ""
ok "exec: there were many ($n)" test $n -gt 25
"$OCI" --root "$WORK/states" delete --force "$name"

# What we wrote ourselves, and somebody has spoilt.
"${oci[@]}" >"$WORK/said" 2>&1 </dev/null
for broken in '' '{' 'status' 'config {}\n' 'status {\n' 'status []\n' 'status {}\n' 'status {"pid": 1}' \
	'status {"pid": -1, "bundle": 7}\n' 'status {"pid": 99999999999}\n' 'status {"groups": ["/", 7, "x"]}\n'; do
	printf '%b' "$broken" >"$WORK/states/$name/status"
	for verb in state start "kill $name KILL" "exec $name true" ps pause; do
		# shellcheck disable=SC2086 # words of it
		case $verb in
		*" "*) "$OCI" --root "$WORK/states" $verb ;;
		*) "$OCI" --root "$WORK/states" "$verb" "$name" ;;
		esac >"$WORK/said" 2>&1 </dev/null
		status=$?
		[ $status -lt 128 ] || [ $status -eq 255 ] || fail "a spoilt state '$broken': $verb ended with $status"
	done
done
echo 'status {' >"$WORK/states/$name/status"
like "a spoilt state is told off" "$("$OCI" --root "$WORK/states" state "$name" 2>&1)" 'is not JSON'
"$OCI" --root "$WORK/states" delete --force "$name"
is "a spoilt state can be deleted" "$?" 0

wait_until 30 rmdir_groups
is "nothing is left" "$(ls "$WORK/states")$(grep -F "$WORK" /proc/self/mountinfo)$(find /sys/fs/cgroup -type d -name '*oci-hostile*')" ""
done_testing
