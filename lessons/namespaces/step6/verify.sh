#!/bin/bash
# The map of the process says that root inside is us.
pid=$(pgrep -n -u "$(id -u)" -fx 'sleep 4106') || {
  echo "no process 'sleep 4106' runs: the first command of the page starts it"
  exit 1
}
read -r inside outside count <"/proc/$pid/uid_map" || {
  echo "/proc/$pid/uid_map is empty: nobody is mapped"
  exit 1
}
if [ "$inside $outside $count" != "0 $(id -u) 1" ]; then
  echo "/proc/$pid/uid_map says '$inside $outside $count', not '0 $(id -u) 1'"
  exit 1
fi
