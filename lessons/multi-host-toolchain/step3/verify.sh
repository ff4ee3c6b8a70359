#!/bin/bash
# What is wanted runs, and shop1 is another one than that which was killed.
if [ ! -s "$LAB/killed" ]; then
  echo "shop1 was not ended yet: ct inspect --format pid shop1 | tee \$LAB/killed; ct kill shop1"
  exit 1
fi
cutaway check --wait 5 'container.shop1 = running' 'container.shop2 = running' || exit 1
if [ "$(cutaway inspect --format pid shop1)" = "$(cat "$LAB/killed")" ]; then
  echo "shop1 is still the old one"
  exit 1
fi
