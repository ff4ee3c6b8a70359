/* The learner's files in the lab, for checks and hints: their names and sizes, nothing of what is
 * in them. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 256 };

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct model_file *)a)->name, ((const struct model_file *)b)->name);
}

/* The directory $LAB of ours; in a recorded tree "files". -1 = there is none. */
static int open_files(const struct reading *r)
{
	const char *lab = getenv(LAB_VARIABLE);
	auto_buf path = BUF_INIT;

	if (r->live && (!lab || !*lab || strchr(lab, '/') || *lab == '.'))
		return -1;
	if (r->live)
		buf_addf(&path, "labs/%s/", lab);
	buf_add(&path, "files");
	return openat(r->runtime, buf_text(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int lab_files_read(struct reading *r)
{
	int fd = r->runtime < 0 ? -1 : open_files(r);
	struct model *m = r->model;
	struct dirent *entry;
	struct stat st;

	if (fd < 0)
		return 0;
	auto_dir dir = fdopendir(fd);
	if (!dir) {
		cleanup_fd(&fd);
		return -ENOMEM;
	}
	m->files = arena_alloc(&m->arena, FILES_MAX * sizeof *m->files);
	if (!m->files)
		return -ENOMEM;
	while (m->n_files < FILES_MAX && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		        fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		m->files[m->n_files++] = (struct model_file){
		        .name = reading_string(r, entry->d_name, strlen(entry->d_name)),
		        .size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0,
		};
	}
	qsort(m->files, m->n_files, sizeof *m->files, by_name);
	return 0;
}
