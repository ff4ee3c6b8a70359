# shellcheck shell=bash
# Tests in bash that speak TAP. To be sourced first by every test script; run one alone with
# `tests/run.sh tests/cli/usage.sh`.
#
#   ok TEXT COMMAND...        passes when the command succeeds; shows its output when not
#   is TEXT GOT WANT          compares two texts
#   like TEXT GOT REGEX       and unlike: extended regular expressions, matched in any line
#   run COMMAND...            runs it without a terminal; sets $STATUS $OUT $ERR
#   skip TEXT REASON          counts as skipped; the reason names the probed missing feature
#   wait_until SECONDS COMMAND...   polls the command until it succeeds; fails at the deadline, which
#                             a loaded machine gets longer: six times as long, up to a minute
#   tap_forward PREFIX        takes TAP from stdin as tests of ours
#   done_testing              last line of a script: the plan and the exit status
#
# The runner gives: $ROOT the source tree, $CUTAWAY the program, $WORK an empty directory that is
# removed afterwards; HOME, TMPDIR and the XDG directories are below it.
set -uo pipefail
: "${ROOT:?run this test with tests/run.sh}" "${CUTAWAY:?}" "${WORK:?}"

tap_count=0 tap_failed=0
STATUS=0 OUT='' ERR=''

diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

fail() {
	tap_count=$((tap_count + 1)) tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
}

ok() {
	local text=$1 output
	shift
	if output=$("$@" 2>&1 </dev/null); then
		pass "$text"
	else
		local status=$?
		fail "$text"
		local command=$*
		diag "exit status $status of: ${command:0:300}"
		diag "$output"
		return 1
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		diag "got:    $2"
		diag "wanted: $3"
		return 1
	fi
}

like() {
	if grep -qE -- "$3" <<<"$2"; then
		pass "$1"
	else
		fail "$1"
		diag "no line matches: $3"
		diag "$2"
		return 1
	fi
}

unlike() {
	if grep -qE -- "$3" <<<"$2"; then
		fail "$1"
		diag "a line matches: $3"
		diag "$2"
		return 1
	fi
	pass "$1"
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# shellcheck disable=SC2034 # for the caller
run() {
	OUT=$("$@" 2>"$WORK/.stderr" </dev/null)
	STATUS=$?
	ERR=$(<"$WORK/.stderr")
}

# Numbers of their own give way to ours; their plan is left out.
tap_forward() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok "*) tap_count=$((tap_count + 1)) ;;
		"not ok "*) tap_count=$((tap_count + 1)) tap_failed=$((tap_failed + 1)) ;;
		1..* | "TAP version"*) continue ;;
		*)
			printf '# %s\n' "${line#\# }"
			continue
			;;
		esac
		sed -E "s|^((not )?ok) ?[0-9]* ?-? ?|\1 $tap_count - $1|" <<<"$line"
	done
}

# The condition is the event here: what is waited for happens in another process that has no
# descriptor to wait on.
wait_until() {
	local patience=$(($1 * 6 < 60 ? $1 * 6 : $1 > 60 ? $1 : 60))
	local deadline=$((SECONDS + patience))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.05
	done
}

done_testing() {
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
	exit
}
