#!/usr/bin/env bash
# The prompt over a pipe: tutor's words, commands, pages, checks, what is kept between sessions.
. "$ROOT/tests/lib/tap.sh"
export CUTAWAY_LESSONS=$ROOT/tests/fixtures/lab
cd "$WORK" || exit 1

# lab LINE...: a session that is given these lines; what it says to $OUT.
lab() {
	printf '%s\n' "$@" >"$WORK/lines"
	OUT=$("$CUTAWAY" shell ${LAB_OPTIONS---fresh} <"$WORK/lines" 2>&1)
	STATUS=$?
}

nothing_left() {
	[ -z "$(ls "$XDG_RUNTIME_DIR/cutaway/labs" 2>/dev/null)" ]
}

lab 'echo $((6*7))' 'cd /usr/lib' 'pwd' 'x=5' 'echo "x is $x"' false
like "commands go to one bash" "$OUT" '^42$'
like "the directory stays" "$OUT" '^/usr/lib$'
like "variables stay" "$OUT" '^x is 5$'
is "the end of the input ends with the last status" "$STATUS" 1
ok "nothing is left of the lab" nothing_left

lab 'if true; then' '  echo "in''side"' 'fi' 'cat <<END' text END 'echo one \' two
like "an unfinished command is read on" "$OUT" '^inside$'
like "a here-document too" "$OUT" '^text$'
like "a backslash too" "$OUT" '^one two$'

lab 'echo a >$LAB/made' 'ct check file.made "file.made.size = 2" "!file.other" && echo seen' 'ct check file.other' 'cat $LESSON/index.json | jq -r .title'
like "files of the lab are facts" "$OUT" '^seen$'
like "and told when they are missing" "$OUT" 'there is no file \$LAB/other'
like "the lesson is at hand" "$OUT" "^$(jq -r .title "$CUTAWAY_LESSONS"/*/index.json | head -n 1)\$"

lab hlep 'command reset --no-such-flag >/dev/null 2>&1; echo "status $?"' 'help hint' 'help' 'help cd' quit 'echo never'
like "did you mean" "$OUT" "Did you mean 'help'"
like "help of a word" "$OUT" '^hint: '
like "help lists the words" "$OUT" '^  solution \[run\|anyway\] '
like "help of bash is named" "$OUT" 'builtin help cd'
unlike "after quit nothing is read" "$OUT" 'never'
is "quit ends well" "$STATUS" 0

lab 'glossary thing' 'glossary the Things' 'glossary thnig' 'glossary nonsense' glossary
like "what a word means" "$OUT" '^  Anything at all.$'
is "in any form" "$(grep -c '^thing (also: object)$' <<<"$OUT")" 2
like "what may have been meant" "$OUT" "The glossary has no 'thnig'. Did you mean 'thing'?"
like "what it has not" "$OUT" "The glossary has no 'nonsense'. 'glossary' alone lists"
like "all that it has" "$OUT" '^thing$'
run "$CUTAWAY" glossary OBJECT
is "glossary as a command" "$STATUS:$OUT" "0:thing (also: object)
  Anything at all.
  Source: the tests"
run "$CUTAWAY" glossary nonsense
is "a word that is not there" "$STATUS:$OUT:$ERR" "1::cutaway glossary: The glossary has no 'nonsense'. 'glossary' alone lists what it has."
run "$CUTAWAY" glossary --json thing
is "as JSON" "$(jq -c . <<<"$OUT")" '{"term":"thing","also":["object"],"means":"Anything at all.","source":"the tests"}'

lab 'exit 3'
is "exit ends the lab" "$STATUS" 0
lab 'kill -9 $$' 'echo "still here"'
like "a shell that was killed is replaced, and that is said" "$OUT" 'ended by signal 9'
like "and the lab goes on" "$OUT" '^still here$'

lab next check hint hint 'next' 'touch ~/one' next
like "the check says what is missing" "$OUT" 'Still missing: the file one is not there'
like "a hint" "$OUT" '^Hint 1 of 2: touch makes files.'
like "the next hint" "$OUT" '^Hint 2 of 2: Its name is one.'
like "next stays while something is missing" "$OUT" "'skip' goes on all the same"
like "a command that fulfils the page is seen" "$OUT" '^✓ Make a file: next$'
like "then next goes on" "$OUT" '^# Several lines$'

