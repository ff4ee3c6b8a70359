#!/bin/bash
# All powers, in a user namespace of its own, and the host name that only they can set.
cutaway check 'container.mighty = running' container.mighty.ns.user container.mighty.cap.sys_admin \
  container.mighty.cap.mknod '!container.mighty.seccomp' 'container.mighty.hostname = throne' || exit 1
pid=$(cutaway inspect --format pid mighty) || exit 1
if ! [ -e "/proc/$pid/root/root/mine" ]; then
  echo "the file /root/mine has not been made inside the container mighty"
  exit 1
fi
