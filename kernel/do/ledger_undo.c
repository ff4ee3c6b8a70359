/* Taking back what a ledger lists, last entry first. Each undo answers 1 when it removed the thing,
 * 0 when there was nothing left to remove, or a negative errno. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/cgroup/remove.h"
#include "kernel/do/ledger_file.h"
#include "kernel/do/link.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/nft.h"
#include "kernel/do/process_end.h"
#include "kernel/do/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int undo_process(const char *object, struct error *err)
{
	struct process_id id;
	int pid, r;

	(void)err;
	if (sscanf(object, "%d %" SCNu64, &pid, &id.start_time) != 2)
		return -EINVAL;
	id.pid = pid;
	if (!process_id_alive(&id))
		return 0;
	r = process_end(&id, 0);
	return r < 0 ? r : 1;
}

static int undo_cgroup(const char *object, struct error *err)
{
	return cgroup_directory_remove(object, err);
}

static int undo_mount(const char *object, struct error *err)
{
	(void)err;
	if (umount2(object, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		return 1;
	/* EINVAL: not a mount point, so it never came to be or is gone; umount2(2). */
	return errno == EINVAL || errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

static int undo_link(const char *object, struct error *err)
{
	int r = link_delete(object);

	(void)err;
	return r == -ENODEV ? 0 : r < 0 ? r : 1;
}

