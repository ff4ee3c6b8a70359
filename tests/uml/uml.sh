#!/usr/bin/env bash
# The tests a second time on another kernel: user-mode-linux with pure cgroup v2, as root and as an
# ordinary user with a delegated control group. The host's files are its read-only root; it writes
# to memory and to one result directory.
. "$ROOT/tests/lib/tap.sh"

if ! command -v linux.uml >/dev/null; then
	skip "the tests on pure cgroup v2" "no linux.uml here (Debian package user-mode-linux)"
	done_testing
fi
result=$WORK/result
mkdir -p "$result/root" "$result/user"
chmod 777 "$result/user"
user=54321
# The kernel's command line carries no blanks in a word, a script does.
cat >"$WORK/init" <<SH
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8
export SOURCE=$(printf %q "$ROOT") RESULT=$(printf %q "$result") USER_ID=$user
exec $(printf %q "$ROOT/tests/uml/init.sh")
SH
chmod 755 "$WORK/init"

# Its memory is a file that it unlinks at once; best kept where there is no disk behind.
memory=$TMPDIR
[ ! -w /dev/shm ] || memory=/dev/shm
TMPDIR=$memory timeout --kill-after=10 $((TEST_LIMIT - 30)) linux.uml mem=1024M \
	rootfstype=hostfs rootflags=/ ro init="$WORK/init" con=null con0=fd:0,fd:1 quiet \
	uml_dir="$WORK/uml/" </dev/null >"$WORK/console" 2>&1

if ! [ -f "$result/finished" ]; then
	fail "user-mode-linux boots, runs the tests and halts within $((TEST_LIMIT - 30)) s"
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
