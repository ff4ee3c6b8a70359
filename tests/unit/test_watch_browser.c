/* A recorded watch on a screen: what keys do, that it is drawn in any size, and that calls are
 * explained by the steps of our own runtime. */
#include "kernel/base/cleanup.h"
#include "kernel/do/step.h"
#include "render/backend.h"
#include "shell/watch/browser.h"
#include "shell/watch/explain.h"
#include "tests/unit/scene_checks.h"
#include "tests/unit/watch_fixture.h"

static void press(struct watch_browser *b, enum screen_key_kind kind, uint32_t character)
{
	watch_browser_key(b, &(struct screen_key){.kind = kind, .character = character});
}

static void letter(struct watch_browser *b, char c)
{
	press(b, KEY_KIND_CHARACTER, (unsigned char)c);
}

static void draw(struct watch_browser *b, int width, int height, struct buf *text)
{
	struct scene s;
	struct canvas c;

	scene_init(&s, width, height);
	watch_browser_draw(b, &s);
	assert_false(s.failed);
	check_texts(&s);
	check_edges(&s);
	assert_int_equal(canvas_init(&c, width, height), 0);
	canvas_draw(&c, &s, false);
	buf_reset(text);
	text_write(&c, THEME_NONE, text);
	canvas_release(&c);
	scene_release(&s);
}

static void test_moving(void **state)
{
	struct watch_recording r;
	struct watch_browser b;
	auto_buf text = BUF_INIT;
	size_t n;

	(void)state;
	fixture_watch("runc", &r);
	watch_browser_init(&b, &r, WATCH_LEVEL_KERNEL, false);
	draw(&b, 80, 24, &text);
	n = b.lifelines.sequence.n_messages;
	assert_non_null(strstr(buf_text(&text), "level kernel"));
	assert_int_equal(b.height, 9);
	letter(&b, 'j');
	press(&b, KEY_KIND_DOWN, 0);
	assert_int_equal(b.cursor, 2);
	letter(&b, 'k');
	assert_int_equal(b.cursor, 1);
	letter(&b, 'G');
	assert_int_equal(b.cursor, n - 1);
	assert_int_equal(b.top, n - 9);
	letter(&b, 'j');
	assert_int_equal(b.cursor, n - 1);
	letter(&b, 'g');
	assert_int_equal(b.top, 0);
	press(&b, KEY_KIND_PAGE_DOWN, 0);
	assert_int_equal(b.cursor, 8);
	watch_browser_release(&b);
	watch_recording_release(&r);
}

static void test_finding(void **state)
{
	struct watch_recording r;
	struct watch_browser b;
	auto_buf text = BUF_INIT;
	size_t event;

	(void)state;
	fixture_watch("runc", &r);
	watch_browser_init(&b, &r, WATCH_LEVEL_KERNEL, false);
	draw(&b, 80, 24, &text);
	/* A search; q is a letter like any other while one types. */
	letter(&b, '/');
	for (const char *p = "pivot_"; *p; p++)
		letter(&b, *p);
	draw(&b, 80, 24, &text);
	assert_non_null(strstr(buf_text(&text), "/pivot_"));
	press(&b, KEY_KIND_ENTER, 0);
	assert_int_equal(
	        strncmp(b.lifelines.sequence.messages[b.cursor].text, "pivot_root", 10), 0);
	event = b.lifelines.arrows[b.cursor].event;
	letter(&b, 'n');
	assert_int_equal(b.lifelines.arrows[b.cursor].event, event);

	/* The event in full, and what it is for. */
	press(&b, KEY_KIND_ENTER, 0);
	draw(&b, 80, 24, &text);
	assert_non_null(strstr(buf_text(&text), "the new root takes the place of the old"));
	assert_non_null(strstr(buf_text(&text), "pivot_root(2)"));
	letter(&b, 'q');
	assert_false(b.ended);

	/* Another level keeps the event. */
	letter(&b, '4');
	draw(&b, 80, 24, &text);
	assert_int_equal(b.lifelines.arrows[b.cursor].event, event);
	assert_int_equal(b.lifelines.sequence.n_messages, r.n);
	letter(&b, '+');
	assert_int_equal(b.level, WATCH_LEVEL_ALL);
	letter(&b, '1');
	draw(&b, 80, 24, &text);
	assert_true(b.lifelines.sequence.n_messages < 4);
	letter(&b, '-');
	assert_int_equal(b.level, WATCH_LEVEL_API);
	letter(&b, 'q');
	assert_true(b.ended);
	watch_browser_release(&b);
	watch_recording_release(&r);
}

