# shellcheck shell=bash
# Completion for cutaway (and ct) and cutaway-oci, installed in share/bash-completion/completions. Everything
# is asked of the program itself, so that this file knows no list that could grow old.

_cutaway_commands() {
	"$1" --help 2>/dev/null | sed -nE 's/^  ([a-z]+)  +.*/\1/p'
}

# _cutaway_options PROGRAM [COMMAND]
_cutaway_options() {
	"$1" ${2:+"$2"} --help 2>/dev/null | grep -oE -- '(^|[[ ,])--?[a-z][a-z-]*' | tr -d ' ,[' | sort -u
}

# _cutaway_views PROGRAM COMMAND: those that its help lists, with or without a NAME
_cutaway_views() {
	"$1" "$2" --help 2>/dev/null | sed -nE 's/^  ([a-z]+)( \[?[A-Z]+\]?)?  +[^ ].*/\1/p'
}

# Of the words before it the verb says what comes next.
_cutaway_diagram() {
	local verb=${COMP_WORDS[2]}
	case $COMP_CWORD:$verb in
	2:*) "$1" diagram --help 2>/dev/null | sed -nE '/^  task/,/^$/s/^  ([a-z]+(, [a-z]+)*)( .*|$)/\1/p' | tr -d , ;;
	*:task) "$1" diagram task 2>/dev/null | cut -c 3- | cut -d' ' -f1 ;;
	4:place) echo you user kernel remote ;;
	4:move) echo left right ;;
	3:place | 3:move | 3:remove | [34]:connect | [34]:label | 4:remove) "$1" diagram parts 2>/dev/null | cut -d' ' -f1 ;;
	5:connect | 5:label) echo types fork+exec clone HTTP gRPC ttrpc pull mount seccomp capset ;;
	esac
}

_cutaway() {
	local program=$1 word=${COMP_WORDS[COMP_CWORD]} command='' words=''
	COMPREPLY=()
	[ "$COMP_CWORD" -le 1 ] || command=${COMP_WORDS[1]}
	case $command:$word in
	:-*) words=$(_cutaway_options "$program") ;;
	:*) words=$(_cutaway_commands "$program") ;;
	*:-*) words=$(_cutaway_options "$program" "$command") ;;
	draw:* | view:*) words="$(_cutaway_views "$program" "$command") $("$program" ps -q 2>/dev/null) $("$program" images -q 2>/dev/null)" ;;
	exec:* | logs:* | stop:* | kill:* | pause:* | unpause:* | step:*) words=$("$program" ps -q 2>/dev/null) ;;
	rm:* | commit:*) words=$("$program" ps -a -q 2>/dev/null) ;;
	inspect:* | trace:* | diff:*) words=$("$program" ps -a -q 2>/dev/null; "$program" images -q 2>/dev/null) ;;
	measure:*) words=$("$program" check --list 2>/dev/null | sed -nE 's/^measure\.([^.]+)$/\1/p') ;;
	run:* | tag:* | rmi:* | save:* | history:* | tree:*) words=$("$program" images -q 2>/dev/null) ;;
	push:*) words=$("$program" images -q 2>/dev/null) ;;
	verify:*)
		compopt -o default 2>/dev/null
		words=$("$program" images -q 2>/dev/null)
		;;
	glossary:*)
		mapfile -t COMPREPLY < <("$program" glossary --json 2>/dev/null |
			sed -nE 's/^ *"term": "([^ "]+)",?$/\1/p' | grep -i -- "^$word")
		return
		;;
	quiz:*) words="all exam $("$program" quiz --list 2>/dev/null | cut -d' ' -f1 | grep '^[a-z]')" ;;
	watch:*) compopt -o default 2>/dev/null; words=$(compgen -c -- "$word") ;;
	diagram:*) words=$(_cutaway_diagram "$program") ;;
	load:*) compopt -o default 2>/dev/null ;;
	check:*) words=$("$program" check --list 2>/dev/null) ;;
	shell:* | replay:* | lint:* | build:*) compopt -o dirnames 2>/dev/null ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

# The command of cutaway-oci is the first word that is no option and not an option's value; those stand
# in front of it.
_cutaway_oci() {
	local program=$1 word=${COMP_WORDS[COMP_CWORD]} command='' words='' i
	local options=()
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--root | --log | --log-format | --log-level | --cgroup-manager | --rootless)
			[ "${COMP_WORDS[i]}" != --root ] || options=(--root "${COMP_WORDS[i + 1]}")
			i=$((i + 1))
			;;
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	case $command:${COMP_WORDS[COMP_CWORD - 1]}:$word in
	:--log-format:*) words='text json' ;;
	:--cgroup-manager:*) words='cgroupfs disabled' ;;
	:--root:* | :--log:* | *:--bundle:* | *:-b:* | *:--pid-file:* | *:--config:* | *:--process:* | *:--console-socket:* | *:--resources:*)
		compopt -o default 2>/dev/null
		;;
	*:--format:* | list:-f:* | ps:-f:*) words='table json' ;;
	*:*:-*) words=$(_cutaway_options "$program" "$command") ;;
	:*) words=$(_cutaway_commands "$program") ;;
	start:* | state:* | kill:* | delete:* | exec:* | ps:* | pause:* | resume:* | update:*)
		words=$("$program" "${options[@]}" list -q 2>/dev/null)
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _cutaway cutaway ct
complete -F _cutaway_oci cutaway-oci
