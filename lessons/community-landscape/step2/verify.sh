#!/bin/bash
# It is written down who packs it.
if [ ! -s "$LAB/packer" ] || [ "$(cat "$LAB/packer")" != "$(dpkg-query -W -f '${Maintainer}' util-linux)" ]; then
  echo "\$LAB/packer does not say yet who packs util-linux"
  exit 1
fi
