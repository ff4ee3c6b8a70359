/* Volumes: directories and files of the host, seen at a second place inside.
 *
 * A volume is no copy and no layer, only a mount: what is written there is written to the host's
 * file system directly, and is still there when the container is gone. Taken with our rights
 * (inside.h), put below the new root with openat2(2).
 *
 * In a user namespace the files belong to whom their owners are in there: to nobody, mostly, and
 * what root in there writes belongs to somebody else out here. So do podman's and docker's. With
 * "idmap" the mount itself maps them, MOUNT_ATTR_IDMAP of mount_setattr(2): who is root inside
 * writes as root outside, to this directory and to nothing else. Linux 5.12; who may do it has to
 * be root of the file system. */
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/image_volumes.h"
#include "kernel/do/inside.h"
#include "kernel/do/mount.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

bool mount_is_volume(const struct mount_spec *m)
{
	static const char *const others[] = {"/proc", "/dev", "/sys"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (mount_is_below(m->destination, others[i]))
			return false;
	return m->flags & MS_BIND;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		const char *separator = e->shell.len ? "\n" : "";
		if (!mount_is_volume(m))
			continue;
		buf_addf(&e->call,
		        "%sopen_tree(AT_FDCWD, \"%s\", OPEN_TREE_CLONE|AT_RECURSIVE)\n"
		        "mount_setattr(…, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV%s)\n%s"
		        "move_mount(…, \"%s\")",
		        e->call.len ? "\n" : "", m->source,
		        m->flags & MS_RDONLY ? "|MOUNT_ATTR_RDONLY" : "",
		        m->ids ? "mount_setattr(…, MOUNT_ATTR_IDMAP, its user namespace)\n" : "",
		        m->destination);
		buf_addf(&e->shell, "%snsenter -t %s -m mount --rbind -o nosuid,nodev%s", separator,
		        pid, m->flags & MS_RDONLY ? ",ro" : "");
		if (m->ids)
			buf_addf(&e->shell, ",X-mount.idmap=/proc/%s/ns/user", pid);
		buf_addf(&e->shell, " %s %s%s", m->source, b->overlay.merged, m->destination);
	}
	buf_add(&e->why, "A directory of the host appears at a second place. What is written there "
	                 "does not go to the upper directory, and stays.");
}

static bool is_of_image(const struct build *b, const struct mount_spec *m)
{
	char data[PATH_MAX];
	const char *end = strrchr(b->overlay.upper, '/');
	size_t n = end ? (size_t)(end - b->overlay.upper) : 0;

	if (!n || n >= sizeof data)
		return false;
	memcpy(data, b->overlay.upper, n);
	data[n] = '\0';
	return image_volumes_is_one(m, data);
}

static int bind_one(struct inside *in, const struct mount_spec *m)
{
	const struct bind bind = {
	        .source = m->source,
	        .recursive = true, /* what covers a part of it stays covered */
	        .deep_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
	                    (m->flags & MS_RDONLY ? MOUNT_ATTR_RDONLY : 0u),
	};
	auto_close tree = bind_take(&bind);
	auto_close target = -1;
	struct stat st;
	int r;

	if (tree < 0)
		return child_fail(&in->fail, -tree, "open_tree", m->source);
	if (m->ids) {
		r = bind_map_ids(tree, *(const int *)in->data, false);
		if (r < 0)
			return child_fail(
			        &in->fail, -r, "mount_setattr MOUNT_ATTR_IDMAP", m->source);
	}
	if (fstat(tree, &st) < 0)
		return child_fail(&in->fail, errno, "stat", m->source);
	target = S_ISDIR(st.st_mode) ? root_open_dir(in->build->root_fd, m->destination, 0755)
	                             : root_open_file(in->build->root_fd, m->destination, 0644);
	if (target < 0)
		return child_fail(&in->fail, -target, "open mount point", m->destination);
	r = is_of_image(in->build, m) ? image_volumes_fill(tree, target) : 0;
	if (r < 0)
		return child_fail(&in->fail, -r, "fill volume", m->destination);
	r = bind_put(tree, target);
	return r < 0 ? child_fail(&in->fail, -r, "move_mount", m->destination) : 0;
}

static int bind_all(struct inside *in)
{
	const struct config *c = in->build->config;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n_mounts; i++)
		if (mount_is_volume(&c->mounts[i]))
			r = bind_one(in, &c->mounts[i]);
	return r;
}

/* Last first, since one may stand on another. */
static int unmount_all(struct inside *in)
{
	const struct config *c = in->build->config;

	for (size_t i = c->n_mounts; i-- > 0;) {
		const struct mount_spec *m = &c->mounts[i];
		char path[FD_PATH_SIZE];
		auto_close fd = -1;
		if (!mount_is_volume(m))
			continue;
		fd = root_open(in->build->root_fd, m->destination, O_PATH);
		if (fd < 0 || umount2(fd_path(fd, path), MNT_DETACH) < 0)
			return child_fail(
			        &in->fail, fd < 0 ? -fd : errno, "umount", m->destination);
	}
	return 0;
}

static bool maps_owners(const struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (mount_is_volume(&c->mounts[i]) && c->mounts[i].ids)
			return true;
	return false;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	auto_close userns = -1;
	struct inside in = {.build = b, .work = bind_all, .data = &userns};
	char path[64];

	if (maps_owners(b->config)) {
		snprintf(path, sizeof path, "/proc/%d/ns/user", (int)b->process.pid);
		userns = open(path, O_RDONLY | O_CLOEXEC);
		if (userns < 0)
			return error_set(err, errno, "open", path, NULL);
	}
	return inside_run(&in) < 0 ? step_failed(s, b, &in.fail, err) : 0;
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	struct inside in = {.build = b, .work = unmount_all};

	return inside_run(&in) < 0 ? step_failed(s, b, &in.fail, err) : 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		char type[64];
		if (!mount_is_volume(m))
			continue;
		if (!mount_find(b->process.pid, m->destination, b->overlay.merged, type))
			return step_unverified(s, err, m->destination, "nothing is mounted there");
		buf_addf(seen, "/proc/%d/mounts: %s on %s\n", (int)b->process.pid, type,
		        m->destination);
	}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (strstr(err->operation, "MOUNT_ATTR_IDMAP") && (code == EPERM || code == EINVAL))
		snprintf(err->cause, sizeof err->cause,
		        code == EPERM ? "only root of the machine may map the owners of its files"
		                      : "this file system has no idmapped mounts, or the kernel is "
		                        "older than 5.12");
	else if (code == EACCES)
		error_advise(err, "the directory has to be one that you may walk to yourself");
	else if (code == ENOTDIR || code == EISDIR || code == ELOOP)
		snprintf(err->cause, sizeof err->cause,
		        "the image has something of another kind there");
}

const struct step_ops step_volumes = {
        .id = "volumes",
        .title = "volumes: what the host shows in there",
        .man = "open_tree(2), mount_setattr(2), move_mount(2)",
        .where = STEP_HOST,
        .reversible = true,
        .after_child = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
