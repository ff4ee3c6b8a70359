#!/bin/bash
# The container has been there, its first process was ended, and the other went with it.
cutaway check container.nest 'container.nest = exited' || exit 1
if pgrep -u "$(id -u)" -fx 'sleep 4103' >/dev/null; then
  echo "the second process of nest still runs"
  exit 1
fi
