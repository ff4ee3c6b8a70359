/* Names: /etc/hosts and /etc/resolv.conf, hosts(5), resolv.conf(5).
 *
 * A file for each container of the bridge, mounted into it read-only. When one comes or goes the
 * files are written anew in their places, so that all see it at once. What resolves names inside
 * looks there first and then asks the machine's own name servers. */
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/inside.h"
#include "kernel/do/mount.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/record.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const char *const files[] = {"hosts", "resolv.conf"};
enum { N_FILES = sizeof files / sizeof *files, PATH_SIZE = 4096 };

/* Where it is outside: names are each container's own, name servers are everybody's. */
static bool source_of(const struct network *n, const char *file, char ret[static PATH_SIZE])
{
	char own[RECORD_FILE_SIZE];

	record_hosts_file(n->name, own);
	return (size_t)snprintf(ret, PATH_SIZE, "%s/%s", n->directory,
	               strcmp(file, "hosts") ? file : own) < PATH_SIZE;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	for (size_t i = 0; i < N_FILES; i++) {
		char source[PATH_SIZE];

		if (!source_of(b->network, files[i], source))
			continue;
		buf_addf(&e->call,
		        "%sopen_tree(\"%s\", OPEN_TREE_CLONE), "
		        "mount_setattr(MOUNT_ATTR_RDONLY), move_mount(\"/etc/%s\")",
		        i ? "\n" : "", source, files[i]);
		buf_addf(&e->shell, "%snsenter -t %s -m mount --bind -o ro %s %s/etc/%s",
		        i ? "\n" : "", pid, source, b->overlay.merged, files[i]);
	}
	buf_add(&e->why,
	        "A file with the names of all containers on the bridge, which this one sees as "
	        "its /etc/hosts; it changes as they come and go.");
}

static int put(struct inside *in, const char *file)
{
	const struct network *n = in->build->network;
	char source[PATH_SIZE], inside[32];
	const struct bind bind = {
	        .source = source,
	        .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
	auto_close tree = -1;
	auto_close target = -1;
	int r;

	if (!source_of(n, file, source))
		return child_fail(&in->fail, ENAMETOOLONG, "open_tree", n->directory);
	snprintf(inside, sizeof inside, "/etc/%s", file);
	tree = bind_take(&bind);
	if (tree < 0)
		return child_fail(&in->fail, -tree, "open_tree", source);
	target = root_open_file(in->build->root_fd, inside, 0644);
	if (target < 0)
		return child_fail(&in->fail, -target, "open mount point", inside);
	r = bind_put(tree, target);
	return r < 0 ? child_fail(&in->fail, -r, "move_mount", inside) : 0;
}

static int put_all(struct inside *in)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_FILES; i++)
		r = put(in, files[i]);
	return r;
}

static int take_all(struct inside *in)
{
	for (size_t i = N_FILES; i-- > 0;) {
		char path[FD_PATH_SIZE], inside[32];
		auto_close fd = -1;
		snprintf(inside, sizeof inside, "/etc/%s", files[i]);
		fd = root_open(in->build->root_fd, inside, O_PATH);
		if (fd < 0 || umount2(fd_path(fd, path), MNT_DETACH) < 0)
			return child_fail(&in->fail, fd < 0 ? -fd : errno, "umount", inside);
	}
	return 0;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	struct inside in = {.build = b, .work = put_all};

	return inside_run(&in) < 0 ? step_failed(s, b, &in.fail, err) : 0;
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	struct inside in = {.build = b, .work = take_all};

	return inside_run(&in) < 0 ? step_failed(s, b, &in.fail, err) : 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	for (size_t i = 0; i < N_FILES; i++) {
		char path[32], type[64], source[PATH_SIZE];
		snprintf(path, sizeof path, "/etc/%s", files[i]);
		if (!mount_find(b->process.pid, path, b->overlay.merged, type))
			return step_unverified(s, err, path, "nothing is mounted there");
		if (source_of(b->network, files[i], source))
			buf_addf(seen, "/proc/%d/mounts: %s on %s\n", (int)b->process.pid, source,
			        path);
	}
	return 0;
}

const struct step_ops step_resolve = {
        .id = "resolve",
        .title = "the names of the others on the bridge",
        .man = "hosts(5), resolv.conf(5), mount_setattr(2)",
        .where = STEP_HOST,
        .reversible = true,
        .after_child = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
};
