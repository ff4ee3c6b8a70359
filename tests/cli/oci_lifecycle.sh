#!/usr/bin/env bash
# The life of an OCI container, clause by clause of runtime.md: each operation in each state, what the
# state says, hooks in their order and when they fail, and what delete takes away. The rows of
# tests/clauses.md name these tests.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"
private_mounts "$@"

if [ "$(id -u)" != 0 ]; then
	skip "the life of an OCI container as root" "root"
	done_testing
fi
bundle_make

member() { # NAME: of the state
	"$OCI" state "$name" 2>/dev/null | sed -nE "s/^ *\"$1\": \"?([^\",]*)\"?,?\$/\1/p"
}
# shellcheck disable=SC2317 # called by wait_until
is_status() {
	[ "$(member status)" = "$1" ]
}
# try TEXT WANTED-STATUS COMMAND...: the exit status, and that the container is as it was.
try() {
	local text=$1 want=$2 before after
	shift 2
	before=$(member status)
	run timeout 20 "$OCI" "$@"
	is "$text" "$STATUS" "$want"
	after=$(member status)
	[ "$want" = 0 ] || is "$text: and changes nothing" "$after" "$before"
}
create() {
	run timeout 20 "$OCI" create -b "$bundle" --pid-file "$WORK/pid" "$name"
	is "${1:-create}: status" "$STATUS$ERR" 0
	pid=$(cat "$WORK/pid" 2>/dev/null)
}
remove() {
	"$OCI" delete --force "$name"
}

# ---- the state -------------------------------------------------------------------------------------
TOP=', "annotations": {"com.example.key": "value", "an.unknown.key": "", "with.quote": "a \" b"}' config 'echo ran >>/data/ran; exec sleep 1000'
create "created"
is "state: created" "$(member status)" created
is "state: ociVersion" "$(member ociVersion)" "$("$OCI" --version | sed -n 's/^spec: //p')"
is "state: id" "$(member id)" "$name"
is "state: pid is that of the first process" "$(member pid)" "$pid"
is "state: bundle is an absolute path" "$(member bundle)" "$(realpath "$bundle")"
is "state: annotations" "$(member com.example.key)" value
is "created: what is kept of it is one JSON object" "$(jq .pid "$XDG_RUNTIME_DIR/cutaway-oci/$name/status")" "$pid"
ok "created: the program does not run" test ! -e "$bundle/rootfs/data/ran"
like "created: nothing of the caller waits but the first process" "$(cat "/proc/$pid/stat")" "^$pid "
try "created: a second create of that id" 1 create -b "$bundle" "$name"
like "created: and says that it is there" "$ERR" "$name.*already exists"
try "created: delete" 1 delete "$name"
like "created: delete says why" "$ERR" 'it is created'
try "created: resume" 1 resume "$name"
# What is changed after create has no effect.
cp "$bundle/config.json" "$WORK/config.json"
TOP=', "annotations": {"com.example.key": "changed"}' config 'echo changed >>/data/ran; exec sleep 1000'
is "config.json changed after create: not in the state" "$(member com.example.key)" value
try "start" 0 start "$name"
is "start: the program runs" "$(wait_until 10 test -s "$bundle/rootfs/data/ran" && cat "$bundle/rootfs/data/ran")" ran
is "state: running" "$(member status)" running
try "running: start" 1 start "$name"
try "running: delete" 1 delete "$name"
try "running: create" 1 create -b "$bundle" "$name"
try "running: resume" 1 resume "$name"
try "pause" 0 pause "$name"
is "state: paused" "$(member status)" paused
try "paused: start" 1 start "$name"
try "paused: pause" 1 pause "$name"
try "paused: delete" 1 delete "$name"
try "resume" 0 resume "$name"
is "the program has run once" "$(cat "$bundle/rootfs/data/ran")" ran
try "kill" 0 kill "$name" KILL
ok "state: stopped" wait_until 10 is_status stopped
is "state: stopped has no pid" "$(member pid)" 0
is "state: stopped still has the bundle" "$(member bundle)" "$(realpath "$bundle")"
try "stopped: kill" 1 kill "$name" TERM
try "stopped: start" 1 start "$name"
try "stopped: pause" 1 pause "$name"
try "stopped: exec" 255 exec "$name" true
try "delete" 0 delete "$name"
for word in state start kill pause resume delete; do
	run "$OCI" "$word" "$name"
	is "gone: $word" "$STATUS" 1
done
create "an id may be used again"
remove
# Kill of one that is created: the default signal, and any other.
config 'trap "echo term >>/data/signals; exit 0" TERM; trap "echo usr1 >>/data/signals" USR1; echo ready >>/data/signals; while :; do sleep 0.1; done'
create "for signals"
try "start, for signals" 0 start "$name"
ok "kill: the program is ready" wait_until 10 grep -q ready "$bundle/rootfs/data/signals"
for signal in USR1 SIGUSR1 10; do
	: >"$bundle/rootfs/data/signals"
	try "kill $signal" 0 kill "$name" "$signal"
	ok "kill $signal: arrives" wait_until 10 grep -q usr1 "$bundle/rootfs/data/signals"
