#!/usr/bin/env bash
# Images in the drawing and in checks: what the store has, what containers have written over it.
. "$ROOT/tests/lib/tap.sh"

holds() { # TEXT CONDITION...
	local text=$1
	shift
	run "$CUTAWAY" check "$@"
	is "$text" "$STATUS$ERR" 0
}

run "$CUTAWAY" draw image
like "no image: said" "$OUT" '^ *no image yet$'
ok "a question makes no store" test ! -e "$XDG_DATA_HOME/cutaway/store"
run "$CUTAWAY" check image.base
is "no image: the check says so" "$STATUS$ERR" "1no image is called base"

"$CUTAWAY" run --rm base true
"$CUTAWAY" tag base lab/shop:1 >/dev/null
digest=$("$CUTAWAY" images --json | jq -r '.[0].digest')
holds "facts: as they are in the store" image.base image.lab/shop:1 "image.base.digest = $digest" \
	"image.lab/shop:1.digest = $digest" 'image.lab/shop:1.layers = 1' 'image.lab/shop:1.tag = 1' \
	'image.base.registry = docker.io' 'image.base.command = sh' 'images.count = 2' 'layers.count = 1'
holds "facts: two names of one image share nothing" 'image.base.shared = 0'
run "$CUTAWAY" check 'image.base.layers = 4'
is "facts: said in words" "$STATUS$ERR" "1number of layers of image base is '1', should be '4'"

# ---- what a container writes ----
"$CUTAWAY" run -d --name writer base sh -c '
	mkdir /srv; echo 12 >/srv/new; echo >>/etc/passwd; rm /bin/ls; : >"/srv/a
b"; while [ ! -e /go ]; do sleep 0.1; done; : >/srv/later; sleep 1000' >/dev/null
ok "copy-up, whiteout, new file: each is seen" "$CUTAWAY" check --wait 60 'container.writer.upper./srv/new = added' \
	'container.writer.upper./etc/passwd = changed' 'container.writer.upper./bin/ls = removed' 'container.writer.changes = 5'
run "$CUTAWAY" check container.writer.upper./etc/group
is "what was not written" "$STATUS$ERR" "1container writer has written nothing at /etc/group yet"
"$CUTAWAY" check --wait 60 'container.writer.upper./srv/later = added' &
waiter=$!
"$CUTAWAY" exec writer touch /go
wait $waiter
is "a write is seen when it happens" $? 0

# ---- pictures ----
run "$CUTAWAY" draw image base --size 100x40
is "draw: exit status" "$STATUS$ERR" 0
like "draw: the name in its parts" "$OUT" 'repository library/base'
like "draw: manifest and configuration" "$OUT" "digest ${digest:7:12}"
like "draw: who stands on it" "$OUT" 'writer · running'
like "draw: copied up" "$OUT" 'copied up /etc/passwd'
unlike "draw: a name cannot reach the terminal" "$OUT" $'^b'
run "$CUTAWAY" draw image writer --size 80x24 --ascii
like "draw: a container stands for its image" "$OUT" 'image (base|lab/shop:1)'
is "draw --ascii: nothing else" "$(LC_ALL=C tr -d '\n -~' <<<"$OUT")" ""
run "$CUTAWAY" draw image base --format svg
like "draw --format svg: the title" "$OUT" '<title id="title">image base'
run "$CUTAWAY" draw image nobody
like "draw: no such image" "$STATUS$ERR" '^1.*no image of this name'
run "$CUTAWAY" draw host base
is "draw: the host has no name" "$STATUS" 2
is "state: the same in JSON" "$("$CUTAWAY" state | jq -r '.images[0].digest, (.containers[] | select(.name == "writer").changes | map(select(.path == "/bin/ls").kind)[])')" \
	"$digest
removed"
"$CUTAWAY" rm -f writer >/dev/null

# ---- what is damaged is not left out ----
blob=$XDG_DATA_HOME/cutaway/store/blobs/sha256/${digest:7}
chmod u+w "$blob"
echo >>"$blob"
run "$CUTAWAY" draw image base --size 100x40
like "draw: a damaged image says so" "$OUT" 'damaged'
done_testing
