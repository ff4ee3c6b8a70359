/* What is asked for, what failed and what is gone is told in every view where it belongs: the same
 * wants that the checks give stand as ghosts where the thing will appear. */
#include "kernel/base/cleanup.h"
#include "render/view.h"
#include "tests/unit/model_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool has(const struct scene *s, enum scene_mark mark, const char *words)
{
	for (size_t i = 0; i < s->n_texts; i++)
		if (s->texts[i].mark == mark && strstr(s->texts[i].text, words))
			return true;
	for (size_t i = 0; i < s->n_boxes; i++)
		if (s->boxes[i].mark == mark && strstr(s->boxes[i].title, words))
			return true;
	return false;
}

static void assert_mark(
        const char *view, struct view_input in, enum scene_mark mark, const char *words)
{
	struct scene s;

	in.width = 200;
	in.height = 120;
	assert_int_equal(view_find(view)->layout(&in, &s), 0);
	if (!has(&s, mark, words))
		fail_msg("view %s: nothing with mark %d says '%s' (%s)", view, mark, words,
		        in.n_wants ? in.wants[0].fact : "");
	scene_release(&s);
}

static void assert_ghost(const char *view, const struct model *m, const char *subject,
        const char *fact, const char *wanted, const char *words)
{
	struct view_want want = {fact, wanted};

	assert_mark(view,
	        (struct view_input){.now = m, .subject = subject, .wants = &want, .n_wants = 1},
	        MARK_GHOST, words);
}

static void ghosts_of_what_is_not_there(void **state)
{
	struct model *m = fixture_host();

	(void)state;
	assert_ghost("host", m, NULL, "container.new", "running", "new");
	assert_ghost("host", m, NULL, "container.new.link.eth0", "", "new: eth0");
	assert_ghost("host", m, NULL, "container.new.upper./hello", "added", "/hello");
	assert_ghost("kernel", m, NULL, "container.new.ns.uts", "", "own");
	assert_ghost("kernel", m, NULL, "container.new.cgroup", "", "new");
	assert_ghost("kernel", m, NULL, "container.new.cgroup.memory.max", "64M", "new");
	assert_ghost("kernel", m, NULL, "cgroup./shop", "", "/shop");
	assert_ghost("network", m, NULL, "container.new.ns.net", "", "new");
	assert_ghost("network", m, NULL, "container.new.link.eth0", "10.0.0.2/24", "eth0");
	assert_ghost("container", m, "new", "container.new", "running", "running");
	assert_ghost("steps", m, NULL, "container.new.ns.uts", "", "container.new.ns.uts");
	assert_ghost("image", m, "new", "image.new", "", "new");
	model_free(m);
	m = fixture_three(); /* what is asked for comes before what has been built */
	assert_ghost(
	        "steps", m, "new", "container.new.ns.uts", "", "steps of new: not planned yet");
	model_free(m);
}

static void ghosts_of_what_is_not_yet_so(void **state)
{
	static const struct {
		const char *fact, *words;
	} asked[] = {
	        {"container.hand.hostname", "wanted"},
	        {"container.hand.ns.net", "to come"},
	        {"container.hand.root", "wanted"},
	        {"container.hand.uid", "wanted"},
	        {"container.hand.cgroup.memory.max", "wanted"},
	        {"container.hand.cgroup.pids.max", "wanted"},
	        {"container.hand.cgroup.cpu.quota", "wanted"},
	        {"container.hand.mount./proc", "/proc wanted"},
	        {"container.hand.layers", "wanted"},
	        {"container.hand.upper./hello", "/hello wanted"},
	        {"container.hand.changes", "wanted"},
	        {"container.hand.link.eth0", "eth0 wanted"},
	        {"container.hand.cap.sys_admin", "sys_admin"},
	        {"container.hand.caps", "wanted"},
	        {"container.hand.seccomp", "wanted"},
	        {"container.hand.no_new_privs", "wanted"},
	        {"container.hand.processes", "wanted"},
	        {"container.hand.command", "wanted"},
	        {"container.hand.image", "wanted"},
	        {"container.hand.exit", "wanted"},
	        {"container.hand.step.exec", "wanted"},
	};
	struct model *m = fixture_building(9);

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		assert_ghost("container", m, "hand", asked[i].fact,
		        strstr(asked[i].fact, ".ns.") ? "" : "wanted", asked[i].words);
	assert_ghost("kernel", m, NULL, "container.hand.ns.net", "", "own");
	assert_ghost("network", m, NULL, "container.hand.ns.net", "", "hand");
	assert_ghost("steps", m, NULL, "container.hand.ns.cgroup", "", "cgroup namespace");
	assert_ghost("steps", m, NULL, "container.hand.seccomp", "", "seccomp");
	assert_ghost("steps", m, NULL, "container.hand.step.exec", "done", "the program");
	model_free(m);
}

