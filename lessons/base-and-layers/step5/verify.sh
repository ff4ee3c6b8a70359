#!/bin/bash
# The file is hidden in one of them.
cutaway check 'container.one.upper./colour = removed' 'container.two = running' \
  '!container.two.upper./colour'
