#!/usr/bin/env bash
# What it costs to be watched: `runc run` of a container that does nothing, alone, under cutaway watch
# and under strace with the same calls, in turn. Prints tables in Markdown.
#
#   tests/bench/watch.sh [ROUNDS]     (30); root, runc and strace
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-30}
build=${BUILD:-$PWD/build} cutaway=${CUTAWAY:-$PWD/build/cutaway}
if ! command -v strace >/dev/null || ! command -v runc >/dev/null; then
	echo "Not measured: that takes strace and runc."
	exit 0
fi
work=$(mktemp -d /tmp/cutaway-bench-watch.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
mkdir -p "$work/bundle/rootfs"/{bin,proc,dev,sys,tmp}
cp "$(command -v busybox)" "$work/bundle/rootfs/bin/true"
(cd "$work/bundle" && runc spec)
sed -i -e 's/"terminal": true/"terminal": false/' -e 's,"sh","/bin/true",' -e 's,"sh","true",; s,^\(\t*\)"sh"$,\1"/bin/true",' "$work/bundle/config.json"

# The calls of kernel/watch/call.c.
calls=$(sed -n 's/^ *{"\([a-z0-9_]*\)", {.*/\1/p' kernel/watch/call.c | paste -sd,)
container() { echo runc --root "$work/runc" run --bundle "$work/bundle" "bench-$1"; }
# shellcheck disable=SC2046 # words
"$build/bench/time_pairs" "$rounds" \
	"runc run" $(container alone) -- \
	"cutaway watch, recorded" "$cutaway" watch -q -o "$work/record" $(container watched) -- \
	"strace -f --seccomp-bpf, the same calls" strace -f --seccomp-bpf -e signal=none -e trace="$calls" -o "$work/strace" $(container bpf) -- \
	"strace -f, the same calls" strace -f -e signal=none -e trace="$calls" -o "$work/strace" $(container strace)
