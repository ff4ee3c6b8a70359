/* Coming to the bridge and going from it: the first makes it, the last removes it. */
#include "kernel/do/network/lab_bridge.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/ledger_file.h"
#include "kernel/do/network/nft.h"
#include "kernel/do/network/record.h"
#include "kernel/do/network/subnet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FORWARD "net/ipv4/ip_forward"

/* The directory with its lock, its record and its ledger, while something is changed. */
struct opened {
	int lock;
	json_t *record;
	struct ledger *ledger;
};

static void close_opened(struct opened *o)
{
	ledger_close(o->ledger);
	json_decref(o->record);
	cleanup_fd(&o->lock);
}
#define auto_opened __attribute__((cleanup(close_opened))) struct opened

static int open_ledger(const char *directory, struct ledger **ret, struct error *err)
{
	auto_free char *path = NULL;
	struct process_id self;

	if (asprintf(&path, "%s/ledger", directory) < 0)
		return error_set(err, ENOMEM, "open ledger", directory, NULL);
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return ledger_open(path, ret, err);
	process_id_read(getpid(), &self);
	return ledger_create(path, &self, ret, err);
}

static int open_network(const char *directory, struct opened *o, struct error *err)
{
	o->lock = record_lock(directory, true);
	if (o->lock < 0)
		return error_set(err, -o->lock, "lock network", directory, NULL);
	o->record = record_read(directory);
	if (!o->record)
		return error_set(err, ENOMEM, "read network", directory, NULL);
	return open_ledger(directory, &o->ledger, err);
}

static int save(const char *directory, const json_t *record, struct error *err)
{
	int r = record_write(directory, record);

	return r < 0 ? error_set(err, -r, "write network", directory, NULL) : 0;
}

/* ---- the bridge ---------------------------------------------------------------------------- */

