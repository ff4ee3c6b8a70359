#include "kernel/do/network/record.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/subnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_LIMIT = 1 << 20, RESOLV_LIMIT = 64 * 1024 };

/* ---- the record ---------------------------------------------------------------------------- */

/* The last one on the bridge removes the directory: who has waited for the lock of what is no more
 * begins again. */
int record_lock(const char *directory, bool create)
{
	for (;;) {
		auto_close fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		struct stat mine, there;
		int r;
		if (fd < 0 && (errno != ENOENT || !create))
			return -errno;
		if (fd < 0) {
			r = dir_make(directory, 0700);
			if (r < 0)
				return r;
			continue;
		}
		if (flock(fd, LOCK_EX) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (fstat(fd, &mine) == 0 && lstat(directory, &there) == 0 &&
		        mine.st_ino == there.st_ino && mine.st_dev == there.st_dev)
			return steal_fd(&fd);
	}
}

json_t *record_read(const char *directory)
{
	auto_free char *path = NULL;
	auto_buf text = BUF_INIT;
	json_t *record = NULL;

	if (asprintf(&path, "%s/network.json", directory) < 0)
		return NULL;
	if (file_read_at(AT_FDCWD, path, RECORD_LIMIT, &text) == 0)
		record = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (json_is_object(json_object_get(record, "members")))
		return record;
	json_decref(record);
	return json_pack("{s:{}}", "members");
}

int record_write(const char *directory, const json_t *record)
{
	auto_free char *path = NULL, *text = json_dumps(record, JSON_COMPACT);

	if (!text || asprintf(&path, "%s/network.json", directory) < 0)
		return -ENOMEM;
	return file_replace_at(AT_FDCWD, path, text, strlen(text), 0600);
}

json_t *record_members(const json_t *record)
{
	return json_object_get(record, "members");
}

static uint32_t host_of(const json_t *member)
{
	json_int_t host = json_integer_value(json_object_get(member, "host"));

	return host >= SUBNET_FIRST && host <= SUBNET_LAST ? (uint32_t)host : 0;
}

uint32_t record_host(const json_t *record, const char *name)
{
	return host_of(json_object_get(record_members(record), name));
}

uint32_t record_free_host(const json_t *record)
{
	bool taken[SUBNET_LAST + 1] = {false};
	json_t *members = record_members(record), *member;
	const char *name;

	json_object_foreach (members, name, member)
		taken[host_of(member)] = true;
	for (uint32_t host = SUBNET_FIRST; host <= SUBNET_LAST; host++)
		if (!taken[host])
			return host;
	return 0;
}

int record_add(json_t *record, const char *name, const char *hostname, uint32_t host)
{
	return json_object_set_new(record_members(record), name,
	               json_pack("{s:i, s:s}", "host", (int)host, "hostname", hostname)) < 0
	               ? -ENOMEM
	               : 0;
}

/* ---- the files that containers see --------------------------------------------------------- */

/* What was longer before is first covered with empty lines, and then cut off. */
static int write_in_place(const char *directory, const char *file, int flags, struct buf *text)
{
	auto_free char *path = NULL;
	auto_close fd = -1;
	size_t length = text->len;
	struct stat st;

	if (asprintf(&path, "%s/%s", directory, file) < 0)
		return -ENOMEM;
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0644);
	/* Read by whoever is in the container, whatever our umask. */
	if (fd < 0 || fstat(fd, &st) < 0 || fchmod(fd, 0644) < 0)
		return -errno;
	while (text->len < (size_t)st.st_size && !buf_failed(text))
		buf_addc(text, '\n');
	if (buf_failed(text))
		return -ENOMEM;
	if (pwrite(fd, text->data, text->len, 0) != (ssize_t)text->len)
		return errno ? -errno : -ENOSPC;
	return ftruncate(fd, (off_t)length) < 0 ? -errno : 0;
}

/* A host name may be anything to the kernel. Here it must not become a line of its own. */
static bool good_in_hosts(const char *name)
{
	return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                  "0123456789_.-")] == '\0';
}

