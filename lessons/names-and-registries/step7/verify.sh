#!/bin/bash
# A container runs while nobody answers.
cutaway check 'container.shop = running' 'container.shop.image ~ lab/shop' || exit 1
if curl -s --max-time 5 -o /dev/null localhost:5077/v2/; then
  echo "the registry still answers"
  exit 1
fi
