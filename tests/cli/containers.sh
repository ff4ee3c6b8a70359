#!/usr/bin/env bash
# Containers from the command line, as root (if we are) and as an ordinary user: exit statuses,
# streams, limits, steps, errors, and nothing left after each end.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

name=containers-$$

groups_of() {
	find /sys/fs/cgroup -type d -name "$1*" 2>/dev/null
}

# shellcheck disable=SC2317 # called by wait_until
gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

# shellcheck disable=SC2317
logged() { # CUTAWAY...
	[ "$("$@" logs "$name-d")" = logged ]
}

# A filter that refuses chmod, whichever call the machine has for it.
echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["chmod","fchmodat","fchmodat2"],
	"action":"SCMP_ACT_ERRNO"}]}' >"$WORK/no-chmod"
sed 's/"names"/"excludes":{"caps":["CAP_FOWNER"]},&/' "$WORK/no-chmod" >"$WORK/condition"

# One set for both users: $1 is a word for the test's name, the rest runs cutaway.
common() {
	local who=$1
	shift
	run "$@" run --rm base sh -c 'echo out; echo err >&2; exit 7'
	is "$who: the program's own exit status" "$STATUS" 7
	is "$who: standard output is passed through" "$OUT" out
	is "$who: standard error is passed through" "$ERR" err
	# shellcheck disable=SC2016 # expands inside
	run "$@" run --rm base sh -c 'echo "$(id -u) $$"'
	is "$who: root and pid 1 inside" "$OUT" "0 1"
	run "$@" run --rm --name "$name-h" --hostname inside base hostname
	is "$who: the host name" "$OUT" inside
	run "$@" run --rm base no-such-program
	is "$who: a program that is not there is 127" "$STATUS" 127
	run "$@" run --rm base /etc
	is "$who: a program that cannot be run is 126" "$STATUS" 126
	run "$@" run --rm base sh -c 'sleep 1000 & kill -9 $!; wait $!'
	is "$who: 128 and the number of the signal" "$STATUS" 137
	run "$@" run --rm no-such-image true
	is "$who: an unknown image is 125" "$STATUS" 125
	run "$@" run -m 12x base true
	is "$who: a size that is none is wrong usage" "$STATUS" 2
	run "$@" run --rm --security-opt seccomp="$WORK/no-chmod" base chmod 600 /tmp
	like "$who: a filter of one's own" "$STATUS$ERR" '^1.*Operation not permitted'
	run "$@" run --rm --security-opt seccomp="$WORK/condition" base true
	is "$who: a condition in a filter is not passed over" "$STATUS" 125
	run "$@" run --rm --security-opt seccomp=/no/such/file base true
	like "$who: a filter that is not there" "$STATUS$ERR" '^125.*/no/such/file'
	run "$@" run --rm base grep -c . /proc/self/mounts
	ok "$who: has a mount table" test "$OUT" -gt 5
	run "$@" run --rm base ls /proc/self/fd
	is "$who: no descriptor of ours reaches the program" "$(wc -w <<<"$OUT")" 4

	run "$@" run -d --name "$name-d" base sh -c 'echo logged; sleep 1000'
	is "$who: in the background it prints its name" "$STATUS$OUT" "0$name-d"
	run "$@" run --name "$name-d" base true
	is "$who: a name is given once" "$STATUS" 125
	like "$who: a name is given once, and says so" "$ERR" 'there is a container of that name'
	run "$@" exec "$name-d" sh -c 'grep -E "NoNewPrivs|Seccomp:" /proc/self/status; ps | head -2'
	like "$who: exec cannot win powers back" "$OUT" 'NoNewPrivs:.1$'
	like "$who: exec is under the filter" "$OUT" 'Seccomp:.2$'
	like "$who: exec sees the first process as 1" "$OUT" ' 1 root '
	run "$@" exec "$name-d" no-such-program
	is "$who: exec of what is not there is 127" "$STATUS" 127
	ok "$who: its output is in the log" wait_until 10 logged "$@"
	run "$@" rm "$name-d"
	is "$who: a running one is not removed" "$STATUS" 1
	run "$@" inspect --format pid "$name-d"
	local pid=$OUT
	run "$@" kill "$name-d"
	ok "$who: kill ends it" gone "$pid"
	run "$@" ps -a
	like "$who: ps tells how it ended" "$OUT" "$name-d +base +exited 137"
	run "$@" rm "$name-d"
	is "$who: an ended one is removed" "$STATUS" 0

	run "$@" run -d --step --name "$name-s" base sleep 1000
	run "$@" step --to rootfs "$name-s"
	like "$who: a step shows its call" "$OUT" 'mount\("overlay"'
	like "$who: a step is verified" "$OUT" '✓ /proc/[0-9]+/mounts: overlay'
	run "$@" step --back "$name-s"
	like "$who: a step is taken back" "$OUT" 'Taken back'
	run "$@" step --to nonsense "$name-s"
	is "$who: an unknown step" "$STATUS" 1
	run "$@" step --all "$name-s"
	like "$who: all steps" "$OUT" "$name-s runs"
	run "$@" rm -f "$name-s"
	is "$who: removed by force" "$STATUS" 0

	run "$@" ps -a -q
	is "$who: nothing is left to list" "$OUT" ""
	is "$who: no control group is left" "$(groups_of "$name")" ""
}

