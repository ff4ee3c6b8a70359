#!/bin/bash
# The first process of alone has the limit.
cutaway check 'container.alone = running' || exit 1
pid=$(cutaway inspect --format pid alone) || exit 1
if ! grep -q '^Max address space  *67108864 ' "/proc/$pid/limits"; then
  echo "process $pid has no limit of 64 MiB of addresses"
  exit 1
fi
