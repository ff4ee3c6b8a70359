#!/usr/bin/env bash
# cutaway replay: an engine that can fail, and says why.
. "$ROOT/tests/lib/tap.sh"
cd "$ROOT" || exit 1
fixtures=tests/fixtures/lessons

run "$CUTAWAY" replay --tap $fixtures/good
tap_forward "" <<<"$OUT"
is "good: exit status" "$STATUS" 0
is "good: plan" "$(tail -n 1 <<<"$OUT")" "1..$(grep -c '^ok' <<<"$OUT")"

run "$CUTAWAY" replay --tap --upto 1 --solutions $fixtures/good
is "--upto 1: one page and the end" "$STATUS:$(tail -n 1 <<<"$OUT")" "0:1..3"

mkdir "$WORK/no-json"
echo '{ "title": oops }' >"$WORK/no-json/index.json"
run "$CUTAWAY" replay --tap $fixtures/passes-before $fixtures/never-passes "$WORK/no-json"
is "failures: exit status" "$STATUS" 1
like "failures: a check that passes before" "$OUT" \
	'^not ok 1 - passes-before: 1 A step: the check fails before the commands'
like "failures: a check that never passes" "$OUT" \
	'^not ok 5 - never-passes: 1 A step: the check passes after the commands'
like "failures: with what it said" "$OUT" '^#   the file made is not there'
like "failures: with what the terminal showed" "$OUT" '^#   nothing$'
like "failures: a lesson that cannot be read" "$OUT" '^not ok 7 - .*no-json can be replayed'

run "$CUTAWAY" replay "$WORK/no-json"
is "a lesson that cannot be read counts as one failure" "$STATUS:$(tail -n 1 <<<"$OUT")" \
	"1:0 held, 1 failed, 0 skipped"

# A page that needs what nobody has is skipped, and says so.
cp -r $fixtures/good "$WORK/needs"
sed -i 's/"needs": \["bash"\]/"needs": ["bash", "luck"]/' "$WORK/needs/index.json"
run "$CUTAWAY" replay --tap "$WORK/needs"
like "missing feature: named" "$OUT" '^ok 1 - needs: 1 A file: the page # SKIP no luck$'
is "missing feature: no failure" "$STATUS" 0

# Somebody else is asked after each page, while what the commands made is there.
export MADE=$WORK/made
# shellcheck disable=SC2016 # for the shell that is asked
run "$CUTAWAY" replay --tap --after-step 'ls "$HOME"/work >>"$MADE"' $fixtures/good
is "--after-step: exit status" "$STATUS" 0
like "--after-step: a point of its own" "$OUT" '^ok 3 - good: 1 A file: the command after the step ends well'
is "--after-step: sees what the page has made" "$(sort -u "$MADE" | xargs)" "one two"
run "$CUTAWAY" replay --tap --upto 1 --after-step 'echo what it found; exit 7' $fixtures/good
is "--after-step: may fail" "$STATUS" 1
like "--after-step: is told" "$OUT" '^not ok 3 - .*the command after the step ends well'
like "--after-step: with its status" "$OUT" '^# it ended with status 7'
like "--after-step: with what it said" "$OUT" '^#   what it found'

# What does not end is ended.
cp -r $fixtures/never-passes "$WORK/endless"
# shellcheck disable=SC2016 # Markdown
printf '`sleep 1000`{{exec}} `touch ~/made`{{exec}}\n' >"$WORK/endless/step1/text.md"
run "$CUTAWAY" replay --tap --limit 1 "$WORK/endless"
is "endless command: exit status" "$STATUS" 1
like "endless command: told" "$OUT" "^# the command 'touch ~/made' could not be typed: what ran before"

# The shell that a lesson ends.
printf '`exit 3`{{exec}} `touch ~/made`{{exec}}\n' >"$WORK/endless/step1/text.md"
run "$CUTAWAY" replay --tap "$WORK/endless"
like "a shell that ended: told" "$OUT" "^# .*could not be typed: the shell has ended"

# Ended by a signal it still removes what it made.
printf '`sleep 1000`{{exec}} `true`{{exec}}\n' >"$WORK/endless/step1/text.md"
"$CUTAWAY" replay "$WORK/endless" >/dev/null 2>&1 &
pid=$!
place_is_there() { compgen -G "$TMPDIR/cutaway-replay-*/home" >/dev/null; }
wait_until 10 place_is_there
kill -TERM "$pid"
wait "$pid"
is "SIGTERM: ends it" "$?" 143
is "nothing is left" "$(find "$TMPDIR" "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" -mindepth 1)" ""

done_testing
