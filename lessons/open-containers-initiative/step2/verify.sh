#!/bin/bash
# All three have made namespaces and started the program.
cutaway check file.runc file.crun file.ours || exit 1
for runtime in runc crun ours; do
  if ! jq -es 'any(.[]; .error == null and (.call // "" | test("^(clone3?|unshare)$")) and (.args | test("CLONE_NEWPID"))) and any(.[]; .event == "finish" and .status == 0)' "$LAB/$runtime" >/dev/null 2>&1; then
    echo "in \$LAB/$runtime no pid namespace is made, or the run did not end well"
    exit 1
  fi
done