static void add_host(const json_t *record, const char *name, struct buf *text)
{
	uint32_t subnet = (uint32_t)json_integer_value(json_object_get(record, "subnet"));
	const json_t *member = json_object_get(record_members(record), name);
	const char *hostname = json_string_value(json_object_get(member, "hostname"));

	buf_addf(text, "%s\t%s", network_address(subnet | host_of(member)).text, name);
	if (hostname && strcmp(hostname, name) != 0 && good_in_hosts(hostname))
		buf_addf(text, " %s", hostname);
	buf_add(text, "\n");
}

/* Its own line does not move when others come and go: it is never in the middle of a write. */
static void hosts_of(const json_t *record, const char *own, struct buf *text)
{
	uint32_t subnet = (uint32_t)json_integer_value(json_object_get(record, "subnet"));
	json_t *member;
	const char *name;

	buf_add(text, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	buf_addf(text, "%s\thost.containers.internal\n", network_address(subnet | 1).text);
	add_host(record, own, text);
	json_object_foreach (record_members(record), name, member)
		if (strcmp(name, own) != 0)
			add_host(record, name, text);
}

void record_hosts_file(const char *name, char ret[static RECORD_FILE_SIZE])
{
	snprintf(ret, RECORD_FILE_SIZE, "hosts.%s", name);
}

int record_write_hosts(const char *directory, const json_t *record, const char *comes)
{
	json_t *member;
	const char *name;

	json_object_foreach (record_members(record), name, member) {
		bool is_new = comes && !strcmp(name, comes);
		char file[RECORD_FILE_SIZE];
		auto_buf text = BUF_INIT;
		int r;

		record_hosts_file(name, file);
		hosts_of(record, name, &text);
		r = write_in_place(directory, file, is_new ? O_CREAT : 0, &text);
		if (r < 0 && (r != -ENOENT || is_new))
			return r;
	}
	return 0;
}

void record_remove_hosts(const char *directory, const char *name)
{
	char file[RECORD_FILE_SIZE];
	auto_free char *path = NULL;

	record_hosts_file(name, file);
	if (asprintf(&path, "%s/%s", directory, file) >= 0)
		unlink(path);
}

/* An address of IPv4 that is not of the machine's own loopback, where systemd-resolved and dnsmasq
 * listen: in there 127.0.0.53 is the container itself. */
static bool reachable(const char *words)
{
	char address[INET_ADDRSTRLEN];
	size_t n = strcspn(words, " \t\n#;");
	struct in_addr in;

	if (n >= sizeof address)
		return false;
	memcpy(address, words, n);
	address[n] = '\0';
	return inet_pton(AF_INET, address, &in) == 1 && ntohl(in.s_addr) >> 24 != 127;
}

size_t resolvers_keep(const char *text, struct buf *out)
{
	static const char word[] = "nameserver";
	size_t kept = 0, n;

	for (; *text; text += n) {
		n = strcspn(text, "\n");
		n += text[n] == '\n';
		if (!strncmp(text, word, sizeof word - 1)) {
			const char *address = text + sizeof word - 1;
			if (!reachable(address + strspn(address, " \t")))
				continue;
			kept++;
		}
		buf_add_bytes(out, text, n);
		if (text[n - 1] != '\n')
			buf_addc(out, '\n');
	}
	return kept;
}

int record_write_resolvers(const char *directory)
{
	/* The second: what systemd-resolved asks in its turn, resolved.conf(5). */
	static const char *const files[] = {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		auto_buf text = BUF_INIT, kept = BUF_INIT;
		if (file_read_at(AT_FDCWD, files[i], RESOLV_LIMIT, &text) == 0 &&
		        resolvers_keep(buf_text(&text), &kept) > 0)
			return write_in_place(directory, "resolv.conf", O_CREAT, &kept);
	}
	auto_buf none = BUF_INIT;
	buf_add(&none, "# The machine has no name server that can be reached from here.\n");
	return write_in_place(directory, "resolv.conf", O_CREAT, &none);
}
