#!/usr/bin/env bash
# Images as files: tag, rmi, save and load; that the tools of others read what we write and we what
# they write; and that a broken archive is refused by the name of its fault, with nothing changed.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store
blobs=$store/blobs/sha256

run "$CUTAWAY" images -q
is "images -q: the names only" "$STATUS$OUT" 0base
digest=$("$CUTAWAY" images --json | sed -nE 's/.*"digest": "(.*)".*/\1/p')
config=$(sed -E 's/.*"config":\{[^}]*"digest":"([^"]*)".*/\1/' "$blobs/${digest#sha256:}")

# ---- names ----
run "$CUTAWAY" tag base shop
is "tag: without a tag it is latest" "$STATUS$OUT" 0shop:latest
run "$CUTAWAY" tag shop quay.io/team/shop:1
is "tag: a short name finds it" "$STATUS$OUT" 0quay.io/team/shop:1
run "$CUTAWAY" tag "${digest:7:8}" by-digest:1
is "tag: the beginning of a digest too" "$STATUS$OUT" 0by-digest:1
run "$CUTAWAY" tag base 'Shop'
like "tag: a bad name: which character" "$STATUS$ERR" "^1.*'S', character 1"
run "$CUTAWAY" tag base "x@$digest"
is "tag: a digest is not given" "$STATUS" 1
run "$CUTAWAY" tag no-such x
like "tag: no such image" "$STATUS$ERR" '^1.*no-such'
is "four names, one image" "$("$CUTAWAY" images | grep -c "${digest:0:19}")" 4
run "$CUTAWAY" run --rm quay.io/team/shop:1 echo ran
is "run: by any of its names" "$STATUS$OUT" 0ran

# ---- history ----
run "$CUTAWAY" history base
like "history: the line and its layer" "$STATUS$OUT" "^1970-01-01 +sha256:[0-9a-f]{12} +[0-9.]+ MB  cutaway: the host"
run "$CUTAWAY" history --json base
like "history --json: digest and diff_id" "$(tr -d ' \n' <<<"$OUT")" '"digest":"sha256:[0-9a-f]{64}","diff_id":"sha256:[0-9a-f]{64}"'
run "$CUTAWAY" history no-such
is "history: no such image" "$STATUS" 1

# ---- save: the same bytes, readable by others ----
run "$CUTAWAY" save -o a.tar base quay.io/team/shop:1
is "save: exit status" "$STATUS$OUT$ERR" 0
"$CUTAWAY" save base quay.io/team/shop:1 | cmp -s - a.tar
is "save: the same images, the same bytes" "${PIPESTATUS[1]}" 0
run "$CUTAWAY" save --format docker-archive -o d.tar base shop
is "save: as docker does" "$STATUS$OUT$ERR" 0
like "save: layers of docker's form are plain tars" "$(tar -xOf d.tar --wildcards '*.tar' | tar -t)" '^bin/busybox$'
run "$CUTAWAY" save -o none/a.tar base
like "save: no such directory" "$STATUS$ERR" '^1.*none/a.tar'
run "$CUTAWAY" save -o b.tar base no-such
is "save: half a file is not left" "$STATUS$(find . -maxdepth 1 -name 'b.tar*')" 1
run "$CUTAWAY" save --format zip -o b.tar base
is "save: unknown format: usage" "$STATUS" 2
run "$CUTAWAY" save -o /dev/full base
like "save: a full disk" "$STATUS$ERR" '^1.*ENOSPC'

if command -v skopeo >/dev/null; then
	run skopeo --tmpdir "$WORK" inspect --format '{{.Digest}}' oci-archive:a.tar:base
	is "skopeo reads the oci-archive, the digest is ours" "$STATUS$OUT" "0$digest"
	run skopeo --tmpdir "$WORK" copy -q --insecure-policy docker-archive:d.tar:shop:latest oci-archive:s.tar:from-skopeo:1
	is "skopeo reads the docker-archive" "$STATUS$ERR" 0
	run "$CUTAWAY" load s.tar
	is "we read the oci-archive that it wrote" "$STATUS$OUT" 0from-skopeo:1
	like "its image has our configuration" "$(tar -tf s.tar)" "${config#sha256:}"
	run "$CUTAWAY" run --rm from-skopeo:1 echo ran
	is "and it runs" "$STATUS$OUT" 0ran
	run skopeo --tmpdir "$WORK" copy -q --insecure-policy oci-archive:a.tar:base docker-archive:s2.tar:from-skopeo:2
	run "$CUTAWAY" load -i s2.tar
	is "we read the docker-archive that it wrote" "$STATUS$OUT" 0docker.io/library/from-skopeo:2
