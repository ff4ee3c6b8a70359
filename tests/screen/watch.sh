#!/usr/bin/env bash
# The screen of `cutaway watch --replay`: arrows, levels, what is looked for, an event explained, any
# size; the terminal is given back.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "the screen of watch" "no tmux here"
	done_testing
fi
cd "$WORK" || exit 1
record=$ROOT/tests/fixtures/watch/docker.jsonl
keys() { terminal_keys "$@"; }

terminal_start 80 24 "clear; $CUTAWAY watch --screen --replay $record; echo \"it ended: \$?\""
sees "which command, and the level" 20 '^watch: docker .*'
sees "lifelines" 10 'you +docker .*containerd .*shim .*kernel'
sees "the first event is chosen" 10 '^▶.* ├─.*◀'
sees "how many there are" 10 '^1/[0-9]+ '
keys j j
sees "down" 10 '^3/[0-9]+ '
keys G
sees "the last: the command has ended" 10 'the command has ended, status 0'
keys g
sees "the first" 10 '^1/[0-9]+ '
keys 1
sees "level api" 10 '^1/7 '
sees "what the daemon was asked" 10 'POST /v[0-9.]+/containers/create'
keys +
sees "a level more" 10 '^1/[1-9][0-9] '
keys 3 /
terminal_type CLONE_NEWUTS
sees "what is looked for is shown" 10 '^/CLONE_NEWUTS'
keys Enter
sees "and found" 10 'unshare\(CLONE_NEWPID'
keys Enter
sees "the event in full" 10 'CLONE_NEWNET\) = 0'
sees "what it is for, in the words of the step" 10 'step namespace-uts'
sees "where to read on" 10 'uts_namespaces\(7\)'
keys q
sees "closed again" 10 '\? keys'
keys '?'
sees "all keys" 10 'a level more, less'
keys q
terminal_resize 160 50
sees "wider: stages of runc have their own lifelines" 10 'runc:\[1:CHILD\]'
terminal_resize 30 8
sees "very small" 10 '─▶ '
terminal_resize 80 24
keys /
terminal_type no-such-words
keys Enter
sees "what is not there" 10 'Nothing here has'
keys q
sees "it ends" 10 '^it ended: 0'
terminal_type "$CUTAWAY watch --screen --replay $record </dev/null; echo \"without: \$?\""
keys Enter
sees "without a terminal it is an error" 10 '^without: 1'
terminal_type "clear; $CUTAWAY watch --screen true; echo \"no record: \$?\""
keys Enter
sees "without a recording it is a usage error" 10 '^no record: 2'
done_testing
