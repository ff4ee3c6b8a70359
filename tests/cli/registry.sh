#!/usr/bin/env bash
# The registry, clause by clause of the OCI distribution specification 1.1, with curl.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

if ! command -v curl >/dev/null; then
	skip "registry" "no curl here (Debian package curl)"
	done_testing
fi
cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store

# start NAME ARGUMENT...: serves on a free port; $url and $host are where, $registry its process id.
start() {
	local name=$1
	shift
	"$CUTAWAY" registry --port 0 "$@" >"$name.out" 2>"$name.err" &
	registry=$!
	wait_until 10 grep -q '^listening on ' "$name.out"
	url=$(sed -nE 's,^listening on ([a-z]+://[^ ]*): .*,\1,p' "$name.out")
	host=localhost:${url##*:}
}
stop() {
	kill "$registry" 2>/dev/null
	wait "$registry"
}
trap 'stop 2>/dev/null' EXIT

# http METHOD PATH [CURL-ARGUMENT...]: sets $CODE, $HEAD with all headers, and $BODY.
http() {
	local method=$1 path=$2
	shift 2
	[ "$method" != HEAD ] || set -- --head "$@"
	case $path in http*) ;; *) path=$url$path ;; esac
	CODE=$(curl -s -o body -D headers -w '%{http_code}' -X "$method" "$@" "$path")
	HEAD=$(tr -d '\r' <headers)
	BODY=$(tr -d '\0' <body)
}
header() {
	sed -nE "s/^$1: (.*)/\1/Ip" <<<"$HEAD"
}
code() {
	jq -r '.errors[0].code' <<<"$BODY" 2>/dev/null
}
# answers TEXT STATUS: of the last request.
answers() {
	is "$1" "$CODE" "$2"
}
refuses() {
	is "$1" "$CODE $(code)" "$2"
}
sum() {
	echo "${2:-sha256}:$("${2:-sha256}sum" "$1" | cut -d' ' -f1)"
}
blob() {
	head -c "${2:-1000}" /dev/urandom >"$1"
}
zeros=sha256:$(printf '%064d' 0)
octets=(-H 'Content-Type: application/octet-stream')

start first -v
like "it says where it listens" "$(cat first.out)" "^listening on http://127\.0\.0\.1:[0-9]+: push and pull localhost:[0-9]+/"

# ---- support ----
http GET /v2/
answers "GET /v2/" 200
is "the version of the interface" "$(header Docker-Distribution-API-Version)" registry/2.0
http HEAD /v2/
answers "HEAD /v2/" 200
http GET /
answers "what is not below /v2/ is not there" 404
http DELETE /v2/
refuses "a method that means nothing" "405 UNSUPPORTED"

# ---- names ----
http GET /v2/Upper/tags/list
refuses "a bad name" "400 NAME_INVALID"
http GET "/v2/a/%2e%2e/b/tags/list"
refuses "no name leads out" "400 NAME_INVALID"
http GET "/v2/..%2f..%2fetc/manifests/passwd"
refuses "nor an encoded one" "400 NAME_INVALID"
http GET "/v2/a/manifests/..%2f..%2f..%2foci-layout"
unlike "nor a tag" "$CODE$BODY" "imageLayoutVersion"
http GET "/v2/$(printf 'a%.0s' {1..256})/tags/list"
refuses "a name that is too long" "400 NAME_INVALID"
http GET /v2/no/body/tags/list
refuses "a repository that is not there" "404 NAME_UNKNOWN"