LAB_OPTIONS=first lab progress back
like "a new session goes on at the page where the last one stopped" "$OUT" 'You stopped at page 2'
like "and knows what has passed" "$OUT" '✓  1  Make a file'
like "back says that the machine stays" "$OUT" 'The machine stays as it is'

rm -f ~/one ~/two-* ~/kept
LAB_OPTIONS=first lab skip
LAB_OPTIONS=first lab true
like "going on repeats the earlier pages" "$(ls ~)" '^one$'

rm -f ~/one
lab next '' '' next '' '' '' '' '' '' '' ''
ok "empty lines propose the commands of the page and run them" test -e ~/two-a -a -e ~/two-b
ok "lines of one block share their variables" test -e ~/kept
like "the last proposal of a page is next" "$OUT" '^# Several lines$'
rm -f ~/one ~/two-* ~/kept
lab next solution 'solution run' 'solution anyway' 'solution run' next true solution 'solution run' next next
is "a solution before an attempt is not shown" "$(grep -c '^Try it first' <<<"$OUT")" 2
like "solution shows the commands" "$OUT" '^for i in a b; do$'
like "solution run runs them" "$OUT" '^✓ Several lines: next$'
like "the last page says so" "$OUT" 'This is the last page'

lab skip skip back 'reset all' 'lesson nonsense' lessons
like "skip goes on without the check" "$OUT" '^# Several lines$'
like "reset all begins anew" "$OUT" 'From the beginning'
like "a lesson that is not there" "$OUT" 'nonsense'
like "the lessons are listed" "$OUT" '^\*  1  First'

lab 'cutaway shell'
like "no lab in a lab" "$OUT" 'this is a lab already'

CUTAWAY_LESSONS=$WORK/nowhere lab next lessons 'echo works'
like "without lessons that is said" "$OUT" 'No lesson is open'
like "and the prompt works" "$OUT" '^works$'

run "$CUTAWAY" shell no-such-lesson
is "an unknown lesson" "$STATUS" 1
like "is named" "$ERR" 'no-such-lesson'
run "$CUTAWAY" shell first second
is "two lessons are a usage error" "$STATUS" 2
run "$CUTAWAY" first
is "the stage without a terminal" "$STATUS" 1
like "names the way without one" "$ERR" 'cutaway shell'
run env CUTAWAY_THEME=pink "$CUTAWAY"
is "an unknown theme is a usage error" "$STATUS" 2

# Words from outside, while a program runs: the answer is in lab.json.
rm -f ~/one
mkfifo "$WORK/input" "$WORK/hold"
"$CUTAWAY" shell --fresh first <"$WORK/input" >"$WORK/output" 2>&1 &
lab_pid=$!
exec 7>"$WORK/input"
printf 'next\necho waiting; read -r line < "%s"\n' "$WORK/hold" >&7
lab_directory() {
	echo "$XDG_RUNTIME_DIR"/cutaway/labs/*/
}
at_page() {
	grep -q "\"step\":$1[,}]" "$(lab_directory)lab.json" 2>/dev/null
}
message() {
	grep -q "\"message\":\"[^\"]*$1" "$(lab_directory)lab.json"
}
tell() {
	python3 - "$(lab_directory)control" "$1" <<'PY' 2>/dev/null ||
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode() + b"\n")
PY
		return 1
}
ok "lab.json tells the page" wait_until 5 at_page 1
ok "a program runs" wait_until 5 grep -q '^waiting' "$WORK/output"
if command -v python3 >/dev/null; then
	tell hint
	ok "a hint while a program runs" wait_until 5 message 'touch makes files'
	tell reset
	ok "what would disturb the program has to wait" wait_until 5 message 'has to wait'
	tell 'rm -rf /'
	ok "what is no word is refused" wait_until 5 message 'does not know'
	tell back
	ok "a page turned while a program runs" wait_until 5 at_page 0
else
	skip "words while a program runs" "no python3 to speak to a socket"
fi
kill -TERM "$lab_pid"
wait "$lab_pid"
is "SIGTERM ends the lab" "$?" 143
exec 7>&-
ok "and nothing is left of it" wait_until 5 nothing_left
done_testing
