/* The lab's network without a kernel: what is read, what is chosen, what is written into messages.
 */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/nft.h"
#include "kernel/do/network/nft_rule.h"
#include "kernel/do/network/record.h"
#include "kernel/do/network/subnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

/* ---- ports --------------------------------------------------------------------------------- */

static void ports_are_read(void **state)
{
	static const struct {
		const char *text;
		struct port want;
	} good[] = {
	        {"8080:80", {0, 8080, 80, false}},
	        {"1:65535/udp", {0, 1, 65535, true}},
	        {"127.0.0.1:5300:53/udp", {0x7f000001, 5300, 53, true}},
	        {"0.0.0.0:80:80/tcp", {0, 80, 80, false}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		auto_buf wrong = BUF_INIT;
		struct port p = {0};
		assert_int_equal(port_parse(good[i].text, &p, &wrong), 0);
		assert_int_equal(p.host, good[i].want.host);
		assert_int_equal(p.host_port, good[i].want.host_port);
		assert_int_equal(p.port, good[i].want.port);
		assert_int_equal(p.udp, good[i].want.udp);
		assert_int_equal(wrong.len, 0);
	}
}

static void what_is_no_port_is_named(void **state)
{
	static const struct {
		const char *text, *part;
	} bad[] = {
	        {"", "''"},
	        {"80", "'80'"},
	        {"a:80", "'a'"},
	        {"80:", "''"},
	        {":80", "''"},
	        {"0:80", "'0'"},
	        {"80:65536", "'65536'"},
	        {"80:99999999999999999999", "'99999999999999999999'"},
	        {"+80:80", "'+80'"},
	        {"80:80/", "''"},
	        {"80:80/sctp", "'sctp'"},
	        {"80:80/tcp/udp", "'tcp/udp'"},
	        {"localhost:80:80", "'localhost'"},
	        {"1.2.3:80:80", "'1.2.3'"},
	        {"1.2.3.4.5.6.7.8.9.0:80:80", "'1.2.3.4.5.6.7.8.9.0'"},
	        {":80:80", "''"},
	        {"1.2.3.4:1:2:3", "'1.2.3.4:1:2:3'"},
	        {"8000-8010:80", "'8000-8010'"},
	        {"::1:80:80", "'::1:80:80'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		auto_buf wrong = BUF_INIT;
		struct port p = {.port = 7};
		assert_int_equal(port_parse(bad[i].text, &p, &wrong), -EINVAL);
		assert_int_equal(p.port, 7);
		if (strncmp(buf_text(&wrong), bad[i].part, strlen(bad[i].part)) != 0)
			fail_msg("'%s': %s", bad[i].text, buf_text(&wrong));
	}
}

/* ---- the range ----------------------------------------------------------------------------- */

static void the_range_is_nobody_elses(void **state)
{
	static const struct rtnl_route podman[] = {{0x0a580000, 24}, {0x0a580100, 25}};
	static const struct rtnl_route host[] = {{0x0a580042, 32}};
	static const struct rtnl_route office[] = {{0x0a000000, 8}, {0xc0a80000, 16}};
	static const struct rtnl_route all[] = {
	        {0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}};
	static const struct rtnl_route odd[] = {{0x0a580000, 0}};

	(void)state;
	assert_int_equal(subnet_choose(NULL, 0), 0x0a580000);
	assert_int_equal(subnet_choose(podman, 1), 0x0a580100);
	assert_int_equal(subnet_choose(podman, 2), 0x0a580200);
	assert_int_equal(subnet_choose(host, 1), 0x0a580100);
	assert_int_equal(subnet_choose(office, 2), 0xac1c0000);
	assert_int_equal(subnet_choose(all, 3), 0);
	assert_int_equal(subnet_choose(odd, 1), 0);
}

/* ---- messages ------------------------------------------------------------------------------ */

/* Attributes that fill their room to the byte, and those marked as nested do it as well. Returns
 * how many there are in all. */
static size_t walk(const unsigned char *p, size_t size)
{
	size_t count = 0;

	while (size > 0) {
		struct nlattr a;
		assert_true(size >= sizeof a);
		memcpy(&a, p, sizeof a);
		assert_true(a.nla_len >= sizeof a);
		assert_true((size_t)NLA_ALIGN(a.nla_len) <= size);
		count++;
		if (a.nla_type & NLA_F_NESTED)
			count += walk(p + sizeof a, a.nla_len - sizeof a);
		p += NLA_ALIGN(a.nla_len);
		size -= (size_t)NLA_ALIGN(a.nla_len);
	}
	return count;
}

/* The types of the messages in a row, each well formed. */
static size_t types_of(const struct netlink *n, unsigned *types, size_t max)
{
	size_t at = 0, count = 0;

	while (at < n->len) {
		struct nlmsghdr m;
		memcpy(&m, n->bytes + at, sizeof m);
		assert_true(m.nlmsg_len % 4 == 0 && m.nlmsg_len <= n->len - at);
		assert_int_equal(m.nlmsg_seq, count + 1);
		assert_true(m.nlmsg_flags & NLM_F_REQUEST);
		walk(n->bytes + at + sizeof m + sizeof(struct nfgenmsg),
		        m.nlmsg_len - sizeof m - sizeof(struct nfgenmsg));
		assert_true(count < max);
		types[count++] = m.nlmsg_type & 255;
		at += m.nlmsg_len;
	}
	return count;
}

static void the_table_is_well_formed(void **state)
{
	static const struct nft_table table = {"cutaway", "cutaway0", 0x0a580000, 24};
	static const unsigned want[] = {NFT_MSG_NEWTABLE, NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE,
	        NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE};
	unsigned char room[8192] __attribute__((aligned(4)));
	unsigned types[16];
	struct netlink n;

	(void)state;
	netlink_init(&n, room, sizeof room);
	nft_table_messages(&n, &table);
	assert_false(n.full);
	assert_int_equal(types_of(&n, types, 16), sizeof want / sizeof *want);
	assert_memory_equal(types, want, sizeof want);
}

static void every_port_has_two_rules(void **state)
{
	static const struct port ports[] = {{0, 8080, 80, false}, {0x7f000001, 5300, 53, true}};
	static const unsigned want[] = {NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE,
	        NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE};
	unsigned char room[8192] __attribute__((aligned(4)));
	unsigned types[16];
	struct netlink n;

	(void)state;
	netlink_init(&n, room, sizeof room);
	nft_publish_messages(&n, "cutaway", "red", ports, 2, 0x0a580002);
	assert_int_equal(types_of(&n, types, 16), sizeof want / sizeof *want);
	assert_memory_equal(types, want, sizeof want);
}

/* `tcp dport 8080`: what `nft --debug=netlink` shows of it. */
static void a_port_is_compared_in_network_order(void **state)
{
	unsigned char room[1024] __attribute__((aligned(4)));
	static const unsigned char cmp[] = {
	        0x08, 0x00, 0x01, 0x00, 0, 0, 0, 1,       /* NFTA_CMP_SREG, register 1 */
	        0x08, 0x00, 0x02, 0x00, 0, 0, 0, 0,       /* NFTA_CMP_OP, equal */
	        0x0c, 0x00, 0x03, 0x80,                   /* NFTA_CMP_DATA, nested */
	        0x06, 0x00, 0x01, 0x00, 0x1f, 0x90, 0, 0, /* NFTA_DATA_VALUE, 8080 */
	};
	struct netlink n;

	(void)state;
	netlink_init(&n, room, sizeof room);
	nft_match_port(&n, false, 8080);
	assert_int_equal(walk(n.bytes, n.len), 26);
	assert_memory_equal(n.bytes + n.len - sizeof cmp, cmp, sizeof cmp);
}

/* No byte is written behind the room, whatever there is to say. */
static void what_does_not_fit_is_not_sent(void **state)
{
	static const struct nft_table table = {"cutaway", "cutaway0", 0x0a580000, 24};
	unsigned char room[4096] __attribute__((aligned(4)));
	struct netlink n;
	size_t whole;

	(void)state;
	netlink_init(&n, room, sizeof room);
	nft_table_messages(&n, &table);
	whole = n.len;
	assert_false(n.full);
	for (size_t size = 0; size < whole; size += 4) {
		memset(room, 0xee, sizeof room);
		netlink_init(&n, room, size);
		nft_table_messages(&n, &table);
		assert_true(n.full && n.len <= size);
		assert_int_equal(room[size], 0xee);
		assert_int_equal(netlink_exchange(&n, NETLINK_NETFILTER, NULL, NULL), -EMSGSIZE);
	}
}

static void attributes_of_others_are_not_trusted(void **state)
{
	/* length 0; longer than there is; cut in the header */
	static const unsigned char hostile[][8] = {
	        {0, 0, 1, 0}, {12, 0, 1, 0, 1, 2, 3, 4}, {3, 0, 1, 0}, {8, 0, 9, 0, 1, 2, 3, 4}};
	static const unsigned char good[] = {5, 0, 3, 0, 9, 0, 0, 0, 6, 0, 1, 0x80, 1, 2};
	const unsigned char *found;
	size_t size = 77;

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
		for (size_t n = 0; n <= 8; n++)
			assert_null(netlink_find(hostile[i], n, 1, &size));
	assert_int_equal(size, 77);
	found = netlink_find(good, sizeof good, 1, &size);
	assert_ptr_equal(found, good + 12);
	assert_int_equal(size, 2);
}

/* ---- who is on it -------------------------------------------------------------------------- */

static void addresses_run_out(void **state)
{
	json_t *record = json_pack("{s:{}}", "members");
	char name[16];

	(void)state;
	for (uint32_t i = 0; i < 253; i++) {
		uint32_t host = record_free_host(record);
		assert_int_equal(host, i + 2);
		snprintf(name, sizeof name, "c%u", (unsigned)i);
		assert_int_equal(record_add(record, name, name, host), 0);
	}
	assert_int_equal(record_free_host(record), 0);
	json_object_del(record_members(record), "c7");
	assert_int_equal(record_free_host(record), 9);
	assert_int_equal(record_host(record, "c8"), 10);
	assert_int_equal(record_host(record, "c7"), 0);
	json_decref(record);
}

static void read_file(const char *directory, const char *file, struct buf *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", directory, file);
	buf_reset(text);
	assert_int_equal(file_read_at(AT_FDCWD, path, 4096, text), 0);
}

static ino_t inode_of(const char *directory, const char *file)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", directory, file);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	return st.st_ino;
}

static void hosts_change_in_their_place(void **state)
{
	char directory[] = "/tmp/test-network-XXXXXX";
	json_t *record = json_pack("{s:I, s:{}}", "subnet", (json_int_t)0x0a580000, "members");
	auto_buf text = BUF_INIT;
	char path[64];
	ino_t inode;

	(void)state;
	assert_non_null(mkdtemp(directory));
	record_add(record, "red", "red", 2);
	record_add(record, "green", "evil\n1.2.3.4 red", 3);
	record_add(record, "blue", "sea", 4);
	assert_int_equal(record_write_hosts(directory, record, "blue"), 0);
	read_file(directory, "hosts.blue", &text);
	assert_non_null(strstr(buf_text(&text), "\n10.88.0.4\tblue sea\n10.88.0.2\tred\n"
	                                        "10.88.0.3\tgreen\n"));
	assert_int_equal(record_write_hosts(directory, record, "red"), 0);
	inode = inode_of(directory, "hosts.red");
	read_file(directory, "hosts.red", &text);
	assert_non_null(strstr(buf_text(&text), "\n10.88.0.2\tred\n10.88.0.3\tgreen\n"
	                                        "10.88.0.4\tblue sea\n"));
	assert_null(strstr(buf_text(&text), "1.2.3.4"));
	json_object_del(record_members(record), "green");
	json_object_del(record_members(record), "blue");
	record_remove_hosts(directory, "blue");
	assert_int_equal(record_write_hosts(directory, record, NULL), 0);
	assert_int_equal(inode_of(directory, "hosts.red"), inode);
	snprintf(path, sizeof path, "%s/hosts.blue", directory);
	assert_int_equal(access(path, F_OK), -1);
	read_file(directory, "hosts.red", &text);
	assert_null(strstr(buf_text(&text), "green"));
	assert_null(strstr(buf_text(&text), "\n\n"));
	assert_non_null(strstr(buf_text(&text), "10.88.0.2\tred\n"));
	json_decref(record);
	assert_int_equal(dir_remove_tree(AT_FDCWD, directory), 0);
}

static void a_damaged_record_is_an_empty_one(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "{\"members\":3}", "null"};
	char directory[] = "/tmp/test-network-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/network.json", directory);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		json_t *record;
		assert_int_equal(
		        file_replace_at(AT_FDCWD, path, texts[i], strlen(texts[i]), 0600), 0);
		record = record_read(directory);
		assert_int_equal(json_object_size(record_members(record)), 0);
		assert_int_equal(record_free_host(record), SUBNET_FIRST);
		json_decref(record);
	}
	assert_int_equal(dir_remove_tree(AT_FDCWD, directory), 0);
}

