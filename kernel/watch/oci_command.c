#include "kernel/watch/oci_command.h"

#include <string.h>

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* Options that take a value, of the runtime and of its commands; as a word of its own where it is
 * not joined by "=". */
static bool takes_value(const char *option)
{
	static const char *const names[] = {"--root", "--log", "--log-format", "--log-level",
	        "--criu", "--rootless", "--cgroup-manager", "--bundle", "-b", "--pid-file",
	        "--console-socket", "--preserve-fds", "--process", "-p", "--user", "-u", "--cwd",
	        "--env", "-e", "--cap", "-c", "--apparmor", "--process-label", "--additional-gids",
	        "-g", "--cgroup", "--resources", "-r", "--format", NULL};

	return is_one_of(option, names) && !strchr(option, '=');
}

/* The next word that is no option and no value of one; NULL at the end. */
static const char *next_word(const char **at, size_t *n)
{
	while (*n) {
		const char *word = *at;
		*at += strlen(word) + 1;
		--*n;
		if (word[0] != '-' || !word[1])
			return word;
		if (takes_value(word) && *n) {
			*at += strlen(*at) + 1;
			--*n;
		}
	}
	return NULL;
}

bool oci_command_words(struct buf *out, const char *words, size_t n)
{
	static const char *const runtimes[] = {"runc", "crun", "cutaway-oci", "youki", "runsc",
	        "kata-runtime", "docker-runc", NULL};
	static const char *const with_id[] = {"create", "start", "state", "kill", "delete", "run",
	        "exec", "pause", "resume", "update", "ps", "events", "checkpoint", "restore", NULL};
	static const char *const without[] = {"list", "features", "spec", NULL};
	const char *slash, *command, *id;

	if (!n)
		return false;
	slash = strrchr(words, '/');
	if (!is_one_of(slash ? slash + 1 : words, runtimes))
		return false;
	words += strlen(words) + 1;
	n--;
	command = next_word(&words, &n);
	if (!command || (!is_one_of(command, with_id) && !is_one_of(command, without)))
		return false;
	buf_add(out, command);
	id = is_one_of(command, with_id) ? next_word(&words, &n) : NULL;
	if (id)
		buf_addf(out, " %s", id);
	return true;
}
