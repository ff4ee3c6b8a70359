#!/usr/bin/env bash
# A watch in a lab is drawn while it goes on: the view toolchain of the lab shows each call as it is
# made, in a second terminal; a page that begins has none.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "a watch in a lab" "no tmux here"
	done_testing
fi
cd "$WORK" || exit 1

# pane NAME SIZE COMMAND, and whether NAME shows a line that matches.
pane() {
	term new-session -d -s "$1" -x "${2%x*}" -y "${2#*x}" env -u TMUX -u TMUX_PANE -u LINES -u COLUMNS sh -c "exec $3"
}
shows() {
	term capture-pane -p -t "$1:" | grep -qE -- "$2"
}
pane_sees() {
	ok "$1" wait_until 30 shows "$2" "$3" || diag "$(term capture-pane -p -t "$2:")"
}
shows_not() {
	! shows "$@"
}

trap terminal_end EXIT
pane lab 100x30 "$CUTAWAY shell"
pane_sees "a lab" lab '0/[0-9]+\]'
pane drawing 120x40 "$CUTAWAY view toolchain"
pane_sees "its drawing" drawing 'toolchain: ─▶ started'
# shellcheck disable=SC2016
term send-keys -t lab: -l -- "cutaway watch -q -- bash -c 'unshare -U true; until [ -e $WORK/gate ]; do sleep 0.1; done; unshare -U -u true; exit 3'; echo \"ended \$?\""
term send-keys -t lab: Enter
pane_sees "while it goes on: which command" drawing 'watch.*: bash -c unshare -U true'
pane_sees "while it goes on: a call that was made" drawing '├╴is in another user|unshare\(CLONE_NEWUSER\)'
is "while it goes on: no call that was not" "$(shows_not drawing CLONE_NEWUTS && echo none)" none
touch gate
pane_sees "the next call, when it is made" drawing 'CLONE_NEWUSER.*CLONE_NEWUTS|CLONE_NEWUTS.*CLONE_NEWUSER'
pane_sees "how much of it is told" drawing 'watch, level kernel.*: bash'
term send-keys -t drawing: 1
pane_sees "a key shows what daemons are asked alone" drawing 'watch, level api.*: bash'
ok "which is none of these calls" wait_until 30 shows_not drawing CLONE_NEWUSER
term send-keys -t drawing: +
pane_sees "a key shows more" drawing 'watch, level processes.*: bash'
pane_sees "who starts whom" drawing 'starts as: unshare'
term send-keys -t drawing: 3
pane_sees "the calls again" drawing 'CLONE_NEWUSER.*CLONE_NEWUTS|CLONE_NEWUTS.*CLONE_NEWUSER'
term send-keys -t drawing: '?'
pane_sees "the list of keys has them" drawing '1 2 3 4 .*api'
term send-keys -t drawing: x
pane_sees "its end" drawing 'the command has ended, status 3'
pane_sees "the command ends as without" lab '^ended 3'
term send-keys -t lab: "cutaway watch -q true" Enter
pane_sees "the next watch takes its place" drawing 'watch, level [a-z]+: true'
term send-keys -t lab: "view toolchain processes" Enter
pane_sees "a word at the prompt says how much" drawing 'watch, level processes: true'
term send-keys -t lab: next Enter
ok "a page that begins has none" wait_until 30 shows_not drawing 'watch.*: true' || diag "$(term capture-pane -p -t drawing:)"
term send-keys -t lab: quit Enter
pane_sees "the lab has ended" drawing 'lab has ended|ended'
is "nothing of it is left" "$(find "${XDG_RUNTIME_DIR:-/run}/cutaway/labs" -name watch.jsonl 2>/dev/null)" ""
done_testing