/* The last one removes the directory while the next one waits for it. */
static void the_lock_of_what_is_gone_is_none(void **state)
{
	char directory[] = "/tmp/test-network-XXXXXX";
	int fd;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(dir_remove_tree(AT_FDCWD, directory), 0);
	assert_int_equal(record_lock(directory, false), -ENOENT);
	fd = record_lock(directory, true);
	assert_true(fd >= 0);
	close(fd);
	/* Nobody on it, and so it goes. */
	assert_int_equal(network_leave(directory, "nobody", NULL, NULL), 0);
	assert_int_equal(access(directory, F_OK), -1);
	assert_int_equal(network_leave(directory, "nobody", NULL, NULL), 0);
}

static void only_name_servers_that_can_be_reached(void **state)
{
	auto_buf kept = BUF_INIT, none = BUF_INIT;

	(void)state;
	assert_int_equal(resolvers_keep("# mine\nnameserver 127.0.0.53\nnameserver\t9.9.9.9\n"
	                                "nameserver ::1\nsearch lab.example\noptions edns0\n"
	                                "nameserver 10.0.0.1 # office\nnameserver fe80::1%eth0\n"
	                                "nameserver\nnameserver 127.8.8.8",
	                         &kept),
	        2);
	assert_string_equal(buf_text(&kept), "# mine\nnameserver\t9.9.9.9\nsearch lab.example\n"
	                                     "options edns0\nnameserver 10.0.0.1 # office\n");
	assert_int_equal(resolvers_keep("nameserver 127.0.0.53", &none), 0);
	assert_int_equal(none.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ports_are_read),
	        cmocka_unit_test(what_is_no_port_is_named),
	        cmocka_unit_test(the_range_is_nobody_elses),
	        cmocka_unit_test(the_table_is_well_formed),
	        cmocka_unit_test(every_port_has_two_rules),
	        cmocka_unit_test(a_port_is_compared_in_network_order),
	        cmocka_unit_test(what_does_not_fit_is_not_sent),
	        cmocka_unit_test(attributes_of_others_are_not_trusted),
	        cmocka_unit_test(addresses_run_out),
	        cmocka_unit_test(hosts_change_in_their_place),
	        cmocka_unit_test(a_damaged_record_is_an_empty_one),
	        cmocka_unit_test(the_lock_of_what_is_gone_is_none),
	        cmocka_unit_test(only_name_servers_that_can_be_reached),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
