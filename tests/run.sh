#!/usr/bin/env bash
# Runs tests and counts: tests/run.sh --all, tests/run.sh --on-uml, or tests/run.sh PROGRAM...
#
# A test is a program that prints TAP: the cmocka programs of build/unit and the scripts below
# tests/. Each gets an empty home of its own, removed afterwards, and a time limit. Output goes to
# build/test/NAME.tap and is shown when something failed. Last line: N passed, N failed, N skipped.
#
# Tests run one after the other; with --all in lanes (lane_of), each beside the others. What stands in
# one lane may ask for the same port, name or control group, what stands in two may not. The results
# are told in the order of the list all the same.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
ROOT=$PWD
BUILD=${BUILD:-$ROOT/build}
LOGS=${TEST_LOGS:-$BUILD/test}
TEST_LIMIT=${TEST_LIMIT:-3000}
export ROOT BUILD TEST_LIMIT CUTAWAY=${CUTAWAY:-$BUILD/cutaway}

passed=0 failed=0 skipped=0
bad=() lanes=''
declare -A test_log test_name test_start test_took test_work test_pid test_status

# A place of its own for one test; an empty environment but for what is listed.
isolated() {
	local work=$1
	shift
	mkdir -p "$work"/{home,tmp,data,state,run}
	chmod 755 "$work" "$work/home"
	chmod 1777 "$work/tmp"
	chmod 700 "$work/run"
	exec env -i PATH="$BUILD:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
		ROOT="$ROOT" BUILD="$BUILD" CUTAWAY="$CUTAWAY" WORK="$work" \
		HOME="$work/home" TMPDIR="$work/tmp" XDG_DATA_HOME="$work/data" \
		XDG_STATE_HOME="$work/state" XDG_RUNTIME_DIR="$work/run" \
		TEST_LIMIT="$TEST_LIMIT" LC_ALL=C.UTF-8 TERM=xterm-256color CMOCKA_MESSAGE_OUTPUT=TAP \
		CUTAWAY_TEST_RUN="${CUTAWAY_TEST_RUN:-}" CUTAWAY_LEAK_BEFORE="${CUTAWAY_LEAK_BEFORE:-}" \
		timeout --kill-after=10 "$TEST_LIMIT" "$ROOT/tests/lib/spent.sh" "$work/../spent" "$@" </dev/null
}

# What a TAP file does not say itself, appended to it: a plan that was not kept, an end that was not
# good although no test failed.
judge() {
	local log=$1 status=$2
	awk -v status="$status" '
		/^1\.\.[0-9]+/ { planned += substr($1, 4) }
		/^(not )?ok / { seen++ }
		/^not ok / && toupper($0) !~ /# SKIP/ { failed++ }
		END {
			if (planned > seen || planned + seen == 0)
				printf "not ok - ended with status %d after %d of %d tests\n", status, seen, planned
			else if (status != 0 && !failed)
				printf "not ok - ended with status %d\n", status
		}' "$log" >>"$log"
}

