#!/bin/bash
# A bar for each type, of the command that makes it.
cutaway check 'measure.start.runs >= 8' 'measure.start.command ~ unshare' \
  'measure.uts.command ~ --uts' 'measure.ipc.command ~ --ipc' \
  'measure.cgroup.command ~ --cgroup' 'measure.mount.command ~ --mount' \
  'measure.pid.command ~ --pid' 'measure.pid.runs >= 8' || exit 1
cutaway check 'measure.user.command ~ "unshare -U"' 'measure.net.command ~ --net' \
  'measure.user.runs >= 25' 'measure.net.runs >= 25'
