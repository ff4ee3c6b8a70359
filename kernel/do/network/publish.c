/* Published ports: what arrives at a port of the machine is sent on to the container, by a rule
 * that writes another destination into the packet; nft(8), NAT STATEMENTS.
 *
 * Two chains a container: what comes from elsewhere passes "prerouting", what starts on the machine
 * itself only "output". That 127.0.0.1 works too needs one more thing: a packet that leaves the
 * loopback is thrown away, unless the bridge has route_localnet (ip-sysctl.rst). It is set for the
 * bridge alone and goes away with it; the guard of masquerade.c keeps it from being used the other
 * way round. The ports are held by sockets of ours (port.h), so that a second container, or a
 * server of the machine, is told instead of being silently deaf. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/nft.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void explain_rule(
        const struct network *n, const char *chain, const struct port *p, struct buf *out)
{
	buf_addf(out, "\nnft add rule ip %s %s-%s ", n->table, chain, n->name);
	if (p->host)
		buf_addf(out, "ip daddr %s", network_address(p->host).text);
	else
		buf_add(out, "fib daddr type local");
	buf_addf(out, " %s dport %u dnat to %s:%u", port_protocol(p), p->host_port,
	        network_address(n->address).text, p->port);
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	/* nft has a word for the priority -100 in one of the two hooks only. */
	static const struct {
		const char *chain, *hook, *priority;
	} chains[] = {{"in", "prerouting", "dstnat"}, {"out", "output", "-100"}};
	const struct network *n = b->network;

	(void)s;
	for (size_t i = 0; i < n->n_ports; i++)
		buf_addf(&e->call, "bind(%s, %s:%u)\n",
		        n->ports[i].udp ? "SOCK_DGRAM" : "SOCK_STREAM",
		        network_address(n->ports[i].host).text, n->ports[i].host_port);
	buf_addf(&e->call,
	        "write(\"/proc/sys/net/ipv4/conf/%s/route_localnet\", \"1\")\n"
	        "NFT_MSG_NEWCHAIN {\"in-%s\", type nat, hook prerouting}, a rule each port\n"
	        "NFT_MSG_NEWCHAIN {\"out-%s\", type nat, hook output}, a rule each port",
	        n->bridge, n->name, n->name);
	buf_addf(&e->shell, "sysctl -w net.ipv4.conf.%s.route_localnet=1", n->bridge);
	for (size_t c = 0; c < sizeof chains / sizeof *chains; c++) {
		buf_addf(&e->shell,
		        "\nnft add chain ip %s %s-%s '{ type nat hook %s priority %s; }'", n->table,
		        chains[c].chain, n->name, chains[c].hook, chains[c].priority);
		for (size_t i = 0; i < n->n_ports; i++)
			explain_rule(n, chains[c].chain, &n->ports[i], &e->shell);
	}
	buf_add(&e->why,
	        "The rule writes the container's address into each packet for that port of "
	        "the machine, whoever sent it, and back into the answer.");
}

static void let_go(struct network *n)
{
	for (size_t i = 0; i < n->n_ports; i++)
		cleanup_fd(&n->held[i]);
}

static int hold(struct network *n, struct child_error *fail)
{
	for (size_t i = 0; i < n->n_ports; i++) {
		auto_buf text = BUF_INIT;
		n->held[i] = port_hold(&n->ports[i]);
		if (n->held[i] >= 0)
			continue;
		buf_addf(&text, "%s:%u/%s", network_address(n->ports[i].host).text,
		        n->ports[i].host_port, port_protocol(&n->ports[i]));
		return child_fail(fail, -n->held[i], "bind", buf_text(&text));
	}
	return 0;
}

static int route_localnet(const struct network *n, struct child_error *fail)
{
	char path[96];
	int r;

	snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/route_localnet", n->bridge);
	r = file_write_at(AT_FDCWD, path, "1");
	return r < 0 ? child_fail(fail, -r, "write", path) : 0;
}

/* One that is not there is none to delete. */
static int delete_chains(const struct network *n)
{
	static const char *const prefixes[] = {"in", "out"};
	char chain[128];
	int first = 0;

	for (size_t i = 0; i < 2; i++) {
		int r;
		snprintf(chain, sizeof chain, "%s-%s", prefixes[i], n->name);
		r = nft_chain_delete(n->table, chain);
		first = first ? first : r == -ENOENT ? 0 : r;
	}
	return first;
}

static int write_down(struct build *b, const char *prefix, struct error *err)
{
	auto_buf object = BUF_INIT;

	buf_addf(&object, "%s %s-%s", b->network->table, prefix, b->network->name);
	return ledger_add(b->ledger, LEDGER_CHAIN, buf_text(&object), err);
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	struct network *n = b->network;
	struct child_error fail = {0};
	int r = hold(n, &fail);

	if (r == 0)
		r = route_localnet(n, &fail);
	if (r == 0 && (write_down(b, "in", err) < 0 || write_down(b, "out", err) < 0)) {
		let_go(n);
		return -EIO;
	}
	/* Left over by one of that name? Then they are of the same ledger, and would be doubled. */
	if (r == 0)
		r = delete_chains(n);
	if (r == 0)
		r = nft_publish(n->table, n->name, n->ports, n->n_ports, n->address);
	if (r == 0)
		return 0;
	let_go(n);
	if (!fail.code)
		child_fail(&fail, -r, "add nftables chains", n->name);
	return step_failed(s, b, &fail, err);
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	int r = delete_chains(b->network);

	(void)s;
	let_go(b->network);
	return r < 0 ? error_set(err, -r, "delete nftables chains", b->network->name, NULL) : 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct network *n = b->network;
	char chain[128];

	snprintf(chain, sizeof chain, "in-%s", n->name);
	if (nft_chain_exists(n->table, chain) < 0)
		return step_unverified(s, err, chain, "there is no such chain");
	for (size_t i = 0; i < n->n_ports; i++) {
		auto_buf text = BUF_INIT;
		port_text(&n->ports[i], &text);
		buf_addf(seen, "table ip %s, chain %s: %s\n", n->table, chain, buf_text(&text));
	}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EADDRINUSE) {
		snprintf(err->cause, sizeof err->cause, "the port is in use on this machine");
		error_advise(err, "see by whom with 'ss -lntup', or with 'cutaway ps'; or publish "
		                  "another one");
	} else if (code == EADDRNOTAVAIL) {
		snprintf(err->cause, sizeof err->cause, "that is no address of this machine");
		error_advise(err, "see its addresses with 'ip address'");
	} else if (code == EACCES) {
		snprintf(err->cause, sizeof err->cause,
		        "ports below net.ipv4.ip_unprivileged_port_start need "
		        "CAP_NET_BIND_SERVICE");
	}
}

const struct step_ops step_publish = {
        .id = "publish",
        .title = "ports of the machine that lead inside",
        .man = "nft(8), bind(2)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
