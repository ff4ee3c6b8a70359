# shellcheck shell=bash
# The member "capabilities" of a test's config.json: source after tap.sh.
#
#   $own_capabilities   all that we have ourselves, as a list in JSON
#   with_capabilities   `, "capabilities": {…}` of them, unless $PROCESS says something of its own or
#                       $WITHOUT_CAPABILITIES is set
own_capabilities=$(
	read -ra names < <("$CUTAWAY-oci" features | tr -d ' \n' | sed -E 's/.*"capabilities":\[([^]]*)\].*/\1/; s/,/ /g')
	bits=$((16#$(awk '/^CapBnd/ { print $2 }' /proc/self/status)))
	list=
	for i in "${!names[@]}"; do
		((bits >> i & 1)) && list+=", ${names[i]}"
	done
	echo "[${list#, }]"
)

with_capabilities() {
	case ${PROCESS:-}${WITHOUT_CAPABILITIES:+'"capabilities"'} in
	*'"capabilities"'*) return ;;
	esac
	printf ', "capabilities": {"bounding": %s, "effective": %s, "permitted": %s}' \
		"$own_capabilities" "$own_capabilities" "$own_capabilities"
}
