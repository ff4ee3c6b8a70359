#!/usr/bin/env bash
# cutaway measure: what is run, kept, drawn and refused. No time is asserted but that of a sleep.
# Not in user-mode-linux: it measures and keeps files, which no kernel changes.
. "$ROOT/tests/lib/tap.sh"

kept=$XDG_RUNTIME_DIR/cutaway/measures
names() { (cd "$kept" 2>/dev/null && ls) | tr '\n' ' '; }
# Writes a letter into a file at each run: what was run, in which order.
mark() { printf 'printf %s >>%s' "$1" "$WORK/runs"; }

run "$CUTAWAY" measure --show
is "nothing yet: no failure" "$STATUS" 0
like "nothing yet: says what to do" "$OUT" 'Nothing has been measured yet.*cutaway measure -- true'
run "$CUTAWAY" measure --show --json
is "nothing yet: JSON" "$STATUS$OUT" '0[]'
is "who looks makes nothing" "$(ls -A "$XDG_RUNTIME_DIR")" ""

run "$CUTAWAY" measure --name a --runs 3 --warmup 2 -- sh -c "$(mark a)" --against b -- sh -c "$(mark b)"
is "two commands: exit status" "$STATUS$ERR" 0
is "two commands: in turn, after their warm-up" "$(<"$WORK/runs")" ababababab
is "two commands: kept" "$(names)" "a.json b.json "
like "two commands: a bar for each, with median and ratio" "$OUT" '^a .* [0-9.]+ .?s +[0-9.]+ .?s +1\.00$'
like "two commands: and the number of runs" "$OUT" 'median of 3 runs'
run "$CUTAWAY" measure -q --runs 1 --warmup 0 -- sleep 0.05
is "without --name: that of the program; --quiet: no word" "$STATUS$OUT$(names)" "0a.json b.json sleep.json "
run "$CUTAWAY" measure --show b a
is "--show: those named, in that order" "$(cut -c 1-2 <<<"$OUT" | sed -n '2,3p' | tr -d '\n')" "b a "
run "$CUTAWAY" measure --show sleep --unit us
like "--show: options may follow the names" "$OUT" '^sleep .* [0-9]{5,} µs'
run env LC_ALL=C "$CUTAWAY" measure --show sleep
is "--show: ASCII where there is no UTF-8" "$STATUS$(tr -d '\0-\177' <<<"$OUT")" 0
run "$CUTAWAY" measure --show sleep --json
like "--json: the command" "$OUT" '"command": "sleep 0.05"'
like "--json: its time" "$OUT" '"median_us": [0-9]{5,}'
run "$CUTAWAY" measure --show c
is "--show: one that is not there" "$STATUS" 1
like "--show: and which are" "$ERR" 'there are: a, b, sleep$'

# What verify scripts ask.
ok "check: it is there" "$CUTAWAY" check measure.a '!measure.c' 'measure.b.runs = 3'
ok "check: its command" "$CUTAWAY" check 'measure.sleep.command = "sleep 0.05"'
ok "check: its median" "$CUTAWAY" check 'measure.sleep.median >= 50000'
run "$CUTAWAY" check 'measure.a.runs >= 20' measure.c
is "check: what is missing" "$STATUS$ERR" \
	$'1number of runs of measurement a is \'3\', should be at least \'20\'\nc has not been measured yet'
like "check: listed" "$("$CUTAWAY" check --list)" '^measure.sleep.median$'

# What fails keeps what was there.
before=$(<"$kept/a.json")
run "$CUTAWAY" measure --name a --warmup 0 -- sh -c 'echo no good >&2; exit 7'
is "a failing command: its status" "$STATUS" 7
like "a failing command: which run" "$ERR" 'a: run 1 ended with exit status 7'
like "a failing command: what it said" "$ERR" '^no good$'
rm -f "$WORK/runs"
# shellcheck disable=SC2016 # expands in the command
third='printf x >>"$WORK/runs"; [ "$(wc -c <"$WORK/runs")" -lt 3 ]'
run "$CUTAWAY" measure --name a --warmup 1 --runs 9 -- sh -c "$third"
like "a command that fails later: which run" "$STATUS$ERR" '^1.*a: run 2 ended with exit status 1'
is "a command that fails later: no more is run" "$(<"$WORK/runs")" xxx
run "$CUTAWAY" measure --name a -- sh -c 'kill -9 $$'
is "one that a signal ends" "$STATUS" 137
run "$CUTAWAY" measure --name a -- no-such-program
is "one that is not there" "$STATUS" 127
run "$CUTAWAY" measure --name a -- /etc
is "one that is no program" "$STATUS" 126
run "$CUTAWAY" measure --name a --runs 2 -- true --against b -- false
is "one of two fails" "$STATUS" 1
is "and what was kept before is kept" "$(<"$kept/a.json")" "$before"

# Signals. In the background of a script SIGINT would be ignored.
ended_by() { # SIGNAL STATUS
	rm -f "$WORK/pid"
	env --default-signal=INT "$CUTAWAY" measure --name a -- \
		sh -c "echo \$\$ >$WORK/pid; exec sleep 1000" 2>"$WORK/err" &
	local pid=$!
	wait_until 20 test -s "$WORK/pid"
	kill "-$1" "$pid"
	wait "$pid"
	is "SIG$1: ends it" "$?" "$2"
	like "SIG$1: and is told" "$(<"$WORK/err")" 'ended by a signal in warm-up run 1 of a'
	ok "SIG$1: its command has ended" test ! -e "/proc/$(<"$WORK/pid")"
	is "SIG$1: what was kept before is kept" "$(<"$kept/a.json")" "$before"
}
ended_by INT 130
ended_by TERM 143
ended_by HUP 129

# In a lab: its own.
run env CUTAWAY_LAB=1-ab "$CUTAWAY" measure -q --runs 1 --name mine -- true
is "in a lab: kept there" "$STATUS$(ls "$XDG_RUNTIME_DIR/cutaway/labs/1-ab/measures")" 0mine.json
ok "in a lab: known to checks" env CUTAWAY_LAB=1-ab "$CUTAWAY" check measure.mine '!measure.a'
ok "outside: not" "$CUTAWAY" check '!measure.mine'
rm -r "$XDG_RUNTIME_DIR/cutaway/labs"

run "$CUTAWAY" measure --clear b
is "--clear: one" "$STATUS$(names)" "0a.json sleep.json "
run "$CUTAWAY" measure --clear b
like "--clear: one that is not there" "$STATUS$ERR" '^1.*there is none of that name'
run "$CUTAWAY" measure --clear
is "--clear: all" "$STATUS$(names)" 0

# What is not understood.
while IFS='|' read -r words said; do
	read -ra arguments <<<"$words"
	run "$CUTAWAY" measure "${arguments[@]}"
	like "wrong usage: measure $words" "$STATUS $ERR" "^2 .*$said"
done <<'WRONG'
|which command
--|which command
--runs 0 -- true|number from 1 to 10000
--runs 10001 -- true|number from 1 to 10000
--runs 1x -- true|number from 1 to 10000
--warmup -1 -- true|number from 0 to 1000
--unit min -- true|us, ms or s
--name ../x -- true|is no name
--name -- true|is no name
--name a-name-of-more-than-24-letters -- true|is no name
--nonsense -- true|unknown option
--name|needs a value
-- true --against|wants a name and a command
-- true --against b true|wants a name and a command
-- true --against b --|which command
-- true --against b/c -- true|is no name
--name b -- true --against b -- true|two commands with the name
--show --clear|not both
WRONG
is "and nothing is kept of it" "$(names)" ""
done_testing
