#include "shell/stage/follow.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/process_id.h"
#include "kernel/do/ledger.h"
#include "shell/lab.h"
#include "shell/labs.h"
#include "shell/stage/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A process whose end the descriptor tells. */
struct watched {
	struct process_id id;
	int fd; /* -1 = nobody */
};

struct follow {
	char *runtime;
	char *path; /* RUNTIME/labs */
	char id[LAB_ID_SIZE];
	bool any;
	int labs; /* RUNTIME/labs */
	int lab;  /* RUNTIME/labs/ID, -1 until it is there */
	int notify, epoll;
	int lab_watch; /* inotify's number for the lab */
	struct watched shell, keeper;
	enum follow_status status;
	unsigned count;
	struct lab_state state;
	struct watched_run run;
};

static const struct lab_state empty_state = {.lesson = "",
        .lesson_title = "",
        .step_title = "",
        .markdown = "",
        .view = "",
        .subject = "",
        .message = ""};

static int wait_on(struct follow *f, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &event);
}

static int open_watches(struct follow *f, const char *runtime, struct error *err)
{
	auto_free char *labs = NULL;
	int r;

	/* Ours is made when it is not there: the lab may come later. */
	if (runtime)
		f->runtime = strdup(runtime);
	else if ((r = dirs_path(DIRS_RUNTIME, "labs", true, &labs, err)) < 0 ||
	         (r = dirs_path(DIRS_RUNTIME, NULL, false, &f->runtime, err)) < 0)
		return r;
	if (!f->runtime || asprintf(&f->path, "%s/labs", f->runtime) < 0)
		return error_set(err, ENOMEM, "follow", "a lab", NULL);
	f->labs = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f->labs < 0 || f->notify < 0 || f->epoll < 0 ||
	        inotify_add_watch(f->notify, f->path, IN_CREATE | IN_MOVED_TO | IN_DELETE) < 0 ||
	        wait_on(f, f->notify) < 0)
		return error_set(err, errno, "watch", f->path, NULL);
	return 0;
}

int follow_new(const char *runtime, const char *lab_id, struct follow **ret, struct error *err)
{
	struct follow *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return error_set(err, ENOMEM, "follow", "a lab", NULL);
	f->labs = f->lab = f->notify = f->epoll = f->shell.fd = f->keeper.fd = -1;
	f->state = empty_state;
	watched_run_init(&f->run);
	f->any = !lab_id;
	snprintf(f->id, sizeof(f->id), "%s", lab_id ? lab_id : "");
	r = open_watches(f, runtime, err);
	if (r < 0) {
		follow_free(f);
		return r;
	}
	follow_drain(f);
	*ret = f;
	return 0;
}

static void unwatch(struct watched *w)
{
	if (w->fd >= 0)
		close(w->fd); /* which takes it out of the epoll set, epoll(7) */
	*w = (struct watched){.fd = -1};
}

/* False when the process is gone already. Without pidfds (before Linux 5.3) its end shows when the
 * lab's directory goes. */
static bool watch_process(struct follow *f, struct watched *w, const struct process_id *id)
{
	unwatch(w);
	w->fd = id->pid > 0 ? (int)syscall(SYS_pidfd_open, id->pid, 0) : -1;
	if (!process_id_alive(id)) { /* after it was opened: it is the very process */
		unwatch(w);
		return false;
	}
	w->id = *id;
	if (w->fd >= 0)
		wait_on(f, w->fd);
	return true;
}

static void leave_lab(struct follow *f)
{
	if (f->lab >= 0) {
		inotify_rm_watch(f->notify, f->lab_watch);
		close(f->lab);
	}
	f->lab = -1;
	unwatch(&f->shell);
	unwatch(&f->keeper);
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	leave_lab(f);
	if (f->labs >= 0)
		close(f->labs);
	if (f->notify >= 0)
		close(f->notify);
	if (f->epoll >= 0)
		close(f->epoll);
	lab_state_release(&f->state);
	watched_run_release(&f->run);
	free(f->path);
	free(f->runtime);
	free(f);
}

int follow_fd(const struct follow *f)
{
	return f->epoll;
}

