#!/usr/bin/env bash
# Every check can fail: a violation is planted in a copy of the tree, and must be found.
. "$ROOT/tests/lib/tap.sh"
export CCACHE_DISABLE=1

copy=$WORK/copy
fresh() {
	rm -rf "$copy"
	mkdir "$copy"
	tar -C "$ROOT" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
	cd "$copy" || exit 1
}

# planted TEXT REGEX COMMAND...: the command fails, and says why.
planted() {
	local text=$1 regex=$2
	shift 2
	run "$@"
	if [ $STATUS -eq 0 ]; then
		fail "$text"
		diag "found nothing: $*"
	else
		like "$text" "$OUT"$'\n'"$ERR" "$regex"
	fi
}

fresh
cat >render/planted.c <<'C'
#include "kernel/do/ledger.h"
C
planted "includes: render that touches the machine" 'render/planted.c:1.*render sees only' \
	tests/check/includes.sh
echo '#include "shell/command.h"' >render/planted.c
planted "includes: render that knows the shell" 'render/planted.c:1' tests/check/includes.sh
rm render/planted.c

echo '#include "shell/command.h"' >kernel/do/planted.c
planted "includes: kernel that knows the shell" 'kernel/do/planted.c:1' tests/check/includes.sh
echo '#include "kernel/do/no_such.h"' >kernel/do/planted.c
planted "includes: a header that is not there" 'there is no such file' tests/check/includes.sh
rm kernel/do/planted.c

echo '#include "kernel/observe/model.h"' >kernel/base/planted.c
planted "includes: base that knows more than itself" 'kernel/base knows' tests/check/includes.sh
rm kernel/base/planted.c

echo '#  include <curses.h>' >shell/planted.c
planted "includes: a second door to curses" 'only render/screen.c' tests/check/includes.sh
echo '#include <readline/history.h>' >shell/planted.c
planted "includes: a second door to readline" 'only shell/line.c' tests/check/includes.sh
rm shell/planted.c
ok "includes: the tree itself has none of these" tests/check/includes.sh

touch notes.txt
planted "top level: a file that is not on the map" 'notes.txt' tests/check/top_level.sh
rm notes.txt

{
	printf 'void planted(void);\nvoid planted(void)\n{\n'
	for ((i = 0; i < 90; i++)); do echo '	planted();'; done
	echo '}'
} >shell/planted.c
planted "lengths: a long function" 'planted\(\) has 90 lines' tests/check/lengths.sh
for ((i = 0; i < 601; i++)); do echo; done >shell/planted.c
planted "lengths: a long file" 'planted.c: 601 lines' tests/check/lengths.sh

sed -i 's/| oci_lifecycle.sh: state: id |/| oci_lifecycle.sh: no such test |/' tests/clauses.md
planted "clauses: a test that is not there" 'oci_lifecycle.sh has no test "no such test"' tests/check/clauses.sh
sed -i 's/| oci_lifecycle.sh: no such test |/| some day |/' tests/clauses.md
planted "clauses: no test and no reason" 'neither a test nor a reason: some day' tests/check/clauses.sh

printf 'int planted(void);\nint planted(void)\n{\n    return 1;\n}\n' >shell/planted.c
planted "clang-format: four blanks" 'planted.c' clang-format --dry-run -Werror shell/planted.c

printf 'int planted(void);\nint planted(void)\n{\n\tint unused;\n\treturn 1;\n}\n' >shell/planted.c
planted "gcc: an unused variable" 'unused' \
	make --no-print-directory BUILD="$WORK/b1" "$WORK/b1/shell/planted.o"
# Which gcc, asked first, does not mind.
printf 'int planted(int n);\nint planted(int n)\n{\n\tn = n;\n\treturn n;\n}\n' >shell/planted.c
planted "clang: a variable given to itself" 'self-assign' \
	make --no-print-directory BUILD="$WORK/b2" "$WORK/b2/clang/shell/planted.ok"

cat >shell/planted.c <<'C'
int planted(int n);
int planted(int n)
{
	if (n == 0)
		return 1 / n;
	return 0;
}
C
planted "clang-tidy: a division by zero" 'DivideZero' \
	make --no-print-directory BUILD="$WORK/b3" "$WORK/b3/tidy/shell/planted.ok"

cat >shell/planted.c <<'C'
int planted(const int *p);
int planted(const int *p)
{
	int first = *p;

	if (!p)
		return 0;
	return first;
}
C
planted "cppcheck: a null pointer" 'nullPointer' tests/check/cppcheck.sh shell/planted.c

# shellcheck disable=SC2016 # planted as it stands
printf '#!/bin/bash\nrm -rf $1/x\ncd /tmp\n' >planted.sh
planted "shellcheck: cd that may fail" 'SC2164' shellcheck -S warning planted.sh

# The count and the leak proof are checks as well.
printf '#!/bin/bash\necho ok 1\necho not ok 2\necho "ok 3 # SKIP x"\necho 1..4\n' >planted.sh
chmod +x planted.sh
run env TEST_LOGS="$WORK/logs" TEST_NO_BUILD=1 "$ROOT/tests/run.sh" "$copy/planted.sh"
like "run.sh: counts a failure, a skip and a line that never came" "$OUT" \
	'^1 passed, 2 failed, 1 skipped$'
is "run.sh: and its exit status says so" "$STATUS" 1

export CUTAWAY_TEST_RUN=$WORK/planted-run
"$ROOT/tests/lib/leak.sh" snapshot "$WORK/before"
mkfifo "$WORK/end"
# The file stands in a shared place on purpose: that is what the proof looks at.
left=$(mktemp /tmp/cutaway-planted.XXXXXX)
setsid bash -c 'read -r _ <"$0"' "$WORK/end" &
planted_pid=$!
wait_until 5 grep -q . "/proc/$planted_pid/cmdline"
run "$ROOT/tests/lib/leak.sh" compare "$WORK/before"
like "leak proof: finds a process" "$OUT" "left behind: process $planted_pid "
like "leak proof: finds a file" "$OUT" "left behind: file $left"
echo end >"$WORK/end"
wait "$planted_pid"
rm "$left"
if unshare -m true 2>/dev/null && [ -d /sys/fs/cgroup/pids ] &&
	mkdir "/sys/fs/cgroup/pids/cutaway-planted-$$" 2>/dev/null; then
	run "$ROOT/tests/lib/leak.sh" compare "$WORK/before"
	rmdir "/sys/fs/cgroup/pids/cutaway-planted-$$"
	like "leak proof: finds a control group" "$OUT" "left behind: cgroup .*cutaway-planted-$$"
else
	skip "leak proof: finds a control group" "no writable pids control groups of version 1"
fi
done_testing
