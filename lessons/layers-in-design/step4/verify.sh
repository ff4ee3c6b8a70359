#!/bin/bash
# The old and the new layers of both are listed; of the good order, those below the program stayed.
for i in bad order; do
  if [ ! -s "$LAB/$i.old" ] || [ ! -s "$LAB/$i.new" ] || cmp -s "$LAB/$i.old" "$LAB/$i.new"; then
    echo "the layers of lab/$i before and after a change are not in \$LAB/$i.old and \$LAB/$i.new yet"
    exit 1
  fi
done
sent() {
  grep -vxFf "$LAB/$1.old" "$LAB/$1.new" | awk '{n += $2} END {print n + 0}'
}
if [ "$(sent order)" -ge "$(sent bad)" ]; then
  echo "of lab/order as much is to be sent as of lab/bad: look at the file Order"
  exit 1
fi
