/* `mounts` of config.json: the words of mount(8) as the flags that the kernel wants. */
#include "kernel/base/cleanup.h"
#include "kernel/do/config_read.h"
#include "kernel/do/mount_words.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

enum what { SET, CLEAR, SPREAD, DEEP_SET, DEEP_CLEAR, NOTHING, REFUSED };

static const struct word {
	const char *word;
	enum what what;
	unsigned long flag;
} words[] = {
        {"async", CLEAR, MS_SYNCHRONOUS},
        {"atime", CLEAR, MS_NOATIME},
        {"bind", SET, MS_BIND},
        {"defaults", NOTHING, 0},
        {"dev", CLEAR, MS_NODEV},
        {"diratime", CLEAR, MS_NODIRATIME},
        {"dirsync", SET, MS_DIRSYNC},
        {"exec", CLEAR, MS_NOEXEC},
        {"iversion", SET, MS_I_VERSION},
        {"lazytime", SET, MS_LAZYTIME},
        {"loud", CLEAR, MS_SILENT},
        {"mand", SET, MS_MANDLOCK},
        {"noatime", SET, MS_NOATIME},
        {"nodev", SET, MS_NODEV},
        {"nodiratime", SET, MS_NODIRATIME},
        {"noexec", SET, MS_NOEXEC},
        {"noiversion", CLEAR, MS_I_VERSION},
        {"nolazytime", CLEAR, MS_LAZYTIME},
        {"nomand", CLEAR, MS_MANDLOCK},
        {"norelatime", CLEAR, MS_RELATIME},
        {"nostrictatime", CLEAR, MS_STRICTATIME},
        {"nosuid", SET, MS_NOSUID},
        {"nosymfollow", SET, MS_NOSYMFOLLOW},
        {"rbind", SET, MS_BIND | MS_REC},
        {"relatime", SET, MS_RELATIME},
        {"remount", SET, MS_REMOUNT},
        {"ro", SET, MS_RDONLY},
        {"rw", CLEAR, MS_RDONLY},
        {"silent", SET, MS_SILENT},
        {"strictatime", SET, MS_STRICTATIME},
        {"suid", CLEAR, MS_NOSUID},
        {"symfollow", CLEAR, MS_NOSYMFOLLOW},
        {"sync", SET, MS_SYNCHRONOUS},
        {"private", SPREAD, MS_PRIVATE},
        {"rprivate", SPREAD, MS_PRIVATE | MS_REC},
        {"shared", SPREAD, MS_SHARED},
        {"rshared", SPREAD, MS_SHARED | MS_REC},
        {"slave", SPREAD, MS_SLAVE},
        {"rslave", SPREAD, MS_SLAVE | MS_REC},
        {"unbindable", SPREAD, MS_UNBINDABLE},
        {"runbindable", SPREAD, MS_UNBINDABLE | MS_REC},
        {"rdev", DEEP_CLEAR, MOUNT_ATTR_NODEV},
        {"rdiratime", DEEP_CLEAR, MOUNT_ATTR_NODIRATIME},
        {"rexec", DEEP_CLEAR, MOUNT_ATTR_NOEXEC},
        {"rnoatime", DEEP_SET, MOUNT_ATTR_NOATIME},
        {"rnodev", DEEP_SET, MOUNT_ATTR_NODEV},
        {"rnodiratime", DEEP_SET, MOUNT_ATTR_NODIRATIME},
        {"rnoexec", DEEP_SET, MOUNT_ATTR_NOEXEC},
        {"rnosuid", DEEP_SET, MOUNT_ATTR_NOSUID},
        {"rnosymfollow", DEEP_SET, MOUNT_ATTR_NOSYMFOLLOW},
        {"rrelatime", DEEP_SET, MOUNT_ATTR_RELATIME},
        {"rro", DEEP_SET, MOUNT_ATTR_RDONLY},
        {"rrw", DEEP_CLEAR, MOUNT_ATTR_RDONLY},
        {"rstrictatime", DEEP_SET, MOUNT_ATTR_STRICTATIME},
        {"rsuid", DEEP_CLEAR, MOUNT_ATTR_NOSUID},
        {"rsymfollow", DEEP_CLEAR, MOUNT_ATTR_NOSYMFOLLOW},
        {"idmap", REFUSED, 0},
        {"ridmap", REFUSED, 0},
        {"tmpcopyup", REFUSED, 0},
};

