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

# ---- a trace, by the Trace Event Format: for ui.perfetto.dev and chrome://tracing --------------
watch --replay "$records/docker.jsonl" --format trace -d out.trace
is "trace: exit status" "$STATUS:$OUT:$ERR" 0::
ok "trace: an object with its events" jq -e '.traceEvents | type == "array" and length > 50' out.trace
ok "trace: each has its phase, name, process and thread" jq -e 'all(.traceEvents[]; (.ph | IN("M", "X", "i", "s", "f")) and (.name | type == "string") and (.pid | type == "number") and (.tid | type == "number"))' out.trace
ok "trace: complete events have a time and a duration" jq -e '[.traceEvents[] | select(.ph == "X")] | length > 20 and all(.[]; .ts >= 0 and .dur >= 0)' out.trace
ok "trace: arrows have two ends" jq -e '[.traceEvents[] | select(.ph == "s") | .id] == [.traceEvents[] | select(.ph == "f") | .id]' out.trace
is "trace: all calls are there" "$(jq '[.traceEvents[] | select(.cat == "call")] | length' out.trace)" \
	"$(jq -s '[.[] | select(.call)] | length' "$records/docker.jsonl")"
ok "trace: slices of a thread lie inside each other or apart" jq -e '
	[.traceEvents[] | select(.ph == "X")] | group_by([.pid, .tid])
	| all(.[]; sort_by([.ts, -.dur]) | reduce .[] as $e ({stack: [], good: true};
		.stack |= map(select(. > $e.ts))
		| .good = (.good and ((.stack | length) == 0 or .stack[-1] >= $e.ts + $e.dur))
		| .stack += [$e.ts + $e.dur]) | .good)' out.trace
ok "trace: processes have names" jq -e '[.traceEvents[] | select(.name == "process_name") | .args.name] | index("dockerd") and index("docker")' out.trace

for name in runc ours unshare grpc docker; do
	watch --replay "$records/$name.jsonl" --format trace -d out.trace
	ok "trace of $name: no time is before the start, and an arrow ends after it has begun" jq -e '
		all(.traceEvents[] | select(.ph != "M"); .ts >= 0) and
		([.traceEvents[] | select(.ph == "s" or .ph == "f")] | group_by(.id)
			| all(.[]; [.[].ph] == ["s", "f"] and .[0].ts <= .[1].ts and .[0].name == .[1].name and .[0].cat == .[1].cat))' out.trace
done

# ---- two runs beside each other ---------------------------------------------------------------
watch --compare "$records/runc.jsonl" "$records/ours.jsonl"
is "compare: exit status" "$STATUS:$ERR" 0:
like "compare: which runs" "$OUT" '^2: ./cutaway-oci'
like "compare: how long each layer took" "$OUT" '^runtime 1 +[^ ]+.* ms'
like "compare: what both do" "$OUT" '^pivot_root\(.* {3,}pivot_root\('
like "compare: what only one does" "$OUT" '^only 2: .*open_tree [0-9]+'
like "compare: beside each other" "$OUT" '^ +> open_tree\('
like "compare: what only one makes at all stands first" "$(tr -s ' \n' ' ' <<<"$OUT")" \
	'only 2:[^;]* open_tree [0-9]+[^;]*; with arguments of its own: '
unlike "compare: a runtime is no daemon" "$OUT" '^daemon '
is "compare: the layers stand before what they add up to" \
	"$(grep -oE '^(client|runtime|container|all|kernel calls) 1' <<<"$OUT" | paste -sd,)" "client 1,runtime 1,container 1,all 1,kernel calls 1"
is "compare: nothing is cut" "$(grep -cE '^[^|<>()]*…' <<<"$OUT")" 0
is "compare: no wider than asked for" "$([ "$(wc -L <<<"$OUT")" -le 100 ] && echo yes)" yes
watch --compare "$records/runc.jsonl" "$records/ours.jsonl" --ascii
is "compare: in ASCII" "$STATUS:$(LC_ALL=C grep -c '[^ -~]' <<<"$OUT")" 0:0
watch --compare "$records/runc.jsonl" "$records/runc.jsonl" --format json
ok "compare: a run is like itself" jq -e '.same > 50 and .first == 0 and .second == 0 and .other == 0 and .only == [{}, {}]' <<<"$OUT"
ok "compare: the layers are the whole" jq -e 'all(.runs[]; ([.layers[].us] | add) == .us)' <<<"$OUT"
watch --compare "$records/docker.jsonl" "$records/docker.jsonl" --level api
like "compare: what is asked of daemons" "$OUT" '^http POST /v[0-9.]+/containers/create {3,}http POST '
unlike "compare: and no calls at that level" "$OUT" '^mount\('
watch --compare "$ROOT/lessons/single-host-toolchain/docker.jsonl" "$records/docker.jsonl" --level api --width 160
like "compare: a method that was not heard, by what it caused" "$OUT" '^grpc \(probably Tasks/Create\) '
watch --compare "$records/unshare.jsonl" "$records/unshare.jsonl" --level api
like "compare: nothing at this level" "$OUT" 'A deeper level may have some'
watch --compare "$records/docker.jsonl" "$records/unshare.jsonl" --format json -d cmp.json
ok "compare: into a file" jq -e '."cutaway-watch-compare" == 1 and .runs[0].layers.daemon.us > 0' cmp.json
watch --compare "$records/runc.jsonl"
like "compare: one is not enough" "$STATUS:$ERR" '^2:.*two recordings'
watch --compare "$records/runc.jsonl" ./none
like "compare: no such file" "$STATUS:$ERR" '^1:.*open record: ./none'
watch --compare "$records/runc.jsonl" "$records/ours.jsonl" --format svg
like "compare: not as a picture" "$STATUS:$ERR" '^2:.*text or json'

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
