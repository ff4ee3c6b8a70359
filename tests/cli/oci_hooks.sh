#!/usr/bin/env bash
# Hooks of config.json where they fail or take too long, each kind for itself, and what each is told.
# Their order and their environment: oci_lifecycle.sh.
# Not in user-mode-linux: proven there by hand, left out for its time.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"

if [ "$(id -u)" != 0 ]; then
	skip "hooks of OCI containers as root" "root"
	done_testing
fi
bundle_make
chmod 777 "$bundle/rootfs/data"

# Out here and in there the same: keeps its standard input, as NAME.json beside the log, then does
# what it is told.
cat >"$WORK/hook" <<'HOOK'
#!/bin/sh
cat >"$2/$1.json"
echo "$1" >>"$2/log"
[ "$3" != fail ] || exit 1
[ "$3" != hang ] || exec sleep 1000
HOOK
chmod 755 "$WORK/hook"
cp "$WORK/hook" "$bundle/rootfs/bin/hook"
data=$bundle/rootfs/data

# hooks KIND[:fail|:hang]...
hooks() {
	local one kind how list='' path place limit
	for one; do
		kind=${one%%:*} how=${one#*:} limit=60
		[ "$how" != hang ] || limit=1
		path=$WORK/hook place=$data
		[ "$kind" != startContainer ] || path=/bin/hook place=/data
		list+=${list:+, }$(printf '"%s": [{"path": "%s", "args": ["hook", "%s", "%s", "%s"], "env": ["PATH=/bin:/usr/bin"], "timeout": %s}]' \
			"$kind" "$path" "$kind" "$place" "$how" $limit)
	done
	printf ', "hooks": {%s}' "$list"
}
# order [KIND]: which have written their line; one that was ended may not have come to it.
order() {
	sed "/^${1:-none}\$/d" "$data/log" 2>/dev/null | tr '\n' ' '
	rm -f "$data/log"
}
all="prestart createRuntime createContainer startContainer poststart poststop"

# ---- what each is told -----------------------------------------------------------------------------
# Annotations that are more than a pipe holds: who does not read them blocks nobody.
long=$(head -c 30000 /dev/zero | tr '\0' x)
# shellcheck disable=SC2086 # a list
TOP="$(hooks $all), \"annotations\": {\"long\": \"$long\", \"short\": \"its value\"}" config 'echo program >>/data/log; exec sleep 1000'
run timeout 20 "$OCI" create --pid-file "$WORK/pid" -b "$bundle" "$name"
is "create: with hooks" "$STATUS$ERR" 0
pid=$(<"$WORK/pid")
run timeout 20 "$OCI" start "$name"
is "start: with hooks" "$STATUS$ERR" 0
ok "start: the program runs" wait_until 20 grep -q program "$data/log"
"$OCI" delete --force "$name"
is "all six, in the order of the life of a container" "$(sed /program/d "$data/log" | tr '\n' ' ')" "$all "
rm -f "$data/log"
while read -r kind status pid_wanted; do
	state=$(<"$data/$kind.json")
	like "$kind: is told the status" "$state" "\"status\": ?\"$status\""
	like "$kind: is told id and bundle" "$state" "\"id\": ?\"$name\".*\"bundle\": ?\"$bundle\""
	like "$kind: is told the pid" "$state" "\"pid\": ?$pid_wanted,"
	like "$kind: is told the annotations" "$state" "\"short\": ?\"its value\""
	is "$kind: is told them whole" "$(grep -o 'xxx*' "$data/$kind.json" | head -1 | tr -d '\n' | wc -c)" 30000
done <<TABLE
prestart created $pid
createRuntime created $pid
createContainer created $pid
startContainer created $pid
poststart running $pid
poststop stopped 0
TABLE

# ---- each that fails, each that hangs ---------------------------------------------------------------
# Until the program runs a hook ends it all, and what is left to do are the last hooks.
while read -r kind before; do
	for how in fail hang; do
		list=${all/$kind/$kind:$how}
		# shellcheck disable=SC2086 # a list
		TOP=$(hooks $list) config 'echo program >>/data/log'
		run timeout 30 "$OCI" run -b "$bundle" "$name"
		is "$kind that ${how}s: the status" "$STATUS" 1
		like "$kind that ${how}s: is named" "$ERR" "/hook: $([ $how = fail ] && echo '.*ended with an error' || echo '.*longer than its timeout')"
		is "$kind that ${how}s: what is run until then, and poststop" "$(order "$kind")" "${before:+$before }poststop "
		is "$kind that ${how}s: nothing is left" "$("$OCI" list -q)" ""
	done
done <<'TABLE'
prestart
createRuntime prestart
createContainer prestart createRuntime
startContainer prestart createRuntime createContainer
TABLE
TOP=$(hooks startContainer:fail poststop) config 'echo program >>/data/log'
run timeout 20 "$OCI" create -b "$bundle" "$name"
is "startContainer that fails: not a matter of create" "$STATUS" 0
run timeout 20 "$OCI" start "$name"
is "startContainer that fails: start fails" "$STATUS" 1
like "startContainer that fails: the container is stopped" "$("$OCI" state "$name")" '"status": "stopped"'
run timeout 20 "$OCI" delete "$name"
is "startContainer that fails: then it can be deleted, with poststop" "$STATUS$(order)" "0startContainer poststop "
# From then on it only warns.
for kind in poststart poststop; do
	for how in fail hang; do
		list=${all/$kind/$kind:$how}
		# shellcheck disable=SC2086 # a list
		TOP=$(hooks $list) config 'exit 7'
		run timeout 30 "$OCI" run -b "$bundle" "$name"
		is "$kind that ${how}s: the status of the program" "$STATUS" 7
		like "$kind that ${how}s: a warning" "$ERR" "warning: run hook: $WORK/hook: "
		is "$kind that ${how}s: the others are run" "$(order "$kind")" "$(tr -s ' ' <<<"${all/$kind/} ")"
		is "$kind that ${how}s: nothing is left" "$("$OCI" list -q)" ""
	done
done

# ---- what is refused --------------------------------------------------------------------------------
for kind in $all; do
	path=$WORK/none
	[ "$kind" != startContainer ] || path=/bin/none
	TOP=", \"hooks\": {\"$kind\": [{\"path\": \"$path\"}]}" run_in 'exit 7'
	is "$kind that is not there: the status" "$STATUS" "$([[ $kind = post* ]] && echo 7 || echo 1)"
	like "$kind that is not there: is named" "$ERR" "run hook: $path: "
	TOP=", \"hooks\": {\"$kind\": [{\"path\": \"hook\"}]}" config true
	refused "$kind with a relative path" 'hooks.path: should be an absolute path'
done
TOP=", \"hooks\": {\"prestart\": [{\"path\": \"$WORK/hook\", \"timeout\": 0}]}" config true
refused "a timeout of nothing" 'hooks.timeout'
TOP=", \"hooks\": {\"prestart\": [{\"path\": \"$WORK/hook\", \"args\": \"x\"}]}" config true
refused "arguments that are no list" 'hooks.args'

is "nothing is left to list at the end" "$("$OCI" list -q)" ""
done_testing
