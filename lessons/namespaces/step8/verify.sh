#!/bin/bash
# The clock of the process is ten days ahead.
pid=$(pgrep -n -u "$(id -u)" -fx 'sleep 4108') || {
  echo "no process 'sleep 4108' runs: the first command of the page starts it"
  exit 1
}
if ! grep -Eq '^(boottime|7) +864000 ' "/proc/$pid/timens_offsets"; then
  echo "the boot time of process $pid is not shifted by 864000 seconds"
  exit 1
fi
