#include "kernel/oci/create.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/idmap.h"
#include "kernel/do/label.h"
#include "kernel/do/namespace_join.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/start.h"
#include "kernel/do/steps.h"
#include "kernel/oci/console.h"
#include "kernel/oci/life.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int no_memory(struct error *err, const char *id)
{
	return error_set(err, ENOMEM, "create container", id, NULL);
}

/* Sockets that somebody has opened for the program, sd_listen_fds(3): the descriptors from 3 on. */
static int listen_fds(void)
{
	const char *text = getenv("LISTEN_FDS");
	long n = text ? strtol(text, NULL, 10) : 0;

	return n > 0 && n <= 1024 ? (int)n : 0;
}

/* The program is the first of its pid namespace, which is what it has to compare with. */
static int tell_listen_fds(struct config *c, struct error *err)
{
	char count[32];
	char **env;

	if (!listen_fds())
		return 0;
	snprintf(count, sizeof count, "LISTEN_FDS=%d", listen_fds());
	env = arena_alloc(&c->arena, (c->n_env + 4) * sizeof *env);
	if (!env)
		return no_memory(err, "");
	memcpy(env, c->env, c->n_env * sizeof *env);
	env[c->n_env++] = arena_strdup(&c->arena, count);
	env[c->n_env++] = arena_strdup(&c->arena, "LISTEN_PID=1");
	c->env = env;
	return env[c->n_env - 1] && env[c->n_env - 2] ? 0 : no_memory(err, "");
}

/* Those that are not open are taken up meanwhile, so that none of ours gets their numbers and
 * counts as one to be handed on. */
static int fill_holes(int n)
{
	for (int fd = 3; fd < 3 + n; fd++) {
		int null;
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		null = open("/dev/null", O_PATH | O_CLOEXEC);
		if (null < 0)
			return -errno;
		/* Where it is not lower than that: the lowest free one is what open(2) gives. */
		if (null != fd) {
			close(null);
			return -EMFILE;
		}
	}
	return 0;
}

int create_take_fds(int n, struct error *err)
{
	int r = fill_holes(n);

	if (r < 0)
		return error_set(err, -r, "preserve descriptors", "of the caller", NULL);
	if (syscall(SYS_close_range, 3u + (unsigned)n, ~0u, 0) < 0)
		return error_set(err, errno, "close descriptors", "of the caller", NULL);
	return 0;
}

int create_pid_file(const char *path, pid_t pid, struct error *err)
{
	char text[16];
	int r;

	if (!path)
		return 0;
	snprintf(text, sizeof text, "%d", (int)pid);
	r = file_replace_at(AT_FDCWD, path, text, strlen(text), 0644);
	return r < 0 ? error_set(err, -r, "write pid file", path, NULL) : 0;
}

/* Before the rest of the configuration: how the command was called comes first, as with crun. */
static int check_console(const struct create_options *o, const json_t *config, struct error *err)
{
	bool terminal =
	        json_is_true(json_object_get(json_object_get(config, "process"), "terminal"));

	if (terminal && !o->console_socket && !o->keep_console) {
		error_set(err, EINVAL, "create container", "process.terminal",
		        "nobody would hold the terminal");
		error_advise(err, "use --console-socket to say where it goes, or set "
		                  "process.terminal to false");
		return -EINVAL;
	}
	if (!terminal && o->console_socket)
		return error_set(err, EINVAL, "create container", "--console-socket",
		        "process.terminal is not true: there is no terminal to send");
	return 0;
}

/* "/a/b" is a path in every tree; anything else is below our own directory. Where nothing is said
 * there is no directory above either, which would have to be made and removed in every tree.
 * "slice:prefix:name" is for who talks to systemd. */
int create_group_path(
        const struct config *c, const char *id, char ret[static PATH_MAX], struct error *err)
{
	const char *asked = c->cgroups_path, *colon = strchr(asked, ':');
	int n;

	if (colon && strchr(colon + 1, ':') && asked[0] != '/')
		return error_set(err, ENOTSUP, "read config.json", "linux.cgroupsPath",
		        "\"%s\" is for systemd, which this program does not talk to", asked);
	if (asked[0] == '/')
		n = snprintf(ret, PATH_MAX, "%s", asked);
	else if (*asked)
		n = snprintf(ret, PATH_MAX, "/cutaway-oci/%s", asked);
	else
		n = snprintf(ret, PATH_MAX, "/cutaway-oci-%s", id);
	if (n >= PATH_MAX)
		return error_set(err, ENAMETOOLONG, "read config.json", "linux.cgroupsPath", NULL);
	while (n > 1 && ret[n - 1] == '/')
		ret[--n] = '\0';
	if (!ret[strspn(ret, "/.")])
		return error_set(err, EINVAL, "read config.json", "linux.cgroupsPath",
		        "the top of the tree is everybody's");
	return 0;
}

