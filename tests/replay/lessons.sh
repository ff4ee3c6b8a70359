#!/usr/bin/env bash
# Every lesson, unattended: as root (when we are) and as an ordinary user for what that allows. Lessons
# wait a lot, for processes and for what a learner has to see, so that some run at the same time; never
# the same one twice: root and the user would meet at its ports and processes.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

# As root it is `lint`, which replays a lesson twice in a row and once more by its solution: what it
# proves holds for one replay all the more. After every step of the first of them the pictures are compared with
# what others say of the machine. As the user a replay tells every page.
#
# In user-mode-linux a system call takes a hundred times as long: each half of its run replays once, as
# whom it runs. That a lesson can be done twice is no matter of the kernel. The lessons about the files of
# images and about who makes what ask nothing of it that others do not: there the ordinary user does
# them, whose half of the run is the shorter one; as root they were replayed by hand.
at_once=3 jobs=() lessons=() uml='' root='' files=''
[ "$(id -u)" != 0 ] || root=yes
! grep -q 'User Mode Linux' /proc/cpuinfo || uml=yes
[ "$uml$root" != yesyes ] || files=' what-an-image-is names-and-registries what-is-inside layers-in-design community-landscape '
for index in "$ROOT"/lessons/*/index.json; do
	lesson=$(basename "$(dirname "$index")")
	[[ $files = *" $lesson "* ]] || lessons+=("$lesson")
done
after=()
[ -z "$root" ] || after=(--after-step "$(printf '%q' "$ROOT/tests/lib/compare_picture.sh")")
for lesson in "${lessons[@]}"; do
	if [ -z "$uml" ]; then
		jobs+=("lint $lesson")
	elif [ "$root" ]; then
		jobs+=("root $lesson")
	fi
done
[ "$uml$root" = yesyes ] || jobs+=("${lessons[@]/#/user }")
user_place

perform() {
	case $1 in
	lint) "$CUTAWAY" lint "${after[@]}" "$ROOT/lessons/$2" ;;
	root) "$CUTAWAY" replay --tap "$ROOT/lessons/$2" ;;
	user) as_user "$user_home/build/cutaway" replay --tap "$user_home/lessons/$2" ;;
	esac
}

# What it says and how it ends is kept for report.
perform_alone() {
	{
		flock 9
		perform "$@" >"$WORK/$1-$2.out" 2>"$WORK/$1-$2.err" </dev/null 9>&-
		echo $? >"$WORK/$1-$2.status"
	} 9>"$WORK/$2.lock"
}

# A replay's TAP becomes ours, its plan must be kept.
report() {
	local file=$WORK/$1-$2 who="$2, $1" status
	status=$(cat "$file.status")
	if [ "$1" = lint ]; then
		while read -r text; do
			skip "lint $2: ${text%%: it needs*}" "${text##*: it needs }"
		done < <(sed -n 's/^not tried here: //p' "$file.err" | sort -u)
		is "lint $2" "$status" 0 || diag "$(tail -n 60 "$file.out" "$file.err")"
		return
	fi
	tap_forward "$who: " <"$file.out"
	is "$who: replay ends well" "$status" 0 || diag "$(tail -n 30 "$file.err")"
	like "$who: replay did something" "$(<"$file.out")" '^ok '
}

running=0
for job in "${jobs[@]}"; do
	if [ $running -ge $at_once ]; then
		wait -n
		running=$((running - 1))
	fi
	# shellcheck disable=SC2086 # two words
	perform_alone $job &
	running=$((running + 1))
done
wait
# shellcheck disable=SC2086 # two words
for job in "${jobs[@]}"; do report $job; done
for runtime in "$XDG_RUNTIME_DIR" "$user_home/run"; do
	is "nothing is left in ${runtime##*/} after the replays" \
		"$(find "$runtime" -path '*/labs/*' -o -path '*/containers/*' | head)" ""
done
done_testing
