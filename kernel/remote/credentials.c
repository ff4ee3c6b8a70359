#include "kernel/remote/credentials.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/remote/credential_helper.h"
#include "kernel/remote/credentials_private.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

/* The registry that a name without a host means has an old name in docker's file. */
#define DOCKER_OLD "index.docker.io"

static void wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void credentials_release(struct credentials *c)
{
	wipe(&c->basic);
	wipe(&c->identity_token);
	free(c->helper);
	free(c->file);
	*c = (struct credentials){0};
}

void credentials_server(const struct reference *registry, struct buf *out)
{
	buf_addf(out, "%s%s%s", registry->host, registry->port[0] ? ":" : "", registry->port);
}

/* "HOST:PORT/NAMESPACE/REPOSITORY" */
static void whole_name(const struct reference *image, struct buf *out)
{
	credentials_server(image, out);
	if (image->name_space[0])
		buf_addf(out, "/%s", image->name_space);
	buf_addf(out, "/%s", image->repository);
}

/* How many characters of `name` the entry `key` stands for, 0: it is another's. */
static size_t fits(const char *key, const char *name, const char *host)
{
	const char *scheme = strstr(key, "://");
	size_t n;

	/* Docker's old form is an address, of which only the host means something. */
	if (scheme) {
		key = scheme + 3;
		n = strcspn(key, "/");
	} else {
		n = strlen(key);
	}
	if (n == strlen(DOCKER_OLD) && !strncasecmp(key, DOCKER_OLD, n))
		return !strcmp(host, "docker.io") ? strlen(host) : 0;
	if (n == 0 || strncasecmp(key, name, n) != 0 || (name[n] && name[n] != '/'))
		return 0;
	return n;
}

static bool is_base64(const char *text)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

	return *text && text[strspn(text, digits)] == '\0';
}

static const char *text_in(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text && *text ? text : NULL;
}

static int take(const json_t *entry, const char *path, struct credentials *ret, struct error *err)
{
	const char *basic = text_in(entry, "auth"), *token = text_in(entry, "identitytoken");

	if (basic && !is_base64(basic))
		return error_set(err, EBADMSG, "read credentials", path,
		        "'auth' of that registry is no base64");
	if (basic && !(ret->basic = strdup(basic)))
		return error_set(err, ENOMEM, "read credentials", path, NULL);
	if (token && !(ret->identity_token = strdup(token)))
		return error_set(err, ENOMEM, "read credentials", path, NULL);
	return 0;
}

/* The name of a program that keeps the credentials of this host. */
static const char *helper_for(const json_t *all, const char *host)
{
	const char *own = text_in(json_object_get(all, "credHelpers"), host);

	return own ? own : text_in(all, "credsStore");
}

static int look_up(const json_t *all, const struct reference *image, const char *path,
        struct credentials *ret, struct error *err)
{
	auto_buf name = BUF_INIT, host = BUF_INIT;
	json_t *auths = json_object_get(all, "auths"), *entry, *best = NULL;
	const char *key, *helper;
	size_t longest = 0;
	int r = 0;

	whole_name(image, &name);
	credentials_server(image, &host);
	json_object_foreach (auths, key, entry) {
		size_t n = fits(key, buf_text(&name), buf_text(&host));
		if (n > longest) {
			longest = n;
			best = entry;
		}
	}
	if (best)
		r = take(best, path, ret, err);
	helper = helper_for(all, buf_text(&host));
	if (r == 0 && helper && !ret->basic && !ret->identity_token &&
	        !(ret->helper = strdup(helper)))
		r = error_set(err, ENOMEM, "read credentials", path, NULL);
	if (r == 0 && (ret->basic || ret->identity_token || ret->helper) &&
	        !(ret->file = strdup(path)))
		r = error_set(err, ENOMEM, "read credentials", path, NULL);
	return r;
}

/* 0 also when the file is not there. */
static int read_file(const char *path, bool needed, const struct reference *image,
        struct credentials *ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	json_error_t problem;
	json_t *all;
	int r = file_read_at(AT_FDCWD, path, CREDENTIALS_FILE_MAX, &text);

	if ((r == -ENOENT || r == -ENOTDIR || r == -EACCES) && !needed)
		return 0;
	if (r < 0)
		return error_set(err, -r, "read credentials", path, NULL);
	/* An empty file is one of nothing: podman leaves such. */
	if (text.len == 0)
		return 0;
	all = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &problem);
	explicit_bzero(text.data, text.len);
	/* What the parser says would quote the file. */
	if (!json_is_object(all))
		r = error_set(err, EBADMSG, "read credentials", path, "line %d is no good JSON",
		        all ? 1 : problem.line);
	else
		r = look_up(all, image, path, ret, err);
	json_decref(all);
	return r;
}

static char *join(const char *directory, const char *below)
{
	char *path = NULL;

	if (!directory || directory[0] != '/')
		return NULL;
	return asprintf(&path, "%s/%s", directory, below) < 0 ? NULL : path;
}

/* The i-th place, NULL: there is no such. The caller's. */
char *credentials_place(int i)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *config = getenv("XDG_CONFIG_HOME");
	const char *docker = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
	char *path = NULL;

	switch (i) {
	case 0:
		if (runtime && *runtime)
			return join(runtime, "containers/auth.json");
		return asprintf(&path, "/run/containers/%u/auth.json", (unsigned)getuid()) < 0
		               ? NULL
		               : path;
	case 1:
		return config && *config ? join(config, "containers/auth.json")
		                         : join(home, ".config/containers/auth.json");
	default:
		return docker && *docker ? join(docker, "config.json")
		                         : join(home, ".docker/config.json");
	}
}

int credentials_find(
        const struct reference *image, const char *file, struct credentials *ret, struct error *err)
{
	const char *from_environment = getenv("REGISTRY_AUTH_FILE");
	struct credentials found = {0};
	int r = 0;

	if (file)
		r = read_file(file, true, image, &found, err);
	else if (from_environment && *from_environment)
		r = read_file(from_environment, false, image, &found, err);
	for (int i = 0; i < 3 && r == 0 && !file && !found.file; i++) {
		auto_free char *path = credentials_place(i);
		if (path)
			r = read_file(path, false, image, &found, err);
	}
	if (r < 0)
		credentials_release(&found);
	else
		*ret = found;
	return r;
}

int credentials_ask_helper(struct credentials *c, const struct reference *image, struct error *err)
{
	auto_buf server = BUF_INIT;
	int r = -ENOENT;

	if (!c->helper || c->asked || c->basic || c->identity_token)
		return 0;
	c->asked = true;
	/* docker's has its old name, those of others have that which images are called by. */
	if (!strcmp(image->host, "docker.io"))
		r = credential_helper_get(c->helper, "https://" DOCKER_OLD "/v1/", c, err);
	credentials_server(image, &server);
	if (r == -ENOENT)
		r = credential_helper_get(c->helper, buf_text(&server), c, err);
	return r == -ENOENT ? 0 : r;
}
