#!/bin/bash
# The other machine has both versions, the second as it is here.
cutaway check image.localhost:5077/lab/shop:2 || exit 1
digest() { # COMMAND...: of version 2
  "$@" images --json 2>/dev/null | jq -r '.[] | select(.name == "localhost:5077/lab/shop:2") | .digest'
}
here=$(digest cutaway)
there=$(digest env XDG_DATA_HOME="$LAB/other" cutaway)
if [ ! -d "$LAB/other" ] || [ "$there" != "$here" ]; then
  echo "the other machine has no localhost:5077/lab/shop:2 yet, or not the same"
  exit 1
fi
