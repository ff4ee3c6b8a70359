#!/usr/bin/env bash
# Not in user-mode-linux: what a command line says no kernel changes.
# The words of cutaway-oci as engines and suites write them: those of runc and those of crun, in both
# places an option may stand; what is not known, and with which exit status; what programs parse.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"
private_mounts "$@"

# ---- asked about itself ----------------------------------------------------------------------------
run "$OCI" --version
is "--version: 'NAME version NUMBER' first, as engines read it" "$STATUS$(head -n 1 <<<"$OUT")" "0cutaway-oci version 0.1"
like "--version: and the specification" "$OUT" '^spec: 1\.[0-9]+\.[0-9]+$'
run "$OCI" -v
is "-v: the same" "$STATUS$(head -n 1 <<<"$OUT")" "0cutaway-oci version 0.1"
run "$OCI" --help
is "--help: status" "$STATUS$ERR" 0
commands=$(awk '/^Each command/ { exit } /^  [a-z]/ { print $1 }' <<<"$OUT")
for word in create start state kill delete run exec list ps pause resume spec features; do
	like "--help: lists $word" "$commands" "^$word\$"
done
for word in $commands; do
	run "$OCI" "$word" --help
	is "$word --help: status" "$STATUS$ERR" 0
	like "$word --help: how it is used" "$OUT" "^Usage: cutaway-oci $word"
	like "$word --help: its exit statuses" "$OUT" '^Exit status: '
	run "$OCI" "$word" --no-such-option
	is "$word: an unknown option is wrong usage" "$STATUS" 2
	like "$word: and is named" "$ERR" "^cutaway-oci $word: .*--no-such-option"
done
run "$OCI"
is "no command: wrong usage" "$STATUS" 2
run "$OCI" no-such-command
is "an unknown command: wrong usage" "$STATUS" 2
like "an unknown command: is named" "$ERR" "'no-such-command'"
for word in start state kill delete pause resume ps create run exec; do
	run "$OCI" "$word"
	is "$word: without an id is wrong usage" "$STATUS" 2
done
for word in start state delete pause resume ps; do
	run "$OCI" --root "$WORK/root" "$word" one two
	is "$word: of two is wrong usage" "$STATUS" 2
done
for word in start state kill delete pause resume ps; do
	run "$OCI" --root "$WORK/root" "$word" nobody
	is "$word: one that is not there" "$STATUS" 1
	like "$word: in the words that engines know" "$ERR" 'nobody: container does not exist'
done

# ---- before the command ----------------------------------------------------------------------------
for words in "--debug" "--log-level debug" "--rootless true" "--rootless=auto" "--cgroup-manager cgroupfs" \
	"--cgroup-manager=disabled" "--log-format json" "--log-format=text" "--log $WORK/log" "--log=file:$WORK/log"; do
	# shellcheck disable=SC2086 # words
	run "$OCI" --root "$WORK/root" $words list -q
	is "accepted: $words" "$STATUS$OUT$ERR" 0
done
for words in "--cgroup-manager systemd" "--systemd-cgroup"; do
	# shellcheck disable=SC2086 # words
	run "$OCI" --root "$WORK/root" $words list
	is "refused: $words" "$STATUS" 2
	like "refused: $words, and what to do" "$ERR" 'systemd are not supported: use the cgroupfs driver'
done
for words in "--cgroup-manager none" "--log-format xml" "--log syslog:id" "--log=journald:id" "--log=invalid:/path" \
	"--log file:" "--root"; do
	# shellcheck disable=SC2086 # words
	run "$OCI" $words list
	is "refused: $words" "$STATUS" 2
done
run "$OCI" --log "file:$WORK/log" --log-format json --root "$WORK/root" state nobody
is "--log file: the message goes to standard error" "$STATUS" 1
like "--log file: and, as JSON, into the file" "$(<"$WORK/log")" '^\{.*"level": ?"error".*container does not exist'
(cd "$WORK" && "$OCI" --log rel.log --root root state nobody 2>/dev/null)
like "--log: a relative path is a file too" "$(<"$WORK/rel.log")" '^time="[^"]*" level=error msg="'

