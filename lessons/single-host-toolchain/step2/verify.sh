#!/bin/bash
# A docker run was watched: the request is there, and so is what came of it.
cutaway check file.docker || exit 1
if ! jq -es 'any(.[]; (.request // "") | test("POST .*/containers/create"))' "$LAB/docker" >/dev/null 2>&1; then
  echo "in \$LAB/docker nobody asks for a container"
  exit 1
fi
