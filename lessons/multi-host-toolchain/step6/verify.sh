#!/bin/bash
# Nothing of the pods is left.
cutaway check '!container.pause' '!container.web' '!container.helper' '!container.pod2' '!container.pod3' \
  '!container.shop1' '!container.shop2' '!container.a'
