#!/usr/bin/env bash
# Ways out of a container that have worked with other runtimes, each tried against cutaway-oci. The
# name of a test has the number under which the fault was known. The attacker is tests/lib/attack.c.
# Not in user-mode-linux: proven there by hand, left out for its time.
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

like "CVE-2019-14271, a program is looked for inside" "$(
	mkdir -p "$WORK/hostbin"
	cp "$rootfs/bin/busybox" "$WORK/hostbin/only-outside"
	ENV=', "PATH='$WORK/hostbin'"' config "$bundle/config.json" '["only-outside", "echo", "escaped"]'
	PATH=$WORK/hostbin:$PATH timeout 60 "$OCI" run -b "$bundle" "$name" 2>&1
)" 'only-outside.*not found'

# ---- a descriptor of the host, left open ----------------------------------------------------------
mkdir -p "$WORK/leak"
cp "$rootfs/bin/busybox" "$WORK/leak/echo"
exec 3<"$WORK/leak" 4<&3 5<&3 6<&3 7<&3
for try in "" "--preserve-fds 5"; do
	# shellcheck disable=SC2086 # words of it
	for how in run create exec; do
		text="CVE-2024-21626, process.cwd of $how leads nowhere ${try:+($try)}"
		CWD=/proc/self/fd/7 config "$bundle/config.json" '["ls"]'
		case $how in
		run) run timeout 60 "$OCI" run $try -b "$bundle" "$name" ;;
		create)
			run timeout 60 "$OCI" create $try -b "$bundle" "$name"
			[ $STATUS -ne 0 ] || run timeout 60 "$OCI" start "$name"
			"$OCI" delete --force "$name" 2>/dev/null
			;;
		exec)
			config "$bundle/config.json" '["sleep", "1000"]'
			run timeout 60 "$OCI" run $try -d -b "$bundle" "$name"
			run timeout 60 "$OCI" exec $try --cwd /proc/self/fd/7 "$name" ls
			"$OCI" delete --force "$name"
			;;
		esac
		unlike "$text" "$STATUS $OUT" '^0|echo'
	done
done
config "$bundle/config.json" '["/proc/self/fd/7/echo", "escaped"]'
run timeout 60 "$OCI" run -b "$bundle" "$name"
unlike "CVE-2024-21626, process.args of run lead nowhere" "$STATUS $OUT" '^0|escaped'
config "$bundle/config.json" '["sleep", "1000"]'
run timeout 60 "$OCI" create --pid-file "$WORK/pid" -b "$bundle" "$name"
unlike "CVE-2024-21626, who waits to be started has no descriptor of the host" \
	"$(readlink "/proc/$(<"$WORK/pid")/fd/"*)" "$WORK/leak"
run timeout 60 "$OCI" start "$name"
run timeout 60 "$OCI" exec "$name" /proc/self/fd/7/echo escaped
unlike "CVE-2024-21626, process.args of exec lead nowhere" "$STATUS $OUT" '^0|escaped'
run timeout 60 "$OCI" exec "$name" ls /proc/self/fd
is "CVE-2024-21626, exec hands on no descriptor" "$OUT" $'0\n1\n2\n3'
"$OCI" delete --force "$name"
run_in 'ls /proc/self/fd'
is "CVE-2024-21626, run hands on no descriptor" "$OUT" $'0\n1\n2\n3'
exec 3<&- 4<&- 5<&- 6<&- 7<&-

# ---- mount points that lead elsewhere --------------------------------------------------------------
mkdir -p "$WORK/outside" "$rootfs$WORK/outside" "$WORK/volume/d"
ln -s "$WORK/outside" "$rootfs/absolute"
ln -s ../../../../../../../../../..$WORK/outside "$rootfs/upward"
ln -s / "$rootfs/top"
MOUNTS=', {"destination": "/absolute/a", "type": "tmpfs"}, {"destination": "/upward/b", "type": "tmpfs"},
	{"destination": "/top'$WORK'/outside/c", "type": "tmpfs"}, {"destination": "/absolute/f", "type": "bind", "source": "'$WORK'/leak/echo"}' run_in 'mount'
is "CVE-2019-19921, links in mount points stay inside" "$STATUS $(ls "$WORK/outside")" "0 "
for point in absolute upward top; do
	MOUNTS=', {"destination": "/'$point'", "type": "tmpfs"}' run_in true
done
is "CVE-2019-19921, a link as the mount point: nothing is mounted outside" "$(grep -c "$WORK/outside" /proc/self/mountinfo)" 0
rm -rf "$rootfs/absolute" "$rootfs/upward" "$rootfs/top" "$rootfs/tmp/"*