const char *mount_word(size_t i)
{
	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (words[k].what != REFUSED && i-- == 0)
			return words[k].word;
	return NULL;
}

static const struct word *find_word(const char *text)
{
	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (!strcmp(text, words[k].word))
			return &words[k];
	return NULL;
}

/* How access times are kept is one choice of several, so a new one takes the place of the old. */
static void set_deep(struct mount_spec *m, const struct word *w)
{
	bool is_atime = !strcmp(w->word, "rnoatime") || !strcmp(w->word, "rrelatime") ||
	                !strcmp(w->word, "rstrictatime");

	if (is_atime) {
		m->set &= ~(uint64_t)MOUNT_ATTR__ATIME;
		m->clear |= MOUNT_ATTR__ATIME;
	} else {
		m->clear &= ~(uint64_t)w->flag;
	}
	m->set |= w->flag;
}

static void take_word(struct mount_spec *m, const struct word *w)
{
	switch (w->what) {
	case SET:
		m->flags |= w->flag;
		break;
	case CLEAR:
		m->flags &= ~w->flag;
		break;
	case SPREAD:
		m->propagation = w->flag;
		break;
	case DEEP_SET:
		set_deep(m, w);
		break;
	case DEEP_CLEAR:
		m->set &= ~(uint64_t)w->flag;
		m->clear |= w->flag;
		break;
	case NOTHING:
	case REFUSED:
		break;
	}
}

static int read_options(
        struct config *c, const json_t *options, struct mount_spec *m, struct error *err)
{
	auto_buf data = BUF_INIT;
	const json_t *option;
	size_t i;

	if (options && !json_is_null(options) && !json_is_array(options))
		return config_bad(err, "mounts.options", "should be a list of texts");
	json_array_foreach (options, i, option) {
		const char *text = json_string_value(option);
		const struct word *w = text ? find_word(text) : NULL;
		if (!text)
			return config_bad(err, "mounts.options", "should be a list of texts");
		if (w && w->what == REFUSED) {
			error_set(err, ENOTSUP, "read config.json", "mounts.options",
			        "\"%s\" (of %s) is not supported", text, m->destination);
			return -ENOTSUP;
		}
		if (w)
			take_word(m, w);
		else
			buf_addf(&data, "%s%s", data.len ? "," : "", text);
	}
	m->data = arena_strdup(&c->arena, buf_text(&data));
	if (data.len >= 4096) /* mount(2) takes one page */
		return config_bad(err, "mounts.options", "is too long");
	return m->data && !buf_failed(&data) ? 0 : config_no_memory(err);
}

static int read_mount(struct config *c, const json_t *one, struct mount_spec *m, struct error *err)
{
	const char *destination = "";
	int r = config_text(c, one, "destination", "mounts.destination", "", &destination, err);

	if (r < 0)
		return r;
	m->destination = destination;
	r = config_text(c, one, "type", "mounts.type", "none", &m->type, err);
	if (r == 0)
		r = config_text(c, one, "source", "mounts.source", m->type, &m->source, err);
	if (r == 0)
		r = read_options(c, json_object_get(one, "options"), m, err);
	if (r < 0)
		return r;
	if (m->destination[0] != '/')
		return config_bad(err, "mounts.destination", "should be an absolute path");
	if (!m->destination[strspn(m->destination, "/.")])
		return config_refuse(
		        err, "mounts.destination", "a mount over \"/\" is not supported");
	if (json_array_size(json_object_get(one, "uidMappings")) ||
	        json_array_size(json_object_get(one, "gidMappings")))
		return config_refuse(
		        err, "mounts.uidMappings", "idmapped mounts are not supported");
	/* podman writes the type and leaves the option out; docker does the reverse. */
	if (!strcmp(m->type, "bind"))
		m->flags |= MS_BIND;
	return 0;
}

int config_read_mounts(struct config *c, const json_t *list, struct error *err)
{
	int r = config_room(c, list, "mounts", sizeof *c->mounts, &c->mounts, &c->n_mounts, err);

	for (size_t i = 0; r == 0 && i < c->n_mounts; i++)
		r = read_mount(c, json_array_get(list, i), &c->mounts[i], err);
	return r;
}
