#!/usr/bin/env bash
# The page's question in a real terminal: it never swallows a command, and the marks of a page's
# commands stay while the page is turned.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
export CUTAWAY_LESSONS=$ROOT/tests/fixtures/lab
if ! command -v tmux >/dev/null; then
	skip "the page's question" "no tmux here"
	done_testing
fi
typed() {
	terminal_type "$1"
	terminal_keys Enter
}
prompt='\[1 First 1/3\] (✓ )?[^ ]+ [#$]'

terminal_start 80 24 "clear; $CUTAWAY shell --fresh first"
sees "the prompt" 20 '^\[1 First 0/3\]'
typed next
sees "the page" 10 "^$prompt *\$"
typed 'touch ~/one'
sees "a command of the page: the question first" 10 '^A guess first: How many files'
typed 'echo instead-$((1 + 1))'
sees "a command instead of a guess runs" 10 '^instead-2 *$'
sees "and the first one waits on the line" 10 "^$prompt touch ~/one *\$"
ok "it has not run yet" test ! -e "$HOME/one"
terminal_keys Enter
sees "Enter runs it, without asking again" 10 '^✓ Make a file: next *$'

rm -f "$HOME/one"
typed reset
sees "reset: as at the start" 10 'as it was when this page began'
rm -f "$HOME/one"
typed clear
wait_gone 10 'as it was'
typed 'touch ~/one'
sees "asked anew" 10 '^A guess first'
typed 7
sees "a number that is none of them" 10 '^A number from 1 to 2'
typed 'nonsuch'
terminal_keys C-c
sees "Ctrl-C: the command waits on the line" 10 "^$prompt touch ~/one *\$"
terminal_keys C-c

typed 'clear; rm -f ~/one'
typed reset
sees "reset again" 10 'as it was when this page began'
typed 'touch ~/one'
typed ONE
sees "a guess in words; the command is shown again" 10 "^$prompt touch ~/one *\$"
sees "and compared with what happened" 10 'You guessed right: one'

typed back
sees "a page back" 10 '^\[1 First 0/3\]'
typed clear
wait_gone 10 'Back on'
typed next
sees "and forth" 10 "^$prompt *\$"
terminal_keys Enter
sees "what was run is not proposed again" 10 "^$prompt next *\$"
terminal_keys C-c
typed quit
sees "the end" 10 '^at-rest> *$'
rm -f "$HOME/one"
done_testing