# A volume that somebody changes in this very moment.
ln -s "$WORK/outside" "$WORK/volume/l"
"$BUILD/tests/attack" swap "$WORK/volume/d" "$WORK/volume/l" &
swapper=$!
good=0
MOUNTS=', {"destination": "/data", "type": "bind", "source": "'$WORK'/volume", "options": ["rbind"]},
	{"destination": "/data/d/made/deep", "type": "tmpfs"}, {"destination": "/data/d/file", "type": "bind", "source": "/proc/self/status"}' \
	LINUX=', "devices": [{"path": "/data/d/node", "type": "p", "fileMode": 511}]' \
	config "$bundle/config.json" '["true"]'
for ((i = 0; i < 25 || (good < 1 && i < 500); i++)); do
	run timeout 60 "$OCI" run -b "$bundle" "$name"
	[ $STATUS -ne 0 ] || good=$((good + 1))
	rm -rf "$WORK/volume/"?/{made,file,node} 2>/dev/null
done
kill $swapper
wait $swapper 2>/dev/null
ok "CVE-2021-30465, while names are exchanged containers start" test $good -gt 0
is "CVE-2021-30465, and nothing is made outside" "$(ls "$WORK/outside")" ""
is "CVE-2021-30465, nor mounted" "$(grep -cE "$WORK/(outside|volume)" /proc/self/mountinfo)" 0

# A name in it: what was made there a moment ago is a link when its mode is set.
echo host >"$WORK/target"
chmod 600 "$WORK/target"
mkdir -p "$WORK/volume/names"
"$BUILD/tests/attack" usurp "$WORK/volume/names/node" "$WORK/target" &
swapper=$!
MOUNTS=', {"destination": "/data", "type": "bind", "source": "'$WORK'/volume/names"}' \
	LINUX=', "devices": [{"path": "/data/node", "type": "p", "fileMode": 511, "uid": 7, "gid": 7}]' \
	config "$bundle/config.json" '["true"]'
for ((i = 0; i < 25; i++)); do
	run timeout 60 "$OCI" run -b "$bundle" "$name"
done
kill $swapper
wait $swapper 2>/dev/null
is "CVE-2021-30465, no file of the host gets the mode or owner of a device" "$(stat -c '%a %u' "$WORK/target")" "600 0"

# ---- /proc, /dev and what is covered ----------------------------------------------------------------
mkdir -p "$WORK/fake/self" "$WORK/fd" "$WORK/dev"
echo lie >"$WORK/fake/self/status"
MOUNTS=', {"destination": "/proc", "type": "bind", "source": "'$WORK'/fake", "options": ["rbind"]}' run_in 'cat /proc/self/status'
is "CVE-2019-16884, a volume over /proc is refused" "$STATUS $OUT" "1 "
like "CVE-2019-16884, and it is said why" "$ERR" 'mounts: .*/proc: something else than /proc is there'
ln -s proc "$rootfs/alias"
MOUNTS=', {"destination": "/alias", "type": "bind", "source": "'$WORK'/fake", "options": ["rbind"]}' run_in 'cat /proc/self/status'
is "CVE-2019-19921, a volume over /proc by another name is refused" "$STATUS $OUT" "1 "
rm "$rootfs/alias"

echo hidden >"$rootfs/etc/secret"
for ((i = 3; i < 64; i++)); do
	ln -s /tmp "$WORK/fd/$i"
done
MOUNTS=', {"destination": "/proc/self/fd", "type": "bind", "source": "'$WORK'/fd"}' \
	LINUX=', "maskedPaths": ["/etc/secret"], "readonlyPaths": ["/data"]' run_in 'cat /etc/secret; echo x >/data/x; ls /data'
is "CVE-2025-52881, names of descriptors that lie: what is to be hidden is" "$STATUS $OUT" "0 "
rm -f "$rootfs/data/x"

# As root of the runtime's own mounts: another file of /proc in the place of the one that is meant.
MOUNTS='' LINUX=', "sysctl": {"kernel.domainname": "written"}' config "$bundle/config.json" '["true"]'
# shellcheck disable=SC2016 # expands inside
run timeout 60 unshare -m sh -c 'mount --bind /proc/sys/kernel/hostname /proc/sys/kernel/domainname && exec "$@"' sh \
	"$OCI" run -b "$bundle" "$name"
# The host name would be the container's own, but it is not what was asked for.
like "CVE-2025-52881, a setting is not written to another file of /proc" "$STATUS $ERR" '^1 .*sysctl.*EXDEV'

