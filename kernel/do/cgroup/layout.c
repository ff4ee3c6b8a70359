#include "kernel/do/cgroup/layout.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	unsigned controller;
	const char *name;
} controllers[] = {
        {CGROUP_MEMORY, "memory"},
        {CGROUP_PIDS, "pids"},
        {CGROUP_CPU, "cpu"},
        {CGROUP_FREEZER, "freezer"},
};

enum { N_CONTROLLERS = sizeof controllers / sizeof controllers[0] };

unsigned cgroup_controller_parse(const char *name, size_t length)
{
	for (size_t i = 0; i < N_CONTROLLERS; i++)
		if (strlen(controllers[i].name) == length &&
		        !memcmp(controllers[i].name, name, length))
			return controllers[i].controller;
	return 0;
}

const char *cgroup_controller_name(enum cgroup_controller controller)
{
	for (size_t i = 0; i < N_CONTROLLERS; i++)
		if (controllers[i].controller == (unsigned)controller)
			return controllers[i].name;
	return "";
}

unsigned cgroup_controllers_parse(const char *list)
{
	unsigned mask = 0;

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ", \n");
		mask |= cgroup_controller_parse(p, n);
		p += n;
		p += strspn(p, ", \n");
	}
	return mask;
}

/* Whether a comma list has the word: "rw,cpu,cpuacct" has "cpu". */
static bool list_has(const char *list, const char *word, size_t length)
{
	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ",");
		if (n == length && !memcmp(p, word, n))
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

/* A field of mountinfo as it really is: space, tab, newline and backslash are written \ooo there.
 */
