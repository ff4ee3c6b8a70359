#!/usr/bin/env bash
# CPU that a lab at rest uses: idle.sh [SECONDS]. Counts the stage and everything below it.
set -euo pipefail
seconds=${1:-20}
socket=$WORK/idle.socket
trap 'tmux -S "$socket" kill-server 2>/dev/null; rm -f "$socket"' EXIT
tmux -S "$socket" -f /dev/null new-session -d -x 100 -y 30 "exec $CUTAWAY"
pane=$(tmux -S "$socket" display-message -p '#{pane_pid}')

family() {
	local child
	echo "$1"
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do family "$child"; done
}

# utime + stime + those of children waited for, in clock ticks: fields 14 to 17 of proc_pid_stat(5).
ticks() {
	local pid sum=0 fields
	for pid in $(family "$pane"); do
		read -ra fields < <(sed -E 's/.*\) //' "/proc/$pid/stat" 2>/dev/null) || continue
		sum=$((sum + fields[11] + fields[12] + fields[13] + fields[14]))
	done
	echo $sum
}

sleep 5 # the lab settles; a bench may wait
forks() { awk '$1 == "processes" { print $2 }' /proc/stat; }
forks_before=$(forks)
before=$(ticks)
sleep "$seconds"
after=$(ticks)
# A machine where others start processes is not at rest: each is an event to look at.
awk -v n=$((after - before)) -v forks=$(($(forks) - forks_before)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" \
	'BEGIN { printf "%.2f %% of one core (%d processes started by others meanwhile)\n", 100 * n / hz / s, forks }'
