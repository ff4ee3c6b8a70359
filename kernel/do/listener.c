/* Who has loaded the filter is under it, and the very call that would hand the listener over may be
 * one that waits for the listener. A second thread is not under it: it is there before, and sends.
 * It ends before the first one goes on, which can only wait for it without a system call. */
#include "kernel/do/listener.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/child.h"

#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STACK_SIZE = 64 * 1024, NOT_YET = -1, NONE = -2 };

/* ---- in the child ---------------------------------------------------------------------------- */

struct hand {
	struct build *b;
	atomic_int fd;     /* the listener; NOT_YET, or NONE when there will be none */
	atomic_int result; /* of the sending; 1 = not yet */
};

static int send_listener(void *argument)
{
	struct hand *h = argument;
	const struct timespec moment = {.tv_nsec = 50 * 1000};
	struct child_report report = {.answer = CHILD_LISTENER, .has_fd = true};
	struct child_order go;
	int fd, r = 0;

	while ((fd = atomic_load(&h->fd)) == NOT_YET)
		syscall(SYS_nanosleep, &moment, NULL);
	if (fd >= 0)
		r = control_send(h->b->child_control, &report, sizeof report, fd);
	if (r == 0 && fd >= 0) /* nothing runs before the agent has it */
		r = control_receive(h->b->child_control, &go, sizeof go, NULL);
	atomic_store(&h->result, r);
	return 0;
}

int listener_load(struct build *b, struct child_error *fail)
{
	struct hand h = {.b = b, .fd = NOT_YET, .result = 1};
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int code = 0, fd, r;

	if (stack == MAP_FAILED)
		return child_fail(fail, errno, "mmap", "stack of the sender");
	if (clone(send_listener, stack + STACK_SIZE,
	            CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
	                    CLONE_SYSVSEM,
	            &h) < 0)
		return child_fail(fail, errno, "clone", "sender of the listener");
	fd = (int)syscall(
	        SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned long)b->filter_flags, &b->filter);
	if (fd < 0)
		code = errno;
	atomic_store(&h.fd, fd < 0 ? NONE : fd);
	while ((r = atomic_load(&h.result)) == 1)
		;
	if (code)
		return child_fail(fail, code, "seccomp SECCOMP_SET_MODE_FILTER", NULL);
	return r < 0 ? child_fail(fail, -r, "send", "listener") : 0;
}

/* ---- in the parent --------------------------------------------------------------------------- */

int listener_check(const struct build *b, struct error *err)
{
	if (!(b->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) || b->state_text)
		return 0;
	error_set(err, ENOTSUP, "make system call filter", "SCMP_ACT_NOTIFY",
	        "handing calls to another program is for OCI bundles");
	error_advise(err, "run the container with cutaway-oci");
	return -ENOTSUP;
}

static char *process_state(const json_t *profile, pid_t pid, const char *state)
{
	json_t *its = json_loads(state, 0, NULL), *json;
	json_t *version = json_object_get(its, "ociVersion");
	char *text;

	json = json_pack("{s:O, s:[s], s:i, s:s*, s:O}", "ociVersion", version, "fds", "seccompFd",
	        "pid", (int)pid, "metadata",
	        json_string_value(json_object_get(profile, "listenerMetadata")), "state", its);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	json_decref(its);
	return text;
}

int listener_hand_over(
        const json_t *profile, int control, int fd, pid_t pid, const char *state, struct error *err)
{
	const char *path = json_string_value(json_object_get(profile, "listenerPath"));
	auto_free char *text = process_state(profile, pid, state);
	auto_close at = control_connect(path);
	struct child_order go = {.verb = CHILD_RUN};
	int r;

	if (at < 0)
		return error_set(err, -at, "connect to linux.seccomp.listenerPath", path,
		        at == -ECONNREFUSED ? "nobody listens there" : "%s", strerror(-at));
	if (!text)
		return error_set(err, ENOMEM, "send listener to", path, NULL);
	r = control_send(at, text, strlen(text), fd);
	if (r < 0)
		return error_set(err, -r, "send listener to", path, NULL);
	/* Who has ended meanwhile shows in the next report. */
	control_send(control, &go, sizeof go, -1);
	return 0;
}
