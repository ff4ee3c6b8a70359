/* A published port: what arrives at a port of the machine goes to one of the container. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { PORT_MAX = 64 }; /* of one container */

struct port {
	uint32_t host; /* address on the machine, host byte order; 0 = all of them */
	uint16_t host_port, port;
	bool udp;
};

/* Reads "[IP:]HOSTPORT:PORT[/tcp|/udp]". -EINVAL: `wrong` then says which part and what it should
 * be: "'0': a port is a number from 1 to 65535". */
int port_parse(const char *text, struct port *ret, struct buf *wrong);

/* "tcp" or "udp". */
const char *port_protocol(const struct port *p);
/* Appends "127.0.0.1:8080->80/tcp". */
void port_text(const struct port *p, struct buf *out);
/* Appends an address (host byte order) as 10.88.0.2. */
void port_address_text(uint32_t address, struct buf *out);

/* Takes the port on the machine: nobody else gets it as long as the descriptor is open, and
 * somebody who has it already shows as -EADDRINUSE. Returns the descriptor. */
int port_hold(const struct port *p);