static char *unescape(const char *field)
{
	char *text = strdup(field), *to = text;

	if (!text)
		return NULL;
	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((unsigned)(from[1] - '0') << 6 |
			             (unsigned)(from[2] - '0') << 3 | (unsigned)(from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return text;
}

static void hierarchy_release(struct cgroup_hierarchy *h)
{
	free(h->mount);
	free(h->root);
	free(h->names);
	free(h->own);
	*h = (struct cgroup_hierarchy){0};
}

void cgroup_layout_release(struct cgroup_layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		hierarchy_release(&l->hierarchies[i]);
	*l = (struct cgroup_layout){0};
}

/* The fields that matter of "ID PARENT DEV ROOT MOUNT OPTIONS [TAG]… - TYPE SOURCE SUPER". */
struct mount_line {
	char *root, *mount, *type, *super;
};

static bool split_mount_line(char *line, struct mount_line *ret)
{
	char *state = NULL, *word = strtok_r(line, " ", &state);

	for (int field = 0; word; field++, word = strtok_r(NULL, " ", &state)) {
		if (field == 3)
			ret->root = word;
		else if (field == 4)
			ret->mount = word;
		else if (field >= 6 && !strcmp(word, "-"))
			break;
	}
	ret->type = strtok_r(NULL, " ", &state);
	strtok_r(NULL, " ", &state);
	ret->super = strtok_r(NULL, " ", &state);
	return ret->root && ret->mount && ret->type && ret->super;
}

/* The controllers among the super block options: all words but the flags of the file system. */
static char *controller_names(const char *super)
{
	static const char *const flags = "rw,ro,xattr,noprefix,clone_children,nsdelegate,seclabel";
	auto_buf names = BUF_INIT;

	for (const char *p = super; *p;) {
		size_t n = strcspn(p, ",");
		if (!list_has(flags, p, n) && strncmp(p, "release_agent=", 14) != 0) {
			buf_add(&names, names.len ? "," : "");
			buf_add_bytes(&names, p, n);
		}
		p += n + (p[n] == ',');
	}
	return names.len ? buf_steal(&names) : strdup("");
}

/* Of several mounts of one hierarchy the one that shows most of it is kept, the first such. */
static struct cgroup_hierarchy *place_for(
        struct cgroup_layout *l, const struct cgroup_hierarchy *new)
{
	for (size_t i = 0; i < l->n; i++) {
		struct cgroup_hierarchy *old = &l->hierarchies[i];
		if (old->v2 != new->v2 || strcmp(old->names, new->names) != 0)
			continue;
		if (strlen(new->root) >= strlen(old->root))
			return NULL;
		hierarchy_release(old);
		return old;
	}
	return l->n < CGROUP_MAX_HIERARCHIES ? &l->hierarchies[l->n++] : NULL;
}

static int add_mount(struct cgroup_layout *l, char *line)
{
	struct cgroup_hierarchy new = {0}, *place;
	struct mount_line m = {0};

	if (!split_mount_line(line, &m) || strncmp(m.type, "cgroup", 6) != 0)
		return 0;
	new.v2 = !strcmp(m.type, "cgroup2");
	if (!new.v2 && strcmp(m.type, "cgroup") != 0)
		return 0;
	new.mount = unescape(m.mount);
	new.root = unescape(m.root);
	new.names = new.v2 ? strdup("") : controller_names(m.super);
	new.own = strdup("");
	if (!new.mount || !new.root || !new.names || !new.own) {
		hierarchy_release(&new);
		return -ENOMEM;
	}
	new.controllers = cgroup_controllers_parse(new.names);
	place = place_for(l, &new);
	if (place)
		*place = new;
	else
		hierarchy_release(&new);
	return 0;
}

/* "5:cpu,cpuacct:/user.slice" or "0::/user.slice" */
static int add_own(struct cgroup_layout *l, char *line)
{
	char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
	size_t first;

	if (!path)
		return 0;
	*path++ = '\0';
	names++;
	first = strcspn(names, ",");
	for (size_t i = 0; i < l->n; i++) {
		struct cgroup_hierarchy *h = &l->hierarchies[i];
		char *copy;
		if (h->v2 ? *names != '\0' : !first || !list_has(h->names, names, first))
			continue;
		copy = strdup(path);
		if (!copy)
			return -ENOMEM;
		free(h->own);
		h->own = copy;
	}
	return 0;
}

static int each_line(
        const char *text, struct cgroup_layout *l, int (*add)(struct cgroup_layout *l, char *line))
{
	auto_free char *copy = strdup(text);
	char *state = NULL;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	for (char *line = strtok_r(copy, "\n", &state); line && r == 0;
	        line = strtok_r(NULL, "\n", &state))
		r = add(l, line);
	return r;
}

static enum cgroup_mode mode_of(const struct cgroup_layout *l)
{
	bool v1 = false, v2 = false;

	for (size_t i = 0; i < l->n; i++) {
		if (l->hierarchies[i].v2)
			v2 = true;
		else if (strncmp(l->hierarchies[i].names, "name=", 5) != 0)
			v1 = true; /* "name=systemd" alone only sorts processes, it limits nothing
			            */
	}
	return v1 && v2 ? CGROUP_HYBRID : v1 ? CGROUP_V1 : v2 ? CGROUP_V2 : CGROUP_NONE;
}

int cgroup_layout_parse(const char *mountinfo, const char *self_cgroup, struct cgroup_layout *ret)
{
	struct cgroup_layout l = {0};
	int r = each_line(mountinfo, &l, add_mount);

	if (r == 0)
		r = each_line(self_cgroup, &l, add_own);
	if (r < 0) {
		cgroup_layout_release(&l);
		return r;
	}
	l.mode = mode_of(&l);
	*ret = l;
	return 0;
}

int cgroup_layout_read(struct cgroup_layout *ret)
{
	auto_buf mountinfo = BUF_INIT, own = BUF_INIT;

	if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", 16 << 20, &mountinfo) < 0 ||
	        file_read_at(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &own) < 0) {
		*ret = (struct cgroup_layout){0};
		return 0;
	}
	return cgroup_layout_parse(buf_text(&mountinfo), buf_text(&own), ret);
}

enum cgroup_mode cgroup_mode_detect(void)
{
	struct cgroup_layout l;
	enum cgroup_mode mode;

	if (cgroup_layout_read(&l) < 0)
		return CGROUP_NONE;
	mode = l.mode;
	cgroup_layout_release(&l);
	return mode;
}

const char *cgroup_mode_name(enum cgroup_mode mode)
{
	static const char *const names[] = {
	        [CGROUP_NONE] = "none",
	        [CGROUP_V1] = "v1",
	        [CGROUP_HYBRID] = "hybrid",
	        [CGROUP_V2] = "v2",
	};
	return names[mode];
}

const struct cgroup_hierarchy *cgroup_layout_find(
        const struct cgroup_layout *l, enum cgroup_controller controller)
{
	const struct cgroup_hierarchy *v2 = NULL;

	for (size_t i = 0; i < l->n; i++) {
		if (l->hierarchies[i].controllers & (unsigned)controller)
			return &l->hierarchies[i];
		if (l->hierarchies[i].v2)
			v2 = &l->hierarchies[i];
	}
	return v2;
}

const char *cgroup_hierarchy_relative(const struct cgroup_hierarchy *h, const char *path)
{
	size_t n = strlen(h->root);

	if (path[0] != '/' || strstr(path, "/.."))
		return NULL;
	if (!strcmp(h->root, "/"))
		return path[1] ? path : "";
	if (strncmp(path, h->root, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path + n;
}