# ---- blobs: in one piece ----
for algorithm in sha256 sha512; do
	blob one 512
	digest=$(sum one $algorithm)
	http HEAD "/v2/t/one/blobs/$digest"
	answers "$algorithm: HEAD of a blob that is not there" 404
	http GET "/v2/t/one/blobs/$digest"
	refuses "$algorithm: GET of a blob that is not there" "404 BLOB_UNKNOWN"
	http POST "/v2/t/one/blobs/uploads/?digest=$digest" "${octets[@]}" --data-binary @one
	answers "$algorithm: POST with the content" 201
	is "$algorithm: where it is" "$(header Location)" "/v2/t/one/blobs/$digest"
	is "$algorithm: its digest" "$(header Docker-Content-Digest)" "$digest"
	http GET "/v2/t/one/blobs/$digest"
	is "$algorithm: GET" "$CODE$(header Content-Length)$(header Docker-Content-Digest)$(sum body $algorithm)" "200512$digest$digest"
	http HEAD "/v2/t/one/blobs/$digest"
	is "$algorithm: HEAD" "$CODE$(header Content-Length)$(header Docker-Content-Digest)" "200512$digest"
	ok "$algorithm: it lies in the layout under its sum" cmp one "$store/blobs/${digest/://}"

	blob two
	digest=$(sum two $algorithm)
	http POST /v2/t/one/blobs/uploads/
	answers "$algorithm: POST without content" 202
	like "$algorithm: where to go on" "$(header Location)" '^/v2/t/one/blobs/uploads/[0-9a-f]{32}$'
	http PUT "$(header Location)?digest=$digest" "${octets[@]}" --data-binary @two
	answers "$algorithm: PUT with the content" 201
	is "$algorithm: where it is" "$(header Location)" "/v2/t/one/blobs/$digest"
	http GET "$(header Location)"
	is "$algorithm: and comes back" "$CODE$(sum body $algorithm)" "200$digest"

	# chunks
	blob three 3067
	digest=$(sum three $algorithm)
	http POST /v2/t/one/blobs/uploads/ -H 'Content-Length: 0'
	place=$(header Location)
	is "$algorithm: nothing has come yet" "$(header Range)" 0-0
	http PATCH "$place" "${octets[@]}" -H 'Content-Range: 1024-2047' --data-binary "@three"
	answers "$algorithm: a chunk that is not the first" 416
	is "$algorithm: where it should go on" "$(header Location) $(header Range)" "$place 0-0"
	head -c 1024 three >chunk
	http PATCH "$place" "${octets[@]}" -H 'Content-Range: 0-1023' --data-binary @chunk
	is "$algorithm: the first chunk" "$CODE$(header Range)" 2020-1023
	place=$(header Location)
	http PATCH "$place" "${octets[@]}" -H 'Content-Range: 0-1023' --data-binary @chunk
	is "$algorithm: the same once more" "$CODE$(header Range)" 4160-1023
	http PATCH "$place" "${octets[@]}" -H 'Content-Range: 2048-3066' --data-binary @chunk
	is "$algorithm: one left out" "$CODE$(header Range)" 4160-1023
	http PATCH "$place" "${octets[@]}" -H 'Content-Range: what' --data-binary @chunk
	is "$algorithm: a range that is none" "$CODE$(header Range)" 4160-1023
	http GET "$place"
	is "$algorithm: how far it is" "$CODE$(header Range)$(header Location)" "2040-1023$place"
	tail -c +1025 three | head -c 1024 >chunk
	http PATCH "$place" "${octets[@]}" -H 'Content-Range: 1024-2047' --data-binary @chunk
	is "$algorithm: the second chunk" "$CODE$(header Range)" 2020-2047
	tail -c +2049 three >chunk
	http PUT "$place?digest=$digest" "${octets[@]}" -H 'Content-Range: 0-1018' --data-binary @chunk
	is "$algorithm: PUT of a chunk that does not follow" "$CODE$(header Range)" 4160-2047
	http PUT "$place?digest=$digest" "${octets[@]}" -H 'Content-Range: 2048-3066' --data-binary @chunk
	answers "$algorithm: PUT with the last chunk" 201
	http GET "$(header Location)"
	is "$algorithm: the chunks are one blob" "$(sum body $algorithm)" "$digest"
	http GET "$place"
	refuses "$algorithm: an upload ends with it" "404 BLOB_UPLOAD_UNKNOWN"

	# a stream: nobody says how long it is
	blob four 200000
	digest=$(sum four $algorithm)
	http POST "/v2/t/one/blobs/uploads/?digest-algorithm=$algorithm"
	http PATCH "$(header Location)" "${octets[@]}" -H 'Transfer-Encoding: chunked' --data-binary @four
	is "$algorithm: PATCH of a stream" "$CODE$(header Range)" 2020-199999
	http PUT "$(header Location)?digest=${digest/:/%3A}" -H 'Content-Length: 0'
	answers "$algorithm: PUT without content ends it" 201

	# what is not what it should be
	blob wrong
	http POST "/v2/t/one/blobs/uploads/?digest=$algorithm:$(printf '0%.0s' $(seq $((${algorithm#sha} / 4))))" --data-binary @wrong
	refuses "$algorithm: POST of another content" "400 DIGEST_INVALID"
	http POST /v2/t/one/blobs/uploads/
	http PATCH "$(header Location)" "${octets[@]}" --data-binary @wrong
	http PUT "$(header Location)?digest=$digest"
	refuses "$algorithm: PUT of another content" "400 DIGEST_INVALID"

	# well-known contents
	: >empty
	digest=$(sum empty $algorithm)
	http POST "/v2/t/one/blobs/uploads/?digest=$digest" -H 'Content-Length: 0'
	answers "$algorithm: the empty blob" 201
	http GET "/v2/t/one/blobs/$digest"
	is "$algorithm: comes back" "$CODE$(header Content-Length)" 2000
	http GET "/v2/t/one/blobs/$digest" -H 'Range: bytes=0-'
	answers "$algorithm: and has no part" 416
	http DELETE "/v2/t/one/blobs/$digest"
	answers "$algorithm: DELETE of a blob" 202
	http HEAD "/v2/t/one/blobs/$digest"
	answers "$algorithm: it is gone at once" 404
	http DELETE "/v2/t/one/blobs/$digest"
	refuses "$algorithm: DELETE of what is not there" "404 BLOB_UNKNOWN"
