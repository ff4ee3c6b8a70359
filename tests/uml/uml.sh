#!/usr/bin/env bash
# The tests a second time on another kernel: user-mode-linux with pure cgroup v2, as root and as an
# ordinary user with a delegated control group.
. "$ROOT/tests/lib/tap.sh"

if ! command -v linux.uml >/dev/null; then
	skip "the tests on pure cgroup v2" "no linux.uml here (Debian package user-mode-linux)"
	done_testing
fi
result=$WORK/result
mkdir "$result"
limit=$((TEST_LIMIT - 30))
if ! "$ROOT/tests/uml/boot.sh" $limit "$result" tests/uml/inside.sh >"$WORK/console"; then
	fail "user-mode-linux boots, runs the tests and halts within $limit s"
	diag "$(tail -n 30 "$WORK/console")"
	diag "$(tail -n 30 "$result"/*.out 2>/dev/null)"
	done_testing
fi
pass "user-mode-linux boots, runs the tests and halts"
is "its control groups are version 2 only" "$(cut -d' ' -f3 "$result/machine" | grep cgroup)" cgroup2
for who in root user; do
	for log in "$result/$who"/*.tap; do
		name=${log##*/}
		echo "# ${name%.tap} as $who"
		tap_forward "uml, $who, ${name%.tap}: " <"$log"
	done
	like "uml, $who: every test ran to its end" "$(tail -n 1 "$result/$who.out")" \
		'^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'
done
done_testing
