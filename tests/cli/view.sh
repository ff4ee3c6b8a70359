#!/usr/bin/env bash
# `cutaway view`: the drawing in a second terminal. Which lab it follows, through its pages, its end
# and its death; who may look; what it says where it cannot.
# Not in user-mode-linux: proven there by hand, left out for its time.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/terminal.sh"
. "$ROOT/tests/lib/user.sh"

run "$CUTAWAY" view --help
is "help: exit status" "$STATUS" 0
like "help: says how to choose a lab" "$OUT" '\-\-lab NAME'
run "$CUTAWAY" view hots
is "a view that is none: usage" "$STATUS" 2
like "a view that is none: lists them" "$ERR" 'there are host, kernel'
run "$CUTAWAY" view host red
is "a subject for a view that has none: usage" "$STATUS" 2
run "$CUTAWAY" view --theme pink
is "a theme that is none: usage" "$STATUS" 2
like "a theme that is none: lists them" "$ERR" 'dark, light, mono'
run "$CUTAWAY" view
is "no terminal: refused" "$STATUS" 1
like "no terminal: says what to do" "$ERR" 'cutaway draw'
run "$CUTAWAY" view --lab no-such-lab
is "a lab that is none: refused" "$STATUS" 1
like "a lab that is none: says so" "$ERR" 'no-such-lab: no lab is called so'

if ! command -v tmux >/dev/null; then
	skip "views of labs" "no tmux here"
	done_testing
fi

# More terminals on the socket of terminal.sh, whose own is the session `main`: pane NAME COMMAND,
# screen_of NAME, press NAME KEY..., pane_sees TEXT NAME REGEX.
terminal_screen() {
	screen_of main
}
terminal_keys() {
	press main "$@"
}
terminal_type() {
	press main -l -- "$1"
}
terminal_resize() {
	term resize-window -t =main: -x "$1" -y "$2"
}
pane() {
	local name=$1
	shift
	term new-session -d -s "$name" -x 100 -y 30 "env -u TMUX -u TMUX_PANE $*; echo status=\$?; read -r"
}
screen_of() {
	term capture-pane -p -t "=$1:"
}
pane_shows() {
	screen_of "$1" | grep -qE -- "$2"
}
pane_sees() {
	wait_until 20 pane_shows "$2" "$3" && pass "$1" && return
	fail "$1"
	diag "no line of terminal $2 matched: $3"
	diag "$(screen_of "$2")"
}
press() {
	local name=$1
	shift
	term send-keys -t "=$name:" "$@"
}
labs() {
	find "$(runtime_dir)/labs" -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null
}
of_lab() { # NAME: of the only lab there is
	field "$(compgen -G "$(runtime_dir)/labs/*/lab.json" | head -n 1)" "$1"
}

term new-session -d -s main -x 80 -y 24 env -u TMUX -u TMUX_PANE PS1='at-rest> ' bash --norc --noprofile -i
trap terminal_end EXIT
term set-option -g status off
wait_for 5 '^at-rest> $'
terminal_type "$CUTAWAY view; echo status=\$?"
terminal_keys Enter
sees "without a lab: says so" 10 'no lab runs yet'
sees "without a lab: the machine is drawn" 10 'user space'

# The lab comes while somebody waits for it; a second view comes later.
pane lab "$CUTAWAY shell --fresh containers-are-linux"
sees "a lab starts: it is followed" 20 '^ 0/9 Containers are'
pane other "$CUTAWAY view kernel --theme light"
pane_sees "a second view: of its own choice" other 'control groups|cgroups'
pane_sees "a second view: the same lab" other '^ Containers are Linux 0/9'
is "the state is for its owner" "$(stat -c %a "$(runtime_dir)"/labs/*/lab.json)" 600
is "the directory is for its owner" "$(stat -c %a "$(runtime_dir)"/labs/*)" 700

press lab next Enter
sees "a page turns: the view turns with it" 10 '^ 1/9.*Three ordinary'
sees "a page turns: what it asks for is a ghost" 10 '◇(red|green|blue|running)'
terminal_keys v
sees "v: another view" 10 "0 lesson's"
terminal_keys 0
sees "0: the lesson's again" 10 'user space'
terminal_keys '{' '{'
sees "{: a page back, and the screen says so" 10 'THE PAST: state [0-9]+ of [0-9]+, [0-9]+ pages? ago, .*[0-9]:[0-9]{2}:[0-9]{2} '
terminal_keys Escape
ok "Esc: now" wait_gone 10 'THE PAST'
terminal_keys '?'
sees "?: keys" 5 'any key closes this'
terminal_keys x
wait_gone 5 'any key closes this'
for size in 40x10 200x60 1x1 80x24; do
	terminal_resize "${size%x*}" "${size#*x}"
