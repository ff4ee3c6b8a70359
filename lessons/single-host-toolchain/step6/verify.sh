#!/bin/bash
# A unit was watched: its group and its namespaces.
cutaway check file.systemd || exit 1
if ! jq -es 'any(.[]; .call == "mkdir") and any(.[]; .call == "unshare" and .error == null and (.args | test("CLONE_NEWNET")))' "$LAB/systemd" >/dev/null 2>&1; then
  echo "in \$LAB/systemd no control group or no network namespace is made"
  exit 1
fi
