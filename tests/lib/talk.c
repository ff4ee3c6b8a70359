/* Sockets for tests to look at: says "ready" when it has them, and keeps them until its input ends.
 *
 *   talk tcp ADDRESS PORT COUNT   connected to there
 *   talk udp ADDRESS PORT         bound there */
#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	const int udp = argc == 4 && !strcmp(argv[1], "udp");
	int count;
	char byte;

	if (!udp && (argc != 5 || strcmp(argv[1], "tcp") != 0))
		errx(2, "usage: talk tcp ADDRESS PORT COUNT | talk udp ADDRESS PORT");
	at.sin_port = htons((uint16_t)atoi(argv[3]));
	if (inet_pton(AF_INET, argv[2], &at.sin_addr) != 1)
		errx(2, "not an address: %s", argv[2]);
	count = udp ? 1 : atoi(argv[4]);
	for (int i = 0; i < count; i++) {
		int fd = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);

		if (fd < 0 || (udp ? bind(fd, (void *)&at, sizeof at)
		                   : connect(fd, (void *)&at, sizeof at)) < 0)
			err(1, "%s %s", argv[1], argv[2]);
	}
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		err(1, "write");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
