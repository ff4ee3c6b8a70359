#include "shell/transfer_options.h"

#include "kernel/base/cleanup.h"
#include "shell/command.h"

#include <string.h>

void transfer_options_init(struct transfer_options *o)
{
	*o = (struct transfer_options){
	        .remote = {.timeout = REMOTE_TIMEOUT, .retries = REMOTE_RETRIES}};
}

static bool read_number(const char *text, int least, int most, int *ret)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!*text || *end || n < least || n > most)
		return false;
	*ret = (int)n;
	return true;
}

static int take_tls(const char *command, const char *value, struct transfer_options *o)
{
	if (!value || !strcmp(value, "true"))
		o->remote.tls = REMOTE_TLS_PROVED;
	else if (!strcmp(value, "false"))
		o->remote.tls = REMOTE_TLS_ANY;
	else
		return command_usage_error(
		        command, "--tls-verify is 'true' or 'false', not '%s'", value);
	return 0;
}

int transfer_options_take(
        const char *command, int option, const char *value, struct transfer_options *o)
{
	switch (option) {
	case 'T':
		return take_tls(command, value, o);
	case 'A':
		o->remote.auth_file = value;
		return 0;
	case 'C':
		o->remote.cert_dir = value;
		return 0;
	case 'S':
		if (!read_number(value, 1, 3600, &o->remote.timeout))
			return command_usage_error(
			        command, "--timeout is 1 to 3600 seconds, not '%s'", value);
		return 0;
	case 'R':
		if (!read_number(value, 0, 100, &o->remote.retries))
			return command_usage_error(
			        command, "--retry is a number from 0 to 100, not '%s'", value);
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	default:
		o->json = true;
		return 0;
	}
}

static void tell_resolution(
        const char *text, const struct reference *full, const bool added[REFERENCE_PARTS])
{
	char whole[REFERENCE_TEXT];
	const char *separator = ": ";

	reference_format(full, whole);
	fprintf(stderr, "%s is short for %s", text, whole);
	if (added[REFERENCE_HOST]) {
		fprintf(stderr, "%sno registry server means docker.io", separator);
		separator = ", ";
	}
	if (added[REFERENCE_NAMESPACE]) {
		fprintf(stderr, "%sno namespace there means 'library'", separator);
		separator = ", ";
	}
	if (added[REFERENCE_TAG])
		fprintf(stderr, "%sno tag means 'latest'", separator);
	fputc('\n', stderr);
}

int transfer_resolve(const char *command, const char *text, bool quiet, struct reference *ret)
{
	bool added[REFERENCE_PARTS], any = false;
	struct reference typed;
	struct error err = {0};

	if (reference_parse(text, &typed, NULL, &err) < 0)
		return command_fail(command, &err);
	reference_complete(&typed, ret, added);
	for (int p = 0; p < REFERENCE_PARTS; p++)
		any = any || added[p];
	if (any && !quiet)
		tell_resolution(text, ret, added);
	return 0;
}