done
sees "other sizes, and back: it is drawn" 10 'user space'

# Two labs: which one is to be said.
pane second "$CUTAWAY shell --fresh containers-are-linux"
wait_until 20 eval '[ "$(compgen -G "$(runtime_dir)/labs/*/lab.json" | wc -l)" = 2 ]'
run "$CUTAWAY" view
is "two labs: refused" "$STATUS" 1
for lab in $(labs); do
	like "two labs: lists $lab" "$ERR" "^  $lab +Containers are Linux, page"
done
second=$(grep -l "\"step\":0" "$(runtime_dir)"/labs/*/lab.json | head -n 1)
second=$(basename "$(dirname "${second:-none}")")
pane named "$CUTAWAY view --lab $second"
pane_sees "two labs: the named one" named '^ Containers are Linux 0/9'
press second quit Enter
pane_sees "the named lab ends: says so" named 'the lab has ended'
press named Escape
pane_sees "the named lab has ended: Esc closes" named '^status=0'
sees "the other lab goes on" 5 '^ 1/9'

# Its stage or terminal dies: the lab is cleared away, and the view says so.
kill -9 "$(of_lab shell_pid)"
sees "the shell is killed: the lab has ended" 20 'the lab has ended'
pane_sees "the shell is killed: the second view says it too" other 'the lab has ended'
pane again "$CUTAWAY shell --fresh containers-are-linux"
sees "the next lab is followed" 20 '^ 0/9'

# The stage dies: its terminal hangs up, and the lab's keeper clears away.
press again quit Enter
sees "the lab ends" 20 'the lab has ended'
pane stage "$CUTAWAY --fresh containers-are-linux"
sees "a lab with a stage is followed" 20 '^ 0/9'
kill -9 "$(pgrep -P "$(term display-message -p -t =stage: '#{pane_pid}')")"
sees "the stage is killed: the lab has ended" 20 'the lab has ended'
ok "the stage is killed: nothing is left" wait_until 10 labs_left || diag "$(labs_left)"
pane again2 "$CUTAWAY shell --fresh containers-are-linux"
sees "the lab after that is followed" 20 '^ 0/9'

# Shell and keeper die at once: nobody clears away.
read -r _ _ keeper _ <"$(compgen -G "$(runtime_dir)/labs/*/ledger")"
kill -STOP "$keeper"
kill -9 "$(of_lab shell_pid)" "$keeper"
sees "all of it is killed: says so" 20 'the lab was killed'
pane dead "$CUTAWAY view"
pane_sees "a dead lab: says so" dead 'the lab was killed'
pane_sees "a dead lab: the machine is drawn" dead 'user space'
ok "clean" "$CUTAWAY" clean
pane_sees "a dead lab, cleaned: has ended" dead 'the lab has ended'
terminal_keys q
sees "q: closes" 5 '^status=0'

# Who may look.
if [ "$(id -u)" != 0 ]; then
	skip "views of other users" "needs root to become somebody else"
	done_testing
fi
pane rootlab "$CUTAWAY shell --fresh containers-are-linux"
wait_until 20 eval '[ "$(of_lab step)" = 0 ]'
user_place
chmod 755 "$WORK"
{
	declare -f as_user user_place
	printf 'USER_UID=%q user_home=%q\nas_user "$@"\n' "$USER_UID" "$user_home"
} >"$WORK/become"
terminal_type "clear; bash $WORK/become cutaway view --runtime $(runtime_dir); echo status=\$?"
terminal_keys Enter
sees "another user: refused" 10 'EACCES'
sees "another user: exit status" 10 '^status=1'
terminal_type "clear; bash $WORK/become env XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR cutaway view; echo status=\$?"
terminal_keys Enter
sees "another user, by the environment: refused" 10 'ermission denied|somebody else'
press rootlab quit Enter
wait_until 20 eval '! labs | grep -q .'
terminal_type "clear; bash $WORK/become cutaway shell --fresh containers-are-linux"
terminal_keys Enter
sees "another user's lab: starts" 20 '^\[1 .*0/9'
pane root "$CUTAWAY view --runtime $user_home/run/cutaway"
pane_sees "root: sees a user's lab" root '^ Containers are Linux 0/9'
terminal_type quit
terminal_keys Enter
pane_sees "root: sees its end" root 'the lab has ended'
ok "nothing is left" wait_until 10 labs_left || diag "$(labs_left)"
done_testing
