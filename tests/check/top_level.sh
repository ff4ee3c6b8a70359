#!/usr/bin/env bash
# Nothing stands at the top of the tree but what the map of the house names: top_level.sh [TREE]
set -uo pipefail
cd "${1:-.}" || exit 2
allowed='.|..|.git|.ci|.clang-format|.editorconfig|.gitignore|LICENSE|Makefile|README.md|build'
allowed+='|kernel|lessons|render|shell|tests|compile_commands.json'
status=0
for name in .* *; do
	if ! grep -qxF -- "$name" <<<"${allowed//|/$'\n'}"; then
		echo "$name: not on the map; it belongs into one of the rooms"
		status=1
	fi
done
exit $status
