#include "shell/lesson/replay_left.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/place_name.h"
#include "kernel/store/store.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool has_name(const struct replay_seen *seen, const char *name)
{
	for (size_t i = 0; i < seen->names.len; i += strlen(seen->names.data + i) + 1)
		if (!strcmp(seen->names.data + i, name))
			return true;
	return false;
}

static DIR *open_containers(const char *runtime)
{
	auto_free char *path = NULL;

	return asprintf(&path, "%s/containers", runtime) < 0 ? NULL : opendir(path);
}

void replay_left_note(struct replay_seen *seen, const char *runtime)
{
	auto_dir dir = open_containers(runtime);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !has_name(seen, entry->d_name))
			buf_add_bytes(&seen->names, entry->d_name, strlen(entry->d_name) + 1);
}

static void find_containers(const char *runtime, struct buf *out)
{
	auto_dir dir = open_containers(runtime);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			buf_addf(out, "container %s\n", entry->d_name);
}

/* Another user may have a container of the same name. */
static bool is_mine(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_uid == geteuid();
}

/* /sys/fs/cgroup/GROUP/NAME on v2, /sys/fs/cgroup/CONTROLLER/GROUP/NAME on v1. */
static void find_cgroups(const char *group, const char *name, struct buf *out)
{
	static const char *const tops[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/*"};

	for (size_t i = 0; i < 2; i++) {
		auto_buf pattern = BUF_INIT;
		glob_t found = {0};

		buf_addf(&pattern, "%s/%s/%s", tops[i], group, name);
		if (!buf_failed(&pattern) &&
		        glob(buf_text(&pattern), GLOB_NOSORT, NULL, &found) == 0)
			for (size_t j = 0; j < found.gl_pathc; j++)
				if (is_mine(found.gl_pathv[j]))
					buf_addf(out, "control group %s\n", found.gl_pathv[j]);
		globfree(&found);
	}
}

static bool is_of_lab(int proc, const char *pid, const char *setting)
{
	auto_free char *path = NULL;
	auto_buf environment = BUF_INIT;

	if (asprintf(&path, "%s/environ", pid) < 0 ||
	        file_read_at(proc, path, 1 << 20, &environment) < 0 || !environment.len)
		return false;
	return memmem(environment.data, environment.len, setting, strlen(setting) + 1) != NULL;
}

static void find_processes(const char *lab_id, struct buf *out)
{
	auto_dir proc = opendir("/proc");
	auto_free char *setting = NULL;
	struct dirent *entry;

	if (!proc || asprintf(&setting, "CUTAWAY_LAB=%s", lab_id) < 0)
		return;
	while ((entry = readdir(proc))) {
		auto_free char *path = NULL;
		auto_buf comm = BUF_INIT;
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || pid == getpid() || !is_of_lab(dirfd(proc), entry->d_name, setting))
			continue;
		if (asprintf(&path, "%ld/comm", pid) < 0)
			path = NULL;
		if (path)
			file_read_at(dirfd(proc), path, 64, &comm);
		buf_addf(out, "process %ld %.*s\n", pid, (int)strcspn(buf_text(&comm), "\n"),
		        buf_text(&comm));
	}
}

static void find_mounts(const char *directory, struct buf *out)
{
	auto_file f = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	size_t size = 0, n = strlen(directory);

	while (f && getline(&line, &size, f) > 0) {
		char *target = line;

		for (int i = 0; i < 4 && target; i++) /* field 5 is the mount point, proc(5) */
			target = strchr(target + 1, ' ');
		if (target && !strncmp(target + 1, directory, n))
			buf_addf(out, "mount %.*s\n", (int)strcspn(target + 1, " "), target + 1);
	}
}

/* The base images are made once for all labs. */
static void find_images(struct buf *out)
{
	struct store_entry *entries = NULL;
	size_t n = 0;

	if (store_list(&entries, &n, NULL) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (strcmp(entries[i].name, "base") != 0 && strncmp(entries[i].name, "base-", 5))
			buf_addf(out, "image %s\n",
			        *entries[i].name ? entries[i].name : entries[i].manifest_digest);
	store_entries_free(entries, n);
}

void replay_left_find(const struct replay_seen *seen, const char *runtime, const char *lab_id,
        const char *directory, struct buf *out)
{
	char group[PLACE_GROUP_SIZE];

	place_group(runtime, group);
	find_containers(runtime, out);
	for (size_t i = 0; i < seen->names.len; i += strlen(seen->names.data + i) + 1)
		find_cgroups(group, seen->names.data + i, out);
	find_processes(lab_id, out);
	find_mounts(directory, out);
	find_images(out);
}
