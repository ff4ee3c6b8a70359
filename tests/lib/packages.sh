#!/usr/bin/env bash
# Makes sure that Debian packages are installed: packages.sh PACKAGE...
# Touches nothing, and needs neither root nor a network, when all are there.
set -euo pipefail

if ! command -v dpkg-query >/dev/null; then
	echo "No dpkg here, so nothing is installed for you. The Debian names of what is needed:"
	echo "  $*"
	exit 0
fi
installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
	awk '$1 ~ /^.i/ { print $2 }' || true)
missing=()
for package in "$@"; do
	grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "These Debian packages are needed and not installed:"
printf '  %s\n' "${missing[@]}"
if [ "$(id -u)" != 0 ]; then
	echo "Installing takes root. Run this, then the same make again:" >&2
	echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi
echo "Installing them with apt-get."
# Daemons that come with a package are started by tests that need them, not by the installation:
# in runlevel 1 invoke-rc.d(8) starts none.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get -q update && apt-get -q install -y --no-install-recommends "${missing[@]}"; } \
	>"$log" 2>&1 </dev/null; then
	tail -n 20 "$log" >&2
	echo "apt-get could not install: ${missing[*]} (its last lines are above)" >&2
	exit 1
fi
