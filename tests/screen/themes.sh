#!/usr/bin/env bash
# Every theme in a real terminal: the stage, and each view in all themes, with NO_COLOR and in a locale without
# UTF-8. What must hold is compared: colours are there or not, the boxes are the same, ASCII is ASCII,
# and a size that changes at any moment leaves a whole drawing.
# Not in user-mode-linux: it is about terminals, not the kernel.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "themes in a terminal" "no tmux here"
	done_testing
fi

# One tmux server, a window for each: open NAME WIDTH HEIGHT COMMAND...
term new-session -d -s base -x 80 -y 24 'read -r'
trap terminal_end EXIT
term set-option -g status off
open() {
	local name=$1 width=$2 height=$3
	shift 3
	term new-session -d -s "$name" -x "$width" -y "$height" \
		"exec env -u TMUX -u TMUX_PANE -u NO_COLOR TERM=tmux-256color $*"
}
plain() { term capture-pane -p -t "=$1:"; }
coloured() { term capture-pane -e -p -t "=$1:"; }
shows() { plain "$1" | grep -qE -- "$2"; }
resize() { term resize-window -t "=$1:" -x "$2" -y "$3"; }

# Boxes, whatever their corners are made of: in ASCII a corner is a plus.
corners() {
	plain "$1" | grep -o '╭' | wc -l
}
# The colours that text has: SGR 30-37, 38, 90-97.
colours() {
	coloured "$1" | grep -oE $'\033''\[[0-9;]*m' | grep -oE '[[;](3[0-7]|38;5;[0-9]+|9[0-7])[;m]' | sort -u | wc -l
}
has_weight() { coloured "$1" | grep -qE $'\033''\[([0-9;]*;)?1[;m]'; }
ascii_only() { [ -z "$(plain "$1" | LC_ALL=C tr -d '\000-\177')" ]; }

# All of them at once: the time is that of one.
themes=(dark light mono contrast large none)
for theme in "${themes[@]}"; do
	open "$theme" 100 32 "$CUTAWAY view kernel --theme $theme"
done
open nocolor 100 32 "NO_COLOR=1 $CUTAWAY view kernel"
open ascii 100 32 "LC_ALL=C $CUTAWAY view kernel"
open stage 120 34 "CUTAWAY_THEME=contrast $CUTAWAY --fresh containers-are-linux"

for theme in "${themes[@]}" nocolor; do
	ok "$theme: drawn" wait_until 20 shows "$theme" '╭ kernel ─' || diag "$(plain "$theme")"
	is "$theme: the boxes of the others" "$(corners "$theme")" "$(corners dark)"
done
for theme in dark light contrast large; do
	ok "$theme: in colours" test "$(colours "$theme")" -ge 2
done
for theme in mono none nocolor; do
	is "$theme: without colours" "$(colours "$theme")" 0
	ok "$theme: weight tells instead" has_weight "$theme"
done
ok "light is not dark" test "$(coloured light)" != "$(coloured dark)"
ok "contrast is not dark" test "$(coloured contrast)" != "$(coloured dark)"

ok "ASCII: drawn" wait_until 20 shows ascii '^\+ kernel -' || diag "$(plain ascii)"
ok "ASCII: nothing else" ascii_only ascii || diag "$(plain ascii)"
is "ASCII: the boxes of the others" "$(plain ascii | grep -oE '\+ [a-z]' | wc -l)" "$(corners dark)"

# Large gives room where there is some.
resize large 160 60
resize contrast 160 60
ok "large: a row between two lines" wait_until 10 eval '
	plain large | grep -A 2 "^╭ kernel ─" | tail -n 1 | grep -q "│ ╭"' || diag "$(plain large)"
ok "contrast: none" wait_until 10 eval '
	plain contrast | grep -A 1 "^╭ kernel ─" | tail -n 1 | grep -q "│ ╭"' || diag "$(plain contrast)"

# Sizes change while it is open, also below what can hold anything.
whole() { # NAME: the outermost box is closed on both sides
	plain "$1" | grep -q '^╭ kernel ─.*╮$' && plain "$1" | grep -q '^╰──.*╯$'
}
for size in 40x10 1x1 200x60 7x3 100x32; do
	resize dark "${size%x*}" "${size#*x}"
	case $size in
	40x10 | 200x60 | 100x32) ok "view at $size: whole" wait_until 10 whole dark || diag "$(plain dark)" ;;
	esac
done

# The lab is ready when the status line says where the learner is.
stage_whole() { shows "${1:-stage}" 'Containers are Linux 0/9' && shows "${1:-stage}" 'user space'; }
ok "stage: drawn" wait_until 20 stage_whole || diag "$(plain stage)"
ok "stage: in colours" test "$(colours stage)" -ge 3
resize stage 40 10
ok "stage at 40x10: one area" wait_until 10 shows stage '\[1 |Containers' || diag "$(plain stage)"
resize stage 1 1
resize stage 200 60
ok "stage at 200x60: whole" wait_until 10 stage_whole || diag "$(plain stage)"
resize stage 120 34
ok "stage as before: whole" wait_until 10 stage_whole || diag "$(plain stage)"
term send-keys -t =stage: F10 F10
ok "stage: ends" wait_until 20 labs_left || diag "$(labs_left)"

