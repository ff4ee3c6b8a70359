#!/usr/bin/env bash
# Short files and functions are read, long ones are not: lengths.sh [TREE]
# Aims: 500 lines a file, 60 a function; above them a remark, above 600 and 80 a failure.
set -uo pipefail
cd "${1:-.}" || exit 2
find kernel render shell tests -name '*.[ch]' -print0 | sort -z | xargs -0 awk '
	function file_end() {
		if (lines > 600) { print file ": " lines " lines, at most 600"; status = 1 }
		else if (lines > 500) print "remark: " file ": " lines " lines, the aim is 500"
	}
	FNR == 1 { file_end(); file = FILENAME }
	{ lines = FNR }
	/^[a-z].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
	/^\{/ { start = FNR }
	/^\}/ && start {
		n = FNR - start - 1
		if (n > 80) { print file ":" start ": " name "() has " n " lines, at most 80"; status = 1 }
		else if (n > 60) print "remark: " file ":" start ": " name "() has " n " lines, the aim is 60"
		start = 0
	}
	END { file_end(); exit status }'
