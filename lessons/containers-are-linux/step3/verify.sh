#!/bin/bash
cutaway check container.hand.cgroup 'container.hand.cgroup.memory.max = 64M' \
  'container.hand.cgroup.pids.max = 32'
