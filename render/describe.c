#include "render/describe.h"

#include "render/glyph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *describe_size(struct scene *s, uint64_t bytes)
{
	static const char units[] = {'B', 'K', 'M', 'G', 'T'};
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes == MODEL_UNKNOWN)
		return "?";
	if (bytes == MODEL_NO_LIMIT)
		return "no limit";
	while (value >= 1024 && unit + 1 < sizeof units) {
		value /= 1024;
		unit++;
	}
	if (unit && value < 10 && value != (double)(int)value)
		return scene_format(s, "%.1f%c", value, units[unit]);
	return scene_format(s, "%.0f%c", value, units[unit]);
}

const char *describe_use(struct scene *s, uint64_t current, uint64_t max, bool bytes)
{
	bool limited = max != MODEL_NO_LIMIT && max != MODEL_UNKNOWN;
	const char *now = bytes ? describe_size(s, current)
	                  : current == MODEL_UNKNOWN
	                          ? "?"
	                          : scene_format(s, "%llu", (unsigned long long)current);

	if (!limited)
		return current == MODEL_UNKNOWN ? "" : now;
	return bytes ? scene_format(s, "%s/%s", now, describe_size(s, max))
	             : scene_format(s, "%s/%llu", now, (unsigned long long)max);
}

double describe_fill(uint64_t current, uint64_t max)
{
	if (max == MODEL_NO_LIMIT || max == MODEL_UNKNOWN || current == MODEL_UNKNOWN || !max)
		return -1;
	return (double)current / (double)max;
}

const char *describe_status(struct scene *s, const struct model_container *c)
{
	switch (c->status) {
	case CONTAINER_PLANNED:
		return "planned";
	case CONTAINER_BUILDING:
		return "building";
	case CONTAINER_RUNNING:
		return "running";
	case CONTAINER_EXITED:
		return c->exit_code < 0 ? "ended" : scene_format(s, "exited %d", c->exit_code);
	case CONTAINER_FOREIGN:
		break;
	}
	return "not ours";
}

const char *describe_process(struct scene *s, const struct model_process *p)
{
	const char *base = strrchr(p->cmdline, '/'), *space = strchr(p->cmdline, ' ');
	size_t n = strlen(p->comm);

	if (space && base && base > space)
		base = NULL; /* a path among the arguments, not the program's */
	if (p->role == ROLE_KERNEL_THREAD)
		return scene_format(s, "[%s]", scene_clean(s, p->comm));
	base = base ? base + 1 : p->cmdline;
	/* "sleep 1000" tells more than "sleep", when the arguments do begin with the name. */
	if (n && !strncmp(base, p->comm, n) && base[n] == ' ')
		return scene_clean(s, base);
	return scene_clean(s, p->comm);
}

const char *describe_user(struct scene *s, long uid)
{
	if (uid < 0)
		return "nobody (not mapped)";
	return uid ? scene_format(s, "%ld", uid) : "0 root";
}

const char *describe_path(struct scene *s, const char *path, int most)
{
	const char *clean = scene_clean(s, path), *at;

	if (text_width(clean) <= most)
		return clean;
	for (at = strchr(clean + 1, '/'); at; at = strchr(at + 1, '/'))
		if (text_width(at) + 1 <= most)
			return scene_format(s, "…%s", at);
	at = strrchr(clean, '/');
	if (at && at > clean && most > 6)
		return scene_format(s, "…%.*s…", (int)text_fit(at, most - 2), at);
	return scene_format(s, "%.*s…", (int)text_fit(clean, most - 1), clean);
}

int describe_count_capabilities(uint64_t set)
{
	return __builtin_popcountll(set);
}

const char *describe_capability(int n)
{
	/* linux/capability.h, by number */
	static const char *const names[] = {"chown", "dac_override", "dac_read_search", "fowner",
	        "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
	        "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock",
	        "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	        "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config",
	        "mknod", "lease", "audit_write", "audit_control", "setfcap", "mac_override",
	        "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon",
	        "bpf", "checkpoint_restore"};

	return n >= 0 && n < (int)(sizeof names / sizeof *names) ? names[n] : NULL;
}

enum scene_role describe_namespace_role(enum ns_type type)
{
	return (enum scene_role)(SCENE_NAMESPACE_USER + (int)type);
}

