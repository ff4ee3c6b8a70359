#!/usr/bin/env bash
# The tests a second time on another kernel: user-mode-linux with pure cgroup v2, as root and as an
# ordinary user with a delegated control group. Each in a machine of their own, both at the same time: a
# machine has one processor.
. "$ROOT/tests/lib/tap.sh"

if ! command -v linux.uml >/dev/null; then
	skip "the tests on pure cgroup v2" "no linux.uml here (Debian package user-mode-linux)"
	done_testing
fi
limit=$((TEST_LIMIT - 30))
declare -A machine
# Ended, we stay until boot.sh, which is told as well, has taken its machine with it.
trap 'wait; exit 143' TERM INT HUP
for who in root user; do
	mkdir "$WORK/$who"
	"$ROOT/tests/uml/boot.sh" $limit "$WORK/$who" tests/uml/inside.sh $who >"$WORK/$who.console" &
	machine[$who]=$!
done
# Both, before anything else is started: bash forgets how one ended when another gets its process id. What
# the machine has written of its end is asked for the same reason.
for who in root user; do
	wait "${machine[$who]}"
done
for who in root user; do
	result=$WORK/$who
	if [ "$(cat "$result/status" 2>/dev/null)" != 0 ]; then
		fail "uml, $who: user-mode-linux boots, runs the tests and halts within $limit s"
		diag "$(tail -n 30 "$WORK/$who.console")"
		diag "$(tail -n 30 "$result"/*.out 2>/dev/null)"
		continue
	fi
	pass "uml, $who: user-mode-linux boots, runs the tests and halts"
	is "uml, $who: its control groups are version 2 only" \
		"$(cut -d' ' -f3 "$result/machine" | grep cgroup)" cgroup2
	# What each of them took.
	diag "$(grep ' passed' "$result/$who.out")"
	for log in "$result/$who"/*.tap; do
		name=${log##*/}
		echo "# ${name%.tap} as $who"
		tap_forward "uml, $who, ${name%.tap}: " <"$log"
	done
	like "uml, $who: every test ran to its end" "$(tail -n 1 "$result/$who.out")" \
		'^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'
done
done_testing
