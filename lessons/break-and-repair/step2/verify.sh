#!/bin/bash
# The process has a map in which we are root, and the note is written.
pid=$(pgrep -n -u "$(id -u)" -fx 'sleep 4802') || {
  echo "no process 'sleep 4802' runs: unshare --user -r sleep 4802 &"
  exit 1
}
read -r inside outside _ <"/proc/$pid/uid_map"
if [ "$inside $outside" != "0 $(id -u)" ]; then
  echo "/proc/$pid/uid_map says that '$inside' inside is '$outside' outside, not that 0 is $(id -u)"
  exit 1
fi
if [ ! -e "$LAB/data/note" ]; then
  echo "there is no \$LAB/data/note yet"
  exit 1
fi