int describe_own_namespaces(const struct model *m, const struct model_container *c)
{
	int own = 0;

	for (int t = 0; t < NS_COUNT; t++)
		own += c->ns[t] && c->ns[t] != m->host.ns[t];
	return own;
}

bool describe_can_read(const struct model_process *p)
{
	for (int t = 0; t < NS_COUNT; t++)
		if (p->ns[t])
			return true;
	return false;
}

size_t describe_next_step(const struct model_container *c)
{
	size_t i = 0;

	while (i < c->n_steps && c->steps[i].status == STEP_DONE)
		i++;
	return i;
}

size_t describe_failed_step(const struct model_container *c)
{
	size_t i = 0;

	while (i < c->n_steps && c->steps[i].status != STEP_FAILED)
		i++;
	return i;
}

/* The name of the errno is in brackets at the end of the error. */
const char *describe_failure(struct scene *s, const struct model_container *c)
{
	size_t failed = describe_failed_step(c);
	const char *code;

	if (failed == c->n_steps)
		return "";
	code = strrchr(c->steps[failed].error, '(');
	return scene_clean(
	        s, scene_format(s, "%s: %.*s", c->steps[failed].id,
	                   code ? (int)strcspn(code + 1, ")") : 6, code ? code + 1 : "failed"));
}

static bool is_any(const struct model_listener *l)
{
	return !strcmp(l->address, "0.0.0.0") || !strcmp(l->address, "::");
}

const char *describe_listener(struct scene *s, const struct model_listener *l)
{
	const bool six = strchr(l->address, ':') != NULL;

	if (is_any(l))
		return scene_format(s, "%u/%s", l->port, scene_clean(s, l->protocol));
	return scene_format(s, "%s%s%s:%u/%s", six ? "[" : "", scene_clean(s, l->address),
	        six ? "]" : "", l->port, scene_clean(s, l->protocol));
}

bool describe_listener_again(const struct model *m, size_t i)
{
	const struct model_listener *l = &m->listeners[i], *before = i ? l - 1 : NULL;

	return before && !strcmp(before->protocol, l->protocol) && before->net_ns == l->net_ns &&
	       before->port == l->port && before->process == l->process && is_any(before) &&
	       is_any(l);
}

static bool leads_to(const struct model_connection *c, const struct model_listener *l)
{
	const char *port = strrchr(c->socket, ':');
	const size_t n = strlen(l->address);

	if (c->to_net != l->net_ns || !c->to_net || !port || strcmp(l->protocol, "tcp") != 0 ||
	        strtoul(port + 1, NULL, 10) != l->port)
		return false;
	return is_any(l) || !strncmp(c->socket + (c->socket[0] == '['), l->address, n);
}

/* Where somebody is who is connected: by the network namespace that it is in. */
static const char *place_of(struct scene *s, const struct model *m, uint64_t net_ns)
{
	if (net_ns == m->host.ns[NS_NET])
		return "host";
	for (size_t i = 0; i < m->n_containers; i++)
		if (m->containers[i].ns[NS_NET] == net_ns)
			return scene_clean(s, m->containers[i].name);
	return "another network";
}

enum { CLIENT_PLACES = 3 }; /* that are named */

/* Who comes from elsewhere is told last. */
const char *describe_clients(struct scene *s, const struct model *m, const struct model_listener *l,
        const char **ret_from)
{
	uint64_t places[CLIENT_PLACES];
	size_t n = 0, sum = 0;
	const char *text = "";
	bool elsewhere = false, more = false;

	for (size_t i = 0; i < m->n_connections; i++) {
		const struct model_connection *c = &m->connections[i];
		size_t k = 0;

		if (!leads_to(c, l))
			continue;
		sum += c->count;
		elsewhere = elsewhere || !c->from_net;
		while (k < n && places[k] != c->from_net)
			k++;
		more = more || (c->from_net && k == CLIENT_PLACES);
		if (!c->from_net || k < n || k == CLIENT_PLACES)
			continue;
		places[n++] = c->from_net;
		text = scene_format(s, "%s%s%s", text, k ? ", " : "", place_of(s, m, c->from_net));
	}
	if (elsewhere)
		text = scene_format(s, "%s%selsewhere", text, n ? ", " : "");
	*ret_from = sum ? scene_format(s, "from %s%s", text, more ? ", …" : "") : "";
	return sum ? scene_format(s, "◀┄ %zu", sum) : "";
}
