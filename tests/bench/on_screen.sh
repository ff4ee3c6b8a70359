#!/usr/bin/env bash
# From a change in the kernel to the screen: where the kernel tells of processes, and where it does not, in a
# pid namespace and to an ordinary user. Prints a table. As root in the initial pid namespace, on a machine
# where little else happens: what others start takes from the same budget (shell/stage/budget.h).
#
#   tests/bench/on_screen.sh [PROCESSES [ROUNDS]]     (2000 and 11)
set -euo pipefail
cd "$(dirname "$0")/../.."
processes=${1:-2000} rounds=${2:-11}
build=${BUILD:-build}
cutaway=${CUTAWAY:-$build/cutaway}
for program in sleepers on_screen; do
	[ -x "$build/bench/$program" ] || make -s --no-print-directory "$build/bench/$program" >&2
done
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"
install -d -o 54321 -g 54321 -m 700 "$work/user"
as_user=(setpriv --reuid 54321 --regid 54321 --clear-groups
	env HOME="$work/user" XDG_RUNTIME_DIR="$work/user" XDG_DATA_HOME="$work/user" XDG_STATE_HOME="$work/user")

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
echo "| from a change in the kernel to the screen, ms; $processes processes, $rounds times | median | 10 % | 90 % | processes started a second |"
echo "| --- | ---: | ---: | ---: | ---: |"
row "the lab" "$cutaway" --fresh
row "\`cutaway view\`" "$cutaway" view host
row "the lab, in a pid namespace of its own" unshare --pid --fork --kill-child --mount-proc "$cutaway" --fresh
row "\`cutaway view\` of an ordinary user" "${as_user[@]}" "$cutaway" view host
