#!/bin/bash
# The choice was made, and the kernel holds a to its limit.
if [ "$(awk '{ printf "%s:%s ", $1, $2 }' "$LAB/bound" 2>/dev/null)" != "a:south b:north c:south d:none " ]; then
  echo "\$LAB/bound does not say that a and c go to south, b to north and d nowhere: do the page from its beginning"
  exit 1
fi
cutaway check 'container.a = running' 'container.a.cgroup.memory.max = 64M'
