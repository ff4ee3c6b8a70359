#include "kernel/remote/credentials.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/remote/credential_helper.h"
#include "kernel/remote/credentials_private.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <nettle/base64.h>
#include <string.h>
#include <sys/file.h>

enum { SECRET_MAX = 64 << 10 };

int credentials_encode(const char *user, const char *password, char **ret)
{
	size_t n = strlen(user) + 1 + strlen(password);
	char *plain = NULL, *text;

	if (n > SECRET_MAX)
		return -E2BIG;
	text = calloc(1, BASE64_ENCODE_RAW_LENGTH(n) + 1);
	if (!text || asprintf(&plain, "%s:%s", user, password) < 0) {
		free(text);
		return -ENOMEM;
	}
	base64_encode_raw(text, n, (const uint8_t *)plain);
	explicit_bzero(plain, n);
	free(plain);
	*ret = text;
	return 0;
}

/* Where we write: what was told, else the first place that is looked at. */
static char *choose_file(const char *file)
{
	const char *from_environment = getenv("REGISTRY_AUTH_FILE");

	if (!file && from_environment && *from_environment)
		file = from_environment;
	return file ? strdup(file) : credentials_place(0);
}

/* Its directory, locked: one of us at a time. */
static int lock_directory(const char *path, bool make, struct error *err)
{
	auto_free char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;
	auto_close fd = -1;
	int r = 0;

	if (!directory)
		return error_set(err, ENOMEM, "keep credentials", path, NULL);
	if (slash)
		slash[slash == directory] = '\0';
	if (make && slash)
		r = dir_make(directory, 0700);
	if (r < 0)
		return error_set(err, -r, "make directory", directory, NULL);
	fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return error_set(err, errno, "keep credentials", path, NULL);
	return steal_fd(&fd);
}

/* {} when it is not there or empty. */
static int read_all(const char *path, json_t **ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	int r = file_read_at(AT_FDCWD, path, CREDENTIALS_FILE_MAX, &text);

	if (r < 0 && r != -ENOENT)
		return error_set(err, -r, "read credentials", path, NULL);
	*ret = r < 0 || !text.len
	               ? json_object()
	               : json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
	if (text.data)
		explicit_bzero(text.data, text.len);
	if (json_is_object(*ret))
		return 0;
	json_decref(*ret);
	return error_set(
	        err, EBADMSG, "read credentials", path, "it is no good JSON, and is left as it is");
}

static int write_all(const char *path, const json_t *all, struct error *err)
{
	char *text = json_dumps(all, JSON_INDENT(1));
	size_t n = text ? strlen(text) : 0;
	int r = text ? file_replace_at(AT_FDCWD, path, text, n, 0600) : -ENOMEM;

	if (text)
		explicit_bzero(text, n);
	free(text);
	return r < 0 ? error_set(err, -r, "keep credentials", path, NULL) : 0;
}

static const char *helper_of(const json_t *all, const char *server)
{
	const char *own =
	        json_string_value(json_object_get(json_object_get(all, "credHelpers"), server));

	return own ? own : json_string_value(json_object_get(all, "credsStore"));
}

static int with_helper(const char *helper, const char *server, const struct login *login,
        char **ret, struct error *err)
{
	int r = login ? credential_helper_store(helper, server, login->user, login->password, err)
	              : credential_helper_erase(helper, server, err);

	if (r == 0 && asprintf(ret, "docker-credential-%s", helper) < 0)
		r = error_set(err, ENOMEM, "keep credentials", server, NULL);
	return r;
}

static int change(json_t *all, const char *server, const struct login *login, const char *path,
        struct error *err)
{
	json_t *auths = json_object_get(all, "auths");
	char *basic = NULL;
	int r;

	if (!login && json_object_del(auths, server) < 0)
		return -ENOENT;
	if (!login)
		return write_all(path, all, err);
	r = credentials_encode(login->user, login->password, &basic);
	if (r < 0)
		return error_set(err, -r, "keep credentials", path, NULL);
	if (!json_is_object(auths)) {
		auths = json_object();
		json_object_set_new(all, "auths", auths);
	}
	json_object_set_new(auths, server, json_pack("{s:s}", "auth", basic));
	explicit_bzero(basic, strlen(basic));
	free(basic);
	return write_all(path, all, err);
}

int credentials_keep(const struct reference *registry, const struct login *login, const char *file,
        char **ret, struct error *err)
{
	auto_free char *path = choose_file(file);
	auto_buf server = BUF_INIT;
	auto_close lock = -1;
	json_t *all = NULL;
	const char *helper;
	int r;

	if (!path)
		return error_set(err, ENOMEM, "keep credentials", "", NULL);
	if (!login && access(path, F_OK) < 0)
		return -ENOENT;
	lock = lock_directory(path, login, err);
	if (lock < 0)
		return lock;
	credentials_server(registry, &server);
	r = read_all(path, &all, err);
	if (r < 0)
		return r;
	helper = helper_of(all, buf_text(&server));
	if (helper)
		r = with_helper(helper, buf_text(&server), login, ret, err);
	else
		r = change(all, buf_text(&server), login, path, err);
	json_decref(all);
	if (r == 0 && !helper)
		*ret = steal_ptr(path);
	return r;
}

int credentials_forget_all(const char *file, char **ret, struct error *err)
{
	auto_free char *path = choose_file(file);
	auto_close lock = -1;
	json_t *all = NULL;
	int r;

	if (!path)
		return error_set(err, ENOMEM, "keep credentials", "", NULL);
	if (access(path, F_OK) < 0)
		return -ENOENT;
	lock = lock_directory(path, false, err);
	r = lock < 0 ? lock : read_all(path, &all, err);
	if (r == 0 && json_object_size(json_object_get(all, "auths")) == 0)
		r = -ENOENT;
	if (r == 0) {
		json_object_set_new(all, "auths", json_object());
		r = write_all(path, all, err);
	}
	json_decref(all);
	if (r == 0)
		*ret = steal_ptr(path);
	return r;
}
