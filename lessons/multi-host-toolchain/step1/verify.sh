#!/bin/bash
# Three containers of one pod.
cutaway check 'container.pause = running' 'container.web = running' 'container.helper = running' \
  'container.web.ns.net = container.pause.ns.net' 'container.helper.ns.net = container.pause.ns.net' \
  'container.web.ns.ipc = container.pause.ns.ipc' 'container.helper.ns.uts = container.pause.ns.uts'
