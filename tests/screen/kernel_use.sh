#!/usr/bin/env bash
# The kernel view of a lab follows what control groups use, although no event tells it; the quota of a
# busy container is what limits it, as its own files say.
# Not in user-mode-linux: a processor that is shared with the host's load tells no rate.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "the use of control groups" "no tmux here"
	done_testing
fi
cd "$WORK" || exit 1
if ! "$CUTAWAY" run -d --name busy --cpus 0.25 --memory 64m base sh -c 'while :; do :; done' >/dev/null 2>why; then
	skip "the use of control groups" "no container with limits: $(head -n 1 why)"
	done_testing
fi
# shellcheck disable=SC2317 # called by the trap
end() {
	terminal_end
	"$CUTAWAY" clean --all >/dev/null 2>&1
}

terminal_start 170 36 "$CUTAWAY"
trap end EXIT
sees "the lab is there" 30 'user space'
terminal_type 'view kernel'
terminal_keys Enter
sees "its share of a processor, and its limit" 60 'busy.* [0-9]+%/25%'
sees "and how that went" 60 'busy.* [0-9]+%/25% +[▁▂▃▄▅▆▇█]+ '
sees "memory of what it may" 20 'busy.* [0-9.]+[KM]/64M '
"$CUTAWAY" pause busy >/dev/null
sees "paused, it uses nothing" 60 'busy.* frozen .* 0%/25%'
"$CUTAWAY" rm -f busy >/dev/null
ok "removed, it is gone" wait_gone 30 'busy.*/25%'
done_testing
