/* Every failure names the step, the object and the errno with what it means there, and undoes what
 * was done: every step of our own containers and of OCI bundles, with every errno that the kernel
 * gives. First the fault is put in by the executor; then, where a step makes a call that no other
 * makes before it, the kernel itself refuses that call (seccomp(2)), in the middle of the step. */
#include "kernel/base/cleanup.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/diagnose.h"
#include "kernel/do/executor.h"
#include "kernel/do/idmap.h"
#include "kernel/do/network/network.h"
#include "kernel/do/steps.h"
#include "tests/unit/failure_fixture.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

static const int errnos[] = {EPERM, EACCES, EINVAL, ENOENT, EBUSY, ENOMEM, ENOSPC, EROFS, ENOSYS};
/* Those that every step explains in its own words. */
static const int explained[] = {EPERM, EINVAL, ENOENT, ENOSYS};

enum { N_ERRNOS = sizeof errnos / sizeof *errnos, N_EXPLAINED = 4 };

/* ---- faults put in ------------------------------------------------------------------------- */

/* It has to name the step, an operation and an object, to say why, and to have marked the step. */
static void find_untold(
        const struct fixture *f, size_t i, int code, const struct error *err, struct buf *why)
{
	const struct step *s = &f->plan->steps[i];
	char wanted[64];

	snprintf(wanted, sizeof wanted, "step %s: ", s->ops->id);
	if (err->code != code || strncmp(err->operation, wanted, strlen(wanted)) != 0 ||
	        !err->operation[strlen(wanted)] || !err->object[0] || !err->cause[0])
		buf_addf(why, "told as %d \"%s: %s: %s\"\n", err->code, err->operation, err->object,
		        err->cause);
	if (s->state != STEP_STATE_FAILED || !strstr(s->error, strerrorname_np(code)))
		buf_addf(why, "marked %d \"%s\"\n", (int)s->state, s->error);
}

static void walk(enum kind kind)
{
	struct fixture *f = fixture_new(kind);

	for (size_t i = 0; i <= f->last; i++)
		for (size_t e = 0; e < N_ERRNOS; e += kind == BUNDLE_JOINS ? 3 : 1) {
			struct error err = {0};
			auto_buf why = BUF_INIT;
			f->ex.fail_step = f->plan->steps[i].ops->id;
			f->ex.fail_code = errnos[e];
			/* Half of them a step at a time up to there. */
			if (i && e % 2 && executor_run(&f->ex, i - 1, &err) < 0)
				fail_msg("%s: %s: %s", err.operation, err.object, err.cause);
			assert_int_equal(executor_run(&f->ex, f->last, &err), -errnos[e]);
			find_untold(f, i, errnos[e], &err, &why);
			find_left(f, &why);
			if (why.len)
				fail_msg("%s, %s: %s", f->ex.fail_step, strerrorname_np(errnos[e]),
				        buf_text(&why));
		}
	fixture_free(f);
}

static bool bundles_here(void)
{
	struct group *g = NULL;
	struct config c = {0};
	int r = -EPERM;

	if (geteuid() == 0 && idmap_privileged())
		r = group_new("/cutaway-probe", &c, &g, NULL);
	group_free(g);
	if (r < 0)
		print_message("skip: a bundle with every step takes root with control groups\n");
	return r == 0;
}

static void test_own_container(void **state)
{
	(void)state;
	walk(OWN);
}

static void test_bundle(void **state)
{
	(void)state;
	if (!bundles_here())
		skip();
	walk(BUNDLE);
}

static void test_bundle_that_joins(void **state)
{
	(void)state;
	if (!bundles_here())
		skip();
	walk(BUNDLE_JOINS);
}

/* ---- what it means ------------------------------------------------------------------------- */

/* These calls name no file, take no parameter, or need no privilege, so that errno does not come.
 */
static bool can_come(const char *id, int code)
{
	static const struct {
		int code;
		const char *ids;
	} never[] = {
	        {ENOENT, " clone namespace-mnt namespace-uts namespace-ipc namespace-net "
	                 "namespace-cgroup namespace-time hostname domainname personality rlimits "
	                 "keyring user capabilities no-new-privs seccomp start scheduler "
	                 "io-priority "
	                 "root-propagation device-sources "},
	        {EINVAL, " root-change "},
	};
	char word[64];

	snprintf(word, sizeof word, " %s ", id);
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (never[i].code == code && strstr(never[i].ids, word))
			return false;
	return true;
}

