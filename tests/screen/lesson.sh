#!/usr/bin/env bash
# A learner does lesson 1 in a real terminal, with keys alone: Enter puts the next command on the line,
# Enter runs it. On the way the terminal changes its size; the learner leaves and comes back.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "lesson 1 with keys" "no tmux here"
	done_testing
fi

lab() {
	field "$(compgen -G "$(runtime_dir)/labs/*/lab.json" | head -n 1)" "$1"
}

lab_at() {
	[ "$(lab step)" = "$1" ]
}

# What the learner's own terminal shows last: the left column below the line that divides it.
last_line() {
	terminal_screen | sed '1,/^────/d' | head -n -1 | sed 's/│.*//; s/ *$//' | grep . | tail -n 1
}

at_rest() {
	last_line | grep -qE '^\[[^]]*\] (✓ )?[^ ]+ [#$]$'
}

asks_or_proposes() {
	[ -n "$(last_line)" ] && ! at_rest
}

asks() {
	last_line | grep -q '^Your guess'
}

# One page: Enter until `next` is proposed, then that too. Fails where the learner would be stuck.
do_page() {
	local page=$1 i
	for ((i = 0; i < 30; i++)); do
		wait_until 30 at_rest || return 1
		terminal_keys Enter
		wait_until 10 asks_or_proposes || return 1
		if asks; then
			terminal_keys Enter
			wait_until 10 asks_or_proposes || return 1
			wait_until 10 eval '! asks' || return 1
		fi
		if last_line | grep -qE '[#$] next$'; then
			terminal_keys Enter
			wait_until 20 lab_at $((page + 1))
			return
		fi
		terminal_keys Enter
	done
	return 1
}

page() {
	ok "page $1: Enter leads through it to the next" do_page "$1" || {
		diag "$(terminal_screen)"
		terminal_end
		done_testing
	}
}

before=$WORK/before
terminal_start 100 30
terminal_type "stty -g >$before; $CUTAWAY; stty -g >$before.after"
terminal_keys Enter
sees "100x30: the lesson's text" 20 'A container is not a small computer'
sees "100x30: the drawing beside it" 10 '│.*user space'
sees "100x30: a prompt" 10 '^\[1 0/9'
page 0
sees "page 1: what is missing is counted" 10 'missing'
sees "page 1: and drawn as still to come" 10 'still to come'
page 1
ok "page 1: its containers run" "$CUTAWAY" check 'container.red = running' \
	'container.green = running' 'container.blue = running'
sees "page 2: the drawing shows the view of the page" 10 'hand|red'

# Sizes: at each the screen is drawn anew and the lab goes on.
terminal_resize 80 24
sees "80x24: one area, with a prompt or a text" 10 'The plan|\[1 2/9'
terminal_keys F4
sees "80x24: F4 shows the drawing" 10 'steps of hand'
terminal_keys F2
sees "80x24: F2 shows the lesson" 10 'The plan'
terminal_keys F3
sees "80x24: F3 shows the terminal" 10 '^\[1 2/9'
terminal_resize 160 50
sees "160x50: lesson and drawing again" 10 'The plan'
sees "160x50: with a prompt" 10 '^\[1 2/9'
terminal_resize 20 5
ok "20x5: the lab lives" wait_until 5 lab_at 2
like "20x5: something is said" "$(terminal_screen)" '[a-z]'
terminal_resize 100 30
sees "100x30 again: the page" 10 'The plan'
sees "100x30 again: the prompt" 10 '^\[1 2/9'

# Pasted lines are text until Enter says otherwise.
wait_until 10 at_rest
term set-buffer $'echo pasted-$((1 + 1))\necho pasted-$((2 + 2))'
term paste-buffer -p
sees "pasting: both lines are on the prompt" 5 '^echo pasted-.\(\(2 \+ 2\)\)'
unlike "pasting: none has run" "$(terminal_screen)" '^pasted-2'
terminal_keys Enter
sees "pasting: Enter runs them" 5 '^pasted-4'

# Leaving and coming back.
wait_until 10 at_rest
terminal_type quit
terminal_keys Enter
sees "quit: back at the shell" 20 '^at-rest> *$'
ok "quit: nothing is left of the lab" wait_until 10 labs_left || diag "$(labs_left)"
is "quit: the terminal is as it was" "$(cat "$before.after")" "$(cat "$before")"
terminal_type "clear; $CUTAWAY"
terminal_keys Enter
sees "coming back: the same page" 20 '^\[1 2/9'

# The containers of page 1 went with the lab; the rest of the lesson makes its own.
for ((n = 2; n < 9; n++)); do page $n; done
sees "the end of the lesson" 10 '9/9'
is "the end: no container is left" "$("$CUTAWAY" ps -q -a 2>/dev/null)" ""
wait_until 10 at_rest
terminal_type quit
terminal_keys Enter
sees "quit at the end: back at the shell" 20 '^at-rest> *$'
ok "the end: nothing is left of the lab" wait_until 10 labs_left || diag "$(labs_left)"
done_testing
