#!/usr/bin/env bash
# What is kept of what somebody does in a lab, and how it is told to people and to an instructor.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
export CUTAWAY_LESSONS=$ROOT/tests/fixtures/lab CUTAWAY_NOW=86400
cd "$WORK" || exit 1

lab() {
	printf '%s\n' "$@" >"$WORK/lines"
	OUT=$("$CUTAWAY" shell first <"$WORK/lines" 2>&1)
}
# told FILTER: of what is handed in.
told() {
	"$CUTAWAY" progress --json | jq -c "$1"
}

is "nothing yet" "$(told '[.lessons[0].steps[] | .passed] | any')" false
lab next solution 'solution run'
is "no solution before an attempt: none is shown, none is counted" \
	"$(grep -c '^Try it first' <<<"$OUT"):$(told '.lessons[0].steps[0].solutions')" 2:0
lab check hint hint 'solution' 'touch ~/one'
is "attempts, hints and solutions are counted, the time is kept" \
	"$(told '.lessons[0].steps[0] | [.page, .passed, .time, .attempts, .hints, .solutions, .guess]')" \
	'[1,true,"1970-01-02T00:00:00Z",1,2,1,null]'
run "$CUTAWAY" progress
like "for people" "$OUT" '^ 1  .* 1/[0-9]+ +First, 2 hints, 1 solution$'

rm -f ~/one
lab restart progress
like "restart begins anew" "$OUT" 'no page is passed'
unlike "and forgets what was passed" "$OUT" '✓  1'
is "in what is handed in, too" "$(told '.lessons[0].steps[0] | [.passed, .time, .hints]')" '[false,null,0]'
lab next 'solution anyway'
is "the solution anyway" "$(told '.lessons[0].steps[0].solutions')" 1
lab next 'cd /' solution
unlike "any command is an attempt" "$OUT" 'Try it first'

export CUTAWAY_LESSONS=$ROOT/tests/fixtures/quiz
mapfile -t answers < <(yes yes | head -n 4)
printf '%s\n' alpha omega "${answers[@]:1}" repository "${answers[@]}" | "$CUTAWAY" quiz exam >/dev/null
is "an exam" "$(told '[.exams[] | .time, .right, .of, .goals]')" '["1970-01-02T00:00:00Z",10,10,{"letters":[5,5],"places":[5,5]}]'
is "goals" "$(told '[.goals[] | [.goal, .known, .questions, .reached]]')" '[["letters",5,5,true],["places",5,6,true]]'
is "boxes" "$(told '.questions.a | [.box, .due, .right, .wrong]')" '[2,"1970-01-03T00:00:00Z",1,0]'
run "$CUTAWAY" progress
like "goals for people" "$OUT" '^Goals: 2 of 2 reached$'
like "each of them" "$OUT" '^✓ .* 5/6 +Know the places \(places\)$'
like "the exam for people" "$OUT" '^Best exam: 10 right.$'
done_testing
