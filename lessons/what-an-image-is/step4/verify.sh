#!/bin/bash
# A container of the image runs, with wishes over its configuration.
cutaway check 'container.two = running' 'container.two.image = base' \
  'container.two.command ~ sleep' || exit 1
if [ "$(cutaway inspect two | jq -r '.config.process.cwd')" != /tmp ]; then
  echo "the container two does not start in /tmp"
  exit 1
fi
