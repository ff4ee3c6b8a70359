#!/bin/bash
# One container has a copy of the file, the other reads that of the layer.
cutaway check 'container.one = running' 'container.two = running' \
  'container.one.upper./hours = changed' '!container.two.upper./hours'
