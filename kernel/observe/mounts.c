/* The mount tables: /proc/PID/mountinfo, one for each mount namespace, read through one process
 * that lives in it, proc_pid_mountinfo(5).
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue
 *   id parent device root target options optional-fields - fstype source super-options */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct mount_list {
	struct model_mount *all;
	size_t n, room;
};

/* Space, tab, newline, "#" and backslash come as \040 and the like. In place. */
static void unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in;) {
		if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' && in[2] <= '7' &&
		        in[3] >= '0' && in[3] <= '7') {
			*out++ = (char)((in[1] - '0') * 64 + (in[2] - '0') * 8 + (in[3] - '0'));
			in += 4;
		} else {
			*out++ = *in++;
		}
	}
	*out = '\0';
}

static const char *take_text(struct reading *r, char *field)
{
	unescape(field);
	return reading_string(r, field, strlen(field));
}

/* mount_namespaces(7): what is mounted here also appears elsewhere (shared), what is mounted
 * elsewhere appears here (slave, "master:N"), or neither (private). */
static const char *propagation(char **at)
{
	const char *result = "private";
	char *field;

	while ((field = strsep(at, " ")) && strcmp(field, "-")) {
		if (!strncmp(field, "shared:", 7))
			result = "shared";
		else if (!strncmp(field, "master:", 7) && strcmp(result, "shared"))
			result = "slave";
		else if (!strcmp(field, "unbindable"))
			result = "unbindable";
	}
	return field ? result : NULL;
}

static bool parse_line(struct reading *r, char *line, uint64_t mnt_ns, struct model_mount *ret)
{
	char *at = line, *field[6], *fstype, *source, *options;
	const char *how;

	for (int i = 0; i < 6; i++)
		if (!(field[i] = strsep(&at, " ")))
			return false;
	how = propagation(&at);
	fstype = strsep(&at, " ");
	source = strsep(&at, " ");
	options = strsep(&at, " ");
	if (!how || !fstype || !source)
		return false;
	*ret = (struct model_mount){
	        .id = (int)strtol(field[0], NULL, 10),
	        .parent_id = (int)strtol(field[1], NULL, 10),
	        .mnt_ns = mnt_ns,
	        .source = take_text(r, source),
	        .target = take_text(r, field[4]),
	        .fstype = take_text(r, fstype),
	        .options = options ? take_text(r, options) : "",
	        .root = take_text(r, field[3]),
	        .device = take_text(r, field[2]),
	        .propagation = how,
	};
	return true;
}

static int list_add(struct mount_list *l, const struct model_mount *mount)
{
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 128;
		struct model_mount *all = reallocarray(l->all, room, sizeof *all);
		if (!all)
			return -ENOMEM;
		l->all = all;
		l->room = room;
	}
	l->all[l->n++] = *mount;
	return 0;
}

/* -ENOENT and the like when this process does not tell; then another member may. */
static int read_table(struct reading *r, pid_t pid, uint64_t mnt_ns, struct mount_list *l)
{
	auto_close dir = reading_process_dir(r, pid);
	auto_buf text = BUF_INIT;
	char *at, *line;
	int result;

	if (dir < 0)
		return -errno;
	result = file_read_at(dir, "mountinfo", READING_TABLE_BYTES, &text);
	if (result < 0 || text.len == 0) /* a zombie's table is empty */
		return result < 0 ? result : -ENOENT;
	at = text.data;
	while (result == 0 && (line = strsep(&at, "\n"))) {
		struct model_mount mount;
		if (parse_line(r, line, mnt_ns, &mount))
			result = list_add(l, &mount);
	}
	return result;
}

static int read_namespace(struct reading *r, const struct model_namespace *ns, struct mount_list *l)
{
	const struct model *m = r->model;
	int tries = 0;

	for (size_t i = 0; i < m->n_processes && tries < 8; i++) {
		const struct model_process *p = &m->processes[i];
		int result;
		if (p->ns[NS_MNT] != ns->inode || p->state == 'Z')
			continue;
		tries++;
		result = read_table(r, p->pid, ns->inode, l);
		if (result == 0 || result == -ENOMEM)
			return result;
	}
	return 0;
}

int mounts_read(struct reading *r)
{
	struct model *m = r->model;
	struct mount_list l = {0};
	int result = 0, looked = 0;

	for (size_t i = 0; i < m->n_namespaces && result == 0; i++)
		if (m->namespaces[i].type == NS_MNT && looked++ < READING_MAX_NAMESPACES)
			result = read_namespace(r, &m->namespaces[i], &l);
	if (result == 0 && l.n) {
		m->mounts = arena_alloc(&m->arena, l.n * sizeof *l.all);
		if (m->mounts) {
			memcpy(m->mounts, l.all, l.n * sizeof *l.all);
			m->n_mounts = l.n;
		} else {
			result = -ENOMEM;
		}
	}
	free(l.all);
	return result;
}
