#!/usr/bin/env bash
# kill -9 of the shell of a lab and of the stage: what the lab made is gone within seconds.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "kill -9 of a lab" "no tmux here"
	done_testing
fi

gone() {
	! kill -0 "$1" 2>/dev/null
}

lab_file() {
	ls "$(runtime_dir)"/labs/*/lab.json 2>/dev/null | head -n 1
}

lab_runs() {
	[ -n "$(lab_file)" ] && [ -n "$(field "$(lab_file)" shell_pid)" ]
}

container_runs() {
	[ "$(field "$(runtime_dir)/containers/$1/state.json" status)" = running ]
}

# crash WHAT COMMAND...: starts the lab, a container in it, kills -9 the process that the lab's file
# calls the shell, or the one that the terminal's shell started, and looks.
crash() {
	local what=$1 name=crash-$1-$$ shell victim init
	shift
	terminal_start 100 30 "$*"
	ok "$what: the lab starts" wait_until 20 lab_runs || diag "$(terminal_screen)"
	shell=$(field "$(lab_file)" shell_pid)
	terminal_type "ct run -d --name $name base sleep 1000"
	terminal_keys Enter
	ok "$what: a container runs in it" wait_until 20 container_runs "$name" ||
		diag "$(terminal_screen)"
	init=$(field "$(runtime_dir)/containers/$name/state.json" pid)
	victim=$shell
	[ "$what" != stage ] || victim=$(pgrep -P "$(terminal_pid)" | head -n 1)
	ok "$what: kill -9" kill -9 "$victim"
	ok "$what: the shell of the lab is gone" wait_until 10 gone "$shell"
	ok "$what: the container's first process is gone" wait_until 10 gone "$init"
	ok "$what: nothing is left of the container" wait_until 10 container_left "$name" ||
		diag "$(container_left "$name")"
	ok "$what: no lab is left" wait_until 10 labs_left || diag "$(labs_left)"
	terminal_end
}

# Hung up at any moment of its start, as by a stage or a terminal that dies: it tidies up. The moments are
# the program's own: in user-mode-linux, where a start takes a second, every fifth is tried.
step=1
! grep -q 'User Mode Linux' /proc/cpuinfo || step=5
mkfifo "$WORK/never"
exec 7<>"$WORK/never"
left=''
{
	for ((i = 1; i <= 60; i += step)); do
		"$CUTAWAY" shell --fresh <&7 >/dev/null &
		lab=$!
		for ((j = 0; j < i * 400; j++)); do :; done # some more microseconds each time
		kill -HUP $lab
		wait $lab
		left+=$(labs_left) # now, since the next one would sweep it
	done
} 2>/dev/null
exec 7>&-
is "hung up while it starts: no lab is left" "$left" ""

crash shell "$CUTAWAY shell"
crash stage "$CUTAWAY"
done_testing
