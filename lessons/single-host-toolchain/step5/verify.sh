#!/bin/bash
# A podman run was watched: conmon, a runtime, and a new root.
cutaway check file.podman || exit 1
if ! jq -es 'any(.[]; .call == "execve" and (.args | test("conmon"))) and any(.[]; .call == "pivot_root")' "$LAB/podman" >/dev/null 2>&1; then
  echo "in \$LAB/podman there is no conmon, or nobody changes the root"
  exit 1
fi
