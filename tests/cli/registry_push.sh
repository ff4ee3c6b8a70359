#!/usr/bin/env bash
# push and pull with registries of two makes, ours and Debian's docker-registry, beside skopeo: every
# digest stays, nothing is sent twice; names and passwords, TLS; and what a lying registry gets.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store
blobs=$store/blobs/sha256
pids=()
trap '[ ${#pids[@]} -eq 0 ] || kill -9 "${pids[@]}" 2>/dev/null' EXIT
sum() { sha256sum "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }

# start_ours NAME [OPTION]..., start_docker NAME [LINE OF YAML]...: set $PORT.
start_ours() {
	local name=$1
	shift
	"$CUTAWAY" registry --port 0 --store "$WORK/$name.store" "$@" >"$name.out" 2>&1 &
	pids+=($!)
	wait_until 30 grep -q '^listening on ' "$name.out" || { fail "the registry $name starts"; cat "$name.out"; exit 1; }
	PORT=$(sed -nE 's,^listening on .*://[^ ]*:([0-9]+):? .*,\1,p' "$name.out")
}
start_docker() {
	local name=$1
	shift
	{
		printf '%s\n' 'version: 0.1' 'log: {level: info, accesslog: {disabled: true}}' \
			"storage: {filesystem: {rootdirectory: $WORK/$name.files}, delete: {enabled: true}}" "$@"
		[ $# -gt 0 ] || echo 'http: {addr: "127.0.0.1:0"}'
	} >"$name.yml"
	docker-registry serve "$name.yml" >"$name.out" 2>&1 &
	pids+=($!)
	wait_until 60 grep -q 'listening on ' "$name.out" || { fail "the registry $name starts"; cat "$name.out"; exit 1; }
	PORT=$(sed -nE 's/.*listening on [^ ]*:([0-9]+)[,"].*/\1/p' "$name.out" | head -n 1)
}

run "$CUTAWAY" images -q
digest=$("$CUTAWAY" images --json | sed -nE 's/.*"digest": "(.*)".*/\1/p')
"$CUTAWAY" save -o base.tar base

# An index of two platforms, whole, as an archive to load.
arch=$(grep -aohE '"architecture":"[a-z0-9]+"' "$blobs"/* | head -n 1 | cut -d'"' -f4)
mkdir -p two && tar -C two -xf base.tar
cp "two/blobs/sha256/${digest#sha256:}" mine
sed 's/^{/{ /' mine >theirs
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' \
	"{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:$(sum mine)\",\"size\":$(size mine),\"platform\":{\"os\":\"linux\",\"architecture\":\"$arch\"}}" \
	"{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:$(sum theirs)\",\"size\":$(size theirs),\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}" >index
cp theirs "two/blobs/sha256/$(sum theirs)"
cp index "two/blobs/sha256/$(sum index)"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"two:1"}}]}' \
	"$(sum index)" "$(size index)" >two/index.json
tar -C two -cf two.tar .

# with NAME: what holds with every registry, at localhost:$PORT.
with() {
	local at=localhost:$PORT
	run "$CUTAWAY" push base "$at/team/base:1"
	is "$1: push: name and digest" "$STATUS$OUT" "0$at/team/base:1 $digest"
	like "$1: push: what was sent" "$ERR" '^layer 1: sha256:[0-9a-f]{12}, .*, sent$'
	run "$CUTAWAY" push base "$at/team/base:2"
	is "$1: push again: nothing is sent" "$STATUS$(grep -c ', was there$' <<<"$ERR")$(grep -c ', sent$' <<<"$ERR")" 020
	"$CUTAWAY" tag base "$at/team/base:1" >/dev/null
	run "$CUTAWAY" push --json base "$at/other/copy:1"
	is "$1: push to another repository: mounted" "$STATUS$(grep -c '"how": "mounted"' <<<"$OUT")$(grep -c '"moved": 0' <<<"$OUT")" 022
	run "$CUTAWAY" push -q base "$at/by/digest@$digest"
	is "$1: push by digest" "$STATUS$OUT$ERR" "0$at/by/digest@$digest $digest"
	run "$CUTAWAY" push -q base "$at/by/digest@sha256:$(printf %064d 0)"
	like "$1: push by a digest that it has not" "$STATUS$ERR" '^1.*cannot have another'
	run "$CUTAWAY" push "$at/team/base:1"
	is "$1: push without a destination: where its name says" "$STATUS$OUT" "0$at/team/base:1 $digest"
	run "$CUTAWAY" load two.tar
	run "$CUTAWAY" push -q two:1 "$at/team/two:1"
	is "$1: push of an index: all of it" "$STATUS$OUT" "0$at/team/two:1 sha256:$(sum index)"
	"$CUTAWAY" rmi "${digest:7:12}" two:1 >/dev/null
	"$CUTAWAY" rmi base >/dev/null 2>&1
	run "$CUTAWAY" pull "$at/other/copy:1"
	is "$1: pull: the digest is what it was" "$STATUS$OUT" "0$at/other/copy:1 $digest"
	run "$CUTAWAY" pull -q "$at/by/digest@$digest"
	is "$1: pull by digest" "$STATUS$OUT" "0$at/by/digest@$digest $digest"
	run "$CUTAWAY" pull "$at/team/two:1"
	is "$1: pull of an index" "$STATUS$OUT" "0$at/team/two:1 sha256:$(sum index)"
	run "$CUTAWAY" push "$at/team/two:1" "$at/team/half:1"
	is "$1: push of an index that is not whole: the manifest for this machine" "$STATUS$OUT" "0$at/team/half:1 $digest"
	like "$1: and that is said" "$ERR" 'not all manifests are here: the one for this machine is sent'
	run "$CUTAWAY" run --rm "$at/team/two:1" echo ran
	is "$1: it runs" "$STATUS$OUT" 0ran
	run "$CUTAWAY" pull -q --platform linux/s390x "$at/team/two:1"
	is "$1: --platform" "$STATUS$OUT" "0$at/team/two:1 sha256:$(sum theirs)"
	run "$CUTAWAY" pull -q "$at/team/none:1"
	like "$1: no such image" "$STATUS$ERR" "^1.*team/none:1: the registry $at has none"
	"$CUTAWAY" rmi "$at/team/two:1" "${digest:7:12}" >/dev/null
	! command -v skopeo >/dev/null || with_skopeo "$1"
}
# What skopeo puts there, in docker's form and compressed with zstd.
with_skopeo() {
	local at=localhost:$PORT theirs
	local skopeo=(skopeo --tmpdir "$WORK")
	run "${skopeo[@]}" inspect --tls-verify=false --format '{{.Digest}}' "docker://$at/team/base:1"
	is "$1, skopeo: sees our digest" "$STATUS$OUT" "0$digest"
	run "${skopeo[@]}" copy -q --insecure-policy --dest-tls-verify=false --format v2s2 oci-archive:base.tar:base "docker://$at/team/docker:1"
	theirs=$("${skopeo[@]}" inspect --tls-verify=false --raw "docker://$at/team/docker:1" | sha256sum | cut -d' ' -f1)
	run "$CUTAWAY" pull -q "$at/team/docker:1"
	is "$1, skopeo: docker's schema 2: the digest is what it is" "$STATUS$OUT" "0$at/team/docker:1 sha256:$theirs"
	like "$1, skopeo: docker's media types are kept" "$(<"$blobs/$theirs")" 'application/vnd.docker.distribution.manifest.v2\+json'
	run "$CUTAWAY" push -q "$at/team/docker:1" "$at/again/docker:1"
	run "${skopeo[@]}" inspect --tls-verify=false --raw "docker://$at/again/docker:1"
	is "$1, skopeo: and go back byte for byte" "$(printf '%s' "$OUT" | sha256sum | cut -d' ' -f1)" "$theirs"
	run "${skopeo[@]}" copy -q --insecure-policy --dest-tls-verify=false --dest-compress-format zstd --format oci "docker://$at/team/docker:1" --src-tls-verify=false "docker://$at/team/zstd:1"
	run "$CUTAWAY" pull -q "$at/team/zstd:1"
	is "$1, skopeo: layers of zstd" "$STATUS$ERR" 0
	run "$CUTAWAY" run --rm "$at/team/zstd:1" echo ran
	is "$1, skopeo: they run" "$STATUS$OUT" 0ran
	"$CUTAWAY" rmi "$at/team/zstd:1" "$at/team/docker:1" >/dev/null
}
# passwords NAME: a registry that wants anna and secret-word.
passwords() {
	local at=localhost:$PORT
	run "$CUTAWAY" push -q base "$at/team/base:1"
	like "$1: without a password: refused, what to do" "$STATUS$(tr '\n' ' ' <<<"$ERR")" "^1.*EACCES.*cutaway login $at"
	if command -v skopeo >/dev/null; then
		run skopeo login --authfile auth.json --tls-verify=false -u anna -p secret-word "$at"
	else
		printf '{"auths":{"%s":{"auth":"%s"}}}' "$at" "$(printf anna:secret-word | base64)" >auth.json
	fi
	run "$CUTAWAY" push -q --authfile auth.json base "$at/team/base:1"
	is "$1: push with what a login has kept" "$STATUS$OUT" "0$at/team/base:1 $digest"
	"$CUTAWAY" tag base "$at/team/base:1" >/dev/null
	run "$CUTAWAY" push --authfile auth.json base "$at/team/copy:1"
	like "$1: mount with a password" "$STATUS$ERR" 'mounted from another'
	"$CUTAWAY" rmi "$at/team/base:1" >/dev/null
	run "$CUTAWAY" pull -q --authfile auth.json "$at/team/copy:1"
	is "$1: pull with it" "$STATUS$OUT" "0$at/team/copy:1 $digest"
	"$CUTAWAY" rmi "$at/team/copy:1" >/dev/null
	printf '{"auths":{"%s":{"auth":"%s"}}}' "$at" "$(printf anna:wrong-word | base64)" >bad.json
	run "$CUTAWAY" pull -q --authfile bad.json "$at/team/copy:1"
	like "$1: a wrong password" "$STATUS$ERR" '^1'
	unlike "$1: it is in no message" "$ERR" 'wrong-word|YW5uYTp3'
	rm -f auth.json bad.json
}

start_ours ours
with ours
"$CUTAWAY" load base.tar >/dev/null
start_ours basic --user anna:secret-word
passwords "ours, basic"
start_ours token --user anna:secret-word --token
passwords "ours, token"
if command -v docker-registry >/dev/null; then
	start_docker docker
	with docker-registry
	"$CUTAWAY" load base.tar >/dev/null
	# htpasswd(1) takes only bcrypt there.
	if hash=$(perl -e 'my $h = crypt("secret-word", q($2y$05$abcdefghijklmnopqrstuu)); print $h if length $h == 60' 2>/dev/null) && [ -n "$hash" ]; then
		echo "anna:$hash" >htpasswd
		start_docker guarded 'http: {addr: "127.0.0.1:0"}' "auth: {htpasswd: {realm: here, path: $WORK/htpasswd}}"
		passwords docker-registry
	else
		skip "docker-registry with passwords" "perl knows no bcrypt here"
	fi
else
	skip "docker-registry" "no docker-registry here (Debian package docker-registry)"
fi

# ---- TLS ----
if command -v openssl >/dev/null; then
	{
		openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=test -addext basicConstraints=critical,CA:TRUE
		openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
		printf 'subjectAltName=DNS:localhost\n' >server.ext
		openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt
	} >openssl.out 2>&1
	mkdir certs && cp ca.crt certs/
	start_ours tls --tls-cert server.crt --tls-key server.key
	run "$CUTAWAY" push -q base "localhost:$PORT/base:1"
	is "TLS on this machine: no proof is wanted" "$STATUS$ERR" 0
	run "$CUTAWAY" pull -q --tls-verify "localhost:$PORT/base:1"
	like "TLS, --tls-verify: who signed it is not trusted: what to do" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*certificate is not trusted.*EKEYREJECTED.*--cert-dir'
	run "$CUTAWAY" pull -q --tls-verify --cert-dir certs "localhost:$PORT/base:1"
	is "TLS, --tls-verify --cert-dir: it is" "$STATUS$OUT" "0localhost:$PORT/base:1 $digest"
	run "$CUTAWAY" pull -q --tls-verify --cert-dir certs "127.0.0.1:$PORT/base:1"
	like "TLS: the certificate of another name" "$STATUS$ERR" '^1.*certificate is not trusted'
	run "$CUTAWAY" pull -q --cert-dir no-such "localhost:$PORT/base:1"
	like "--cert-dir: no such directory" "$STATUS$ERR" '^1.*no-such.*ENOENT'
	# shellcheck disable=SC2016
	if unshare -rn ip link set lo up 2>/dev/null; then
		run unshare -rn bash -c '
			ip link set lo up && ip address add 192.0.2.1/32 dev lo || exit 9
			"$0" registry --listen 192.0.2.1:0 --store away --tls-cert server.crt --tls-key server.key >away.out 2>&1 &
			until grep -q "^listening" away.out; do sleep 0.05; done
			port=$(sed -nE "s,^listening on .*://[^ ]*:([0-9]+):? .*,\1,p" away.out)
			"$0" push -q base "192.0.2.1:$port/base:1" && echo unproved
			"$0" push -q --tls-verify=false base "192.0.2.1:$port/base:1" && echo told
			kill %1; wait' "$CUTAWAY"
		like "TLS elsewhere: proof is wanted" "$ERR" 'certificate is not trusted'
		like "TLS elsewhere: unless it is told" "$OUT" "^192.0.2.1:[0-9]+/base:1 $digest$"
		is "TLS elsewhere: only then" "$(grep -cE 'told|unproved' <<<"$OUT")$(grep -c '^told' <<<"$OUT")" 11
	else
		skip "TLS of a registry on another machine" "no user and network namespaces for us (unshare -rn)"
	fi
else
	skip "TLS" "no openssl here (Debian package openssl)"
fi

# ---- a registry that lies to who pushes ----
start_liar() {
	mkdir -p "$1"
	"$BUILD/tests/liar" "$@" 2>"$1/stderr" &
	pids+=($!)
	wait_until 20 test -s "$1/port" || { fail "the server of this test starts"; exit 1; }
	PORT=$(<"$1/port")
}
start_liar other 127.0.0.2
other=127.0.0.2:$PORT
start_liar liar
basic=$(printf 'anna:s3cret-word' | base64)
printf '{"auths":{"localhost:%s":{"auth":"%s"}}}' "$PORT" "$basic" >auth.json
good=("GET /v2/ hasnot=Basic+$basic status=401 h=WWW-Authenticate:Basic+realm=\"here\" empty" "GET /v2/ empty"
	"POST /v2/team/base/blobs/uploads/ status=202 h=Location:/up?state=x empty" "PUT /up?* status=201 empty" "PUT /v2/team/base/manifests/* status=201 empty")
rules() {
	printf '%s\n' "$@" "${good[@]}" >liar/rules
	: >liar/log
}
lie() { # TEXT REGEX RULE...
	local text=$1 regex=$2
	shift 2
	rules "$@"
	run "$CUTAWAY" push -q --retry 0 --timeout 2 --authfile auth.json base "localhost:$PORT/team/base:1"
	like "$text" "$STATUS$ERR" "^1.*$regex"
	unlike "$text: no secret in it" "$ERR" "$basic|s3cret"
}
rules
run "$CUTAWAY" push -q --authfile auth.json base "localhost:$PORT/team/base:1"
is "the server of this test, when it is good" "$STATUS$OUT" "0localhost:$PORT/team/base:1 $digest"
lie "it does not say where to" 'does not say where to' "POST * status=202 empty"
lie "it refuses the digest" 'status 400' "PUT /up?* status=400 empty"
lie "it says it has another manifest" 'the registry says it has' "PUT */manifests/1 status=201 h=Docker-Content-Digest:sha256:$(printf %064d 0) empty"
lie "it does not want manifests" 'status 413' "PUT */manifests/1 status=413 empty"
lie "it stalls when asked" 'ETIMEDOUT' "POST * silence"
lie "it stalls behind the bytes" 'ETIMEDOUT' "PUT /up?* silence"
printf 'PUT * status=201 empty\n' >other/rules
rules "POST * status=202 h=Location:http://$other/up?state=y empty"
run "$CUTAWAY" push -q --authfile auth.json base "localhost:$PORT/team/base:1"
is "another host may take the bytes" "$STATUS$OUT" "0localhost:$PORT/team/base:1 $digest"
like "it is sent them" "$(<other/log)" '^PUT /up'
unlike "and no credentials" "$(<other/log)" 'Authorization'
layer=$(tar -xOf base.tar "blobs/sha256/${digest#sha256:}" | grep -oE '"layers":.*' | grep -oE 'sha256:[0-9a-f]{64}')
printf x | dd of="$blobs/${layer#sha256:}" bs=1 seek=100 conv=notrunc 2>/dev/null
lie "a blob that was changed here is not passed on" 'it was changed' "HEAD */none empty"
rm "$blobs/${layer#sha256:}"
lie "a blob that is missing here" "read blob: $layer" "HEAD */none empty"
"$CUTAWAY" rmi base >/dev/null
"$CUTAWAY" load base.tar >/dev/null

# ---- usage ----
run "$CUTAWAY" push
is "no image: usage" "$STATUS" 2
run "$CUTAWAY" push a b c
is "three words: usage" "$STATUS" 2
run "$CUTAWAY" push no-such localhost:1/x:1
like "no such image" "$STATUS$ERR" '^1.*no-such'
run "$CUTAWAY" push base localhost:1/x:1
like "nobody there" "$STATUS$ERR" '^1.*ECONNREFUSED'
run "$CUTAWAY" push --retry 0 --timeout 1 base 'Shop:1'
like "a bad name" "$STATUS$ERR" "^1.*'S', character 1"
done_testing
