#!/usr/bin/env bash
# cutaway verify: a good layout is called whole, whoever made it; a layout that is broken in one way
# is told by the name of that fault, with the file it is in; all faults are told at once; and load
# takes a directory, but none that is broken.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1

# ---- a good layout: two layers (gzip and plain), two names, a blob that no image names ----
manifest_type=application/vnd.oci.image.manifest.v1+json
index_type=application/vnd.oci.image.index.v1+json
config_type=application/vnd.oci.image.config.v1+json
layer_type=application/vnd.oci.image.layer.v1.tar
zeros=$(printf '%064d' 0)
machine=$("$CUTAWAY" images >/dev/null && jq -r .architecture "$XDG_DATA_HOME"/cutaway/store/blobs/sha256/* 2>/dev/null | grep -m 1 -v null)
sum() { sha256sum "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }
# put FILE: as a blob of $L; sets $DIGEST and $SIZE.
put() {
	DIGEST=sha256:$(sum "$1") SIZE=$(size "$1")
	cp "$1" "$L/blobs/sha256/${DIGEST#sha256:}"
}
tar_options=(--owner=0 --group=0 --mtime=@0 --sort=name)
mkdir -p one/etc two/etc && echo hello >one/etc/hello && echo again >two/etc/again && : >two/etc/.wh.hello
tar -C one "${tar_options[@]}" -cf one.tar etc && gzip -nk one.tar
tar -C two "${tar_options[@]}" -cf two.tar etc
L=good
mkdir -p good/blobs/sha256
put one.tar.gz && one=$DIGEST one_size=$SIZE
put two.tar && two=$DIGEST two_size=$SIZE
cat >config.json <<END
{"created":"2026-01-31T12:00:00Z","architecture":"$machine","os":"linux",
 "config":{"Env":["PATH=/bin"],"Cmd":["/bin/sh"],"Labels":{"a":"b"},"Entrypoint":null},
 "rootfs":{"type":"layers","diff_ids":["sha256:$(sum one.tar)","sha256:$(sum two.tar)"]},
 "history":[{"created_by":"one"},{"created_by":"ENV","empty_layer":true},{"created_by":"two"}]}
END
put config.json && config=$DIGEST config_size=$SIZE
cat >manifest.json <<END
{"schemaVersion":2,"mediaType":"$manifest_type",
 "config":{"mediaType":"$config_type","digest":"$config","size":$config_size},
 "layers":[{"mediaType":"$layer_type+gzip","digest":"$one","size":$one_size},
           {"mediaType":"$layer_type","digest":"$two","size":$two_size}],
 "annotations":{"who":"me"}}
END
put manifest.json && manifest=$DIGEST manifest_size=$SIZE
cat >good/index.json <<END
{"schemaVersion":2,"mediaType":"$index_type","manifests":[
 {"mediaType":"$manifest_type","digest":"$manifest","size":$manifest_size,
  "platform":{"architecture":"$machine","os":"linux"},
  "annotations":{"org.opencontainers.image.ref.name":"small:1"}}]}
END
echo '{"imageLayoutVersion":"1.0.0"}' >good/oci-layout
echo free >free && put free && free=$DIGEST

run "$CUTAWAY" verify good
is "a good layout" "$STATUS$ERR" 0
like "it is called whole, and counted" "$OUT" '^good: whole: 1 image, 5 blobs'
run "$CUTAWAY" verify --json good
is "--json: whole" "$STATUS$(jq -c '[.whole, .images, .faults]' <<<"$OUT")" '0[true,1,[]]'

# ---- one fault at a time ----
# new: a fresh copy as $L. redo: what names what is made again from config.json and manifest.json in
# it, so that only the fault is wrong.
new() {
	L=broken
	rm -rf broken && cp -a good broken && cp config.json c && cp manifest.json m && cp good/index.json i
}
redo_config() {
	rm -f "$L/blobs/sha256/${config#sha256:}"
	put c
	sed -i "s/$config/$DIGEST/; s/\"size\":$config_size}/\"size\":$SIZE}/" m
	redo_manifest
}
redo_manifest() {
	rm -f "$L/blobs/sha256/${manifest#sha256:}"
	put m
	sed -i "s/$manifest/$DIGEST/; s/\"size\":$manifest_size,/\"size\":$SIZE,/" i
	redo_index
}
redo_index() { cp i "$L/index.json"; }
# layer FILE: FILE stands for the first layer.
layer() {
	rm -f "$L/blobs/sha256/${one#sha256:}"
	put "$1"
	sed -i "s/$one\",\"size\":$one_size/$DIGEST\",\"size\":$SIZE/" m
	redo_manifest
}
ways=0
# broken TEXT FILE REGEX: it is found, in that file, and nothing else is.
broken() {
	ways=$((ways + 1))
	run "$CUTAWAY" verify broken
	like "$1: named" "$STATUS$OUT" "^1?$2.*$3"
	like "$1: with the part of the specification" "$OUT" '^    (OCI image specification 1.1, [a-z-]+\.md|RFC )'
	is "$1: exit status, and no other fault" "$STATUS $(tail -n 1 <<<"$OUT")" "1 broken: ${4:-1 fault}"
}
i() { new && sed -i "$1" i && redo_index; }
m() { new && sed -i "$1" m && redo_manifest; }
c() { new && sed -i "$1" c && redo_config; }
in_manifest='blobs/sha256/[0-9a-f]{64} \(manifest\): '
in_config='blobs/sha256/[0-9a-f]{64} \(config\): '
in_layer='blobs/sha256/[0-9a-f]{64} \(layer\): '

new && rm broken/oci-layout && broken "no oci-layout" oci-layout 'it is missing'
new && echo '{"imageLayoutVersion":"2.0.0"}' >broken/oci-layout && broken "another version" oci-layout "imageLayoutVersion is '2.0.0', not 1.0.0"
new && echo '{}' >broken/oci-layout && broken "no version" oci-layout 'imageLayoutVersion: it is missing'
new && echo '{"imageLayoutVersion":1}' >broken/oci-layout && broken "a version that is a number" oci-layout 'it is a number, not a text'
new && echo '{' >broken/oci-layout && broken "oci-layout is no JSON" oci-layout 'line '
new && rm broken/oci-layout && mkdir broken/oci-layout && broken "oci-layout is a directory" oci-layout 'no regular file'
new && rm broken/index.json && broken "no index.json" index.json 'it is missing'
new && echo '[]' >broken/index.json && broken "index.json is a list" index.json 'no JSON object'
new && head -c 100 good/index.json >broken/index.json && broken "index.json is cut off" index.json 'line '
new && echo '{}x' >broken/index.json && broken "bytes behind the JSON" index.json 'end of file expected'
new && rm broken/index.json && mkfifo broken/index.json && broken "index.json is a FIFO" index.json 'no regular file'
new && rm -r broken/blobs && broken "no blobs" 'index.json.*is missing' '' '2 faults'
i 's/"schemaVersion":2/"schemaVersion":1/' && broken "schemaVersion of the index" index.json 'schemaVersion is not 2, but 1'
i 's/"schemaVersion":2/"schemaVersion":"2"/' && broken "schemaVersion is a text" index.json 'schemaVersion is not 2: it is a text'
i 's/"schemaVersion":2,//' && broken "no schemaVersion" index.json 'schemaVersion.*missing'
i "s|\"mediaType\":\"$index_type\"|\"mediaType\":\"$config_type\"|" && broken "mediaType of the index" index.json 'is no index'
i 's/"manifests"/"Manifests"/' && broken "a member in another case" index.json "Manifests: it is written 'manifests'" '2 faults'
new && printf '{"schemaVersion":2}' >broken/index.json && broken "no list of manifests" index.json 'manifests: it is missing'
new && printf '{"schemaVersion":2,"manifests":[]}' >broken/index.json && broken "an empty list of manifests" index.json 'it names no image'
new && printf '{"schemaVersion":2,"manifests":{}}' >broken/index.json && broken "the list is an object" index.json 'manifests: it is no array'
new && printf '{"schemaVersion":2,"manifests":["x"]}' >broken/index.json && broken "an entry is a text" index.json 'manifests\[0\]: it is no descriptor'
i "s/$manifest/sha256:$zeros/" && broken "index names what is not there" index.json "manifests\[0\]: sha256:$zeros is missing"
i "s/$manifest/sha256:${zeros^^}X/" && broken "a digest that is too long" index.json 'manifests\[0\].digest: .* has 64 digits'
upper=$(tr a-f A-F <<<"${manifest#sha256:}")
i "s/${manifest#sha256:}/$upper/" && broken "a digest in upper case" index.json 'digits in upper case'
i "s/$manifest/md5:0123456789abcdef0123456789abcdef/" && broken "another algorithm" index.json "'md5' is not supported"
i "s/$manifest/${manifest#sha256:}/" && broken "a digest without algorithm" index.json 'not of the form ALGORITHM:DIGITS'
i 's/"digest":"[^"]*",//' && broken "a descriptor without digest" index.json 'manifests\[0\].digest: it is missing'
i 's/"digest":"[^"]*"/"digest":7/' && broken "a digest that is a number" index.json 'manifests\[0\].digest: it is a number'
i "s/\"size\":$manifest_size,//" && broken "a descriptor without size" index.json 'manifests\[0\]: size is missing'
i "s/\"size\":$manifest_size/\"size\":-$manifest_size/" && broken "a negative size" index.json 'it is negative'
i "s/\"size\":$manifest_size/\"size\":\"$manifest_size\"/" && broken "a size that is a text" index.json 'no number of bytes, but a text'
i "s/\"size\":$manifest_size/\"size\":$manifest_size.5/" && broken "a size that is a fraction" index.json 'but a fraction'
i "s/\"size\":$manifest_size/\"size\":3/" && broken "a wrong size of the manifest" index.json "size is 3, the file has $manifest_size bytes"
i "s/\"size\":$manifest_size/\"size\":99999999999999999999/" && broken "a size that no number holds" index.json 'too big'
i "s/\"size\":$manifest_size/\"size\":$manifest_size,\"size\":$manifest_size/" && broken "a member twice" index.json 'duplicate'
i 's/"mediaType":"[^"]*manifest[^"]*",//' && broken "a descriptor without mediaType" index.json 'manifests\[0\].mediaType: it is missing'
i 's/"mediaType":"[^"]*manifest[^"]*"/"mediaType":"manifest"/' && broken "a mediaType that is none" index.json 'is no media type' '3 faults'
i "s|\"mediaType\":\"$manifest_type\"|\"mediaType\":\"$config_type\"|" && broken "an entry with the mediaType of a configuration" index.json "neither a manifest's nor an index's" '2 faults'
i "s|\"mediaType\":\"$manifest_type\"|\"mediaType\":\"$index_type\"|" && broken "a manifest called an index" index.json "the file's own is"
i 's/"annotations":{[^}]*}/"annotations":["x"]/' && broken "annotations of the wrong type" index.json 'annotations: it is an array'
i 's/"annotations":{[^}]*}/"annotations":{"x":1}/' && broken "an annotation that is a number" index.json "annotations: 'x' is a number"
i 's/small:1/no name/' && broken "a name that is none" index.json "'no name' is no name"
i 's/"platform":{[^}]*}/"platform":{"os":"linux"}/' && broken "a platform without architecture" index.json 'platform.architecture: it is missing'
i 's/"platform":{[^}]*}/"platform":{"os":"linux","architecture":"vax"}/' && broken "the platform is another" "$in_config" "architecture is '$machine' here, and 'vax' in the platform of index.json, manifests\[0\]"
i 's/"platform":{[^}]*}/"platform":"x"/' && broken "a platform that is a text" index.json 'platform: it is no object'
i "s/\"size\":$manifest_size/&,\"data\":\"aGVsbG8=\"/" && broken "data that is not the blob" index.json "data: size is $manifest_size, and it has 5 bytes"
i "s/\"size\":$manifest_size/&,\"data\":\"%\"/" && broken "data that is no base64" index.json 'data is no base64'
i "s/\"size\":$manifest_size/&,\"urls\":\"x\"/" && broken "urls that are none" index.json 'urls: it is a text, not an array'

new && echo ' ' >>"broken/blobs/sha256/${manifest#sha256:}" && broken "bytes behind a manifest" "$in_manifest" 'the sum of its bytes is' '2 faults'
new && sed -i 's/hello/hullo/; s/"who"/"why"/' "broken/blobs/sha256/${manifest#sha256:}" && broken "a manifest that was changed" "$in_manifest" 'the sum of its bytes is'
new && mv "broken/blobs/sha256/${free#sha256:}" "broken/blobs/sha256/$zeros" && broken "a blob of no image with a wrong name" "blobs/sha256/$zeros" 'the sum of its bytes is'
upper=$(tr a-f A-F <<<"${free#sha256:}")
new && mv "broken/blobs/sha256/${free#sha256:}" "broken/blobs/sha256/$upper" && broken "a blob named in upper case" "blobs/sha256/$upper" 'digits in upper case'
new && echo x >broken/blobs/sha256/readme && broken "a file that is no blob" blobs/sha256/readme 'not named after a sha256 digest'
new && mkdir broken/blobs/md5 && broken "blobs of another algorithm" blobs/md5 "'md5' is not supported"
new && echo x >broken/blobs/file && broken "a file among the algorithms" blobs/file 'no directory of an algorithm'
new && ln -sf /etc/passwd "broken/blobs/sha256/${free#sha256:}" && broken "a blob that is a symbolic link" "blobs/sha256/${free#sha256:}" 'symbolic link'
new && rm "broken/blobs/sha256/${free#sha256:}" && mkfifo "broken/blobs/sha256/${free#sha256:}" && broken "a blob that is a FIFO" "blobs/sha256/${free#sha256:}" 'no regular file'

m 's/"schemaVersion":2/"schemaVersion":3/' && broken "schemaVersion of the manifest" "$in_manifest" 'schemaVersion is not 2, but 3'
m "s|\"mediaType\":\"$manifest_type\"|\"mediaType\":\"text/plain\"|" && broken "mediaType of the manifest" "$in_manifest" "'text/plain' is no manifest" '2 faults'
m 's/"config":/"konfig":/' && broken "no config" "$in_manifest" 'config: there is none'
m "s|$config_type|text/plain|" && broken "mediaType of the configuration" "$in_manifest" "config: mediaType 'text/plain' is no image configuration"
m "s/$config\",\"size\":$config_size/$config\",\"size\":7/" && broken "size of the configuration" "$in_manifest" "config: size is 7, the file has $config_size"
m "s/$config/sha256:$zeros/" && broken "no configuration" "$in_manifest" "config: sha256:$zeros is missing"
m 's/"layers":.*/"layers":[],/; /layer.v1.tar"/d' && broken "layers empty, diff_ids not" "$in_manifest" 'layers: there is none' '3 faults'
like "layers empty: what the configuration says" "$OUT" '0 layers in the manifest, and 2 diff_ids here'
m 's/"annotations":{"who":"me"}/"annotations":{"who":["me"]}/' && broken "an annotation of the manifest that is a list" "$in_manifest" "annotations: 'who' is an array"
m 's/"annotations":/"manifests":[],&/' && broken "a manifest that is an index as well" 'blobs/sha256/[0-9a-f]{64} \(index\): ' 'an index for some programs' '4 faults'
m "s/$one/sha256:$zeros/" && broken "a layer is missing" "$in_manifest" "layers\[0\]: sha256:$zeros is missing"
m "s/\"size\":$one_size/\"size\":9/" && broken "size of a layer" "$in_manifest" 'layers\[0\]: size is 9'
m "s|$layer_type+gzip|text/plain|" && broken "mediaType of a layer" "$in_manifest" "layers\[0\]: mediaType 'text/plain' is no layer"
m "s|$layer_type+gzip|$layer_type|" && broken "gzip called tar" "$in_manifest" 'layers\[0\]: mediaType says a plain tar, the file is gzip'
m "s|$layer_type\"|$layer_type+gzip\"|" && broken "tar called gzip" "$in_manifest" 'layers\[1\]: mediaType says gzip, the file is a plain tar'
m "s|$layer_type+gzip|$layer_type+zstd|" && broken "gzip called zstd" "$in_manifest" 'mediaType says zstd, the file is gzip'
m "s/\"digest\":\"$one\"/\"Digest\":\"$one\",&/" && broken "a descriptor's member in two cases" "$in_manifest" "layers\[0\].Digest: it is written 'digest'"

c 's/"architecture":"[^"]*",//' && broken "no architecture" "$in_config" 'architecture: it is missing'
c 's/"os":"linux"/"os":""/' && broken "an empty os" "$in_config" 'os: it is empty'
c 's/"type":"layers"/"type":"cake"/' && broken "rootfs.type" "$in_config" "rootfs.type is not 'layers', but 'cake'"
c 's/"rootfs"/"roots"/' && broken "no rootfs" "$in_config" 'rootfs: it is missing'
c 's/"diff_ids":\[[^,]*,/"diff_ids":[/' && broken "a diff_id missing" "$in_config" '2 layers in the manifest, and 1 diff_ids here' '2 faults'
c "s/\"diff_ids\":\[/&\"sha256:$(sum one.tar)\",/" && broken "a diff_id too many" "$in_config" '2 layers in the manifest, and 3 diff_ids here' '2 faults'
c "s/$(sum two.tar)/$zeros/" && broken "a wrong diff_id" "$in_layer" "its diff id is sha256:$(sum two.tar), and the configuration of .* says sha256:$zeros"
c "s/sha256:$(sum two.tar)/sha256:0/" && broken "a diff_id that is none" "$in_config" 'diff_ids\[1\]: .*is no digest'
c "s/\"sha256:$(sum two.tar)\"/1/" && broken "a diff_id that is a number" "$in_config" 'diff_ids\[1\]: it is no text'
c 's/"Env":\["PATH=\/bin"\]/"Env":"PATH=\/bin"/' && broken "Env is a text" "$in_config" 'config.Env: it is a text'
c 's/"PATH=\/bin"/"PATH"/' && broken "a variable without value" "$in_config" 'not of the form NAME=VALUE'
c 's/"Labels":{"a":"b"}/"Labels":{"a":1}/' && broken "a label that is a number" "$in_config" "Labels: 'a' is a number"
c 's/2026-01-31T12:00:00Z/yesterday/' && broken "a date that is none" "$in_config" "'yesterday' is no date"
c 's/,"empty_layer":true//' && broken "a history of too many layers" "$in_config" 'it tells of 3 layers, and there are 2'
c 's/"history":\[.*\]/"history":{}/' && broken "a history that is an object" "$in_config" 'history: it is no array'
c 's/"os":"linux"/&,&/' && broken "a member of the configuration twice" "$in_config" 'duplicate'
new && { printf '%0.s[' {1..5000}; } >c && redo_config && broken "JSON in JSON in JSON" "$in_config" 'maximum parsing depth'

head -c $((one_size - 20)) one.tar.gz >x && new && layer x && broken "gzip that is cut off" "$in_layer" 'gzip stream is cut off'
head -c $((one_size - 4)) one.tar.gz >x && new && layer x && broken "gzip that lacks four bytes" "$in_layer" 'gzip stream is cut off'
{ head -c $((one_size - 8)) one.tar.gz && printf '\0\0\0\0' && tail -c 4 one.tar.gz; } >x && new && layer x && broken "gzip with a wrong check sum" "$in_layer" 'gzip stream is damaged: incorrect data check'
{ cat one.tar.gz && echo more; } >x && new && layer x && broken "bytes behind gzip" "$in_layer" '5 bytes stand behind its end'
{ cat one.tar.gz && printf '\0\0\0\0\0\0'; } >x && new && layer x && broken "zeros behind gzip" "$in_layer" '6 bytes stand behind its end'
new && head -c 40 one.tar.gz >"broken/blobs/sha256/${one#sha256:}" && broken "a layer cut off under its name" "$in_layer" 'the sum of its bytes is' '3 faults'
like "cut off: its size" "$OUT" 'layers\[0\]: size is'
like "cut off: the stream" "$OUT" 'cut off'
echo hello | gzip -n >x && new && c_id=$(sum one.tar) && new_id=$(echo hello | sha256sum | cut -d' ' -f1)
sed -i "s/$c_id/$new_id/" c && rm -f "broken/blobs/sha256/${one#sha256:}" && put x && sed -i "s/$one\",\"size\":$one_size/$DIGEST\",\"size\":$SIZE/" m && redo_config && broken "gzip of no tar" "$in_layer" 'no whole tar'
# tar_layer FILE: a tar as it is stands for the first layer, with its diff id.
tar_layer() {
	gzip -nc "$1" >x
	new
	sed -i "s/$(sum one.tar)/$(sum "$1")/" c && rm -f "broken/blobs/sha256/${one#sha256:}" && put x
	sed -i "s/$one\",\"size\":$one_size/$DIGEST\",\"size\":$SIZE/" m && redo_config
}
head -c 700 one.tar >t && tar_layer t && broken "a tar that is cut off" "$in_layer" 'no whole tar'
tar -C one "${tar_options[@]}" --transform 's,^etc/hello,../../escape,' -Pcf t etc && tar_layer t && broken "a name in a layer that leads out" "$in_layer" "'../../escape' leads out"
tar -C one "${tar_options[@]}" --transform 's,^etc/hello,/etc/hello,' -Pcf t etc && tar_layer t && broken "an absolute name in a layer" "$in_layer" "'/etc/hello' leads out"
tar -C one "${tar_options[@]}" --transform 's,hello,.wh...,' -cf t etc && tar_layer t && broken "a whiteout of '..'" "$in_layer" "whiteout of '..', which is no name"
printf '\033[31mred\a' >name && new && mv "broken/blobs/sha256/${free#sha256:}" "broken/blobs/sha256/$(cat name)" && broken "a name that a terminal would obey" blobs/sha256/ '\\x1b\[31mred\\x07'

# An index in an index in an index: each blob is right, and it goes too deep.
new
for _ in 1 2 3 4 5 6 7 8 9; do
	d=$(sed -nE 's/.*"digest":"(sha256:[^"]*)".*/\1/p' i | head -n 1) s=$(sed -nE 's/.*"size":([0-9]+).*/\1/p' i | head -n 1)
	t=$index_type
	[ "$d" != "$manifest" ] || t=$manifest_type
	printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":%s}]}' "$index_type" "$t" "$d" "$s" >n
	put n
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%s}]}' "$index_type" "$DIGEST" "$SIZE" >i
done
redo_index && broken "indexes in indexes" 'blobs/sha256/[0-9a-f]{64} \(index\): ' 'too deep'
# An index that names itself cannot have its own sum.
new
printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"sha256:%s","size":%s}]}' "$index_type" "$index_type" "$zeros" 239 >"broken/blobs/sha256/$zeros"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"sha256:%s","size":%s}]}' "$index_type" "$zeros" "$(size "broken/blobs/sha256/$zeros")" >broken/index.json
sed -i "s/239/$(size "broken/blobs/sha256/$zeros")/" "broken/blobs/sha256/$zeros"
broken "an index that names itself" "blobs/sha256/$zeros \(index\): " 'the sum of its bytes is'
ok "$ways ways to be broken" test $ways -ge 100

