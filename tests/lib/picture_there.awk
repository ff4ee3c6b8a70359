# What ps and /proc/PID/cgroup say of processes, as facts in the words of picture_drawn.awk. Input, by the
# variable `from`:
#
#   drawn     what the pictures say: which containers there are, and where volatile numbers are
#   ours      NAME PID STATUS GROUP of each container of ours, from its state.json
#   before, after   ps around the look: PID PPID EUID, eight namespaces in the order of `order`, STAT, COMM.
#             Who is in one of them only came or went meanwhile: not claimed to be there, nor to be absent
#   self      (a number) the shell that has asked for the picture
#   cgroup    lines of /proc/PID/cgroup with the file's name before them

function fact(text) { print text }

function apart_of(pid,    i, text) {
	text = ""
	for (i = 1; i <= 8; i++) if (ns[pid, types[i]] != ns[host, types[i]]) text = text " " types[i]
	return text
}

# A container holds its first process and its descendants, whoever is in its pid namespace, and whoever is
# in its control group.
function is_in(pid, first,    up, steps) {
	if (pid == parent[first]) return 0
	if (ns[first, "pid"] != ns[host, "pid"] && ns[first, "pid"] != ns[parent[first], "pid"] &&
	    ns[pid, "pid"] == ns[first, "pid"]) return 1
	if (group[first] != "" && group[pid] == group[first]) return 1
	for (up = pid; up && steps < 100; steps++) {
		if (up == first) return 1
		up = parent[up]
	}
	return 0
}

# Of a container in a pod the first process is drawn, the others need not be.
function may_be_left_out(pid,    name) {
	if (drawn[pid]) return 0
	for (name in member) if (is_in(pid, first[name])) return 1
	return 0
}

function counts(pid,    apart) {
	apart = apart_of(pid)
	if (apart != "") apart_count[apart]++
	else hosts++
}

BEGIN {
	split("user pid mnt uts ipc net cgroup time", types, " ")
	split("user pid mnt uts ipc net cgroup time", order, " ")
}

from == "drawn" {
	said[$0] = 1
	if ($1 == "process" && $3 == "in") drawn_in[$2] = $4
	if ($1 == "process" && NF == 2) drawn[$2] = 1
	if ($1 == "container") container[$2] = 1
	if ($1 == "member") member[$2] = 1
	if ($1 == "host" && $2 == "processes") host_drawn = $3
	if ($2 == "pid" && $3 == "outside") first[substr($1, 1, length($1) - 1)] = $4
	next
}
from == "ours" {
	container_of_ours[$1] = $3
	if ($2) first[$1] = $2
	else if ($4 != "") own_group[$1] = $4
	next
}
from == "before" { was[$1] = 1; count_before++; next }
from == "after" {
	pid = $1
	is[pid] = 1
	parent[pid] = $2
	uid[pid] = $3
	for (i = 1; i <= 8; i++) ns[pid, order[i]] = $(3 + i)
	thread[pid] = pid == 2 && $13 == "kthreadd" || $2 == 2 && thread[2]
	count_after++
	next
}
from == "cgroup" {
	# Of a group of ours, and so the one that counts.
	split($0, part, ":")
	split(part[1], file, "/")
	path = part[4]
	if (path ~ /\/cutaway(-[0-9a-f]+)?(\/|$)/) group[file[3]] = path
	else if (path != "/" || other_group[file[3]] == "") other_group[file[3]] = path
	next
}

END {
	host = ns[1, "user"] ~ /^[0-9]+$/ ? 1 : 2
	for (pid in is) {
		if (pid == self) counts(pid) # and the drawing itself, which its shell started
		if (!was[pid] && !drawn[pid]) continue
		counts(pid)
		if (thread[pid] || may_be_left_out(pid)) continue
		fact("process " pid)
	}
	# Drawn while it was there, gone since.
	for (pid in was) if (!(pid in is) && drawn[pid]) fact("process " pid)
	if (host_drawn >= hosts - 3 && host_drawn <= hosts + 3 + (count_before > count_after ? count_before - count_after : 0))
		fact("host processes " host_drawn)
	else
		fact("host processes " hosts)
	for (apart in apart_count) fact("apart" apart ": " apart_count[apart])

	for (name in container_of_ours) {
		fact((container_of_ours[name] == "planned" ? "planned " : "container ") name)
		# It may be still to come, or gone with the container; if it is there, picture_groups.awk knows.
		if (said[name ": group " own_group[name]]) fact(name ": group " own_group[name])
	}
	for (name in container) {
		f = first[name]
		if (container_of_ours[name] || !(f in is)) continue
		# Somebody else's: what makes it one are its namespaces.
		if (ns[f, "pid"] != ns[host, "pid"] || ns[f, "mnt"] != ns[host, "mnt"]) fact("container " name)
	}
	for (pid in is) {
		if (thread[pid] || (!was[pid] && !drawn[pid]) || may_be_left_out(pid)) continue
		for (name in container_of_ours)
			if (first[name] && (first[name] in is) && is_in(pid, first[name])) {
				fact("process " pid " in " name)
				taken[pid] = 1
			}
		if (taken[pid]) continue
		if (drawn_in[pid] != "" && !container_of_ours[drawn_in[pid]] && is_in(pid, first[drawn_in[pid]])) {
			fact("process " pid " in " drawn_in[pid])
		} else if (ns[pid, "pid"] ~ /^[0-9]+$/ && ns[pid, "pid"] != ns[host, "pid"]) { # "-": may not be read
			# It must be in a card; in whose, its namespaces do not say.
			fact("process " pid " in " (drawn_in[pid] != "" ? drawn_in[pid] : "some container"))
		} else if (drawn_in[pid] != "" && apart_of(pid) != "") {
			fact("process " pid " in " drawn_in[pid])
		}
	}
	for (name in container) {
		f = first[name]
		if (!(f in is)) continue
		fact(name ": pid outside " f)
		fact(name ": user outside " (uid[f] ? uid[f] : "0 root"))
		fact(name ": started by " parent[f])
		for (i = 1; i <= 8; i++) {
			own = ns[f, types[i]] != ns[host, types[i]]
			fact(name ": " types[i] " " (own ? "own" : "the host's") " " ns[f, types[i]])
			fact("column " name " " types[i] " " \
			     (own && (!container_of_ours[name] || ns[f, types[i]] != ns[parent[f], types[i]]) ? \
			      "own" : "shared"))
		}
		if (parent[f] && !drawn_in[parent[f]]) fact("arrow started " name)
		if (apart_of(f) != "") fact("arrow " name " is in these namespaces")
		fact("arrow " name " is in these cgroups")
		fact(name ": group " (group[f] != "" ? group[f] : other_group[f]))
	}
	for (i = 1; i <= 8; i++) {
		n = 0
		for (pid in is) {
			inode = ns[pid, types[i]]
			if (inode != "-" && !seen[types[i], inode]++) n++
		}
		if (n > 1) fact("distinct " types[i] " " n)
	}
}
