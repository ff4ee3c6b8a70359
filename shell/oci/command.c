#include "shell/oci/command.h"

#include "kernel/base/cleanup.h"
#include "kernel/oci/record.h"
#include "shell/option.h"

#include <fcntl.h>
#include <jansson.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* As logrus writes, which is what engines read. */
static void write_log(const struct oci *oci, const char *level, const char *text)
{
	auto_close fd =
	        oci->log ? open(oci->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
	auto_free char *message = NULL;
	time_t now = time(NULL);
	char date[40];
	struct tm tm;
	json_t *json;

	if (fd < 0)
		return;
	gmtime_r(&now, &tm);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm);
	json = json_pack("{s:s, s:s, s:s}", "level", level, "msg", text, "time", date);
	message = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (message && oci->log_json)
		dprintf(fd, "%s\n", message);
	else
		dprintf(fd, "time=\"%s\" level=%s msg=\"%s\"\n", date, level, text);
	json_decref(json);
}

int oci_fail(const struct oci *oci, const struct error *err)
{
	auto_buf text = BUF_INIT;

	error_format(err, &text);
	fprintf(stderr, "cutaway-oci: %s\n", buf_text(&text));
	for (char *p = text.data; p && *p; p++)
		if (*p == '\n')
			*p = ' ';
	write_log(oci, "error", buf_text(&text));
	return 1;
}

void oci_warn(const struct oci *oci, const struct buf *lines)
{
	auto_free char *copy = strdup(buf_text(lines));
	char *state = NULL;

	if (!copy)
		return;
	/* Names of a configuration are in it: nothing that a terminal acts upon. */
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			*p = '?';
	for (char *line = strtok_r(copy, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		/* An engine hands on what we say there as the container's own words. */
		if (oci->log)
			write_log(oci, "warning", line);
		else
			fprintf(stderr, "cutaway-oci: warning: %s\n", line);
	}
}

int oci_usage(const char *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "cutaway-oci%s%s: ", command ? " " : "", command ? command : "");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry 'cutaway-oci %s%s--help'.\n", command ? command : "",
	        command ? " " : "");
	return OCI_EXIT_USAGE;
}

int oci_option(int argc, char **argv, const char *short_options, const struct option *options)
{
	const char *command = strrchr(argv[0], '/') ? NULL : argv[0];
	auto_buf problem = BUF_INIT;
	int option = option_next(argc, argv, short_options, options, &problem);

	if (option == '?')
		oci_usage(command, "%s", buf_text(&problem));
	return option;
}

const char *oci_id(const char *command, int argc, char **argv)
{
	if (argc - optind == 1)
		return argv[optind];
	oci_usage(command, argc > optind ? "one container id, and no more" : "which container?");
	return NULL;
}

json_t *oci_matching(const struct oci *oci, const char *command, const char *regex, int *ret_status)
{
	json_t *all = NULL, *matching = json_array(), *id;
	struct error err = {0};
	regex_t compiled;
	size_t i;

	if (regcomp(&compiled, regex, REG_EXTENDED | REG_NOSUB) != 0) {
		*ret_status =
		        oci_usage(command, "--regex '%s': that is no regular expression", regex);
		json_decref(matching);
		return NULL;
	}
	*ret_status = record_list(oci->root, &all, &err) < 0 ? oci_fail(oci, &err) : 0;
	json_array_foreach (all, i, id)
		if (regexec(&compiled, json_string_value(id), 0, NULL, 0) == 0)
			json_array_append(matching, id);
	regfree(&compiled);
	json_decref(all);
	if (*ret_status == 0)
		return matching;
	json_decref(matching);
	return NULL;
}
