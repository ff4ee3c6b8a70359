#!/usr/bin/env bash
# tests/clauses.md names for each clause of the specification a test, or says why there is none: fails for
# a row that names a test which does not stand in that file, a source file that is not there, or neither.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
table=tests/clauses.md
bad=0 rows=0 number=0
complain() {
	echo "$table:$number: $1"
	bad=1
}
while IFS= read -r line; do
	number=$((number + 1))
	[[ $line = "| "* && $line != "| clause |"* && $line != "| ---"* ]] || continue
	rows=$((rows + 1))
	IFS='|' read -r _ clause where proof rest <<<"$line"
	proof=${proof# } proof=${proof% } where=${where# } where=${where% }
	if [ -z "${clause// /}" ] || [ -n "${rest// /}" ]; then complain "a row has three columns"; fi
	[ -f "$where" ] || complain "there is no such file: $where"
	case $proof in
	"not done: "?* | "not testable here: "?*) ;;
	*.sh": "?*)
		file=tests/cli/${proof%%: *} name=${proof#*: }
		if [ ! -f "$file" ]; then
			complain "there is no such file: $file"
		elif ! grep -qF -- "\"$name\"" "$file"; then
			complain "$file has no test \"$name\""
		fi
		;;
	*) complain "neither a test nor a reason: $proof" ;;
	esac
done <$table
[ $rows -gt 100 ] || complain "only $rows rows"
exit $bad
