/* What a socket connects with what. Part of tap.bpf.c. */
#pragma once

#include "kernel/watch/tap/areas.bpf.h"
#include "kernel/watch/tap/threads.bpf.h"

/* Sockets, by their inodes, whose ends have been told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} met SEC(".maps");

enum { UNIX = 1, INET = 2, INET6 = 10 };

static __u16 read_unix_address(struct sock *sk, char *to)
{
	struct unix_address *address = BPF_CORE_READ((struct unix_sock *)sk, addr);
	__u32 n = address ? BPF_CORE_READ(address, len) : 0;

	if (n > TAP_ADDRESS)
		return 0;
	n &= 127; /* for the verifier */
	asm volatile("" : "+r"(n));
	bpf_probe_read_kernel(
	        to, n, (char *)address + bpf_core_field_offset(struct unix_address, name));
	return n;
}

static void read_unix(struct sock *sk, struct tap_end *end)
{
	struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);
	struct pid *pid = BPF_CORE_READ(sk, sk_peer_pid);

	end->own_size = read_unix_address(sk, end->own);
	if (pid)
		end->peer = number_in(pid);
	if (!peer)
		return;
	end->other_size = read_unix_address(peer, end->other);
	end->peer_inode = BPF_CORE_READ(peer, sk_socket, file, f_inode, i_ino);
}

/* The members that all of struct sockaddr_in and sockaddr_in6 begin with. */
struct address_4 {
	__u16 family, port;
	__u32 address;
};
struct address_6 {
	__u16 family, port;
	__u32 flow;
	struct in6_bytes address;
	__u32 scope;
};

static void read_inet(struct sock *sk, struct tap_end *end)
{
	struct address_4 *own = (void *)end->own, *other = (void *)end->other;
	struct address_6 *own_6 = (void *)end->own, *other_6 = (void *)end->other;

	own->family = other->family = end->family;
	own->port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_num));
	other->port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	end->own_size = end->other_size = end->family == INET ? 16 : sizeof *own_6;
	if (end->family == INET) {
		own->address = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		other->address = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	} else {
		own_6->address = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);
		other_6->address = BPF_CORE_READ(sk, __sk_common.skc_v6_daddr);
	}
}

/* What connects to what, of a socket that has not been met before. */
__noinline int take_end(__u64 kernel_file, __u64 inode)
{
	struct file *file = (void *)kernel_file;
	struct scratch *s = this_scratch();
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct memory_area *area;
	struct tap_end *end;
	__u8 yes = 1;

	if (!s || bpf_map_lookup_elem(&met, &inode))
		return 0;
	area = begin_area(s, TAP_END);
	if (!area)
		return 0;
	end = (void *)(area + 1);
	__builtin_memset(end, 0, sizeof *end);
	end->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	end->type = BPF_CORE_READ(socket, type);
	if (end->family == UNIX)
		read_unix(sk, end);
	else if (end->family == INET || end->family == INET6)
		read_inet(sk, end);
	end_area(s, area, sizeof *end);
	bpf_map_update_elem(&met, &inode, &yes, BPF_ANY);
	return 0;
}
