#include "shell/lesson/lesson_notes.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/alias.h"
#include "kernel/store/find.h"
#include "kernel/store/store_read.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/markdown.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Whether PATH has a program of that name. */
static bool is_installed(const char *name)
{
	const char *path = getenv("PATH");

	for (path = path ? path : "/usr/bin:/bin"; *path;) {
		size_t n = strcspn(path, ":");
		auto_free char *file = NULL;

		if (asprintf(&file, "%.*s/%s", (int)n, path, name) > 0 && access(file, X_OK) == 0)
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

/* The length of the word at p, quotes around it included. */
static size_t word_length(const char *p)
{
	size_t n = 0;
	char quote = 0;

	for (; p[n] && (quote || !strchr(" \t\n;|&<>()", p[n])); n++) {
		if (quote ? p[n] == quote : p[n] == '"' || p[n] == '\'')
			quote = quote ? 0 : p[n];
		if (p[n] == '\\' && p[n + 1])
			n++;
	}
	return n;
}

/* Blanks and the line ends that a back-slash takes away. */
static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || (*p == '\\' && p[1] == '\n'))
		p += *p == '\\' ? 2 : 1;
	return p;
}

static bool word_is(const char *p, size_t n, const char *const *words)
{
	for (; *words; words++)
		if (n == strlen(*words) && !strncmp(p, *words, n))
			return true;
	return false;
}

/* The options of `run` whose value is a word of its own. */
static bool takes_value(const char *p, size_t n)
{
	static const char *const options[] = {"-e", "--env", "-p", "--publish", "-v", "--volume",
	        "--name", "--network", "--net", "-w", "--workdir", "-u", "--user", "--memory", "-m",
	        "--cpus", "--hostname", "-h", "--mount", "--label", "-l", "--link", "--entrypoint",
	        "--restart", "--env-file", "--add-host", "--cap-add", "--cap-drop", "--pid",
	        "--security-opt", "--ulimit", "--device", "--tmpfs", "--log-driver", "--platform",
	        "--volumes-from", "--expose", "--dns", "--ip", "--cpu-shares", "-c", "--log-opt",
	        "--cgroup-parent", "--userns", "--ipc", "--uts", "--runtime", "--shm-size",
	        "--network-alias", "--net-alias", "--health-cmd", "--pull", "--cidfile", NULL};

	return word_is(p, n, options);
}

static void add_image(const char *p, size_t n, struct buf *out)
{
	auto_buf line = BUF_INIT;

	if (!n || strcspn(p, "$<>{}`'\"=\\") < n)
		return; /* only the shell knows what it will be */
	buf_addc(&line, '\n');
	buf_add_bytes(&line, p, n);
	buf_addc(&line, '\n');
	if (!out->len)
		buf_addc(out, '\n');
	if (!strstr(buf_text(out), buf_text(&line)))
		buf_add(out, buf_text(&line) + 1);
}

/* The images of one simple command that begins with an engine: run, create, pull. */
static void read_command(const char *p, struct buf *out)
{
	static const char *const verbs[] = {"run", "create", "pull", NULL};
	static const char *const groups[] = {"container", "image", NULL};
	size_t n = word_length(p);

	if (word_is(p, n, groups)) {
		p = skip_blanks(p + n);
		n = word_length(p);
	}
	if (!word_is(p, n, verbs))
		return;
	for (p = skip_blanks(p + n); *p == '-'; p = skip_blanks(p + n)) {
		n = word_length(p);
		if (takes_value(p, n)) {
			p = skip_blanks(p + n);
			n = word_length(p);
		}
	}
	add_image(p, word_length(p), out);
}

static void read_commands(const char *text, struct buf *out, bool *docker)
{
	static const char *const engines[] = {"docker", "podman", "nerdctl", "cutaway", "ct", NULL};

	for (const char *p = text; *p;) {
		size_t n;

		p = skip_blanks(p);
		n = word_length(p);
		if (word_is(p, n, engines)) {
			*docker |= *p == 'd';
			read_command(skip_blanks(p + n), out);
		}
		p += n + (n == 0 && *p);
	}
}