# ---- many faults at once ----
c 's/"os":"linux",//; s/"type":"layers"/"type":"cake"/'
rm broken/oci-layout && echo x >broken/blobs/sha256/readme && sed -i 's/small:1/no name/' broken/index.json
run "$CUTAWAY" verify broken
is "all faults are told" "$STATUS $(tail -n 1 <<<"$OUT")" "1 broken: 5 faults"
run "$CUTAWAY" verify --json broken
is "--json: all of them" "$STATUS$(jq -c '[.whole, (.faults | length)]' <<<"$OUT")" '1[false,5]'
is "--json: each with its place" "$(jq -r '.faults[] | select(.at == "rootfs.type") | .role + " " + .section' <<<"$OUT")" "config config.md, 'Properties'"
new
{ printf '{"schemaVersion":2,"manifests":[' && printf '{},%.0s' {1..3000} && printf '{}]}'; } >broken/index.json
run "$CUTAWAY" verify broken
like "thousands of faults: some, and how many more" "$STATUS$OUT" '^and [0-9]+ more$'

# ---- what is allowed, or made by others ----
m "s/\"annotations\":/\"subject\":{\"mediaType\":\"$manifest_type\",\"digest\":\"sha256:$zeros\",\"size\":5},&/"
run "$CUTAWAY" verify broken
is "a subject may be elsewhere" "$STATUS" 0
{ head -c 1024 one.tar | gzip -n && tail -c +1025 one.tar | gzip -n; } >x && new && layer x
run "$CUTAWAY" verify broken
is "gzip of two members is one stream" "$STATUS" 0
if command -v zstd >/dev/null; then
	{ zstd -qc one.tar && printf '\x50\x2a\x4d\x18\x04\0\0\0toc!'; } >x && new && sed -i 's|+gzip|+zstd|' m && layer x
	run "$CUTAWAY" verify broken
	is "zstd with a frame to skip, as zstd:chunked has it" "$STATUS$OUT" "0broken: whole: 1 image, 5 blobs, $(sed -n 's/.*blobs, //p' <<<"$OUT")"
	{ zstd -qc one.tar | head -c 100; } >x && new && sed -i 's|+gzip|+zstd|' m && layer x && broken "zstd that is cut off" "$in_layer" 'zstd stream is cut off'
