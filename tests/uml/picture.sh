#!/bin/bash
# The picture of the README, drawn by the program on a machine where nothing else runs: `make
# picture`. Lesson 1 as it stands when one container is built half by hand.
set -eu
export XDG_DATA_HOME=/tmp/data XDG_STATE_HOME=/tmp/state XDG_RUNTIME_DIR=/run
PATH=/mnt/source/build:$PATH
cutaway run -d --name red base sleep 3601
cutaway run -d --name green base sleep 3602
cutaway run -d --step --name hand -m 64M --pids-limit 32 base sleep 3600
cutaway step --to namespace-net hand >/dev/null
cutaway draw host --format svg --theme light --size 110x44 >/mnt/result/cutaway.svg
cutaway draw host --size 110x44 --theme none >/mnt/result/cutaway.txt
cutaway rm -f red green hand
