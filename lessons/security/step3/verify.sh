#!/bin/bash
# One is filtered and cannot change the mode; one is not, and has changed it.
cutaway check 'container.mute = running' container.mute.seccomp \
  'container.plain = running' '!container.plain.seccomp' || exit 1
if cutaway exec mute chmod 755 /tmp 2>/dev/null; then
  echo "chmod works in mute: its filter does not refuse it. 'ct rm -f mute', and start it as the page says"
  exit 1
fi
mode=$(cutaway exec plain stat -c %a /tmp)
if [ "$mode" != 700 ]; then
  echo "the mode of /tmp in plain is $mode, not 700"
  exit 1
fi