done
is "no upload has left a file" "$(find "$store" -name '.blob-*')" ""

for bad in sha256:baddigeststring md5:d41d8cd98f00b204e9800998ecf8427e sha256 latest "SHA256:${zeros#*:}"; do
	http GET "/v2/t/one/blobs/$bad"
	refuses "a digest that is none: GET $bad" "400 DIGEST_INVALID"
	http POST "/v2/t/one/blobs/uploads/?digest=$bad" --data-binary @two
	refuses "a digest that is none: POST $bad" "400 DIGEST_INVALID"
	http POST /v2/t/one/blobs/uploads/
	place=$(header Location)
	http PUT "$place?digest=$bad" --data-binary @two
	refuses "a digest that is none: PUT $bad" "400 DIGEST_INVALID"
done
http PUT "$place" --data-binary @two
refuses "PUT without a digest" "400 DIGEST_INVALID"
http DELETE "$place"
answers "DELETE gives an upload up" 204
http GET "$place"
refuses "it is not there any more" "404 BLOB_UPLOAD_UNKNOWN"
http POST /v2/t/one/blobs/uploads/
place=$(header Location)
http GET "${place/one/other}"
refuses "an upload is of one repository" "404 BLOB_UPLOAD_UNKNOWN"
http DELETE "$place"
http PATCH /v2/t/one/blobs/uploads/../../../../etc/passwd --path-as-is --data-binary @two
unlike "an upload is no path" "$CODE" '^2'

# ---- ranges ----
blob part 2048
part=$(sum part)
http POST "/v2/t/one/blobs/uploads/?digest=$part" --data-binary @part
range() {
	local want
	http GET "/v2/t/one/blobs/$part" -H "Range: bytes=$1"
	want=$(tail -c "+$(($2 + 1))" part | head -c "$3" | sha256sum)
	is "range $1" "$CODE $(header Content-Range) $(header Content-Length) $(sha256sum <body)" \
		"206 bytes $2-$(($2 + $3 - 1))/2048 $3 $want"
}
range 500-1499 500 1000
range 500- 500 1548
range -500 1548 500
range 2000-5000 2000 48
for bad in 500-0 5000-10000 2048-; do
	http GET "/v2/t/one/blobs/$part" -H "Range: bytes=$bad"
	is "range $bad" "$CODE $(header Content-Range)" "416 bytes */2048"
done
http GET "/v2/t/one/blobs/$part" -H "Range: bytes=5-9" -H "If-Range: \"$zeros\""
is "a range of another content" "$CODE$(header Content-Length)" 2002048
http GET "/v2/t/one/blobs/$part" -H "Range: bytes=5-9" -H "If-Range: \"$part\""
is "a range of this content" "$CODE$(header Content-Length)" 2065

