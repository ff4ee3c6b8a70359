#!/bin/bash
# Nothing of the pods is left.
cutaway check '!container.pause' '!container.front' '!container.helper' '!container.pod2' '!container.pod3' \
  '!container.till1' '!container.till2' '!container.a'