else
	skip "layers of zstd" "no zstd here (Debian package zstd)"
fi
c 's/,{"created_by":"two"}//'
run "$CUTAWAY" verify broken
like "a short history is a note" "$STATUS$OUT" '^0?note: .*it tells of 1 layers, and there are 2'
is "a note is no fault" "$STATUS" 0
mkdir dup && tar -C one "${tar_options[@]}" -cf t etc etc && tar_layer t
run "$CUTAWAY" verify broken
like "a name twice in a layer is a note" "$STATUS$OUT" "^0?note: .*is there twice"

run "$CUTAWAY" save -o base.tar base
run "$CUTAWAY" verify ./base.tar
is "what we save" "$STATUS" 0
run "$CUTAWAY" save --format docker-archive -o docker.tar base
run "$CUTAWAY" verify docker.tar
is "what we save as docker does" "$STATUS" 0
run "$CUTAWAY" verify base
like "an image of this machine" "$STATUS$OUT" '^0?base: whole: 1 image, 3 blobs'
mkdir base && run "$CUTAWAY" verify base
is "an image comes before a directory of its name" "$STATUS" 0
run "$CUTAWAY" verify ./base
is "but not when it is written as a path" "$STATUS" 1
if command -v skopeo >/dev/null; then
	skopeo --tmpdir "$WORK" copy -q --insecure-policy oci-archive:base.tar:base oci:by-skopeo:1 &&
		skopeo --tmpdir "$WORK" copy -q --insecure-policy --dest-compress --dest-compress-format zstd oci-archive:base.tar:base oci:by-skopeo:2
	run "$CUTAWAY" verify by-skopeo
	is "what skopeo makes, gzip and zstd" "$STATUS$ERR" 0
	unlike "of it there is not even a note" "$OUT" note
	run "$CUTAWAY" load by-skopeo
	is "load: a directory" "$STATUS$(tr '\n' ' ' <<<"$OUT")" "01 2 "
