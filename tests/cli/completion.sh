#!/usr/bin/env bash
# What Tab offers, and what `make install` puts where.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"
. "$ROOT/shell/completion.bash"

# complete_line WORD...: the completions of the last word, one a line.
complete_line() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	if [ "$1" = cutaway-oci ]; then _cutaway_oci "$OCI"; else _cutaway "$CUTAWAY"; fi
	printf '%s\n' "${COMPREPLY[@]}"
}

is "a command by its beginning" "$(complete_line cutaway doct)" doctor
like "all commands" "$(complete_line cutaway '')" '^draw$'
is "an option" "$(complete_line cutaway run --pids)" --pids-limit
is "an option without a command" "$(complete_line cutaway --v)" --version
is "an option in brackets" "$(complete_line cutaway --fr)" --fresh
is "a view" "$(complete_line cutaway draw hos)" host
# Those that there are, as both commands say when they are asked for another.
for command in draw view; do
	there=$("$CUTAWAY" "$command" no-such-view 2>&1 | sed -nE 's/.*there are //p' | sed 's/ \[*NAME\]*//g' | tr -d ' ' | tr , '\n' | sort)
	like "$command: there are views" "$there" '^host$'
	is "$command: its help names all of them" "$(_cutaway_views "$CUTAWAY" "$command" | sort)" "$there"
	offered=$(complete_line cutaway "$command" '' | sort)
	is "$command: Tab offers them" "$(comm -23 <(echo "$there") <(echo "$offered"))" ""
done
like "a fact" "$(complete_line cutaway check host.ker)" '^host.kernel$'
"$CUTAWAY" measure -q --runs 1 --name quick -- true
is "a measurement" "$(complete_line cutaway measure --show qui)" quick
is "a term of the glossary, in any capitals" "$(complete_line cutaway glossary APPA)" AppArmor
is "a verb of diagram" "$(complete_line cutaway diagram conn)" connect
like "all verbs of diagram" "$(complete_line cutaway diagram '' | paste -sd' ')" 'task.* place connect label remove .*undo.* grade'
is "a part" "$(complete_line cutaway diagram place docke | paste -sd' ')" "docker dockerd"
is "a band" "$(complete_line cutaway diagram place dockerd ker)" kernel
is "a task" "$(complete_line cutaway diagram task clu)" cluster
is "a topic of questions" "$(complete_line cutaway quiz lay)" layers
is "the runtime: a command" "$(complete_line cutaway-oci up)" update
is "the runtime: an option before the command" "$(complete_line cutaway-oci --ver)" --version
is "the runtime: a command behind an option's value" "$(complete_line cutaway-oci --root /x del)" delete
is "the runtime: an option of a command" "$(complete_line cutaway-oci --root /x create --pid)" --pid-file
is "the runtime: how it logs" "$(complete_line cutaway-oci --log-format j)" json
if [ "$(id -u)" = 0 ]; then
	bundle_make sh sleep
	config 'exec sleep 1000'
	"$OCI" --root "$WORK/states" create -b "$bundle" told >"$WORK/.created" 2>&1 </dev/null
	is "the runtime: a container by its id" "$(complete_line cutaway-oci --root "$WORK/states" kill '')" told
	"$OCI" --root "$WORK/states" delete --force told
else
	skip "the runtime: a container by its id" "root"
fi
is "nothing for what is not known" "$(complete_line cutaway no-such-command x)" ""

if [ -w "$BUILD" ] && command -v make >/dev/null; then
	ok "make install" make -s --no-print-directory -C "$ROOT" install DESTDIR="$WORK/to" prefix=/usr
	installed=$(cd "$WORK/to" && find . -type f)
	like "installed: the program" "$installed" '^\./usr/bin/cutaway$'
	like "installed: completion" "$installed" '^\./usr/share/bash-completion/completions/cutaway$'
	like "installed: completion of the runtime" "$(ls "$WORK/to/usr/share/bash-completion/completions")" '^cutaway-oci$'
	like "installed: lessons" "$installed" '^\./usr/share/cutaway/lessons/.*/index.json$'
	ok "installed: it runs" "$WORK/to/usr/bin/cutaway" --help
fi
done_testing
