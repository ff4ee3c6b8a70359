#!/bin/bash
# One has the power, the other has not, and it was used.
cutaway check 'container.meek = running' '!container.meek.cap.net_admin' \
  'container.bold = running' container.bold.cap.net_admin || exit 1
if cutaway exec bold ip link show lo | grep -q '[<,]UP[,>]'; then
  echo "the interface lo of bold is still up: ct exec bold ip link set lo down"
  exit 1
fi
