/* Recorded machines (tests/fixtures/NAME) read into models, compared as JSON with those kept beside
 * them (tests/fixtures/NAME.json). After a change that is meant:
 * UPDATE_GOLDEN=1 build/unit/test_observe_trees, then look at the difference. Run from the root. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/model_json.h"
#include "kernel/observe/observer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct model *read_tree(const char *name)
{
	auto_free char *root = NULL;
	struct observer *o = NULL;
	struct model *m = NULL;
	struct error err = {0};

	assert_true(asprintf(&root, "tests/fixtures/%s", name) > 0);
	const struct observer_options options = {.root = root};
	assert_int_equal(observer_new(&options, &o, &err), 0);
	assert_int_equal(observer_read(o, &m, &err), 0);
	observer_free(o);
	return m;
}

static void print_difference(const char *name, const char *kept, const char *now)
{
	size_t i = 0, line = 1;

	while (kept[i] && kept[i] == now[i])
		line += kept[i++] == '\n';
	while (i && kept[i - 1] != '\n')
		i--;
	print_error("%s.json differs at line %zu\n kept: %.*s\n now:  %.*s\n", name, line,
	        (int)strcspn(kept + i, "\n"), kept + i, (int)strcspn(now + i, "\n"), now + i);
}

static void same_as_kept(const char *name)
{
	auto_free char *path = NULL, *now = NULL;
	auto_buf kept = BUF_INIT;
	struct model *m = read_tree(name);
	json_t *json = model_to_json(m);

	assert_non_null(json);
	now = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	model_free(m);
	assert_non_null(now);
	assert_true(asprintf(&path, "tests/fixtures/%s.json", name) > 0);
	if (getenv("UPDATE_GOLDEN"))
		assert_int_equal(file_replace_at(AT_FDCWD, path, now, strlen(now), 0644), 0);
	assert_int_equal(file_read_at(AT_FDCWD, path, 4 << 20, &kept), 0);
	if (strcmp(buf_text(&kept), now) != 0) {
		print_difference(name, buf_text(&kept), now);
		fail();
	}
}

static void docker_host(void **state)
{
	(void)state;
	same_as_kept("docker-host-v1");
}

static void podman_user(void **state)
{
	(void)state;
	same_as_kept("podman-user-v2");
}

static void kubernetes_node(void **state)
{
	(void)state;
	same_as_kept("kubernetes-node-v2");
}

static void plain_laptop(void **state)
{
	(void)state;
	same_as_kept("plain-laptop");
}

static void unshare_hybrid(void **state)
{
	(void)state;
	same_as_kept("unshare-hybrid");
}

/* What the kept files must hold whoever updates them: the thesis of the drawing, in facts. */
static void docker_containers_are_processes(void **state)
{
	struct model *m = read_tree("docker-host-v1");
	const struct model_container *web = model_container(m, "1f2e3d4c5b6a");
	const struct model_container *metrics = model_container(m, "a0b1c2d3e4f5");

	(void)state;
	assert_string_equal(m->host.cgroup_mode, "v1");
	assert_int_equal(m->n_containers, 2);
	assert_non_null(web);
	assert_int_equal(web->status, CONTAINER_FOREIGN);
	assert_int_equal(web->pid, 921);
	assert_int_equal(web->processes, 3); /* docker exec's shell is no child of the first */
	assert_int_equal(model_process(m, 1500)->role, ROLE_CONTAINERIZED);
	assert_int_equal(model_process(m, 921)->ns_pid, 1);
	assert_int_equal(m->cgroups[web->cgroup].memory_max, 128 << 20);
	/* --pid=host: only its mount and UTS namespace tell. */
	assert_non_null(metrics);
	assert_int_equal(metrics->ns[NS_PID], 0);
	assert_true(m->cgroups[metrics->cgroup].frozen);
	assert_true(m->cgroups[metrics->cgroup].memory_max == MODEL_NO_LIMIT);
	assert_int_equal(model_process(m, 480)->role, ROLE_DAEMON);
	model_free(m);
}

static const struct model_container *container_of(const struct model *m, pid_t pid)
{
	const struct model_process *p = model_process(m, pid);

	assert_non_null(p);
	assert_true(p->container >= 0);
	return &m->containers[p->container];
}

