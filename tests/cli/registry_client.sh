#!/usr/bin/env bash
# pull from registries that do as they should, and from one that does not: it lies about sizes, sums
# and types, breaks off, stalls, answers slowly, leads elsewhere. Each time: a clear error, the store
# as it was, and what broke off is gone on with.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store
blobs=$store/blobs/sha256
liar=$BUILD/tests/liar
pids=()
trap '[ ${#pids[@]} -eq 0 ] || kill -9 "${pids[@]}" 2>/dev/null' EXIT

# start_liar DIR [ADDRESS]: sets $PORT.
start_liar() {
	mkdir -p "$1" && rm -f "$1/port"
	"$liar" "$@" 2>"$1/stderr" &
	pids+=($!)
	wait_until 20 test -s "$1/port" || { fail "the server of this test starts"; exit 1; }
	PORT=$(<"$1/port")
}
sum() { sha256sum "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }

manifest_type=application/vnd.oci.image.manifest.v1+json
index_type=application/vnd.oci.image.index.v1+json
layer_type=application/vnd.oci.image.layer.v1.tar
arch=$("$CUTAWAY" images >/dev/null && cat "$blobs"/* | grep -aoE '"architecture":"[a-z0-9]+"' | head -n 1 | cut -d'"' -f4)
"$CUTAWAY" rmi base >/dev/null

# ---- an image of two layers, the second large enough to be cut ----
start_liar liar
cd liar || exit 1
mkdir files && echo hello >files/hello && head -c 3000000 /dev/urandom >files/large
tar -C files -cf l1.tar --owner=0 --group=0 --mtime=@0 hello
tar -C files -cf l2.tar --owner=0 --group=0 --mtime=@0 large
gzip -n l1.tar
printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s","sha256:%s"]}}' \
	"$arch" "$(gunzip <l1.tar.gz | sha256sum | cut -d' ' -f1)" "$(sum l2.tar)" >c
c=$(sum c) l1=$(sum l1.tar.gz) l2=$(sum l2.tar)
descriptor() { # TYPE FILE [SIZE [DIGEST]]
	printf '{"mediaType":"%s","digest":"sha256:%s","size":%s}' "$1" "${4:-$(sum "$2")}" "${3:-$(size "$2")}"
}
layers="$(descriptor $layer_type+gzip l1.tar.gz),$(descriptor $layer_type l2.tar)"
config=$(descriptor application/vnd.oci.image.config.v1+json c)
manifest() { # LAYERS [CONFIG]
	printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}' $manifest_type "${2:-$config}" "$1"
}
manifest "$layers" >m
m=$(sum m)
image=localhost:$PORT/team/app:1
good="GET /v2/ empty
GET /v2/team/app/manifests/1 file m $manifest_type
GET /v2/team/app/manifests/sha256:$m file m $manifest_type
GET /v2/team/app/blobs/sha256:$c file c
GET /v2/team/app/blobs/sha256:$l1 file l1.tar.gz
GET /v2/team/app/blobs/sha256:$l2 file l2.tar"
# rules [RULE]...: these go first.
rules() {
	{ [ $# -eq 0 ] || printf '%s\n' "$@"; printf '%s\n' "$good"; } >rules.new
	mv rules.new rules
	rm -f log once.*
	: >log
}
gets() { grep -c "^GET /v2/team/app/blobs/sha256:$1 " log; }
forget() {
	"$CUTAWAY" rmi "$image" >/dev/null 2>&1
	"$CUTAWAY" rmi --prune >/dev/null
}
everything() { (cd "$store" && find . -type f -exec sha256sum {} + | sort -k 2 | sha256sum); }

rules
run "$CUTAWAY" pull "$image"
is "a good one: exit status, name and digest" "$STATUS$OUT" "0$image sha256:$m"
for what in config 'layer 1' 'layer 2'; do
	like "a good one: $what is told" "$ERR" "^$what: sha256:[0-9a-f]{12}, .*fetched$"
done
is "a good one: the manifest is here, byte for byte" "$(sum "$blobs/$m")" "$m"
is "a good one: the image is listed" "$("$CUTAWAY" images -q)" "$image"
run "$CUTAWAY" save -o ../app.tar "$image"
is "a good one: it is whole" "$STATUS$ERR" 0
rules
http_proxy=http://127.0.0.3:1 https_proxy=http://127.0.0.3:1 run "$CUTAWAY" pull -q "$image"
is "again: quiet" "$STATUS$ERR" 0
is "again: no blob is fetched" "$(grep -c 'GET /v2/team/app/blobs' log)" 0
run "$CUTAWAY" pull --json "localhost:$PORT/team/app@sha256:$m"
like "by digest: JSON" "$STATUS$(tr -d ' \n' <<<"$OUT")" "^0.*\"name\":\"localhost:$PORT/team/app@sha256:$m\",\"digest\":\"sha256:$m\""
is "by digest: both names lead to it" "$("$CUTAWAY" images -q | grep -c "localhost:$PORT/team/app")" 2
"$CUTAWAY" rmi "localhost:$PORT/team/app@sha256:$m" >/dev/null
printf damaged >"$blobs/$l1"
run "$CUTAWAY" pull -q "$image"
is "a damaged blob: the pull repairs it" "$STATUS$(sum "$blobs/$l1")" "0$l1"
forget
rules
run script -qec "stty cols 80 rows 24; '$CUTAWAY' pull '$image'" typescript
like "on a terminal: a bar for all of it" "$OUT" '^all +(━){20} 3.0 MB of 3.0 MB'
like "on a terminal: a line for each blob" "$OUT" '^layer 2 +3.0 MB  fetched'
forget

# ---- lies: a clear error, and the store is as it was to the last hidden file ----
was=$(everything)
# lie TEXT REGEX [RULE]...: the pull is refused with an error that matches.
lie() {
	local text=$1 regex=$2
	shift 2
	rules "$@"
	run "$CUTAWAY" pull --retry 0 --timeout 2 "$image"
	like "$text" "$STATUS$ERR" "^1.*$regex|^cutaway pull: .*$regex"
	is "$text: exit status" "$STATUS$OUT" 1
	is "$text: the store is as it was" "$(everything)" "$was"
}
serve() { # FILE [TYPE]: as the manifest
	echo "GET /v2/team/app/manifests/1 file $1 ${2:-$manifest_type}"
}
cp l2.tar other && printf x | dd of=other bs=1 seek=1000000 conv=notrunc 2>/dev/null
lie "wrong digest" "verify blob: sha256:$l2: the sum of what came is sha256:" "GET *blobs/sha256:$l2 file other"
manifest "$(descriptor $layer_type+gzip l1.tar.gz),$(descriptor $layer_type l2.tar $(($(size l2.tar) + 7)))" >m2
lie "declared larger than it is" 'only [0-9]+ of the [0-9]+ bytes that were announced' "$(serve m2)"
manifest "$(descriptor $layer_type+gzip l1.tar.gz),$(descriptor $layer_type l2.tar 2000000)" >m2
lie "declared smaller than it is" 'more comes than the 2000000 bytes' "$(serve m2)"
lie "more than declared, without end" 'more comes than' "GET *blobs/sha256:$l2 endless 100000000 l2.tar"
lie "a range that was not asked for" 'another range' "GET *blobs/sha256:$l2 status=206 h=Content-Range:bytes+7-9/10 whole l2.tar"
manifest "$(descriptor $layer_type+gzip l1.tar.gz),$(descriptor $layer_type l2.tar),$(descriptor $layer_type l2.tar 5)" >m2
lie "one blob, two sizes" 'with two sizes' "$(serve m2)"
manifest "$(descriptor $layer_type l2.tar 9000000000000000000)" >m2
sed -i 's/"mediaType":"[^"]*","digest":"sha256:'"$l2"'","size":[0-9]*/&/' m2
printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$arch" "$l2" >c1
manifest "$(descriptor $layer_type l2.tar 9000000000000000000)" "$(descriptor application/vnd.oci.image.config.v1+json c1)" >m2
lie "a layer larger than the disk" 'ENOSPC' "$(serve m2)" "GET *blobs/sha256:$(sum c1) file c1"
lie "the size is huge: says how much is free" 'MB are wanted, [0-9]+ MB are free' "$(serve m2)" "GET *blobs/sha256:$(sum c1) file c1"
lie "sent as an index, is a manifest" 'it is sent as .*index.* says it is .*manifest' "$(serve m $index_type)"
lie "digest header of another" 'the registry says its digest is sha256:0+, but' \
	"GET */manifests/1 h=Docker-Content-Digest:sha256:$(printf %064d 0) file m $manifest_type"
lie "digest header that is none" "which is none" "GET */manifests/1 h=Docker-Content-Digest:sha256:zz file m $manifest_type"
echo '<html>Please log in</html>' >html
lie "a page instead" 'text/html: line 1' "$(serve html text/html)"
lie "no such image" "localhost:$PORT/team/app:1: the registry localhost:$PORT has none" "GET */manifests/1 status=404 empty"
printf '{"errors":[{"code":"DENIED","message":"not \\u001b[31mfor you"}]}' >denied
lie "refused, with the words of the registry" 'says: not .*\[31mfor you' "GET */manifests/1 status=403 file denied application/json"
unlike "nothing that a terminal would act upon" "$ERR" "$(printf '\033')"
lie "it fails" 'status 503' "GET */manifests/1 status=503 empty"
lie "no registry" 'it has no /v2/' "GET /v2/ status=404 empty"
{ printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[' $manifest_type "$config"; for ((i = 0; i < 9999; i++)); do printf '%s,' "$(printf '{"mediaType":"%s","digest":"sha256:%064d","size":1}' $layer_type $i)"; done; printf '%s]}' "$(descriptor $layer_type l2.tar)"; } >m2
lie "10,000 layers" '10000 layers, at most 127' "$(serve m2)"
{ head -c 100000 /dev/zero | tr '\0' '['; } >m2
lie "deep JSON" 'maximum parsing depth' "$(serve m2)"
printf '{"schemaVersion":2,"schemaVersion":2,"config":%s,"layers":[%s]}' "$config" "$layers" >m2
lie "a member twice" 'duplicate' "$(serve m2)"
{ cat m; head -c 5000000 /dev/zero | tr '\0' ' '; } >m2
lie "a manifest larger than 4 MiB" 'larger than 4 MiB' "$(serve m2)"
lie "one that does not end" 'larger than 4 MiB' "GET */manifests/1 endless 100000000 m2 $manifest_type"
printf '{"schemaVersion":2,"config":%s,"layers":[%s],"manifests":[]}' "$config" "$layers" >m2
lie "layers and manifests" 'both layers and manifests' "$(serve m2)"
printf '{"schemaVersion":1,"fsLayers":[]}' >m2
lie "docker's schema 1" 'schema 1' "$(serve m2 application/vnd.docker.distribution.manifest.v1+prettyjws)"
printf '{"schemaVersion":2,"mediaType":"text/plain","config":%s,"layers":[%s]}' "$config" "$layers" >m2
lie "a media type that is none" "'text/plain' is neither" "$(serve m2 text/plain)"
manifest "$layers" "$(descriptor application/vnd.example.chart c)" >m2
lie "no image at all" "no image of a container: its config is 'application/vnd.example.chart'" "$(serve m2)"
manifest "$(descriptor text/plain l1.tar.gz),$(descriptor $layer_type l2.tar)" >m2
lie "a layer that is none" "layers.0.: mediaType 'text/plain' is no layer" "$(serve m2)"
manifest "$(descriptor $layer_type l1.tar.gz),$(descriptor $layer_type l2.tar)" >m2
lie "gzip called tar" 'mediaType says a plain tar, the file is gzip' "$(serve m2)"
manifest "$(descriptor $layer_type+gzip l1.tar.gz)" >m2
lie "diff_ids for other layers" '2 diff_ids for 1 layers' "$(serve m2)"
manifest "" >m2
lie "no layers" 'layers: there is none' "$(serve m2)"
manifest '{"mediaType":"x","digest":"sha256:../../etc/passwd","size":1}' >m2
lie "a digest that is a path" 'is no digest' "$(serve m2)"
manifest '{"mediaType":"x","digest":"sha256:'"$l2"'","size":-1}' >m2
lie "a size below nothing" 'size is no number' "$(serve m2)"
lie "redirects without end" 'from one address to the next' "GET */blobs/sha256:$c status=302 h=Location:/v2/team/app/blobs/sha256:$c empty"
lie "a redirect to a file of this machine" 'config|Unsupported|without' "GET */blobs/sha256:$c status=302 h=Location:file:///etc/passwd empty"

# ---- an index ----
index() { # MANIFEST... (each "FILE PLATFORM-JSON")
	local one file first=''
	printf '{"schemaVersion":2,"mediaType":"%s","manifests":[' $index_type
	for one; do
		file=${one%% *}
		printf '%s{"mediaType":"%s","digest":"sha256:%s","size":%s,"platform":%s}' "$first" \
			"$([[ $file == i* ]] && echo $index_type || echo $manifest_type)" "$(sum "$file")" "$(size "$file")" "${one#* }"
		first=,
	done
	printf ']}'
}
mine='{"os":"linux","architecture":"'$arch'"}'
index "m $mine" >i0
for ((i = 0; i < 6; i++)); do index "i$i $mine" >i$((i + 1)); done
chain=()
for ((i = 0; i < 6; i++)); do chain+=("GET */manifests/sha256:$(sum i$i) file i$i $index_type"); done
lie "an index in an index in an index" 'too deep' "$(serve i6 $index_type)" "${chain[@]}"
lie "an index that names itself" 'the digest of what came is' "$(serve i1 $index_type)" "GET */manifests/sha256:* file i1 $index_type"
index 'm {"os":"plan9","architecture":"amd64"}' 'm {"os":"linux","architecture":"arm","variant":"v9"}' >i
lie "nothing for this machine" "none for linux/$arch, only: plan9/amd64, linux/arm/v9" "$(serve i $index_type)"
index "m $mine" | sed 's/"size":[0-9]*/"size":3/' >i
lie "an index with a wrong size" 'not the 3 that the index says' "$(serve i $index_type)"

manifest "$layers" | sed 's/^{/{ /' >m-v7
manifest "$layers" | sed 's/^{/{  /' >m-v6
index 'm-v6 {"os":"linux","architecture":"arm","variant":"v6"}' 'm-v7 {"os":"linux","architecture":"arm","variant":"v7"}' "m $mine" >i
two=("$(serve i $index_type)" "GET */manifests/sha256:$(sum m-v7) file m-v7 $manifest_type" "GET */manifests/sha256:$(sum m-v6) file m-v6 $manifest_type")
rules "${two[@]}"
run "$CUTAWAY" pull "$image"
is "index: keeps its digest" "$STATUS$OUT" "0$image sha256:$(sum i)"
like "index: which was chosen is told" "$ERR" "index of 3 manifests: for linux/$arch sha256:${m:0:12}"
is "index: only the manifest for this machine is here" "$(find "$blobs" -name "$m" -o -name "$(sum m-v7)" -o -name "$(sum i)" | wc -l)" 2
run "$CUTAWAY" pull -q --platform linux/arm/v7 "$image"
is "--platform: that variant" "$STATUS$OUT" "0$image sha256:$(sum m-v7)"
run "$CUTAWAY" pull -q --platform linux/arm "$image"
is "--platform without a variant: the first" "$STATUS$OUT" "0$image sha256:$(sum m-v6)"
run "$CUTAWAY" pull -q --platform linux/mips "$image"
like "--platform: those there are" "$STATUS$ERR" "^1.*none for linux/mips, only: linux/arm/v6, linux/arm/v7, linux/$arch"
run "$CUTAWAY" pull --platform linux "$image"
like "--platform: what it is" "$STATUS$ERR" '^2.*OS/ARCHITECTURE'
forget

# ---- what breaks off ----
rules "GET *blobs/sha256:$l2 once=a cut 1000000 l2.tar"
run "$CUTAWAY" pull "$image"
is "broken off: tried again" "$STATUS$OUT" "0$image sha256:$m"
like "broken off: that is told" "$ERR" 'layer 2: the connection broke off before the end; trying again'
is "broken off: only the rest is asked for" "$(grep -c '^Range: bytes=1000000-' log)" 1
forget
rules "GET *blobs/sha256:$l2 cut 1000000 l2.tar"
run "$CUTAWAY" pull --retry 0 "$image"
like "cut: an error" "$STATUS$ERR" '^1|fetch blob: sha256:.*broke off.*ECONNRESET'
like "cut: what came is kept" "$ERR" 'bytes that came are kept: the next pull goes on'
is "cut: nothing half is seen as whole" "$(ls "$blobs")" ""
rules
run "$CUTAWAY" pull "$image"
is "cut: the next pull goes on there" "$STATUS$(grep -c '^Range: bytes=1000000-' log)" 01
like "cut: it says so" "$ERR" 'layer 2: going on behind the 1000000 bytes'
is "cut: nothing hidden is left" "$(find "$store" -name '.partial-*')" ""
forget
rules "GET *blobs/sha256:$l2 cut 1000000 l2.tar"
run "$CUTAWAY" pull -q --retry 0 "$image"
rules "GET *blobs/sha256:$l2 whole l2.tar"
run "$CUTAWAY" pull -q "$image"
is "a server without ranges: from the beginning" "$STATUS$OUT" "0$image sha256:$m"
forget
rules "GET *blobs/sha256:$l2 cut 1000000 other"
run "$CUTAWAY" pull -q --retry 0 "$image"
printf 'x' | dd of="$blobs/.partial-$l2" bs=1 seek=5 conv=notrunc 2>/dev/null
rules
run "$CUTAWAY" pull -q --retry 0 "$image"
like "what was kept is not of this blob: found by its sum" "$STATUS$ERR" '^1.*verify blob'
is "and taken away" "$(find "$store" -name '.partial-*')" ""
rules "GET *blobs/sha256:$l2 once=a status=503 empty" "GET *blobs/sha256:$c once=b status=429 empty" "GET */manifests/1 once=c status=502 empty"
run "$CUTAWAY" pull -q "$image"
is "a server that fails for a moment" "$STATUS$OUT" "0$image sha256:$m"
forget
rules "GET *blobs/sha256:$l2 cut 1000000 l2.tar"
run "$CUTAWAY" pull -q --retry 0 "$image"
run "$CUTAWAY" rmi --prune
is "rmi --prune: takes what broke off" "$STATUS$(find "$store" -name '.partial-*')" 0

# ---- a registry that takes its time ----
slow() { # TEXT RULE
	rules "$2"
	run "$CUTAWAY" pull -q --retry 0 --timeout 1 "$image"
	like "$1" "$STATUS$ERR" '^1.*(stalls or is too slow|no byte).*ETIMEDOUT'
	forget
}
slow "stalls before it answers" "GET */manifests/1 silence"
slow "stalls in the middle" "GET *blobs/sha256:$l2 stall 1000000 l2.tar"
slow "answers byte by byte" "GET *blobs/sha256:$l2 drip 10 l2.tar"
slow "stalls in a manifest" "GET */manifests/1 stall 10 m $manifest_type"

# ---- kill -9 in the middle ----
rules "GET *blobs/sha256:$l2 stall 1000000 l2.tar"
"$CUTAWAY" pull -q "$image" 2>/dev/null &
pull=$!
is_cut() { [ "$(stat -c %s "$blobs/.partial-$l2" 2>/dev/null)" = 1000000 ]; }
ok "killed: it is in the middle" wait_until 30 is_cut
kill -9 $pull
wait $pull 2>/dev/null
is "killed: no image, no blob" "$(grep -c team/app "$store/index.json")$(ls "$blobs")" 0
run "$CUTAWAY" rmi no-such
rules
run "$CUTAWAY" pull "$image"
is "killed: the next goes on" "$STATUS$OUT$(grep -c '^Range: bytes=1000000-' log)" "0$image sha256:${m}1"
is "killed: what was whole is not fetched again" "$(gets "$l1")$(gets "$c")" 00
forget

# ---- two at once ----
rules "GET *blobs/sha256:$l2 once=a drip $(($(size l2.tar) - 30)) l2.tar"
"$CUTAWAY" pull "$image" >out.1 2>err.1 &
first=$!
is_open() { [ "$(stat -c %s "$blobs/.partial-$l2" 2>/dev/null || echo 0)" -gt 0 ]; }
ok "two at once: the first is under way" wait_until 30 is_open
run "$CUTAWAY" pull "$image"
wait $first
is "two at once: both are good" "$STATUS$?$OUT$(<out.1)" "00$image sha256:$m$image sha256:$m"
like "two at once: the second waits for the first" "$ERR" 'layer 2: another process is fetching it'
is "two at once: each blob is fetched once" "$(gets "$l1")$(gets "$l2")$(gets "$c")" 111
forget
rules "GET *blobs/sha256:$l2 once=a stall 1000000 l2.tar"
"$CUTAWAY" pull -q "$image" >/dev/null 2>&1 &
first=$!
wait_until 30 is_cut
"$CUTAWAY" pull "$image" >out.2 2>err.2 &
second=$!
ok "two at once: the second waits" wait_until 30 grep -q 'another process' err.2
kill -9 $first
wait $first 2>/dev/null
wait $second
is "two at once, the first is killed: the second goes on where it was" "$?$(<out.2)$(grep -c '^Range: bytes=1000000-' log)" "0$image sha256:${m}1"
forget

# ---- a write that fails in the middle; a disk that is full ----
rules
run bash -c 'trap "" XFSZ; ulimit -f 1000; exec "$0" pull -q "$1"' "$CUTAWAY" "$image"
like "a write that fails: an error" "$STATUS$ERR" '^1.*store blob: sha256:.*EFBIG'
is "a write that fails: nothing is left" "$(find "$store" -name '.partial-*')$(ls "$blobs")" ""
if unshare -rm true 2>/dev/null; then
	# shellcheck disable=SC2016
	run unshare -rm bash -c 'mkdir full && mount -t tmpfs -o size=2m tmpfs full && export XDG_DATA_HOME=$PWD/full &&
		"$0" pull -q "$1"; echo "$? $("$0" images -q | grep -c app) $(find full -name ".partial*" -o -name "*$2*" | wc -l)"' "$CUTAWAY" "$image" "$l1"
	like "a full disk: an error that says so" "$ERR" '3 MB are wanted, [0-9] MB are free \(ENOSPC\)'
	is "a full disk: nothing is left" "$OUT" '1 0 0'
else
	skip "a full disk" "no user and mount namespaces for us (unshare -rm)"
fi

# ---- names and passwords ----
cd .. && start_liar other 127.0.0.2
other=127.0.0.2:$PORT
cp liar/l2.tar other/
cd liar || exit 1
secret=s3cret-word basic=$(printf 'anna:s3cret-word' | base64)
auth() { # FILE [KEY [MEMBER VALUE]]
	mkdir -p "$(dirname "$1")"
	printf '{"auths":{"%s":{"%s":"%s"}}}' "${2:-${image%%/*}}" "${3:-auth}" "${4:-$basic}" >"$1"
}
need_basic=("* /v2/* hasnot=Authorization:+Basic+$basic status=401 h=WWW-Authenticate:Basic+realm=\"here\" empty")
rules "${need_basic[@]}"
run "$CUTAWAY" pull -q "$image"
like "basic: nothing is kept: what to do" "$STATUS$(tr '\n' ' ' <<<"$ERR")" "^1.*wants a name and a password.*cutaway login ${image%%/*}"
for file in "$XDG_RUNTIME_DIR/containers/auth.json" "$HOME/.config/containers/auth.json" "$HOME/.docker/config.json"; do
	auth "$file"
	run "$CUTAWAY" pull -q "$image"
	is "basic: from ${file##*/home/}" "$STATUS$OUT$ERR" "0$image sha256:$m"
	rm "$file"
done
auth ../mine.json "${image%%/*}/team"
REGISTRY_AUTH_FILE=$WORK/mine.json run "$CUTAWAY" pull -q "$image"
is "basic: \$REGISTRY_AUTH_FILE, for a namespace" "$STATUS$OUT" "0$image sha256:$m"
auth ../mine.json "https://${image%%/*}/v1/"
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
is "basic: --authfile, docker's old key" "$STATUS$OUT" "0$image sha256:$m"
auth ../mine.json "${image%%/*}/tea"
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
is "basic: half a name is another's" "$STATUS$OUT" 1
auth ../mine.json '' auth "$(printf 'anna:wrong-%s' $secret | base64)"
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
like "basic: a wrong password: where it is from" "$STATUS$ERR" 'mine.json'
unlike "basic: a wrong password is in no message" "$ERR" "$secret|$(printf 'anna:wrong-%s' $secret | base64)"
echo "{\"auths\": \"$secret\" nonsense" >../mine.json
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
like "a spoilt file: named" "$STATUS$ERR" '^1.*mine.json: line 1 is no good JSON'
unlike "a spoilt file: not quoted" "$ERR" "$secret"
run "$CUTAWAY" pull -q --authfile ../no-such "$image"
like "no such file" "$STATUS$ERR" '^1.*no-such.*ENOENT'
printf '{"credHelpers":{"%s":"secretservice"}}' "${image%%/*}" >../mine.json
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
like "a helper that keeps it: said" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*docker-credential-secretservice'

# A token.
auth ../mine.json
printf '{"token":"tok-%s","expires_in":60}' $secret >token
realm="http://127.0.0.1:${image#*:}"
realm=${realm%%/*}//127.0.0.1:$(<port)/token
need_token=("GET /token?* has=Basic+$basic file token application/json"
	"GET /token?* status=401 empty"
	"* /v2/* hasnot=Authorization:+Bearer+tok-$secret status=401 h=WWW-Authenticate:Bearer+realm=\"$realm\",service=\"here\" empty")
rules "${need_token[@]}"
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
is "token: fetched with name and password" "$STATUS$OUT$ERR" "0$image sha256:$m"
like "token: asked for this repository only" "$(grep '^GET /token' log)" 'service=here&scope=repository%3Ateam%2Fapp%3Apull '
is "token: the password goes nowhere else" "$(grep -c "^Authorization: Basic" log)" 1
forget
run "$CUTAWAY" pull -q "$image"
like "token: without a password" "$STATUS$ERR" '^1.*gives no token without'
rules "GET *blobs/sha256:$l2 once=a status=401 h=WWW-Authenticate:Bearer+realm=\"$realm\" empty" "${need_token[@]}"
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
is "token: a new one when it is over" "$STATUS$OUT$(grep -c '^GET /token' log)" "0$image sha256:${m}2"
forget
auth ../mine.json '' identitytoken "id-$secret"
rules "POST /token file token application/json" "${need_token[@]}"
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
is "token: for an identity token" "$STATUS$OUT" "0$image sha256:$m"
forget
auth ../mine.json
was=$(everything)
lie_token() { # TEXT REGEX RULE
	rules "$3" "${need_token[@]}"
	run "$CUTAWAY" pull -q --retry 0 --authfile ../mine.json "$image"
	like "$1" "$STATUS$ERR" "^1.*$2"
	unlike "$1: no secret in it" "$ERR" "$secret|$basic"
	is "$1: the store is as it was" "$(everything)" "$was"
}
{ printf '{"token":"'; head -c 5000000 /dev/zero | tr '\0' a; printf '"}'; } >huge
lie_token "a token without end" 'larger than 1 MiB' "GET /token?* file huge application/json"
printf '{"token":"a\\r\\nX-Injected: %s"}' $secret >token2
lie_token "a token with a line end in it" 'is no token' "GET /token?* file token2 application/json"
lie_token "no token" 'is no token' "GET /token?* file html text/html"
lie_token "the place for tokens fails" 'status 500' "GET /token?* status=500 empty"
lie_token "a place that is none" 'does not speak https' 'GET /v2/ status=401 h=WWW-Authenticate:Bearer+realm="file:///etc/passwd" empty'
lie_token "a challenge of an unknown kind" 'does not say what it wants' 'GET /v2/ status=401 h=WWW-Authenticate:Negotiate empty'

# ---- elsewhere: a redirect takes no credentials along ----
printf 'GET /l2 file l2.tar\n' >../other/rules
: >../other/log
rules "GET *blobs/sha256:$l2 has=Bearer status=307 h=Location:http://$other/l2?signature=$secret empty" "${need_token[@]}"
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
printf 'GET /l2* file l2.tar\n' >../other/rules
run "$CUTAWAY" pull -q --authfile ../mine.json "$image"
is "redirect: another host may have it" "$STATUS$OUT" "0$image sha256:$m"
like "redirect: it was asked" "$(<../other/log)" '^GET /l2'
unlike "redirect: it is told nothing" "$(<../other/log)" "Authorization|tok-|$basic"
forget
printf 'GET /l2* status=401 h=WWW-Authenticate:Bearer+realm="http://%s/token" empty\nGET /token* file l2.tar\n' "$other" >../other/rules
: >../other/log
run "$CUTAWAY" pull -q --retry 0 --authfile ../mine.json "$image"
like "redirect: the other host asks who we are: that is not told" "$STATUS$ERR" '^1.*leads to another host'
unlike "redirect: the other host is told nothing" "$(<../other/log)" '/token|Authorization'
unlike "redirect: no secret in the message" "$ERR" "$secret|$basic"
printf 'GET /l2* status=500 empty\n' >../other/rules
run "$CUTAWAY" pull -q --retry 0 --authfile ../mine.json "$image"
unlike "redirect: its signature is in no message" "$STATUS$ERR" "$secret"
"$CUTAWAY" rmi --prune >/dev/null

# ---- not on this machine: plain http only when it is told ----
# shellcheck disable=SC2016
if unshare -rn ip link set lo up 2>/dev/null; then
	rules
	mkdir away && cp c l1.tar.gz l2.tar m rules away/
	run unshare -rn bash -c '
		ip link set lo up && ip address add 192.0.2.1/32 dev lo || exit 9
		"$0" away 192.0.2.1 & until [ -s away/port ]; do sleep 0.05; done
		"$1" pull -q "192.0.2.1:$(<away/port)/team/app:1"; echo $?
		"$1" pull -q --tls-verify=false "192.0.2.1:$(<away/port)/team/app:1"; echo $?
		"$1" pull -q "http://192.0.2.1:$(<away/port)/team/app:1"; echo $?
		kill %1' "$liar" "$CUTAWAY"
	is "another machine without TLS: only when it is told" "$(grep -cE '^1$' <<<"$OUT")$(grep -cE '^0$' <<<"$OUT")" 12
	like "another machine without TLS: what to do" "$ERR" 'no TLS is spoken there|--tls-verify=false'
	"$CUTAWAY" rmi "${m:0:12}" >/dev/null 2>&1
else
	skip "a registry on another machine" "no user and network namespaces for us (unshare -rn)"
fi
run "$CUTAWAY" pull -q --tls-verify "$image"
like "--tls-verify: here, too, only TLS" "$STATUS$ERR" '^1.*no TLS is spoken there'

# ---- usage ----
run "$CUTAWAY" pull
is "no image: usage" "$STATUS" 2
run "$CUTAWAY" pull 'Shop:1'
like "a bad name: the character" "$STATUS$ERR" "^1.*'S', character 1"
run "$CUTAWAY" pull --tls-verify=maybe x
is "--tls-verify=maybe: usage" "$STATUS" 2
run "$CUTAWAY" pull --timeout 0 x
is "--timeout 0: usage" "$STATUS" 2
run "$CUTAWAY" pull --retry 0 --timeout 1 "localhost:1/team/app"
like "a short name: what it is short for" "$ERR" "^localhost:1/team/app is short for localhost:1/team/app:latest: no tag means 'latest'"
like "nobody there" "$STATUS$ERR" 'nothing answers there \(ECONNREFUSED\)'
done_testing
