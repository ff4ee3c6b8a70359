#!/bin/bash
# It runs, sees its processes, and has no more powers than it needs.
cutaway check 'container.blind = running' 'container.blind.mount./proc = proc' \
  'container.blind.cap.sys_admin = no'
