#!/usr/bin/env bash
# cutaway login and logout, and programs that keep credentials, against a registry with a password.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
secret=s3cret-word
start() {
	rm -f out
	XDG_DATA_HOME=$WORK/other "$CUTAWAY" registry --port 0 --user anna:$secret "$@" >out 2>err &
	registry=$!
	wait_until 10 grep -q '^listening on ' out
	server=$(sed -nE 's,^listening on http://([^ ]*): .*,\1,p' out)
}
stop() {
	kill "$registry" 2>/dev/null
	wait "$registry"
}
trap 'kill "$registry" 2>/dev/null' EXIT
# shellcheck disable=SC2016
login() { run sh -c 'printf "%s\n" "$0" | "$@"' "$password" "$CUTAWAY" login "$@"; }
kept=$XDG_RUNTIME_DIR/containers/auth.json
basic=$(printf 'anna:%s' $secret | base64)
quiet() { unlike "$1: the password is not shown" "$OUT$ERR" "$secret|$basic"; }

for kind in basic token; do
	if [ $kind = token ]; then start --token; else start; fi
	password=wrong-$secret
	login -u anna --password-stdin "$server"
	like "$kind: a wrong password is refused" "$STATUS$ERR" '^1.*not accepted'
	quiet "$kind: a wrong password"
	ok "$kind: and nothing is kept" test ! -e "$kept"
	password=$secret
	login -u anna --password-stdin "$server"
	is "$kind: the right one is kept" "$STATUS$OUT$ERR" "0anna at $server: kept in $kept"
	is "$kind: as containers-auth.json says" "$(jq -c . "$kept")" "{\"auths\":{\"$server\":{\"auth\":\"$basic\"}}}"
	is "$kind: for us alone" "$(stat -c '%a' "$kept" "${kept%/*}" | tr '\n' ' ')" "600 700 "
	"$CUTAWAY" images >/dev/null
	run "$CUTAWAY" tag base "$server/team/base:1"
	run "$CUTAWAY" push -q "$server/team/base:1"
	is "$kind: push with it" "$STATUS$ERR" 0
	if command -v skopeo >/dev/null; then
		run skopeo inspect --tls-verify=false --format '{{.Name}}' "docker://$server/team/base:1"
		is "$kind: skopeo finds it as well" "$STATUS$OUT" "0$server/team/base" || diag "$ERR"
	else
		skip "$kind: skopeo finds it as well" "no skopeo here"
	fi
	run "$CUTAWAY" logout "$server"
	is "$kind: logout" "$STATUS$OUT" "0$server: removed from $kept"
	is "$kind: nothing is left" "$(jq -c . "$kept")" '{"auths":{}}'
	run "$CUTAWAY" logout "$server"
	like "$kind: once more" "$STATUS$ERR" '^1.*nothing is kept for '
	run "$CUTAWAY" pull -q "$server/team/base:1"
	like "$kind: pull without: what to do" "$STATUS$(tr '\n' ' ' <<<"$ERR")" "^1.*'cutaway login $server'"
	rm -rf "$kept"
	[ $kind = token ] || stop
done

# ---- where ----
echo '{"auths":{"x.example":{"auth":"eDp5"}},"mine":[1]}' >auth.json && chmod 644 auth.json
login -u anna --password-stdin --authfile auth.json "$server"
is "--authfile: what else is in it stays" "$STATUS$(jq -c '[.mine, (.auths | keys | length)]' auth.json)$(stat -c %a auth.json)" '0[[1],2]600'
REGISTRY_AUTH_FILE=$WORK/auth.json run "$CUTAWAY" logout "$server"
is "\$REGISTRY_AUTH_FILE" "$STATUS$(jq -c '.auths | keys' auth.json)" '0["x.example"]'
run "$CUTAWAY" logout --all --authfile auth.json
is "logout --all" "$STATUS$OUT$(jq -c . auth.json)" '0all: removed from auth.json{"auths":{},"mine":[1]}'
echo '{"auths": nonsense' >bad.json
login -u anna --password-stdin --authfile bad.json "$server"
like "a spoilt file is left as it is" "$STATUS$ERR$(<bad.json)" '^1.*bad.json: it is no good JSON.*left'
is "a spoilt file: untouched" "$(<bad.json)" '{"auths": nonsense'
mkdir -p "$HOME/.docker" && echo "{\"auths\":{\"$server\":{\"auth\":\"$basic\"}}}" >"$HOME/.docker/config.json"
run "$CUTAWAY" logout "$server"
like "logout: what docker keeps is told" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*\.docker/config.json has something for it'
rm "$HOME/.docker/config.json"

# ---- a helper ----
mkdir bin kept
cat >bin/docker-credential-fake <<'END'
#!/bin/sh
# Keeps each server's credentials in a file of its own, and writes down what it was asked.
cd "$WORK/kept" || exit 1
read -r line
echo "$1" >>../asked
case $1 in
get)
	name=$(echo "$line" | tr / _)
	if [ -f "$name" ]; then cat "$name"; else echo "credentials not found in native keychain"; exit 1; fi ;;
store) echo "$line" >"$(echo "$line" | jq -r '.ServerURL | gsub("/"; "_")')" ;;
erase) rm "$(echo "$line" | tr / _)" ;;
broken) exit 3 ;;
esac
END
chmod +x bin/docker-credential-fake
export WORK PATH="$WORK/bin:$PATH"
echo "{\"credHelpers\":{\"$server\":\"fake\"}}" >helped.json
login -u anna --password-stdin --authfile helped.json "$server"
is "login: the helper keeps it" "$STATUS$OUT$(jq -c 'keys' helped.json)" "0anna at $server: kept in docker-credential-fake[\"credHelpers\"]"
run "$CUTAWAY" pull -q --authfile helped.json "$server/team/base:1"
is "pull: the helper is asked, once" "$STATUS$ERR$(grep -c get asked)" 01
echo '{"ServerURL":"x","Username":"<token>","Secret":"id-token"}' >"kept/$server"
run "$CUTAWAY" pull -q --authfile helped.json "$server/team/base:1"
like "pull: an identity token of a helper is shown to the registry, which does not know it" "$STATUS$ERR" '^1'
login -u anna --password-stdin --authfile helped.json "$server"
run "$CUTAWAY" logout --authfile helped.json "$server"
is "logout: the helper forgets it" "$STATUS$OUT$(ls kept)" "0$server: removed from docker-credential-fake"
run "$CUTAWAY" pull -q --authfile helped.json "$server/team/base:1"
like "a helper that has nothing: said, with what to do" "$STATUS$(tr '\n' ' ' <<<"$ERR")" "^1.*docker-credential-fake, which helped.json leaves it to, has nothing for it: 'cutaway login $server'"
echo '{"credsStore":"fake"}' >store.json
login -u anna --password-stdin --authfile store.json "$server"
run "$CUTAWAY" pull -q --authfile store.json "$server/team/base:1"
is "credsStore: one for all" "$STATUS$ERR" 0
printf '#!/bin/sh\nprintf "the key ring is \\033[31mlocked\\n"; exit 1\n' >bin/docker-credential-fake
run "$CUTAWAY" pull -q --authfile store.json "$server/team/base:1"
like "a helper that fails: in its words" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*docker-credential-fake: the key ring is .x1b\[31mlocked'
printf '#!/bin/sh\nyes\n' >bin/docker-credential-fake
run "$CUTAWAY" pull -q --authfile store.json "$server/team/base:1"
like "a helper that does not end talking is ended" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*docker-credential-fake'
for name in ../../bin/true gone; do
	echo "{\"credsStore\":\"$name\"}" >store.json
	run "$CUTAWAY" pull -q --authfile store.json "$server/team/base:1"
	like "a helper called $name" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*(no name of a helper|not installed)'
done
stop

# ---- wrong words ----
for words in "" "-u anna" "--password-stdin" "-u a:b --password-stdin"; do
	# shellcheck disable=SC2086
	run setsid "$CUTAWAY" login $words localhost:1
	is "login $words: without a terminal" "$STATUS" 2
done
run "$CUTAWAY" login -u a --password-stdin localhost:1/team
is "login: no registry" "$STATUS" 2
run "$CUTAWAY" login a.example b.example
is "login: two registries" "$STATUS" 2
run "$CUTAWAY" login -u a --password-stdin localhost:1 </dev/null
like "login: an empty password" "$STATUS$ERR" '^1.*no password'
done_testing
