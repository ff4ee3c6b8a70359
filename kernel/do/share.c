#include "kernel/do/share.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "kernel/do/namespace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *type, *file;
} kinds[SHARE_KINDS] = {
        [SHARE_NETWORK] = {"network", "net"},
        [SHARE_IPC] = {"ipc", "ipc"},
        [SHARE_PID] = {"pid", "pid"},
        [SHARE_UTS] = {"uts", "uts"},
};

const char *share_type(enum share_kind kind)
{
	return kinds[kind].type;
}

static int not_running(const char *name, struct error *err)
{
	error_set(err, ESRCH, "share namespaces", name, "it does not run");
	error_advise(err, "'cutaway ps' lists those that run");
	return -ESRCH;
}

static int find_process(const char *name, struct process_id *ret, struct error *err)
{
	json_t *state = NULL;
	int r = container_load(name, &state, err);

	if (r < 0)
		return r;
	*ret = container_process(state);
	if (strcmp(container_status_text(state), "running") != 0 || ret->pid <= 0)
		r = not_running(name, err);
	json_decref(state);
	return r;
}

/* Whom its root stands for, the first line of the map. */
static int find_root(pid_t pid, const char *name, uid_t *ret, struct error *err)
{
	auto_file file = NULL;
	uint32_t inside, outside;
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/uid_map", (int)pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%" SCNu32 " %" SCNu32, &inside, &outside) != 2 || inside != 0)
		return error_set(
		        err, EINVAL, "share namespaces", name, "its user namespace has no root");
	*ret = outside;
	return 0;
}

static void enter(struct share *s, const char *type, const char *file, pid_t pid)
{
	struct shared *one = &s->entered[s->n++];

	one->type = type;
	snprintf(one->path, sizeof one->path, "/proc/%d/ns/%s", (int)pid, file);
}

/* All in one user namespace, `user` as namespace_read() tells it: the first sets it. */
static int same_owner(
        struct share *s, enum share_kind kind, char user[static 64], struct error *err)
{
	pid_t pid = s->with[kind].pid;
	char own[64], its[64];

	if (namespace_read(0, "user", own) < 0 || namespace_read(pid, "user", its) < 0)
		return not_running(s->names[kind], err);
	if (*user && strcmp(user, its) != 0) {
		error_set(err, EINVAL, "share namespaces", s->names[kind],
		        "it is in another user namespace than the other container that is shared "
		        "with");
		error_advise(err, "share with one container only, or let that one share with the "
		                  "other first");
		return -EINVAL;
	}
	if (!*user && strcmp(own, its) != 0) {
		enter(s, "user", "user", pid);
		s->user = true;
	}
	memcpy(user, its, 64);
	if (!s->user)
		return 0;
	return find_root(pid, s->names[kind], &s->root, err);
}

/* Of its environment, which has it also when the name is shared with a third. */
static void find_hostname(const char *name, char ret[static 65])
{
	json_t *config = NULL, *one;
	size_t i;

	if (container_load_config(name, &config, NULL) < 0)
		return;
	json_array_foreach (json_object_get(json_object_get(config, "process"), "env"), i, one)
		if (!strncmp(json_string_value(one), "HOSTNAME=", 9))
			snprintf(ret, 65, "%s", json_string_value(one) + 9);
	json_decref(config);
}

int share_find(const char *const names[static SHARE_KINDS], struct share *ret, struct error *err)
{
	struct share s = {0};
	char user[64] = "";
	int r = 0;

	for (int i = 0; r == 0 && i < SHARE_KINDS; i++) {
		s.names[i] = names[i];
		if (!names[i])
			continue;
		r = find_process(names[i], &s.with[i], err);
		if (r == 0)
			r = same_owner(&s, i, user, err);
		enter(&s, kinds[i].type, kinds[i].file, s.with[i].pid);
	}
	if (r < 0)
		return r;
	if (names[SHARE_UTS])
		find_hostname(names[SHARE_UTS], s.hostname);
	*ret = s;
	return 0;
}

int share_check(const struct share *s, struct error *err)
{
	for (int i = 0; i < SHARE_KINDS; i++)
		if (s->names[i] && !process_id_alive(&s->with[i]))
			return not_running(s->names[i], err);
	return 0;
}
