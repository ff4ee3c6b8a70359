#!/usr/bin/env bash
# What a lab at rest uses, and a view of it in a second terminal: idle.sh [SECONDS]. Processor time and
# wake-ups (voluntary context switches, proc_pid_status(5)), of the stage with everything below it and
# of the view alone.
set -euo pipefail
seconds=${1:-20}
socket=$WORK/idle.socket
trap 'tmux -S "$socket" kill-server 2>/dev/null; rm -f "$socket"' EXIT
tmux -S "$socket" -f /dev/null new-session -d -s lab -x 100 -y 30 "exec $CUTAWAY"
tmux -S "$socket" new-session -d -s view -x 160 -y 50 "exec $CUTAWAY view"
lab=$(tmux -S "$socket" display-message -p -t =lab: '#{pane_pid}')
view=$(tmux -S "$socket" display-message -p -t =view: '#{pane_pid}')

family() {
	local child
	echo "$1"
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do family "$child"; done
}

# utime + stime + those of children waited for, in clock ticks: fields 14 to 17 of proc_pid_stat(5).
ticks() {
	local pid sum=0 fields
	for pid in $(family "$1"); do
		read -ra fields < <(sed -E 's/.*\) //' "/proc/$pid/stat" 2>/dev/null) || continue
		sum=$((sum + fields[11] + fields[12] + fields[13] + fields[14]))
	done
	echo $sum
}

wakeups() {
	local pid
	for pid in $(family "$1"); do
		cat "/proc/$pid/status" 2>/dev/null
	done | awk '$1 == "voluntary_ctxt_switches:" { sum += $2 } END { print sum }'
}

forks() { awk '$1 == "processes" { print $2 }' /proc/stat; }

# Our own looks start processes too, all of them before and after the time that is measured.
look() { echo "$(ticks "$lab") $(wakeups "$lab") $(ticks "$view") $(wakeups "$view") $(forks)"; }

sleep 5 # the lab settles; a bench may wait
read -ra before < <(look)
sleep "$seconds"
read -ra after < <(look)
# A machine where others start processes is not at rest: each is an event to look at.
awk -v before="${before[*]}" -v after="${after[*]}" -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN {
	split(before, b); split(after, a)
	printf "%.2f %% of one core, %.1f wake-ups/s; a view of it: %.2f %%, %.1f wake-ups/s (%d processes started by others meanwhile)\n",
		100 * (a[1] - b[1]) / hz / s, (a[2] - b[2]) / s, 100 * (a[3] - b[3]) / hz / s, (a[4] - b[4]) / s, a[5] - b[5]
}'
