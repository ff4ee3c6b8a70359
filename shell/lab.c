/* The directory of a lab, its links and its control socket. */
#include "shell/lab.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONTROL_LINE = 4096, CONTROL_QUEUE = 8 };

struct lab {
	char id[64];
	char *directory;
	int fd;     /* of the directory */
	int listen; /* the socket */
};

void lab_make_id(char *ret, size_t size)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		random = 0;
	snprintf(ret, size, "%d-%08x", (int)getpid(), random);
}

static bool id_is_good(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return n && !id[n] && n < sizeof(((struct lab *)0)->id);
}

/* A socket address has room for 108 bytes, unix(7): through the directory's descriptor every path
 * fits. */
static void control_address(int dirfd, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/control", dirfd);
}

static int make_links(struct lab *lab, struct error *err)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *end;

	if (n < 0)
		return error_set(err, errno, "read", "/proc/self/exe", NULL);
	self[n] = '\0';
	end = self + n - strlen("-lab"); /* the learner gets the quick program beside the lab's */
	if (end > self && !strcmp(end, "-lab"))
		*end = '\0';
	if (mkdirat(lab->fd, "bin", 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "make directory", "bin", NULL);
	if (symlinkat(self, lab->fd, "bin/cutaway") < 0 && errno != EEXIST)
		return error_set(err, errno, "link", "bin/cutaway", NULL);
	if (symlinkat("cutaway", lab->fd, "bin/ct") < 0 && errno != EEXIST)
		return error_set(err, errno, "link", "bin/ct", NULL);
	/* What is drawn is drawn by lines of the learner's bash: quotes and pipes are its own. */
	if (symlinkat("cutaway", lab->fd, "bin/diagram") < 0 && errno != EEXIST)
		return error_set(err, errno, "link", "bin/diagram", NULL);
	if (strlen(self) + sizeof "-oci" > sizeof self)
		return 0;
	strcat(self, "-oci");
	if (symlinkat(self, lab->fd, "bin/cutaway-oci") < 0 && errno != EEXIST)
		return error_set(err, errno, "link", "bin/cutaway-oci", NULL);
	if (mkdirat(lab->fd, "files", 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "make directory", "files", NULL);
	return 0;
}

int lab_link_lesson(const char *directory, const char *folder)
{
	auto_buf link = BUF_INIT;

	buf_addf(&link, "%s/lesson", directory);
	if (buf_failed(&link))
		return -ENOMEM;
	if (unlink(buf_text(&link)) < 0 && errno != ENOENT)
		return -errno;
	return symlink(folder, buf_text(&link)) < 0 ? -errno : 0;
}

static int control_listen(struct lab *lab, struct error *err)
{
	struct sockaddr_un address;

	lab->listen = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (lab->listen < 0)
		return error_set(err, errno, "make socket", "control", NULL);
	control_address(lab->fd, &address);
	if (bind(lab->listen, (struct sockaddr *)&address, sizeof(address)) < 0)
		return error_set(err, errno, "bind socket", "control", NULL);
	/* The directory lets only us in (mode 0700). */
	if (listen(lab->listen, CONTROL_QUEUE) < 0)
		return error_set(err, errno, "listen on", "control", NULL);
	return 0;
}

int lab_create(const char *id, struct lab **ret, struct error *err)
{
	auto_buf below = BUF_INIT;
	struct lab *lab;
	int r;

	if (id && !id_is_good(id))
		return error_set(err, EINVAL, "make lab", id, "not a lab's name");
	if (!(lab = calloc(1, sizeof(*lab))))
		return error_set(err, ENOMEM, "make lab", id ? id : "", NULL);
	lab->fd = lab->listen = -1;
	if (id)
		snprintf(lab->id, sizeof(lab->id), "%s", id);
	else
		lab_make_id(lab->id, sizeof(lab->id));
	buf_addf(&below, "labs/%s", lab->id);
	r = dirs_path(DIRS_RUNTIME, buf_text(&below), true, &lab->directory, err);
	if (!r) {
		lab->fd = open(lab->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (lab->fd < 0)
			r = error_set(err, errno, "open", lab->directory, NULL);
	}
	if (!r)
		r = make_links(lab, err);
	if (!r)
		r = control_listen(lab, err);
	if (r < 0) {
		lab_remove(lab);
		return r;
	}
	*ret = lab;
	return 0;
}

void lab_remove(struct lab *lab)
{
	if (!lab)
		return;
	if (lab->listen >= 0)
		close(lab->listen);
	if (lab->fd >= 0) {
		/* While a ledger is in it, the directory shows others that there is something to
		 * undo: the keeper removes it when that is done. */
		if (faccessat(lab->fd, "ledger", F_OK, 0) < 0)
			dir_remove_tree(AT_FDCWD, lab->directory);
		close(lab->fd);
	}
	free(lab->directory);
	free(lab);
}

const char *lab_id(const struct lab *lab)
{
	return lab->id;
}

const char *lab_directory(const struct lab *lab)
{
	return lab->directory;
}

int lab_directory_fd(const struct lab *lab)
{
	return lab->fd;
}

int lab_control_fd(const struct lab *lab)
{
	return lab->listen;
}

/* Who connects shall be us or root, whatever the modes of the directories say (unix(7),
 * SO_PEERCRED). */
static bool is_welcome(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

/* A client writes its line and goes. One that connects and stays silent is dropped after a moment,
 * so that nobody can hold us up. */
int lab_control_read(struct lab *lab, struct buf *line)
{
	auto_close fd = accept4(lab->listen, NULL, NULL, SOCK_CLOEXEC);
	struct timeval patience = {.tv_usec = 100000};
	char text[CONTROL_LINE];
	size_t used = 0;
	char *end = NULL;

	if (fd < 0 || !is_welcome(fd))
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (!end && used < sizeof(text)) {
		ssize_t n = recv(fd, text + used, sizeof(text) - used, 0);

		if (n <= 0)
			return 0;
		used += (size_t)n;
		end = memchr(text, '\n', used);
	}
	if (!end)
		return 0;
	buf_add_bytes(line, text, (size_t)(end - text));
	return 1;
}

int lab_control_send(int dirfd, const char *line, struct error *err)
{
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	auto_buf text = BUF_INIT;

	if (fd < 0)
		return error_set(err, errno, "make socket", "control", NULL);
	control_address(dirfd, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return error_set(err, errno, "connect to", "the lab's tutor", NULL);
	buf_addf(&text, "%s\n", line);
	if (buf_failed(&text))
		return error_set(err, ENOMEM, "write to", "the lab's tutor", NULL);
	if (send(fd, text.data, text.len, MSG_NOSIGNAL) != (ssize_t)text.len)
		return error_set(err, errno, "write to", "the lab's tutor", NULL);
	return 0;
}

int lab_private_mounts(struct error *err)
{
	if (unshare(CLONE_NEWNS) < 0)
		return error_set(err, errno, "unshare", "mount namespace", NULL);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(err, errno, "make private", "/", NULL);
	return 0;
}
