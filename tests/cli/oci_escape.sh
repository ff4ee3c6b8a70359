#!/usr/bin/env bash
# Ways out of a container that have worked with other runtimes, each tried against cutaway-oci. The
# name of a test has the number under which the fault was known. The attacker is tests/lib/attack.c.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

if [ "$(id -u)" != 0 ]; then
	skip "escapes from OCI containers" "root"
	done_testing
fi
# A copy: what is attacked is our own program.
mkdir -p "$WORK/oci"
cp "$CUTAWAY-oci" "$WORK/oci/cutaway-oci"
chmod 755 "$WORK" "$WORK/oci"
OCI=$WORK/oci/cutaway-oci
name=oci-escape-$$
bundle=$WORK/bundle
rootfs=$bundle/rootfs

# make_root DIR: a root with a shell and the attacker.
make_root() {
	local word
	mkdir -p "$1"/{bin,etc,tmp,data,proc,dev}
	cp "$(command -v busybox)" "$1/bin/busybox"
	cp "$BUILD/tests/attack" "$1/bin/attack"
	for word in sh cat echo id ls stat head readlink mkdir mknod test true sleep mount tr; do
		ln -s busybox "$1/bin/$word"
	done
	mkfifo "$1/fifo"
}
make_root "$rootfs"

# As that of tap.sh, by files: a container keeps its standard output, and a pipe would be waited for.
# shellcheck disable=SC2034 # all three, as that of tap.sh
run() {
	"$@" >"$WORK/.stdout" 2>"$WORK/.stderr" </dev/null
	STATUS=$?
	OUT=$(<"$WORK/.stdout")
	ERR=$(<"$WORK/.stderr")
}

all_namespaces='[{"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}, {"type": "network"}]'
some='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_MKNOD", "CAP_SETGID", "CAP_SETUID"]'
all_caps=$(printf '"%s", ' "CAP_SYS_ADMIN" "CAP_SYS_PTRACE" "CAP_DAC_OVERRIDE" "CAP_DAC_READ_SEARCH" "CAP_CHOWN" "CAP_FOWNER" "CAP_KILL" "CAP_MKNOD" "CAP_SETGID" "CAP_SETUID")
all_caps="[${all_caps%, }]"