static bool wants_second_machine(const struct scenario *s)
{
	for (size_t i = 0; i < s->n_pages; i++)
		for (size_t b = 0; b < s->pages[i].n_blocks; b++)
			if (s->pages[i].blocks[b].host > 1)
				return true;
	for (size_t i = 0; i < s->n_assets; i++)
		if (!strcasecmp(s->assets[i].host, "host02") ||
		        !strcasecmp(s->assets[i].host, "host2"))
			return true;
	return false;
}

static bool read_images(const struct scenario *s, struct buf *out)
{
	bool docker = false;

	for (size_t i = 0; i < s->n_pages; i++)
		for (size_t b = 0; b < s->pages[i].n_blocks; b++)
			read_commands(s->pages[i].blocks[b].text, out, &docker);
	return docker;
}

static void say_machine(const struct scenario *s, bool docker, struct buf *out)
{
	if (strcasestr(s->machine, "kubernetes") || strcasestr(s->machine, "k3s"))
		buf_addf(out, "It was written for a Kubernetes cluster (%s): %s\n", s->machine,
		        is_installed("kubectl")
		                ? "its commands go to the cluster that kubectl is set up for here."
		                : "kubectl is not installed here, so what speaks to the cluster "
		                  "fails; the rest can be read and done.");
	else if ((docker || strcasestr(s->machine, "docker")) && !is_installed("docker"))
		buf_add(out, "It uses docker, which is not installed here: 'apt install docker.io' "
		             "does that. 'ct' has the same words for run, ps, exec, pull, …\n");
	if (wants_second_machine(s))
		buf_add(out, "Some of it is for a second machine (HOST2), and there is only this "
		             "one: those commands are marked and not proposed.\n");
}

/* The images.json of the lesson's folder; the caller's, NULL = there is none, or it leads out. */
char *lesson_image_map(const struct scenario *s)
{
	auto_close folder = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close map = folder < 0 ? -1 : folder_open(folder, "images.json", SIZE_MAX, NULL);
	char *path = NULL;

	if (map >= 0 && asprintf(&path, "%s/images.json", s->folder) < 0)
		return NULL;
	return path;
}

/* Whether an image is in the store; without making one where there is none. */
static bool is_here(const char *name)
{
	struct layout l = {0};
	struct found f = {0};
	bool here = !strcmp(name, "base"); /* made when it is wanted */

	if (!here && store_open_there(&l, NULL) == 0) {
		here = store_find(&l, name, &f, NULL) == 0;
		found_release(&f);
		layout_release(&l);
	}
	return here;
}

/* Each image once: what stands for it, or that it is missing. */
static void say_images(const struct scenario *s, const char *names, struct buf *out)
{
	auto_free char *map = lesson_image_map(s);
	auto_buf missing = BUF_INIT;

	for (names += *names == '\n'; *names; names += strcspn(names, "\n") + 1) {
		auto_free char *name = strndup(names, strcspn(names, "\n"));
		auto_free char *alias = name ? image_alias(name, map) : NULL;

		if (!name || is_here(name))
			continue;
		if (alias)
			buf_addf(out, "For its image %s stands %s here (images.json).\n", name,
			        alias);
		else
			buf_addf(&missing, "%s%s", missing.len ? ", " : "", name);
	}
	if (missing.len)
		buf_addf(out,
		        "It wants images that are not here: %s. 'ct pull' fetches them where there "
		        "is a network; an images.json beside its index.json, or in "
		        "~/.config/cutaway, can name local ones instead: {\"nginx\": \"base\"}\n",
		        buf_text(&missing));
}

void lesson_notes(const struct scenario *s, struct buf *out)
{
	auto_buf images = BUF_INIT;
	bool docker = read_images(s, &images);

	if (*s->remark)
		buf_addf(out, "%s\n", s->remark);
	say_machine(s, docker, out);
	if (s->moved)
		buf_add(out, "Addresses of its own machines are shown as those of this one "
		             "(http://localhost:PORT).\n");
	say_images(s, buf_text(&images), out);
}