/* Somebody else has made a link of that name in the very moment: it is not ours to remove. */
static int not_ours(const struct network *n, struct opened *o, struct error *err)
{
	auto_free char *path = NULL;
	auto_close fd = -1;
	struct ledger_book book = {0};
	auto_free bool *keep = NULL;

	ledger_close(o->ledger);
	o->ledger = NULL;
	if (asprintf(&path, "%s/ledger", n->directory) >= 0 &&
	        (fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0 && ledger_book_read(fd, &book) == 0 &&
	        (keep = calloc(book.n + 1, sizeof *keep))) {
		for (size_t i = 0; i < book.n; i++)
			keep[i] = book.entries[i].kind != LEDGER_LINK ||
			          strcmp(book.entries[i].object, n->bridge) != 0;
		ledger_book_rewrite(path, &book, keep);
	}
	ledger_book_release(&book);
	error_set(err, EEXIST, "make bridge", n->bridge, "there is a link of that name");
	error_advise(err, "see it with 'ip -d link show %s'", n->bridge);
	return -EEXIST;
}

/* Written down, made, given its address. Whoever has removed it by hand meanwhile finds it made
 * again. */
static int make_bridge(const struct network *n, struct opened *o, struct error *err)
{
	struct rtnl_link link;
	int r = rtnl_link_get(n->bridge, &link);

	if (r == -ENODEV) {
		r = ledger_add(o->ledger, LEDGER_LINK, n->bridge, err);
		if (r < 0)
			return r;
		r = rtnl_bridge_add(n->bridge, n->bridge_mac);
		if (r == -EEXIST)
			return not_ours(n, o, err);
		if (r == 0)
			r = rtnl_link_get(n->bridge, &link);
	}
	if (r < 0)
		return error_set(err, -r, "make bridge", n->bridge, NULL);
	if (strcmp(link.kind, "bridge") != 0)
		return not_ours(n, o, err);
	r = rtnl_address_add(link.index, n->gateway, SUBNET_PREFIX);
	if (r < 0 && r != -EEXIST)
		return error_set(err, -r, "give an address to", n->bridge, NULL);
	return 0;
}

static int take_place(struct network *n, struct opened *o, struct error *err)
{
	int r = network_fill(n, o->record, err);

	if (r < 0)
		return r;
	json_object_set_new(o->record, "bridge", json_string(n->bridge));
	json_object_set_new(o->record, "table", json_string(n->table));
	json_object_set_new(o->record, "subnet", json_integer(n->subnet));
	r = record_add(o->record, n->name, n->hostname, n->address & 255);
	if (r < 0)
		return error_set(err, -r, "take an address", n->name, NULL);
	return save(n->directory, o->record, err);
}

static int write_files(
        const char *directory, const json_t *record, const char *comes, struct error *err)
{
	int r = record_write_hosts(directory, record, comes);

	if (r == 0)
		r = record_write_resolvers(directory);
	return r < 0 ? error_set(err, -r, "write names", directory, NULL) : 0;
}

static int join(struct network *n, struct error *err)
{
	auto_opened o = {.lock = -1};
	int r = open_network(n->directory, &o, err);

	if (r == 0)
		r = take_place(n, &o, err);
	if (r == 0)
		r = make_bridge(n, &o, err);
	return r == 0 ? write_files(n->directory, o.record, n->name, err) : r;
}

int network_join(struct network *n, struct ledger *ledger, struct error *err)
{
	auto_free char *object = NULL;
	int r;

	if (asprintf(&object, "%s %s", n->name, n->directory) < 0)
		return error_set(err, ENOMEM, "join network", n->name, NULL);
	r = ledger_add(ledger, LEDGER_NETWORK, object, err);
	if (r == 0)
		r = join(n, err);
	if (r < 0)
		network_leave(n->directory, n->name, NULL, NULL);
	return r;
}

/* ---- leaving ------------------------------------------------------------------------------- */

static int remove_all(const char *directory, struct buf *report, struct error *err)
{
	auto_free char *ledger = NULL;
	int r;

	if (asprintf(&ledger, "%s/ledger", directory) < 0)
		return error_set(err, ENOMEM, "remove network", directory, NULL);
	r = ledger_undo(ledger, report, err);
	if (r < 0)
		return r;
	r = dir_remove_tree(AT_FDCWD, directory);
	return r < 0 ? error_set(err, -r, "remove network", directory, NULL) : 0;
}

/* Its lock is held. 1 = `name` was on it. */
static int leave(struct opened *o, const char *directory, const char *name, struct buf *report,
        struct error *err)
{
	int was_on = json_object_del(record_members(o->record), name) == 0, r;

	if (!json_object_size(record_members(o->record))) {
		r = remove_all(directory, report, err);
		return r < 0 ? r : was_on;
	}
	if (!was_on)
		return 0;
	record_remove_hosts(directory, name);
	r = save(directory, o->record, err);
	if (r == 0)
		r = write_files(directory, o->record, NULL, err);
	return r < 0 ? r : 1;
}

/* To take something away: locked and read. 1 = it is not there any more. */
static int open_to_leave(const char *directory, struct opened *o, struct error *err)
{
	o->lock = record_lock(directory, false);
	if (o->lock < 0)
		return o->lock == -ENOENT
		               ? 1
		               : error_set(err, -o->lock, "lock network", directory, NULL);
	o->record = record_read(directory);
	return o->record ? 0 : error_set(err, ENOMEM, "read network", directory, NULL);
}

int network_leave(const char *directory, const char *name, struct buf *report, struct error *err)
{
	auto_opened o = {.lock = -1};
	int r = open_to_leave(directory, &o, err);

	if (r != 0)
		return r < 0 ? r : 0;
	return leave(&o, directory, name, report, err);
}

bool network_has(const char *directory, const char *name)
{
	json_t *record = record_read(directory);
	bool has = record_host(record, name);

	json_decref(record);
	return has;
}

/* ---- the way out --------------------------------------------------------------------------- */

/* A setting for the whole machine, so what it was is kept: packets that come for somebody else are
 * handed on; ip-sysctl.rst. */
static int forward(const struct network *n, struct opened *o, struct error *err)
{
	static const char path[] = "/proc/sys/" FORWARD;
	auto_buf now = BUF_INIT;
	int r = file_read_at(AT_FDCWD, path, 16, &now);

	if (r < 0)
		return error_set(err, -r, "read", path, NULL);
	if (buf_text(&now)[0] != '0')
		return 0;
	json_object_set_new(o->record, "ip_forward_was", json_string("0"));
	r = save(n->directory, o->record, err);
	if (r == 0)
		r = ledger_add(o->ledger, LEDGER_SYSCTL, FORWARD "\t0", err);
	if (r < 0)
		return r;
	r = file_write_at(AT_FDCWD, path, "1");
	return r < 0 ? error_set(err, -r, "write", path, NULL) : 0;
}

static int add_table(const struct network *n, struct opened *o, struct error *err)
{
	const struct nft_table table = {n->table, n->bridge, n->subnet, SUBNET_PREFIX};
	int r = nft_table_exists(n->table);

	if (r == 0)
		return 0;
	r = ledger_add(o->ledger, LEDGER_TABLE, n->table, err);
	if (r < 0)
		return r;
	r = nft_table_add(&table);
	return r < 0 ? error_set(err, -r, "add nftables table", n->table, NULL) : 0;
}

int network_open_way_out(struct network *n, struct error *err)
{
	int r;
	{
		auto_opened o = {.lock = -1};
		r = open_network(n->directory, &o, err);
		if (r == 0)
			r = forward(n, &o, err);
		if (r == 0)
			r = add_table(n, &o, err);
	}
	if (r < 0)
		network_close_way_out(n, NULL);
	return r;
}

int network_close_way_out(struct network *n, struct error *err)
{
	auto_opened o = {.lock = record_lock(n->directory, false)};
	int r;

	if (o.lock < 0)
		return o.lock == -ENOENT
		               ? 0
		               : error_set(err, -o.lock, "lock network", n->directory, NULL);
	o.record = record_read(n->directory);
	if (!o.record)
		return error_set(err, ENOMEM, "read network", n->directory, NULL);
	if (json_object_size(record_members(o.record)) > 1)
		return 0;
	r = nft_table_delete(n->table);
	if (r < 0 && r != -ENOENT)
		return error_set(err, -r, "delete nftables table", n->table, NULL);
	if (!json_object_get(o.record, "ip_forward_was"))
		return 0;
	r = file_write_at(AT_FDCWD, "/proc/sys/" FORWARD, "0");
	if (r < 0)
		return error_set(err, -r, "write", "/proc/sys/" FORWARD, NULL);
	json_object_del(o.record, "ip_forward_was");
	return save(n->directory, o.record, err);
}

/* ---- after crashes ------------------------------------------------------------------------- */

/* Whether its container is no more: it has no directory of its own. Who makes one of that name
 * makes its directory before it comes to the bridge, so under the lock none that is new is taken
 * for it. */
static bool is_gone(const char *runtime, const char *name)
{
	auto_free char *container = NULL;

	return asprintf(&container, "%s/containers/%s", runtime, name) >= 0 &&
	       access(container, F_OK) < 0;
}

static int sweep_one(const char *runtime, const char *directory, bool dry_run, struct buf *report,
        struct error *err)
{
	auto_opened o = {.lock = -1};
	int first = open_to_leave(directory, &o, err), r;
	json_t *members = record_members(o.record);

	if (first != 0)
		return first < 0 ? first : 0;
	/* Killed while it made it or removed it: there is nobody on it. */
	if (!json_object_size(members))
		return dry_run ? 0 : leave(&o, directory, "", report, err);
	for (void *at = json_object_iter(members), *next; at; at = next) {
		auto_free char *name = strdup(json_object_iter_key(at));

		next = json_object_iter_next(members, at);
		if (!name || !is_gone(runtime, name))
			continue;
		if (report)
			buf_addf(report, "network %s\n", name);
		r = dry_run ? 0 : leave(&o, directory, name, report, err);
		first = first ? first : r < 0 ? r : 0;
	}
	return first;
}

int network_sweep(const char *runtime, bool dry_run, struct buf *report, struct error *err)
{
	auto_free char *all = NULL;
	auto_dir dir = NULL;
	struct dirent *entry;
	int first = 0;

	if (asprintf(&all, "%s/network", runtime) < 0 || !(dir = opendir(all)))
		return 0;
	while ((entry = readdir(dir))) {
		auto_free char *directory = NULL;
		int r;
		if (entry->d_name[0] == '.' ||
		        asprintf(&directory, "%s/%s", all, entry->d_name) < 0)
			continue;
		r = sweep_one(runtime, directory, dry_run, report, err);
		first = first ? first : r;
	}
	return first;
}
