#!/bin/bash
# A queue in the namespace of the process.
pid=$(pgrep -n -u "$(id -u)" -fx 'sleep 4105') || {
  echo "no process 'sleep 4105' runs: the first command of the page starts it"
  exit 1
}
queues=$(nsenter -t "$pid" -U --preserve-credentials -i ipcs -q | grep -c ^0x)
if [ "$queues" -lt 1 ]; then
  echo "there is no message queue in the IPC namespace of process $pid yet"
  exit 1
fi