# ---- mount ----
http POST "/v2/t/two/blobs/uploads/?mount=$part&from=t/one"
is "mount: taken from the other" "$CODE $(header Location)" "201 /v2/t/two/blobs/$part"
http HEAD "/v2/t/two/blobs/$part"
answers "mount: it is here" 200
http DELETE "/v2/t/one/blobs/$part"
http HEAD "/v2/t/two/blobs/$part"
answers "mount: and stays when the other has it no more" 200
http POST "/v2/t/three/blobs/uploads/?mount=$part"
answers "mount: from anywhere" 201
http POST "/v2/t/three/blobs/uploads/?mount=$zeros&from=t/one"
is "mount: what is nowhere is an upload" "$CODE$(header Range)" 2020-0
http DELETE "$(header Location)"
http POST "/v2/t/four/blobs/uploads/?mount=$part&from=t/none"
answers "mount: from one that does not have it" 202
http DELETE "$(header Location)"
http POST "/v2/t/four/blobs/uploads/?mount=$part&from=../../etc"
answers "mount: from what is no name" 202
http DELETE "$(header Location)"
http POST "/v2/t/four/blobs/uploads/?mount=what&from=t/two"
answers "mount: of what is no digest" 202
http DELETE "$(header Location)"

# ---- manifests ----
oci=application/vnd.oci.image
# push_blob REPOSITORY FILE: and says its digest.
push_blob() {
	local digest
	digest=$(sum "$2" "${3:-sha256}")
	http POST "/v2/$1/blobs/uploads/?digest=$digest" --data-binary @"$2"
	echo "$digest"
}
descriptor() {
	printf '{"mediaType":"%s","digest":"%s","size":%d}' "$1" "$2" "$3"
}
echo '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config
echo '{}' >nothing
blob layer
# manifest FILE [MORE]: an image of config and layer.
manifest() {
	printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]%s}' "$oci.manifest.v1+json" \
		"$(descriptor "$oci.config.v1+json" "$(sum config "${3:-sha256}")" "$(stat -c %s config)")" \
		"$(descriptor "$oci.layer.v1.tar" "$(sum layer "${3:-sha256}")" 1000)" "${2:-}" >"$1"
}
# put REPOSITORY REFERENCE FILE [TYPE]
put() {
	http PUT "/v2/$1/manifests/$2" -H "Content-Type: ${4:-$oci.manifest.v1+json}" --data-binary @"$3"
}
manifest m
image=$(sum m)
put img 1.0 m
refuses "a manifest before its content" "400 MANIFEST_BLOB_UNKNOWN"
is "both are named" "$(jq -r '[.errors[].detail.digest] | sort | join(" ")' <<<"$BODY")" \
	"$(printf '%s\n' "$(sum config)" "$(sum layer)" | sort | paste -sd' ')"
push_blob img config >/dev/null
push_blob img layer >/dev/null
http GET /v2/img/manifests/1.0
refuses "GET of a manifest that is not there" "404 MANIFEST_UNKNOWN"
http GET /v2/img/manifests/.INVALID_MANIFEST_NAME
refuses "GET of what can be no tag" "404 MANIFEST_UNKNOWN"
http GET "/v2/img/manifests/$zeros"
refuses "GET of a digest that is not there" "404 MANIFEST_UNKNOWN"
put img 1.0 m
is "PUT by tag" "$CODE $(header Location) $(header Docker-Content-Digest)" "201 /v2/img/manifests/$image $image"
for reference in 1.0 "$image"; do
	http GET "/v2/img/manifests/$reference"
	is "GET $reference" "$CODE $(header Content-Type) $(header Content-Length) $(header Docker-Content-Digest) $(sum body)" \
		"200 $oci.manifest.v1+json $(stat -c %s m) $image $image"
	http HEAD "/v2/img/manifests/$reference"
	is "HEAD $reference" "$CODE $(header Content-Type) $(header Content-Length) $(header Docker-Content-Digest)" \
		"200 $oci.manifest.v1+json $(stat -c %s m) $image"