static int undo_tree(const char *object, struct error *err)
{
	struct stat st;
	int r;

	(void)err;
	if (object[0] != '/' || !strcmp(object, "/"))
		return -EINVAL;
	if (lstat(object, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	r = subid_remove_tree(AT_FDCWD, object);
	return r < 0 ? r : 1;
}

static int undo_file(const char *object, struct error *err)
{
	(void)err;
	if (unlink(object) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

static int undo_control(const char *object, struct error *err)
{
	auto_free char *file = strdup(object);
	char *tab = file ? strchr(file, '\t') : NULL;
	int r;

	(void)err;
	if (!file)
		return -ENOMEM;
	if (!tab)
		return -EINVAL;
	*tab = '\0';
	r = file_write_at(AT_FDCWD, file, tab + 1);
	/* EBUSY: somebody else has come to need it meanwhile, so it is theirs now. */
	return r == -ENOENT || r == -ENODEV || r == -EBUSY ? 0 : r < 0 ? r : 1;
}

/* The two words of an object; the second is behind the first `parting`. */
static int halves(const char *object, char parting, char **ret_first, const char **ret_second)
{
	const char *at = strchr(object, parting);

	if (!at)
		return -EINVAL;
	*ret_first = strndup(object, (size_t)(at - object));
	*ret_second = at + 1;
	return *ret_first ? 0 : -ENOMEM;
}

static int undo_network(const char *object, struct buf *report, struct error *err)
{
	auto_free char *name = NULL;
	const char *directory;
	int r = halves(object, ' ', &name, &directory);

	return r < 0 ? r : network_leave(directory, name, report, err);
}

/* A kernel that has no packet filter any more has none of its tables either. */
static int rules_gone(int r)
{
	return r == -ENOENT || r == -EPROTONOSUPPORT || r == -EOPNOTSUPP ? 0 : r < 0 ? r : 1;
}

static int undo_table(const char *object, struct error *err)
{
	(void)err;
	return rules_gone(nft_table_delete(object));
}

static int undo_chain(const char *object, struct error *err)
{
	auto_free char *table = NULL;
	const char *chain;
	int r = halves(object, ' ', &table, &chain);

	(void)err;
	return r < 0 ? r : rules_gone(nft_chain_delete(table, chain));
}

static int undo_sysctl(const char *object, struct error *err)
{
	auto_free char *name = NULL, *path = NULL;
	const char *value;
	int r = halves(object, '\t', &name, &value);

	(void)err;
	if (r < 0)
		return r;
	if (strncmp(name, "net/", 4) != 0 || strstr(name, ".."))
		return -EINVAL;
	if (asprintf(&path, "/proc/sys/%s", name) < 0)
		return -ENOMEM;
	r = file_write_at(AT_FDCWD, path, value);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int (*const undo[])(const char *object, struct error *err) = {
        [LEDGER_PROCESS] = undo_process,
        [LEDGER_CGROUP] = undo_cgroup,
        [LEDGER_MOUNT] = undo_mount,
        [LEDGER_LINK] = undo_link,
        [LEDGER_TREE] = undo_tree,
        [LEDGER_FILE] = undo_file,
        [LEDGER_CONTROL] = undo_control,
        [LEDGER_TABLE] = undo_table,
        [LEDGER_CHAIN] = undo_chain,
        [LEDGER_SYSCTL] = undo_sysctl,
};

/* After a reboot only files are left, and a process number may be somebody else's. In another
 * namespace the name may be another thing; ours there went away with the last process in it. */
static bool in_reach(const struct ledger_book *book, const struct ledger_entry *e)
{
	if (!book->same_boot)
		return e->kind == LEDGER_TREE || e->kind == LEDGER_FILE ||
		       e->kind == LEDGER_NETWORK; /* which has a ledger of its own */
	return e->ns == ledger_kind_namespace(e->kind);
}

/* For people: of a process only the number, of a setting only the name. */
static void add_report(struct buf *report, const struct ledger_entry *e)
{
	bool first_word = e->kind == LEDGER_PROCESS || e->kind == LEDGER_NETWORK;
	size_t n = first_word                 ? strcspn(e->object, " ")
	           : e->kind == LEDGER_SYSCTL ? strcspn(e->object, "\t")
	                                      : strlen(e->object);

	if (report)
		buf_addf(report, "%s %.*s\n", ledger_kind_name(e->kind), (int)n, e->object);
}

static int undo_entry(const struct ledger_entry *e, struct buf *report, struct error *err)
{
	struct error own = {0};
	int r = e->kind == LEDGER_NETWORK ? undo_network(e->object, report, &own)
	                                  : undo[e->kind](e->object, &own);

	if (r > 0)
		add_report(report, e);
	if (r < 0 && err && !err->code) {
		char operation[64];
		snprintf(operation, sizeof operation, "remove %s", ledger_kind_name(e->kind));
		if (own.code)
			*err = own;
		else
			error_set(err, -r, operation, e->object, NULL);
	}
	return r;
}

/* The process is undone before its group, and on v1 one that is frozen takes no SIGKILL. */
static void thaw(const struct ledger_book *book)
{
	for (size_t i = 0; i < book->n; i++) {
		const struct ledger_entry *e = &book->entries[i];
		if (e->kind == LEDGER_CGROUP && in_reach(book, e) &&
		        cgroup_directory_frozen(e->object))
			cgroup_directory_freeze(e->object, false, NULL);
	}
}

static int undo_book(
        const char *path, const struct ledger_book *book, struct buf *report, struct error *err)
{
	auto_free bool *keep = calloc(book->n + 1, sizeof *keep);
	int first = 0, r;

	if (!keep)
		return -ENOMEM;
	thaw(book);
	for (size_t i = book->n; i-- > 0;) {
		if (!in_reach(book, &book->entries[i]))
			continue;
		r = undo_entry(&book->entries[i], report, err);
		keep[i] = r < 0;
		if (r < 0 && first == 0)
			first = r;
	}
	if (first == 0)
		r = unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	else
		r = ledger_book_rewrite(path, book, keep);
	return first ? first : r;
}

static int open_book(const char *path, int *ret_fd, struct ledger_book *ret)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int r;

	if (fd < 0)
		return -errno;
	r = ledger_book_read(fd, ret);
	if (r == 0)
		*ret_fd = steal_fd(&fd);
	return r;
}

int ledger_undo(const char *path, struct buf *report, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct ledger_book book = {0};
	struct stat st;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "open ledger", path, NULL);
	/* One at a time: whoever comes second finds the file gone. */
	if (flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "lock ledger", path, NULL);
	if (st.st_nlink == 0)
		return 0;
	/* What a ledger lists is removed with all the power we have: not on somebody else's word,
	 * as where XDG_RUNTIME_DIR is another user's. */
	if (st.st_uid != geteuid()) {
		error_set(err, EPERM, "undo ledger", path, "it belongs to user %u",
		        (unsigned)st.st_uid);
		error_advise(err, "let that user call 'cutaway clean'");
		return -EPERM;
	}
	r = ledger_book_read(fd, &book);
	if (r < 0)
		return error_set(err, -r, "read ledger", path, NULL);
	r = undo_book(path, &book, report, err);
	ledger_book_release(&book);
	return r < 0 ? error_set(err, -r, "undo ledger", path, NULL) : 0;
}

static bool is_mount_point(const char *path)
{
	struct statx st;

	return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT); /* Linux 5.8 */
}

static bool network_part_is_there(const struct ledger_entry *e)
{
	auto_free char *first = NULL;
	const char *second;

	if (e->kind == LEDGER_TABLE)
		return nft_table_exists(e->object) == 0;
	if (halves(e->object, ' ', &first, &second) < 0)
		return false;
	return e->kind == LEDGER_NETWORK ? network_has(second, first)
	                                 : nft_chain_exists(first, second) == 0;
}

static bool is_there(const struct ledger_entry *e)
{
	struct process_id id = {0};
	int pid;

	switch (e->kind) {
	case LEDGER_PROCESS:
		if (sscanf(e->object, "%d %" SCNu64, &pid, &id.start_time) == 2)
			id.pid = pid;
		return process_id_alive(&id);
	case LEDGER_MOUNT:
		return is_mount_point(e->object);
	case LEDGER_LINK:
		return if_nametoindex(e->object) != 0;
	case LEDGER_CGROUP:
	case LEDGER_TREE:
	case LEDGER_FILE:
		return faccessat(AT_FDCWD, e->object, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	case LEDGER_CONTROL:
	case LEDGER_SYSCTL:
		return true;
	case LEDGER_NETWORK:
	case LEDGER_TABLE:
	case LEDGER_CHAIN:
		return network_part_is_there(e);
	}
	return false;
}

int ledger_preview(const char *path, struct buf *report, struct error *err)
{
	struct ledger_book book = {0};
	auto_close fd = -1;
	int r = open_book(path, &fd, &book);

	if (r < 0)
		return r == -ENOENT ? 0 : error_set(err, -r, "read ledger", path, NULL);
	for (size_t i = book.n; i-- > 0;)
		if (in_reach(&book, &book.entries[i]) && is_there(&book.entries[i]))
			add_report(report, &book.entries[i]);
	ledger_book_release(&book);
	return 0;
}

int ledger_owner(const char *path, struct process_id *ret)
{
	struct ledger_book book = {0};
	auto_close fd = -1;
	int r = open_book(path, &fd, &book);

	if (r < 0)
		return r;
	*ret = book.same_boot ? book.owner : (struct process_id){0};
	ledger_book_release(&book);
	return 0;
}
