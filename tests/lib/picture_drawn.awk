# What the pictures say, as facts, one a line: lines of picture.jq become the words that picture_there.awk and
# others have for the same. What is marked as a ghost or as gone is not claimed to be there. Lines that no
# rule knows say nothing here.

function fact(text) { print text }

# "+37 more" of a card that lists processes.
function more(text) {
	if (match(text, /^\+[0-9]+ more$/)) fact("more " substr(text, 2, index(text, " ") - 2))
}

function is_process_card(id) { return id ~ /^(lab|daemons|processes|container:[^:]+)$/ }

function own_name(id) { sub(/^container:/, "", id); return id }

# "492K/64M": what is used, and of how much.
function use(group, what, text,    parts) {
	if (split(text, parts, "/") == 2) fact("group " group " " what " at most " parts[2])
	fact("use " group " " what " " parts[1])
}

BEGIN { FS = "\t" }

$1 == "box" && $2 == "host" && $6 == "ghost" && $4 ~ /^container:[^:]+$/ { fact("planned " own_name($4)) }
$1 == "box" && $6 ~ /^(ghost|gone)$/ { absent[$2, $3, $4] = 1 }
absent[$2, $3, $4] { next }

# ---- the host ----
$1 == "box" && $2 == "host" && $4 ~ /^container:[^:]+$/ { fact("container " own_name($4)) }
$1 == "box" && $2 == "host" && $4 == "network" && match($5, /\([0-9]+\)/) {
	fact("links " substr($5, RSTART + 1, RLENGTH - 2))
}
$1 == "line" && $2 == "host" && is_process_card($4) && $5 ~ /^[0-9]+$/ {
	fact("process " $5)
	if ($4 ~ /^container:/) fact("process " $5 " in " own_name($4))
}
$1 == "line" && $2 == "host" && is_process_card($4) { more($5) }
# A pod: of each container in it the first process. Which container that is, its own view says.
$1 == "line" && $2 == "host" && $4 ~ /^pod:/ && $5 ~ /^[0-9]+$/ {
	fact("process " $5)
	in_pod[$5] = 1
}
$1 == "line" && $2 == "host" && $4 == "namespaces" && NF > 5 {
	fact("namespaces " $5 " " $6)
	for (i = 7; i <= NF; i++) {
		if ($i != "·" && $i != "?") column[i] = $i
		cell[i, $5] = $i
		types[$5] = 1
	}
}
$1 == "line" && $2 == "host" && $4 == "security" && NF > 6 {
	fact("rights " $5 " " $6 " " $7 " " ($8 == "" ? "-" : $8))
}
$1 == "line" && $2 == "host" && $4 == "mounts" && NF > 6 { fact("mounts " $5 " " $6 " " $7) }
$1 == "arrow" && $4 ~ /^started / { fact("arrow " $4) }
$1 == "arrow" && $4 ~ / is in these (namespaces|cgroups)$/ { fact("arrow " $4) }

# ---- the kernel: who shares what ----
$1 == "line" && $4 == "sharing" && $5 == "processes" {
	for (i = 6; i <= NF; i++) type[i + 1] = $i
	next
}
$1 == "line" && $4 == "sharing" && NF > 8 {
	apart = ""
	for (i = 7; i <= NF; i++) if ($i != "·") apart = apart " " type[i]
	if (apart == "") fact("host processes " $6)
	else share[apart] += $6
	for (i = 7; i <= NF; i++) if ($i == "own") distinct[type[i]]++
}

# ---- the kernel: control groups ----
$1 == "line" && $4 == "cgroup-tree" && $5 != "group" && $5 !~ /^what they wait for/ {
	label = $5
	depth = match(label, /[^ ]/) - 1
	label = substr(label, depth + 1)
	depth = depth / 2
	path[depth] = label ~ /^\// || depth == 0 ? label : (path[depth - 1] == "/" ? "" : path[depth - 1]) "/" label
	group = path[depth]
	if (group ~ /…/ || depth >= 8) next # cut: it says less than its path
	fact("group " group)
	for (i = 6; i <= NF; i++) {
		if ($i == "frozen") fact("group " group " frozen")
		if (!match($i, /^[a-z ]+=/)) continue
		name = substr($i, 1, RLENGTH - 1)
		said = substr($i, RLENGTH + 1)
		if (name == "in" && group ~ /\/cutaway(-[0-9a-f]+)?(\/|$)/) fact("group " group " processes " said)
		else if (name == "memory" || name == "pids") use(group, name, said)
		else if (name == "cpu" && split(said, part, "/") == 2) fact("group " group " cpu " part[2])
	}
}

