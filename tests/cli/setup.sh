#!/usr/bin/env bash
# How `make run` and `make test` set up: quiet when all is there, a clear word when root is missing.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

if ! command -v dpkg-query >/dev/null; then
	skip "packages" "no dpkg here"
	done_testing
fi
run "$ROOT/tests/lib/packages.sh" bash util-linux
is "what is installed is not mentioned" "$STATUS:$OUT$ERR" "0:"
user_place
cp "$ROOT/tests/lib/packages.sh" "$user_home/packages.sh"
run as_user bash "$user_home/packages.sh" bash cutaway-has-no-such-package
is "missing without root: fails" "$STATUS" 1
like "missing without root: says what" "$OUT" '^  cutaway-has-no-such-package$'
unlike "missing without root: and nothing else" "$OUT" '^  bash$'
like "missing without root: says how" "$ERR" \
	'^  sudo apt-get install .*cutaway-has-no-such-package'
done_testing
