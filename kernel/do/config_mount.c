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

enum what { SET, CLEAR, SPREAD, DEEP_SET, DEEP_CLEAR, NOTHING, COPY_UP, IDS };

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
        {"ratime", DEEP_CLEAR, MOUNT_ATTR_NOATIME},
        {"rdev", DEEP_CLEAR, MOUNT_ATTR_NODEV},
        {"rdiratime", DEEP_CLEAR, MOUNT_ATTR_NODIRATIME},
        {"rexec", DEEP_CLEAR, MOUNT_ATTR_NOEXEC},
        {"rnoatime", DEEP_SET, MOUNT_ATTR_NOATIME},
        {"rnodev", DEEP_SET, MOUNT_ATTR_NODEV},
        {"rnodiratime", DEEP_SET, MOUNT_ATTR_NODIRATIME},
        {"rnoexec", DEEP_SET, MOUNT_ATTR_NOEXEC},
        {"rnorelatime", DEEP_CLEAR, MOUNT_ATTR_RELATIME},
        {"rnostrictatime", DEEP_CLEAR, MOUNT_ATTR_STRICTATIME},
        {"rnosuid", DEEP_SET, MOUNT_ATTR_NOSUID},
        {"rnosymfollow", DEEP_SET, MOUNT_ATTR_NOSYMFOLLOW},
        {"rrelatime", DEEP_SET, MOUNT_ATTR_RELATIME},
        {"rro", DEEP_SET, MOUNT_ATTR_RDONLY},
        {"rrw", DEEP_CLEAR, MOUNT_ATTR_RDONLY},
        {"rstrictatime", DEEP_SET, MOUNT_ATTR_STRICTATIME},
        {"rsuid", DEEP_CLEAR, MOUNT_ATTR_NOSUID},
        {"rsymfollow", DEEP_CLEAR, MOUNT_ATTR_NOSYMFOLLOW},
        {"idmap", IDS, MOUNT_IDS_MAP},
        {"ridmap", IDS, MOUNT_IDS_MAP_DEEP},
        {"tmpcopyup", COPY_UP, 0},
};

const char *mount_word(size_t i)
{
	return i < sizeof words / sizeof *words ? words[i].word : NULL;
}

static const struct word *find_word(const char *text)
{
	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (!strcmp(text, words[k].word))
			return &words[k];
	return NULL;
}

/* How access times are kept is one choice of several, mount_setattr(2): a new one takes the place
 * of the old, and one that is taken back leaves the usual, MOUNT_ATTR_RELATIME, which is zero. */
static bool is_atime(const struct word *w)
{
	const char *at = strstr(w->word, "atime");

	return at && !at[strlen("atime")] && !strstr(w->word, "dir");
}

static void set_deep(struct mount_spec *m, const struct word *w)
{
	if (is_atime(w)) {
		m->set &= ~(uint64_t)MOUNT_ATTR__ATIME;
		m->clear |= MOUNT_ATTR__ATIME;
	} else {
		m->clear &= ~(uint64_t)w->flag;
	}
	m->set |= w->flag;
}

static void clear_deep(struct mount_spec *m, const struct word *w)
{
	m->set &= ~(uint64_t)w->flag;
	m->clear |= is_atime(w) ? MOUNT_ATTR__ATIME : w->flag;
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
		clear_deep(m, w);
		break;
	case COPY_UP:
		m->copy_up = true;
		break;
	case IDS:
		m->ids = (enum mount_ids)w->flag;
		break;
	case NOTHING:
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
		if (w)
			take_word(m, w);
		else if (config_mount_ids_words(text, m))
			m->id_words = arena_strdup(&c->arena, strchr(text, '=') + 1);
		else
			buf_addf(&data, "%s%s", data.len ? "," : "", text);
	}
	m->data = arena_strdup(&c->arena, buf_text(&data));
	if (data.len >= 4096) /* mount(2) takes one page */
		return config_bad(err, "mounts.options", "is too long");
	return m->data && !buf_failed(&data) ? 0 : config_no_memory(err);
}

/* A relative one is meant from "/", as old configurations have it. */
static int read_destination(
        struct config *c, const json_t *one, struct mount_spec *m, struct error *err)
{
	const char *text = "";
	int r = config_text(c, one, "destination", "mounts.destination", "", &text, err);
	auto_buf absolute = BUF_INIT;

	if (r < 0)
		return r;
	if (!text[0])
		return config_bad(err, "mounts.destination", "is missing");
	buf_addf(&absolute, "%s%s", text[0] == '/' ? "" : "/", text);
	m->destination = arena_strdup(&c->arena, buf_text(&absolute));
	if (!m->destination || buf_failed(&absolute))
		return config_no_memory(err);
	if (absolute.len >= PATH_MAX)
		return config_bad(err, "mounts.destination", "is too long");
	if (!text[strspn(text, "/.")])
		return config_refuse(
		        err, "mounts.destination", "a mount over \"/\" is not supported");
	return 0;
}

/* What a file system would take, "mode=755", a bind of one does not: the kernel ignores it,
 * mount(2), and that is said. A word that is none of those is a mistake. */
static int leave_out_data(struct config *c, struct mount_spec *m, struct error *err)
{
	for (const char *p = m->data; *p;) {
		size_t n = strcspn(p, ",");
		if (!memchr(p, '=', n))
			return config_bad_mount(
			        m, "mounts.options", "a bind mount takes no such option", err);
		p += n + (p[n] == ',');
	}
	buf_addf(&c->warnings, "mounts.options: %s: left out, since %s is a bind mount\n", m->data,
	        m->destination);
	m->data = "";
	return 0;
}

static int read_mount(struct config *c, const json_t *one, struct mount_spec *m, struct error *err)
{
	int r = read_destination(c, one, m, err);

	if (r == 0)
		r = config_text(c, one, "type", "mounts.type", "none", &m->type, err);
	if (r == 0)
		r = config_text(c, one, "source", "mounts.source", m->type, &m->source, err);
	if (r == 0)
		r = read_options(c, json_object_get(one, "options"), m, err);
	if (r < 0)
		return r;
	/* podman writes the type and leaves the option out; docker does the reverse. */
	if (!strcmp(m->type, "bind"))
		m->flags |= MS_BIND;
	if (m->flags & MS_BIND && m->data[0] && !(m->flags & MS_REMOUNT))
		r = leave_out_data(c, m, err);
	if (r < 0)
		return r;
	if (m->copy_up && strcmp(m->type, "tmpfs") != 0)
		return config_bad_mount(
		        m, "mounts.options", "\"tmpcopyup\" is for a tmpfs only", err);
	return config_mount_ids(c, one, m, err);
}

int config_read_mounts(struct config *c, const json_t *list, struct error *err)
{
	int r = config_room(c, list, "mounts", sizeof *c->mounts, &c->mounts, &c->n_mounts, err);

	for (size_t i = 0; r == 0 && i < c->n_mounts; i++)
		r = read_mount(c, json_array_get(list, i), &c->mounts[i], err);
	return r;
}
