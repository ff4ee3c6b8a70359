#!/bin/bash
# The list of who started whom has the shim and the runtime.
cutaway check file.started || exit 1
for program in containerd-shim runc; do
  if ! grep -q "execve(.*$program" "$LAB/started"; then
    echo "in \$LAB/started nobody becomes $program"
    exit 1
  fi
done
