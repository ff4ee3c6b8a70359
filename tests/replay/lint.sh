#!/usr/bin/env bash
# cutaway lint: each broken lesson gets exactly the findings that stand in NAME.expected beside it,
# file, line and words; a good one gets none.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
cd "$ROOT" || exit 1

for folder in tests/fixtures/lessons/*/; do
	folder=${folder%/}
	if [ "${folder##*/}" = reads ] && [ ! -e /proc/self/syscall ]; then
		skip "reads: findings" "/proc/PID/syscall, which tells that a program reads the terminal"
		continue
	fi
	run "$CUTAWAY" lint "$folder"
	is "${folder##*/}: findings" "$OUT" "$(cat "$folder.expected")"
	is "${folder##*/}: exit status" "$STATUS" "$([ -s "$folder.expected" ] && echo 1 || echo 0)"
done

run "$CUTAWAY" lint --static tests/fixtures/lessons/never-passes
is "--static runs nothing" "$STATUS:$OUT" "0:"
run "$CUTAWAY" lint --after-step 'echo seen; exit 1' tests/fixtures/lessons/good
is "--after-step: exit status" "$STATUS" 1
like "--after-step: a finding on each page" "$OUT" 'good/step1/verify.sh:1: does not hold: the command after the step'
unlike "--after-step: only the first time" "$OUT" 'the second time'

cp -r tests/fixtures/lessons/diagram "$WORK/drawn"
sed -i 's/"diagram": "podman"/"diagram": "fresco"/' "$WORK/drawn/index.json"
run "$CUTAWAY" lint --static "$WORK/drawn"
is "a diagram that there is not: exit status" "$STATUS" 1
like "a diagram that there is not" "$OUT" "index.json:9: details.steps\[0\].cutaway.diagram: 'cutaway diagram task' has no 'fresco'"
sed -i "/'clone(2)'/d" "$WORK/drawn/step1/text.md"
sed -i 's/"fresco"/"podman"/' "$WORK/drawn/index.json"
run "$CUTAWAY" lint "$WORK/drawn"
is "a diagram that is not all drawn: exit status" "$STATUS" 1
like "a diagram that is not all drawn" "$OUT" 'the check passes after the commands'
like "what it lacks" "$OUT" 'the diagram lacks 3 things'
rm -r "${WORK:?}/drawn"

cp -r tests/fixtures/lessons/good "$WORK/marked"
printf '\n```\ntrue\n```{{exce}}\n\nAnd `docker ps --format {{.Names}}`.\n' >>"$WORK/marked/step1/text.md"
run "$CUTAWAY" lint --static "$WORK/marked"
is "a mark with a slip of the finger" "$(grep -c "is no mark of a command" <<<"$OUT")" 1
like "a mark with a slip of the finger: where, what, and what there is" "$OUT" \
	"marked/step1/text.md:$(grep -n exce "$WORK/marked/step1/text.md" | cut -d: -f1): '\{\{exce\}\}' is no mark of a command: there are \{\{exec\}\}"
rm -r "${WORK:?}/marked"

# Beside these lessons there are a glossary and a dictionary.
run "$CUTAWAY" lint tests/fixtures/words
is "glossary, terms and spelling: findings" "$OUT" "$(cat tests/fixtures/words.expected)"
is "glossary, terms and spelling: exit status" "$STATUS" 1
run "$CUTAWAY" lint --static tests/fixtures/words/fine
is "a lesson beside them that is fine" "$STATUS:$OUT" "0:"
mkdir "$WORK/bare"
ln -s "$(command -v bash)" "$WORK/bare/bash"
run env PATH="$WORK/bare" "$CUTAWAY" lint --static tests/fixtures/words/spelling
is "without aspell: exit status" "$STATUS" 0
like "without aspell: told" "$ERR" "not tried here: the spelling: it needs 'aspell'"

# Length and time.
cp -r tests/fixtures/words/fine "$WORK/long"
yes 'word word word word word word' | head -n 100 >>"$WORK/long/step1/text.md"
run "$CUTAWAY" lint --static "$WORK/long"
like "a page that is too long" "$OUT" 'long/step1/text.md:1: the page has [0-9]+ words; more than 500 are not read'
like "a time that cannot be kept" "$OUT" "long/index.json:5: time: says '2 minutes'; [0-9]+ words and 1 commands take about"
rm -r "${WORK:?}/long"

run "$CUTAWAY" lint --static lessons
is "our lessons: files, keys, links, lengths" "$STATUS:$OUT" "0:"
run "$CUTAWAY" lint "$WORK"
is "a folder without lessons: exit status" "$STATUS" 1
like "a folder without lessons: told" "$OUT" 'no lesson in this folder'
run "$CUTAWAY" lint /no/such/folder
is "no such folder: exit status" "$STATUS" 1
like "no such folder: named" "$ERR" '/no/such/folder'

# A lesson of 100 MB.
cp -r tests/fixtures/lessons/good "$WORK/big"
truncate -s 100M "$WORK/big/step1/text.md"
run "$CUTAWAY" lint "$WORK/big"
is "100 MB of text: exit status" "$STATUS" 1
like "100 MB of text: told" "$OUT" 'big/index.json:[0-9]+: step1/text.md: it has 104857600 bytes; at most'
is "nothing of it all is left" "$(find "$TMPDIR" "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" \
	-mindepth 1 ! -name cutaway-once)" ""
done_testing
