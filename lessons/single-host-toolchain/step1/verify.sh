#!/bin/bash
# A watch was kept, and the namespace can be seen in it.
cutaway check file.first || exit 1
if ! jq -es 'any(.[]; .call == "unshare" and .error == null and (.args | test("CLONE_NEWUTS")))' "$LAB/first" >/dev/null 2>&1; then
  echo "in \$LAB/first nobody makes a uts namespace"
  exit 1
fi
