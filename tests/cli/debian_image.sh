#!/usr/bin/env bash
# images --make base-debian: what mmdebstrap is asked for, and what becomes of its tar. The program
# itself, which needs a package mirror, is stood in for by one that writes a tar of this machine's
# busybox and says how it was called.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store
mkdir bin none
cat >bin/mmdebstrap <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$WORK/called"
[ ! -e "$WORK/fail" ] || { echo "E: no mirror" >&2; exit 25; }
mkdir -p "$WORK/tree/bin" "$WORK/tree/etc"
cp "$(command -v busybox)" "$WORK/tree/bin/busybox" && ln -sf busybox "$WORK/tree/bin/bash"
echo 12.0 >"$WORK/tree/etc/debian_version"
exec tar -C "$WORK/tree" --owner=0 --group=0 -cf - .
END
chmod +x bin/mmdebstrap
export WORK

run "$CUTAWAY" run --rm base-debian true
like "its name alone makes nothing, and says what does" "$STATUS$ERR" "images --make base-debian"
run env PATH="$WORK/none" "$CUTAWAY" images --make base-debian --suite bookworm
like "without mmdebstrap: how to install it" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*mmdebstrap.*apt install mmdebstrap'
touch fail
run env PATH="$WORK/bin:$PATH" "$CUTAWAY" images --make base-debian --suite bookworm --mirror http://127.0.0.1:9/
like "when it fails: its own words and its status" "$STATUS$(tr '\n' ' ' <<<"$ERR")" '^1.*E: no mirror.*mmdebstrap ended with status 25'
is "no image is made, and no blob stays" "$("$CUTAWAY" images -q | grep -c debian)$(find "$store/blobs" -name '.blob-*')" 0
rm fail
run env PATH="$WORK/bin:$PATH" SOURCE_DATE_EPOCH=1000 "$CUTAWAY" images --make base-debian --suite bookworm --mirror http://127.0.0.1:9/
is "made: exit status, name" "$STATUS$OUT" 0base-debian
is "what was asked for" "$(tr '\n' ' ' <called)" "--variant=minbase --format=tar bookworm - http://127.0.0.1:9/ "
run "$CUTAWAY" run --rm base-debian /bin/busybox cat /etc/debian_version
is "it runs" "$STATUS$OUT" 012.0
run "$CUTAWAY" history --json base-debian
is "history: how it was made, and when" "$(jq -r '.[0].created_by + " " + .[0].created' <<<"$OUT")" 'mmdebstrap --variant=minbase bookworm 1970-01-01T00:16:40Z'
ok "every digest is right" "$CUTAWAY" verify base-debian
mkdir more && printf 'FROM base-debian\nRUN ["/bin/busybox", "touch", "/one"]\nCOPY Containerfile /two\n' >more/Containerfile
run "$CUTAWAY" build -t more more
is "a multi-layered image is built on it" "$STATUS$("$CUTAWAY" images --json | jq '.[] | select(.name == "more:latest") | .layers')" 03
run "$CUTAWAY" images --make debian
is "--make of another name: usage" "$STATUS" 2
run "$CUTAWAY" images --suite bookworm
is "--suite alone: usage" "$STATUS" 2
done_testing