# The stage without colours, and without UTF-8.
open stage1 120 34 "NO_COLOR=1 $CUTAWAY --fresh containers-are-linux"
ok "stage, NO_COLOR: drawn" wait_until 20 stage_whole stage1 || diag "$(plain stage1)"
is "stage, NO_COLOR: without colours" "$(colours stage1)" 0
term send-keys -t =stage1: F10 F10
ok "stage, NO_COLOR: ends" wait_until 20 labs_left || diag "$(labs_left)"
open stage2 120 34 "LC_ALL=C $CUTAWAY --fresh containers-are-linux"
ok "stage, ASCII: drawn" wait_until 20 stage_whole stage2 || diag "$(plain stage2)"
ok "stage, ASCII: nothing else" ascii_only stage2 || diag "$(plain stage2)"
term send-keys -t =stage2: F10 F10
ok "stage, ASCII: ends" wait_until 20 labs_left || diag "$(labs_left)"

for theme in "${themes[@]}" nocolor ascii; do
	term send-keys -t "=$theme:" q
done
gone() { [ "$(term list-sessions | wc -l)" = 1 ]; }
ok "q: all views are closed" wait_until 10 gone || diag "$(term list-sessions)"

# ---- every view in every theme ----
# A window for each theme, in which 'q' at one view opens the next one. No title is on the screen of the
# view before.
views=(kernel network toolchain 'image base' 'namespace uts' 'fact host.hostname' host diagram)
titles=('kernel ─' 'network: ' 'toolchain: ' 'image base' 'uts namespaces' 'host name of the machine'
	'user space ─' 'you ─')
if "$CUTAWAY" run -d --name red base sleep 1000 >/dev/null 2>"$WORK/why"; then
	views+=('container red' 'steps red' 'process red')
	titles+=('container red' 'steps of red' 'process [0-9]+ ')
else
	skip "views of a container" "no container can be made here: $(head -n 1 "$WORK/why")"
fi
printf '%s\n' "${views[@]}" >"$WORK/views"
cat >"$WORK/each" <<-'END'
	while read -r view <&3; do
		"$CUTAWAY" view $view
	done 3<"$1"
END
each=(dark light mono contrast large nocolor ascii)
for theme in "${each[@]}"; do
	case $theme in
	nocolor) setting=NO_COLOR=1 ;;
	ascii) setting=LC_ALL=C ;;
	*) setting=CUTAWAY_THEME=$theme ;;
	esac
	open "$theme" 100 32 "CUTAWAY='$CUTAWAY' $setting bash '$WORK/each' '$WORK/views'"
done

# framed TITLE ROW...: the frame, its title, and the bar below. From the first border to the last one each
# row ends in a border in the last column: what is wider would go on in the next row, or hide it.
framed() {
	local title="^(╭|\\+) ${1//─/(─|-)}" row titled=0 bar=0 first=-1 last=-1 i
	shift
	local rows=("$@")
	for i in "${!rows[@]}"; do
		row=${rows[i]}
		[[ $row =~ $title ]] && titled=1
		[[ $row == *'q close' ]] && bar=1
		[[ $row == [╭╰+]* ]] && last=$i && [ "$first" = -1 ] && first=$i
	done
	[ $titled$bar = 11 ] && [ "$first" -lt "$last" ] || return 1
	for row in "${rows[@]:first:last - first + 1}"; do
		[ -z "$row" ] || { [ ${#row} = 100 ] && [[ $row == [╭│╰+\|]*[╮│╯+\|] ]]; } || return 1
	done
}
# drawn THEME TITLE: so, and the colours are as the theme says. The screen is asked for once, without and
# with its escapes: the looker's own processes are what all the views look at.
drawn() {
	local lines coloured=0 escape=$'\033''\[([0-9;]*;)?([34][0-8]|9[0-7]|10[0-7])[;m]' ascii='^[ -~]*$'
	mapfile -t lines < <(term capture-pane -p -t "=$1:" ';' capture-pane -e -p -t "=$1:")
	[ ${#lines[@]} = 64 ] && framed "$2" "${lines[@]:0:32}" || return 1
	[[ ${lines[*]:32} =~ $escape ]] && coloured=1
	case $1 in
	mono | nocolor) [ $coloured = 0 ] ;;
	ascii) local LC_ALL=C && [[ ${lines[*]:0:32} =~ $ascii ]] ;;
	*) [ $coloured = 1 ] ;;
	esac
}
for i in "${!views[@]}"; do
	for theme in "${each[@]}"; do
		ok "${views[i]}, $theme: whole, and as the theme says" wait_until 10 drawn "$theme" "${titles[i]}" ||
			diag "$(coloured "$theme")"
		term send-keys -t "=$theme:" q
	done
done
ok "q: the last ones are closed" wait_until 10 gone || diag "$(term list-sessions)"
"$CUTAWAY" rm -f red >/dev/null 2>&1
done_testing