fill_dev() { # what /dev/null is
	rm -rf "${WORK:?}/dev"
	mkdir -p "$WORK/dev/pts"
	"$@"
}
device() {
	printf '{"destination": "/dev", "type": "bind", "source": "%s", "options": ["rbind"]},' "$WORK/dev"
}
ln -s /etc/secret "$rootfs/data/link"
for what in "ln -s /data $WORK/dev/null" "touch $WORK/dev/null" "mknod $WORK/dev/null c 1 5"; do
	# shellcheck disable=SC2086 # words of it
	fill_dev $what
	DEV=$(device) LINUX=', "maskedPaths": ["/etc/secret"]' run_in 'cat /etc/secret'
	is "CVE-2025-31133, /dev/null by: ${what%% *}" "$STATUS $OUT" "1 "
done
LINUX=', "maskedPaths": ["/data/link"]' run_in 'cat /etc/secret /data/link'
is "CVE-2023-27561, a link among the masked paths: what it leads to is hidden" "$STATUS $OUT" "0 "
rm "$rootfs/data/link"

fill_dev mknod "$WORK/dev/null" c 1 3
ln -s "$WORK/outside/made" "$WORK/dev/console"
TERMINAL=true DEV=$(device) run_in 'echo written >/dev/console'
is "CVE-2025-52565, a link where the console belongs: nothing is made where it leads" "$(ls "$WORK/outside")" ""
rm "$WORK/dev/console"
touch "$WORK/dev/pts/ptmx"
TERMINAL=true DEV=$(device) DEVPTS='{"destination": "/data/x", "type": "tmpfs"}' run_in true
like "CVE-2025-52565, terminals that are not the kernel's are refused" "$STATUS $ERR" '^1 .*/dev/pts/ptmx: '
CAPS=$all_caps config "$bundle/config.json" "$(shell 'mount -t tmpfs x /dev/pts && mknod /dev/pts/ptmx p && echo ready && read -r x </dev/pts/ptmx; echo opened')"
"$OCI" run -d -b "$bundle" "$name" >"$WORK/pts" 2>&1 </dev/null
wait_until 30 says "$WORK/pts" ready
run timeout 60 "$OCI" exec -t "$name" true
is "CVE-2025-52565, exec opens no terminal that a container has made up" "$STATUS $(<"$WORK/pts")" "255 ready"
"$OCI" delete --force "$name"

# ---- devices, groups, capabilities, keys -------------------------------------------------------------
mknod "$rootfs/data/kmsg" c 1 11
mknod "$rootfs/data/mem" c 1 1
mknod "$rootfs/data/disk" b 7 0
run_in 'for d in kmsg mem disk; do head -c 1 /data/$d; done; mknod /tmp/kmsg c 1 11; head -c 1 /tmp/kmsg; mknod /tmp/disk b 7 0; head -c 1 /tmp/disk; head -c 1 /dev/zero | tr "\\0" z'
is "a device of the image's cannot be used, nor one that is made" "$OUT" z
is "a device: it is the control group that says no" "$(grep -c 'disk: Operation not permitted' <<<"$ERR")" 2
rm -f "$rootfs/data/"{kmsg,mem,disk} "$rootfs/tmp/"*

config "$bundle/config.json" "$(shell 'id -G; sleep 1000')"
setpriv --groups 0,7,54321 "$OCI" run -d -b "$bundle" "$name" >"$WORK/groups" 2>&1 </dev/null
ok "groups: the container runs" wait_until 30 says "$WORK/groups" .
is "groups of the caller are not handed on by run" "$(<"$WORK/groups")" 0
run timeout 60 setpriv --groups 0,7,54321 "$OCI" exec "$name" id -G
is "groups of the caller are not handed on by exec" "$OUT" 0
run timeout 60 "$OCI" exec --cap CAP_NET_ADMIN "$name" cat /proc/self/status
like "CVE-2022-29162, exec --cap leaves the inheritable set empty" "$OUT" '^CapInh:.0+$'
like "CVE-2022-29162, and gives what was asked for" "$OUT" '^CapEff:.0+801..b$|^CapEff:.[0-9a-f]*1[0-9a-f]{3}$'
"$OCI" delete --force "$name"
config "$bundle/config.json" '["cat", "/proc/self/status"]'
run timeout 60 "$OCI" run -b "$bundle" "$name"
like "CVE-2022-24769, run leaves the inheritable set empty" "$OUT" '^CapInh:.0+$'

config "$bundle/config.json" '["attack", "key"]'
if run "$BUILD/tests/attack" keyring "$BUILD/tests/attack" key && [ "$OUT" = FOUND ]; then
	run timeout 60 "$BUILD/tests/attack" keyring "$OCI" run --no-new-keyring -b "$bundle" "$name"
	is "keys: with --no-new-keyring those of the caller are there" "$OUT" FOUND
	run timeout 60 "$BUILD/tests/attack" keyring "$OCI" run -b "$bundle" "$name"
	is "keys: those of the caller are out of reach of run" "$OUT" ENOKEY
	config "$bundle/config.json" '["sleep", "1000"]'
	run timeout 60 "$OCI" run -d -b "$bundle" "$name"
	run timeout 60 "$BUILD/tests/attack" keyring "$OCI" exec "$name" attack key
	is "keys: and of exec" "$OUT" ENOKEY
	"$OCI" delete --force "$name"