else
	skip "archives of skopeo" "no skopeo here (Debian package skopeo)"
fi
if command -v umoci >/dev/null; then
	mkdir layout && tar -C layout -xf a.tar
	run umoci stat --image layout:base
	like "umoci reads our layout" "$STATUS$OUT" "^0|sha256"
	umoci config --image layout:base --tag umoci --config.label made=there >/dev/null 2>&1
	tar -C layout -cf u.tar .
	run "$CUTAWAY" load u.tar
	like "we read a layout that it has changed" "$STATUS$OUT" 'umoci$'
else
	skip "layouts of umoci" "no umoci here (Debian package umoci)"
fi

# ---- rmi: what is shared stays, what nothing needs goes ----
run "$CUTAWAY" rmi shop quay.io/team/shop:1
is "rmi: a name goes, the image stays" "$STATUS$("$CUTAWAY" images -q | grep -c shop)" 00
ok "rmi: the image is there under another name" test -e "$blobs/${digest#sha256:}"
run "$CUTAWAY" run -d --name rmi-$$ base sleep 1000
layer=$("$CUTAWAY" inspect --format layers rmi-$$ | sed -nE 's/.*"(\/.*)".*/\1/p')
run "$CUTAWAY" rmi "${digest#sha256:}"
is "rmi: by digest, all its names" "$STATUS$("$CUTAWAY" images -q | grep -cE '^(base|by-digest:1)$')" 00
mapfile -t others < <("$CUTAWAY" images -q)
[ ${#others[@]} -eq 0 ] || run "$CUTAWAY" rmi "${others[@]}"
like "rmi: a layer in use stays, and it is said" "$OUT" 'unpacked layers stay'
ok "rmi: the container has its files" "$CUTAWAY" exec rmi-$$ busybox true
ok "rmi: they are there" test -d "$layer"
run "$CUTAWAY" rm -f rmi-$$
run "$CUTAWAY" rmi --prune
is "rmi --prune: then it goes" "$STATUS$(ls -d "$layer" 2>/dev/null)" 0
is "no blob is left" "$(ls -A "$blobs")" ""
touch "$blobs/.blob-0123456789abcdef"
run "$CUTAWAY" rmi --prune
is "rmi --prune: what a killed writer left goes" "$STATUS$(ls -A "$blobs")" 0
run "$CUTAWAY" rmi no-such
is "rmi: no such image" "$STATUS" 1

run "$CUTAWAY" load a.tar
is "load: all images of the file" "$STATUS$(tr '\n' ' ' <<<"$OUT")" "0base quay.io/team/shop:1 "
is "load: the digest is what it was" "$("$CUTAWAY" images --json | grep -c "$digest")" 2
gzip -k a.tar
run "$CUTAWAY" load <a.tar.gz
is "load: compressed, from a pipe" "$("$CUTAWAY" load <a.tar.gz | head -n 1)" base

# ---- broken archives ----
# A small image of its own; each variable is one member that can be wrong.
mkdir files && echo hello >files/hello
tar -C files -cf plain.tar --owner=0 --group=0 --mtime=@0 hello
gzip -nk plain.tar
algorithm=sha256
sum() { "${algorithm}sum" "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }
layout() {
	rm -rf b && mkdir -p "b/blobs/$algorithm"
	local layer=${LAYER_FILE:-plain.tar.gz} diff
	diff=$algorithm:$(sum plain.tar)
	cp "$layer" "b/blobs/$algorithm/${LAYER_NAME:-$(sum "$layer")}"
	printf '{"architecture":"%s","os":"linux",%s"rootfs":{"type":"%s","diff_ids":[%s]}}' "$(
		"$CUTAWAY" images >/dev/null
		sed -nE 's/.*"architecture":"([^"]*)".*/\1/p' "$blobs/${config#sha256:}"
	)" "${CONFIG_MORE:-}" "${ROOTFS_TYPE:-layers}" "${DIFF_IDS-\"$diff\"}" >c
	cp c "b/blobs/$algorithm/$(sum c)"
	printf '{"schemaVersion":%s,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":%s},"layers":[%s]}' \
		"${SCHEMA:-2}" "${TYPE:-application/vnd.oci.image.manifest.v1+json}" \
		"${CONFIG_TYPE:-application/vnd.oci.image.config.v1+json}" "${CONFIG_DIGEST:-$algorithm:$(sum c)}" \
		"${CONFIG_SIZE:-$(size c)}" \
		"${LAYERS-{\"mediaType\":\"${LAYER_TYPE:-application/vnd.oci.image.layer.v1.tar+gzip}\",\"digest\":\"${LAYER_DIGEST:-$algorithm:$(sum "$layer")}\",\"size\":${LAYER_SIZE:-$(size "$layer")}\}}" >m
	cp m "b/blobs/$algorithm/${MANIFEST_NAME:-$(sum m)}"
	printf '{"schemaVersion":%s,"manifests":[%s]}' "${INDEX_SCHEMA:-2}" \
		"${MANIFESTS-{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"${MANIFEST_DIGEST:-$algorithm:$(sum m)}\",\"size\":${MANIFEST_SIZE:-$(size m)},\"annotations\":{\"org.opencontainers.image.ref.name\":\"small:1\"\}\}}" >b/index.json
	printf '%s' "${VERSION-{\"imageLayoutVersion\":\"1.0.0\"\}}" >b/oci-layout
}
before() {
	(cd "$store" && find . -type f -exec sha256sum {} + | sort -k 2 | sha256sum)
}
# broken TEXT REGEX: the archive of b/ is refused with an error that matches, the store unchanged.
broken() {
	[ -n "${KEEP_TAR:-}" ] || tar -C b -cf b.tar .
	run "$CUTAWAY" load b.tar
	like "broken: $1" "$STATUS$ERR" "^1.*$2"
	is "broken: $1: the store is as it was" "$(before)" "$was"
}
layout
tar -C b -cf b.tar .
run "$CUTAWAY" load b.tar
is "the small image as it should be" "$STATUS$OUT$ERR" 0small:1
run "$CUTAWAY" history small:1
like "history: a layer of which nothing is said" "$STATUS$OUT" '^-  .*sha256:[0-9a-f]{12} +[0-9]+ B  -$'
run "$CUTAWAY" rmi small:1
CONFIG_MORE='"history":[{"created_by":"first \u001b[31m"},{"created_by":"ENV A=b","empty_layer":true}],' layout
tar -C b -cf b.tar . && "$CUTAWAY" load b.tar >/dev/null
run "$CUTAWAY" history small:1
like "history: a line without a layer" "$OUT" '\(no layer\) +ENV A=b$'
unlike "history: what a terminal would act upon is not printed" "$OUT" "$(printf '\033')"
run "$CUTAWAY" rmi small:1
algorithm=sha512
layout
tar -C b -cf b.tar .
run "$CUTAWAY" load b.tar
is "all digests of an image may be sha512" "$STATUS$OUT$ERR" 0small:1
run "$CUTAWAY" images --json
like "images: sha512" "$OUT" '"digest": "sha512:[0-9a-f]{128}"'
run "$CUTAWAY" save -o again.tar small:1
is "save: the blobs are there under sha512" "$STATUS$(tar -tf again.tar | grep -cE '^blobs/sha512/[0-9a-f]{128}$')" 03
"$CUTAWAY" rmi small:1 >/dev/null
is "rmi: they go with the name" "$(ls -A "$store/blobs/sha512")" ""
run "$CUTAWAY" load again.tar
is "load: and come again" "$STATUS$OUT$ERR" 0small:1
run "$CUTAWAY" rmi "$(sed -nE 's/.*"digest": *"(sha512:[0-9a-f]{20}).*/\1/p' "$store/index.json")"
is "rmi: by the beginning of a sha512" "$STATUS$ERR" 0
algorithm=sha256

was=$(before)
zeros=$(printf '%064d' 0)

layout && rm b/oci-layout && broken "no oci-layout" 'oci-layout: it is missing'
VERSION='{"imageLayoutVersion":"2.0.0"}' layout && broken "another version of the layout" "imageLayoutVersion is '2.0.0'"
VERSION='{' layout && broken "oci-layout is no JSON" 'oci-layout: line 1'
layout && rm b/index.json && broken "no index.json" 'is missing'
INDEX_SCHEMA=1 layout && broken "schemaVersion of the index" 'index.json: schemaVersion is not 2'
MANIFESTS='' layout && broken "an index of nothing" 'names no image'
MANIFEST_DIGEST=sha256:$zeros layout && broken "no manifest" "sha256:$zeros is missing"
MANIFEST_SIZE=3 layout && broken "size of the manifest" 'manifests\[0\]: size is 3'
MANIFEST_NAME=$zeros layout && broken "a blob that is not what its name says" 'verify blob: sha256:0'
MANIFEST_DIGEST=md5:0 layout && broken "a digest that is none" "'md5' is not supported"
SCHEMA=1 layout && broken "schemaVersion of the manifest" 'schemaVersion is not 2'
TYPE=text/plain layout && broken "mediaType of the manifest" "'text/plain' is no manifest"
CONFIG_DIGEST=sha256:$zeros layout && broken "no configuration" "config: sha256:$zeros is missing"
CONFIG_SIZE=7 layout && broken "size of the configuration" 'config: size is 7'
CONFIG_TYPE=text/plain layout && broken "mediaType of the configuration" "config: mediaType 'text/plain'"
ROOTFS_TYPE=cake layout && broken "rootfs.type" "rootfs.type is not 'layers'"
CONFIG_MORE='"os":"linux",' layout && broken "a member twice" 'duplicate'
DIFF_IDS='' layout && broken "diff_ids missing" '1 layers in the manifest, and 0 diff_ids'
DIFF_IDS="\"sha256:$zeros\",\"sha256:$zeros\"" layout && broken "diff_ids too many" '1 layers in the manifest, and 2 diff_ids'
DIFF_IDS="\"sha256:$zeros\"" layout && broken "a wrong diff_id" 'its diff id is sha256:'
DIFF_IDS='"sha512:00"' layout && broken "a diff_id that is none" 'diff_ids\[0\]: .*is no digest'
LAYERS='' layout && broken "no layers" '0 layers in the manifest, and 1 diff_ids'
LAYER_DIGEST=sha256:$zeros layout && broken "a layer is missing" "layers\[0\]: sha256:$zeros is missing"
LAYER_SIZE=9 layout && broken "size of a layer" 'layers\[0\]: size is 9'
LAYER_TYPE=application/vnd.oci.image.layer.v1.tar layout && broken "gzip called tar" 'mediaType says a plain tar, the file is gzip'
LAYER_FILE=plain.tar layout && broken "tar called gzip" 'mediaType says gzip, the file is a plain tar'
LAYER_TYPE=text/plain layout && broken "mediaType of a layer" "layers\[0\]: mediaType 'text/plain' is no layer"
head -c 60 plain.tar.gz >short.gz
LAYER_FILE=short.gz layout && broken "a layer cut off" 'gzip stream is cut off'
{ cat plain.tar.gz && echo more; } >long.gz
LAYER_FILE=long.gz layout && broken "bytes behind a layer" '5 bytes stand behind its end'
layout && mv b/blobs/sha256/"$(sum c)" b/blobs/sha256/not-a-sum && broken "a blob without a sum as name" 'not named after its digest'
layout && tar -C b -cf b.tar --transform 's,^\./index,../index,' . && KEEP_TAR=1 broken "a name that leads out" 'leads out of the archive'
layout && tar -C b -cf b.tar . && head -c 2000 b.tar >b2 && mv b2 b.tar && KEEP_TAR=1 broken "an archive cut off" 'load archive'
echo hello >b.tar && KEEP_TAR=1 broken "no archive at all" 'load archive'
printf '[{"Config":"c.json","RepoTags":["x:1"],"Layers":["l.tar"]}]' >manifest.json
tar -cf b.tar manifest.json && KEEP_TAR=1 broken "docker: no configuration" 'c.json: manifest.json names it'
cp c c.json && tar -cf b.tar manifest.json c.json && KEEP_TAR=1 broken "docker: no layer" 'l.tar: manifest.json names it'
ln -s /etc/passwd l.tar && tar -cf b.tar manifest.json c.json l.tar && KEEP_TAR=1 broken "docker: a layer that is a link out" 'leads out of the archive'
run "$CUTAWAY" load no-such-file
is "load: no such file" "$STATUS" 1
done_testing
