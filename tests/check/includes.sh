#!/usr/bin/env bash
# The directions of the house, proven from the includes: includes.sh [TREE]. Prints each violation.
#
#   kernel   only kernel/; kernel/base only itself
#   render   render/, kernel/base/ and kernel/observe/model.h: a drawing never touches the machine
#   shell    anything
#   <curses.h> only in render/screen.c, <readline/…> only in shell/line.c: they fight over the
#   terminal, so each has one door
set -uo pipefail
cd "${1:-.}" || exit 2

# Every include as "FILE:LINE NAME", quotes and brackets kept.
includes() {
	grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' kernel render shell |
		sed -E 's/^([^:]+:[0-9]+):[[:space:]]*#[[:space:]]*include[[:space:]]*/\1 /'
}

includes | awk '
	function bad(why) { print $1 ": includes " $2 ": " why; status = 1 }
	{
		split($1, where, ":")
		file = where[1]
		name = substr($2, 2, length($2) - 2)
	}
	$2 ~ /^"/ {
		if (name !~ /^(kernel|render|shell)\//) bad("name it from the root")
		else if (system("test -f " name) != 0) bad("there is no such file")
		if (file ~ /^kernel\/base\// && name !~ /^kernel\/base\//)
			bad("kernel/base knows only itself")
		else if (file ~ /^kernel\// && name !~ /^kernel\//) bad("kernel knows nothing above it")
		if (file ~ /^render\// && name !~ /^render\/|^kernel\/base\/|^kernel\/observe\/model\.h$/)
			bad("render sees only the model")
	}
	$2 ~ /^<term\.h>/ && file !~ /^render\// { bad("only render talks to terminfo") }
	$2 ~ /^<(.*\/)?(n?curses|panel)\.h>/ && file != "render/screen.c" {
		bad("only render/screen.c talks to curses")
	}
	$2 ~ /^<readline\// && file != "shell/line.c" { bad("only shell/line.c talks to readline") }
	END { exit status }'
