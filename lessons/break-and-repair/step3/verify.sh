#!/bin/bash
# The note is written, and there is room for more.
cutaway check 'container.full = running' 'container.full.mount./tmp = tmpfs' || exit 1
if [ "$(cutaway exec full cat /tmp/note 2>/dev/null)" != hello ]; then
  echo "/tmp/note in the container full does not say hello"
  exit 1
fi
if ! cutaway exec full sh -c 'touch /tmp/more && rm /tmp/more' 2>/dev/null; then
  echo "there is still no inode left in /tmp of the container full"
  exit 1
fi
