#!/bin/bash
# It works, under a filter, and has made its directory.
cutaway check --wait 5 'container.scribe = running' container.scribe.seccomp \
  'container.scribe.upper./srv/spool = added'
