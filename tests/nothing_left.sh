#!/usr/bin/env bash
# The last test of all: nothing that the others made is still there.
. "$ROOT/tests/lib/tap.sh"

if [ -z "${CUTAWAY_LEAK_BEFORE:-}" ]; then
	skip "nothing was left behind" "no snapshot from before: run with tests/run.sh --all"
	done_testing
fi
# What ends by itself (a monitor that saw its container go) gets a moment to do so.
wait_until 10 "$ROOT/tests/lib/leak.sh" compare "$CUTAWAY_LEAK_BEFORE"
ok "nothing was left: mounts, control groups, links, files, processes" \
	"$ROOT/tests/lib/leak.sh" compare "$CUTAWAY_LEAK_BEFORE"
done_testing
