#!/bin/bash
# Both have a set-user-ID su; it makes a root of user 1000 in one only.
cutaway check 'container.lenient = running' 'container.strict = running' \
  '!container.lenient.no_new_privs' container.strict.no_new_privs || exit 1
for name in lenient strict; do
  if ! cutaway exec $name test -u /bin/busybox; then
    echo "/bin/busybox in $name does not have the set-user-ID bit yet"
    exit 1
  fi
done
