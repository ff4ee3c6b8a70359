#!/bin/bash
# The process sees a tmpfs at /mnt, the host does not, and a file was left there.
pid=$(pgrep -n -u "$(id -u)" -fx 'sleep 4102') || {
  echo "no process 'sleep 4102' runs: the first command of the page starts it"
  exit 1
}
if ! grep -q ' /mnt tmpfs ' "/proc/$pid/mounts"; then
  echo "process $pid sees no tmpfs at /mnt"
  exit 1
fi
if ! [ -e "/proc/$pid/root/mnt/note" ]; then
  echo "there is no file note in the /mnt of process $pid"
  exit 1
fi
