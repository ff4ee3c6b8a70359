#!/bin/bash
# Process 1 is one that waits, what it is there for runs, and no zombie is kept.
cutaway check 'container.parent = running' || exit 1
if [ "$(cutaway exec parent cat /proc/1/comm)" = sleep ]; then
  echo "process 1 of the container parent is sleep, which waits for nobody"
  exit 1
fi
if ! cutaway exec parent ps -o args | grep -qx 'sleep 4804'; then
  echo "'sleep 4804' does not run in the container parent"
  exit 1
fi
zombies=$(cutaway exec parent ps -o stat,args | grep -c '^Z')
if [ "$zombies" -gt 0 ]; then
  echo "$zombies zombies are still there in the container parent"
  exit 1
fi
