#!/bin/bash
# The program runs, and a file made inside is there when the host looks.
cutaway check 'container.hand = running' || exit 1
pid=$(cutaway inspect --format pid hand) || exit 1
if ! [ -e "/proc/$pid/root/hello" ]; then
  echo "the file /hello has not been made inside the container hand"
  exit 1
fi
