#!/usr/bin/env bash
# The picture of this machine against what other tools say, in all formats.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
export LC_ALL=C.UTF-8

run "$CUTAWAY" draw
is "draw: exit status" "$STATUS" 0
like "draw: the two bands" "$OUT" '^╭ user space '
like "draw: the two bands" "$OUT" '^╭ kernel '
unlike "draw: no colour on a pipe" "$OUT" $'\033'
widest=$(wc -L <<<"$OUT")
ok "draw: no line wider than the size" test "$widest" -le 100

run "$CUTAWAY" draw --size 20x5
ok "20x5: at most five lines" test "$(wc -l <<<"$OUT")" -le 5
ok "20x5: none wider" test "$(wc -L <<<"$OUT")" -le 20
like "20x5: says how many containers" "$OUT" '^ [0-9]+ container'

run "$CUTAWAY" draw --ascii
is "--ascii: nothing above 127" "$(LC_ALL=C grep -c '[^ -~]' <<<"$OUT")" 0
run env LC_ALL=C "$CUTAWAY" draw
is "a locale without UTF-8: nothing above 127" "$(LC_ALL=C grep -c '[^ -~]' <<<"$OUT")" 0

# What is drawn is what is there: the namespaces of a process that we start.
unshare --uts sleep 300 &
sleeper=$!
trap 'kill "$sleeper" 2>/dev/null' EXIT
ours=$(readlink /proc/self/ns/uts)
# shellcheck disable=SC2016  # for the inner shell
if wait_until 5 bash -c '[ "$(readlink "/proc/$0/ns/uts")" != "$1" ]' "$sleeper" "$ours"; then
	count=$(for p in /proc/[0-9]*; do readlink "$p/ns/uts"; done 2>/dev/null | sort -u | wc -l)
	run "$CUTAWAY" draw --size 160x50
	drawn=$(sed -nE 's/.*│ uts +([0-9]+) .*/\1/p' <<<"$OUT" | head -1)
	is "as many UTS namespaces as /proc has" "$drawn" "$count"
else
	skip "as many UTS namespaces as /proc has" "unshare --uts needs root"
fi

run "$CUTAWAY" draw --format svg -o "$WORK/host.svg"
is "svg to a file: exit status" "$STATUS" 0
is "svg to a file: nothing printed" "$OUT" ""
for theme in dark light mono contrast; do
	ok "svg, $theme: drawn" "$CUTAWAY" draw --format svg --theme "$theme" -o "$WORK/$theme.svg"
	ok "svg, $theme: well-formed" xmllint --nonet --noout "$WORK/$theme.svg"
done
like "svg: has a title" "$(cat "$WORK/host.svg")" '<title id="title">.+</title>'
like "svg: has a description" "$(cat "$WORK/host.svg")" '<desc id="desc">.+</desc>'
unlike "svg: loads nothing from elsewhere" "$(cat "$WORK/host.svg")" 'href|url\(|@import'

# Every view of machines that were recorded, one of them with names that mean harm: a document of
# its own, with its words as words.
cp -r "$ROOT/tests/fixtures/docker-host-v1" "$WORK/hostile"
evil=$'</text><script>alert(1)</script>&"\x01\xff\xe2\x80\xae'
printf '%s\n' "$evil" >"$WORK/hostile/proc/sys/kernel/hostname"
for file in "$WORK"/hostile/proc/[0-9]*; do
	printf '%s\0' "$evil" >"$file/cmdline"
	sed -i "1s/.*/Name:\t<b>\&\"'/" "$file/status"
done
mapfile -t views < <("$CUTAWAY" draw --help | sed -nE '/^  all /d; s/^  ([a-z]+)( .NAME.)?  +.*/\1/p')
ok "draw --help: lists the views" test "${#views[@]}" -ge 5
for tree in "$ROOT"/tests/fixtures/{docker-host-v1,podman-user-v2} "$WORK/hostile"; do
	for view in "${views[@]}"; do
		what="svg of ${tree##*/}, $view"
		run "$CUTAWAY" draw "$view" --root "$tree" --format svg -o "$WORK/one.svg"
		is "$what: drawn" "$STATUS" 0
		ok "$what: well-formed" xmllint --nonet --noout "$WORK/one.svg"
		is "$what: an image with a name and a description" "$(xmllint --nonet --xpath 'concat(/*/@role, " ",
			boolean(//*[@id="title"]/text()), " ", boolean(//*[@id="desc"]/text()), " ", /*/@aria-labelledby)' \
			"$WORK/one.svg")" "img true true title desc"
		is "$what: no script, nothing from elsewhere" "$(xmllint --nonet --xpath 'count(//*[local-name()="script" or
			local-name()="image" or local-name()="use" or local-name()="foreignObject"] | //@*[local-name()="href"])' \
			"$WORK/one.svg")" 0
	done
done

run "$CUTAWAY" draw --format json
like "json: the model" "$OUT" '"processes": \['

# The scene: exactly what the text shows, each with the box that it is in.
run "$CUTAWAY" draw --format scene --size 160x50
scene=$OUT
is "scene: JSON" "$STATUS:$(jq -r .view <<<"$scene")" "0:host"
is "scene: a text is in a box that is there" "$(jq '([.boxes[].id] | unique) as $ids |
	[.texts[] | select(.in != "" and (.in | IN($ids[]) | not))] | length' <<<"$scene")" 0
is "scene: the namespaces that it shows" "$(jq -r '[.texts[] | select(.in == "namespaces")] |
	group_by(.y) | map(.[0].text) | join(" ")' <<<"$scene")" "user pid mnt uts ipc net cgroup time"
run "$CUTAWAY" draw all --format scene
like "all: every view" "$(jq -r .view <<<"$OUT" | sort -u | xargs)" '^(container )?host (image )?kernel network( steps)? toolchain$'
run "$CUTAWAY" draw all --size 80x24
like "all: as text" "$OUT" '^╭ network'
run "$CUTAWAY" draw all --format svg
is "all: not as SVG" "$STATUS" 2
run "$CUTAWAY" draw all red
is "all: of no one in particular" "$STATUS" 2

run "$CUTAWAY" draw no-such-view
is "unknown view: usage error" "$STATUS" 2
like "unknown view: named" "$ERR" 'no-such-view'
run "$CUTAWAY" draw container no-such-container
is "unknown container: exit status" "$STATUS" 1
like "unknown container: named" "$ERR" 'no-such-container'
for size in 0x10 10x0 10 x 10x 10x10x10 9999x10 -1x5 1e3x5; do
	run "$CUTAWAY" draw --size "$size"
	is "--size $size: usage error" "$STATUS" 2
done
run "$CUTAWAY" draw --theme plaid
is "unknown theme: usage error" "$STATUS" 2
run "$CUTAWAY" draw --format png
is "unknown format: usage error" "$STATUS" 2
run "$CUTAWAY" draw host extra
is "superfluous argument: usage error" "$STATUS" 2
run "$CUTAWAY" draw -o "$WORK/no/such/directory/x"
is "a file that cannot be written: exit status" "$STATUS" 1
like "a file that cannot be written: named" "$ERR" 'no/such/directory'
run "$CUTAWAY" draw --root "$WORK/no-such-tree"
is "a tree that is not there: exit status" "$STATUS" 1
run bash -c '"$0" draw >/dev/full' "$CUTAWAY"
is "a full disk: exit status" "$STATUS" 1
done_testing