done
put img "$image" m
answers "PUT by digest" 201
put img sha256:baddigeststring m
refuses "PUT by what is no digest" "400 DIGEST_INVALID"
http GET /v2/img/manifests/sha256:baddigeststring
refuses "GET of what is no digest" "400 DIGEST_INVALID"
put img "$zeros" m
refuses "PUT by another digest" "400 DIGEST_INVALID"
put img .bad m
refuses "PUT by what is no tag" "400 MANIFEST_INVALID"
http GET "/v2/other/manifests/$image"
refuses "a manifest is of one repository" "404 MANIFEST_UNKNOWN"
put img 1.0 m text/plain
refuses "a manifest called something else" "400 MANIFEST_INVALID"
put img 1.0 config
refuses "what is no manifest" "400 MANIFEST_INVALID"
put img 1.0 layer
refuses "what is no JSON" "400 MANIFEST_INVALID"
sed 's/"schemaVersion":2/"schemaVersion":2,"schemaVersion":2/' m >bad
put img 1.0 bad
refuses "a member that is there twice" "400 MANIFEST_INVALID"
sed 's/"size":1000/"size":999/' m >bad
put img 1.0 bad
refuses "a size that is not that of the layer" "400 SIZE_INVALID"
sed "s/$(sum layer)/sha256:0/" m >bad
put img 1.0 bad
refuses "a layer whose digest is none" "400 MANIFEST_INVALID"
sed 's/manifest.v1/index.v1/' m >bad
put img 1.0 bad "$oci.index.v1+json"
refuses "an image that is called an index" "400 MANIFEST_INVALID"
head -c 5000000 /dev/zero >bad
put img 1.0 bad
refuses "a manifest that is too large" "413 SIZE_INVALID"
http PUT /v2/img/manifests/1.0 -H "Content-Type: $oci.manifest.v1+json" -H 'Transfer-Encoding: chunked' --data-binary @bad
refuses "also when it does not say so before" "413 SIZE_INVALID"
http PUT /v2/img/manifests/1.0 -H "Content-Type: $oci.manifest.v1+json" -H 'Transfer-Encoding: chunked' --data-binary @m
answers "PUT of a stream" 201

# others
jq -c --arg a "$(head -c 3900000 /dev/zero | tr '\0' A)" '.annotations.large = $a' m >large 2>/dev/null ||
	{ printf '%s' "$(sed 's/}$//' m)" && printf ',"annotations":{"large":"%s"}}' "$(head -c 3900000 /dev/zero | tr '\0' A)"; } >large
put img large large
answers "a manifest of nearly 4 MiB" 201
http GET /v2/img/manifests/large
is "comes back" "$CODE$(sum body)" "200$(sum large)"
printf '{"schemaVersion":2,"config":%s,"layers":[]}' "$(descriptor "$oci.config.v1+json" "$(sum config)" "$(stat -c %s config)")" >bare
put img bare bare
answers "no layers, no mediaType" 201
http HEAD /v2/img/manifests/bare
is "its type is what it was called" "$(header Content-Type)" "$oci.manifest.v1+json"
sed "s/\"layers\":\[/&$(descriptor "$oci.layer.nondistributable.v1.tar+gzip" "$zeros" 5 | sed 's,/,\\/,g'),/" m >foreign
put img foreign foreign
answers "a layer that is kept elsewhere" 201
sed 's/"schemaVersion"/"org.example.own":"x",&/' m >custom
put img custom custom
answers "members of one's own" 201
docker=application/vnd.docker.distribution.manifest.v2+json
sed "s,$oci.manifest.v1+json,$docker," m >schema2
put img docker schema2 $docker
http GET /v2/img/manifests/docker
is "docker's schema 2" "$CODE $(header Content-Type)" "200 $docker"

# ---- an index ----
index() {
	printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]%s}' "$oci.index.v1+json" "$2" "${3:-}" >"$1"
}
index i "$(descriptor "$oci.manifest.v1+json" "$zeros" 5)"
put img multi i "$oci.index.v1+json"
refuses "an index before its manifests" "400 MANIFEST_BLOB_UNKNOWN"
index i "$(descriptor "$oci.manifest.v1+json" "$image" "$(stat -c %s m)")"
put img multi i "$oci.index.v1+json"
answers "an index" 201
index ii "$(descriptor "$oci.index.v1+json" "$(sum i)" "$(stat -c %s i)")"
put img nested ii "$oci.index.v1+json"
answers "an index of an index" 201
index iii ""
put img empty iii "$oci.index.v1+json"
answers "an index of nothing" 201

