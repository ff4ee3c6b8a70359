#!/usr/bin/env bash
# Everything again with address and undefined-behaviour sanitizers, leaks included: the unit tests
# and runs of the command line. A build of its own in build/asan.
. "$ROOT/tests/lib/tap.sh"
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# bash, readline and curses keep memory until the end on purpose; only what is ours is asked about.
suppressions=$WORK/leaks
printf 'leak:%s\n' libreadline libncursesw libtinfo >"$suppressions"
export LSAN_OPTIONS=suppressions=$suppressions:print_suppressions=0

cd "$ROOT" || exit 1
ok "everything builds with the sanitizers" make --no-print-directory -j"$(nproc)" asan-build ||
	done_testing
program=$ROOT/build/asan/cutaway
export CUTAWAY_LESSONS=$ROOT/lessons

for test in build/asan/unit/test_*; do
	[ -x "$test" ] && [ -f "$test" ] || continue
	run env CUTAWAY="$program" BUILD="$ROOT/build/asan" "$test"
	if [ $STATUS -eq 0 ] && ! grep -qE 'Sanitizer|runtime error:' <<<"$OUT$ERR"; then
		pass "sanitizers: ${test##*/}"
	else
		fail "sanitizers: ${test##*/}"
		diag "exit status $STATUS"
		diag "$(grep -vE '^ok ' <<<"$OUT" | tail -n 20)"
		diag "$(head -n 60 <<<"$ERR")"
	fi
done

# clean TEXT STATUS COMMAND...: the wanted status, and no word from a sanitizer.
clean() {
	local text=$1 wanted=$2
	shift 2
	run timeout 60 "$@"
	if [ $STATUS -eq "$wanted" ] && ! grep -qE 'Sanitizer|runtime error:' <<<"$OUT$ERR"; then
		pass "sanitizers: $text"
	else
		fail "sanitizers: $text"
		diag "exit status $STATUS, wanted $wanted: $*"
		diag "$(tail -n 60 <<<"$ERR")"
	fi
}

has() {
	"$program" "$1" --help >/dev/null 2>&1
}

clean "--help" 0 "$program" --help
clean "an unknown command" 2 "$program" no-such-command
has state && clean "state" 0 "$program" state
has check && clean "check" 0 "$program" check host.kernel
has draw && clean "draw as text" 0 "$program" draw
has draw && clean "draw as SVG" 0 "$program" draw --format svg
has doctor && clean "doctor" 0 "$program" doctor
has lessons && clean "lessons" 0 "$program" lessons
has lint && clean "lint" 0 "$program" lint lessons/containers-are-linux
has ps && clean "ps" 0 "$program" ps
has run && clean "run --plan" 0 "$program" run --plan base /bin/true
done_testing
