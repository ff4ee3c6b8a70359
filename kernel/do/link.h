/* Network links by name, in the network namespace of the caller (rtnetlink(7)). */
#pragma once

/* Removes a link. -ENODEV when there is none of that name; -EPERM without CAP_NET_ADMIN. */
int link_delete(const char *name);
