#!/usr/bin/env bash
# Runs a command and writes down what it cost: spent.sh FILE COMMAND...
#
# FILE gets the processor seconds, user and system, of the command and of all that it waited for. What
# went on without a parent (the monitor of a container) is not in them.
file=$1
shift
# timeout(1) signals its whole group: we stay until the command has cleaned up.
trap : TERM INT HUP
"$@"
status=$?
# "0m1.234s 0m0.567s": the second line is of the children, bash(1). Not in a pipe: a shell of its own
# has no children.
times >"$file"
{ read -r _ && read -r user system; } <"$file"
awk -v u="$user" -v s="$system" 'function seconds(t) { split(t, part, /[ms]/); return part[1] * 60 + part[2] }
	BEGIN { printf "%.1f\n", seconds(u) + seconds(s) }' >"$file"
exit $status
