#!/bin/bash
# What is wanted runs, and till1 is another one than that which was killed.
if [ ! -s "$LAB/killed" ]; then
  echo "till1 was not ended yet: ct inspect --format pid till1 | tee \$LAB/killed; ct kill till1"
  exit 1
fi
cutaway check --wait 5 'container.till1 = running' 'container.till2 = running' || exit 1
if [ "$(cutaway inspect --format pid till1)" = "$(cat "$LAB/killed")" ]; then
  echo "till1 is still the old one"
  exit 1
fi