static void test_any_key_any_size(void **state)
{
	static const char keys[] = "jkgG1234+-/nN? qx\x02\x06";
	struct watch_recording r;
	struct watch_browser b;
	auto_buf text = BUF_INIT;

	(void)state;
	for (unsigned seed = 1; seed <= 40; seed++) {
		unsigned s = seed;
		if (seed % 2)
			fixture_watch("unshare", &r);
		else
			fixture_random_watch(seed, &r);
		watch_browser_init(&b, &r, WATCH_LEVEL_ALL, false);
		for (int i = 0; i < 40; i++) {
			unsigned k = fixture_any(&s, 30);
			if (k < sizeof keys - 1)
				letter(&b, keys[k]);
			else
				press(&b, (enum screen_key_kind)fixture_any(&s, KEY_KIND_RESIZE),
				        0);
			draw(&b, 1 + (int)fixture_any(&s, 160), 1 + (int)fixture_any(&s, 50),
			        &text);
		}
		watch_browser_release(&b);
		watch_recording_release(&r);
	}
}

/* ---- explanations ---- */

static void explained(
        const char *call, const char *arguments, const char *step, const char *expected)
{
	struct watch_event e = {.kind = WATCH_CALL, .name = call, .text = arguments, .failure = ""};
	auto_buf text = BUF_INIT;
	bool known = false;

	watch_explain(&e, &text);
	if (!strstr(buf_text(&text), expected))
		fail_msg("%s(%s) is explained as: %s", call, arguments, buf_text(&text));
	if (!step) {
		assert_null(watch_step_of(&e));
		return;
	}
	assert_string_equal(watch_step_of(&e), step);
	for (const struct step_ops *const *s = step_order; *s; s++)
		known |= !strcmp((*s)->id, step);
	assert_true(known);
}

static void test_explained(void **state)
{
	(void)state;
	explained("unshare", "CLONE_NEWUTS", "namespace-uts", "uts_namespaces(7)");
	explained("unshare", "CLONE_NEWNET", "namespace-net", "network_namespaces(7)");
	explained("unshare", "CLONE_NEWTIME", "namespace-time", "machine has been up");
	explained("setns", "7, CLONE_NEWNET", "namespace-join", "It shares these");
	explained("clone3", "{flags=CLONE_NEWPID}", "clone", "pid_namespaces(7)");
	explained("pivot_root", "\".\", \".\"", "pivot", "pivot_root(2)");
	explained("mount", "\"proc\", \"/proc\", \"proc\", 0, NULL", "mount-proc", "proc(5)");
	explained("mount", "\"none\", \"/\", NULL, MS_REC|MS_PRIVATE", "root-propagation",
	        "mount_namespaces(7)");
	explained("mount", "\"/a\", \"/b\", \"\", MS_BIND", "volumes", "second place");
	explained("mount", "\"tmpfs\", \"/run\", \"tmpfs\", 0", "mounts", "What the engine wants");
	explained("mount_setattr", "3, {attr_set=MOUNT_ATTR_RDONLY}", "root-readonly",
	        "mount_setattr(2)");
	explained("sethostname", "\"hand\", 4", "hostname", "UTS namespace");
	explained("setdomainname", "\"x\", 1", "domainname", "setdomainname(2)");
	explained("prctl", "PR_SET_NO_NEW_PRIVS, 1", "no-new-privs", "set-user-ID");
	explained("prctl", "PR_CAPBSET_DROP, CAP_SYS_ADMIN", "capabilities", "capabilities(7)");
	explained("seccomp", "SECCOMP_SET_MODE_FILTER, 0", "seccomp", "a filter for system calls");
	explained("keyctl", "KEYCTL_JOIN_SESSION_KEYRING", "keyring", "Keys are handed down");
	explained("chroot", "\"/x\"", "root-change", "chroot(2)");
	explained("mkdir", "\"/sys/fs/cgroup/x\", 0755", "cgroup-path", "cgroups(7)");
	explained("write", "3</sys/fs/cgroup/x/cgroup.procs>, \"1\"", "cgroup-path-join",
	        "cgroups(7)");
	explained("write", "3</proc/1/uid_map>, \"0 0 1\"", "idmap", "user_namespaces(7)");
	explained("write", "3</proc/1/oom_score_adj>, \"0\"", "oom-score", "memory runs out");
	explained(
	        "write", "3</sys/fs/cgroup/x/memory.max>, \"1\"", "resources", "no more than this");
	explained("setresuid", "0, 0, 0", "user", "credentials(7)");
	explained("mknod", "\"/dev/null\"", "devices", "mknod(2)");
	explained("personality", "PER_LINUX32", "personality", "uname(2)");
	explained("prlimit64", "0, RLIMIT_NOFILE", "rlimits", "Limits of the single process");
	explained("sched_setattr", "0", "scheduler", "sched(7)");
	explained("execve", "\"/bin/sh\", [\"sh\"]", "exec", "execve(2)");
	explained("connect", "3, {AF_UNIX}", NULL, "connect(2)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_moving),
	        cmocka_unit_test(test_finding),
	        cmocka_unit_test(test_any_key_any_size),
	        cmocka_unit_test(test_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
