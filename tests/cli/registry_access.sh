#!/usr/bin/env bash
# The registry as a program: where it listens, who may use it, TLS, its end; and many at once.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

if ! command -v curl >/dev/null; then
	skip "registry" "no curl here (Debian package curl)"
	done_testing
fi
cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store

# start ARGUMENT...: $url and $port are where, $registry its process id.
start() {
	rm -f out # of the one before, which listens no more
	"$CUTAWAY" registry --port 0 "$@" >out 2>err &
	registry=$!
	wait_until 10 grep -q '^listening on ' out
	url=$(sed -nE 's,^listening on ([a-z]+://[^ ]*): .*,\1,p' out)
	port=${url##*:}
}
stop() {
	kill "${1:--TERM}" "$registry" 2>/dev/null
	wait "$registry"
}
trap 'kill "$registry" 2>/dev/null' EXIT
status() {
	curl -s -o body -D headers -w '%{http_code}' "$@"
}
header() {
	tr -d '\r' <headers | sed -nE "s/^$1: (.*)/\1/Ip"
}

# ---- the command line ----
run "$CUTAWAY" registry --port 70000
is "a port that is none" "$STATUS" 2
run "$CUTAWAY" registry --listen '[::1'
is "an address that is none" "$STATUS" 2
run "$CUTAWAY" registry --listen 300.1.1.1:0
like "an address that is no number" "$STATUS$ERR" '^1.*300\.1\.1\.1: that is no address'
run "$CUTAWAY" registry --user anna
is "a user without a password" "$STATUS" 2
run "$CUTAWAY" registry --token
is "a token for nobody" "$STATUS" 2
run "$CUTAWAY" registry --tls-cert x
is "a certificate without its key" "$STATUS" 2
run "$CUTAWAY" registry --port 0 --tls-cert none --tls-key none
like "a certificate that is not there" "$STATUS$ERR" '^1.*none.*ENOENT'
echo text >text
run "$CUTAWAY" registry --port 0 --tls-cert text --tls-key text
like "a certificate that is none" "$STATUS$ERR" '^1.*certificate'
run "$CUTAWAY" registry --port 0 --store /proc/none
is "a store that cannot be made" "$STATUS" 1

start
run "$CUTAWAY" registry --port "$port"
like "a port that is taken" "$STATUS$ERR" "^1.*127\.0\.0\.1:$port: another program listens there"
stop -INT
start --listen '[::1]:0'
if [ -e /proc/net/if_inet6 ]; then
	is "IPv6" "$(status -g "$url/v2/")$(cat err)" 200
else
	skip "IPv6" "the kernel has none"
fi
stop
start --listen 0.0.0.0
like "who listens everywhere is told" "$(cat err)" 'warning: who reaches this machine'
stop

# ---- a password ----
start --user anna:secret -v
is "nobody in particular" "$(status "$url/v2/") $(header WWW-Authenticate)" '401 Basic realm="cutaway"'
is "an error as others" "$(jq -r '.errors[0].code' body)" UNAUTHORIZED
is "a wrong password" "$(status -u anna:wrong "$url/v2/")" 401
is "the right one" "$(status -u anna:secret "$url/v2/")" 200
is "before any path is looked at" "$(status "$url/v2/Bad/tags/list")" 401
is "an upload" "$(status -u anna:secret -X POST "$url/v2/a/blobs/uploads/")" 202
is "and not without" "$(status -X POST "$url/v2/a/blobs/uploads/")" 401
unlike "the log has no password" "$(cat err)" "secret|$(printf anna:secret | base64)"
stop

# ---- tokens ----
start --user anna:secret --token
is "where the token is" "$(status -X POST "$url/v2/a/b/blobs/uploads/") $(header WWW-Authenticate)" \
	"401 Bearer realm=\"$url/token\",service=\"cutaway\",scope=\"repository:a/b:pull,push\""
is "a password is none" "$(status -u anna:secret "$url/v2/")" 401
is "no token without a password" "$(status "$url/token?scope=repository:a/b:pull")" 401
token() {
	curl -s -u anna:secret -G "$url/token" -d service=cutaway "$@" | jq -r .token
}
pull=$(token --data-urlencode scope=repository:a/b:pull)
push=$(token --data-urlencode scope=repository:a/c:pull --data-urlencode scope=repository:a/b:pull,push)
bearer() {
	status -H "Authorization: Bearer $1" "${@:2}"
}
is "a token says who one is" "$(bearer "$pull" "$url/v2/")" 200
is "to pull" "$(bearer "$pull" "$url/v2/a/b/tags/list")" 404
is "not to push" "$(bearer "$pull" -X POST "$url/v2/a/b/blobs/uploads/")" 401
like "and it is said" "$(header WWW-Authenticate)" 'error="insufficient_scope"$'
is "not from elsewhere" "$(bearer "$pull" "$url/v2/a/bc/tags/list")" 401
is "to push" "$(bearer "$push" -X POST "$url/v2/a/b/blobs/uploads/")" 202
is "of two repositories" "$(bearer "$push" "$url/v2/a/c/tags/list")" 404
is "one that was changed" "$(bearer "${push/./0.}" "$url/v2/")" 401
is "one whose scope was changed" "$(bearer "${pull%.*}.${push##*.}" "$url/v2/a/c/tags/list")" 401
for bad in '' . .. 1 "9999999999..$(printf 'repository:a/b:push' | base64)" "9999999999.$(printf '%064d' 0).!"; do
	is "what is no token: '$bad'" "$(bearer "$bad" "$url/v2/")" 401
done
stop
if command -v skopeo >/dev/null; then
	start --user anna:secret --token --store "$WORK/apart"
	"$CUTAWAY" save -o base.tar base 2>/dev/null || { "$CUTAWAY" images >/dev/null && "$CUTAWAY" save -o base.tar base; }
	ok "skopeo pushes with a token" skopeo --tmpdir "$WORK" copy -q --insecure-policy --dest-tls-verify=false \
		--dest-creds anna:secret oci-archive:base.tar:base "docker://127.0.0.1:$port/deep/er/base:1"
	run skopeo --tmpdir "$WORK" inspect --tls-verify=false --creds anna:secret --format '{{.Digest}}' "docker://127.0.0.1:$port/deep/er/base:1"
	is "and pulls" "$OUT" "$("$CUTAWAY" images --json | jq -r '.[] | select(.name == "base").digest')"
	ok "into a store of its own" test -e "apart/blobs/sha256/${OUT#*:}"
	unlike "which is not that of this machine" "$("$CUTAWAY" images -q)" 'deep/er'
	stop
	is "what a store of its own collects leaves our layers alone" "$("$CUTAWAY" run --rm base echo ran)" ran
else
	skip "skopeo with a token" "no skopeo here (Debian package skopeo)"
fi

# ---- TLS ----
if command -v certtool >/dev/null; then
	printf '%s\n' 'cn = localhost' 'dns_name = localhost' 'ip_address = 127.0.0.1' ca signing_key cert_signing_key 'expiration_days = 2' >template
	certtool --generate-privkey --key-type ecdsa --outfile key.pem >/dev/null 2>&1
	certtool --generate-self-signed --load-privkey key.pem --template template --outfile cert.pem >/dev/null 2>&1
	start --tls-cert cert.pem --tls-key key.pem
	like "TLS: it is said" "$url" '^https://127'
	is "TLS: it is the certificate" "$(status --cacert cert.pem "$url/v2/")" 200
	is "TLS: a stranger" "$(status "$url/v2/")" 000
	unlike "TLS: nothing without" "$(status "http://127.0.0.1:$port/v2/")" '^2'
	head -c 3000000 /dev/urandom >big
	digest=sha256:$(sha256sum big | cut -d' ' -f1)
	is "TLS: a blob goes" "$(status --cacert cert.pem -X POST "$url/v2/tls/blobs/uploads/?digest=$digest" --data-binary @big)" 201
	is "TLS: and comes" "$(status --cacert cert.pem "$url/v2/tls/blobs/$digest")$(sha256sum body | cut -d' ' -f1)" "200${digest#*:}"
	stop
else
	skip "TLS" "no certtool here (Debian package gnutls-bin)"
fi

# ---- beside others ----
run "$CUTAWAY" registry --port 0 --detach --pid-file pid
like "detach: it listens when we are back" "$STATUS$OUT" '^0listening on'
url=$(sed -nE 's,^listening on ([a-z]+://[^ ]*): .*,\1,p' <<<"$OUT")
is "detach: it answers" "$(status "$url/v2/")" 200
registry=$(cat pid)
run "$CUTAWAY" registry --port "${url##*:}" --detach --pid-file other
like "detach: an error comes back as well" "$STATUS$ERR" '^1.*another program listens'
ok "detach: and no process id" test ! -e other
kill "$registry"
gone() { ! kill -0 "$registry"; }
ok "detach: it ends when it is told" wait_until 10 gone
ok "detach: and takes its file away" test ! -e pid
run "$CUTAWAY" registry --detach --verbose
is "detach: no log for nobody" "$STATUS" 2
"$CUTAWAY" registry --port 0 --json >json 2>&1 &
registry=$!
wait_until 10 grep -q listening json
status "$(head -n 1 json | jq -r .listening)/v2/" >/dev/null
wait_until 10 grep -q '"uri":"/v2/"' json
is "json: ready, then a line a request" "$(jq -c '[.pid // .method, .status]' json | paste -sd' ')" "[$registry,null] [\"GET\",200]"
stop

# ---- clients that mean harm, or sleep ----
start --timeout 1
exec 5<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /v2/ HTTP/1.1\r\nHost: x' >&5
ok "who falls silent in the middle is left" timeout 60 cat <&5
exec 5>&-
exec 5<>"/dev/tcp/127.0.0.1/$port"
printf 'POST /v2/a/blobs/uploads/?digest=sha256:%064d HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome' 0 >&5
ok "also in the middle of a blob" timeout 60 cat <&5
exec 5>&-
nothing_hidden() { [ -z "$(find "$store" -name '.blob-*')" ]; }
ok "whose file goes" wait_until 10 nothing_hidden
printf 'GET /v2/ HTTP/1.1\r\n%s\r\n\r\n' "$(printf 'X-%05d: a\r\n' {1..30000})" | timeout 60 curl -s -o answer "telnet://127.0.0.1:$port"
unlike "headers without end" "$(head -n 1 answer 2>/dev/null)" ' 200 '
printf 'GARBAGE\r\n\r\n' | timeout 60 curl -s -o answer "telnet://127.0.0.1:$port"
unlike "what is no HTTP" "$(head -n 1 answer 2>/dev/null)" ' 200 '
is "a blob that says it is larger than any" "$(status -X POST "$url/v2/a/blobs/uploads/?digest=sha256:$(printf '%064d' 0)" -H 'Content-Length: 99999999999999' -H 'Expect: 100-continue' -d x --max-time 30)" 413
is "a method that nobody knows" "$(status -X BREW "$url/v2/")" 405
is "after all that it answers" "$(status "$url/v2/")" 200
for ((i = 0; i < 256; i++)); do curl -s -o /dev/null -X POST "$url/v2/many/blobs/uploads/" -w '%{http_code}\n' --next -s -o /dev/null -X POST "$url/v2/many/blobs/uploads/" -w '%{http_code}\n'; [ $i -lt 128 ] || break; done >codes
is "uploads that are begun and never ended have an end" "$(sort codes | uniq -c | awk '{ print $2 }' | paste -sd' ')" "202 429"
stop

# More connections than there are threads for, all of them idle.
start --timeout 5
held=()
for ((i = 0; i < 300; i++)); do exec {fd}<>"/dev/tcp/127.0.0.1/$port" && held+=("$fd"); done
threads=$(awk '/^Threads:/ { print $2 }' "/proc/$registry/status")
ok "connections have an end ($threads threads)" test "$threads" -le 260
answering() { [ "$(status "$url/v2/")" = 200 ]; }
ok "and when the idle ones are ended others are served" wait_until 60 answering
for fd in "${held[@]}"; do exec {fd}>&-; done
stop

# ---- a full disk ----
apart=(unshare -m)
[ "$(id -u)" = 0 ] || apart=(unshare -rm)
mkdir small
if "${apart[@]}" mount -t tmpfs none small 2>/dev/null; then
	rm -f out
	# shellcheck disable=SC2016 # for the inner shell
	"${apart[@]}" sh -c 'mount -t tmpfs -o size=600k none small && exec "$@"' sh \
		"$CUTAWAY" registry --port 0 --store small >out 2>err &
	registry=$!
	wait_until 10 grep -q '^listening on ' out
	url=$(sed -nE 's,^listening on ([a-z]+://[^ ]*): .*,\1,p' out)
	head -c 1000000 /dev/urandom >large
	is "a full disk" "$(status -X POST "$url/v2/a/blobs/uploads/?digest=sha256:$(sha256sum large | cut -d' ' -f1)" --data-binary @large) $(jq -r '.errors[0].code' body)" \
		"507 BLOB_UPLOAD_INVALID"
	status -X POST "$url/v2/a/blobs/uploads/" >/dev/null
	place=$url$(header Location)
	is "a full disk: a chunk" "$(status -X PATCH "$place" --data-binary @large)" 507
	is "a full disk: which ends the upload" "$(status "$place")" 404
	head -c 300000 large >fits
	is "a full disk: and leaves nothing" "$(status -X POST "$url/v2/a/blobs/uploads/?digest=sha256:$(sha256sum fits | cut -d' ' -f1)" --data-binary @fits)" 201
	stop
else
	skip "a full disk" "no file system of memory can be mounted here"
fi

# ---- many at once, and others beside them ----
start
head -c 300000 /dev/urandom >shared
echo '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config
sum() { sha256sum "$1" | cut -d' ' -f1; }
# client N: pushes an image of a layer of its own and one that all have, and pulls it again.
client() {
	local at="$url/v2/many/c$(($1 % 4))" file digest place
	mkdir "c$1"
	head -c 200000 /dev/urandom >"c$1/own"
	for file in shared config "c$1/own"; do
		digest=sha256:$(sum "$file")
		place=$(curl -sf -X POST -D - -o /dev/null "$at/blobs/uploads/" | tr -d '\r' | sed -nE 's/^Location: //Ip')
		curl -sf -X PATCH -T "$file" "$url$place" -o /dev/null && curl -sf -X PUT "$url$place?digest=$digest" -o /dev/null || return 1
	done
	size() { stat -c %s "$1"; }
	printf '{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":[%s,%s]}' \
		"$(sum config)" "$(size config)" \
		"{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:$(sum shared)\",\"size\":300000}" \
		"{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:$(sum "c$1/own")\",\"size\":200000}" >"c$1/m"
	curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary "@c$1/m" "$at/manifests/t$1" -o /dev/null || return 1
	curl -sf "$at/manifests/t$1" | cmp -s - "c$1/m" && curl -sf "$at/blobs/sha256:$(sum "c$1/own")" | cmp -s - "c$1/own" &&
		curl -sf "$at/blobs/sha256:$(sum shared)" | cmp -s - shared && touch "c$1/pulled"
}
clients=() beside=0
for i in {1..20}; do
	client "$i" &
	clients+=($!)
done
# Meanwhile another process collects and names.
while [ "$(find c* -name pulled 2>/dev/null | wc -l)" -lt 20 ] && kill -0 "${clients[@]}" 2>/dev/null; do
	"$CUTAWAY" rmi --prune >/dev/null
	"$CUTAWAY" tag base "beside:$((++beside))" >/dev/null
done
wait "${clients[@]}"
is "20 clients push and pull at once, beside a collection" "$(find c* -name pulled | wc -l)" 20
is "nothing is lost" "$(for i in 0 1 2 3; do curl -s "$url/v2/many/c$i/tags/list" | jq -r '.tags[]'; done | sort -V | paste -sd' ')" \
	"$(printf 't%d ' {1..20} | sed 's/ $//')"
stop
done_testing
