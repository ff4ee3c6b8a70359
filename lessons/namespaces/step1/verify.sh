#!/bin/bash
# The sleeping process has another host name than ours: the one that was set from outside.
pid=$(pgrep -n -u "$(id -u)" -fx 'sleep 4101') || {
  echo "no process 'sleep 4101' runs: the first command of the page starts it"
  exit 1
}
name=$(nsenter -t "$pid" -U --preserve-credentials -u hostname) || exit 1
if [ "$name" != island ]; then
  echo "the host name that process $pid sees is still '$name', not 'island'"
  exit 1
fi
