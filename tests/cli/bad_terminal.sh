#!/usr/bin/env bash
# No terminal, a dumb one, a tiny one, no UTF-8: a clear word or a drawing that fits, and the
# terminal as it was.
# Not in user-mode-linux: proven there by hand, left out for its time.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/terminal.sh"

run "$CUTAWAY"
is "no terminal: refused" "$STATUS" 1
like "no terminal: says so" "$ERR" 'terminal'
like "no terminal: says what to do" "$ERR" 'cutaway shell'
is "no terminal: nothing on stdout" "$OUT" ""

run env LC_ALL=C "$CUTAWAY" draw --size 100x30
is "no UTF-8: draw works" "$STATUS" 0
is "no UTF-8: draws in ASCII" "$(LC_ALL=C tr -d '\0-\177' <<<"$OUT")" ""
run env -u LC_ALL LANG=xx_YY.nonsense "$CUTAWAY" draw --size 100x30
is "an unknown locale: draw works" "$STATUS" 0

if ! command -v tmux >/dev/null; then
	skip "dumb and tiny terminals" "no tmux here"
	done_testing
fi

# in_terminal WIDTH HEIGHT COMMAND: types it between two looks at the terminal's modes.
in_terminal() {
	terminal_start "$1" "$2"
	terminal_type "stty -g >$WORK/modes; $3; echo status=\$?; stty -g >$WORK/modes.after"
	terminal_keys Enter
}

modes_kept() {
	is "$1: the terminal is as it was" "$(cat "$WORK/modes.after")" "$(cat "$WORK/modes")"
	ok "$1: nothing is left" wait_until 10 labs_left || diag "$(labs_left)"
	terminal_end
}

in_terminal 100 30 "TERM=dumb $CUTAWAY"
sees "dumb terminal: refused" 20 'status=1'
sees "dumb terminal: says why" 5 'dumb|terminal'
modes_kept "dumb terminal"

in_terminal 100 30 "TERM=no-such-terminal $CUTAWAY"
sees "unknown terminal: refused" 20 'status=1'
modes_kept "unknown terminal"

in_terminal 100 30 "clear; LC_ALL=C $CUTAWAY"
sees "no UTF-8: the lab starts" 20 '^\[1 0/9'
is "no UTF-8: draws in ASCII" "$(terminal_screen | LC_ALL=C tr -d '\0-\177')" ""
wait_for 10 '^\[1 0/9.*[#$] '
terminal_type quit
terminal_keys Enter
sees "no UTF-8: quit" 20 'status=0'
modes_kept "no UTF-8"

in_terminal 20 5 "clear; $CUTAWAY"
lab_starts() {
	compgen -G "$(runtime_dir)/labs/*/lab.json"
}
ok "20x5: the lab starts all the same" wait_until 20 lab_starts
ok "20x5: something is said" wait_until 10 screen_matches '[a-z]{3}'
terminal_resize 100 30
sees "20x5: made larger, it is the lab" 20 '^\[1 0/9.*[#$] '
terminal_type quit
terminal_keys Enter
sees "20x5: quit" 20 'status=0'
modes_kept "20x5"

# Ended from outside, it gives the terminal back as well.
for signal in TERM HUP; do
	in_terminal 100 30 "clear; $CUTAWAY"
	sees "SIG$signal: the lab starts" 20 '^\[1 0/9.*[#$] '
	kill -$signal "$(pgrep -P "$(terminal_pid)" | head -n 1)"
	sees "SIG$signal: it ends" 20 'status='
	wait_until 5 test -e "$WORK/modes.after"
	modes_kept "SIG$signal"
done
done_testing
