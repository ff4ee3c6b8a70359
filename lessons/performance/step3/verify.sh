#!/bin/bash
# Three bars from process to container, and three with one thing taken away.
cutaway check 'measure.process.runs >= 10' 'measure.bare.command ~ unshare' \
  'measure.container.command ~ "run --rm base true"' 'measure.container.runs >= 10' || exit 1
cutaway check 'measure.whole.runs >= 10' 'measure.whole.command ~ "run --rm base true"' \
  'measure.no-net.command ~ "--network host"' 'measure.no-filter.command ~ seccomp=unconfined'
