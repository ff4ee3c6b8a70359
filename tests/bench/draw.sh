#!/usr/bin/env bash
# What a drawing costs, by view, machine and size; the bytes that a frame sends; and the same number
# of boxes laid out and written as SVG by graphviz, for scale. Prints tables.
#
#   tests/bench/draw.sh [ROUNDS]     (101)
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-101}
build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$build/bench/draw" "$rounds"
if command -v dot >/dev/null; then
	"$build/bench/draw" --dot >"$work/machine.dot"
	printf '\n'
	"$build/bench/time_pairs" 11 \
		"graphviz dot, 500 boxes as SVG" dot -Tsvg -o "$work/dot.svg" "$work/machine.dot" -- \
		"host view of the same machine as SVG" bash -c 'exec "$0" --svg >"$1"' "$build/bench/draw" "$work/ours.svg"
fi