/* Without a right to make groups a container has none, if it asks for no limit: devices are out of
 * reach of a user namespace anyway. */
static int find_group(struct creation *c, const struct create_options *o, struct error *err)
{
	const struct config *config = c->bundle.config;
	bool own_devices = (config->namespaces | config_joined(config)) & CLONE_NEWUSER;
	struct error why = {0};
	char path[PATH_MAX];
	int r;

	if (o->no_cgroup && config->n_resources)
		return error_set(err, EINVAL, "create container", config->resources[0].member,
		        "it needs a control group, and those are switched off");
	if (o->no_cgroup)
		return 0;
	r = create_group_path(config, o->id, path, err);
	if (r < 0)
		return r;
	r = group_new(path, config, &c->build.group, &why);
	if (r < 0 && !config->n_resources &&
	        (own_devices || !config->n_device_rules || config->devices_by_default) &&
	        (r == -EACCES || why.code == ENOTSUP))
		return 0;
	if (r < 0) {
		if (err && !err->code)
			*err = why;
		return r;
	}
	for (size_t i = 0; i < group_count(c->build.group); i++) {
		char *copy = strdup(group_directory(c->build.group, i));
		if (!copy)
			return no_memory(err, o->id);
		c->record->kept |= (unsigned)group_was_there(c->build.group, i)
		                   << c->record->n_groups;
		c->record->groups[c->record->n_groups++] = copy;
	}
	return 0;
}

static int state_text(const struct build *b, const char *status, struct buf *out)
{
	struct record now = *(const struct record *)b->state_of;
	auto_free char *text = NULL;
	json_t *json;

	now.process = b->process;
	json = record_state(&now, status);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return -ENOMEM;
	buf_add(out, text);
	return buf_failed(out) ? -ENOMEM : 0;
}

static int add_home(struct creation *c, struct error *err)
{
	const char *root = c->bundle.rootfs;
	char name[FD_PATH_SIZE];
	auto_close fd = -1;

	if (!(c->bundle.config->namespaces & CLONE_NEWNS)) {
		struct stat its, own;
		int r = mount_join_open(&c->build, root, &fd, NULL, err);
		if (r < 0)
			return r;
		if (fstat(fd, &its) == 0 && stat("/", &own) == 0 && its.st_dev == own.st_dev &&
		        its.st_ino == own.st_ino)
			return error_set(err, EINVAL, "find root.path", root,
			        "the host's own root cannot be that of a container");
		root = fd_path(fd, name);
	}
	return bundle_add_home(c->bundle.config, root, err);
}

static int make_plan(struct creation *c, const struct create_options *o, struct error *err)
{
	struct build *b = &c->build;
	int r;

	if (c->bundle.config->hostname[0] && o->warnings &&
	        !((c->bundle.config->namespaces | config_joined(c->bundle.config)) & CLONE_NEWUTS))
		buf_add(o->warnings, "hostname: left out, since it would be the host's: there is "
		                     "no uts namespace\n");
	bundle_trim_capabilities(c->bundle.config, o->warnings);
	b->name = c->record->id;
	b->config = c->bundle.config;
	b->bundle = true;
	b->overlay.merged = c->bundle.rootfs;
	b->state_text = state_text;
	b->state_of = c->record;
	b->preserve_fds = o->preserve_fds + listen_fds();
	b->new_keyring = !o->no_new_keyring;
	b->no_pivot = o->no_pivot;
	b->warnings = o->warnings;
	r = label_check(c->bundle.config, err);
	if (o->warnings)
		buf_add(o->warnings, buf_text(&c->bundle.config->warnings));
	if (r == 0)
		r = label_mounts(c->bundle.config, err);
	if (r == 0)
		r = namespace_join_open(b, err);
	if (r == 0)
		r = add_home(c, err);
	if (r == 0)
		r = tell_listen_fds(c->bundle.config, err);
	if (r == 0)
		r = find_group(c, o, err);
	b->starts_at_once = o->start && !b->config->hooks[HOOK_START_CONTAINER].n;
	if (r == 0 && !b->starts_at_once)
		r = record_claim(c->record, o->root, err);
	if (r == 0 && !b->starts_at_once)
		r = start_listen(c->record->directory, &b->start_fd, err);
	if (r == 0)
		r = plan_new(b, &c->plan, err);
	if (r == 0)
		executor_init(&c->executor, b, c->plan);
	return r;
}

static int fill_record(struct creation *c, struct error *err)
{
	struct record *r = c->record;

	r->bundle = strdup(c->bundle.path);
	r->rootfs = strdup(c->bundle.rootfs);
	r->annotations = json_incref((json_t *)c->bundle.config->annotations);
	r->own_pids = c->bundle.config->namespaces & CLONE_NEWPID;
	if (!r->bundle || !r->rootfs)
		return no_memory(err, r->id);
	return 0;
}