done
try "kill without a signal" 0 kill "$name"
ok "kill without a signal: is TERM" wait_until 10 grep -q term "$bundle/rootfs/data/signals"
ok "a program that ends by itself: stopped" wait_until 10 is_status stopped
remove
create "to be killed before it starts"
try "created: kill" 0 kill "$name" KILL
ok "created: then it is stopped" wait_until 10 is_status stopped
try "created and killed: start" 1 start "$name"
try "created and killed: delete" 0 delete "$name"

# ---- what cannot be made leaves nothing ------------------------------------------------------------
nothing() { # TEXT ARGUMENT...: create fails, and there is no container after it
	local text=$1
	shift
	run timeout 20 "$OCI" create "$@" "$name"
	is "$text: create fails" "$STATUS" 1
	is "$text: no container" "$("$OCI" list -q)" ""
	is "$text: no control group" "$(find /sys/fs/cgroup -type d -name "*$name*" 2>/dev/null)" ""
}
nothing "no bundle" -b "$WORK/none"
mkdir "$WORK/empty"
nothing "no config.json" -b "$WORK/empty"
config true
mv "$bundle/rootfs" "$bundle/away"
nothing "no root" -b "$bundle"
mv "$bundle/away" "$bundle/rootfs"
echo '{ invalid json }' >"$bundle/config.json"
nothing "no JSON" -b "$bundle"
like "no JSON: line and what" "$ERR" 'config.json: line 1: '
config true
sed -i 's/"ociVersion": "[^"]*"/"ociVersion": "9.9"/' "$bundle/config.json"
nothing "an unknown version" -b "$bundle"
like "an unknown version: is named" "$ERR" 'ociVersion: "9.9"'
config true
sed -i 's/"args": \[[^]]*\]/"args": []/' "$bundle/config.json"
nothing "no arguments" -b "$bundle"
config true
sed -i 's/"args": \["sh"/"args": ["no-such-program"/' "$bundle/config.json"
nothing "no program" -b "$bundle"
TOP=', "unknownMember": {"x": 1}, "annotations": {"x": "y"}' run_in 'echo ran'
is "unknown members and annotations are no error" "$STATUS$OUT" 0ran
TOP=', "annotations": {"x": 1}' config true
nothing "an annotation that is no text" -b "$bundle"

# ---- hooks -----------------------------------------------------------------------------------------
cat >"$WORK/hook" <<'HOOK'
#!/bin/bash
# NAME [fail]: writes its name, and the state that it was told
state=$(cat)
echo "$1 $(sed -E 's/.*"status": ?"([a-z]+)".*/\1/' <<<"$state") $(sed -E 's/.*"pid": ?([0-9]+).*/\1/' <<<"$state")" >>"${0%/*}/hooks.log"
[ "${2:-}" != fail ]
HOOK
chmod +x "$WORK/hook"
hooks() { # KIND...: two of each, the second of one "KIND:fail" fails
	local kind list=
	for kind; do
		list+=${list:+, }"\"${kind%:fail}\": [{\"path\": \"$WORK/hook\", \"args\": [\"hook\", \"${kind%:fail}-1\"]}, {\"path\": \"$WORK/hook\", \"args\": [\"hook\", \"${kind%:fail}-2\"$([[ $kind != *:fail ]] || echo ', "fail"')]}]"
	done
	printf ', "hooks": {%s}' "$list"
}
log() { # COLUMN
	awk -v c="$1" '{ print $c }' "$WORK/hooks.log" 2>/dev/null | tr '\n' ' '
	rm -f "$WORK/hooks.log"
}
TOP=$(hooks poststop poststart createContainer createRuntime prestart) config 'sleep 1000'
create "with hooks"
cp "$WORK/hooks.log" "$WORK/created.log"
is "hooks of create: in the listed order" "$(log 1)" "prestart-1 prestart-2 createRuntime-1 createRuntime-2 createContainer-1 createContainer-2 "
is "hooks of create: know the pid" "$(awk '{ print $3 }' "$WORK/created.log" | sort -u)" "$pid"
"$OCI" start "$name"
cp "$WORK/hooks.log" "$WORK/started.log"
is "hooks of start: only poststart" "$(log 1)" "poststart-1 poststart-2 "
is "hooks of start: it is running" "$(awk '{ print $2 }' "$WORK/started.log" | sort -u)" running
"$OCI" kill "$name" KILL
wait_until 10 is_status stopped
ok "poststop: not before delete" test ! -e "$WORK/hooks.log"
"$OCI" delete "$name"
cp "$WORK/hooks.log" "$WORK/stopped.log"
is "hooks of delete: poststop" "$(log 1)" "poststop-1 poststop-2 "
is "hooks of delete: it is stopped" "$(awk '{ print $2 }' "$WORK/stopped.log" | sort -u)" stopped
for kind in prestart createRuntime createContainer; do
	TOP=$(hooks "$kind:fail" poststart poststop) config 'echo ran >/data/ran'
	rm -f "$bundle/rootfs/data/ran"
	run timeout 20 "$OCI" run -b "$bundle" "$name"
	is "a $kind hook that fails: status" "$STATUS" 1
	like "a $kind hook that fails: is named" "$ERR" "$WORK/hook: the hook ended with an error"
	ok "a $kind hook that fails: the program never ran" test ! -e "$bundle/rootfs/data/ran"
	is "a $kind hook that fails: no container is left" "$("$OCI" list -q)" ""
	unlike "a $kind hook that fails: no poststart" "$(log 1)" poststart
