/* Which file of the folder a sloppy path means. */
#include "shell/lesson/folder.h"

#include "kernel/base/cleanup.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>

static int open_inside(int folder_fd, const char *path, int flags)
{
	struct open_how how = {
	        .flags = (uint64_t)flags | O_CLOEXEC,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, folder_fd, path, &how, sizeof how);
}

static bool exists(int folder_fd, const char *path)
{
	auto_close fd = open_inside(folder_fd, path, O_PATH);

	return fd >= 0;
}

/* The path with slashes, without what stands before its first name. JSON makes "step1\text.md" a
 * tab and "ext.md": it is put back. */
static void tidy(const char *path, struct buf *out)
{
	static const char control[] = "\t\n\r\b\f", letters[] = "tnrbf";

	path += strspn(path, " ");
	while (*path == '/' || *path == '\\' || !strncmp(path, "./", 2) || !strncmp(path, ".\\", 2))
		path += *path == '.' ? 2 : 1;
	for (; *path; path++) {
		const char *c = strchr(control, *path);

		if (c) {
			buf_addc(out, '/');
			buf_addc(out, letters[c - control]);
		} else {
			buf_addc(out, *path == '\\' ? '/' : *path);
		}
	}
	while (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

/* Appends the name in the directory `at` that is `name` but for capitals. */
static bool add_name(int folder_fd, const char *at, const char *name, size_t n, struct buf *out)
{
	int fd = open_inside(folder_fd, *at ? at : ".", O_RDONLY | O_DIRECTORY);
	auto_dir dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (entry = readdir(dir)))
		if (strlen(entry->d_name) == n && !strncasecmp(entry->d_name, name, n)) {
			buf_add(out, entry->d_name);
			return true;
		}
	return false;
}

static bool find_in_other_capitals(int folder_fd, const char *path, struct buf *out)
{
	while (*path) {
		size_t n = strcspn(path, "/");
		auto_buf at = BUF_INIT;

		buf_add(&at, buf_text(out));
		if (out->len)
			buf_addc(out, '/');
		if (n && !add_name(folder_fd, buf_text(&at), path, n, out))
			return false;
		path += n;
		path += strspn(path, "/");
	}
	return out->len > 0;
}

void folder_find(int folder_fd, const char *path, struct buf *out)
{
	auto_buf tidied = BUF_INIT, other = BUF_INIT;

	if (!exists(folder_fd, path)) {
		tidy(path, &tidied);
		if (exists(folder_fd, buf_text(&tidied)))
			path = buf_text(&tidied);
		else if (find_in_other_capitals(folder_fd, buf_text(&tidied), &other))
			path = buf_text(&other);
	}
	buf_add(out, path);
}