static int hand_over(struct creation *c, const struct create_options *o, struct error *err)
{
	struct build *b = &c->build;
	struct winsize size = {
	        .ws_col = (unsigned short)b->config->console_width,
	        .ws_row = (unsigned short)b->config->console_height,
	};
	int r;

	if (b->console_fd < 0)
		return 0;
	if (size.ws_col && size.ws_row)
		ioctl(b->console_fd, TIOCSWINSZ, &size);
	if (!o->console_socket)
		return 0;
	r = console_send(o->console_socket, b->console_fd, err);
	cleanup_fd(&b->console_fd);
	return r;
}

/* Before the first thing is made that would be left after a crash: that is a control group. What
 * ends with us needs no record. */
static int begin_record(void *context, struct error *err)
{
	struct creation *c = context;
	int r = record_claimed(c->record) ? 0 : record_claim(c->record, c->root, err);

	return r < 0 ? r : record_begin(c->record, buf_text(&c->bundle.text), err);
}

static int perform(struct creation *c, const struct create_options *o, struct error *err)
{
	int last = plan_find(c->plan, "start");
	int r = 0;

	c->root = o->root;
	c->executor.context = c;
	if (plan_find(c->plan, "cgroup-path") >= 0)
		c->executor.meanwhile = begin_record;
	else
		r = begin_record(c, err);
	if (r == 0)
		r = executor_run(&c->executor, (size_t)last, err);
	if (r < 0)
		return r;
	c->record->process = c->build.process;
	c->record->root_mount = c->build.root_mount;
	r = hand_over(c, o, err);
	if (r == 0)
		r = create_pid_file(o->pid_file, c->build.process.pid, err);
	if (r == 0)
		r = c->build.starts_at_once ? record_save(c->record, err)
		                            : record_save_whole(c->record, err);
	if (r < 0)
		executor_undo(&c->executor, NULL);
	return r;
}

/* The rest of the plan: of a container that waits on no socket. Else it is started as by `start`,
 * which is a stranger to it. */
static int start_it(struct creation *c, const struct create_options *o, struct error *err)
{
	const struct config *config = c->bundle.config;
	int r;

	if (c->build.starts_at_once) {
		r = executor_run(&c->executor, c->plan->n - 1, err);
	} else {
		r = life_release(c->record, config, err);
		if (r < 0)
			executor_undo(&c->executor, NULL);
	}
	if (r == 0)
		life_late_hooks(c->record, &config->hooks[HOOK_POSTSTART], "running", o->warnings);
	return r;
}

static bool hook_failed(const struct plan *p)
{
	for (size_t i = 0; p && i < p->n; i++)
		if (p->steps[i].state == STEP_STATE_FAILED &&
		        (p->steps[i].ops == &step_hooks_runtime ||
		                p->steps[i].ops == &step_hooks_container))
			return true;
	return false;
}

/* What hooks have begun the last ones end, runtime.md "Lifecycle": also when one of the first has
 * failed. */
static void give_up(struct creation *c, const struct create_options *o, bool created)
{
	if (record_claimed(c->record))
		record_remove(c->record, NULL);
	if (created || hook_failed(c->plan))
		life_late_hooks(
		        c->record, &c->bundle.config->hooks[HOOK_POSTSTOP], "stopped", o->warnings);
}

int create(const struct create_options *o, struct creation **ret, struct error *err)
{
	struct creation *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return no_memory(err, o->id);
	build_init(&c->build);
	r = create_take_fds(o->preserve_fds + listen_fds(), err);
	if (r == 0)
		r = bundle_read(o->bundle, o->config, &c->bundle, err);
	if (r == 0)
		r = check_console(o, c->bundle.json, err);
	if (r == 0)
		r = bundle_parse(&c->bundle, err);
	if (r == 0)
		r = record_new(o->root, o->id, &c->record, err);
	if (r == 0) {
		bool created;
		r = fill_record(c, err);
		if (r == 0)
			r = make_plan(c, o, err);
		if (r == 0)
			r = perform(c, o, err);
		created = r == 0;
		if (r == 0 && o->start)
			r = start_it(c, o, err);
		if (r < 0)
			give_up(c, o, created);
	}
	if (r < 0) {
		creation_free(c);
		return r;
	}
	record_unlock(c->record);
	*ret = c;
	return 0;
}

void creation_free(struct creation *c)
{
	if (!c)
		return;
	plan_free(c->plan);
	build_release(&c->build);
	record_free(c->record);
	bundle_release(&c->bundle);
	free(c);
}
