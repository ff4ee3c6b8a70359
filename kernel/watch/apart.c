#include "kernel/watch/apart.h"

#include "kernel/base/cleanup.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>

void apart_leave_terminal(void)
{
	static const int ignored[] = {
	        SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGUSR2};
	auto_close null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	setpgid(0, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (chdir("/") < 0)
		return; /* it stays where it is */
}