# ---- sha512, tags behind a digest ----
push_blob img config sha512 >/dev/null
push_blob img layer sha512 >/dev/null
manifest m5 '' sha512
put img "$(sum m5 sha512)" m5
is "PUT by sha512" "$CODE $(header Docker-Content-Digest)" "201 $(sum m5 sha512)"
http GET "/v2/img/manifests/$(sum m5 sha512)"
is "GET by sha512" "$CODE$(sum body sha512)" "200$(sum m5 sha512)"
put img "$(sum m5 sha512)?tag=five&tag=cinco" m5
is "PUT by digest, with tags" "$CODE $(header OCI-Tag)" "201 five, cinco"
http HEAD /v2/img/manifests/cinco
is "the tag is there" "$(header Docker-Content-Digest)" "$(sum m5 sha512)"
put img "six?digest=$(sum m5 sha512)" m5
is "PUT by tag, with a digest" "$CODE $(header Docker-Content-Digest)" "201 $(sum m5 sha512)"
put img "$(sum m5 sha512)?tag=.bad" m5
refuses "a tag that is none" "400 MANIFEST_INVALID"
push_blob img nothing >/dev/null

# ---- tags ----
for tag in b B a10 a9 _x; do put lists "$tag" /dev/null; done
http GET /v2/lists/tags/list
answers "nothing was pushed" 404
push_blob lists config >/dev/null
push_blob lists layer >/dev/null
http GET /v2/lists/tags/list
is "no tags yet" "$CODE$(jq -c . <<<"$BODY")" '200{"name":"lists","tags":[]}'
for tag in v1 v3 V2 v10 _x; do put lists "$tag" m; done
http GET /v2/lists/tags/list
is "tags in their order" "$CODE$(jq -c . <<<"$BODY")" '200{"name":"lists","tags":["_x","v1","v10","V2","v3"]}'
is "all of them" "$(header Link)" ""
http GET '/v2/lists/tags/list?n=2'
is "n: so many" "$(jq -c .tags <<<"$BODY")" '["_x","v1"]'
is "n: where it goes on" "$(header Link)" '</v2/lists/tags/list?n=2&last=v1>; rel="next"'
http GET '/v2/lists/tags/list?n=2&last=v1'
is "last: those behind" "$(jq -c .tags <<<"$BODY")" '["v10","V2"]'
http GET '/v2/lists/tags/list?n=2&last=V2'
is "last: the end" "$(jq -c .tags <<<"$BODY")$(header Link)" '["v3"]'
http GET '/v2/lists/tags/list?last=v2x'
is "last: one that is not there" "$(jq -c .tags <<<"$BODY")" '["v3"]'
http GET '/v2/lists/tags/list?n=0'
is "n=0: none" "$CODE$(jq -c .tags <<<"$BODY")$(header Link)" '200[]'
http GET '/v2/lists/tags/list?n=-1'
answers "n: what is no number" 400
http DELETE /v2/lists/manifests/v3
answers "DELETE of a tag" 202
http HEAD /v2/lists/manifests/v3
answers "the tag is gone" 404
http HEAD "/v2/lists/manifests/$image"
answers "the manifest stays" 200
http DELETE /v2/lists/manifests/v3
refuses "DELETE of a tag that is not there" "404 MANIFEST_UNKNOWN"
http DELETE "/v2/lists/manifests/$image"
answers "DELETE of a manifest" 202
http HEAD "/v2/lists/manifests/$image"
answers "it is gone" 404
http HEAD /v2/lists/manifests/v1
answers "and its tags with it" 404
http HEAD "/v2/img/manifests/$image"
answers "and not that of another repository" 200
http DELETE "/v2/lists/manifests/$image"
refuses "DELETE of a manifest that is not there" "404 MANIFEST_UNKNOWN"
http GET '/v2/_catalog?n=1'
is "_catalog: page by page" "$CODE$(jq -c . <<<"$BODY")$(header Link)" '200{"repositories":["img"]}</v2/_catalog?n=1&last=img>; rel="next"'

# ---- referrers ----
referrers() {
	http GET "/v2/$1/referrers/$2"
}
referrers ref "$image"
is "of a repository that is not there" "$CODE $(header Content-Type) $(jq -c '[.schemaVersion, .mediaType, .manifests]' <<<"$BODY")" \
	"200 $oci.index.v1+json [2,\"$oci.index.v1+json\",[]]"
