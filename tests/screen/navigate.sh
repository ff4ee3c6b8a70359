#!/usr/bin/env bash
# Moving about in the drawing of a lab in a real terminal: focus, zoom from the host to one fact and
# back, search, fold, pan, help, and the mouse. What the last view says is held against the file and
# the command that it names.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "moving about in the drawing" "no tmux here"
	done_testing
fi
keys() { terminal_keys "$@"; }

# The focus has a pointer on either side: the rows and what stands between them.
focus() {
	terminal_screen | grep -n '▶.*◀' | sed 's/:.*▶/:/; s/◀.*//'
}

focus_is_not() {
	[ "$(focus)" != "$1" ]
}

# move_to REGEX KEY: presses KEY until what is focused matches.
move_to() {
	local i before
	for ((i = 0; i < 40; i++)); do
		before=$(focus)
		grep -qE -- "$1" <<<"$before" && return 0
		keys "$2"
		wait_until 10 focus_is_not "$before" || return 1
	done
	return 1
}

moves_to() {
	ok "$1" move_to "$2" "$3" || diag "$(terminal_screen)"
}

asks_for_mouse() {
	[ "$(term display-message -p '#{mouse_any_flag}')" = "$1" ]
}

terminal_start 160 50 "$CUTAWAY"
sees "a prompt" 30 '^\[1 0/9'
terminal_type 'cutaway run -d --name red base sleep 1000'
keys Enter
sees "the drawing has the container" 30 '│.*[╭─].?red ─'
sees "and the prompt is back" 10 '^\[1 0/9[^│]*[#$] +│'
is "nothing is focused while the terminal has the keys" "$(focus)" ""

# ---- the drawing gets the keys ----
ok "the mouse is the terminal's own, to select text with" asks_for_mouse 0
keys F4
sees "F4: the first box is focused" 10 '▶ your shell'
sees "F4: a bar says where we are" 10 ' host .*Enter in'
ok "F4: the mouse is asked for" wait_until 10 asks_for_mouse 1
keys '?'
sees "?: the keys" 10 'Shift-Tab +the next box'
keys x
sees "any key closes them" 10 '▶ your shell'
keys '~'
sees "a key that means nothing says so" 10 'does not know this one'

# ---- search and zoom ----
terminal_type /red
sees "a search counts what it finds" 10 '/red.*[0-9]+ here'
keys Enter
moves_to "n goes on to the container" '.?red ─' n
keys Escape
sees "Esc ends the search" 10 ' host .*Enter in'
keys Enter
sees "Enter: the container" 10 'host ▸ container red'
moves_to "down to its first process" '1 sleep 1000' Down
keys Enter
sees "Enter: that process" 10 'container red ▸ process [0-9]+'
moves_to "Tab goes from box to box" 'namespaces ─' Tab
moves_to "down to one namespace" 'uts ' Down
keys Enter
sees "Enter: one fact" 10 'uts:\[[0-9]+\]'
sees "with its file" 10 '│ /proc/[0-9]+/ns/uts'
path=$(terminal_screen | grep -oE '│ /proc/[0-9]+/ns/uts' | cut -d' ' -f2)
command=$(terminal_screen | grep -oE '\$ readlink /proc/[0-9]+/ns/uts' | cut -c3-)
is "the file says the same" "$(readlink "$path")" "$(terminal_screen | grep -oE 'uts:\[[0-9]+\]' | head -n 1)"
is "and so does the command" "$(bash -c "$command")" "$(readlink "$path")"
like "who is in it is listed" "$(terminal_screen)" '[0-9]+ \(1 inside\) sleep 1000 +red'
keys BSpace
ok "Backspace: the process again, at the same row" wait_until 10 eval 'focus | grep -q "uts "'
keys Escape
sees "Esc: the container again" 10 'host ▸ container red +Enter in'
keys Escape
sees "Esc, Esc: where it began" 10 ' host .*Esc leaves'
ok "at the container" wait_until 10 eval 'focus | grep -q "red ─"'

# ---- fold, pan ----
keys Space
sees "Space folds" 10 '[0-9] folded'
keys Space
wait_gone 10 '[0-9] folded'
is "and unfolds" "$(terminal_screen | grep -c '[0-9] folded')" 0
keys F4
sees "F4 once more: the drawing over the whole screen" 10 '^╭ user space'
terminal_resize 80 24
keys g
sees "80x24: the first box" 10 '▶ your shell'
keys NPage
sees "PgDn: all that there is" 10 'rows 1-[0-9]+ of [0-9]+'
keys NPage
sees "and further down" 10 'rows ([2-9]|[1-9][0-9]+)-[0-9]+ of'
keys PPage PPage PPage PPage
wait_gone 10 'rows [0-9]+-'
is "PgUp: it fits again" "$(terminal_screen | grep -cE 'rows [0-9]+-')" 0

# ---- the mouse ----
keys g
terminal_click 'namespaces ('
ok "a click focuses" wait_until 10 eval 'focus | grep -q "namespaces ("'
terminal_click 'namespaces ('
sees "a second one zooms" 10 'host ▸ kernel'
keys Escape
sees "and back" 10 'Esc leaves'
# From the top: what has the focus stays in sight, and a list above may be long.
keys g
sees "the first box" 10 '▶ your shell'
terminal_mouse 65 10 10
sees "the wheel pans" 10 'rows 1-'
terminal_mouse 64 10 10
sees "the wheel up: it fits again" 10 ' host .*Esc leaves'

# ---- back to the terminal ----
terminal_resize 160 50
keys Escape
sees "Esc: the terminal" 10 '^\[1 0/9[^│]*[#$] +│'
is "nothing is focused any more" "$(focus)" ""
keys Escape
sees "Esc once too often: not the terminal's" 10 'The terminal has the keys again'
keys F4
sees "F4: the drawing has the keys" 10 'Esc leaves'
keys F3
sees "F3 gives them back, all three in sight" 10 '^\[1 0/9[^│]*[#$] +│'
ok "the mouse is given back" wait_until 10 asks_for_mouse 0
terminal_type "printf '\\033[?1000h'; cat -v; printf '\\033[?1000l'"
keys Enter
ok "a program in the terminal gets the mouse that it asks for" wait_until 10 asks_for_mouse 1
terminal_mouse 0 5 40
sees "and the click, where it was in its own terminal" 10 '^\^\[\[M &[^│]'
keys Enter C-d
ok "until it ends" wait_until 10 asks_for_mouse 0
terminal_type 'echo typed-$((1 + 1))'
keys Enter
sees "keys are the shell's" 10 '^typed-2'
keys F10
sees "F10 asks once" 10 'once more ends the lab'
keys F10
sees "the lab ends" 30 '^at-rest> *$'
ok "nothing is left of it" wait_until 10 labs_left || diag "$(labs_left)"

# ---- without colour, without UTF-8 ----
terminal_resize 80 24
terminal_type "clear; LC_ALL=C NO_COLOR=1 $CUTAWAY"
keys Enter
sees "ASCII: a lab" 30 '0/9'
keys F4
sees "ASCII: the focus is seen" 10 '> your shell -+<'
terminal_type /daemons
sees "ASCII: and what was searched for" 10 '> daemons -+<'
is "ASCII: nothing else is sent" "$(terminal_screen | LC_ALL=C grep -c '[^ -~]')" 0
keys Escape
sees "ASCII: Esc ends the search" 10 'Enter in'
keys F10
sees "ASCII: F10 asks once" 10 'once more ends the lab'
keys F10
sees "ASCII: the lab ends" 30 '^at-rest> *$'
done_testing
