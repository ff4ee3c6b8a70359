#!/usr/bin/env bash
# Images that a lab makes go with it; what the learner had before stays.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
export CUTAWAY_LESSONS=$ROOT/tests/fixtures/lab
cd "$WORK" || exit 1

names() {
	"$CUTAWAY" images --quiet | sort | paste -sd' '
}
blobs() {
	ls "$XDG_DATA_HOME/cutaway/store/blobs/sha256"
}
# another NAME: an image of other content than base, without a build.
another() {
	local type=application/vnd.oci.image
	rm -rf "$WORK/another" && mkdir "$WORK/another"
	"$CUTAWAY" save base | tar -C "$WORK/another" -xf -
	(
		cd "$WORK/another" || exit
		local config manifest
		digest() { jq -r "$1.digest" "$2" | tr : /; }
		put() { # FILE TYPE
			local sum
			sum=$(sha256sum <"$1" | cut -d' ' -f1)
			cp "$1" "blobs/sha256/$sum"
			jq -nc --arg t "$2" --arg d "sha256:$sum" --argjson n "$(stat -c %s "$1")" \
				'{mediaType: $t, digest: $d, size: $n}'
		}
		manifest=blobs/$(digest '.manifests[0]' index.json)
		config=blobs/$(digest .config "$manifest")
		jq --arg name "$1" '.config.Env += ["NAME=" + $name]' "$config" >new
		put new $type.config.v1+json >descriptor
		jq --slurpfile c descriptor '.config = $c[0]' "$manifest" >new
		put new $type.manifest.v1+json >descriptor
		jq --slurpfile m descriptor --arg name "$1" '.manifests = [$m[0] +
			{annotations: {"org.opencontainers.image.ref.name": $name}}]' index.json >new
		mv new index.json
		tar -cf "$WORK/$2" blobs index.json oci-layout
	)
}

"$CUTAWAY" images >/dev/null
another lab/two:1 two.tar
another mine:1 mine.tar
ok "an image of the learner's own" "$CUTAWAY" load -i mine.tar
before=$(blobs)
is "two images are there" "$(names)" "base mine:1"

# lab LINE...: a session that is given these lines; what it says to $OUT.
lab() {
	printf '%s\n' "$@" >"$WORK/lines"
	OUT=$("$CUTAWAY" shell --fresh <"$WORK/lines" 2>&1)
}

lab 'ct tag base lab/one' "ct load -i $WORK/two.tar" 'ct tag base lab/two:1' 'ct tag lab/two:1 mine:1' \
	"ct load -i $WORK/two.tar" 'echo "has $(ct images --quiet | sort | paste -sd" ")"'
like "in the lab there are more" "$OUT" '^has base lab/one:latest lab/two:1 mine:1$'
is "after the lab they are gone" "$(names)" "base mine:1"

"$CUTAWAY" load -i mine.tar >/dev/null
lab "ct load -i $WORK/two.tar"
is "and so are their blobs" "$(blobs)" "$before"
is "no lab is left" "$(ls "$XDG_RUNTIME_DIR/cutaway/labs")" ""

lab "ct load -i $WORK/two.tar; mkdir \$LAB/dir; cd \$LAB/dir" 'reset all' \
	'echo "has $(ct images --quiet | sort | paste -sd" ")"; ls $LAB | sed "s/^/there is /"'
like "reset takes them back as well" "$OUT" '^has base mine:1$'
unlike "and the files of the lab" "$OUT" '^there is dir$|getcwd'

lab 'sleep 4977 & disown' 'reset all' 'pgrep -f "sleep 497[7]" || echo "none runs"'
like "and what runs in the background" "$OUT" '^none runs$'

# A registry in a lab, on the learner's store: one repository was there before.
push() { # URL REPOSITORY TEXT: pushes a blob
	curl -s -o /dev/null -w '%{http_code}' -X POST --data-binary "$3" \
		"$1/v2/$2/blobs/uploads/?digest=sha256:$(printf %s "$3" | sha256sum | cut -d' ' -f1)"
}
serve='url=$(ct registry --detach --port 0 | grep -oE "http://[0-9.:]*[0-9]")'
listening() { sed -nE 's,^listening on (http://[0-9.:]*[0-9]): .*,\1,p' "$WORK/out"; }
"$CUTAWAY" registry --port 0 >"$WORK/out" &
registry=$!
ok "a registry" wait_until 10 grep -q listening "$WORK/out"
is "the learner pushes to it" "$(push "$(listening)" learners/own own)" 201
kill $registry
wait $registry
export -f push
lab "$serve" 'push "$url" labs/deep/one one; push "$url" learners/own two; echo' \
	'echo "has $(curl -s "$url/v2/_catalog?last=b" | jq -c .repositories)"'
like "a lab pushes to its own" "$OUT" '^has \["base","labs/deep/one","learners/own","mine"\]$'
is "after the lab its repositories are gone" "$(find "$XDG_DATA_HOME/cutaway/store/registry" -name _blobs -printf '%P\n')$(blobs | grep -c "$(printf one | sha256sum | cut -d' ' -f1)")" learners/own/_blobs0
before=$(blobs)
ok "and its registry" bash -c '! pgrep -f "registry --detach --port [0]"'

# Killed, keeper and all: the next sweep takes them back.
mkfifo never
"$CUTAWAY" shell --fresh <never >/dev/null 2>&1 &
keeper=$!
exec 7>never
echo "ct load -i $WORK/two.tar" >&7
has_two() { [[ $(names) = *lab/two:1* ]]; }
ok "a lab loads an image" wait_until 20 has_two
shell=$(jq .shell_pid "$XDG_RUNTIME_DIR"/cutaway/labs/*/lab.json)
kill -9 "$keeper" "$shell"
exec 7>&-
wait "$keeper" 2>/dev/null
gone() { ! [ -e "/proc/$shell" ]; }
ok "keeper and shell are killed" wait_until 10 gone
ok "its image is still there" has_two
like "clean says what it would do" "$("$CUTAWAY" clean --dry-run)" '^would remove image lab/two:1$'
ok "and does nothing" has_two
like "clean takes it back" "$("$CUTAWAY" clean)" '^removed image lab/two:1$'
is "the others are there" "$(names)" "base mine:1"
is "with their blobs alone" "$(blobs)" "$before"
done_testing
