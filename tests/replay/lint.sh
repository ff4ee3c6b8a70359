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

# Files as they are on disk: fences, zero bytes, scripts; the good lesson of before has none of it.
cp -r tests/fixtures/lessons/good "$WORK/rough"
sed -i 's|"text": "step2/text.md"|"text": ["step2/text.md", "step2/more.md"]|' "$WORK/rough/index.json"
printf '\n~~~~text\n```\n~~~\n' >>"$WORK/rough/step1/text.md"
printf 'More.\n\n```bash\nls\n\nAnd then:\n\n```bash\npwd\n```\n' >"$WORK/rough/step2/more.md"
printf 'This is how code is written:\n\n````\n```bash\nls\n```\n````\n\n1. Do\n\n   ```\n   pwd\n   ```{{exec}}\n' \
	>"$WORK/rough/step3/text.md"
printf 'One\nt\0wo\n' >>"$WORK/rough/step4/text.md"
printf '\xff\xfeH\0i\0\n\0' >"$WORK/rough/finish.md"
printf 'touch "%s"\nif true\n\tfi\n' "$WORK/ran" >"$WORK/rough/step1/verify.sh"
printf '#!/bin/sh -e\necho "$(<file)"\na=(1 2)\n' >"$WORK/rough/step2/verify.sh"
printf '#!/usr/bin/env bash\na=(1 2)\n[[ x == @(x|y) ]]\ntrue \0 # and so on\n' >"$WORK/rough/step3/verify.sh"
printf '#!/usr/bin/env -S python3 -I\nimport os\n' >"$WORK/rough/step4/verify.sh"
printf 'echo \033[31m)\n' >"$WORK/rough/foreground.sh"
run "$CUTAWAY" lint --static "$WORK/rough"
is "rough files: exit status" "$STATUS" 1
is "rough files: what is told" "$(sort <<<"${OUT//$WORK\//}")" "$(sort <<-'EOF'
	rough/foreground.sh:1: bash cannot read the script: syntax error near unexpected token `)'
	rough/index.json:28: details.steps[1].text: should be a text that is not empty
	rough/step1/text.md:11: the fence of the code that begins here is never closed, and what follows is shown as code: a line with the same marks is missing
	rough/step1/verify.sh:3: bash cannot read the script: syntax error near unexpected token `fi'
	rough/step2/more.md:3: the fence of the code that begins here is not closed before the next begins, in line 8, which becomes code itself
	rough/step2/verify.sh:3: sh cannot read the script: Syntax error: "(" unexpected
	rough/step3/verify.sh:4: a zero byte (NUL) stands in this line; it is not text and is left out when the script runs: take it out of the file
	rough/step4/text.md:5: a zero byte (NUL) stands in this line; it is not text and is left out when the page is shown: take it out of the file
	rough/step4/verify.sh:1: the first line asks for another program than bash, which runs the scripts of a page whatever that line says: call the program in it
EOF
)"
ok "rough files: none of it ran" test ! -e "$WORK/ran"
rm -r "${WORK:?}/rough"

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
