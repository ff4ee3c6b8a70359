#!/bin/bash
# The image that was put together is in the store, and a container of it runs.
cutaway check image.lab/mine:1 'image.lab/mine:1.layers = 1' \
  'container.mine = running' 'container.mine.image ~ lab/mine' || exit 1
id=sha256:$(sha256sum < "$LAB/mine/layer.tar" | cut -d' ' -f1)
cutaway check "image.lab/mine:1.diff_id.1 = $id"