# config FILE ARGS: a config.json whose program is ARGS, a JSON list. What it has besides: CWD, ENV,
# CAPS, USER_JSON, NAMESPACES, MOUNTS and LINUX and PROCESS (members, each with a comma in front).
config() {
	local caps=${CAPS:-$some}
	cat >"$1" <<JSON
{"ociVersion": "1.0.2",
 "process": {"terminal": ${TERMINAL:-false}, "cwd": "${CWD:-/}", "args": $2,
  "user": ${USER_JSON:-{\"uid\": 0, \"gid\": 0\}}, "env": ["PATH=/bin" ${ENV:-}],
  "capabilities": {"bounding": $caps, "effective": $caps, "permitted": $caps}
  ${PROCESS:-}},
 "root": {"path": "rootfs"},
 "mounts": [${PROC:-{\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\"\},}
  ${DEV:-{\"destination\": \"/dev\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"nosuid\", \"mode=755\"]\},}
  ${DEVPTS:-{\"destination\": \"/dev/pts\", \"type\": \"devpts\", \"source\": \"devpts\", \"options\": [\"newinstance\", \"ptmxmode=0666\"]\}}
  ${MOUNTS:-}],
 "linux": {"namespaces": ${NAMESPACES:-$all_namespaces}
  ${LINUX:-}}}
JSON
}

# shell SCRIPT: the list of arguments that runs it.
shell() {
	local script=${1//\\/\\\\}
	printf '["sh", "-c", "%s"]' "${script//\"/\\\"}"
}

# run_in SCRIPT: a container that runs it; $STATUS $OUT $ERR.
run_in() {
	config "$bundle/config.json" "$(shell "$1")"
	run "$OCI" run -b "$bundle" "$name"
}

# shellcheck disable=SC2317 # called by wait_until
says() {
	grep -qE "$2" "$1"
}

# ---- our own program, written over ----------------------------------------------------------------
# The attacker runs in a container of its own; the victim is in the same pid namespace, and is our
# program, called by the name "/proc/self/exe" or waiting to be started.
own_program=$(sha256sum <"$OCI")
stuck='["/proc/self/exe", "--log", "/fifo", "state", "x"]'

attacker_starts() { # ARGS of the victim, its OPTION
	local pid
	ENV='' CAPS=$all_caps config "$bundle/config.json" '["attack", "overwrite", "/fifo", "'"${2---log}"'"]'
	"$OCI" run -d --pid-file "$WORK/pid" -b "$bundle" "$name" >"$WORK/attack" 2>&1 </dev/null
	pid=$(<"$WORK/pid")
	CAPS=$all_caps NAMESPACES='[{"type": "mount"}, {"type": "pid", "path": "/proc/'$pid'/ns/pid"}]' \
		config "$WORK/victim.json" "${1:-$stuck}"
}

attacker_failed() {
	wait_until 30 says "$WORK/attack" '^(E|WRITTEN|NOBODY)'
	like "$1: had hold of it" "$(<"$WORK/attack")" '^HELD$'
	like "$1: could not write it" "$(<"$WORK/attack")" '^(EROFS|EPERM)$'
	is "$1: the program is what it was" "$(sha256sum <"$OCI")" "$own_program"
	cp "$CUTAWAY-oci" "$OCI"
	"$OCI" delete --force "$name"
}

attacker_starts
run timeout 60 "$OCI" run -b "$bundle" --config "$WORK/victim.json" "$name-2"
attacker_failed "CVE-2019-5736, run of /proc/self/exe"

printf '#!/proc/self/exe --log=/fifo\n' >"$rootfs/state"
chmod 755 "$rootfs/state"
ENV=', "PATH="' attacker_starts '["state", "x"]'
run timeout 60 "$OCI" run -b "$bundle" --config "$WORK/victim.json" "$name-2"
attacker_failed "CVE-2019-5736, run of a script for /proc/self/exe"

attacker_starts '["true"]' create
run timeout 60 "$OCI" create -b "$bundle" --config "$WORK/victim.json" "$name-2"
wait_until 30 says "$WORK/attack" HELD
run timeout 60 "$OCI" start "$name-2"
attacker_failed "CVE-2019-5736, create"
"$OCI" delete --force "$name-2"

attacker_starts
run timeout 60 "$OCI" exec "$name" /proc/self/exe --log /fifo state x
attacker_failed "CVE-2019-5736, exec of /proc/self/exe"

# ---- code of the image's in our own program -------------------------------------------------------
# The image's own "dynamic linker", and libraries named by the environment of config.json.
mkdir -p "$rootfs/lib64"
cp "$BUILD/tests/attack" "$rootfs/lib64/ld-linux-x86-64.so.2"
cp "$BUILD/tests/attack" "$rootfs/evil.so"
ENV=', "LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/", "LD_AUDIT=/evil.so"' \
	config "$bundle/config.json" '["/proc/self/exe", "--version"]'
run timeout 60 "$OCI" run -b "$bundle" "$name"
like "CVE-2019-14271, no linker of the image's runs in our program" "$OUT" '^cutaway-oci '

# ---- an ordinary user who owns the program --------------------------------------------------------
as_user true
cp "$OCI" "$user_home/build/cutaway-oci"
mkdir "$user_home/bundle"
make_root "$user_home/bundle/rootfs"
chown -R $USER_UID:$USER_UID "$user_home/build" "$user_home/bundle"
if as_user unshare -Ur true 2>/dev/null; then
	map='[{"containerID": 0, "hostID": '$USER_UID', "size": 1}]'
	DEVPTS='{"destination": "/tmp", "type": "tmpfs"}' \
		NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]' CAPS=$all_caps \
		LINUX=', "uidMappings": '$map', "gidMappings": '$map \
		config "$user_home/bundle/config.json" '["attack", "overwrite", "/fifo", "--log"]'
	as_user cutaway-oci run -d -b "$user_home/bundle" "$name" >"$WORK/attack" 2>&1 </dev/null
	run as_user timeout 60 cutaway-oci exec "$name" /proc/self/exe --log /fifo state x
	wait_until 30 says "$WORK/attack" '^(E|WRITTEN|NOBODY)'
	is "CVE-2019-5736, of an ordinary user: held, and not written" "$(<"$WORK/attack")" $'HELD\nEPERM'
	is "CVE-2019-5736, of an ordinary user: the program is what it was" \
		"$(sha256sum <"$user_home/build/cutaway-oci")" "$own_program"
	as_user cutaway-oci delete --force "$name"
else
	skip "CVE-2019-5736, of an ordinary user" "user namespaces for ordinary users"
fi

is "nothing is left to list" "$("$OCI" list -q)" ""
is "no mount is left" "$(grep -F "$WORK" /proc/self/mountinfo)" ""
done_testing