# ---- ids, signals, formats -------------------------------------------------------------------------
long=$(printf '%0256d' 0)
for id in this/is/invalid ../up .hidden "a b" "$long" ""; do
	run "$OCI" --root "$WORK/root" state "$id"
	is "id '${id:0:20}': refused" "$STATUS" 1
done
run "$OCI" --root "$WORK/root" state this/is/invalid
# shellcheck disable=SC2016 # backquotes of the message
like "id: the bad character is named" "$ERR" 'invalid character `/` in the ID'
run "$OCI" --root "$WORK/root" kill nobody NO_SUCH
is "kill: no such signal is wrong usage" "$STATUS" 2
run "$OCI" --root "$WORK/root" kill nobody 99
is "kill: no such number is wrong usage" "$STATUS" 2
run "$OCI" --root "$WORK/root" list --format xml
is "list: no such format is wrong usage" "$STATUS" 2
run "$OCI" --root "$WORK/root" list -f json
is "list: nothing, as JSON" "$STATUS$OUT" "0[]"
run "$OCI" --root "$WORK/root" delete --regex '('
is "delete --regex: one that is none" "$STATUS" 2
run "$OCI" --root "$WORK/root" delete --regex 'x' y
is "delete --regex: with an id besides" "$STATUS" 2
run "$OCI" --root "$WORK/root" kill --regex 'nobody-*'
is "kill --regex: that matches nothing is no error" "$STATUS$ERR" 0
run "$OCI" --root "$WORK/root" delete -f nobody
is "delete -f: of what is not there is no error" "$STATUS$ERR" 0
mkdir "$WORK/spec"
(cd "$WORK/spec" && "$OCI" spec)
like "spec: into the current directory" "$(<"$WORK/spec/config.json")" '"ociVersion"'
run "$OCI" spec -b "$WORK/spec"
is "spec: what is there is not overwritten" "$STATUS" 1
rm "$WORK/spec/config.json"
run "$OCI" spec --rootless --bundle "$WORK/spec"
like "spec --rootless: with a user namespace" "$(<"$WORK/spec/config.json")" '"type": "user"'
run "$OCI" features
for member in ociVersionMin ociVersionMax hooks mountOptions namespaces capabilities cgroup seccomp; do
	like "features: $member" "$OUT" "\"$member\":"
done

run "$OCI" help
is "help: the same as --help" "$STATUS$OUT" "0$("$OCI" --help)"
run "$OCI" help kill
is "help kill: the same as kill --help" "$STATUS$OUT" "0$("$OCI" kill --help)"
run "$OCI" delte x
like "a command with a slip of the finger" "$STATUS$ERR" "^2cutaway-oci: unknown command 'delte'; did you mean 'delete'"
run "$OCI" help delte
like "help for it" "$STATUS$ERR" "^2cutaway-oci: unknown command 'delte'; did you mean 'delete'"
for words in --version --help features 'kill --help' list; do
	# shellcheck disable=SC2016,SC2086 # words, and for the shell inside
	run bash -c '"$@" >/dev/full' - "$OCI" $words
	like "$words, and nothing can be written: told" "$STATUS$ERR" '^1cutaway-oci: write: standard output: No space left'
done

if [ "$(id -u)" != 0 ]; then
	skip "words about a container" "root"
	done_testing