else
	skip "layouts of skopeo" "no skopeo here (Debian package skopeo)"
fi
if command -v umoci >/dev/null; then
	umoci init --layout by-umoci && umoci new --image by-umoci:new >/dev/null 2>&1
	cp -a good to-umoci && umoci config --image to-umoci:small:1 --tag next --config.label a=b >/dev/null 2>&1
	run "$CUTAWAY" verify to-umoci
	is "what umoci changes" "$STATUS$ERR" 0
else
	skip "layouts of umoci" "no umoci here (Debian package umoci)"
fi

# ---- load of directories ----
run "$CUTAWAY" load good
is "load: a good directory" "$STATUS$OUT$ERR" 0small:1
run "$CUTAWAY" verify small:1
is "load: and it is whole here" "$STATUS" 0
"$CUTAWAY" rmi small:1 >/dev/null
store() { (cd "$XDG_DATA_HOME/cutaway/store" && find . -type f -exec sha256sum {} + | sort -k 2 | sha256sum); }
was=$(store)
# refused TEXT REGEX: load does not take it, and the store is as it was.
refused() {
	run "$CUTAWAY" load broken
	like "load: refused: $1" "$STATUS$ERR" "^1.*$2"
	is "load: refused: $1: the store is as it was" "$(store)" "$was"
}
new && rm broken/oci-layout && refused "no oci-layout" 'oci-layout: it is missing'
new && rm "broken/blobs/sha256/${two#sha256:}" && refused "no layer" "layers\[1\]: $two is missing"
new && echo x >>"broken/blobs/sha256/${one#sha256:}" && refused "a changed layer" "$one: the sum of its bytes"
new && rm "broken/blobs/sha256/${two#sha256:}" && mkfifo "broken/blobs/sha256/${two#sha256:}" && refused "a FIFO as a layer" 'sum of its bytes|no regular file|missing'
c "s/$(sum two.tar)/$zeros/" && refused "a wrong diff_id" 'its diff id is'
i 's/"schemaVersion":2/"schemaVersion":1/' && refused "schemaVersion" 'schemaVersion is not 2'
mkdir empty
run "$CUTAWAY" load empty
like "load: an empty directory" "$STATUS$ERR" '^1.*oci-layout.*missing'
is "load: of which nothing was made" "$(ls -A empty)" ""

