#include "kernel/remote/certificates.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

void certificates_release(struct certificates *c)
{
	buf_release(&c->authorities);
	free(c->certificate);
	free(c->key);
	*c = (struct certificates){0};
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);

	return n > k && !strcmp(name + n - k, end);
}

static int take_path(char **slot, const char *directory, const char *name)
{
	free(*slot);
	*slot = NULL;
	return asprintf(slot, "%s/%s", directory, name) < 0 ? -ENOMEM : 0;
}

static int take_file(DIR *d, const char *directory, const char *name, struct certificates *c)
{
	int r = 0;

	if (ends_with(name, ".crt")) {
		r = file_read_at(dirfd(d), name, FILE_MAX, &c->authorities);
		buf_add(&c->authorities, "\n");
	} else if (ends_with(name, ".cert")) {
		r = take_path(&c->certificate, directory, name);
	} else if (ends_with(name, ".key")) {
		r = take_path(&c->key, directory, name);
	}
	return r;
}

/* -ENOENT: no such directory. */
static int read_directory(const char *directory, struct certificates *c, struct error *err)
{
	auto_dir d = opendir(directory);
	struct dirent *e;

	if (!d)
		return errno == ENOENT
		               ? -ENOENT
		               : error_set(err, errno, "read certificates", directory, NULL);
	while ((e = readdir(d))) {
		int r = take_file(d, directory, e->d_name, c);
		if (r < 0)
			return error_set(err, -r, "read certificates", directory, "%s: %s",
			        e->d_name, strerror(-r));
	}
	return 0;
}

int certificates_read(
        const char *directory, const char *server, struct certificates *ret, struct error *err)
{
	static const char *const usual[] = {"/etc/containers/certs.d", "/etc/docker/certs.d"};
	struct certificates c = {0};
	int r;

	if (directory) {
		r = read_directory(directory, &c, err);
		if (r == -ENOENT)
			error_set(err, ENOENT, "read certificates", directory, NULL);
	} else {
		r = -ENOENT;
		for (size_t i = 0; i < sizeof usual / sizeof *usual && r == -ENOENT; i++) {
			auto_free char *path = NULL;
			if (asprintf(&path, "%s/%s", usual[i], server) < 0)
				return error_set(err, ENOMEM, "read certificates", server, NULL);
			r = read_directory(path, &c, err);
		}
		r = r == -ENOENT ? 0 : r;
	}
	if (r < 0)
		certificates_release(&c);
	else
		*ret = c;
	return r;
}