/* A pod is no thing of the kernel's either: each of its containers has processes and mounts of its
 * own, and they share the namespaces that its pause process holds. */
static void pods_share_namespaces(void **state)
{
	struct model *m = read_tree("kubernetes-node-v2");
	const struct model_container *pause = container_of(m, 857), *nginx = container_of(m, 861);
	const struct model_container *tail = container_of(m, 867), *proxy = container_of(m, 821);

	(void)state;
	assert_string_equal(m->host.cgroup_mode, "v2");
	assert_int_equal(m->n_containers, 9);
	assert_int_equal(nginx->processes, 3);
	assert_true(nginx != pause && nginx != tail);
	assert_true(nginx->ns[NS_NET] && nginx->ns[NS_NET] == pause->ns[NS_NET]);
	assert_true(tail->ns[NS_NET] == pause->ns[NS_NET]);
	assert_true(nginx->ns[NS_IPC] == pause->ns[NS_IPC]);
	assert_true(nginx->ns[NS_UTS] == pause->ns[NS_UTS]);
	assert_true(nginx->ns[NS_PID] != pause->ns[NS_PID]);
	assert_true(nginx->ns[NS_MNT] != pause->ns[NS_MNT]);
	assert_int_equal(m->cgroups[nginx->cgroup].memory_max, 128 << 20);
	assert_int_equal(m->cgroups[nginx->cgroup].cpu_quota_us, 50000);
	assert_int_equal(proxy->ns[NS_NET], 0); /* hostNetwork: true */
	assert_int_equal(model_process(m, 753)->role, ROLE_DAEMON);
	model_free(m);
}

static void sandboxed_service_is_no_container(void **state)
{
	struct model *m = read_tree("plain-laptop");

	(void)state;
	assert_int_equal(m->n_containers, 0);
	assert_int_equal(model_process(m, 612)->role, ROLE_REGULAR);
	assert_true(model_process(m, 612)->ns[NS_MNT] != m->host.ns[NS_MNT]);
	assert_string_equal(model_process(m, 1402)->cmdline, "vim notes with spaces.txt");
	assert_string_equal(model_process(m, 1410)->cmdline, "[sleep]"); /* a zombie has none */
	model_free(m);
}

/* A container of root's, seen by a user: its links are kept from us, NSpid is not. */
static void unreadable_container_is_seen(void **state)
{
	struct model *m = read_tree("podman-user-v2");
	const struct model_container *c = model_container(m, "1f2e3d4c5b6a");

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->processes, 2);
	assert_int_equal(c->ns[NS_PID], 0);
	assert_string_equal(
	        model_container(m, "0123456789ab")->uid_map, "0 1000 1, 1 100000 65536");
	model_free(m);
}

static void states_are_corrected_by_what_lives(void **state)
{
	struct model *m = read_tree("unshare-hybrid");
	const struct model_container *hand = model_container(m, "hand");

	(void)state;
	assert_int_equal(hand->status, CONTAINER_BUILDING);
	assert_int_equal(hand->pid, 21098);
	assert_true(hand->ns[NS_UTS] != 0);
	assert_true(hand->ns[NS_NET] == 0); /* still shared */
	assert_int_equal(hand->steps[3].status, STEP_FAILED);
	assert_int_equal(m->cgroups[hand->cgroup].pids_max, 20);
	assert_int_equal(model_container(m, "gone")->status, CONTAINER_EXITED);
	assert_int_equal(model_container(m, "over")->exit_code, 7);
	assert_int_equal(model_container(m, "plan")->status, CONTAINER_PLANNED);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(docker_host),
	        cmocka_unit_test(podman_user),
	        cmocka_unit_test(kubernetes_node),
	        cmocka_unit_test(plain_laptop),
	        cmocka_unit_test(unshare_hybrid),
	        cmocka_unit_test(docker_containers_are_processes),
	        cmocka_unit_test(pods_share_namespaces),
	        cmocka_unit_test(sandboxed_service_is_no_container),
	        cmocka_unit_test(unreadable_container_is_seen),
	        cmocka_unit_test(states_are_corrected_by_what_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
