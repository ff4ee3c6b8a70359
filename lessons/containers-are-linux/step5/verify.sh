#!/bin/bash
cutaway check 'container.hand.mount./ = overlay' 'container.hand.mount./proc = proc' \
  container.hand.mount./dev container.hand.mount./sys 'container.hand.hostname = hand'
