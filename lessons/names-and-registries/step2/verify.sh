#!/bin/bash
# The registry answers and has the tag.
tags=$(curl -s --max-time 5 localhost:5077/v2/lab/shop/tags/list)
if [ -z "$tags" ]; then
  echo "no registry answers at localhost:5077 yet"
  exit 1
fi
if ! jq -e '.tags | index("1")' >/dev/null 2>&1 <<<"$tags"; then
  echo "the registry has no lab/shop:1 yet"
  exit 1
fi