referrers ref latest
refuses "of what is no digest" "400 DIGEST_INVALID"
push_blob ref nothing >/dev/null
push_blob ref config >/dev/null
push_blob ref layer >/dev/null
subject=",\"subject\":$(descriptor "$oci.manifest.v1+json" "$image" "$(stat -c %s m)")"
# artifact FILE TYPE
artifact() {
	printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":%s,"layers":[%s]%s,"annotations":{"org.example":"%s"}}' \
		"$oci.manifest.v1+json" "$2" "$(descriptor application/vnd.oci.empty.v1+json "$(sum nothing)" 3)" \
		"$(descriptor "$2" "$(sum layer)" 1000)" "$subject" "$1" >"$1"
}
artifact signature application/vnd.example.signature
artifact bill application/vnd.example.bill
manifest about "$subject"
index list "" "$subject,\"artifactType\":\"application/vnd.example.list\""
put ref signature signature
is "before its subject" "$CODE $(header OCI-Subject)" "201 $image"
referrers ref "$image"
is "it is listed all the same" "$(jq -r '.manifests[].digest' <<<"$BODY")" "$(sum signature)"
put ref m m
put ref "$(sum bill)" bill
put ref "$(sum about)" about
put ref list list "$oci.index.v1+json"
is "an index with a subject" "$CODE $(header OCI-Subject)" "201 $image"
referrers ref "$image"
is "all four" "$(jq -r '.manifests[].digest' <<<"$BODY" | sort)" "$(for f in signature bill about list; do sum $f; done | sort)"
is "what is said of one" "$(jq -cS '.manifests[] | select(.artifactType == "application/vnd.example.bill")' <<<"$BODY")" \
	"$(jq -cnS --arg d "$(sum bill)" --arg m "$oci.manifest.v1+json" --argjson s "$(stat -c %s bill)" \
		'{mediaType: $m, digest: $d, size: $s, artifactType: "application/vnd.example.bill", annotations: {"org.example": "bill"}}')"
is "without a type: that of its configuration" "$(jq -r --arg d "$(sum about)" '.manifests[] | select(.digest == $d).artifactType' <<<"$BODY")" "$oci.config.v1+json"
is "an index: its own type" "$(jq -r --arg d "$(sum list)" '.manifests[] | select(.digest == $d).artifactType' <<<"$BODY")" application/vnd.example.list
is "not filtered, and it says so" "$(header OCI-Filters-Applied)" ""
referrers ref "$image?artifactType=application/vnd.example.signature"
is "filtered by type" "$(jq -r '.manifests[].digest' <<<"$BODY") $(header OCI-Filters-Applied)" "$(sum signature) artifactType"
referrers ref "$image?artifactType=application/vnd.example.none"
is "filtered: none" "$CODE$(jq -c .manifests <<<"$BODY")" '200[]'
http DELETE "/v2/ref/manifests/$(sum signature)"
referrers ref "$image"
is "a referrer that is deleted is not listed" "$(jq -r '.manifests | length' <<<"$BODY")" 3
http DELETE "/v2/ref/manifests/$image"
answers "a subject may be deleted" 202
referrers ref "$image"
is "who refers to it stays" "$(jq -r '.manifests | length' <<<"$BODY")" 3
sed "s/$image/sha256:0/" bill >bad
put ref bad bad
refuses "a subject that is none" "400 MANIFEST_INVALID"

# ---- the machine's own images ----
"$CUTAWAY" images >/dev/null
base=$("$CUTAWAY" images --json | jq -r '.[] | select(.name == "base").digest')
http GET /v2/base/tags/list
is "an image of the store is a repository" "$(jq -c .tags <<<"$BODY")" '["latest"]'
http GET /v2/base/manifests/latest
is "by tag" "$CODE $(header Docker-Content-Digest) $(sum body)" "200 $base $base"
http GET "/v2/base/manifests/$base"
answers "by digest" 200
own=$(jq -r '.layers[0].digest' <<<"$BODY")
http GET "/v2/base/blobs/$own"
is "its layers" "$CODE$(sum body)" "200$own"
http HEAD "/v2/img/blobs/$own"
answers "which are not those of another repository" 404
http DELETE /v2/base/manifests/latest
refuses "it is not deleted from here" "405 UNSUPPORTED"
http DELETE "/v2/base/blobs/$own"
refuses "nor its layers" "405 UNSUPPORTED"
"$CUTAWAY" tag base quay.io/team/shop:2
http HEAD /v2/quay.io/team/shop/manifests/2
answers "an image of elsewhere under its whole name" 200

