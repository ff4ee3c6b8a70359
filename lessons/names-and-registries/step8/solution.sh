# shellcheck shell=bash disable=SC2086
# One way to draw it.
for part in docker dockerd image runc container; do diagram place $part user; done
diagram place registry remote
diagram place mounts kernel
diagram connect docker dockerd HTTP
diagram connect dockerd registry "HTTP GET: manifest and blobs"
diagram connect dockerd image "unpacks layers"
diagram connect dockerd mounts mount
diagram connect runc mounts pivot_root
diagram connect runc container clone
