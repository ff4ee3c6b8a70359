#include "kernel/oci/record.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/utc.h"
#include "kernel/do/start.h"
#include "kernel/oci/bundle.h"
#include "kernel/oci/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char id_set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";

bool record_id_ok(const char *id)
{
	size_t n = strlen(id);

	return n > 0 && n <= 255 && strspn(id, id_set) == n && id[0] != '.';
}

int record_root(const char *asked, char **ret, struct error *err)
{
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
	char here[PATH_MAX];
	int n;

	if (asked && asked[0] == '/')
		n = asprintf(ret, "%s", asked);
	else if (asked && *asked)
		n = getcwd(here, sizeof here) ? asprintf(ret, "%s/%s", here, asked) : -1;
	else if (runtime && runtime[0] == '/')
		n = asprintf(ret, "%s/cutaway-oci", runtime);
	else
		n = asprintf(ret, "/run/cutaway-oci");
	return n < 0 ? record_no_memory(err, "") : 0;
}

static void bad_id(const char *id, struct error *err)
{
	size_t good = strspn(id, id_set);

	if (id[good])
		error_set(err, EINVAL, "name container", id, "invalid character `%c` in the ID",
		        id[good]);
	else
		error_set(err, EINVAL, "name container", id,
		        !*id           ? "the ID is empty"
		        : id[0] == '.' ? "the ID begins with a dot"
		                       : "the ID is too long");
}

int record_new(const char *root, const char *id, struct record **ret, struct error *err)
{
	struct record *r;

	if (!record_id_ok(id)) {
		bad_id(id, err);
		error_advise(err, "an id has letters, digits, '_', '+', '-' and '.', and does not "
		                  "begin with a dot");
		return -EINVAL;
	}
	r = calloc(1, sizeof *r);
	if (!r)
		return record_no_memory(err, id);
	r->lock = -1;
	r->id = strdup(id);
	if (asprintf(&r->directory, "%s/%s", root, id) < 0)
		r->directory = NULL;
	if (!r->id || !r->directory) {
		record_free(r);
		return record_no_memory(err, id);
	}
	*ret = r;
	return 0;
}

/* Who can write what we read here would choose which processes we end and which groups we remove.
 * A directory that is everybody's is good only where nobody removes the entries of others. */
static int check_owner(const char *path, bool shared, struct error *err)
{
	struct stat st;
	bool ours, safe;

	if (lstat(path, &st) < 0)
		return error_set(err, errno, "open directory", path, NULL);
	ours = st.st_uid == geteuid() || (shared && st.st_uid == 0);
	safe = !(st.st_mode & S_IWOTH) || (shared && st.st_mode & S_ISVTX);
	if (S_ISDIR(st.st_mode) && ours && safe)
		return 0;
	error_set(err, EPERM, "open directory", path, "%s",
	        !S_ISDIR(st.st_mode) ? "it is no directory, but leads elsewhere"
	        : ours               ? "everybody can write there"
	                             : "it belongs to somebody else");
	error_advise(err, "choose another with --root");
	return -EPERM;
}

static int take_lock(struct record *r, struct error *err)
{
	auto_close fd = open(r->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return error_set(err, errno, "lock container", r->id, NULL);
	/* Who held it before may have removed it. */
	if (faccessat(fd, ".", F_OK, 0) < 0 || access(r->directory, F_OK) < 0)
		return error_set(err, ENOENT, "find container", r->id, "container does not exist");
	r->lock = steal_fd(&fd);
	return 0;
}

/* The lock belongs to the open file, which the first process has a copy of: closing ours alone
 * would not let go of it, flock(2). */
void record_unlock(struct record *r)
{
	if (r->lock >= 0)
		flock(r->lock, LOCK_UN);
	cleanup_fd(&r->lock);
}

static char *now(void)
{
	char text[UTC_SIZE];
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return strdup(utc_text(t, text));
}

int record_claim(struct record *r, const char *root, struct error *err)
{
	int code = dir_make(root, 0700);

	if (code < 0) {
		error_set(err, -code, "make directory", root, NULL);
		error_advise(err, "choose another with --root, or set XDG_RUNTIME_DIR");
		return code;
	}
	code = check_owner(root, true, err);
	if (code < 0)
		return code;
	if (mkdir(r->directory, 0700) < 0) {
		code = -errno;
		error_set(err, errno, "create container", r->id,
		        errno == EEXIST ? "container with given ID already exists" : "%s",
		        strerror(errno));
		if (code == -EEXIST)
			error_advise(err, "choose another id, or 'cutaway-oci delete %s'", r->id);
		return code;
	}
	r->created = now();
	return take_lock(r, err);
}

bool record_claimed(const struct record *r)
{
	return r->lock >= 0;
}

static char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return strdup(text ? text : "");
}

