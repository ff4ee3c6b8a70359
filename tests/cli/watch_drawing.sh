#!/usr/bin/env bash
# cutaway watch, drawn: text, SVG and JSON of a recording and of a run, without any privilege.
# Not in user-mode-linux: no kernel changes what is drawn.
. "$ROOT/tests/lib/tap.sh"
cd "$WORK" || exit 1
records=$ROOT/tests/fixtures/watch

watch() {
	run timeout 60 "$CUTAWAY" watch "$@"
}

# ---- of a recording ---------------------------------------------------------------------------
watch --replay "$records/docker.jsonl" --format text --level processes --width 160
is "text: exit status and errors" "$STATUS:$ERR" 0:
like "text: from you to the container, left to right" "$OUT" 'you .*docker .*containerd .*shim .*runc .*true'
like "text: the request to the daemon" "$OUT" 'POST /v[0-9.]+/containers/create'
like "text: what the shim starts" "$OUT" 'starts as: runc '
is "text: as wide as asked for" "$(wc -L <<<"$OUT")" 160
watch --replay "$records/docker.jsonl" --format text --level api
unlike "level api: no process is told" "$OUT" 'begins: process'
like "level api: what was left out is counted" "$OUT" 'level api: [0-9]+ drawn, [0-9]+ more on higher levels'
watch --replay "$records/runc.jsonl" --format text --level api
like "level api: nobody was asked" "$OUT" 'No daemon was seen to be asked'
watch --replay "$records/runc.jsonl" --format text --level kernel
like "level kernel: a call that failed says so" "$OUT" '✗.*= -1 E'
like "level kernel: calls alike are one" "$OUT" '\([0-9]+ times\)'
watch --replay "$records/runc.jsonl" --level api
is "level api, told line by line: nothing was asked" "$STATUS:$OUT:$ERR" 0::
watch --replay "$records/unshare.jsonl" --format text --ascii
is "ASCII" "$(LC_ALL=C grep -c '[^ -~]' <<<"$OUT")" 0

watch --replay "$records/unshare.jsonl" --format svg -d out.svg
is "SVG into a file" "$STATUS:$OUT:$ERR" 0::
if command -v xmllint >/dev/null; then
	ok "SVG: well-formed" xmllint --noout out.svg
fi
like "SVG: for who cannot see it" "$(<out.svg)" '<title[^>]*>watch: unshare'
unlike "SVG: nothing from elsewhere" "$(<out.svg)" '(href|src)='
watch --replay "$records/docker.jsonl" --format json --level all
is "JSON: exit status" "$STATUS:$ERR" 0:
ok "JSON: all events are there, in order" jq -e --argjson n "$(($(wc -l <"$records/docker.jsonl") - 1))" \
	'."cutaway-watch-sequence" == 1 and ([.messages[].events] | add) == $n and .above == 0 and ([.messages[].t] == ([.messages[].t] | sort))' <<<"$OUT"
ok "JSON: arrows lead from lifeline to lifeline" jq -e '(.lifelines | length) as $n | all(.messages[]; .from >= 0 and .from < $n and .to >= 0 and .to < $n)' <<<"$OUT"

# ---- of a run ---------------------------------------------------------------------------------
watch -q -d run.txt -- sh -c 'unshare -U true; exit 3'
is "a run: exit status of the command" "$STATUS:$OUT:$ERR" 3::
like "a run: drawn when it has ended" "$(<run.txt)" 'the command has ended, status 3'
like "a run: its calls" "$(<run.txt)" 'unshare\(CLONE_NEWUSER'
watch -o run.jsonl -q -d run.json -l all -- sh -c 'true'
ok "a run: the name of the file says which form" jq -e '.lifelines[0].name == "you"' run.json
watch --replay run.jsonl -l all --format json
is "a run and its record are drawn alike" "$(jq -S . <<<"$OUT")" "$(jq -S . run.json)"

# ---- what is wrong ----------------------------------------------------------------------------
watch --format svg true
like "--format without a file for it" "$STATUS:$ERR" '^2:.*--drawing FILE'
watch --replay "$records/unshare.jsonl" --format gif
like "no such format" "$STATUS:$ERR" '^2:.*gif'
watch --replay "$records/unshare.jsonl" --format text --width 3
like "no such width" "$STATUS:$ERR" '^2:.*--width'
watch --replay "$records/unshare.jsonl" --level some
like "no such level" "$STATUS:$ERR" '^2:.*api, processes, kernel or all'
echo '{"cutaway-watch":1' >'broken'
watch --replay broken --format text
like "no record" "$STATUS:$ERR" '^1:.*read record'
watch --replay "$records/unshare.jsonl" -d ./none/out.svg
like "a file that cannot be written" "$STATUS:$ERR" '^1:.*write: ./none/out.svg'
done_testing
