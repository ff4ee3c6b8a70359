#!/usr/bin/env bash
# cutaway run --plan, as text and as JSON: the same steps, whatever was asked for; nothing is done.
. "$ROOT/tests/lib/tap.sh"

# A parser of its own: prints "NUMBER ID" of each step and fails on anything that is not JSON or that
# lacks a member. The text is walked with regular expressions that know JSON's grammar and no more.
members() {
	perl -e '
		local $/; $_ = <STDIN>;
		sub value { # of JSON, at pos(): the text of a string, or what it is made of
			/\G\s*/gc;
			if (/\G"((?:[^"\\\x00-\x1f]|\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/gc) { return $1 }
			if (/\G(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)/gc) { return $1 }
			if (/\G\[/gc) {
				my @list;
				return \@list if /\G\s*\]/gc;
				do { push @list, value() } while /\G\s*,/gc;
				/\G\s*\]/gc or die "no end of a list at ", pos, "\n";
				return \@list;
			}
			if (/\G\{/gc) {
				my %o;
				return \%o if /\G\s*\}/gc;
				do {
					/\G\s*"([^"]*)"\s*:/gc or die "no name at ", pos, "\n";
					$o{$1} = value();
				} while /\G\s*,/gc;
				/\G\s*\}/gc or die "no end of an object at ", pos, "\n";
				return \%o;
			}
			die "no value at ", pos // 0, "\n";
		}
		my $steps = value();
		/\G\s*\z/gc or die "more than one value\n";
		ref $steps eq "ARRAY" or die "no list\n";
		my $n = 0;
		for my $s (@$steps) {
			my @names = sort keys %$s;
			"@names" eq "call id man number shell state title where why" or die "members: @names\n";
			$s->{state} eq "todo" or die "$s->{id}: $s->{state}\n";
			$s->{where} =~ /^(host|child)$/ or die "$s->{id}: where $s->{where}\n";
			ref $s->{$_} eq "ARRAY" && @{$s->{$_}} or die "$s->{id}: no $_\n" for "call", "shell";
			length $s->{$_} or die "$s->{id}: no $_\n" for "title", "why", "man";
			$s->{number} == ++$n or die "$s->{id}: number $s->{number}\n";
			print "$s->{number} $s->{id}\n";
		}'
}

# plans WHAT OPTION...: both forms, compared.
plans() {
	local what=$1 text json ids
	shift
	run "$CUTAWAY" run --plan --name "plan-$$" "$@"
	text=$(sed -nE 's|^([0-9]+)/[0-9]+  ([a-z-]+) .*|\1 \2|p' <<<"$OUT")
	is "$what: as text" "$STATUS" 0 || diag "$ERR"
	like "$what: as text, it ends with exec" "$text" '^[0-9]+ exec$'
	run "$CUTAWAY" run --plan --json --name "plan-$$" "$@"
	is "$what: as JSON" "$STATUS" 0
	json=$OUT
	if ! ids=$(members <<<"$json" 2>&1); then
		fail "$what: is JSON with all members"
		diag "$ids"
		return
	fi
	is "$what: the same steps in the same order" "$ids" "$text"
}

needs_root=()
[ "$(id -u)" != 0 ] || needs_root=(--userns host)
odd='odd-\ "é"'
mkdir "$WORK/$odd" "$WORK/shared"
cat >"$WORK/filter.json" <<'END'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO"}]}
END

plans "no option" base
plans "a command" base sh -c 'echo "quotes \ and	tabs"'
plans "limits" -m 64M --pids-limit 20 --cpus 0.5 base
plans "names" --hostname other base
plans "what the program gets" -t -i -e A=b -w /tmp -u 0:0 base true
plans "left in the background" -d --rm base
plans "step by step" -d --step base
plans "the host's network" --network host base
[ ${#needs_root[@]} -eq 0 ] || plans "no user namespace" "${needs_root[@]}" base
plans "more capabilities" --cap-add sys_time --cap-drop net_raw base
plans "no filter" --security-opt seccomp=unconfined base
plans "a filter of one's own" --security-opt "seccomp=$WORK/filter.json" base
plans "new privileges" --security-opt no-new-privileges=false base
plans "directories of the host" -v "$WORK/shared:/shared" -v "$WORK/shared:/again:ro" base
plans "a directory with an odd name" -v "$WORK/$odd:/odd" base
plans "an argument with escapes" base printf 'é \001 "' $'\t'

run "$CUTAWAY" run --json base
is "--json without --plan: exit status" "$STATUS" 2
like "--json without --plan: told" "$ERR" '--json goes with --plan'
run "$CUTAWAY" run --plan --json
is "no image: exit status" "$STATUS" 2
run "$CUTAWAY" run --plan --json no-such-image
is "an image that is not here: exit status" "$STATUS" 125
is "an image that is not here: nothing on standard output" "$OUT" ""
"$CUTAWAY" run --plan --json base >/dev/full 2>"$WORK/full"
is "a full disk: exit status" $? 1
like "a full disk: told" "$(cat "$WORK/full")" ENOSPC
like "--help tells of it" "$("$CUTAWAY" run --help)" '^ +--json +with --plan: as JSON'
is "nothing was done" "$("$CUTAWAY" ps -a -q)" ""
done_testing
