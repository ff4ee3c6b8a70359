#include "shell/stage/follow.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "shell/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

struct follow {
	char *id;
	int labs; /* RUNTIME/labs */
	int lab;  /* RUNTIME/labs/ID, -1 until it is there */
	int notify;
	struct lab_state state;
};

int follow_new(const char *lab_id, struct follow **ret, struct error *err)
{
	auto_free char *path = NULL;
	struct follow *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return error_set(err, ENOMEM, "follow", "a lab", NULL);
	f->labs = f->lab = f->notify = -1;
	f->state = (struct lab_state){.lesson = "",
	        .lesson_title = "",
	        .step_title = "",
	        .markdown = "",
	        .view = "",
	        .subject = "",
	        .message = ""};
	if (!(f->id = strdup(lab_id))) {
		follow_free(f);
		return error_set(err, ENOMEM, "follow", "a lab", NULL);
	}
	r = dirs_path(DIRS_RUNTIME, "labs", true, &path, err);
	if (!r) {
		f->labs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		f->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (f->labs < 0 || f->notify < 0 ||
		        inotify_add_watch(f->notify, path, IN_CREATE | IN_MOVED_TO) < 0)
			r = error_set(err, errno, "watch", path, NULL);
	}
	if (r < 0) {
		follow_free(f);
		return r;
	}
	follow_drain(f);
	*ret = f;
	return 0;
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	if (f->labs >= 0)
		close(f->labs);
	if (f->lab >= 0)
		close(f->lab);
	if (f->notify >= 0)
		close(f->notify);
	lab_state_release(&f->state);
	free(f->id);
	free(f);
}

int follow_fd(const struct follow *f)
{
	return f->notify;
}

/* Watches before it looks: what is replaced in between is told. */
static void find_lab(struct follow *f)
{
	auto_buf path = BUF_INIT;

	f->lab = openat(f->labs, f->id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->lab < 0)
		return;
	buf_addf(&path, "/proc/self/fd/%d", f->lab);
	if (buf_failed(&path) ||
	        inotify_add_watch(f->notify, buf_text(&path), IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
		close(f->lab);
		f->lab = -1;
	}
}

bool follow_drain(struct follow *f)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct lab_state fresh = {0};
	struct error none = {0};

	while (read(f->notify, events, sizeof(events)) > 0)
		;
	if (f->lab < 0)
		find_lab(f);
	if (f->lab < 0 || lab_state_read(f->lab, &fresh, &none) < 0)
		return false;
	if (fresh.serial == f->state.serial) {
		lab_state_release(&fresh);
		return false;
	}
	lab_state_release(&f->state);
	f->state = fresh;
	return true;
}

const struct lab_state *follow_state(const struct follow *f)
{
	return &f->state;
}

int follow_send(struct follow *f, const char *word, struct error *err)
{
	if (f->lab < 0)
		return error_set(err, ENOENT, "ask", "the tutor", "the lab is not ready yet");
	return lab_control_send(f->lab, word, err);
}
