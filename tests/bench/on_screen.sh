#!/usr/bin/env bash
# From a change in the kernel to the screen: where the kernel tells of processes, and where it does not, in
# another pid namespace. Prints a table. As root in the initial pid namespace, on a machine
# where little else happens: what others start takes from the same budget (shell/stage/budget.h).
#
#   tests/bench/on_screen.sh [PROCESSES [ROUNDS]]     (2000 and 11)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
processes=${1:-2000} rounds=${2:-11}
build=${BUILD:-build}
cutaway=${CUTAWAY:-$build/cutaway}
for program in sleepers on_screen; do
	[ -x "$build/bench/$program" ] || make -s --no-print-directory "$build/bench/$program" >&2
done
forks() { awk '$1 == "processes" { print $2 }' /proc/stat; }
row() { # NAME COMMAND...
	local name=$1 median least most before seconds=$SECONDS
	shift
	before=$(forks)
	read -r median least most < <("$build/bench/on_screen" "$rounds" "$@") || median=- least=- most=-
	seconds=$((SECONDS - seconds))
	echo "| $name | $median | $least | $most | $((($(forks) - before) / (seconds ? seconds : 1))) |"
}

# They end when this shell closes their input, whatever way it ends.
coproc sleepers { exec "$build/bench/sleepers" "$processes"; }
read -r _ <&"${sleepers[0]}"
if [ "${3:-}" = apart ]; then
	row "the lab, where nobody tells of processes" "$cutaway" --fresh
	exit
fi
echo "| from a change in the kernel to the screen, ms; $processes processes, $rounds times | median | 10 % | 90 % | processes started a second |"
echo "| --- | ---: | ---: | ---: | ---: |"
row "the lab" "$cutaway" --fresh
row "\`cutaway view\`" "$cutaway" view host
unshare --pid --fork --kill-child --mount-proc tests/bench/on_screen.sh "$processes" "$rounds" apart
