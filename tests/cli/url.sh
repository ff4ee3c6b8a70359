#!/usr/bin/env bash
# The full URL of an image: each part named, short names resolved aloud, errors at their character.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

sum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
run "$CUTAWAY" url "docker://quay.io:443/fedora/tools/httpd:2.4@$sum"
is "a full one: exit status" "$STATUS$ERR" 0
for part in scheme 'registry server' port namespace repository tag digest; do
	like "a full one: the $part has its label" "$OUT" "─ $part +[a-z]|└ $part +[a-z]"
done
like "a full one: the digest is there whole" "$OUT" "^$sum$"
unlike "a full one: is not short for anything" "$OUT" 'short for'
# The bracket under each part is as wide as the part, and its stem leads to the right label.
picture=$(sed -n '1,2p' <<<"$OUT")
is "a full one: brackets fit the parts" "$picture" "$(printf '%s\n' \
	'docker://quay.io:443/fedora/tools/httpd:2.4@sha256:01234567...' \
	'└─┬──┘   └──┬──┘ └┬┘ └────┬─────┘ └─┬─┘ └┬┘ └───────┬────────┘')"

run "$CUTAWAY" url debian
like "a short one: what it is short for" "$OUT" '^debian is short for docker.io/library/debian:latest$'
for why in 'without a registry server means Docker' "namespace it is 'library'" "tag it is 'latest'"; do
	like "a short one: says why: $why" "$OUT" "$why"
done
ok "a short one: fits 80 columns" test "$(wc -L <<<"$OUT")" -le 80
run env LC_ALL=C "$CUTAWAY" url debian
unlike "without UTF-8: ASCII only" "$OUT" '[^ -~]'
run "$CUTAWAY" url --json anna/web:1
is "--json: the parts, and which were added" "$(tr -d ' \n' <<<"$OUT")" \
	'{"name":"anna/web:1","full":"docker.io/anna/web:1","here":false,"host":"docker.io","namespace":"anna","repository":"web","tag":"1","added":["host"]}'
is "a question makes no store" "$(ls -A "$XDG_DATA_HOME")" ""
run "$CUTAWAY" images
run "$CUTAWAY" url base
like "an image of this machine goes first, and it is said" "$OUT" 'of this machine has the name base'

run "$CUTAWAY" url baSe
is "a bad character: exit status" "$STATUS$OUT" 1
like "a bad character: named, with the part" "$ERR" "'S', character 3, is not allowed in the repository"
like "a bad character: a mark under it" "$ERR" '^    \^$'
run "$CUTAWAY" url "$(printf 'a\033[31mb')"
is "what a terminal would act upon: refused" "$STATUS" 1
unlike "what a terminal would act upon: not printed" "$ERR" "$(printf '\033')"
run "$CUTAWAY" url "$(head -c 100000 /dev/zero | tr '\0' a)"
like "100,000 characters: too long" "$STATUS$ERR" '^1.*too long'
run "$CUTAWAY" url
is "no name: usage" "$STATUS" 2
run "$CUTAWAY" url a b
is "two names: usage" "$STATUS" 2
done_testing
