#!/usr/bin/env bash
# The static half of the tests: nothing is run, everything is read.
. "$ROOT/tests/lib/tap.sh"
cd "$ROOT" || exit 1
jobs=$(nproc)
mapfile -t c_files < <(find kernel render shell tests -name '*.[ch]' | sort)
mapfile -t scripts < <(find tests shell .ci -path tests/fixtures -prune -o -name '*.sh' -print -o -path .ci/run -print -o -name '*.bash' -print | sort)

quiet_make() {
	make --no-print-directory -j"$jobs" "$@"
}

ok "gcc: every warning we ask for is an error" quiet_make -k objects
ok "clang: the same" quiet_make -k clang
ok "clang-format: all C is formatted" clang-format --dry-run -Werror "${c_files[@]}"
ok "clang-tidy: no finding" quiet_make -k tidy
ok "cppcheck: no finding" tests/check/cppcheck.sh kernel render shell
ok "shellcheck: no finding" shellcheck -x -S warning "${scripts[@]}"
ok "includes: the directions of the house" tests/check/includes.sh
ok "top level: only what the map names" tests/check/top_level.sh
ok "lengths: files and functions can be read" tests/check/lengths.sh
ok "clauses: every row of tests/clauses.md names a test that is there" tests/check/clauses.sh
done_testing
