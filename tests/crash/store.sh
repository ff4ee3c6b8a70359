#!/usr/bin/env bash
# The store when something goes wrong in the middle: load and unpacking killed at many moments, a disk
# that is full, and removal beside use. Nothing half-written is ever seen as whole, the next try
# works, and what was left is collected.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store layers=$XDG_DATA_HOME/cutaway/layers

# ---- an image that takes its time: many files, some of them large ----
mkdir -p big/blobs/sha256 files/many
head -c 3000000 /dev/urandom >files/large
for i in {1..1500}; do echo "$i" >"files/many/$i"; done
tar -C files --owner=0 --group=0 --mtime=@0 --sort=name -cf layer.tar .
sum() { sha256sum "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }
put() { cp "$1" "big/blobs/sha256/$(sum "$1")"; }
diff_id=$(sum layer.tar)
gzip -n1 layer.tar && put layer.tar.gz
printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
	"$("$CUTAWAY" images >/dev/null && jq -r 'select(.architecture) | .architecture' "$store"/blobs/sha256/* 2>/dev/null | head -n 1)" "$diff_id" >c
put c
printf '{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%s}]}' \
	"$(sum c)" "$(size c)" "$(sum layer.tar.gz)" "$(size layer.tar.gz)" >m
put m
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"big:1"}}]}' "$(sum m)" "$(size m)" >big/index.json
echo '{"imageLayoutVersion":"1.0.0"}' >big/oci-layout
# Two blocks of zeros end it and no more: the last 1500 bytes but the first 36 of index.json are missing when it is cut there.
tar -C big -b 1 -cf big.tar oci-layout blobs index.json

# The store as a whole, whoever has been killed: no fault in it, and big:1 is whole or not there.
whole() {
	"$CUTAWAY" verify "$store" && { ! "$CUTAWAY" images -q | grep -qx big:1 || "$CUTAWAY" verify big:1; }
}
# No hidden file, none that is temporary, no half of a layer.
nothing_left() {
	local left
	left=$(find "$store" "$layers" -name '.blob-*' -o -name '*.tmp' -o -name .unpacking -o -name .removing)
	[ -z "$left" ] || { echo "$left" && return 1; }
}
# milliseconds COMMAND...: how long it takes here and now.
milliseconds() {
	local start=$EPOCHREALTIME
	"$@" >/dev/null 2>&1
	echo $(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
}
seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }

# ---- load of an archive, killed after each part of it ----
mkfifo fifo
bytes=$(size big.tar)
good=1
for part in 0 1 2 3 4 5 6 7 8; do
	"$CUTAWAY" load <fifo >/dev/null 2>&1 &
	pid=$!
	exec 9>fifo
	head -c $((bytes * part / 8 - (part == 8 ? 1500 : 0))) big.tar >&9
	kill -9 $pid
	wait $pid 2>/dev/null
	exec 9>&-
	out=$(whole 2>&1) || { good=0 && diag "after $part/8: $out"; }
	! "$CUTAWAY" images -q | grep -qx big:1 || { good=0 && diag "after $part/8: big:1 is there"; }
done
is "load of an archive killed at nine places: the store is whole, the image not there" $good 1
run "$CUTAWAY" load big.tar
is "then it is loaded" "$STATUS$OUT$ERR" 0big:1
run "$CUTAWAY" rmi --prune
ok "and nothing of those who were killed is left" nothing_left

# ---- load of a directory, killed at moments of the time it takes ----
"$CUTAWAY" rmi big:1 >/dev/null
time=$(milliseconds "$CUTAWAY" load big)
"$CUTAWAY" rmi big:1 >/dev/null
good=1
for moment in {1..12}; do
	timeout -s KILL "$(seconds $((time * moment / 12)))" "$CUTAWAY" load big >/dev/null 2>&1
	out=$(whole 2>&1) || { good=0 && diag "at $moment/12 of $time ms: $out"; }
	"$CUTAWAY" rmi big:1 >/dev/null 2>&1
done 2>/dev/null
is "load of a directory killed at twelve moments: the store is whole" $good 1
run "$CUTAWAY" load big
is "then it is loaded" "$STATUS$OUT$ERR" 0big:1

