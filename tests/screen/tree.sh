#!/usr/bin/env bash
# The screen of `cutaway tree`: it opens, scrolls, filters, folds, takes any size and any key, and
# gives the terminal back.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
if ! command -v tmux >/dev/null; then
	skip "the screen of tree" "no tmux here"
	done_testing
fi
cd "$WORK" || exit 1

# ---- an image of two layers ----
mkdir -p one/etc/deep/er one/many two/etc
for i in {100..199}; do echo $i >one/many/file-$i; done
echo old >one/etc/conf
echo gone >one/etc/gone
echo deep >one/etc/deep/er/file
printf '%0500d' 1 >two/etc/conf
touch two/etc/.wh.gone "two/"$'odd\033[31mname'
for name in one two; do
	tar -C $name -cf $name.tar --owner=0 --group=0 --mtime=@0 --sort=name .
done
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s","sha256:%s"]},"history":[{"created_by":"the first"},{"created_by":"the second"}]}' \
	"$(sha256sum one.tar | cut -d' ' -f1)" "$(sha256sum two.tar | cut -d' ' -f1)" >config.json
echo '[{"Config":"config.json","RepoTags":["shop:1"],"Layers":["one.tar","two.tar"]}]' >manifest.json
tar -cf image.tar config.json manifest.json one.tar two.tar
"$CUTAWAY" load image.tar >/dev/null

keys() { terminal_keys "$@"; }
terminal_start 80 24 "clear; $CUTAWAY tree shop:1; echo \"it ended: \$?\""
sees "the layers" 20 '^.layers? of shop:1|layers of shop:1'
sees "the topmost layer is chosen" 10 'files of layer 2'
sees "a changed file" 10 '~ .*500 B .*conf'
sees "a removed one" 10 '- .*gone'
sees "an odd name is safe to show" 10 'odd\\x1[bB]\[31mname'
sees "its efficiency" 10 'efficiency 9[0-9.]* %'
keys '['
sees "the layer below" 10 'files of layer 1 '
keys G
sees "the last line of a long list" 10 'many/|file-199'
keys g
sees "and the first" 10 'etc/'
keys Left
sees "a directory is closed" 10 'etc/  \([0-9]+\)'
keys Right
sees "and opened" 10 'gone'
terminal_type /FILE-15
sees "names are filtered while one types" 10 '^.*/ ?FILE-15'
sees "ten files have that name" 10 'file-159'
wait_gone 10 'file-149'
is "and no others" "$(terminal_screen | grep -c 'file-1[0-46-9]')" 0
keys Enter
sees "Enter keeps the filter" 10 '11/11|1/11'
keys Escape
sees "Esc takes it away" 10 'file-10|deep'
keys z
sees "all directories closed" 10 'many/  \(100\)'
keys Z
wait_gone 10 'many/  \(100\)'
keys ']' 3
wait_gone 10 '- .*gone'
is "removed files are hidden" "$(terminal_screen | grep -c '^.*- .*gone')" 0
keys 3 a
sees "all layers together" 10 'files of layers 1 to 2'
keys a w
sees "what is carried for nothing" 10 'in 2 copies, the last is seen +/etc/conf'
keys Escape
sees "back from there" 10 'files of layer 2'
keys '?'
sees "the keys" 10 'Enter Space'
keys x
sees "any key goes back" 10 'files of layer 2'
keys g
keys Down Enter
sees "what each layer says of a file" 10 'layer 1 +added'
keys q
sees "and back" 10 'files of layer 2'
keys x
sees "a key that does nothing says so" 10 'does nothing here'
keys F5 M-x C-x Insert
for size in "160 50" "40 10" "20 5" "5 3" "2 1" "80 24"; do
	# shellcheck disable=SC2086 # two numbers
	terminal_resize $size
	keys j k
done
sees "it has lived through all sizes" 10 'files of layer 2'
terminal_resize 160 50
sees "a wide screen shows modes and owners" 10 '~ -rw-r--r-- +0:0 +500 B'
keys Tab k
sees "the keys are the layers' after Tab" 10 'files of layer 1 '
# As a terminal like tmux sends it: button, column and row, each with 32 added; wheel up is 64.
terminal_type $'\033[M %#'
sees "a click chooses a layer" 10 'files of layer 2'
terminal_type $'\033[M`%#'
sees "the wheel another one" 10 'files of layer 1 '
keys q
sees "q ends it" 10 '^it ended: 0'
sees "the terminal is given back" 10 '^at-rest> *$'
terminal_type 'clear; stty -a | grep -o " -\?echo " ; echo "."'
keys Enter
sees "as it was" 10 '^ echo *$'

terminal_type "clear; NO_COLOR=1 $CUTAWAY tree shop:1"
keys Enter
sees "NO_COLOR" 20 'files of layer 2'
is "NO_COLOR: no colour is sent" "$(term capture-pane -p -e | grep -cE $'\033\\[[0-9;]*(3[0-7]|38|9[0-7])[;m]')" 0
keys C-c
sees "Ctrl-C ends it too" 10 '^at-rest> *$'
terminal_type "clear; LC_ALL=C $CUTAWAY tree --layer 1 shop:1"
keys Enter
sees "ASCII; the layer that was asked for" 20 'files of layer 1 '
is "ASCII: nothing else is sent" "$(terminal_screen | LC_ALL=C grep -c '[^ -~]')" 0
keys q
sees "it ends" 10 '^at-rest> *$'
terminal_type "clear; TERM=dumb $CUTAWAY tree shop:1 | cat"
keys Enter
sees "a pipe gets text" 20 '^layer 2  sha256'
terminal_type "clear; TERM=dumb $CUTAWAY tree --name conf shop:1"
keys Enter
sees "a dumb terminal too" 20 '^layer 2  sha256'
terminal_type "clear; $CUTAWAY tree shop:1; echo \"it ended: \$?\""
keys Enter
sees "once more" 20 'files of layer 2'
pid=$(pgrep -f "cutaway tree shop:1" | while read -r p; do
	[ "$(readlink "/proc/$p/exe")" = "${CUTAWAY}-lab" ] && echo "$p"
done)
kill -TERM "$pid"
sees "SIGTERM ends it, and the terminal is given back" 10 '^it ended: 143'
done_testing
