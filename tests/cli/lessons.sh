#!/usr/bin/env bash
# cutaway lessons: lists of lessons, and lessons as a whole, ours and those from elsewhere.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
cd "$ROOT" || exit 1

run "$CUTAWAY" lessons tests/fixtures/lessons
is "a folder: exit status" "$STATUS" 0
like "a folder: its lessons" "$OUT" '^ +[0-9]+  A good lesson +7 minutes +beginner'
run "$CUTAWAY" lessons --json tests/fixtures/lessons
is "a folder as JSON" "$(jq -r '.[] | select(.name == "good") | .pages' <<<"$OUT")" 6
run "$CUTAWAY" lessons tests/fixtures/lessons/good
like "a folder that is a lesson" "$OUT" '^ +1  A good lesson'
run "$CUTAWAY" lessons /no/such
is "no such folder: exit status" "$STATUS" 1
like "no such folder: named" "$ERR" '/no/such'
run "$CUTAWAY" lessons a b
is "two folders are a usage error" "$STATUS" 2
run "$CUTAWAY" lessons --nonsense
is "an unknown option is a usage error" "$STATUS" 2

run "$CUTAWAY" lessons --show 1
is "--show: exit status" "$STATUS" 0
like "--show: the title" "$OUT" '^Containers are Linux$'
like "--show: a page" "$OUT" '^Page 1 of [0-9]+: '
like "--show: a command" "$OUT" '^▶ ct run -d --name red base sleep 3601$'
run "$CUTAWAY" lessons --show --json lessons/containers-are-linux
is "--show --json: its commands" "$(jq -r '.[0].pages[1].commands[0] | .action + ":" + .text' <<<"$OUT")" \
	"exec:ct run -d --name red base sleep 3601"
run "$CUTAWAY" lessons --show --json tests/fixtures/lessons
is "--show: a folder of lessons" "$(jq -r '.[] | select(.name == "missing-file") | .problems[].file' <<<"$OUT")" "step1/verify.sh"
run "$CUTAWAY" lessons --show nonsense
is "--show: no such lesson: exit status" "$STATUS" 1
mkdir "$WORK/empty"
run "$CUTAWAY" lessons --show "$WORK/empty"
is "--show: no lesson in a folder" "$STATUS" 1

# Nothing that a terminal acts upon comes out of a lesson.
run "$CUTAWAY" lessons --show tests/fixtures/lessons/escapes
unlike "--show: no escape sequence" "$OUT" $'\033'
done_testing