# Limits that the kernel enforces, and the freezer; needs the controllers, on either version.
limits() {
	local dir
	# One that asks for no more memory: what does while the kernel ends another may be ended as well.
	run "$CUTAWAY" run -d --name "$name-l" -m 32M --cpus 0.2 --pids-limit 8 base sleep 1000
	is "root: a container with three limits" "$STATUS" 0
	run "$CUTAWAY" exec "$name-l" dd if=/dev/zero of=/dev/null bs=256M count=1
	is "root: beyond the limit of memory, swap or not, the kernel ends a process" "$STATUS" 137
	dir=$("$CUTAWAY" inspect --format cgroup_dirs.cpu "$name-l")
	run "$CUTAWAY" exec "$name-l" timeout 1 sh -c 'while :; do :; done'
	ok "root: beyond the limit of processor time it is throttled" \
		test "$(sed -n 's/^nr_throttled //p' "$dir/cpu.stat")" -gt 0
	run "$CUTAWAY" run --rm --cpus half base true
	is "root: a number of processors that is none is wrong usage" "$STATUS" 2

	run "$CUTAWAY" pause "$name-l"
	is "root: pause" "$STATUS$OUT" "0$name-l"
	ok "root: it is frozen" "$CUTAWAY" check "container.$name-l.cgroup.frozen"
	run "$CUTAWAY" ps
	like "root: ps says so" "$OUT" "$name-l +base +paused"
	run "$CUTAWAY" exec "$name-l" true
	like "root: nothing enters what is frozen" "$STATUS$ERR" '^125.*it is frozen'
	run "$CUTAWAY" unpause "$name-l"
	is "root: unpause" "$STATUS$OUT" "0$name-l"
	run "$CUTAWAY" exec "$name-l" true
	is "root: and it goes on" "$STATUS" 0
	run "$CUTAWAY" pause "$name-l"
	run "$CUTAWAY" rm -f "$name-l"
	is "root: what is frozen can be removed" "$STATUS$(groups_of "$name-l")" 0
	run "$CUTAWAY" pause "$name-l"
	is "root: what is not there cannot be frozen" "$STATUS" 1
	run "$CUTAWAY" run -d --name "$name-f" base sleep 1000
	pid=$("$CUTAWAY" inspect --format pid "$name-f")
	run "$CUTAWAY" pause "$name-f"
	kill -KILL "$("$CUTAWAY" inspect --format monitor_pid "$name-f")"
	run "$CUTAWAY" clean
	is "root: clean takes what a dead monitor left frozen" "$STATUS$ERR$(groups_of "$name-f")" 0
	ok "root: its process has ended" wait_until 10 gone "$pid"
}

run "$CUTAWAY" run --rm --security-opt seccomp=<(cat "$WORK/no-chmod") base chmod 600 /tmp
like "a filter out of a pipe of the shell" "$STATUS$ERR" '^1.*Operation not permitted'

common user as_user cutaway
run as_user cutaway run --rm -u 5 base true
like "user: one id only, and says so" "$ERR" 'an ordinary user can map one id only'
run as_user cutaway run --rm --userns host base true
is "user: no container without a user namespace" "$STATUS" 125

if [ "$(id -u)" = 0 ]; then
	common root "$CUTAWAY"
	run "$CUTAWAY" run --rm -u 1000:1000 base grep -E '^(Uid|CapEff)' /proc/self/status
	like "root: another user" "$OUT" '^Uid:.1000.1000'
	like "root: another user has no powers in effect" "$OUT" '^CapEff:.0+$'
	run "$CUTAWAY" run --rm --pids-limit 3 base sh -c 'for i in 1 2 3 4 5; do sleep 9 & done'
	like "root: the limit of processes stops a fork" "$OUT$ERR" "can't fork"
	run "$CUTAWAY" run -d --name "$name-k" base sleep 1000
	pid=$("$CUTAWAY" inspect --format pid "$name-k")
	kill -KILL "$("$CUTAWAY" inspect --format monitor_pid "$name-k")"
	ok "root: the first process dies with its monitor" wait_until 10 gone "$pid"
	run "$CUTAWAY" run --rm --name "$name-k" base echo again
	is "root: the next of the same name cleans up first" "$STATUS$OUT" "0again"
	is "root: nothing of the dead one is left" "$(groups_of "$name-k")" ""
	missing=$(for what in 'cgroup memory' 'cgroup cpu' 'cgroup pids'; do
		"$CUTAWAY" doctor --has "$what" || echo "$what"
	done)
	if [ -z "$missing" ]; then
		limits
	else
		skip "root: limits" "missing here: $missing"
	fi
fi
done_testing
