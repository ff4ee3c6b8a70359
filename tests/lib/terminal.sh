# shellcheck shell=bash
# A real terminal for a test: tmux on a private socket. Source after tap.sh.
#
#   terminal_start WIDTH HEIGHT COMMAND...   a shell in which COMMAND is typed; ended by the script's end
#   terminal_keys KEY...                     as tmux send-keys: text, Enter, Tab, C-c, F2
#   terminal_type TEXT                       text as it stands
#   terminal_mouse BUTTON COLUMN ROW         what a terminal reports of the mouse; 0 left, 3 let go, 64 65 the wheel
#   terminal_click TEXT                      on the first place that shows it, as soon as one does
#   terminal_resize WIDTH HEIGHT
#   terminal_screen                          what is to be seen now
#   wait_for SECONDS REGEX                   until a line of the screen matches; fails at the deadline
#   wait_gone SECONDS REGEX                  until no line matches
#   sees TEXT SECONDS REGEX                  a test: wait_for, with the screen shown on failure
#   terminal_pid                             of the shell that holds the terminal
#   terminal_end
terminal_socket=$WORK/tmux.socket

term() {
	tmux -S "$terminal_socket" -f /dev/null "$@"
}

# The shell in it has no start-up files and a prompt that nothing else prints. `exec`ed commands get
# the size of the terminal from the terminal: LINES and COLUMNS are not in the environment.
terminal_start() {
	local width=$1 height=$2
	shift 2
	trap terminal_end EXIT
	term new-session -d -x "$width" -y "$height" \
		env -u TMUX -u TMUX_PANE -u LINES -u COLUMNS PS1='at-rest> ' \
		TERM="${TERMINAL_TERM:-tmux-256color}" bash --norc --noprofile -i
	term set-option -g status off
	term set-option -g window-size manual
	term set-option -g escape-time 10
	wait_for 5 '^at-rest> $' || return 1
	[ $# -eq 0 ] || {
		terminal_type "$*"
		terminal_keys Enter
	}
}

terminal_keys() {
	term send-keys "$@"
}

terminal_type() {
	term send-keys -l -- "$1"
}

# As tmux sends it: each number with 32 added, places counted from 1.
terminal_mouse() {
	local report
	printf -v report '\\033[M\\x%02x\\x%02x\\x%02x' $(($1 + 32)) $(($2 + 33)) $(($3 + 33))
	printf -v report '%b' "$report"
	terminal_type "$report"
}

terminal_click() {
	wait_until 10 terminal_click_now "$1"
}

terminal_click_now() {
	local row=0 line
	while IFS= read -r line; do
		case $line in
		*"$1"*)
			line=${line%%"$1"*}
			terminal_mouse 0 ${#line} $row
			terminal_mouse 3 ${#line} $row
			return 0
			;;
		esac
		row=$((row + 1))
	done < <(terminal_screen)
	return 1
}

terminal_resize() {
	term resize-window -x "$1" -y "$2"
}

terminal_screen() {
	term capture-pane -p
}

terminal_pid() {
	term display-message -p '#{pane_pid}'
}

# tmux cuts trailing blanks off, so does a REGEX that ends in one mean what it says. No pipe into grep: it
# ends at the first match, and who writes to it then fails.
screen_matches() {
	local screen
	screen=$(terminal_screen | sed 's/$/ /; s/ *$/ /')
	grep -qE -- "$1" <<<"$screen"
}

screen_lacks() {
	! screen_matches "$1"
}

wait_for() {
	wait_until "$1" screen_matches "$2"
}

wait_gone() {
	wait_until "$1" screen_lacks "$2"
}

sees() {
	if wait_for "$2" "$3"; then
		pass "$1"
	else
		fail "$1"
		diag "no line of the screen matched within $2 s: $3"
		diag "$(terminal_screen)"
		return 1
	fi
}

terminal_end() {
	term kill-server 2>/dev/null
	rm -f "$terminal_socket"
}
