#!/usr/bin/env bash
# Questions: what is asked when, what is said to an answer, and the page of a lesson that wants them.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
export CUTAWAY_LESSONS=$ROOT/tests/fixtures/quiz
day=86400

# quiz NOW [ARGUMENT...] -- ANSWER...: a round at that time.
quiz() {
	local now=$1 arguments=()
	shift
	while [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	shift
	OUT=$(printf '%s\n' "$@" | CUTAWAY_NOW=$now "$CUTAWAY" quiz "${arguments[@]}" 2>&1)
	STATUS=$?
}

quiz $day letters -- 'the Alpha' omega no stop
is "a round: exit status" "$STATUS" 0
like "a question with its number and goal" "$OUT" '^1 of 5 \(letters\): Which letter is the first\?$'
is "choices" "$(grep -oE '^  [123]\) (alpha|beta|omega)$' <<<"$OUT" | cut -c 6- | sort | xargs)" "alpha beta omega"
like "a right answer, and why" "$OUT" '^  ✓ Right. Greek begins with it.$'
like "a wrong choice is explained" "$OUT" '^  It is: yes. Yes.$'
like "stop ends" "$OUT" '^2 of 3 right.$'
like "what is left" "$OUT" "^3 more to ask: 'quiz letters'.$"

quiz $day letters -- yes yes yes
like "what was wrong is asked first" "$OUT" '^1 of 3 \(letters\): One\?$'
like "all are known" "$OUT" "The next comes again on 1970-01-03; 'quiz letters again' asks all the same.$"
quiz $day letters --
like "nothing is due" "$OUT" '^Nothing is due'
quiz $day --again letters -- stop
like "asked again all the same" "$OUT" '^1 of 5 '
quiz $((2 * day)) letters -- '' omega beta om oma omega
like "after a day they are due" "$OUT" '^1 of 5 \(letters\): Which letter is the first\?$'
like "an empty line is told the answer" "$OUT" '^  It is: alpha. Greek begins with it.$'
like "a choice by its words" "$OUT" '^  ✓ Right. Greek ends with it.$'
like "no choice is asked for again" "$OUT" '^A number from 1 to 2, please'
quiz $((2 * day)) asks -- omega
like "another term is no slip, and is explained" "$OUT" "^  ✗ 'omega' is something else: The last letter.$"
quiz $((2 * day)) asks -- nothing
like "something else is told the answer" "$OUT" '^  ✗ Not this.$'
quiz $((2 * day)) asks -- alhpa
like "a slip of the finger" "$OUT" "^  ✓ Right; it is written 'alpha'. "
quiz $((4 * day)) asks -- alpha
like "the second time it waits three days, the one that was wrong one" "$OUT" '^1 of 1 \(letters\): Which letter'
quiz $((5 * day)) asks -- a
like "then it comes" "$OUT" 'Which is the last'

run "$CUTAWAY" quiz --list --json
is "known, as JSON" "$(jq -c '[.[] | [.goal, .known, .questions]]' <<<"$OUT")" '[["letters",4,5],["places",0,6]]'
run "$CUTAWAY" quiz --known 4 letters
is "known enough" "$STATUS" 0
run "$CUTAWAY" quiz --known 5 letters
is "not known enough" "$STATUS:$OUT" "1:4 of 5 answered right: 'quiz letters' asks"
run "$CUTAWAY" quiz nonsense
is "no such topic: exit status" "$STATUS" 1
like "no such topic: those there are" "$ERR" 'There are: letters, places, all, exam'
run "$CUTAWAY" quiz --known x letters
is "no number: usage" "$STATUS" 2

# An exam of five of each goal, those known least first.
quiz $((9 * day)) exam -- omega yes stop
like "an exam that was not ended does not count" "$OUT" 'The exam ended after 2 of 10 questions'
run "$CUTAWAY" quiz --known 1 exam
is "and is not kept" "$STATUS" 1
mapfile -t answers < <(jq -r '.questions[] | select(.goal == "places") | .id' "$CUTAWAY_LESSONS/questions.json" | sed 's/.*/yes/' | head -n 5)
rm -r "$XDG_STATE_HOME/cutaway"
quiz $day exam -- alpha omega yes yes no repository "${answers[@]:1}"
like "the score of an exam" "$OUT" '^The exam: 9 of 10 right.$'
like "by goals" "$OUT" '^  4 of 5  Know the letters$'
run "$CUTAWAY" quiz --known 9 exam
is "it is kept" "$STATUS" 0

# A number that is typed is that of the choice as it is shown.
rm -r "$XDG_STATE_HOME/cutaway"
quiz $day asks -- alpha stop
number=$(sed -nE 's/^  ([123])\) omega$/\1/p' <<<"$OUT")
quiz $day asks -- "$number"
like "the number that is shown beside a choice chooses it" "$OUT" '^  ✓ Right. Greek ends with it.$'
rm -r "$XDG_STATE_HOME/cutaway"
quiz $day asks -- alpha $((number % 3 + 1))
like "another number chooses another" "$OUT" '^  ✗ Not this.$'

# A damaged file is put aside.
echo '{' >"$XDG_STATE_HOME/cutaway/quiz.json"
run "$CUTAWAY" quiz --list
is "a damaged file: it begins anew" "$STATUS" 0
ok "a damaged file: is kept" test -e "$XDG_STATE_HOME/cutaway/quiz.json.damaged"

# In a lab.
rm -r "$XDG_STATE_HOME/cutaway"
printf '%s\n' next next quiz alpha stop check next '' '' omega next 'quiz letters' stop skip >"$WORK/lines"
OUT=$("$CUTAWAY" shell --fresh asks <"$WORK/lines" 2>&1)
like "the page says what it wants" "$OUT" "Still missing: 0 of 2 questions answered right: 'quiz asks' asks."
like "in the middle" "$OUT" "Still missing: 1 of 2 questions answered right"
like "an empty line proposes it, and the page passes" "$OUT" '^✓ Letters: next$'
like "another topic" "$OUT" '^1 of 3 \(letters\): One\?$'
run "$CUTAWAY" lint "$CUTAWAY_LESSONS"
is "a lesson with questions is proved" "$STATUS:$OUT" "0:"
cp -r "$CUTAWAY_LESSONS" "$WORK/wrong"
sed -i 's/"quiz": "asks", "pass": 2/"quiz": "nonsense", "pass": 2/; s/"pass": 9/"pass": 11/' "$WORK/wrong/asks/index.json"
run "$CUTAWAY" lint --static "$WORK/wrong/asks"
like "no such questions" "$OUT" "index.json:9: details.steps\[0\].cutaway.quiz: there are no questions on 'nonsense'"
like "more than there are" "$OUT" "index.json:10: details.steps\[1\].cutaway.pass: should be a number from 1 to 10"

# Ours: something to ask on each goal and each lesson.
ours=$ROOT/lessons
is "goals of ours with fewer than six questions" \
	"$(jq -r '.questions as $q | .goals[].name | select(. as $g | [$q[] | select(.goal == $g)] | length < 6)' "$ours/questions.json")" ""
is "lessons of ours with fewer than four questions" "$(for lesson in "$ours"/*/index.json; do
	lesson=$(basename "$(dirname "$lesson")")
	jq -r --arg l "$lesson" '[.questions[] | select(.lesson == $l)] | select(length < 4) | $l' "$ours/questions.json"
done)" ""
done_testing
