# What the files of control groups say, as facts in the words of picture_drawn.awk. Input, by the variable
# `from`: drawn, what the pictures say; files, lines FILE:CONTENT; cgroup, the same of all /proc/PID/cgroup. What is used changes while it is read: what is drawn of it is confirmed when it
# is near enough.

function fact(text) { print text }

function size(bytes,    unit) {
	for (unit = 1; bytes >= 1024 && unit < 5; unit++) bytes /= 1024
	return sprintf(unit > 1 && bytes < 10 && bytes != int(bytes) ? "%.1f" : "%.0f", bytes) \
		substr("BKMGT", unit, 1)
}

function bytes(text,    unit) {
	unit = index("BKMGT", substr(text, length(text)))
	return (unit ? substr(text, 1, length(text) - 1) : text) * 1024 ^ (unit ? unit - 1 : 0)
}

# What is drawn of it, if that is near; else what it is.
function use(group, what, now, shown, slack,    said, off) {
	if (!((group, what) in drawn)) { fact("use " group " " what); return }
	said = drawn[group, what]
	off = (what == "memory" ? bytes(said) : said * 1) - now
	fact("use " group " " what " " (said != "" && off <= slack && off >= -slack ? said : shown))
}

# /sys/fs/cgroup/memory/cutaway/red/memory.max: the group, and what stands in the file; version 2 is
# mounted at the top or at unified, version 1 at the name of its controller.
function take(file, content,    group) {
	group = file
	sub(/\/[^\/]*$/, "", group)
	sub(/^\/sys\/fs\/cgroup/, "", group)
	if (group ~ /^\/(unified|memory|pids|cpu|cpuacct|freezer)(\/|$)/) sub(/^\/[^\/]*/, "", group)
	if (group == "") group = "/"
	groups[group] = 1
	sub(/.*\//, "", file)
	if (file ~ /^memory\.(max|limit_in_bytes)$/) most[group, "memory"] = content
	else if (file ~ /^memory\.(current|usage_in_bytes)$/) now[group, "memory"] = content
	else if (file == "pids.max") most[group, "pids"] = content
	else if (file == "pids.current") now[group, "pids"] = content
	else if (file == "cpu.max") { split(content, part, " "); quota[group] = part[1]; period[group] = part[2] }
	else if (file == "cpu.cfs_quota_us") quota[group] = content
	else if (file == "cpu.cfs_period_us") period[group] = content
	else if (file == "cpuacct.usage") now[group, "cpu"] = content / 1e9
	else if (file == "cpu.stat" && content ~ /^usage_usec / && !((group, "cpu") in now)) {
		split(content, part, " ")
		now[group, "cpu"] = part[2] / 1e6
	} else if (content == "frozen 1" || content == "FROZEN") frozen[group] = 1
}

from == "drawn" {
	if ($1 == "use") drawn[$2, $3] = $4 ($5 == "" ? "" : " " $5)
	if ($1 == "group") named[$2]
	next
}
from == "cgroup" {
	# In which of ours the process is, whatever hierarchies say so.
	path = $0
	sub(/^[^:]*:[^:]*:[^:]*:/, "", path)
	sub(/ \(deleted\)$/, "", path)
	split($0, part, "/")
	if (path ~ /\/cutaway(-[0-9a-f]+)?(\/|$)/ && !seen[part[3], path]++) members[path]++
	next
}

{ i = index($0, ":"); take(substr($0, 1, i - 1), substr($0, i + 1)) }

END {
	for (g in groups) {
		# One of somebody else's may be cut where it would be named.
		if (g in named || g ~ /\/cutaway(-[0-9a-f]+)?(\/|$)/) fact("group " g)
		if ((g, "memory") in now) {
			m = most[g, "memory"]
			if (m != "" && m != "max" && m + 0 < 2 ^ 62) fact("group " g " memory at most " size(m))
			use(g, "memory", now[g, "memory"], size(now[g, "memory"]), now[g, "memory"] / 4 + 2 ^ 21)
		}
		if ((g, "pids") in now) {
			m = most[g, "pids"]
			if (m != "" && m != "max") fact("group " g " pids at most " m)
			# Of groups of the machine it may change at any time.
			use(g, "pids", now[g, "pids"], now[g, "pids"], g ~ /\/cutaway/ ? 0 : 5)
		}
		if (quota[g] != "" && quota[g] != "max" && quota[g] > 0 && period[g] > 0)
			fact("group " g " cpu " int(quota[g] * 100 / period[g] + 0.5) "%")
		if ((g, "cpu") in drawn && (g, "cpu") in now)
			use(g, "cpu", now[g, "cpu"], sprintf("%.2f s", now[g, "cpu"]), 3)
		if (frozen[g]) fact("group " g " frozen")
		if (members[g]) fact("group " g " processes " members[g])
	}
}
