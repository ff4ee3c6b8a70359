#!/usr/bin/env bash
# Who is inside a container leaves it by Ctrl-D or exit, and does so once too often: the lab asks.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "leaving the lab with keys" "no tmux here"
	done_testing
fi
export CUTAWAY_LESSONS=$ROOT/tests/fixtures/lab

# say LINE
say() {
	terminal_type "$1"
	terminal_keys Enter
}

# opens TEXT: the lab, with nothing on the screen that another one has left there: a key would come too early.
opens() {
	say clear
	wait_gone 10 '^\[1 '
	say "$CUTAWAY shell"
	sees "$1" 30 '^\[1 .*[#$] '
}

terminal_start 80 24
opens "the prompt"
terminal_keys C-d
sees "Ctrl-D asks" 10 "Ctrl-D once more, or 'quit', ends the lab"
say 'echo still-$((40 + 2))'
sees "and the lab is still there" 10 '^still-42'
say 'clear; bash --norc'
sees "a shell in the shell" 10 '^bash-'
say exit
sees "its exit is its own" 10 '^\[1 .*[#$] '
say 'clear; exit 3'
sees "exit with a status means it" 30 '^at-rest> *$'
opens "the prompt again"
say exit
sees "exit asks" 10 "'exit' once more, or 'quit', ends the lab"
say exit
sees "the second one ends the lab" 30 '^at-rest> *$'
opens "the prompt a third time"
terminal_keys C-d
sees "Ctrl-D asks again" 10 'Ctrl-D once more'
terminal_keys C-d
sees "the second Ctrl-D ends the lab" 30 '^at-rest> *$'
ok "nothing is left of it" wait_until 10 labs_left || diag "$(labs_left)"
terminal_end
done_testing
