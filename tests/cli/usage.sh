#!/usr/bin/env bash
# What the command line says to people who ask and to people who err.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

run "$CUTAWAY" --help
is "--help: exit status" "$STATUS" 0
like "--help: goes to stdout" "$OUT" '^Usage: cutaway'
is "--help: nothing on stderr" "$ERR" ""
# What it takes to start is paid by every container and every watched command. (Sanitizers bring their own.)
case $BUILD in
*/asan) ;;
*)
	is "it loads no library but the C library and one that can only be loaded" \
		"$(ldd "$CUTAWAY" | awk '$2 == "=>" { sub(/\.so.*/, "", $1); print $1 }' | sort | paste -sd' ')" "libc libmnl"
	;;
esac
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
# Each file of a command has its name; prepare is for our own processes.
is "--help lists all commands" "$(sort <<<"$commands")" "$(sed -nE 's/^        \.name = "([a-z]+)",$/\1/p' "$ROOT"/shell/command/*.c |
	grep -vx prepare | sort)"
run "$CUTAWAY" --help
help=$OUT
for words in -h help '--fresh --help'; do
	# shellcheck disable=SC2086 # words
	run "$CUTAWAY" $words
	is "$words: the same as --help" "$STATUS$OUT" "0$help"
done
run "$CUTAWAY" ps --help
help=$OUT
run "$CUTAWAY" help ps
is "help ps: the same as ps --help" "$STATUS$OUT" "0$help"
run "$CUTAWAY" tree --help
help=$OUT
run "$CUTAWAY" help tree
is "help tree: that of a command of the lab" "$STATUS$OUT" "0$help"
run "$CUTAWAY" --version
like "--version: a name and a number" "$STATUS$OUT" '^0cutaway [0-9]+\.[0-9.]+$'
is "-V: the same" "$("$CUTAWAY" -V)" "$OUT"
is "--version: the same number as the runtime's" "${OUT##* }" "$("$CUTAWAY-oci" --version | sed -n 's/^cutaway-oci version //p')"
# The libraries of the lab take longer to load than the answer is long.
for words in --help --version --no-such-flag; do
	strace -f -e trace=openat,execve -o "$WORK/asked" "$CUTAWAY" $words >"$WORK/out" 2>&1
	unlike "$words: is answered without the program of the lab" "$(cat "$WORK/asked")" 'cutaway-lab|libcurl'
done
run "$CUTAWAY" ps -a --help
like "--help behind another option" "$STATUS$OUT" '^0Usage: cutaway ps'
run "$CUTAWAY" exec nobody ls --help
is "--help of another program is not ours" "$STATUS$OUT" 125

# wrong TEXT WANTED WORD...: what is said of an option that is wrong, and its exit status.
wrong() {
	local text=$1 wanted=$2
	shift 2
	run "$@"
	is "$text" "$STATUS ${ERR%%$'\n'*}" "2 $wanted"
}
wrong "an option with a slip of the finger" "cutaway ps: unknown option '--josn'; did you mean '--json'?" "$CUTAWAY" ps --josn
wrong "the beginning of several options" \
	"cutaway run: unknown option '--cap'; did you mean '--cap-add' or '--cap-drop'?" "$CUTAWAY" run --cap
wrong "one letter of several that is wrong" "cutaway ps: unknown option '-x'" "$CUTAWAY" ps --json -ax
wrong "a value for an option that takes none" "cutaway ps: option '--json' takes no value" "$CUTAWAY" ps --json=yes
wrong "an option without its value" "cutaway draw: option '--size' needs a value" "$CUTAWAY" draw --size
wrong "a letter without its value" "cutaway run: option '-p' needs a value" "$CUTAWAY" run -ip
wrong "the option of the lab's own" "cutaway watch: unknown option '--recrod'; did you mean '--record'?" "$CUTAWAY" watch --recrod x true
wrong "the runtime's" "cutaway-oci create: unknown option '--pidfile'; did you mean '--pid-file'?" "$CUTAWAY-oci" create --pidfile x
wrong "the runtime's before the command" "cutaway-oci: unknown option '--rooot'; did you mean '--root'?" "$CUTAWAY-oci" --rooot x
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
run "$CUTAWAY" -- ps
like "behind -- there is a lesson, and no command" "$STATUS$ERR" "^2cutaway: no command or lesson is called 'ps'"
run "$CUTAWAY" --fersh
like "an option with a slip of the finger" "$STATUS$ERR" "^2cutaway: unknown option '--fersh'; did you mean '--fresh'"
run "$CUTAWAY" $'--\e[2J'
unlike "an argument does not steer the terminal" "$ERR" $'\e'
is "nothing was written anywhere" "$(find "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" -mindepth 1)" ""
done_testing
