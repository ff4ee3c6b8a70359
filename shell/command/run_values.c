#include "shell/command/run_values.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/capability.h"
#include "shell/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int run_capabilities(const char *text, uint64_t *set)
{
	char name[64];

	while (*text) {
		size_t n = strcspn(text, ",");
		int number;
		if (n >= sizeof name)
			return -1;
		memcpy(name, text, n);
		name[n] = '\0';
		number = capability_number(name);
		if (!strcasecmp(name, "all"))
			*set |= (UINT64_C(1) << capability_count()) - 1;
		else if (number >= 0)
			*set |= UINT64_C(1) << number;
		else
			return -1;
		text += n + (text[n] == ',');
	}
	return 0;
}

int run_security(const char *text, struct container_options *c, const char **ret_profile)
{
	if (!strcmp(text, "seccomp=unconfined"))
		c->seccomp_unconfined = true;
	else if (!strncmp(text, "seccomp=", 8) && text[8])
		*ret_profile = text + 8;
	else if (!strcmp(text, "no-new-privileges=false") ||
	         !strcmp(text, "no-new-privileges:false"))
		c->allow_new_privileges = true;
	else if (!strcmp(text, "no-new-privileges") || !strcmp(text, "no-new-privileges=true") ||
	         !strcmp(text, "no-new-privileges:true"))
		c->allow_new_privileges = false;
	else
		return -1;
	return 0;
}

int run_cpus(const char *text, uint64_t *ret_quota_us)
{
	char *end;
	double cpus = strtod(text, &end);

	if (!isdigit((unsigned char)*text) || *end || !(cpus >= 0.01 && cpus <= 8192))
		return -EINVAL;
	*ret_quota_us = (uint64_t)(cpus * OPTIONS_CPU_PERIOD_US + 0.5);
	return 0;
}

int run_volume(const char *text, struct volume_option *ret)
{
	struct error err = {0};

	if (options_volume(text, ret, &err) == 0)
		return 0;
	return command_usage_error("run", "--volume '%s': %s; %s", text, err.cause, err.advice);
}

int run_port(const char *text, struct container_options *c, struct port *ports)
{
	auto_buf wrong = BUF_INIT;

	if (c->n_ports == PORT_MAX)
		return command_usage_error("run", "--publish: more than %d ports", PORT_MAX);
	if (port_parse(text, &ports[c->n_ports], &wrong) < 0)
		return command_usage_error("run", "--publish '%s': %s", text, buf_text(&wrong));
	c->n_ports++;
	return 0;
}
