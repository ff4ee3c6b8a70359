#include "kernel/oci/bundle.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/capability.h"
#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG_LIMIT = 16 << 20, PASSWD_LIMIT = 1 << 20 };

/* Numbers of a configuration go up to 2^64-1 ("no limit"), those of jansson to 2^63-1, and one that
 * is larger is an error of the whole file. So it is made a real, which the readers know. */
static void widen_numbers(const char *from, struct buf *to)
{
	while (*from) {
		size_t n;
		if (*from == '"') { /* a text, as it stands */
			for (n = 1; from[n] && from[n] != '"'; n++)
				n += from[n] == '\\' && from[n + 1];
			n += from[n] == '"';
		} else if (*from < '0' || *from > '9') {
			n = strcspn(from, "\"0123456789");
		} else {
			n = strspn(from, "0123456789");
			if (n >= 19 && !strchr(".eE", from[n] ? from[n] : ' ') &&
			        (n > 19 || strncmp(from, "9223372036854775807", 19) > 0)) {
				buf_add_bytes(to, from, n);
				buf_add(to, ".0");
				from += n;
				continue;
			}
		}
		buf_add_bytes(to, from, n);
		from += n;
	}
}

static int read_json(const char *path, json_t **ret, struct buf *text, struct error *err)
{
	auto_buf read = BUF_INIT;
	json_error_t problem;
	int r = file_read_at(AT_FDCWD, path, CONFIG_LIMIT, &read);

	if (r == 0 && strlen(buf_text(&read)) != read.len)
		r = -EILSEQ;
	if (r < 0)
		return error_set(err, -r, "read", path, NULL);
	widen_numbers(buf_text(&read), text);
	if (buf_failed(text))
		return error_set(err, ENOMEM, "read", path, NULL);
	*ret = json_loadb(buf_text(text), text->len, JSON_REJECT_DUPLICATES, &problem);
	if (!*ret)
		return error_set(
		        err, EINVAL, "read", path, "line %d: %s", problem.line, problem.text);
	return 0;
}

int bundle_read_json(const char *path, json_t **ret, struct error *err)
{
	auto_buf text = BUF_INIT;

	return read_json(path, ret, &text, err);
}

/* Line ends are blanks in JSON: in a text they are written as an escape. */
static void make_one_line(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\n' || text->data[i] == '\r')
			text->data[i] = ' ';
}

static int check_version(const json_t *json, struct error *err)
{
	const char *version = json_string_value(json_object_get(json, "ociVersion"));

	if (!version)
		return error_set(err, EINVAL, "read config.json", "ociVersion", "is missing");
	if (strncmp(version, "1.", 2) != 0)
		return error_set(err, EINVAL, "read config.json", "ociVersion",
		        "\"%s\" is none that this program knows: it speaks 1.0 to 1.1", version);
	return 0;
}

static int find_root(struct bundle *b, struct error *err)
{
	auto_free char *path = NULL;
	struct stat st;

	if (!b->config->root[0])
		return error_set(err, EINVAL, "read config.json", "root.path", "is missing");
	if (asprintf(&path, "%s%s%s", b->config->root[0] == '/' ? "" : b->path,
	            b->config->root[0] == '/' ? "" : "/", b->config->root) < 0)
		return error_set(err, ENOMEM, "read config.json", "root.path", NULL);
	/* Of a mount namespace that is entered: there it is looked for later. */
	b->rootfs = b->config->namespaces & CLONE_NEWNS ? realpath(path, NULL) : steal_ptr(path);
	if (b->rootfs && !(b->config->namespaces & CLONE_NEWNS))
		return 0;
	if (!b->rootfs)
		return error_set(err, errno, "find root.path", path, NULL);
	if (stat(b->rootfs, &st) < 0 || !S_ISDIR(st.st_mode))
		return error_set(err, ENOTDIR, "find root.path", path, "it is no directory");
	if (!strcmp(b->rootfs, "/"))
		return error_set(err, EINVAL, "find root.path", path,
		        "the host's own root cannot be that of a container");
	return 0;
}

static int find_sources(struct bundle *b, struct error *err)
{
	struct config *c = b->config;

	for (size_t i = 0; i < c->n_mounts; i++) {
		struct mount_spec *m = &c->mounts[i];
		char path[PATH_MAX];
		if (!(m->flags & MS_BIND) || m->source[0] == '/')
			continue;
		if (snprintf(path, sizeof path, "%s/%s", b->path, m->source) >= (int)sizeof path)
			return error_set(
			        err, ENAMETOOLONG, "read config.json", "mounts.source", NULL);
		m->source = arena_strdup(&c->arena, path);
		if (!m->source)
			return error_set(err, ENOMEM, "read config.json", "mounts.source", NULL);
	}
	return 0;
}

