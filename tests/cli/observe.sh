#!/usr/bin/env bash
# cutaway state and cutaway check: what verify scripts and instructors call.
. "$ROOT/tests/lib/tap.sh"

tree=$ROOT/tests/fixtures/unshare-hybrid
recorded() {
	run "$CUTAWAY" check --root "$tree" "$@"
}

# ---- check ----
recorded container.hand.ns.uts 'container.hand = building' '!container.hand.ns.net'
is "all hold: exit status" "$STATUS" 0
is "all hold: nothing said" "$OUT$ERR" ""

export CUTAWAY_UNMET=$WORK/unmet
recorded container.hand.ns.net 'container.hand = building' 'container.hand.cgroup.memory.max < 32M'
is "two do not hold: exit status" "$STATUS" 1
is "two do not hold: each said in a line" "$ERR" \
	"container hand has no network namespace of its own yet
memory limit of container hand is '67108864', should be below '32M'"
is "two do not hold: written down" "$(cat "$CUTAWAY_UNMET")" \
	'{"fact":"container.hand.ns.net","wanted":"","text":"container hand has no network namespace of its own yet"}
{"fact":"container.hand.cgroup.memory.max","wanted":"32M","text":"memory limit of container hand is '"'67108864'"', should be below '"'32M'"'"}'
recorded --quiet container.nobody
is "quiet: exit status" "$STATUS" 1
is "quiet: nothing said" "$ERR" ""
is "quiet: written down all the same" "$(wc -l <"$CUTAWAY_UNMET")" 3
CUTAWAY_UNMET=/no/such/place run "$CUTAWAY" check --root "$tree" container.nobody
is "a place that can not be written: fails" "$STATUS" 1
like "a place that can not be written: named" "$ERR" '/no/such/place'
unset CUTAWAY_UNMET

for wrong in '' 'host.hostname @ 3' 'host.colour' 'container.hand.hostname = '; do
	recorded "$wrong"
	is "condition '$wrong': usage error" "$STATUS" 2
	like "condition '$wrong': says where" "$ERR" 'at (character|its end)'
done
recorded container.hand host.colour
is "a wrong one among right ones: usage error" "$STATUS" 2
for args in '' '--list host.hostname' '--wait x host.hostname' '--wait -1 host.hostname' '--wait'; do
	# shellcheck disable=SC2086 # words
	run "$CUTAWAY" check $args
	is "check $args: usage error" "$STATUS" 2
done
recorded --list
is "--list: exit status" "$STATUS" 0
like "--list: a fact of a container" "$OUT" '^container\.hand\.ns\.uts$'
like "--list: a step" "$OUT" '^container\.hand\.step\.hostname$'
like "--list: a control group" "$OUT" '^cgroup\./cutaway/hand$'

# ---- waiting ----
name=observe-$$
ln -s "$(command -v sleep)" "$WORK/$name"
(exec -a "$name" "$WORK/$name" 300) &
sleeper=$!
comm=${name:0:15}
ok "--wait: something that comes" "$CUTAWAY" check --wait 20 "process.$comm"
ok "it is the process that was started" "$CUTAWAY" check "process.$comm = $sleeper"
"$CUTAWAY" check --wait 20 "!process.$comm" &
waiter=$!
kill "$sleeper"
wait "$sleeper" 2>/dev/null
wait "$waiter"
is "--wait: something that goes" $? 0
run "$CUTAWAY" check --wait 0.2 process.no-such-one
is "--wait: the deadline passes: exit status" "$STATUS" 1
is "--wait: the deadline passes: said once" "$ERR" "no process is called no-such-one"

# ---- state ----
run "$CUTAWAY" state --root "$tree"
is "state: exit status" "$STATUS" 0
is "state: one line" "$(wc -l <<<"$OUT")" 1
like "state: the container is in it" "$OUT" '"containers":\[.*"name":"hand"'
run "$CUTAWAY" state --root "$tree" --pretty
is "state --pretty: indented" "$(sed -n 2p <<<"$OUT")" '  "generation": 1,'
run "$CUTAWAY" state --root /no/such/tree
is "state, no such tree: exit status" "$STATUS" 1
like "state, no such tree: named" "$ERR" '/no/such/tree'
for args in '--repeat 0' '--repeat x' 'word' '--root'; do
	# shellcheck disable=SC2086 # words
	run "$CUTAWAY" state $args
	is "state $args: usage error" "$STATUS" 2
done
run "$CUTAWAY" state
unlike "state, this machine: a control group has one path" "$OUT" '"path":"//'
"$CUTAWAY" state >/dev/full 2>"$WORK/full"
is "state: a full disk is told: exit status" $? 1
like "state: a full disk is told" "$(cat "$WORK/full")" ENOSPC

# ---- a tree recorded now, read as the machine itself is ----
ok "record.sh records this process" "$ROOT/tests/record.sh" "$WORK/tree" $$
ok "and it is found in the tree" "$CUTAWAY" check --root "$WORK/tree" "process.$(cat /proc/$$/comm) = $$"
done_testing
