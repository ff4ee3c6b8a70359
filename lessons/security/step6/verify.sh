#!/bin/bash
# One behind all walls, one with /proc/sys made writable, and neither is out.
cutaway check 'container.prisoner = running' container.prisoner.seccomp \
  'container.armed = running' container.armed.cap.sys_admin '!container.armed.seccomp' || exit 1
pid=$(cutaway inspect --format pid armed) || exit 1
if ! grep -q ' /proc/sys proc rw' "/proc/$pid/mounts"; then
  echo "/proc/sys is still read-only in armed: ct exec armed mount -o remount,rw /proc/sys"
  exit 1
fi