else
	skip "keys of the caller" "keyrings, add_key(2): $OUT"
fi

# ---- a look at who enters -------------------------------------------------------------------------
peek_at_exec() { # capabilities of who looks
	rm -f "$rootfs/done"
	CAPS=$1 config "$bundle/config.json" '["attack", "peek"]'
	"$OCI" run -d -b "$bundle" "$name" >"$WORK/peek" 2>&1 </dev/null
	for ((i = 0; i < 25; i++)); do
		run timeout 60 "$OCI" exec "$name" true
		[ $STATUS -eq 0 ] || break
	done
	touch "$rootfs/done"
	wait_until 30 says "$WORK/peek" DONE
	"$OCI" delete --force "$name"
}
peek_at_exec "$some"
is "CVE-2016-9962, who enters cannot be looked at" "$STATUS $(sort -u "$WORK/peek")" "0 DONE"
peek_at_exec "$all_caps"
is "CVE-2016-9962, and has nothing of the host to look at" \
	"$STATUS $(grep -vE '^EXE|^FD [0-9]+ socket:' "$WORK/peek" | sort -u)" "0 DONE"

rm -f "$rootfs/done"
config "$bundle/config.json" '["attack", "peek"]'
"$OCI" run -d --pid-file "$WORK/pid" -b "$bundle" "$name" >"$WORK/peek" 2>&1 </dev/null
NAMESPACES='[{"type": "mount"}, {"type": "pid", "path": "/proc/'$(<"$WORK/pid")'/ns/pid"}]' config "$WORK/victim.json" '["true"]'
for ((i = 0; i < 5; i++)); do
	run timeout 60 "$OCI" create -b "$bundle" --config "$WORK/victim.json" "$name-2"
	run timeout 60 "$OCI" start "$name-2"
	"$OCI" delete --force "$name-2"
done
touch "$rootfs/done"
wait_until 30 says "$WORK/peek" DONE
is "CVE-2016-9962, nor who is made in the same pid namespace" "$STATUS $(sort -u "$WORK/peek")" "0 DONE"
"$OCI" delete --force "$name"

# ---- where states are kept -------------------------------------------------------------------------
config "$bundle/config.json" '["sleep", "1000"]'
run timeout 60 "$OCI" --root "$WORK/states" create -b "$bundle" "$name"
is "states are for their owner alone" "$(stat -c %a "$WORK/states" "$WORK/states/$name" | tr '\n' ' ')" "700 700 "
ids=0
for id in ../x .. . a/b '' 'a b' "$(printf %300d 1)"; do
	run timeout 60 "$OCI" --root "$WORK/states" create -b "$bundle" "$id"
	is "no container id: '${id:0:4}' ($((++ids)))" "$STATUS" 1
	run timeout 60 "$OCI" --root "$WORK/states" delete --force "$id"
	is "no container id for delete --force either ($ids)" "$STATUS" 1
done
mv "$WORK/states/$name" "$WORK/elsewhere"
ln -s "$WORK/elsewhere" "$WORK/states/$name"
run timeout 60 "$OCI" --root "$WORK/states" kill "$name" KILL
like "a link where a state belongs is not followed" "$STATUS $ERR" '^1 .*leads elsewhere'
run timeout 60 "$OCI" --root "$WORK/states" delete --force "$name"
is "a link where a state belongs is not followed by delete --force" "$STATUS $(echo "$WORK/elsewhere"/* | sed "s,$WORK/elsewhere/,,g")" "1 start status"
rm "$WORK/states/$name"
mv "$WORK/elsewhere" "$WORK/states/$name"
chown -R $USER_UID "$WORK/states/$name"
run timeout 60 "$OCI" --root "$WORK/states" kill "$name" KILL
like "a state of somebody else's is not believed" "$STATUS $ERR" '^1 .*belongs to somebody else'
chown -R 0 "$WORK/states/$name"
chmod 777 "$WORK/states"
run timeout 60 "$OCI" --root "$WORK/states" create -b "$bundle" "$name-2"
like "where everybody can write no state is kept" "$STATUS $ERR" '^1 .*everybody can write there'
chmod 700 "$WORK/states"
run timeout 60 "$OCI" --root "$WORK/states" delete --force "$name"
is "with all as it should be it is deleted" "$STATUS$ERR$(ls "$WORK/states")" 0

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
