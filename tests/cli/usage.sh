#!/usr/bin/env bash
# What the command line says to people who ask and to people who err.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

run "$CUTAWAY" --help
is "--help: exit status" "$STATUS" 0
like "--help: goes to stdout" "$OUT" '^Usage: cutaway'
is "--help: nothing on stderr" "$ERR" ""
commands=$(sed -nE 's/^  ([a-z]+)  +.*/\1/p' <<<"$OUT")
for command in $commands; do
	run "$CUTAWAY" "$command" --help
	is "$command --help: exit status" "$STATUS" 0
	like "$command --help: synopsis" "$OUT" "^Usage: cutaway $command"
	like "$command --help: says the exit status" "$OUT" '[Ee]xit status'
	run "$CUTAWAY" "$command" --no-such-flag
	is "$command --no-such-flag: usage error" "$STATUS" 2
	like "$command --no-such-flag: names the flag" "$ERR" 'no-such-flag'
	is "$command --no-such-flag: nothing on stdout" "$OUT" ""
done
run "$CUTAWAY" no-such-command
is "unknown command: usage error" "$STATUS" 2
like "unknown command: named" "$ERR" "no-such-command"
like "unknown command: says what to do" "$ERR" "cutaway --help"
run "$CUTAWAY" rnu
like "a command with a slip of the finger" "$ERR" "did you mean 'run'"
run "$CUTAWAY" draw hots
like "an unknown view: those there are" "$ERR" "there are host, kernel, network, toolchain, container NAME, image NAME"
run "$CUTAWAY" --no-such-flag
is "unknown flag: usage error" "$STATUS" 2
is "nothing was written anywhere" "$(find "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" -mindepth 1)" ""
done_testing
