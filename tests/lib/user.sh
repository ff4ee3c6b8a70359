# shellcheck shell=bash
# An ordinary user for a test: source after tap.sh.
#
#   as_user COMMAND...   runs it as uid 54321 with a home and XDG directories of its own; "cutaway"
#                        is on its PATH. Without root: as ourselves, who are an ordinary user then.
#   user_place           makes the place; prints it
USER_UID=54321
user_home=$WORK/user

user_place() {
	[ ! -d "$user_home" ] || return 0
	mkdir -p "$user_home"/{build,home,tmp,data,state,run}
	# Copies, since the tree may lie where an ordinary user has no way in.
	cp "$CUTAWAY" "$CUTAWAY-lab" "$CUTAWAY-oci" "$user_home/build/"
	cp -r "$ROOT/lessons" "$user_home/lessons"
	chmod 755 "$user_home"
	if [ "$(id -u)" = 0 ]; then
		chown -R $USER_UID:$USER_UID "$user_home"
	fi
	chmod 700 "$user_home"/{home,tmp,data,state,run}
}

as_user() {
	user_place
	local become=()
	if [ "$(id -u)" = 0 ]; then
		become=(setpriv --reuid "$USER_UID" --regid "$USER_UID" --clear-groups)
	fi
	(
		cd "$user_home/home" &&
			exec "${become[@]}" env PATH="$user_home/build:$PATH" HOME="$user_home/home" \
				TMPDIR="$user_home/tmp" XDG_DATA_HOME="$user_home/data" \
				XDG_STATE_HOME="$user_home/state" XDG_RUNTIME_DIR="$user_home/run" \
				CUTAWAY="$user_home/build/cutaway" "$@"
	)
}
