#!/usr/bin/env bash
# What reads bytes from outside, under libFuzzer with address and undefined-behaviour sanitizers:
# each target over its corpus, then for a short fixed number of runs, always the same ones. `make
# fuzz` goes on for longer, and elsewhere each time.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"

cd "$ROOT" || exit 1
if ! echo 'int LLVMFuzzerTestOneInput(const char *p, long n) { (void)p, (void)n; return 0; }' |
	clang -x c -fsanitize=fuzzer,address -o "$WORK/probe" - 2>/dev/null; then
	skip "fuzzing" "clang cannot make a fuzzer here (Debian package libclang-rt-14-dev)"
	done_testing
fi
ok "the targets build" make --no-print-directory -s -j"$(nproc)" fuzz-build || done_testing
# In memory, where there is such a place: a run makes and removes some files.
place=$(mktemp -d /dev/shm/cutaway-fuzz.XXXXXX 2>/dev/null || mktemp -d)
trap 'rm -rf "$place"' EXIT
declare -A runs=([reference]=20000 [image]=800 [layer]=600 [containerfile]=8000 [lesson]=6000 [scene]=60 [registry]=20000 [watch]=20000 [wire]=20000)
for source in tests/fuzz/*.c; do
	target=${source##*/} target=${target%.c}
	mkdir -p "$WORK/$target"
	run env TMPDIR="$place" "build/fuzz/$target" -seed=1 -runs="${runs[$target]:-1000}" -max_len=4096 -timeout=60 -rss_limit_mb=1024 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix="$WORK/" "$WORK/$target" "tests/fuzz/corpus/$target"
	if is "$target: exit status" "$STATUS" 0; then
		like "$target: it ran" "$ERR" "number_of_executed_units: [1-9]"
	else
		diag "$(tail -n 60 <<<"$ERR")"
		for input in "$WORK"/{crash,leak,timeout,oom}-*; do
			[ ! -f "$input" ] || diag "the input, in base64: $(base64 -w 0 "$input")"
		done
	fi
done
done_testing
