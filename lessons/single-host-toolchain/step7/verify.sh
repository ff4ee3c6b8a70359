#!/bin/bash
# Both were watched, and both make namespaces and change the root.
cutaway check file.nspawn file.lxc || exit 1
for tool in nspawn lxc; do
  if ! jq -es 'any(.[]; .error == null and (.call // "" | test("^clone")) and (.args | test("CLONE_NEWPID"))) and any(.[]; .call == "pivot_root" or .call == "chroot")' "$LAB/$tool" >/dev/null 2>&1; then
    echo "in \$LAB/$tool no pid namespace is made, or nobody changes the root"
    exit 1
  fi
done