/* The first lab that runs, or else one that was killed. */
static void choose_lab(struct follow *f)
{
	struct lab_list list = {0};
	size_t i = 0;

	if (labs_find(f->runtime, &list, NULL) < 0)
		return;
	while (i < list.n && !list.labs[i].alive)
		i++;
	if (list.n)
		snprintf(f->id, sizeof(f->id), "%s", list.labs[i < list.n ? i : 0].id);
	labs_release(&list);
}

/* Watches before it looks: what is replaced in between is told. */
static void find_lab(struct follow *f)
{
	auto_buf path = BUF_INIT;

	if (f->any)
		choose_lab(f);
	if (!*f->id)
		return;
	f->lab = openat(f->labs, f->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->lab < 0)
		return;
	buf_addf(&path, "/proc/self/fd/%d", f->lab);
	f->lab_watch = buf_failed(&path) ? -1
	                                 : inotify_add_watch(f->notify, buf_text(&path),
	                                           IN_MOVED_TO | IN_CLOSE_WRITE | IN_MODIFY);
	if (f->lab_watch < 0) {
		close(f->lab);
		f->lab = -1;
	}
}

static bool take_state(struct follow *f)
{
	struct lab_state fresh = {0};
	struct process_id shell;

	if (f->lab < 0 || lab_state_read(f->lab, &fresh, NULL) < 0)
		return false;
	if (fresh.serial == f->state.serial && fresh.shell_pid == f->state.shell_pid) {
		lab_state_release(&fresh);
		return false;
	}
	shell = (struct process_id){.pid = fresh.shell_pid, .start_time = fresh.shell_start};
	if (fresh.shell_pid != f->state.shell_pid)
		f->count++;
	if (shell.pid != f->shell.id.pid)
		watch_process(f, &f->shell, &shell);
	lab_state_release(&f->state);
	f->state = fresh;
	return true;
}

/* The keeper owns the ledger. */
static bool keeper_lives(struct follow *f)
{
	auto_buf path = BUF_INIT;
	struct process_id owner;

	if (f->keeper.id.pid)
		return process_id_alive(&f->keeper.id);
	buf_addf(&path, "%s/%s/ledger", f->path, f->id);
	return !buf_failed(&path) && ledger_owner(buf_text(&path), &owner) == 0 &&
	       watch_process(f, &f->keeper, &owner);
}

static enum follow_status find_status(struct follow *f)
{
	struct stat st;

	if (f->lab < 0)
		return f->status == FOLLOW_ENDED ? FOLLOW_ENDED : FOLLOW_WAITING;
	if (fstatat(f->labs, f->id, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return FOLLOW_ENDED;
	if (!f->state.shell_pid)
		return FOLLOW_WAITING;
	if (process_id_alive(&f->shell.id))
		return FOLLOW_RUNNING;
	unwatch(&f->shell); /* its descriptor stays readable */
	if (keeper_lives(f))
		return FOLLOW_ENDING;
	unwatch(&f->keeper);
	return FOLLOW_CRASHED;
}

bool follow_drain(struct follow *f)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	enum follow_status before = f->status;
	bool newer;

	while (read(f->notify, events, sizeof(events)) > 0)
		;
	if (f->lab < 0)
		find_lab(f);
	newer = take_state(f);
	newer |= watched_run_take(&f->run, f->lab);
	f->status = find_status(f);
	if (f->status == FOLLOW_ENDED && f->lab >= 0) {
		leave_lab(f);
		if (f->any) {
			f->id[0] = '\0';
			lab_state_release(&f->state);
			f->state = empty_state;
			find_lab(f);
			newer |= take_state(f);
			if (f->lab >= 0)
				f->status = find_status(f);
		}
	}
	return newer || f->status != before;
}

const struct lab_state *follow_state(const struct follow *f)
{
	return &f->state;
}

enum follow_status follow_status(const struct follow *f)
{
	return f->status;
}

const struct watch_recording *follow_watch(const struct follow *f, unsigned *ret_runs)
{
	*ret_runs = f->run.runs;
	return watched_run_recording(&f->run);
}

unsigned follow_labs(const struct follow *f)
{
	return f->count;
}

int follow_send(struct follow *f, const char *word, struct error *err)
{
	if (f->lab < 0)
		return error_set(err, ENOENT, "ask", "the tutor", "the lab is not ready yet");
	return lab_control_send(f->lab, word, err);
}
