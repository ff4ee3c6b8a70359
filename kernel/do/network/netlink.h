/* Netlink messages: put together, sent, and the answers looked at; netlink(7).
 *
 * A message is a header, a fixed part of its family and attributes: length, type, value, padded to
 * four bytes. Those of nf_tables come several at a time and take effect together or not at all.
 * libmnl does the like for the observer; here it is by hand because the first process makes such
 * calls as well, where nothing may be allocated, and because an OCI runtime loads no library for
 * what it does not do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

enum { NETLINK_ROOM = 4096 };

/* Messages one behind the other in the caller's memory, numbered from 1. */
struct netlink {
	unsigned char *bytes; /* aligned to four */
	size_t size, len;
	size_t start;   /* of the message that is being put together */
	uint32_t count; /* messages begun */
	bool full;      /* something did not fit: sending fails with -EMSGSIZE */
};

void netlink_init(struct netlink *n, void *bytes, size_t size);
/* Begins a message. `fixed` is what its family wants before the attributes. */
void netlink_begin(
        struct netlink *n, uint16_t type, uint16_t flags, const void *fixed, size_t size);
void netlink_end(struct netlink *n);

/* Attributes of the message that was begun. */
void netlink_put(struct netlink *n, uint16_t type, const void *value, size_t size);
void netlink_put_text(struct netlink *n, uint16_t type, const char *text); /* with its NUL */
void netlink_put_u32(struct netlink *n, uint16_t type, uint32_t value);
/* In network byte order, as nf_tables wants its numbers. */
void netlink_put_be32(struct netlink *n, uint16_t type, uint32_t value);
/* An attribute made of attributes; its end closes the one that `nest` began. Between the two a
 * family's fixed part may stand as well: netlink_put_bytes(). */
size_t netlink_nest(struct netlink *n, uint16_t type);
void netlink_nest_end(struct netlink *n, size_t nest);
void netlink_put_bytes(struct netlink *n, const void *bytes, size_t size);

/* Looks at one message of the answer; 0, or a negative errno that ends it all. */
typedef int (*netlink_each)(const struct nlmsghdr *message, void *argument);

/* Sends all and waits until the last message that asked for it is acknowledged, or a dump has come
 * to its end. The first error the kernel tells is returned. `each` may be NULL. */
int netlink_exchange(const struct netlink *n, int protocol, netlink_each each, void *argument);

/* The attribute of that type among `size` bytes of attributes; NULL when there is none. */
const void *netlink_find(const void *attributes, size_t size, uint16_t type, size_t *ret_size);
