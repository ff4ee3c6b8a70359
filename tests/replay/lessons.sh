#!/usr/bin/env bash
# Every lesson, unattended: as root (when we are) and as an ordinary user for what that allows.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

# replayed WHO DIR COMMAND...: the command's TAP becomes ours, its plan must be kept.
replayed() {
	local who=$1 status out
	shift
	out=$WORK/replay.out
	"$@" >"$out" 2>"$WORK/replay.err" </dev/null
	status=$?
	tap_forward "$who: " <"$out"
	is "$who: replay ends well" "$status" 0 || diag "$(tail -n 30 "$WORK/replay.err")"
	like "$who: replay did something" "$(<"$out")" '^ok '
}

# In user-mode-linux a system call takes a hundred times as long: what is done outside and in the other
# half of its run is not done again. The lesson that measures passes there, as root and as user, and
# takes minutes. Those about the files of images do nothing that the kernel could do otherwise: what
# becomes of layers in containers is in base-and-layers.
slow='' half=''
if grep -q 'User Mode Linux' /proc/cpuinfo; then
	slow='performance what-an-image-is names-and-registries what-is-inside layers-in-design'
	half=user
	[ "$(id -u)" != 0 ] || half=root
fi

for index in "$ROOT"/lessons/*/index.json; do
	lesson=$(basename "$(dirname "$index")")
	[[ " $slow " != *" $lesson "* ]] || continue
	[ "$half" = user ] || ok "lint $lesson" "$CUTAWAY" lint "$ROOT/lessons/$lesson"
	if [ "$(id -u)" = 0 ]; then
		replayed "$lesson, root" "$CUTAWAY" replay --tap "$ROOT/lessons/$lesson"
	fi
	user_place
	[ "$half" = root ] || replayed "$lesson, ordinary user" as_user "$user_home/build/cutaway" replay \
		--tap "$user_home/lessons/$lesson"
done
for runtime in "$XDG_RUNTIME_DIR" "$user_home/run"; do
	is "nothing is left in ${runtime##*/} after the replays" \
		"$(find "$runtime" -path '*/labs/*' -o -path '*/containers/*' | head)" ""
done
done_testing
