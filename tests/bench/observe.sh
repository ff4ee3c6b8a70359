#!/usr/bin/env bash
# One observation of a machine with many processes beside lsns, which reads the same links: user and
# system CPU time, in turn, best and median of the rounds. Prints a table.
#
#   tests/bench/observe.sh [PROCESSES [ROUNDS]]     (5000 and 7)
set -euo pipefail
cd "$(dirname "$0")/../.."
processes=${1:-5000} rounds=${2:-7}
build=${BUILD:-build}
cutaway=${CUTAWAY:-$build/cutaway}
make -s --no-print-directory "$build/bench/sleepers" >/dev/null 2>&1 || true
[ -x "$build/bench/sleepers" ] || { echo "observe.sh: build/bench/sleepers is not built" >&2; exit 1; }

# They end when this shell closes their input, whatever way it ends.
coproc sleepers { exec "$build/bench/sleepers" "$processes"; }
read -r ready <&"${sleepers[0]}"
[ "$ready" = ready ]

cpu_ms() { # COMMAND...: its user and system time
	local TIMEFORMAT='%U %S' took
	took=$({ time "$@" >/dev/null 2>&1; } 2>&1)
	awk '{ printf "%.0f\n", ($1 + $2) * 1000 }' <<<"$took"
}

lsns=() ours=() model=()
for ((i = 0; i < rounds; i++)); do
	lsns+=("$(cpu_ms lsns)")
	ours+=("$(cpu_ms "$cutaway" state --quiet)")
	model+=("$(cpu_ms "$cutaway" state)")
done

row() { # NAME SAMPLE...
	local name=$1
	shift
	printf '%s\n' "$@" | sort -n | awk -v name="$name" -v peer="$peer" '
		{ v[NR] = $1 }
		END {
			m = v[int((NR + 1) / 2)]
			printf "| %s | %d ms | %d ms | %.2f |\n", name, v[1], m, m / peer
		}'
}
peer=$(printf '%s\n' "${lsns[@]}" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
echo "| CPU time, $processes processes, $rounds rounds | best | median | of lsns |"
echo "| --- | ---: | ---: | ---: |"
row lsns "${lsns[@]}"
row "one observation" "${ours[@]}"
row "the same, printed as JSON" "${model[@]}"
end=${sleepers[1]}
exec {end}>&-
wait
