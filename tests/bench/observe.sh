#!/usr/bin/env bash
# What looking costs on a machine with many processes, beside lsns, which reads the same links: user and
# system CPU time, in turn, best and median of the rounds; how long a change takes to the screen; the whole
# beside the goals. Prints tables. As root in the initial pid namespace, where the kernel tells of processes.
#
#   tests/bench/observe.sh [PROCESSES [ROUNDS [ON-SCREEN]]]     (5000, 7 and 2000)
set -euo pipefail
cd "$(dirname "$0")/../.."
processes=${1:-5000} rounds=${2:-7} on_screen=${3:-2000}
build=${BUILD:-build}
cutaway=${CUTAWAY:-$build/cutaway}
for program in sleepers observe; do
	[ -x "$build/bench/$program" ] || make -s --no-print-directory "$build/bench/$program" >&2
done

# They end when this shell closes their input, whatever way it ends.
crowd() {
	coproc sleepers { exec "$build/bench/sleepers" "$1"; }
	read -r ready <&"${sleepers[0]}"
	[ "$ready" = ready ]
	end=${sleepers[1]}
}
leave() {
	exec {end}>&-
	wait
}

cpu_ms() { # COMMAND...: its user and system time
	local TIMEFORMAT='%U %S' took
	took=$({ time "$@" >/dev/null 2>&1; } 2>&1)
	awk '{ printf "%.0f\n", ($1 + $2) * 1000 }' <<<"$took"
}

crowd "$processes"
lsns=() ours=() model=() first=() fork=()
for ((i = 0; i < rounds; i++)); do
	lsns+=("$(cpu_ms lsns)")
	ours+=("$(cpu_ms "$cutaway" state --quiet)")
	model+=("$(cpu_ms "$cutaway" state)")
	read -r one next < <("$build/bench/observe" 51)
	first+=("$one") fork+=("$next")
done
leave

middle() {
	printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
row() { # NAME UNIT SCALE SAMPLE...: in UNIT, of which a millisecond has SCALE
	local name=$1 unit=$2 scale=$3
	shift 3
	printf '%s\n' "$@" | sort -n | awk -v name="$name" -v unit="$unit" -v scale="$scale" -v peer="$peer" '
		{ v[NR] = $1 }
		END {
			m = v[int((NR + 1) / 2)]
			printf "| %s | %.4g %s | %.4g %s | %.3f |\n", name, v[1], unit, m, unit, m / scale / peer
		}'
}
peer=$(middle "${lsns[@]}")
echo "| CPU time, $processes processes, $rounds rounds | best | median | of lsns |"
echo "| --- | ---: | ---: | ---: |"
row lsns ms 1 "${lsns[@]}"
row "one observation, program start and all" ms 1 "${ours[@]}"
row "the same, printed as JSON" ms 1 "${model[@]}"
row "the first observation of a program that stays" ms 1 "${first[@]}"
row "the next one, after a fork (median of 51)" µs 1000 "${fork[@]}"
echo

BUILD=$build CUTAWAY=$cutaway tests/bench/on_screen.sh "$on_screen"
echo
echo "Load of the machine meanwhile: $(cut -d' ' -f1 /proc/loadavg)."