/* Steps that do the same thing in different places may say the same. */
static size_t family(const char *id)
{
	static const char *const stems[] = {"namespace-", "mount", "hooks-", "cgroup"};

	for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
		if (!strncmp(id, stems[i], strlen(stems[i])))
			return i;
	return SIZE_MAX;
}

static void say(const struct fixture *f, const struct step_ops *ops, int code, struct error *err)
{
	const struct step s = {.ops = ops};
	struct child_error fail = {.code = code, .operation = "call", .object = "object"};

	*err = (struct error){0};
	step_failed(&s, &f->build, &fail, err);
}

/* Each of all steps there are, whatever plans have. */
static void test_meanings(void **state)
{
	struct fixture *f = fixture_new(OWN);
	struct network network = {.bridge = "bridge"}; /* its steps name it */

	(void)state;
	f->build.network = &network;
	for (size_t i = 0; step_order[i]; i++)
		for (size_t e = 0; e < N_EXPLAINED; e++) {
			const char *id = step_order[i]->id;
			struct error err, other;
			if (!can_come(id, explained[e]))
				continue;
			say(f, step_order[i], explained[e], &err);
			if (diagnose_is_plain(&err))
				fail_msg("%s: %s is not explained", id,
				        strerrorname_np(explained[e]));
			for (size_t k = 0; k < i; k++) {
				say(f, step_order[k], explained[e], &other);
				if (!strcmp(err.cause, other.cause) &&
				        (family(id) == SIZE_MAX ||
				                family(id) != family(step_order[k]->id)))
					fail_msg("%s and %s say the same of %s: %s", id,
					        step_order[k]->id, strerrorname_np(explained[e]),
					        err.cause);
			}
		}
	f->build.network = NULL;
	fixture_free(f);
}

/* ---- refused by the kernel itself ----------------------------------------------------------- */

struct refusal {
	const char *step;
	int call; /* of the libseccomp, by name, for this machine */
	int argument;
	uint64_t value; /* the argument that makes it the step's; argument -1 = any */
	int code;
};

static void refuse(const struct refusal *r)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct scmp_arg_cmp compare = {.op = SCMP_CMP_EQ, .datum_a = r->value};

	assert_non_null(filter);
	compare.arg = (unsigned)(r->argument < 0 ? 0 : r->argument);
	/* Without the privilege no_new_privs has to be set, with it the kernel needs no such. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, geteuid() != 0);
	assert_int_equal(seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned)r->code), r->call,
	                         r->argument < 0 ? 0 : 1, &compare),
	        0);
	assert_int_equal(seccomp_load(filter), 0);
	seccomp_release(filter);
}

/* In a process of its own, which keeps the filter: cmocka's failures are for its parent. */
static _Noreturn void refused_inside(struct fixture *f, const struct refusal *r, size_t at, int to)
{
	struct error err = {0};
	auto_buf why = BUF_INIT;
	int got;

	refuse(r);
	got = executor_run(&f->ex, f->last, &err);
	if (got != -r->code)
		buf_addf(&why, "returned %d\n", got);
	find_untold(f, at, r->code, &err, &why);
	for (size_t e = 0; e < N_EXPLAINED; e++)
		if (r->code == explained[e] && diagnose_is_plain(&err))
			buf_add(&why, "is not explained\n");
	find_left(f, &why);
	_exit(why.len && write(to, why.data, why.len) > 0 ? 1 : 0);
}

static void refused(enum kind kind, const struct refusal *r)
{
	struct fixture *f = fixture_new(kind);
	int at = plan_find(f->plan, r->step), status = 0, ends[2];
	char why[4096];
	ssize_t n;
	pid_t pid;

	if (at < 0) {
		fixture_free(f); /* this user has no control groups, say */
		return;
	}
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	f->fds += 2;
	pid = fork();
	if (pid == 0)
		refused_inside(f, r, (size_t)at, ends[1]);
	close(ends[1]);
	n = read(ends[0], why, sizeof why);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (n != 0 || status != 0)
		fail_msg("%s, %s: %.*s", r->step, strerrorname_np(r->code), (int)(n > 0 ? n : 0),
		        why);
	fixture_free(f);
}