# ---- unpacking, killed at moments ----
complete() { [ "$(find "$layers/$diff_id" | wc -l)" -eq 1503 ] && cmp -s files/large "$layers/$diff_id/large"; }
ok "prepare: the layer is unpacked" "$CUTAWAY" prepare big:1 0
ok "prepare: all of it" complete
"$CUTAWAY" rmi big:1 >/dev/null && "$CUTAWAY" load big >/dev/null
time=$(milliseconds "$CUTAWAY" prepare big:1 0)
good=1 unfinished=0
for moment in {1..12}; do
	"$CUTAWAY" rmi big:1 >/dev/null && "$CUTAWAY" load big >/dev/null
	timeout -s KILL "$(seconds $((time * moment / 12)))" "$CUTAWAY" prepare big:1 0 >/dev/null 2>&1
	[ ! -d "$layers/.unpacking" ] || unfinished=$((unfinished + 1))
	[ ! -d "$layers/$diff_id" ] || complete || { good=0 && diag "at $moment/12 of $time ms: half a layer"; }
	out=$("$CUTAWAY" prepare big:1 0 2>&1) && complete || { good=0 && diag "after $moment/12 of $time ms: $out"; }
done 2>/dev/null
is "unpacking killed at twelve moments: a layer is whole or not there, and the next try works" $good 1
diag "$unfinished of 12 were in the middle of it"
mkdir "$layers/.unpacking" && : >"$layers/.unpacking/x" && mkdir "$layers/.removing" && : >"$store/index.json.999999999.tmp" && : >"$store/blobs/sha256/.layer.tmp"
run "$CUTAWAY" rmi --prune
ok "what was left is collected" nothing_left

# ---- a full disk ----
# with_disk SIZE COMMAND...: with a file system of that size as data directory.
cat >with_disk <<'END'
size=$1
shift
mkdir -p disk && mount -t tmpfs -o "size=$size" tmpfs disk && export XDG_DATA_HOME=$PWD/disk && . "$@"
END
with_disk() { run "${apart[@]}" bash with_disk "$@"; }
apart=(unshare --mount)
if ! "${apart[@]}" true 2>/dev/null; then apart=(unshare --user --map-root-user --mount); fi
if "${apart[@]}" bash -c 'mkdir -p disk && mount -t tmpfs tmpfs disk' 2>/dev/null; then
	cat >full_load <<'END'
"$CUTAWAY" load big.tar; echo "load: $?"
"$CUTAWAY" verify disk/cutaway/store; echo "verify: $?"
find disk -name '.blob-*' -o -name '*.tmp'
mount -o remount,size=64m disk && "$CUTAWAY" load big.tar
END
	with_disk 2m full_load
	like "load on a full disk: said" "$ERR" 'ENOSPC'
	is "load on a full disk: nothing half, and with room it works" "$(tr '\n' ' ' <<<"$OUT" | sed 's/disk[^:]*: index.json[^0-9]*.*verify/verify/; s/index.json.*verify/verify/')" "load: 1 verify: 1 big:1 " ||
		diag "$ERR"
	cat >full_unpack <<'END'
"$CUTAWAY" load big.tar >/dev/null || exit 9
"$CUTAWAY" prepare big:1 0 | tr -d '\0' | grep -ao 'No space left on device'
"$CUTAWAY" verify disk/cutaway/store >/dev/null; echo "verify: $?"
ls -A disk/cutaway/layers
mount -o remount,size=64m disk && "$CUTAWAY" prepare big:1 0 && ls -A disk/cutaway/layers
END
	with_disk 6m full_unpack
	is "unpacking on a full disk: said, no half of a layer, and with room it works" "$(tr '\n' ' ' <<<"$OUT")" "No space left on device verify: 0 $diff_id " ||
		diag "$ERR"
else
	skip "a full disk" "nobody may mount a file system here"
fi

# ---- removal beside use ----
rounds=10
(for ((i = 0; i < rounds; i++)); do "$CUTAWAY" load big >/dev/null 2>>load-errors || echo "load $?" >>failed; "$CUTAWAY" rmi big:1 >/dev/null 2>>rmi-errors || echo "rmi $?" >>failed; done) &
one=$!
(for ((i = 0; i < rounds; i++)); do "$CUTAWAY" rmi --prune >/dev/null 2>>rmi-errors || echo "prune $?" >>failed; done) &
two=$!
for ((i = 0; i < rounds; i++)); do
	run "$CUTAWAY" prepare big:1 0
	[ "$STATUS" -eq 0 ] || tr -d '\0' <<<"$OUT" | grep -qE 'no image|none of that name|No such file' || echo "prepare $STATUS $OUT" | tr -d '\0' >>failed
done 2>/dev/null
wait $one $two
is "load, rmi, --prune and unpacking at once: nobody is hurt" "$(cat failed 2>/dev/null)" "" || diag "$(cat load-errors rmi-errors 2>/dev/null)"
run "$CUTAWAY" load big
run "$CUTAWAY" prepare big:1 0
ok "then it is loaded and unpacked" complete
ok "and the store is whole" whole
run "$CUTAWAY" rmi --prune
ok "nothing is left of it all" nothing_left
done_testing