done
TOP=$(hooks poststart:fail poststop) config 'echo ran >/data/ran; exit 4'
run timeout 20 "$OCI" run -b "$bundle" "$name"
is "a poststart hook that fails: the container goes on" "$STATUS" 4
like "a poststart hook that fails: is a warning" "$ERR" "warning: .*$WORK/hook"
like "a poststart hook that fails: poststop is run still" "$(log 1)" "poststop-1 poststop-2 "
sed "s/poststop-1\"/&, \"fail\"/" <<<"$(TOP=$(hooks poststop) config true; cat "$bundle/config.json")" >"$WORK/fail.json"
cp "$WORK/fail.json" "$bundle/config.json"
run timeout 20 "$OCI" run -b "$bundle" "$name"
is "a poststop hook that fails: status" "$STATUS" 0
like "a poststop hook that fails: is a warning" "$ERR" "warning: .*$WORK/hook"
is "a poststop hook that fails: the others are run" "$(log 1)" "poststop-1 poststop-2 "
is "a poststop hook that fails: no container is left" "$("$OCI" list -q)" ""
TOP=', "hooks": {"prestart": [{"path": "relative"}]}' config true
nothing "a hook without an absolute path" -b "$bundle"
TOP=', "hooks": {"prestart": [{"path": "/bin/sh", "args": ["sh", "-c", "test $PATH = '"$PATH"'"]}]}' run_in 'exit 3'
is "a hook without env has ours" "$STATUS" 3
TOP=', "hooks": {"prestart": [{"path": "/bin/sh", "args": ["sh", "-c", "test \"$A\" = b && test -z \"$HOME\""], "env": ["A=b"]}]}' run_in 'exit 3'
is "a hook with env has that and no more" "$STATUS" 3

# ---- delete takes away what create has made, and no more --------------------------------------------
group=/sys/fs/cgroup/pids
[ -d $group ] || group=/sys/fs/cgroup
mkdir "$group/$name-parent" "$group/$name-parent/other"
LINUX=', "cgroupsPath": "/'$name-parent/own'"' config 'sleep 1000'
create "in a group of its own"
ok "create: the group that was asked for" test -d "$group/$name-parent/own"
like "create: the process is in it" "$(cat "$group/$name-parent/own/cgroup.procs")" "^$pid\$"
remove
ok "delete: the group is gone" test ! -d "$group/$name-parent/own"
ok "delete: what was there before stays" test -d "$group/$name-parent/other"

# The very group that is asked for may be there before: "resources associated with the container, but
# not created by this container, MUST NOT be deleted". Only its processes end.
mkdir "$group/$name-own"
LINUX=', "cgroupsPath": "/'$name'-own"' config 'exec sleep 1000'
run timeout 20 "$OCI" run -d -b "$bundle" --pid-file "$WORK/pid" "$name"
is "delete: the container is in the group that was there" "$(<"$group/$name-own/cgroup.procs")" "$(<"$WORK/pid")"
run timeout 20 "$OCI" delete --force "$name"
is "delete: its process is gone" "$STATUS$(cat "$group/$name-own/cgroup.procs")" 0
is "delete: only the group that was there stays" "$(find /sys/fs/cgroup -maxdepth 2 -name "$name-own")" "$group/$name-own"
rmdir "$group/$name-own"
ok "delete: the process is gone, once its parent has looked" wait_until 30 test ! -d "/proc/$pid"
ok "delete: the bundle stays" test -f "$bundle/config.json"
ok "delete: the root file system stays" test -x "$bundle/rootfs/bin/busybox"
is "delete: the state is gone" "$(ls "${XDG_RUNTIME_DIR:-/run}/cutaway-oci")" ""
find /sys/fs/cgroup -depth -type d -path "*/$name-parent*" -exec rmdir {} +
is "nothing is left to list" "$("$OCI" list -q)" ""
is "no mount is left" "$(grep -F "$bundle" /proc/self/mountinfo)" ""
done_testing
