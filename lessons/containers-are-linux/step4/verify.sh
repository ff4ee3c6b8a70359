#!/bin/bash
cutaway check container.hand.pid container.hand.ns.user container.hand.ns.pid container.hand.root \
  container.hand.ns.mnt container.hand.ns.uts container.hand.ns.ipc container.hand.ns.net \
  container.hand.ns.cgroup
