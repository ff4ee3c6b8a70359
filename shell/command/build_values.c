#include "shell/command/build_values.h"

#include "shell/command.h"

#include <errno.h>
#include <stdlib.h>

int build_epoch(const char *command, int64_t *ret)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	char *end;

	*ret = INT64_MAX;
	if (!text || !*text)
		return 0;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno || *end || *ret < 0
	               ? command_usage_error(command,
	                         "SOURCE_DATE_EPOCH='%s': it should be seconds since 1970", text)
	               : 0;
}
