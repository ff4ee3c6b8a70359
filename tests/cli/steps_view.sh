#!/usr/bin/env bash
# The plan of a container in the drawing: each step with the object that it made, as the files of
# /proc have it; and a step that fails, in every view that shows the container.
# Not in user-mode-linux: the kernel has no part in it that other tests do not ask.
. "$ROOT/tests/lib/tap.sh"

# shellcheck disable=SC2317 # called by the trap
end() {
	"$CUTAWAY" clean --all >/dev/null 2>&1
}
trap end EXIT
pid_of() {
	"$CUTAWAY" inspect "$1" | jq -r '.. | .pid? // empty' | head -n 1
}
inode() { # TYPE
	readlink "/proc/$(pid_of hand)/ns/$1" | tr -dc 0-9
}

run "$CUTAWAY" draw steps --size 100x40
is "without a container: exit status" "$STATUS$ERR" 0
like "without a container it says how to get one" "$OUT" 'cutaway run -d --step --name hand base'

"$CUTAWAY" run -d --step --name hand base sleep 1000 >/dev/null
run "$CUTAWAY" draw steps --size 100x50
like "planned: the first step is next" "$OUT" 'steps of hand: step 1 of [0-9]+ is next'
like "planned: nothing is done" "$OUT" ' 0 done, [0-9]+ to come'
"$CUTAWAY" step --to rootfs hand >/dev/null
run "$CUTAWAY" draw steps --size 120x50
for type in mnt uts ipc; do
	like "done: the $type namespace by its number" "$OUT" \
		"✓ +[0-9]+ namespace-$type +$type namespace $(inode $type) +unshare\\(CLONE_NEW"
done
like "done: the process" "$OUT" "✓ +[0-9]+ clone +process $(pid_of hand), pid namespace $(inode pid)"
like "done: its mount is there" "$(cat "/proc/$(pid_of hand)/mountinfo")" '/hand/merged .* - overlay overlay '
like "done: its mount, as its mount table has it" "$OUT" "mount overlay on .*/hand/merged"
like "next: what it will make is a ghost" "$OUT" '→ +[0-9]+ mount-proc +◇mount proc on /proc'
like "next: by which call" "$OUT" 'mount\("proc", "/proc", "proc"'
like "next: what to type" "$OUT" 'cutaway step hand'
run "$CUTAWAY" draw steps hand --size 80x24
like "in a small window the next is in sight" "$OUT" '→ +[0-9]+ mount-proc'
like "and what is not is counted, above" "$OUT" '\+[0-9]+ done above'
like "and below" "$OUT" '\+[0-9]+ more'
is "the facts: a step done" "$("$CUTAWAY" check container.hand.step.rootfs=done && echo yes)" yes
"$CUTAWAY" step --all hand >/dev/null
run "$CUTAWAY" draw steps hand --size 120x60
like "through: all are done" "$OUT" 'steps of hand: all [0-9]+ done'
like "through: the program" "$OUT" "✓ +[0-9]+ exec +process $(pid_of hand) is now sleep 1000"
"$CUTAWAY" rm -f hand >/dev/null

"$CUTAWAY" run -d --step --name broken base /no/such/program >/dev/null
run "$CUTAWAY" step --all broken
is "a program that is not there: the step fails" "$STATUS" 1
run "$CUTAWAY" draw steps broken --size 120x60
like "failed: says which" "$OUT" '✗steps of broken: step [0-9]+ failed'
like "failed: with its errno" "$OUT" '✗.*step exec: .*/no/such/program.*'
like "failed: and the name of that" "$OUT" '\(ENOENT\)'
run "$CUTAWAY" draw host --size 200x60
like "failed: in the machine's view" "$OUT" '╭✗broken ─'
like "failed: with its errno there, too" "$OUT" 'ENOENT'
ok "failed: as a fact" "$CUTAWAY" check 'container.broken.step.exec = failed' 'container.broken.step.exec.error ~ ENOENT'
done_testing
