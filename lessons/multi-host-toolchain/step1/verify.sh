#!/bin/bash
# Three containers of one pod.
cutaway check 'container.pause = running' 'container.front = running' 'container.helper = running' \
  'container.front.ns.net = container.pause.ns.net' 'container.helper.ns.net = container.pause.ns.net' \
  'container.front.ns.ipc = container.pause.ns.ipc' 'container.helper.ns.uts = container.pause.ns.uts'
