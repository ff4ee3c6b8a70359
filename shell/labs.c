#include "shell/labs.h"

#include "kernel/base/arena.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/process_id.h"
#include "kernel/do/ledger.h"
#include "render/glyph.h"
#include "shell/lab_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const usual_places[] = {"/run/user/*/cutaway", "/tmp/cutaway-*", NULL};

static void found_release(struct lab_found *f)
{
	free(f->runtime);
	free(f->user);
	free(f->lesson);
}

static char *user_name(uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);
	char *name;

	if (entry)
		return strdup(entry->pw_name);
	return asprintf(&name, "user %u", (unsigned)uid) < 0 ? NULL : name;
}

static int add(struct lab_list *list, struct lab_found *f)
{
	struct lab_found *more;

	if (!f->runtime || !f->user || !f->lesson ||
	        !(more = reallocarray(list->labs, list->n + 1, sizeof(*more)))) {
		found_release(f);
		return -ENOMEM;
	}
	list->labs = more;
	more[list->n++] = *f;
	return 0;
}

/* A lab that has not said anything yet. Its keeper makes the directory, then its ledger. */
static bool is_beginning(const char *runtime, const char *id)
{
	auto_free char *path = NULL;
	struct process_id keeper;

	int r = asprintf(&path, "%s/labs/%s/ledger", runtime, id) < 0 ? -ENOMEM
	                                                              : ledger_owner(path, &keeper);

	return r == -ENOENT || (r == 0 && process_id_alive(&keeper));
}

static int take(const char *runtime, int labs, const char *id, struct lab_list *list)
{
	auto_close dir = openat(labs, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct lab_state state = {.lesson_title = ""};
	struct lab_found f = {0};
	struct process_id shell;
	struct stat st;

	if (strlen(id) >= sizeof(f.id) || dir < 0 || fstat(dir, &st) < 0)
		return 0;
	if (lab_state_read(dir, &state, NULL) < 0 && !(f.alive = is_beginning(runtime, id)))
		return 0;
	shell = (struct process_id){.pid = state.shell_pid, .start_time = state.shell_start};
	snprintf(f.id, sizeof(f.id), "%s", id);
	f.runtime = strdup(runtime);
	f.user = user_name(st.st_uid);
	f.lesson = strdup(state.lesson_title);
	f.step = state.step;
	f.alive = f.alive || process_id_alive(&shell);
	lab_state_release(&state);
	return add(list, &f);
}

static int read_runtime(const char *runtime, struct lab_list *list, struct error *err)
{
	auto_free char *path = NULL;
	const struct dirent *entry;
	int fd, copy, r = 0;
	DIR *dir;

	if (asprintf(&path, "%s/labs", runtime) < 0)
		return error_set(err, ENOMEM, "look for", "labs", NULL);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "look for labs in", path, NULL);
	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0 || !(dir = fdopendir(copy))) {
		r = error_set(err, errno, "look for labs in", path, NULL);
		if (copy >= 0)
			close(copy);
		close(fd);
		return r;
	}
	while (!r && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = take(runtime, fd, entry->d_name, list);
	closedir(dir);
	close(fd);
	return r < 0 ? error_set(err, -r, "look for", "labs", NULL) : 0;
}

/* The labs of others. What cannot be read has gone meanwhile, or is none. */
static void read_usual(const char *own, struct lab_list *list)
{
	for (size_t i = 0; usual_places[i]; i++) {
		glob_t found = {0};

		if (glob(usual_places[i], GLOB_NOSORT, NULL, &found) == 0)
			for (size_t k = 0; k < found.gl_pathc; k++)
				if (strcmp(found.gl_pathv[k], own) != 0)
					read_runtime(found.gl_pathv[k], list, NULL);
		globfree(&found);
	}
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct lab_found *)a)->id, ((const struct lab_found *)b)->id);
}

int labs_find(const char *runtime, struct lab_list *ret, struct error *err)
{
	auto_free char *own = NULL;
	struct lab_list list = {0};
	int r = runtime ? 0 : dirs_path(DIRS_RUNTIME, NULL, false, &own, err);

	if (!r)
		r = read_runtime(runtime ? runtime : own, &list, err);
	if (r < 0) {
		labs_release(&list);
		return r;
	}
	if (!runtime && !geteuid())
		read_usual(own, &list);
	if (list.n)
		qsort(list.labs, list.n, sizeof(*list.labs), by_id);
	*ret = list;
	return 0;
}

void labs_release(struct lab_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		found_release(&list->labs[i]);
	free(list->labs);
	*list = (struct lab_list){0};
}

void labs_describe(const struct lab_list *list, struct buf *out)
{
	struct arena arena = {0};

	for (size_t i = 0; i < list->n; i++) {
		const struct lab_found *f = &list->labs[i];
		auto_buf line = BUF_INIT;
		const char *clean;

		buf_addf(&line, "%-18s  ", f->id);
		if (*f->lesson)
			buf_addf(&line, "%s, page %d", f->lesson, f->step);
		else
			buf_add(&line, "no lesson");
		buf_addf(&line, ", of %s%s", f->user, f->alive ? "" : ", killed");
		clean = text_clean(&arena, buf_text(&line), 512);
		buf_addf(out, "  %s\n", clean ? clean : f->id);
	}
	arena_release(&arena);
}