static void a_written_file_in_the_image(void **state)
{
	struct model *m = fixture_three();
	int layers[] = {fixture_layer(m, 'a', 1, "COPY a /")};

	(void)state;
	fixture_made_from(m, &m->containers[0], fixture_image(m, "shop", '1', layers, 1));
	assert_ghost("image", m, "shop", "container.blue.upper./hello", "added", "added");
	model_free(m);
}

static void failures(void **state)
{
	struct model *m = fixture_building(0);
	struct model_step *step = (struct model_step *)&m->containers[0].steps[12];
	struct view_input in = {.now = m, .subject = "hand"};

	(void)state;
	step->status = STEP_FAILED;
	step->error = "step mount-proc: mount: /proc: it takes a pid namespace of its own (EPERM)";
	assert_mark("host", in, MARK_FAILED, "hand: mount-proc: EPERM"); /* among the mounts */
	assert_mark("container", in, MARK_FAILED, "it takes a pid namespace of its own (EPERM)");
	assert_mark("steps", in, MARK_FAILED, "it takes a pid namespace of its own (EPERM)");
	in.subject = NULL;
	assert_mark("host", in, MARK_FAILED, "mount-proc: EPERM");
	step->id = "namespace-uts";
	assert_mark("kernel", in, MARK_FAILED, "hand: namespace-uts: EPERM");
	step->id = "limit-memory";
	assert_mark("kernel", in, MARK_FAILED, "hand: limit-memory: EPERM");
	step->id = "veth";
	assert_mark("network", in, MARK_FAILED, "hand: veth: EPERM");
	step->id = "seccomp";
	assert_mark("host", in, MARK_FAILED, "hand: seccomp: EPERM");
	model_free(m);
}

static void what_is_gone(void **state)
{
	struct model *before = fixture_three(), *m = fixture_host();
	struct view_input in = {.now = m, .before = before};

	(void)state;
	fixture_link(before, before->host.ns[NS_NET], 9, "cutaway0", "", true);
	assert_mark("host", in, MARK_GONE, "red");
	assert_mark("kernel", in, MARK_GONE, "red");
	assert_mark("kernel", in, MARK_GONE, "/cutaway/red");
	assert_mark("network", in, MARK_GONE, "cutaway0");
	in.subject = "red";
	assert_mark("container", in, MARK_GONE, "red");
	assert_mark("steps", in, MARK_GONE, "red");
	model_free(m);
	model_free(before);
}

static void what_is_gone_of_a_container(void **state)
{
	struct model *before = fixture_three(), *m = fixture_three();
	const struct model_container *blue = &m->containers[0];
	struct view_input in = {.now = m, .before = before, .subject = "blue"};

	(void)state;
	fixture_process(before, 2000, (int)blue->pid, "sh", "sh", ROLE_CONTAINERIZED)->container =
	        0;
	fixture_mount(before, blue->ns[NS_MNT], "tmpfs", "/gone", "tmpfs", "rw");
	before->mounts[before->n_mounts - 1].id = 9999;
	fixture_link(before, blue->ns[NS_NET], 2, "eth0", "", true);
	assert_mark("container", in, MARK_GONE, "2000 sh");
	assert_mark("container", in, MARK_GONE, "/gone");
	assert_mark("container", in, MARK_GONE, "eth0");
	model_free(m);
	model_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ghosts_of_what_is_not_there),
	        cmocka_unit_test(ghosts_of_what_is_not_yet_so),
	        cmocka_unit_test(a_written_file_in_the_image),
	        cmocka_unit_test(failures),
	        cmocka_unit_test(what_is_gone),
	        cmocka_unit_test(what_is_gone_of_a_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
