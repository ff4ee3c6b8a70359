#!/bin/bash
# The limit is set, and the kernel has ended a process for it.
cutaway check 'container.thirsty = running' 'container.thirsty.cgroup.memory.max = 32M' || exit 1
dir=$(cutaway inspect --format cgroup_dirs.memory thirsty) || exit 1
killed=$(cat "$dir/memory.oom_control" "$dir/memory.events" 2>/dev/null | sed -n 's/^oom_kill //p')
if [ "${killed:-0}" -eq 0 ]; then
  echo "nothing in the container thirsty has run out of memory yet"
  exit 1
fi
