#!/usr/bin/env bash
# Two labs on one machine: each with a runtime directory of its own, both with the same data directory,
# both with containers of the same names. What one does leaves the other alone.
# Not in user-mode-linux: proven there by hand, left out for its time.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"

name=labs-$$
mkdir -m 700 "$WORK/run/one" "$WORK/run/two"
in_lab() { # LAB COMMAND...
	local lab=$1
	shift
	XDG_RUNTIME_DIR=$WORK/run/$lab "$CUTAWAY" "$@"
}

limit=() controller=
for controller in memory pids freezer ''; do
	[ -n "$controller" ] && "$CUTAWAY" doctor --has "cgroup $controller" 2>/dev/null && break
done
case $controller in
memory) limit=(--memory 48M) ;;
pids) limit=(--pids-limit 20) ;;
esac
groups=1
[ -n "$controller" ] || groups=0

# What is switched on in the groups that we are in, where there is a version 2: it is to be the same
# at the end.
switched() {
	local group
	group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	while [[ $controller && $group = /sys/fs/cgroup* ]]; do
		grep -sH . "$group/cgroup.subtree_control"
		group=${group%/*}
	done
}
groups_of() {
	find /sys/fs/cgroup -type d -path "*/cutaway*" -name "$name*" 2>/dev/null
}
alive() {
	[ -e "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status"
}
gone() {
	! alive "$1"
}

# Switched off where nobody uses it, so that it is for us to switch it on.
was_on=
for group in $(switched | grep -w "$controller" | cut -d: -f1); do
	if { echo "-$controller" >"$group"; } 2>/dev/null; then
		was_on=$group
		break
	fi
done
switched_before=$(switched)
for lab in one two; do
	ok "lab $lab: red starts" in_lab $lab run -d --name "$name-red" "${limit[@]}" base sleep 1000
	ok "lab $lab: green starts" in_lab $lab run -d --name "$name-green" "${limit[@]}" base sleep 1000
	ok "lab $lab: red writes a file" in_lab $lab exec "$name-red" sh -c "echo $lab >/of"
done
one=$(in_lab one inspect --format pid "$name-red") two=$(in_lab two inspect --format pid "$name-red")
ok "two different processes run" test "$one" != "$two"
for lab in one two; do
	is "lab $lab: its red has its own files" "$(in_lab $lab exec "$name-red" cat /of)" $lab
	ok "lab $lab: the checks see its own two" in_lab $lab check "container.$name-red = running" \
		"container.$name-green = running" 'lab.containers.count = 2' 'containers.count = 2' \
		"lab.cgroups.count = $((2 * groups))"
	pid=$(in_lab $lab inspect --format pid "$name-red")
	ok "lab $lab: the checks see its own process" in_lab $lab check "container.$name-red.pid = $pid"
	is "lab $lab: ps lists its own two" "$(in_lab $lab ps | grep -c "$name")" 2
	like "lab $lab: the other's are drawn as somebody else's" "$(in_lab $lab state)" \
		"\"name\":\"$name-red-[0-9]+\"[^{}]*\"status\":\"foreign\""
done
if [ -n "$controller" ]; then
	dir_one=$(in_lab one inspect --format "cgroup_dirs.$controller" "$name-red")
	dir_two=$(in_lab two inspect --format "cgroup_dirs.$controller" "$name-red")
	ok "their control groups are not the same" test "$dir_one" != "$dir_two"
	is "the first's has its process alone" "$(cat "$dir_one/cgroup.procs")" "$one"
	is "the second's has its process alone" "$(cat "$dir_two/cgroup.procs")" "$two"
fi

run in_lab one run --name "$name-red" base true
is "a name is taken in the same lab: exit status" "$STATUS" 125
like "a name is taken in the same lab: told" "$ERR" "there is a container of that name"

kill -9 "$(in_lab one inspect --format monitor_pid "$name-red")"
ok "a crash in lab one" wait_until 10 gone "$one"
like "lab one: clean ends what is its own" "$(in_lab one clean --all)" "^removed container $name-red\$"
is "lab one: nothing is in it" "$(in_lab one ps -a | grep -c "$name")" 0
ok "lab two: its processes live on" alive "$two"
is "lab two: its files are there" "$(in_lab two exec "$name-red" cat /of)" two
ok "lab two: its checks hold" in_lab two check "container.$name-red = running" \
	"container.$name-green = running" "lab.cgroups.count = $((2 * groups))"
if [ -n "$controller" ]; then
	ok "lab one: its groups are gone" test ! -e "${dir_one%/*}"
	ok "lab two: its limits are there" test -e "$dir_two/cgroup.procs"
	case $controller in
	memory) is "lab two: its limit is in force" "$(cat "$dir_two"/memory.limit_in_bytes \
		"$dir_two"/memory.max 2>/dev/null)" $((48 << 20)) ;;
	pids) is "lab two: its limit is in force" "$(cat "$dir_two/pids.max")" 20 ;;
	esac
fi
# A new one of lab one, while the other stays, then the other goes first.
ok "lab one: another red starts" in_lab one run -d --name "$name-red" "${limit[@]}" base sleep 1000
one=$(in_lab one inspect --format pid "$name-red")
ok "lab two: red and green are removed" in_lab two rm -f "$name-red" "$name-green"
ok "lab one: its process lives on" alive "$one"
ok "lab one: ends" in_lab one rm -f "$name-red"
is "nothing is left: control groups" "$(groups_of)" ""
is "nothing is left: files" "$(data_files)" ""
is "nothing is left: the controllers are on that were on" "$(switched)" "$switched_before"
[ -z "$was_on" ] || echo "+$controller" >"$was_on"
is "nothing is left: in the runtime directories" "$(find "$WORK/run" -path "*/containers/*")" ""
done_testing
