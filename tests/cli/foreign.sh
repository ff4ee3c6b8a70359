#!/usr/bin/env bash
# Lessons from elsewhere: opened as they are, run only with the learner's word.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
cd "$ROOT" || exit 1
scenario=tests/fixtures/foreign/scenario
export HOME=$WORK/home
mkdir -p "$HOME"

run "$CUTAWAY" lessons --show $scenario
is "it opens" "$STATUS" 0
like "a file with other capitals" "$OUT" '^Welcome\.'
like "an address of this machine" "$OUT" 'at http://localhost:8080/start'
like "a link to a port" "$OUT" '^\(http://localhost:8080\), address 127\.0\.0\.1, all ports http://localhost\.$'
like "that is said" "$OUT" '^Addresses of its own machines'
like "Latin-1" "$OUT" '^Start it, café\.'
like "code of several lines keeps them" "$OUT" '^    --name two$'
like "a second machine is told" "$OUT" '^Some of it is for a second machine'
like "its commands are marked" "$OUT" '`echo elsewhere`  \(on machine 2\)'
like "a block for a file" "$OUT" '^For the file `app\.js` \(replace\):'
like "with its entities decoded" "$OUT" '  if \(a < b\) \{ run\(\); \}'
like "the answer" "$OUT" '^Make the file \*\*ready\*\*'
like "a missing text is told" "$OUT" '^Cannot be read: not-there.md: No such file'
like "and on its page" "$OUT" 'cannot be read: `not-there.md`'
like "who made it" "$OUT" '^Made by nobody\.'
like "a cluster that it was written for" "$OUT" 'Kubernetes cluster \(kubernetes-kubeadm-2nodes\)'
like "a question" "$OUT" '^\*\*Question: Q1: What lists files\?\*\*'
unlike "not which answer is right" "$OUT" '\(\*\)|\[\*\]|=== '
run "$CUTAWAY" lessons --show --json $scenario
is "commands and what they are for" "$(jq -r '.[0].pages[1].commands[] | "\(.action) \(.host) \(.text | @json)"' <<<"$OUT")" \
	'exec 1 "echo one \\\n  --name two"
exec 2 "echo elsewhere"
type 1 "export KEY="
copy 1 "docker run -d -p 80:80 --name web nginx:alpine"
copy 1 "if (a < b) { run(); }"'
is "questions" "$(jq -r '.[0].pages[2].questions | length' <<<"$OUT")" 4

run "$CUTAWAY" lessons tests/fixtures/foreign
is "lessons of pathways and of folders" "$(grep -oE '(First|Second|Visit a port)' <<<"$OUT")" "First
Second
Visit a port"

# lab LINE...: a session in it.
lab() {
	printf '%s\n' "$@" >"$WORK/lines"
	OUT=$("$CUTAWAY" shell --fresh $scenario <"$WORK/lines" 2>&1)
	STATUS=$?
}
made='find ~ -name checked -o -name from-background | sort | sed s,.*/,made:,'

lab 'echo opened' next 'echo on page one' skip "$made" 'echo "home is $HOME, lab is $LAB"' 'ls -l tool.sh opt/shop/a.yaml tmp/renamed/note.txt' 'ls ~ ~/..' 'cat ~/tool.sh' quit
like "it opens in the lab" "$OUT" '^opened$'
like "its scripts are told" "$OUT" "comes with a script of its own: setup-background.sh and setup-foreground.sh"
unlike "and not run" "$OUT" '^from the foreground$'
unlike "nothing was run or checked without a word" "$OUT" '^made:'
is "its home is the lab's" "$(sed -n 's/^home is \(.*\), lab is \(.*\)$/\1 = \2/p' <<<"$OUT" | awk '{ print ($1 == $3) }')" 1
like "files by a wildcard, with a run bit" "$OUT" '^-rwxr-xr-x .* tool\.sh$'
like "a directory for an absolute target, with a mode" "$OUT" '^-rw------- .* opt/shop/a\.yaml$'
like "a target that names the file" "$OUT" '^-rw-r--r-- .* tmp/renamed/note\.txt$'
like "where that is, is told" "$OUT" "files for /opt/shop are in ~/opt/shop here"
like "a file from outside is refused" "$OUT" "file \.\./index\.json is not put into the lab: its path leads out"
like "a link that leads out" "$OUT" "file out\.txt is not put into the lab: the path leads out"
like "a target that climbs" "$OUT" "file note\.txt is not put into the lab: its path leads out"
is "the learner's own home is as it was" "$(find "$HOME" -mindepth 1 -maxdepth 1 ! -name '.*')" ""
lab next check "$made" 'reset all' 'ls tool.sh' "$made" quit
is "a check is run when it is asked for" "$(grep -c '^made:checked' <<<"$OUT")" 1
like "after a reset its files are there again" "$OUT" '^tool\.sh$'

lab setup next check hint solution quit
like "setup shows the scripts" "$OUT" '^# setup-foreground.sh, in the terminal$'
like "as they are" "$OUT" '^echo from the foreground$'
unlike "without running them" "$OUT" '^from the foreground$'
like "check runs the check" "$OUT" 'check of this page has not passed|Still missing'
like "a hint that is a script" "$OUT" '^Hint: look at the home directory'
like "the solution is the answer" "$OUT" 'Make the file \*\*ready\*\*'
lab '' '' quit
like "Enter proposes the setup, Enter runs it" "$OUT" '^from the foreground$'

lab next skip answer 'answer 1 2' 'answer 2 1 2' 'answer 2 1' 'answer 3 CAT' 'answer 4 x7' 'answer 4 77' 'answer 9 1' quit
like "questions" "$OUT" '^Question 1: Q1: What lists files\?$'
like "a right number" "$OUT" '^✓ Right: 2\) ls\.$'
like "several right ones" "$OUT" '^✓ Right: 1\) bash; 2\) dash\.$'
like "too few" "$OUT" 'Not so: you said "1"; it is: 1\) bash; 2\) dash\.'
like "a text in other capitals" "$OUT" '^✓ Right: cat\.$'
like "an expression that does not match" "$OUT" 'Not so: you said "x7"'
like "one that does" "$OUT" '^✓ Right: what matches'
like "no such question" "$OUT" '^A number from 1 to 4'
# Images: told once, and a file that names local ones instead.
cp -r $scenario "$WORK/mapped"
scenario=$WORK/mapped
lab quit
like "images that are not here are told" "$OUT" "It wants images that are not here: nginx:alpine\."
echo '{"docker.io/library/nginx:alpine": "base"}' >"$WORK/mapped/images.json"
lab 'ct pull -q nginx:alpine; echo "pulled $?"' 'ct run --rm nginx:alpine echo in the container' 'ct rmi nginx:alpine; echo "removed $?"' quit
like "the one that stands for it is told" "$OUT" '^For its image nginx:alpine stands base here'
like "pull says so and fetches nothing" "$OUT" '^cutaway pull: nginx:alpine is base here'
like "and is content" "$OUT" '^pulled 0$'
like "run takes it" "$OUT" '^in the container$'
unlike "rmi does not" "$OUT" '^removed 0$'
mkdir -p "$HOME/.config/cutaway"
echo '{"nginx": "base"}' >"$HOME/.config/cutaway/images.json"
run env -u XDG_CONFIG_HOME "$CUTAWAY" pull -q docker.io/library/nginx:latest
is "one for all lessons" "$STATUS:$OUT" "0:base"
done_testing
