#!/usr/bin/env bash
# The drawing exercise at the command line: drawn in lines, kept, undone, graded, handed in.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

d() {
	"$CUTAWAY" diagram "$@"
}
# draw TASK: its solution, as the rules have it, in lines.
draw() {
	local rules=$ROOT/lessons/diagram.json
	jq -r --arg t "$1" '. as $all | .tasks[] | select(.name == $t) | .parts[] as $p
		| $all.parts[] | select(.name == $p) | "place \(.name) \(.bands[0])"' "$rules" | while read -r line; do
		# shellcheck disable=SC2086 # words of a line
		d --task "$1" -q $line
	done
	jq -r --arg t "$1" '. as $all | .tasks[] | select(.name == $t) | .arrows[] | split(" ") as $a
		| $all.arrows[] | select(.from == $a[0] and .to == $a[1])
		| (.key // .calls[0]) as $c | [.from, .to, ($all.calls[] | select(.name == $c).title)] | @tsv' "$rules" |
		while IFS=$'\t' read -r from to label; do d --task "$1" -q connect "$from" "$to" "$label"; done
}

run d task
is "tasks: exit status" "$STATUS" 0
like "tasks: the first is drawn at" "$OUT" '^\* single-host '
run d task podman
like "a task is chosen, and told" "$OUT" 'how podman makes a container'
like "it stays chosen" "$(d task)" '^\* podman '
run d task nonsense
is "no such task: usage error" "$STATUS" 2
like "no such task: those there are" "$ERR" 'there are single-host, podman, image, cluster'

run d place podman user
is "a part is placed" "$OUT" "podman stands in: user space"
run d place podman user
is "once more: nothing would change" "$STATUS" 1
run d place podman sky
is "no such band: usage error" "$STATUS" 2
like "no such band: those there are" "$ERR" 'you, user, kernel, remote'
run d place gizmo user
is "no such part: usage error" "$STATUS" 2
like "no such part: how to find them" "$ERR" "diagram parts"
run d place podman
is "a word is missing: usage error" "$STATUS" 2
run d connect podman conmon fork
is "an arrow to what is not there" "$STATUS" 1
like "an arrow to what is not there: what to do" "$ERR" 'diagram place conmon'
d -q place conmon user
d -q connect podman conmon HTTP
like "the arrow is kept" "$(d show)" '1 podman -> conmon: HTTP'
d -q label podman conmon 'fork + exec'
like "and labelled anew" "$(d show)" '1 podman -> conmon: fork \+ exec'
d -q undo
like "undo" "$(d show)" '1 podman -> conmon: HTTP'
d -q redo
like "redo" "$(d show)" '1 podman -> conmon: fork \+ exec'
run d connect podman conmon $'\e[2J'
is "a label with an escape is refused" "$STATUS" 1
unlike "and not shown" "$ERR" $'\e'

run d grade --no-machine
is "not yet right: exit status" "$STATUS" 1
like "what is right of it" "$OUT" 'podman: 2 of 9 parts, 1 of 8 arrows'
like "what is missing, as a question" "$OUT" '\? Who in the first place|\? Who wants the container'
unlike "but not by its name" "$OUT" 'place runc'
d -q clear
like "clear" "$(d show | tail -1)" "^kernel:\$"

for task in single-host podman image cluster; do
	draw "$task"
	ok "$task: its solution passes" d grade --no-machine --task "$task"
	d --task "$task" -q undo
	run d grade --no-machine --task "$task"
	is "$task: less than that does not" "$STATUS" 1
	d --task "$task" -q redo
done
d --task single-host -q connect dockerd container fork
run d grade --task single-host --root "$ROOT/tests/fixtures/docker-host-v1"
is "an arrow too many" "$STATUS" 1
like "the machine says why" "$OUT" 'Here: pid 1500 \(sh\) is a child of pid 900 \(containerd-shim\)'
CUTAWAY_UNMET=$WORK/unmet run d grade -q --task single-host --no-machine
is "quiet" "$OUT$ERR" ""
like "what a check of a lesson is told" "$(<"$WORK/unmet")" '"fact":"diagram.single-host.arrow".*not children of dockerd'
is "as JSON" "$(d grade --json --task single-host --no-machine | jq -c '[.passed, .arrows, (.found[] | select(.verdict != "right") | .from)]')" \
	'[false,{"asked":12,"right":12},"dockerd"]'

# the picture
picture=$(d show --task single-host)
like "show: a picture" "$picture" '│ dockerd '
like "show: and a list" "$picture" '^ 1 you -> shell: types a command$'
ok "save: SVG" d save "$WORK/picture.svg" --task single-host
like "save: the parts are text" "$(<"$WORK/picture.svg")" '>dockerd</text>'
like "save: arrows are told" "$(<"$WORK/picture.svg")" '<title>docker to dockerd: HTTP</title>'
if command -v xmllint >/dev/null; then
	ok "save: it is XML" xmllint --noout "$WORK/picture.svg"
else
	skip "save: it is XML" "no xmllint"
fi
run d save
is "save: into which file? usage error" "$STATUS" 2
like "draw shows it as well" "$("$CUTAWAY" draw diagram cluster --ascii)" '. kubelet '
run "$CUTAWAY" draw diagram nonsense
is "draw: no such task" "$STATUS" 1

# handed in
kept=$XDG_STATE_HOME/cutaway/diagrams/cluster.json
cp "$kept" "$WORK/anna.json"
before=$(stat -c '%Y %s %i' "$WORK/anna.json")
ok "a file of somebody else" d grade --no-machine "$WORK/anna.json"
is "which stays as it was" "$(stat -c '%Y %s %i' "$WORK/anna.json")" "$before"
d --file "$WORK/new/own.json" --task image -q place docker user
is "a file of one's own" "$(jq -r '.task, .parts[0].part' "$WORK/new/own.json" | paste -sd' ')" "image docker"
is "nothing else stands beside it" "$(ls -A "$WORK/new")" own.json
echo '{"version":1,"parts":[{"part":"../x","band":"user"}],"arrows":[]}' >"$WORK/bad.json"
run d grade "$WORK/bad.json"
is "a bad file: exit status" "$STATUS" 1
like "a bad file: named" "$ERR" 'bad.json: \.\./x: this part cannot be placed'
run d grade "$WORK/none.json"
is "no file" "$STATUS" 1
echo '{"parts":[],"calls":[],"arrows":[],"wrong":[],"tasks":[{"name":"a b"}]}' >"$WORK/rules.json"
run d --rules "$WORK/rules.json" task
is "bad rules: exit status" "$STATUS" 1
like "bad rules: what is wrong" "$ERR" 'rules.json: a b: is no name'

# many hands at once: nothing is lost
d -q --file "$WORK/many.json" --task cluster clear 2>/dev/null
for part in kubelet etcd scheduler apiserver cri runc shim kubectl; do
	d -q --file "$WORK/many.json" --task cluster place $part user &
done
wait
is "changes at the same time" "$(jq '.parts | length' "$WORK/many.json")" 8
# in a lab it is a word of its own, and a program: with quotes, pipes and redirections
lab=$(printf '%s\n' 'diagram' "diagram place 'regular process' user | sed s/^/said:/" 'help diagram' 'diagram task image >$LAB/x; cat $LAB/x' 'diagram' |
	"$CUTAWAY" shell 2>&1)
like "lab: what there is to be drawn" "$lab" '^podman: The same without a daemon$'
like "lab: a line" "$lab" 'said:regular process stands in: user space'
like "lab: help" "$lab" 'diagram connect docker dockerd HTTP'
like "lab: another task" "$lab" '^image: From a registry to a root file system$'
# a picture that is handed in
d -q --file "$WORK/handed.json" --task podman place podman user
d -q --file "$WORK/handed.json" --task podman connect podman '<&>' 'a & <b>' 2>/dev/null
d -q --file "$WORK/handed.json" --task podman place runc user
d -q --file "$WORK/handed.json" --task podman connect podman runc 'a & <b>'
d --file "$WORK/handed.json" save "$WORK/handed.svg"
if command -v xmllint >/dev/null; then
	ok "the picture is XML with the diagram in it" xmllint --noout "$WORK/handed.svg"
else
	skip "the picture is XML with the diagram in it" "xmllint"
fi
before=$(cksum <"$WORK/handed.svg")
run d --no-machine grade "$WORK/handed.json"
graded=$STATUS$OUT
run d --no-machine grade "$WORK/handed.svg"
is "a picture is graded like its diagram" "$STATUS$OUT" "$graded"
like "and it is the one of its task" "$OUT" '^podman: '
run d --file "$WORK/handed.svg" place crun user
is "a picture is not changed" "$STATUS$(cksum <"$WORK/handed.svg")" "1$before"
like "that is told" "$ERR" 'it is a picture that was handed in'
echo '<svg></svg>' >"$WORK/other.svg"
run d grade "$WORK/other.svg"
like "a picture of something else" "$STATUS$ERR" '^1.*other.svg: no diagram is in this picture'
run d
is "no verb: usage error" "$STATUS" 2
run d dance
like "no such verb" "$ERR" "there is no 'diagram dance'"
done_testing
