#!/usr/bin/env bash
# Images that mean harm: what their layers and documents may claim, and that a good answer is given:
# the fault by its name with the store as it was, or an image that is what it says and no more.
# (Names that lead out, links and hard links out of a layer: also tests/unit/test_store.c; documents
# that are wrong: verify.sh; archives that are wrong: image_files.sh.)
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
"$CUTAWAY" images >/dev/null
store=$XDG_DATA_HOME/cutaway/store
machine=$(jq -r 'select(.architecture) | .architecture' "$store"/blobs/sha256/* 2>/dev/null | head -n 1)
manifest_type=application/vnd.oci.image.manifest.v1+json
config_type=application/vnd.oci.image.config.v1+json
layer_type=application/vnd.oci.image.layer.v1.tar
sum() { sha256sum "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }
busybox=$(command -v busybox)
mkdir -p low/bin && cp "$busybox" low/bin/busybox && for name in sh ls cat stat test; do ln -s busybox low/bin/$name; done
tar_options=(--owner=0 --group=0 --mtime=@0 --sort=name)
tar -C low "${tar_options[@]}" -cf low.tar bin

# image NAME DIFF_ID:TYPE:FILE...: the archive NAME.tar of an image with these layers.
image() {
	local name=$1 layers='' ids='' one id type file
	shift
	rm -rf l && mkdir -p l/blobs/sha256
	for one; do
		IFS=: read -r id type file <<<"$one"
		cp "$file" "l/blobs/sha256/$(sum "$file")"
		layers+=",{\"mediaType\":\"$layer_type$type\",\"digest\":\"sha256:$(sum "$file")\",\"size\":$(size "$file")}"
		ids+=",\"sha256:$id\""
	done
	printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}' "$machine" "${ids#,}" >c
	cp c "l/blobs/sha256/$(sum c)"
	printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"sha256:%s","size":%s},"layers":[%s]}' \
		"$manifest_type" "$config_type" "$(sum c)" "$(size c)" "${layers#,}" >m
	cp m "l/blobs/sha256/$(sum m)"
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"%s:1"}}]}' \
		"$manifest_type" "$(sum m)" "$(size m)" "$name" >l/index.json
	echo '{"imageLayoutVersion":"1.0.0"}' >l/oci-layout
	tar -C l -cf "$name.tar" .
}
# good NAME TAR...: plain layers above one with busybox, loaded.
good() {
	local name=$1 layers=("$(sum low.tar)::low.tar") one
	shift
	for one; do layers+=("$(sum "$one")::$one"); done
	image "$name" "${layers[@]}"
	run "$CUTAWAY" load "$name.tar"
	is "$name: loaded" "$STATUS$OUT" "0$name:1" || diag "$ERR"
}
in_image() { run "$CUTAWAY" run --rm "$1:1" /bin/sh -c "$2"; }
content() { (cd "$store" && find . -type f -exec sha256sum {} + | sort -k 2 | sha256sum); }
# refused NAME REGEX: NAME.tar is, by that message, and the store is as it was.
refused() {
	local was
	was=$(content)
	run "$CUTAWAY" load "$1.tar"
	like "$1: refused by its fault" "$STATUS$ERR" "^1.*$2"
	is "$1: the store is as it was" "$(content)" "$was"
}
# field FILE OFFSET BYTES: overwrites a field of the first header of a tar, and its check sum
# (tar(5): the sum of all bytes with the field of the sum as blanks).
field() {
	printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
	printf '        ' | dd of="$1" bs=1 seek=148 conv=notrunc status=none
	printf '%06o\0 ' "$(head -c 512 "$1" | od -An -v -tu1 | tr -s ' ' '\n' | awk '{ s += $1 } END { print s }')" |
		dd of="$1" bs=1 seek=148 conv=notrunc status=none
}
# one_file NAME: a tar of an empty file of that name, as $WORK/one.tar
one_file() {
	rm -rf one && mkdir one && : >one/"$1" && tar -C one "${tar_options[@]}" --format=ustar -cf one.tar "$1"
}

# ---- sizes ----
one_file big && field one.tar 124 '120000000000'
image claims-10-gigabytes "$(sum one.tar)::one.tar" && refused claims-10-gigabytes 'no whole tar'
mkdir sparse && truncate -s 10G sparse/hole && echo end >>sparse/hole && tar -C sparse "${tar_options[@]}" --format=posix -Scf sparse.tar hole
good holes sparse.tar
in_image holes 'stat -c "%s %b" /hole'
like "a file with holes: its size is right, its blocks are few" "$STATUS$OUT" '^010737418244 [0-9]{1,3}$'
head -c 67108864 /dev/zero | gzip -nc >zeros.gz
for _ in {1..24}; do cat zeros.gz; done >bomb.gz
image gzip-bomb "$(sum one.tar):+gzip:bomb.gz" && refused gzip-bomb 'hold more than [0-9]+: no honest layer does'
if command -v zstd >/dev/null; then
	head -c 67108864 /dev/zero | zstd -qc >zeros.zst
	for _ in {1..24}; do cat zeros.zst; done >bomb.zst
	image zstd-bomb "$(sum one.tar):+zstd:bomb.zst" && refused zstd-bomb 'hold more than [0-9]+: no honest layer does'
	one_file "$(printf '%064d' 0)" && field one.tar 124 '014000000000' && field one.tar 0 'blobs/sha256/'"$(printf '%064d' 0)"
	{ head -c 512 one.tar | zstd -qc && cat bomb.zst; } >archive-bomb.tar
	refused archive-bomb 'hold more than [0-9]+: no honest archive does'
else
	skip "bombs of zstd" "no zstd here (Debian package zstd)"
fi
image documents "$(sum low.tar)::low.tar" && head -c 5000000 /dev/zero | tr '\0' ' ' >>l/index.json && tar -C l -cf documents.tar . && refused documents 'index.json: it is larger than 4 MiB'
one=$(printf '{"mediaType":"%s","digest":"sha256:%s","size":%s}' "$layer_type" "$(sum low.tar)" "$(size low.tar)")
image layers "$(sum low.tar)::low.tar"
rm "l/blobs/sha256/$(sum m)"
printf '{"schemaVersion":2,"config":{"mediaType":"%s","digest":"sha256:%s","size":%s},"layers":[%s]}' "$config_type" "$(sum c)" "$(size c)" \
	"$(yes "$one," | head -n 9999)$one" >m
cp m "l/blobs/sha256/$(sum m)"
sed -i -E "s/sha256:[0-9a-f]{64}/sha256:$(sum m)/; s/\"size\":[0-9]+/\"size\":$(size m)/" l/index.json
tar -C l -cf layers.tar . && refused layers '10000 layers'

# ---- names ----
mkdir names && cd names || exit 1
: >$'caf\xe9' && : >$'caf\xc3\xa9' && : >$'cafe\xcc\x81' && : >A && : >a && : >$'new\nline' && : >$'\033[31mred' && : >$'\xe2\x80\xaegpj.exe'
long=$(printf '%0200d' 0) && mkdir -p "$long/$long/$long" && : >"$long/$long/$long/deep"
cd .. || exit 1
want=$(cd names && find . | LC_ALL=C sort | sha256sum)
for format in gnu posix; do
	tar -C names "${tar_options[@]}" --format=$format --transform 's,^\.,names,' -cf names.tar .
	good names-$format names.tar
	in_image names-$format 'cd names && busybox find . | busybox sort | busybox sha256sum'
	is "names in a $format tar: byte for byte" "$OUT" "$want"
	"$CUTAWAY" rmi names-$format:1 >/dev/null
	LC_ALL=C "$CUTAWAY" load names-$format.tar >/dev/null
	LC_ALL=C run "$CUTAWAY" run --rm names-$format:1 /bin/sh -c 'cd names && busybox find . | busybox sort | busybox sha256sum'
	is "names in a $format tar: also where the locale is C" "$STATUS$OUT" "0$want"
done
tar -C one "${tar_options[@]}" -P --transform 's,.*,../\x1b[31mred,' -cf red.tar . && image red "$(sum red.tar)::red.tar" && refused red '\\x1b\[31mred.* leads out'
unlike "a name that a terminal would obey is shown escaped" "$ERR" "$(printf '\033')"
sed -i 's/red:1/\\u001b[31mred/' l/index.json && cp low.tar x && image odd "$(sum low.tar)::low.tar" && sed -i 's/odd:1/\\u001b[31modd\\u009b/' l/index.json && tar -C l -cf odd.tar .
run "$CUTAWAY" load odd.tar
unlike "the name of an image as well, by load" "$OUT" "$(printf '\033')"
run "$CUTAWAY" images
unlike "by images" "$OUT" "$(printf '\033')"
like "by images: it can be read" "$OUT" 'x1b\[31modd'
run "$CUTAWAY" images -q
unlike "by images -q" "$OUT" "$(printf '\033')"

# ---- kinds of files ----
one_file disk && field one.tar 156 '4' && field one.tar 329 '0000007' && field one.tar 337 '0000000'
mkdir -p kinds/bin && cp "$busybox" kinds/bin/su && chmod 4755 kinds/bin/su && mkfifo kinds/fifo && tar -C kinds "${tar_options[@]}" -cf kinds.tar .
good kinds kinds.tar one.tar
in_image kinds 'test ! -e /disk && stat -c %a /bin/su && stat -c %F /fifo'
is "a device is left out, set-user-ID and a FIFO stay" "$STATUS$(tr '\n' ' ' <<<"$OUT")" "04755 fifo "
is "who may reach a set-user-ID file of an image: its owner only" "$(stat -c %a "$XDG_DATA_HOME/cutaway")" 700

# ---- whiteouts ----
mkdir -p lower/d/sub && echo old >lower/d/old && echo old >lower/d/sub/old && echo old >lower/f && tar -C lower "${tar_options[@]}" -cf lower.tar .
mkdir -p opaque/d && : >opaque/d/.wh..wh..opq && echo new >opaque/d/new && tar -C opaque "${tar_options[@]}" -cf opaque.tar d
good opaque lower.tar opaque.tar
in_image opaque 'cd /d && echo *'
is "an opaque directory hides what was below" "$STATUS$OUT" 0new
: >wh && tar "${tar_options[@]}" --transform 's,^wh$,.wh.d,' -cf before.tar wh && tar -C opaque "${tar_options[@]}" --exclude='.wh*' -rf before.tar d
tar -C opaque "${tar_options[@]}" --exclude='.wh*' -cf after.tar d && tar "${tar_options[@]}" --transform 's,^wh$,.wh.d,' -rf after.tar wh
tar "${tar_options[@]}" --transform 's,^wh$,.wh.d,' -cf without.tar wh && tar -C opaque "${tar_options[@]}" -rf without.tar d/new
for order in before after without; do
	good $order lower.tar $order.tar
	in_image $order 'cd /d && echo *'
	is "gone and there again, $order: only what is new" "$STATUS$OUT" 0new
done
tar "${tar_options[@]}" --transform 's,^wh$,d/.wh...,' -cf dots.tar wh && image dots "$(sum dots.tar)::dots.tar" && refused dots "whiteout of '..', which is no name"

# ---- names twice, and names through links ----
mkdir t1 t2 && echo first >t1/name && echo last >t2/name && tar -C t1 "${tar_options[@]}" -cf twice.tar name && tar -C t2 "${tar_options[@]}" -rf twice.tar name
mkdir -p t3/dir/sub && : >t3/dir/sub/x && echo file >t2/dir && tar -C t3 "${tar_options[@]}" -rf twice.tar dir && tar -C t2 "${tar_options[@]}" -rf twice.tar dir
good twice twice.tar
in_image twice 'cat /name /dir'
is "a name twice: the last one counts, also a file for a directory" "$STATUS$(tr '\n' ' ' <<<"$OUT")" "0last file "
mkdir -p out t4 t5/way && ln -s "$WORK/out" t4/way && echo evil >t5/way/file && tar -C t4 "${tar_options[@]}" -cf through.tar way && tar -C t5 "${tar_options[@]}" -rf through.tar way/file
good through through.tar
is "a link out, then a file through it: nothing is written there" "$(ls -A out)" ""
done_testing
