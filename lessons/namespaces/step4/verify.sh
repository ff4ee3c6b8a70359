#!/bin/bash
# Two servers on one port: not in one network, but in two; and one network was given an address.
cutaway check --wait 3 'container.shop1 = running' 'container.shop2 = exited' \
  'container.shop3 = running' 'container.shop4 = running' \
  container.shop3.ns.net container.shop4.ns.net || exit 1
pid=$(cutaway inspect --format pid shop3) || exit 1
if ! nsenter -t "$pid" -U --preserve-credentials -n ip -o addr show dev lo | grep -q 10.99.0.1; then
  echo "the interface lo of shop3 does not have the address 10.99.0.1 yet"
  exit 1
fi
