/* Bind mounts whose source has to be taken out here, before there is a first process.
 *
 * In its mount table the copies of our mounts are slaves or private: what is to be *shared* with
 * the host, or a slave of it on a private root, would be that no more. Owners are mapped by who has
 * the file system's own user namespace, which is ours (MOUNT_ATTR_IDMAP, mount_setattr(2)). And
 * root of a user namespace is nobody out here and may find no way to the source. So the copy is
 * taken by the parent, and the first process is born with its descriptor and puts it in place. */
#include "kernel/do/bind_sources.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/clone.h"
#include "kernel/do/idmap.h"
#include "kernel/do/procfs.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool has_user_namespace(const struct build *b)
{
	return (b->config->namespaces | config_joined(b->config)) & CLONE_NEWUSER;
}

static bool is_taken_outside(const struct build *b, const struct mount_spec *m)
{
	if (!(m->flags & MS_BIND) || m->flags & MS_REMOUNT)
		return false;
	if (m->ids)
		return true;
	/* Who may not mount out here has to leave it to the first process. */
	return (has_user_namespace(b) || m->propagation & (MS_SHARED | MS_SLAVE)) &&
	       idmap_privileged();
}

bool bind_sources_wanted(const struct build *b)
{
	for (size_t i = 0; i < b->config->n_mounts; i++)
		if (is_taken_outside(b, &b->config->mounts[i]))
			return true;
	return false;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		if (!is_taken_outside(b, m))
			continue;
		buf_addf(&e->call, "%sopen_tree(AT_FDCWD, \"%s\", OPEN_TREE_CLONE%s)",
		        e->call.len ? "\n" : "", m->source,
		        m->flags & MS_REC ? "|AT_RECURSIVE" : "");
		if (m->ids)
			buf_addf(&e->call,
			        "\nmount_setattr(tree, \"\", AT_EMPTY_PATH%s, "
			        "{attr_set=MOUNT_ATTR_IDMAP, userns_fd=…})",
			        m->ids == MOUNT_IDS_MAP_DEEP ? "|AT_RECURSIVE" : "");
		buf_addf(&e->shell, "%smount --bind%s %s …", e->shell.len ? "\n" : "",
		        m->ids ? " -o X-mount.idmap=…" : "", m->source);
	}
	buf_add(&e->why,
	        "These are taken while we still stand outside: a share with the host, other "
	        "owners, or a way that root of a user namespace does not have.");
}

/* ---- owners ---------------------------------------------------------------------------------- */

static int write_map(pid_t pid, const char *file, const struct id_map *map, size_t n)
{
	auto_buf text = BUF_INIT;
	char path[64];

	idmap_text(map, n, &text);
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	return buf_failed(&text) ? -ENOMEM : procfs_write(path, buf_text(&text));
}

/* A map is only to be had as a user namespace, and one of those only with a process in it. */
static int open_userns(const struct mount_spec *m, int *ret, struct error *err)
{
	auto_close pidfd = -1;
	char path[64];
	pid_t pid = clone3_process(CLONE_NEWUSER, &pidfd);
	int r;

	if (pid < 0)
		return error_set(err, errno, "make user namespace for mount", m->destination, NULL);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	r = write_map(pid, "uid_map", m->uid_map, m->n_uid_map);
	if (r == 0)
		r = write_map(pid, "gid_map", m->gid_map, m->n_gid_map);
	if (r == 0) {
		snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
		r = *ret = open(path, O_RDONLY | O_CLOEXEC);
		r = r < 0 ? -errno : 0;
	}
	child_end(pidfd);
	if (r == 0)
		return 0;
	error_set(err, -r, "map owners for mount", m->destination,
	        r == -EPERM ? "this user may map only its own id"
	        : r == -EINVAL
	                ? "uidMappings or gidMappings overlap, or name ids that we do not have"
	                : "%s",
	        strerror(-r));
	return r;
}

static int map_owners(const struct mount_spec *m, int tree, struct error *err)
{
	auto_close userns = -1;
	int r = open_userns(m, &userns, err);

	if (r == 0) {
		r = bind_map_ids(tree, userns, m->ids == MOUNT_IDS_MAP_DEEP);
		if (r < 0)
			error_set(err, -r, "mount_setattr MOUNT_ATTR_IDMAP", m->destination,
			        r == -EINVAL
			                ? "the file system of %s has no idmapped mounts, or is "
			                  "mapped already"
			        : r == -EPERM ? "only who has mounted the file system of %s may "
			                        "map its owners"
			                      : "%s: the kernel does not do it",
			        m->source);
	}
	return r;
}

/* ---- the copies ------------------------------------------------------------------------------ */

static int take(const struct build *b, const struct mount_spec *m, int *ret, struct error *err)
{
	bool user = has_user_namespace(b);
	struct bind bind = bind_of_mount(m);
	auto_close tree = -1;
	int r = 0;

	/* As the mount table in there begins (namespace.c), unless what it mounts is to reach us. A
	 * user namespace may never. */
	if (user || !(m->propagation & MS_SHARED))
		bind.first_propagation = MS_SLAVE | MS_REC;
	tree = bind_take(&bind);
	if (tree < 0)
		return error_set(err, -tree, "open_tree", m->source,
		        tree == -ENOENT   ? "the source of mount %s is not there"
		        : tree == -EINVAL ? "the source of mount %s is unbindable"
		                          : "the source of mount %s cannot be bound: %s",
		        m->destination, strerror(-tree));
	if (m->ids)
		r = map_owners(m, tree, err);
	if (r == 0)
		*ret = steal_fd(&tree);
	return r;
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	(void)err;
	bind_sources_close(b);
	return 0;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	const struct config *c = b->config;
	int r = 0;

	b->trees = malloc(c->n_mounts * sizeof *b->trees);
	if (!b->trees)
		return error_set(err, ENOMEM, "take sources of mounts", b->name, NULL);
	b->n_trees = c->n_mounts;
	for (size_t i = 0; i < c->n_mounts; i++)
		b->trees[i] = -1;
	for (size_t i = 0; r == 0 && i < c->n_mounts; i++)
		if (is_taken_outside(b, &c->mounts[i]))
			r = take(b, &c->mounts[i], &b->trees[i], err);
	if (r < 0)
		undo(s, b, NULL);
	return r;
}

void bind_sources_close(struct build *b)
{
	for (size_t i = 0; i < b->n_trees; i++)
		cleanup_fd(&b->trees[i]);
	free(b->trees);
	b->trees = NULL;
	b->n_trees = 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_trees; i++)
		n += b->trees[i] >= 0 && fcntl(b->trees[i], F_GETFD) >= 0;
	if (!n)
		return step_unverified(s, err, b->name, "no copy is held");
	buf_addf(seen, "%zu copies of mounts are held, and are nowhere yet\n", n);
	return 0;
}

const struct step_ops step_bind_sources = {
        .id = "bind-sources",
        .title = "what has to be taken along from outside",
        .man = "open_tree(2), mount_setattr(2)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
};
