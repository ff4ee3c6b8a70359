#!/bin/bash
# One with a filter, one without, the same work in both; and the same bytes in one piece.
cutaway check 'container.watched = running' container.watched.seccomp \
  'container.free = running' '!container.free.seccomp' || exit 1
cutaway check 'measure.watched.runs >= 10' 'measure.watched.command ~ "exec watched dd if=/dev/zero of=/dev/null bs=1 count="' \
  'measure.free.runs >= 10' 'measure.free.command ~ "exec free dd if=/dev/zero of=/dev/null bs=1 count="' \
  'measure.piece.runs >= 10' 'measure.piece.command ~ " count=1"'