# push under another name, in pieces that are here already
http GET /v2/base/manifests/latest
cp body own
for digest in $(jq -r '.config.digest, .layers[].digest' own); do
	http POST "/v2/team/own/blobs/uploads/?mount=$digest&from=base"
	answers "mount from an own image" 201
done
put team/own 1 own
answers "and its manifest" 201
is "what was pushed is in the list of images" "$("$CUTAWAY" images --json | jq -r --arg n "$host/team/own:1" '.[] | select(.name == $n).digest')" "$base"
unlike "what is no image is not" "$("$CUTAWAY" images -q)" '/ref:|/img:'
run "$CUTAWAY" run --rm "$host/team/own:1" echo ran
is "and runs" "$STATUS$OUT" 0ran

# ---- collection ----
files() {
	(cd "$store" && find blobs -type f | sort)
}
"$CUTAWAY" rmi base quay.io/team/shop:2 "$host/team/own:1" >/dev/null
http GET /v2/team/own/manifests/1
is "an image without a name here is one there still" "$CODE$(sum body)" "200$base"
http GET "/v2/team/own/blobs/$own"
answers "with its layers" 200
blob alone
push_blob late alone >/dev/null
"$CUTAWAY" rmi --prune >/dev/null
http HEAD "/v2/late/blobs/$(sum alone)"
answers "a blob whose manifest is still to come is kept" 200
ok "by a file" test -e "$store/blobs/sha256/$(sum alone | cut -d: -f2)"
http DELETE /v2/team/own/manifests/1
http DELETE "/v2/team/own/manifests/$base"
for digest in $(jq -r '.config.digest, .layers[].digest' own); do http DELETE "/v2/team/own/blobs/$digest"; done
"$CUTAWAY" rmi --prune >/dev/null
unlike "what was deleted goes from the disk" "$(files)" "${own#*:}"
touch -d '2 days ago' "$store/registry/late/_blobs/sha256/$(sum alone | cut -d: -f2)"
"$CUTAWAY" rmi --prune >/dev/null
http HEAD "/v2/late/blobs/$(sum alone)"
answers "but not for days" 404

# ---- the log, and the end ----
like "the log: method, status, bytes, path" "$(cat first.err)" '^GET    200  in 0  out 3  /v2/$'
unlike "the log has nothing that a terminal acts upon" "$(cat first.err)" "$(printf '[\001-\010\013-\037]')"
stop
is "it ends with status 0" "$?" 0
start again
http GET /v2/img/manifests/1.0
is "what was pushed is there the next time" "$CODE$(sum body)" "200$image"

# kill -9 in the middle of an upload
http POST /v2/img/blobs/uploads/
{ head -c 100000 /dev/zero && sleep 60; } 2>/dev/null | curl -s -T - -X PATCH "$url$(header Location)" >/dev/null &
client=$!
half_written() {
	find "$store" -name '.blob-*' -size +10k | grep -q .
}
ok "an upload grows in a hidden file" wait_until 10 half_written
run "$CUTAWAY" rmi --prune
ok "which is not taken away while it grows" half_written
kill -9 "$registry"
wait "$registry" 2>/dev/null
kill "$client" 2>/dev/null
wait "$client" 2>/dev/null
ok "killed: the hidden file stays" half_written
start third --sparse
is "the next one takes it away" "$(find "$store" -name '.blob-*')" ""

# ---- manifests that name what is not there ----
index sparse "$(descriptor "$oci.manifest.v1+json" "$zeros" 5)"
put mirror multi sparse "$oci.index.v1+json"
answers "sparse: an index before its manifests" 201
http GET /v2/mirror/manifests/multi
is "sparse: comes back" "$CODE$(sum body)" "200$(sum sparse)"
http GET "/v2/mirror/manifests/$zeros"
answers "sparse: what is missing is missing" 404
put mirror bare m
answers "sparse: a manifest before its content" 201
run "$CUTAWAY" rmi --prune
http GET /v2/mirror/manifests/bare
is "sparse: it stays" "$STATUS$CODE" 0200
put mirror none sparse "$oci.manifest.v1+json"
answers "sparse: what is no manifest is none still" 400
stop
done_testing
