# All that speaks JSON, as lines of tab-separated fields, in one go. Of the pictures: what is drawn of boxes,
# lines of text and arrows; a text that carries a mark begins with the mark's name and "!". Of all others:
# "there" and a fact, in the words of picture_drawn.awk.
def words: if .mark == "" then .text else .mark + "!" + .text end;
# In a table under names, "pids=3/20": by where it stands.
def under($names): .x as $x | ([$names[] | select(.x == $x) | .text][0]) as $name |
	if $name then .text = "\($name)=\(.text)" else . end;
def table: (.[0] | map(select(.text != "group"))) as $names | .[] | map(under($names));
def lines: group_by(.y) | map(sort_by(.x)) | if .[0][0].in == "cgroup-tree" then table else .[] end;
def picture: [.view, .subject] as $of
	| (.boxes[] | ["box"] + $of + [.id, .title, .mark]),
	  # Of a container: what it is about, as the host sees it, as it is inside.
	  (select(.view == "container") | .texts | group_by(.y)[] |
		select(all(.mark != "ghost" and .mark != "gone")) | sort_by(.x) | ["pair"] + $of +
		[[":all", ":host", ":inside"][] as $side | map(select(.in | endswith($side)) | .text) | join(" ")]),
	  (.texts | group_by(.in)[] | lines | ["line"] + $of + [.[0].in] + map(words)),
	  (.edges[] | ["arrow"] + $of + [.label]);

# lsns
def namespaces: group_by(.type)[] | "namespaces \(.[0].type) \(length)";

# `ip -j -d addr` and `ip -j route` in each network namespace: {net: INODE, links, routes}. The two ends of
# a veth pair name each other by index; in one namespace, by name.
def ends: [.[] as $n | $n.links[] | select(.linkinfo.info_kind? == "veth") |
	{net: $n.net, link: .ifname, index: .ifindex, other: .link_index, here: .link}];
def pairs: ends as $ends | $ends[] as $a | $ends[]
	| select(if $a.here then .net == $a.net and .link == $a.here
		else .net != $a.net and .index == $a.other and .other == $a.index end)
	| "net \($a.net) link \($a.link) ⇄ \(.link) of \(.net)", "arrow \($a.net) \(.net) joined";
def link($net): "net \($net) link \(.ifname)" as $link
	| "\($link) \(if .flags | index("UP") then "up" else "down" end) kind \(
		if .link_type == "loopback" then "loopback" else .linkinfo.info_kind? // "" end)",
	  (.addr_info[] | select(.local) | "\($link) address \(.local)/\(.prefixlen)"),
	  (select(.master) | "\($link) in \(.master)");
def nets: "links \(map(.links | length) | add // 0)", pairs,
	(.[] | .net as $net | "net \($net)", (.links[] | link($net)),
		(.routes[] | select(.gateway) | "net \($net) route \(.dst) → \(.gateway) by \(.dev)"));

# The index of the image store.
def images: .manifests[] |
	"image \(.annotations["org.opencontainers.image.ref.name"] // "") \(.digest[7:19])";

reduce inputs as $in ({}; if $in.view then .pictures += [$in]
	elif $in.steps then .ours += [$in]
	elif $in.namespaces then .namespaces = $in.namespaces
	elif $in.manifests then .images = $in
	else .nets += [$in] end)
| (.pictures[] | picture),
  (.ours // [] | .[] | ["ours", "\(.name) \(.pid) \(.status) \(.cgroup // "")"]),
  ((.namespaces // [] | namespaces), (.nets // [] | nets), (.images // {manifests: []} | images) | ["there", .])
| @tsv
