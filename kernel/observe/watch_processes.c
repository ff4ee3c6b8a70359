/* The proc connector: a netlink multicast group in which the kernel tells of every process that
 * starts, becomes another program or ends (linux/cn_proc.h, Documentation/driver-api/connector.rst
 * of the kernel). It counts processes as the initial pid namespace does, and hears no request to
 * listen from any other (drivers/connector/cn_proc.c, cn_proc_mcast_ctl): what arrives there was
 * asked for by somebody else, who may stop at any time. */
#include "kernel/observe/watch_source.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* A first look at thousands of processes takes a while: what happens meanwhile has to wait
 * somewhere. */
enum { EVENT_BYTES = 4096, WAITING_BYTES = 4 << 20 };

static bool ask_to_listen(int fd)
{
	alignas(struct nlmsghdr) char
	        bytes[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof(enum proc_cn_mcast_op))] = {0};
	struct nlmsghdr *header = (struct nlmsghdr *)bytes;
	struct cn_msg *message = NLMSG_DATA(header);
	const enum proc_cn_mcast_op listen = PROC_CN_MCAST_LISTEN;

	header->nlmsg_len = NLMSG_LENGTH(sizeof *message + sizeof listen);
	header->nlmsg_type = NLMSG_DONE;
	message->id.idx = CN_IDX_PROC;
	message->id.val = CN_VAL_PROC;
	message->len = sizeof listen;
	memcpy(message->data, &listen, sizeof listen);
	return send(fd, bytes, header->nlmsg_len, 0) == (ssize_t)header->nlmsg_len;
}

static bool in_first_pid_namespace(void)
{
	const ino_t first = 0xEFFFFFFC; /* PROC_PID_INIT_INO, include/linux/proc_ns.h */
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == first;
}

int watch_processes_open(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	auto_close fd =
	        socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);

	if (fd < 0 || !in_first_pid_namespace() ||
	        bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){WAITING_BYTES}, sizeof(int));
	if (!ask_to_listen(fd))
		return -1;
	return steal_fd(&fd);
}

static void tell(struct observer_changes *changes, pid_t pid)
{
	if (!changes_add(changes, pid))
		changes->untold = true;
}

/* Threads come and go as well; the model shows processes, so a thread group's leader counts. Who
 * forks may have entered other namespaces before, of which nobody tells. */
static int judge(const struct proc_event *event, struct observer_changes *changes)
{
	switch (event->what) {
	case PROC_EVENT_NONE: /* the answer to our request */
		return event->event_data.ack.err ? -1 : 0;
	case PROC_EVENT_FORK:
		if (event->event_data.fork.child_pid != event->event_data.fork.child_tgid)
			return 0;
		tell(changes, event->event_data.fork.parent_tgid);
		tell(changes, event->event_data.fork.child_tgid);
		return 1;
	case PROC_EVENT_EXIT:
		if (event->event_data.exit.process_pid != event->event_data.exit.process_tgid)
			return 0;
		tell(changes, event->event_data.exit.process_tgid);
		return 1;
	case PROC_EVENT_COMM:
		if (event->event_data.comm.process_pid != event->event_data.comm.process_tgid)
			return 0;
		tell(changes, event->event_data.comm.process_tgid);
		return 1;
	case PROC_EVENT_EXEC:
		tell(changes, event->event_data.exec.process_tgid);
		return 1;
	case PROC_EVENT_UID:
		tell(changes, event->event_data.id.process_tgid);
		return 1;
	default:
		return 0;
	}
}

static int judge_message(const char *bytes, size_t n, struct observer_changes *changes)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)bytes;
	const struct cn_msg *message;
	struct proc_event event = {0};
	size_t len;

	if (n < NLMSG_LENGTH(sizeof *message) || !NLMSG_OK(header, n))
		return 0;
	message = NLMSG_DATA(header);
	if (message->id.idx != CN_IDX_PROC || message->id.val != CN_VAL_PROC)
		return 0;
	len = message->len;
	if (len > n - NLMSG_LENGTH(sizeof *message))
		return 0;
	memcpy(&event, message->data, len < sizeof event ? len : sizeof event);
	return judge(&event, changes);
}

int watch_processes_drain(int fd, int limit, struct observer_changes *changes)
{
	alignas(struct nlmsghdr) char bytes[EVENT_BYTES];
	int changed = 0;

	for (int i = 0; i < limit; i++) {
		struct sockaddr_nl from = {0};
		socklen_t from_length = sizeof from;
		ssize_t n = recvfrom(
		        fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &from_length);
		int told;
		if (n < 0 && errno == ENOBUFS) {
			changed = 1; /* so much happened that some of it is lost */
			changes->untold = true;
			continue;
		}
		if (n < 0)
			break;
		if (from.nl_pid != 0)
			continue; /* not the kernel: anybody may send to a socket */
		told = judge_message(bytes, (size_t)n, changes);
		if (told < 0)
			return told;
		changed = changed || told;
	}
	return changed;
}