# ---- what is no layout, no archive, no image ----
run "$CUTAWAY" verify no-such
like "no such image or file" "$STATUS$ERR" '^1.*no-such'
echo hello >text && run "$CUTAWAY" verify text
like "a file that is no archive" "$STATUS$ERR" '^1.*verify archive: text'
tar -C good -cf a.tar --transform 's,^\./index,../index,' . && run "$CUTAWAY" verify ./a.tar
like "an archive with a name that leads out" "$STATUS$ERR" '^1.*leads out of the archive'
is "nothing of archives is left" "$(find "$TMPDIR" /var/tmp/cutaway-verify-* -mindepth 1 2>/dev/null)" ""
mkfifo fifo && run "$CUTAWAY" verify ./fifo
like "a FIFO" "$STATUS$ERR" '^1.*neither a file nor a directory'
XDG_DATA_HOME=$WORK/none run "$CUTAWAY" verify good
is "verify makes no store" "$STATUS$(ls -d none 2>/dev/null)" 0
XDG_DATA_HOME=$WORK/none run "$CUTAWAY" verify no-such
is "nor does it look for an image in none" "$STATUS$(ls -d none 2>/dev/null)" 1
run "$CUTAWAY" verify
is "nothing to verify: usage" "$STATUS" 2
done_testing