fi
# ---- about a container -----------------------------------------------------------------------------
bundle_make
export XDG_RUNTIME_DIR=$WORK/run
config 'sleep 1000'
cp "$bundle/config.json" "$bundle/other.json"
echo '{}' >"$bundle/config.json"
cd "$bundle" || exit 1
for id in "$name-a" "$name-b"; do
	run "$OCI" --cgroup-manager cgroupfs --root "$WORK/root" run --config other.json --detach --keep --pid-file "$WORK/$id.pid" "$id"
	is "run --config FILE --detach --keep: in the directory that is the bundle" "$STATUS$ERR" 0
	ok "$id: runs" test -d "/proc/$(<"$WORK/$id.pid")"
done
O="$OCI --root $WORK/root"
# shellcheck disable=SC2086 # words
{
	is "list -q: an id a line" "$($O list -q)" "$name-a"$'\n'"$name-b"
	like "list: a table with a head" "$($O list)" '^ID +PID +STATUS'
	like "list -f json: a list of states" "$($O list -f json)" "^\[\{.*\"id\": ?\"$name-a\".*\"status\": ?\"running\""
	is "ps -f json: process ids" "$($O ps -f json "$name-a")" "[$(<"$WORK/$name-a.pid")]"
	like "ps: a table with a head" "$($O ps "$name-a")" '^ *PID '
	run timeout 20 $O exec --cap CAP_NO_SUCH "$name-a" true
	is "exec --cap: an unknown one is left out" "$STATUS" 0
	like "exec --cap: and that is said" "$ERR" 'warning: .*CAP_NO_SUCH'
	run timeout 20 $O exec -d --cwd /tmp --env A=b --pid-file "$WORK/x.pid" "$name-a" sleep 1000
	is "exec -d --cwd --env --pid-file: status" "$STATUS$ERR" 0
	is "exec --cwd: is followed" "$(readlink "/proc/$(<"$WORK/x.pid")/cwd")" /tmp
	run timeout 20 $O exec "$name-a" sh -c 'exit 3'
	is "exec: the program's own status" "$STATUS" 3
	run $O kill -a "$name-a" KILL
	is "kill -a: status" "$STATUS$ERR" 0
	ok "kill -a: the one that exec started has ended too" wait_until 10 test ! -d "/proc/$(<"$WORK/x.pid")"
	run $O kill --regex "^$name-[a-z]\$" 9
	ok "kill --regex: ends all that match" wait_until 10 test ! -d "/proc/$(<"$WORK/$name-b.pid")"
	run $O delete --regex "^$name-b"
	is "delete --regex: status" "$STATUS$ERR" 0
	is "delete --regex: those that match and no others" "$($O list -q)" "$name-a"
	run $O delete -f --regex "$name-.*"
	is "delete -f --regex: the rest" "$STATUS$($O list -q)" 0
}
# Descriptors beyond those that are open are no error, and none of ours takes their place.
cp "$bundle/other.json" "$bundle/config.json"
config 'ls /proc/self/fd | tr "\n" " "'
exec 5</dev/null
run timeout 20 "$OCI" --root "$WORK/root" run --preserve-fds 50 -b "$bundle" "$name"
is "--preserve-fds: more than are open" "$STATUS" 0
like "--preserve-fds: what is open is handed on" " $OUT" ' 5 '
strange=
for fd in $OUT; do [ -e "/proc/$$/fd/$fd" ] || strange+=" $fd"; done
# `ls` has one for the directory.
ok "--preserve-fds: and nothing else ($strange)" test "$(wc -w <<<"$strange")" -le 1
exec 5<&-
config 'echo "$LISTEN_PID $LISTEN_FDS"; readlink /proc/self/fd/3'
exec 3</dev/zero
run env LISTEN_FDS=1 timeout 20 "$OCI" --root "$WORK/root" run -b "$bundle" "$name"
exec 3<&-
is "LISTEN_FDS: handed on, for process 1" "$STATUS$OUT" $'01 1\n/dev/zero'
is "nothing is left to list" "$("$OCI" --root "$WORK/root" list -q)" ""
is "no control group is left" "$(find /sys/fs/cgroup -type d -name "*$name*" 2>/dev/null)" ""
done_testing
