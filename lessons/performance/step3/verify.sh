#!/bin/bash
# Three bars from process to container, and three with one thing taken away.
cutaway check 'measure.process.runs >= 6' 'measure.bare.command ~ unshare' \
  'measure.container.command ~ "run --rm base true"' 'measure.container.runs >= 6' || exit 1
cutaway check 'measure.whole.runs >= 6' 'measure.whole.command ~ "run --rm base true"' \
  'measure.no-net.command ~ "--network host"' 'measure.no-filter.command ~ seccomp=unconfined'
