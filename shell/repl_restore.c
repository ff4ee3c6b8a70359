/* The machine taken back to where a page begins: nothing of this lab, then the solutions of the
 * pages before, run quietly in the learner's own bash, so that variables are there as well. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/do/lab_process.h"
#include "kernel/store/lab_images.h"
#include "shell/lab.h"
#include "shell/lesson/verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Whether the container of this directory belongs to this lab. */
static bool is_ours(const struct repl *r, int containers, const char *name)
{
	auto_buf path = BUF_INIT, text = BUF_INIT;
	const char *lab;
	json_t *json;
	bool ours;

	buf_addf(&path, "%s/state.json", name);
	if (buf_failed(&path) || file_read_at(containers, buf_text(&path), 1 << 20, &text) < 0)
		return false;
	json = json_loadb(buf_text(&text), text.len, 0, NULL);
	lab = json_string_value(json_object_get(json, "lab"));
	ours = lab && !strcmp(lab, lab_id(r->options.lab));
	json_decref(json);
	return ours;
}

/* Appends " NAME" for each container of this lab. Names of containers are plain words. */
static void list_containers(const struct repl *r, struct buf *out)
{
	auto_free char *path = NULL;
	auto_dir dir = NULL;
	const struct dirent *entry;
	struct error none = {0};

	if (dirs_path(DIRS_RUNTIME, "containers", false, &path, &none) < 0 ||
	        !(dir = opendir(path)))
		return; /* no container was ever made */
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && is_ours(r, dirfd(dir), entry->d_name))
			buf_addf(out, " %s", entry->d_name);
}

static void run_quietly(struct repl *r, const char *text)
{
	auto_buf command = BUF_INIT;
	int status = r->status;

	buf_addf(&command, "{\n%s\n} >/dev/null 2>&1 </dev/null", text);
	repl_run_command(r, buf_text(&command));
	if (!r->quitting)
		r->status = status;
}

/* The images that the lab made, and the learner's files in it. */
static void clear_images_and_files(struct repl *r)
{
	int lab = lab_directory_fd(r->options.lab);
	auto_free char *here = NULL;
	struct error err = {0};

	if (lab_images_undo(lab_directory(r->options.lab), false, NULL, &err) < 0)
		repl_say_error(r, &err);
	if (dir_remove_tree(lab, "files") < 0 || mkdirat(lab, "files", 0755) < 0)
		repl_say(r, "$LAB could not be emptied: %s.\n", strerror(errno));
	here = getcwd(NULL, 0);
	if (!here && (fchdir(lab) < 0 || chdir("files") < 0)) /* it was in there */
		repl_say(r, "$LAB cannot be entered: %s.\n", strerror(errno));
}

void repl_restore_clear(struct repl *r)
{
	auto_buf names = BUF_INIT, command = BUF_INIT;
	struct error err = {0};

	for (size_t i = 0; r->lesson && i < r->lesson->n_pages; i++)
		repl_page_mark(r, i, false);
	list_containers(r, &names);
	if (names.len) {
		buf_addf(&command, "cutaway rm -f%s", buf_text(&names));
		run_quietly(r, buf_text(&command));
		buf_reset(&names);
		list_containers(r, &names);
	}
	if (r->quitting)
		return;
	if (names.len)
		repl_say(r, "Could not be removed:%s. 'ct rm -f%s' says why.\n", buf_text(&names),
		        buf_text(&names));
	bash_session_close(r->bash);
	r->bash = NULL;
	lab_processes_end(lab_id(r->options.lab), false, NULL);
	clear_images_and_files(r);
	repl_foreign_home(r);
	if (repl_start_bash(r, &err) < 0) {
		repl_say_error(r, &err);
		r->quitting = true;
	}
}

void repl_restore_replay(struct repl *r, size_t page)
{
	bool progress = line_is_terminal(r->line);

	for (size_t i = 0; i < page && !r->quitting; i++) {
		auto_buf text = BUF_INIT;

		if (progress) {
			printf("\r\033[Krepeating page %zu of %zu …", i + 1, page);
			fflush(stdout);
		}
		if (r->set_up)
			verify_page_opening(&r->lesson->pages[i], &text);
		if (text.len)
			buf_addc(&text, '\n');
		repl_page_solution(&r->lesson->pages[i], &text);
		if (text.len)
			run_quietly(r, buf_text(&text));
		repl_page_mark(r, i, true);
	}
	if (progress && page) {
		printf("\r\033[K");
		fflush(stdout);
	}
}