static void test_own_container_refused(void **state)
{
	static const struct refusal all[] = {
	        {"cgroup", SCMP_SYS(mkdir), -1, 0, EACCES},
	        {"cgroup", SCMP_SYS(mkdir), -1, 0, EROFS},
	        {"clone", SCMP_SYS(clone3), -1, 0, EPERM},
	        {"clone", SCMP_SYS(clone3), -1, 0, ENOSPC},
	        {"clone", SCMP_SYS(clone3), -1, 0, ENOSYS},
	        {"idmap", SCMP_SYS(setresuid), -1, 0, EINVAL},
	        {"idmap", SCMP_SYS(setresgid), -1, 0, EPERM},
	        {"namespace-mnt", SCMP_SYS(unshare), 0, CLONE_NEWNS, EPERM},
	        {"namespace-uts", SCMP_SYS(unshare), 0, CLONE_NEWUTS, ENOSPC},
	        {"namespace-ipc", SCMP_SYS(unshare), 0, CLONE_NEWIPC, EINVAL},
	        {"namespace-net", SCMP_SYS(unshare), 0, CLONE_NEWNET, EPERM},
	        {"namespace-cgroup", SCMP_SYS(unshare), 0, CLONE_NEWCGROUP, ENOSYS},
	        {"pivot", SCMP_SYS(pivot_root), -1, 0, EINVAL},
	        {"pivot", SCMP_SYS(pivot_root), -1, 0, EBUSY},
	        {"hide", SCMP_SYS(fsopen), -1, 0, EPERM},
	        {"hide", SCMP_SYS(fsopen), -1, 0, ENOSYS},
	        {"hostname", SCMP_SYS(sethostname), -1, 0, EPERM},
	        {"user", SCMP_SYS(prctl), 0, PR_SET_KEEPCAPS, EPERM},
	        {"capabilities", SCMP_SYS(capset), -1, 0, EPERM},
	        {"no-new-privs", SCMP_SYS(prctl), 0, PR_SET_NO_NEW_PRIVS, EINVAL},
	        {"seccomp", SCMP_SYS(seccomp), -1, 0, EINVAL},
	        {"seccomp", SCMP_SYS(seccomp), -1, 0, ENOSYS},
	        {"exec", SCMP_SYS(execve), -1, 0, EACCES},
	        {"exec", SCMP_SYS(execve), -1, 0, EPERM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		refused(OWN, &all[i]);
}

static void test_bundle_refused(void **state)
{
	static const struct refusal all[] = {
	        {"cgroup-path", SCMP_SYS(mkdir), -1, 0, EROFS},
	        {"namespace-join", SCMP_SYS(setns), -1, 0, EPERM},
	        {"devices", SCMP_SYS(mknodat), -1, 0, ENOSPC},
	        {"pivot", SCMP_SYS(pivot_root), -1, 0, EINVAL},
	        {"domainname", SCMP_SYS(setdomainname), -1, 0, EPERM},
	        {"personality", SCMP_SYS(personality), -1, 0, EINVAL},
	        {"rlimits", SCMP_SYS(prlimit64), 1, RLIMIT_CORE, EPERM},
	        {"keyring", SCMP_SYS(keyctl), -1, 0, EDQUOT},
	        {"no-new-privs", SCMP_SYS(prctl), 0, PR_SET_NO_NEW_PRIVS, EPERM},
	};
	static const struct refusal shared[] = {
	        {"root-change", SCMP_SYS(chroot), -1, 0, EPERM},
	};

	(void)state;
	if (!bundles_here())
		skip();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		refused(BUNDLE, &all[i]);
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
		refused(BUNDLE_JOINS, &shared[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_meanings),
	        cmocka_unit_test(test_own_container),
	        cmocka_unit_test(test_bundle),
	        cmocka_unit_test(test_bundle_that_joins),
	        cmocka_unit_test(test_own_container_refused),
	        cmocka_unit_test(test_bundle_refused),
	};

	/* What a bundle mounts among our mounts is for nobody else to see. */
	if (geteuid() == 0 &&
	        (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