int bundle_read(const char *directory, const char *file, struct bundle *ret, struct error *err)
{
	auto_free char *path = NULL;
	struct bundle b = {.path = realpath(directory, NULL)};
	int r = 0;

	if (!b.path)
		return error_set(err, errno, "open bundle", directory, NULL);
	if ((file ? asprintf(&path, "%s", file) : asprintf(&path, "%s/config.json", b.path)) < 0)
		r = error_set(err, ENOMEM, "open bundle", directory, NULL);
	if (r == 0)
		r = read_json(path, &b.json, &b.text, err);
	if (r == 0)
		make_one_line(&b.text);
	if (r == 0)
		r = check_version(b.json, err);
	if (r < 0) {
		bundle_release(&b);
		return r;
	}
	*ret = b;
	return 0;
}

int bundle_parse(struct bundle *b, struct error *err)
{
	int r = config_parse(b->json, &b->config, err);

	if (r == 0)
		r = find_root(b, err);
	return r == 0 ? find_sources(b, err) : r;
}

void bundle_release(struct bundle *b)
{
	config_free(b->config);
	json_decref(b->json);
	buf_release(&b->text);
	free(b->path);
	free(b->rootfs);
	*b = (struct bundle){0};
}

static void say_left_out(uint64_t out, const char *sets, const char *why, struct buf *warnings)
{
	if (!out || !warnings)
		return;
	buf_addf(warnings, "process.capabilities%s:", sets);
	for (int i = 0; i < 64; i++)
		if (out & UINT64_C(1) << i) {
			buf_addc(warnings, ' ');
			capability_name(i, warnings);
		}
	buf_addf(warnings, ": left out, since %s\n", why);
}

static bool in_user_namespace(const struct config *c)
{
	for (size_t i = 0; i < c->n_joined; i++)
		if (c->joined[i].flag == CLONE_NEWUSER)
			return true;
	return c->namespaces & CLONE_NEWUSER;
}

void bundle_trim_capabilities(struct config *c, struct buf *warnings)
{
	struct capability_sets *sets = &c->capabilities, own = {0};
	uint64_t asked = sets->bounding | sets->permitted | sets->effective | sets->inheritable;
	uint64_t out;

	c->has_capabilities = true;
	if (!in_user_namespace(c) && capability_read(getpid(), &own) == 0) {
		sets->bounding &= own.bounding;
		sets->permitted &= own.permitted;
		sets->effective &= own.permitted;
		sets->inheritable &= own.bounding & own.permitted;
		out = asked & ~(own.bounding & own.permitted);
		say_left_out(out, "", "we do not have them ourselves", warnings);
	}
	out = sets->ambient & ~(sets->inheritable & sets->permitted);
	sets->ambient &= ~out;
	say_left_out(out, ".ambient", "not inheritable and permitted", warnings);
}

/* "name:x:UID:GID:comment:HOME:shell" */
static bool home_of(char *line, uid_t uid, char ret[static PATH_MAX])
{
	char *field[7], *rest = line;

	for (int i = 0; i < 7; i++) {
		field[i] = strsep(&rest, ":");
		if (!field[i])
			return false;
	}
	if (strtoumax(field[2], NULL, 10) != uid || field[5][0] != '/' ||
	        strlen(field[5]) >= PATH_MAX)
		return false;
	strcpy(ret, field[5]);
	return true;
}

int bundle_add_home(struct config *c, const char *root, struct error *err)
{
	auto_close top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	char home[PATH_MAX] = "/", name[FD_PATH_SIZE], entry[PATH_MAX + 8];
	auto_buf text = BUF_INIT;
	char *state = NULL;
	struct stat st;

	for (size_t i = 0; i < c->n_env; i++)
		if (!strncmp(c->env[i], "HOME=", 5))
			return 0;
	fd = top < 0 ? -1 : root_open(top, "/etc/passwd", O_PATH);
	/* Only a plain file is opened: a pipe of the image's would never end, and opening a device
	 * can be enough to set it to work. */
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	        file_read_at(AT_FDCWD, fd_path(fd, name), PASSWD_LIMIT, &text) == 0 && text.data)
		for (char *line = strtok_r(text.data, "\n", &state); line;
		        line = strtok_r(NULL, "\n", &state))
			if (home_of(line, c->uid, home))
				break;
	if (!strcmp(home, "/") && c->uid == 0)
		strcpy(home, "/root");
	snprintf(entry, sizeof entry, "HOME=%s", home);
	c->env[c->n_env] = arena_strdup(&c->arena, entry);
	if (!c->env[c->n_env])
		return error_set(err, ENOMEM, "find home directory", root, NULL);
	c->n_env++;
	return 0;
}
