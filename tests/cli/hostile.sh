#!/usr/bin/env bash
# What a bad day brings: closed and full outputs, odd names, damaged files, a disk that is full or
# read-only, a caller that dies. Each is told, and nothing is left.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
name=hostile-$$

# ---- standard streams -------------------------------------------------------------------------
for words in "--help" "run --plan base" ps doctor lessons images clean "check --list" state; do
	# shellcheck disable=SC2086 # words
	ERR=$("$CUTAWAY" $words 2>&1 >/dev/full)
	is "$words, to a full disk: exit status" "$?" 1
	like "$words, to a full disk: told" "$ERR" 'write: .*(No space|could be written)'
done
ERR=$("$CUTAWAY" ps 2>&1 >&-)
is "a closed output: exit status" "$?" 1
like "a closed output: told" "$ERR" 'Bad file descriptor'
"$CUTAWAY" run --rm --name $name base sh -c 'ls /proc/self/fd >/out; echo lost' >&- 2>/dev/null
is "a container with a closed output fails as without us" "$?" 1
OUT=$("$CUTAWAY" run --rm --name $name base cat <&-)
is "a container with a closed input reads nothing" "$?$OUT" 0
OUT=$(set -o pipefail; "$CUTAWAY" state 2>&1 | head -c 1)
like "a reader that stops early ends it, without a word" "$?$OUT" '^(0|141)\{$'


# A pipe that the caller has open elsewhere ends although the container runs on.
ok "an inherited pipe is not kept open by the monitor" timeout 20 bash -c \
	'x=$({ "$0" run -d --name "$1" base sleep 1000 9>&1 >/dev/null; })' "$CUTAWAY" $name
ok "and the container runs" "$CUTAWAY" exec $name true
"$CUTAWAY" rm -f $name >/dev/null

# ---- words ------------------------------------------------------------------------------------
long=$(printf 'n%.0s' {1..300})
for odd in ../x /etc . .. '' 'a b' a/b $'a\nb' $'a\033[31m' -x é "$long"; do
	run "$CUTAWAY" run --rm --name "$odd" base true
	is "name ${odd:0:10}: wrong usage" "$STATUS" 2
	unlike "name ${odd:0:10}: the message is safe to show" "$ERR" $'\033'
done
for command in inspect logs stop kill rm; do
	run "$CUTAWAY" $command -- $'../a\033[31m'
	is "$command of an odd name: refused" "$STATUS" 1
	unlike "$command of an odd name: the message is safe to show" "$ERR" $'\033'
done
for words in "--hostname $long" "--workdir relative" "--user 1nobody" "--user 1:2:3" "--env =x"; do
	# shellcheck disable=SC2086 # words
	run "$CUTAWAY" run --rm $words base true
	is "run ${words:0:20}: wrong usage" "$STATUS" 2
done
is "nothing came of all that" "$(ls -A "$(runtime_dir)/containers" 2>/dev/null)" ""

# ---- damaged files ----------------------------------------------------------------------------
"$CUTAWAY" run -d --name $name base sleep 1000 >/dev/null
state=$(runtime_dir)/containers/$name/state.json
init=$(field "$state" pid)
for text in '{' '[]' '' '{"monitor_pid":1,"pid":-1,"status":7}'; do
	printf '%s' "$text" >"$state"
	run "$CUTAWAY" ps -a
	is "state.json is '$text': ps" "$STATUS" 0
	run "$CUTAWAY" state
	is "state.json is '$text': state" "$STATUS" 0
	run "$CUTAWAY" exec $name true
	ok "state.json is '$text': exec refuses" test "$STATUS" -ne 0
done
echo '{' >"$state"
run "$CUTAWAY" rm $name
is "a damaged one that lives is not removed without --force" "$STATUS" 1
ok "it lives" kill -0 "$init"
ok "with --force it is" "$CUTAWAY" rm -f $name
ok "and nothing is left" container_left $name || diag "$(container_left $name)"
ok "not even its directory" test ! -e "${state%/*}"
"$CUTAWAY" run --name $name base true
echo '{' >"$state"
ok "a damaged one that has ended is removed" "$CUTAWAY" rm $name

# ---- a caller that dies -----------------------------------------------------------------------
# The caller is killed at any moment while its monitor builds the container. Whatever came of it is in
# order: it runs, or there is nothing of it.
{
	for ((i = 1; i <= 12; i++)); do
		"$CUTAWAY" run -d --name $name-$i base sleep 1000 >/dev/null &
		caller=$!
		for ((j = 0; j < i * 200; j++)); do :; done # some more microseconds each time
		kill -9 $caller
		wait $caller
	done
} 2>/dev/null
settled() {
	local d
	for d in "$(runtime_dir)/containers"/*; do
		[ ! -e "$d" ] || [ "$(field "$d/state.json" status)" = running ] || return 1
	done
}
ok "killed callers: what runs, runs in order" wait_until 10 settled ||
	diag "$("$CUTAWAY" ps -a)"
"$CUTAWAY" clean --all >/dev/null
is "killed callers: nothing is left" "$(ls -A "$(runtime_dir)/containers")" ""
is "killed callers: no files either" "$(data_files)" ""
done_testing
