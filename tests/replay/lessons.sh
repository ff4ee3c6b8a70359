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
# whom it runs. That a lesson can be done twice is no matter of the kernel. The lesson that measures
# passes there, as root and as user, and takes minutes; so do the engines and their tools in those about
# toolchains and standards. Those about the files of images do nothing that
# the kernel could do otherwise: what becomes of layers in containers is in base-and-layers.
slow='' at_once=3 jobs=() lessons=() uml='' root=''
if grep -q 'User Mode Linux' /proc/cpuinfo; then
	slow='performance single-host-toolchain open-containers-initiative what-an-image-is names-and-registries what-is-inside layers-in-design'
	# Those take minutes there; the last asks no kernel.
	slow+=' multi-host-toolchain final community-landscape'
	uml=yes at_once=2
fi
for index in "$ROOT"/lessons/*/index.json; do
	lesson=$(basename "$(dirname "$index")")
	[[ " $slow " = *" $lesson "* ]] || lessons+=("$lesson")
done
[ "$(id -u)" != 0 ] || root=yes
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