static int fill(struct record *r, struct error *err)
{
	json_t *json = NULL, *groups;
	int code = record_file_status(r, &json, err);

	if (code < 0)
		return code;
	/* A negative one means many processes to kill(2). */
	if (json_integer_value(json_object_get(json, "pid")) < 0 ||
	        json_integer_value(json_object_get(json, "pid")) > INT_MAX) {
		json_decref(json);
		return error_set(err, EBADMSG, "read", r->directory, "what is kept is spoilt");
	}
	r->bundle = text_of(json, "bundle");
	r->rootfs = text_of(json, "rootfs");
	r->created = text_of(json, "created");
	r->process.pid = (pid_t)json_integer_value(json_object_get(json, "pid"));
	r->process.start_time = (uint64_t)json_integer_value(json_object_get(json, "start_time"));
	r->own_pids = json_is_true(json_object_get(json, "own_pids"));
	r->root_mount.space = (uint64_t)json_integer_value(json_object_get(json, "mount_space"));
	r->root_mount.mount = (uint64_t)json_integer_value(json_object_get(json, "mount"));
	r->annotations = json_incref(json_object_get(json, "annotations"));
	r->kept = (unsigned)json_integer_value(json_object_get(json, "groups_kept"));
	groups = json_object_get(json, "groups");
	for (size_t i = 0; i < json_array_size(groups) && i < GROUP_PARTS_MAX; i++) {
		const char *path = json_string_value(json_array_get(groups, i));
		r->groups[r->n_groups] = path ? strdup(path) : NULL;
		r->n_groups += r->groups[r->n_groups] != NULL;
	}
	json_decref(json);
	return 0;
}

int record_load(const char *root, const char *id, bool lock, struct record **ret, struct error *err)
{
	struct record *r = NULL;
	int code = record_new(root, id, &r, err);

	if (code < 0)
		return code;
	if (faccessat(AT_FDCWD, r->directory, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		code = error_set(err, ENOENT, "find container", id, "container does not exist");
	if (code == 0)
		code = check_owner(r->directory, false, err);
	if (code == 0 && lock)
		code = take_lock(r, err);
	if (code == 0)
		code = fill(r, err);
	if (code < 0) {
		record_free(r);
		return code;
	}
	*ret = r;
	return 0;
}

int record_remove(struct record *r, struct error *err)
{
	auto_free char *path = NULL;
	int code = record_file_path(r, &path, err);

	if (code < 0)
		return code;
	/* Mostly there is nothing else in it. */
	unlink(path);
	if (rmdir(r->directory) == 0)
		return 0;
	code = dir_remove_tree(AT_FDCWD, r->directory);
	return code < 0 ? error_set(err, -code, "remove", r->directory, NULL) : 0;
}

void record_free(struct record *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_groups; i++)
		free(r->groups[i]);
	json_decref(r->annotations);
	record_unlock(r);
	free(r->id);
	free(r->directory);
	free(r->bundle);
	free(r->rootfs);
	free(r->created);
	free(r->streams);
	free(r);
}

/* Whether somebody is at work on it now: then it is being made, else that has failed half way. */
static bool is_locked(const struct record *r)
{
	auto_close fd = open(r->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

enum record_status record_status(const struct record *r)
{
	const char *const *groups = (const char *const *)r->groups;

	if (r->process.pid == 0)
		return r->lock < 0 && is_locked(r) ? RECORD_CREATING : RECORD_STOPPED;
	if (!process_id_alive(&r->process))
		return RECORD_STOPPED;
	if (r->n_groups && group_frozen(groups, r->n_groups))
		return RECORD_PAUSED;
	return start_pending(r->directory) ? RECORD_CREATED : RECORD_RUNNING;
}

const char *record_status_name(enum record_status status)
{
	static const char *const names[] = {
	        [RECORD_CREATING] = "creating",
	        [RECORD_CREATED] = "created",
	        [RECORD_RUNNING] = "running",
	        [RECORD_PAUSED] = "paused",
	        [RECORD_STOPPED] = "stopped",
	};
	return names[status];
}

json_t *record_state(const struct record *r, const char *status)
{
	int pid = strcmp(status, "stopped") ? (int)r->process.pid : 0;
	struct stat st;
	bool root = stat(r->directory, &st) < 0 || st.st_uid == 0;

	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:O*}", "ociVersion",
	        BUNDLE_OCI_VERSION, "id", r->id, "pid", pid, "status", status, "bundle", r->bundle,
	        "rootfs", r->rootfs, "created", r->created, "owner", root ? "root" : "",
	        "annotations", r->annotations);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int record_list(const char *root, json_t **ret, struct error *err)
{
	enum { MAX = 65536 };
	auto_dir dir = opendir(root);
	auto_free char **names = NULL;
	struct dirent *entry;
	size_t n = 0;

	*ret = json_array();
	if (!dir)
		return errno == ENOENT ? 0 : error_set(err, errno, "list containers", root, NULL);
	names = calloc(MAX, sizeof *names);
	while (names && n < MAX && (entry = readdir(dir)))
		if (record_id_ok(entry->d_name))
			names[n++] = strdup(entry->d_name);
	if (names)
		qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(*ret, json_string(names[i]));
		free(names[i]);
	}
	return 0;
}
