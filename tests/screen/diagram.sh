#!/usr/bin/env bash
# The editor of diagrams in a real terminal: drawn by keys, by the mouse and by lines at the prompt,
# graded, at 160x50 and at 80x24.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "the editor of diagrams" "no tmux here"
	done_testing
fi
keys() { terminal_keys "$@"; }
file=$XDG_STATE_HOME/cutaway/diagrams/podman.json

# add NAME BAND TITLE: by keys, until it is focused.
add() {
	keys a
	sees "a: which part?" 10 ' add: '
	terminal_type "$1"
	keys Enter
	sees "$1: in which band?" 10 'stands in: y you'
	keys "$2"
	sees "$1: it stands there, and is focused" 10 "▶ $3 ◀"
}
kept() {
	jq -e "$1" "$file"
}

terminal_start 160 50 "$CUTAWAY" "$ROOT/tests/fixtures/lessons/diagram"
sees "a prompt" 30 '^\[.*0/2'
terminal_type next
keys Enter
sees "the page about a diagram shows it" 20 '╭ another host'
keys F4
sees "F4: the keys are told" 10 'a add +c connect'
add podm u podman
add conm u conmon
keys c
sees "c: to where?" 10 'from conmon to'
keys Escape
wait_gone 10 'from conmon to'
keys Left
sees "Left: podman" 10 '▶ podman ◀'
keys c
sees "c: from podman" 10 'from podman to'
keys Right Enter
sees "which call?" 10 'podman ▶ conmon, by which call'
terminal_type 'HTTP'
keys Enter
sees "the arrow, with its label in the list" 10 '1 podman ─▶ conmon: HTTP'
keys g
sees "g: the score" 10 '2 of 9 parts, 0 of 8 arrows'
sees "g: what is wrong" 10 '✗ +1 podman ─▶ conmon: HTTP'
sees "g: and why" 10 'podman makes a monitor'
keys u u
sees "u: undone" 10 'undo: 2 parts, 0 arrows'

# a line at the prompt, live
keys F3
wait_gone 10 'a add +c connect'
terminal_type "diagram place registry 'another host'"
keys Enter
sees "a line at the prompt changes the drawing beside it" 20 '│ registry │'
keys F4
keys '?'
sees "?: the keys of the editor" 10 'delete a part with its arrows'
keys x

# small: the areas one at a time
terminal_resize 80 24
sees "80x24: the drawing has the screen" 20 '^╭ you ─'
sees "80x24: the bar" 10 'a add +c connect.*g grade'

# the mouse: what is clicked has the focus, and is the second end of an arrow
terminal_click "podman ─"
sees "a click: podman" 10 '▶ podman ─+◀'
keys c
sees "c: from podman again" 10 'from podman to'
terminal_click "conmon ─"
sees "a click: which call?" 10 'podman ▶ conmon, by which call'
terminal_type fork
keys Enter
ok "it is kept" wait_until 10 kept '.arrows[0].label == "fork"'

add cgr k cgroups
keys d
wait_gone 10 '▶ cgroups ◀'
ok "d: deleted" wait_until 10 kept '[.parts[].part] == ["podman", "conmon", "registry"]'
keys g
sees "80x24: g: the score in the bar" 10 '^ 2 of 9 parts, 1 of 8 arrows'
keys NPage
sees "80x24: PgDn shows what was found" 10 '✓ +1 podman ─▶ conmon: fork'
terminal_resize 50 14
sees "50x14: still drawn" 10 'podman'
terminal_resize 80 24
keys F3
terminal_type quit
keys Enter
sees "the lab ends" 20 '^at-rest> $'
ok "the diagram is kept" kept '.task == "podman" and (.arrows | length) == 1'
done_testing