# ---- the network ----
$1 == "box" && $2 == "network" && $4 ~ /^ns:net:/ {
	fact("net " substr($4, 8))
	net_called[$5] = substr($4, 8)
}
$1 == "line" && $2 == "network" && $4 ~ /^ns:net:/ {
	net = substr($4, 8)
	if ($5 ~ /^published: /) {
		n = split(substr($5, 12), ports, " ")
		for (i = 1; i <= n; i++) fact("published " ports[i])
	} else if ($5 ~ / → .* by /) {
		fact("net " net " route " $5)
	} else if (NF > 5) {
		state = addresses = kind = ""
		for (i = 6; i <= NF; i++) {
			if ($i ~ /^(up|down)$/) state = $i
			else if ($i ~ /^[0-9a-f:.]+\/[0-9]+( |$)/) addresses = $i
			else if ($i ~ /^(in |⇄ )/) {
				n = split($i, joints, ", ")
				for (k = 1; k <= n; k++) joint[++n_joints] = "net " net " link " $5 " " joints[k]
			} else kind = $i
		}
		fact("net " net " link " $5 " " state " kind " kind)
		n = split(addresses, list, " ")
		for (i = 1; i <= n; i++) fact("net " net " link " $5 " address " list[i])
	}
}
$1 == "arrow" && $2 == "network" && $4 ~ /^a veth pair joins / { joined[$4] = 1 }

# ---- one container: about what, from the host, from inside ----
$1 == "pair" {
	c = $3
	if ($4 != "") about = $4
	if ($6 == "same as the host" && about !~ / namespace$/) $6 = $5
	split($5, host, " ")
	split($6, inside, " ")
	sub(/,$/, "", host[1])
	number = host[1] ~ /^[0-9]+$/
}
$1 == "pair" && about == "first process" && number {
	fact(c ": pid outside " host[1])
	alive[c] = 1
	first[c] = host[1]
	if (inside[1] ~ /^[0-9]+$/) fact(c ": pid inside " inside[1])
}
$1 == "pair" && about == "  its parent" && number { fact(c ": started by " host[1]) }
$1 == "pair" && about == "user" && number {
	fact(c ": user outside " $5)
	fact(c ": user inside " $6)
}
$1 == "pair" && about == "users" && number && $4 != "" && inside[1] == 0 { fact(c ": root outside " host[1]) }
$1 == "pair" && about == "users" && $4 != "" && host[1] == "all" { fact(c ": root outside 0") }
$1 == "pair" && about == "host name" && $6 != "" { fact(c ": host name " $6) }
$1 == "pair" && about == "root directory" && inside[1] == "/" && $4 != "" { fact(c ": mount / " inside[2]) }
$1 == "pair" && about == "mounts" && inside[1] ~ /^\// { fact(c ": mount " inside[1] " " inside[2]); mounts[c]++ }
$1 == "pair" && about == "mounts" && inside[1] ~ /^[0-9]+$/ { fact(c ": mounts " inside[1]) }
$1 == "pair" && about == "  lower layer" && match($6, /of [0-9]+$/) { layers[c] = substr($6, RSTART + 3) }
$1 == "pair" && about == "control group" && host[1] ~ /^\// { fact(c ": group " host[1]); group = host[1] }
$1 == "pair" && about == "  memory" && host[1] ~ /^[0-9]/ { use(group, "memory", host[1]) }
$1 == "pair" && about == "  processes" && $5 ~ /[\/,]/ { use(group, "pids", host[1]) }
$1 == "pair" && about == "  cpu" && $5 ~ / s used/ { fact("use " group " cpu " host[1] " s") }
$1 == "pair" && about ~ / namespace$/ && number {
	sub(/ namespace$/, "", about)
	if (inside[1] ~ /^[0-9]+$/) fact(c ": " about " own " inside[1])
	else fact(c ": " about " the host's " host[1])
}
$1 == "pair" && about == "capabilities" {
	if ($4 != "" && inside[1] ~ /^[0-9]+$/) fact(c ": capabilities " inside[1])
	else if ($6 == "all of these" && match($5, /[0-9]+$/)) fact(c ": capabilities " substr($5, RSTART))
	else if ($4 == "" && $6 != "none of these") for (i = 1; i in inside; i++) if (inside[i] ~ /^[a-z_]+$/) fact(c ": may " inside[i])
}
$1 == "pair" && about ~ /^(filter|no_new_privs)$/ && $6 != "" { fact(c ": " about " " $6) }

# ---- images ----
$1 == "line" && $2 == "image" && $4 ~ /:manifest$/ && $5 == "digest" { sub(/…$/, "", $6); fact("image " $3 " " $6) }

# Boxes have names; what stands for the same everywhere is the inode.
function by_inode(text, before,    name) {
	if (!match(text, before)) return text
	name = substr(text, RSTART + RLENGTH)
	return substr(text, 1, RSTART + RLENGTH - 1) (name in net_called ? net_called[name] : name)
}

END {
	for (i = 1; i <= n_joints; i++) fact(joint[i] ~ / ⇄ / ? by_inode(joint[i], " of ") : joint[i])
	for (text in joined) {
		name = text
		sub(/^a veth pair joins host and /, "", name)
		fact("arrow " net_called["host"] " " net_called[name] " joined")
	}
	for (k in column)
		for (t in types)
			fact("column " column[k] " " t " " (cell[k, t] == column[k] ? "own" : "shared"))
	for (c in layers) if (alive[c]) fact(c ": layers " layers[c])
	for (c in first) {
		if (!in_pod[first[c]]) continue
		fact("container " c)
		fact("process " first[c] " in " c)
		fact("member " c)
	}
	for (c in mounts) fact(c ": mounts " mounts[c] + 1)
	for (apart in share) fact("apart" apart ": " share[apart])
	for (t in distinct) fact("distinct " t " " distinct[t] + 1)
}
