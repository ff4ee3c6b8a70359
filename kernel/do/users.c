#include "kernel/do/users.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/overlay_look.h"
#include "kernel/do/rootpath.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_LIMIT = 1 << 20, FIELDS = 7 };

/* ---- the files ----------------------------------------------------------------------------- */

int users_open_root(const void *data, const char *path)
{
	return root_open(*(const int *)data, path, O_RDONLY | O_NONBLOCK);
}

/* A whiteout hides what the layers below have. */
static bool is_gone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && overlay_is_whiteout(&st);
}

int users_open_layers(const void *data, const char *path)
{
	const struct users_layers *l = data;

	for (size_t i = 0; i < l->n; i++) {
		auto_close layer = open(l->layers[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		auto_close there = layer < 0 ? -1 : root_open(layer, path, O_PATH);
		if (there == -ENOENT || there == -ENOTDIR)
			continue;
		if (there < 0)
			return there == -1 ? -ENOENT : there;
		return is_gone(there) ? -ENOENT : root_open(layer, path, O_RDONLY | O_NONBLOCK);
	}
	return -ENOENT;
}

static char *read_whole(users_open *open_file, const void *data, const char *path)
{
	auto_close fd = open_file(data, path);
	auto_buf text = BUF_INIT;
	char bytes[4096];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	while ((n = read(fd, bytes, sizeof bytes)) > 0 && text.len < FILE_LIMIT)
		buf_add_bytes(&text, bytes, (size_t)n);
	buf_addc(&text, '\n');
	return buf_steal(&text);
}

/* The next line, parted at its colons; how many fields. */
static size_t next_line(char **text, char *fields[FIELDS])
{
	char *line = strsep(text, "\n");
	size_t n = 0;

	while (line && n < FIELDS)
		fields[n++] = strsep(&line, ":");
	return n;
}

static bool number(const char *text, uint32_t *ret)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value >= UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* ---- looking up ---------------------------------------------------------------------------- */

/* The line of a user, by name or number: NAME:x:UID:GID:… */
static bool find_user(const char *file, const char *name, char **ret_name, struct users *ret)
{
	auto_free char *copy = file ? strdup(file) : NULL;
	char *rest = copy, *fields[FIELDS];
	uint32_t wanted, uid, gid;
	bool by_number = number(name, &wanted);

	while (rest && *rest) {
		size_t n = next_line(&rest, fields);
		if (n < 4 || !number(fields[2], &uid) || !number(fields[3], &gid) ||
		        !(by_number ? uid == wanted : !strcmp(fields[0], name)))
			continue;
		*ret_name = strdup(fields[0]);
		ret->uid = uid;
		ret->gid = gid;
		if (n >= 6 && fields[5][0] == '/')
			snprintf(ret->home, sizeof ret->home, "%s", fields[5]);
		return *ret_name;
	}
	return false;
}

static bool find_group(const char *file, const char *name, uint32_t *ret)
{
	auto_free char *copy = file ? strdup(file) : NULL;
	char *rest = copy, *fields[FIELDS];

	while (rest && *rest)
		if (next_line(&rest, fields) >= 3 && !strcmp(fields[0], name) &&
		        number(fields[2], ret))
			return true;
	return false;
}

static bool in_list(char *list, const char *name)
{
	char *one;

	while ((one = strsep(&list, ",")))
		if (!strcmp(one, name))
			return true;
	return false;
}

static void find_groups(const char *file, const char *user, struct users *u)
{
	auto_free char *copy = file ? strdup(file) : NULL;
	char *rest = copy, *fields[FIELDS];
	uint32_t gid;

	while (rest && *rest && u->n_groups < USERS_GROUPS_MAX)
		if (next_line(&rest, fields) >= 4 && number(fields[2], &gid) && gid != u->gid &&
		        in_list(fields[3], user))
			u->groups[u->n_groups++] = gid;
}

static int missing(const char *what, const char *name, const char *file, struct error *err)
{
	error_set(err, ENOENT, "find user", name, "the image has no %s of that name in %s", what,
	        file);
	error_advise(err, "write a number, or add the %s to the image", what);
	return -ENOENT;
}

static int find(const char *name, const char *group, const char *passwd, const char *groups,
        struct users *ret, struct error *err)
{
	auto_free char *known = NULL;
	bool there = find_user(passwd, name, &known, ret);

	/* Root is 0 also where no file says so. */
	if (!there && !number(name, &ret->uid) && strcmp(name, "root") != 0)
		return missing("user", name, "/etc/passwd", err);
	if (!group) {
		if (known)
			find_groups(groups, known, ret);
		return 0;
	}
	if (!number(group, &ret->gid) && !find_group(groups, group, &ret->gid) &&
	        strcmp(group, "root") != 0)
		return missing("group", group, "/etc/group", err);
	return 0;
}

/* "NAME" or a number; no digit begins a name. */
static bool part_form(const char *text, size_t n)
{
	char part[64] = "";
	uint32_t ignored;

	if (!n || n >= sizeof part)
		return false;
	memcpy(part, text, n);
	if (isdigit((unsigned char)part[0]))
		return number(part, &ignored);
	return strchr("-+.", part[0]) == NULL && strcspn(part, "/ \t\n\"'\\") == n;
}

bool users_form(const char *text)
{
	const char *colon = strchr(text, ':');

	if (!colon)
		return part_form(text, strlen(text));
	return !strchr(colon + 1, ':') && part_form(text, (size_t)(colon - text)) &&
	       part_form(colon + 1, strlen(colon + 1));
}

int users_find(const char *text, users_open *open_file, const void *data, struct users *ret,
        struct error *err)
{
	auto_free char *copy = strdup(text), *passwd = NULL, *groups = NULL;
	char *name = copy, *group;
	struct users u = {0};
	int r;

	if (!copy)
		return error_set(err, ENOMEM, "find user", text, NULL);
	if (!users_form(text))
		return error_set(err, EINVAL, "find user", text,
		        "it should be USER[:GROUP], names or numbers up to 4294967294");
	group = strchr(name, ':');
	if (group)
		*group++ = '\0';
	passwd = read_whole(open_file, data, "/etc/passwd");
	groups = read_whole(open_file, data, "/etc/group");
	r = find(name, group, passwd, groups, &u, err);
	if (r == 0)
		*ret = u;
	return r;
}

const char *users_home(const struct users *u)
{
	if (u->home[0])
		return u->home;
	return u->uid == 0 ? "/root" : "/";
}

json_t *users_json(const struct users *u)
{
	json_t *user =
	        json_pack("{s:I, s:I}", "uid", (json_int_t)u->uid, "gid", (json_int_t)u->gid);
	json_t *groups = u->n_groups ? json_array() : NULL;

	for (size_t i = 0; i < u->n_groups; i++)
		json_array_append_new(groups, json_integer(u->groups[i]));
	if (groups)
		json_object_set_new(user, "additionalGids", groups);
	return user;
}