# cmocka calls a skipped test "not ok" and keeps the reason apart, in the line that the test printed
# before; made one line of here.
tell_skips() {
	awk '
		/^(# )?skip: / { reason = $0; sub(/^(# )?skip: /, "", reason); next }
		/^not ok [0-9]+ # SKIP / { printf "ok %d - %s # SKIP %s\n", $3, $6, reason; next }
		{ print }' "$1" >"$1.new" && mv "$1.new" "$1"
}

# Counts a TAP file: prints "PASSED FAILED SKIPPED".
count() {
	awk '
		/^(not )?ok / {
			if (toupper($0) ~ /# SKIP/) skipped++
			else if ($1 == "not") failed++
			else passed++
		}
		END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# A test in the background: its log, place and process, for wait_for_one and report_test.
start_test() {
	local program=$1 name=${1#"$ROOT"/}
	name=${name#build/} name=${name#tests/} name=${name%.sh}
	mkdir -p "$LOGS"
	test_log[$1]=$LOGS/${name//\//-}.tap
	test_name[$1]=$name
	test_start[$1]=$SECONDS
	# Without a place of its own a test would write into the root directory.
	test_work[$1]=$(mktemp -d "$CUTAWAY_TEST_BASE/XXXXXX") || exit 2
	chmod 755 "${test_work[$1]}"
	isolated "${test_work[$1]}/w" "$program" >"${test_log[$1]}" 2>&1 &
	test_pid[$1]=$!
}

# Until a test has ended, whichever.
wait_for_one() {
	local pid='' status program
	wait -n -p pid "${test_pid[@]}"
	status=$?
	for program in "${!test_pid[@]}"; do
		[ "${test_pid[$program]}" = "$pid" ] || continue
		test_status[$program]=$status
		test_took[$program]=$((SECONDS - test_start[$program]))
		unset "test_pid[$program]"
	done
}

report_test() {
	local name=${test_name[$1]} log=${test_log[$1]} spent status p f s
	status=${test_status[$1]}
	spent=$(cat "${test_work[$1]}/spent" 2>/dev/null)
	[ $status -ne 124 ] || echo "# ended: it ran longer than $TEST_LIMIT s" >>"$log"
	if ! rm -rf --one-file-system "${test_work[$1]}" 2>>"$log"; then
		echo "not ok - leaves a directory that can be removed" >>"$log"
	fi
	tell_skips "$log"
	judge "$log" $status
	read -r p f s < <(count "$log")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-34s %4d passed' "$name" "$p"
	[ "$f" -eq 0 ] || printf ', %d failed' "$f"
	[ "$s" -eq 0 ] || printf ', %d skipped' "$s"
	printf ' (%d s, processor %s s)\n' "${test_took[$1]}" "${spent:-?}"
	grep -iE '^(not )?ok .*# SKIP' "$log" | sed -E 's/^(not )?ok [0-9]+ (- )?/    skipped: /'
	if [ "$f" -ne 0 ]; then
		bad+=("$name")
		echo "---- $name (exit status $status)"
		# All of a short log; of a long one what failed, with what it said.
		if [ "$(wc -l <"$log")" -le 200 ]; then
			cat "$log"
		else
			awk '/^not ok / { shown = 40 } /^ok / { shown = 0 } shown-- > 0' "$log" | head -n 300
			echo "all of it: $log"
		fi
		echo "----"
	fi
	unset "test_status[$1]"
}

build() {
	mkdir -p "$LOGS"
	if ! make --no-print-directory -j"$(nproc)" all unit-programs >"$LOGS/build.log" 2>&1; then
		tail -n 40 "$LOGS/build.log"
		echo "0 passed, 1 failed, 0 skipped"
		exit 1
	fi
}

CUTAWAY_TEST_BASE=$(mktemp -d "/tmp/cutaway-tests.$$.XXXXXX") || exit 2
chmod 755 "$CUTAWAY_TEST_BASE"
export CUTAWAY_TEST_RUN=$CUTAWAY_TEST_BASE
trap 'rm -rf --one-file-system "$CUTAWAY_TEST_BASE"' EXIT
# Tests run in the background, so that a signal reaches us at once; timeout passes it on to all of one.
# shellcheck disable=SC2154 # pid is assigned in the trap
trap 'for pid in "${test_pid[@]}"; do kill "$pid"; wait "$pid"; done; exit 130' INT TERM HUP

[ -n "${TEST_NO_BUILD:-}" ] || build
shopt -s nullglob
if [ "${1:-}" = --on-uml ]; then
	# All that asks a kernel for something. Left out, since no kernel changes it: pure functions, and
	# the scripts with a line "# Not in user-mode-linux: WHY".
	pure=' canvas config emulator glyph golden hint markdown progress scenario scene_properties'
	pure+=' failures reference shown screen stage_layout theme tutor config_mount copy_up config_process'
	pure+=' scene_places recorded_many file_tree history explore board cgroup_past navigate marks diagram'
	pure+=' diagram_view watch_drawing watch_browser watch_compare words wire choice_order containerfile '
	chosen=()
	for program in "$BUILD"/unit/test_* tests/cli/*.sh tests/replay/*.sh tests/crash/*.sh; do
		name=${program##*/} name=${name#test_} name=${name%.sh}
		[[ $program = *.[do] || $pure = *" $name "* || $name = golden_* ]] && continue
		[[ $program = *.sh ]] && grep -q '^# Not in user-mode-linux: ' "$program" && continue
		chosen+=("$program")
	done
	set -- "${chosen[@]}"
elif [ "${1:-}" = --all ]; then
	export CUTAWAY_LEAK_BEFORE=$CUTAWAY_TEST_BASE/before
	tests/lib/leak.sh snapshot "$CUTAWAY_LEAK_BEFORE"
	read -ra unit < <(make -s --no-print-directory print-unit)
	set -- "${unit[@]}" tests/cli/*.sh tests/engine/*.sh tests/replay/*.sh tests/crash/*.sh \
		tests/screen/*.sh tests/check/static.sh tests/check/can_fail.sh tests/asan/*.sh \
		tests/fuzz/*.sh tests/uml/uml.sh
	lanes=yes
fi

# Two machines of their own; what mostly compiles; and what asks this machine for something.
lane_of() {
	case $lanes$1 in
	yes*/tests/uml/*) echo uml ;;
	yes*/tests/check/* | yes*/tests/asan/* | yes*/tests/fuzz/*) echo compilers ;;
	*) echo machine ;;
	esac
}

# All of them, the next of a lane as soon as the one before has ended.
run_tests() {
	local waiting=("$@") told=0 program later lane
	local -A taken
	while [ $told -lt $# ]; do
		taken=() later=()
		for program in "${!test_pid[@]}"; do taken[$(lane_of "$program")]=yes; done
		for program in "${waiting[@]}"; do
			lane=$(lane_of "$program")
			if [ "${taken[$lane]:-}" ]; then
				later+=("$program")
			else
				start_test "$program"
				taken[$lane]=yes
			fi
		done
		waiting=("${later[@]}")
		wait_for_one
		while [ $told -lt $# ] && program=${*:told+1:1} && [ "${test_status[$program]:-}" ]; do
			report_test "$program"
			told=$((told + 1))
		done
	done
}

programs=()
for program; do
	[[ $program = /* ]] || program=$ROOT/$program
	programs+=("$program")
done
run_tests "${programs[@]}"
# The proof that nothing was left: when all have ended.
[ -z "$lanes" ] || run_tests "$ROOT/tests/nothing_left.sh"
[ ${#bad[@]} -eq 0 ] || echo "failed: ${bad[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
