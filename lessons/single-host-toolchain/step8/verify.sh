#!/bin/bash
# The table has a column for each of the six, and ours was watched here.
cutaway check file.ours file.table || exit 1
if [ "$(awk 'NR == 1 { print NF }' "$LAB/table")" != 7 ] || ! grep -q '^execve *x *x *x *x *x *x' "$LAB/table"; then
  echo "\$LAB/table has not six columns, or in one of them no program is started"
  exit 1
fi
