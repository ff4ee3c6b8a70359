#include "kernel/observe/check_text.h"

#include "kernel/observe/query_fact.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Short names of namespaces are said as people say them: "UTS namespace", "user namespace". */
static const char *ns_word(const char *type)
{
	static const char *const spelled[][2] = {{"uts", "UTS"}, {"ipc", "IPC"}, {"pid", "PID"},
	        {"mnt", "mount"}, {"net", "network"}};

	for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++)
		if (!strcmp(type, spelled[i][0]))
			return spelled[i][1];
	return type;
}

static bool behind(const char *attribute, const char *prefix, const char **ret_rest)
{
	size_t n = strlen(prefix);

	if (strncmp(attribute, prefix, n))
		return false;
	*ret_rest = attribute + n;
	return true;
}

static void add_capability(const char *name, struct buf *out)
{
	if (strncasecmp(name, "cap_", 4) != 0)
		buf_add(out, "CAP_");
	for (; *name; name++)
		buf_addc(out, (char)toupper((unsigned char)*name));
}

/* "memory limit", "hostname": what an attribute is called. */
static void add_thing(const char *attribute, struct buf *out)
{
	static const char *const names[][2] = {{"", "status"}, {"pid", "host pid"},
	        {"exit", "exit status"}, {"processes", "number of processes"},
	        {"uid", "host user id of the first process"},
	        {"root", "host user id that root stands for"}, {"cgroup", "control group"},
	        {"cgroup.memory.max", "memory limit"}, {"cgroup.memory.current", "memory in use"},
	        {"cgroup.pids.max", "limit of processes"},
	        {"cgroup.pids.current", "number of processes counted by the control group"},
	        {"cgroup.cpu.quota", "CPU quota"}, {"cgroup.cpu.period", "CPU period"},
	        {"cgroup.cpu.usage", "CPU time used"}, {"caps", "number of capabilities"},
	        {"seccomp", "seccomp filter"}, {"layers", "number of layers"},
	        {"changes", "number of files written"}, {"pid.inside", "pid inside"},
	        {"uid.inside", "user id inside"}, {"cgroup.inside", "control group seen inside"}};
	const char *rest;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(attribute, names[i][0])) {
			buf_add(out, names[i][1]);
			return;
		}
	if (behind(attribute, "ns.", &rest))
		buf_addf(out, "%s namespace", ns_word(rest));
	else if (behind(attribute, "mount.", &rest))
		buf_addf(out, "file system type at %s", rest);
	else if (behind(attribute, "step.", &rest))
		buf_addf(out, "step %s", rest);
	else if (behind(attribute, "upper.", &rest))
		buf_addf(out, "%s in the upper directory", rest);
	else if (behind(attribute, "link.", &rest))
		buf_addf(out, "link %s", rest);
	else if (behind(attribute, "cap.", &rest))
		add_capability(rest, out);
	else
		buf_add(out, attribute);
}

/* "number of runs of measurement plain". */
static void add_measure_label(const char *rest, struct buf *out)
{
	size_t n = strcspn(rest, ".");
	const char *attribute = rest[n] ? rest + n + 1 : "runs";
	bool number = strcmp(attribute, "runs") != 0 && strcmp(attribute, "command") != 0;

	buf_addf(out, "%s%s of measurement %.*s", strcmp(attribute, "runs") ? "" : "number of ",
	        attribute, (int)n, rest);
	if (number)
		buf_add(out, " (in microseconds)");
}

/* "number of layers of image shop". */
static void add_image_label(const char *rest, struct buf *out)
{
	int n = (int)query_image_name(rest);
	const char *attribute = rest[n] ? rest + n + 1 : "";

	if (behind(attribute, "layer.", &attribute))
		buf_add(out, "digest of layer ");
	else if (behind(attribute, "diff_id.", &attribute))
		buf_add(out, "diff id of layer ");
	else if (!strcmp(attribute, "layers"))
		attribute = "number of layers";
	else if (!strcmp(attribute, "shared"))
		attribute = "number of shared layers";
	buf_addf(out, "%s%simage %.*s", attribute, *attribute ? " of " : "", n, rest);
}

/* "hostname of container hand", or the fact as it is. */
static void add_label(const struct check_subject *s, struct buf *out)
{
	struct query_parts parts;
	const char *rest;

	if (behind(s->fact, "measure.", &rest)) {
		add_measure_label(rest, out);
		return;
	}
	if (behind(s->fact, "image.", &rest)) {
		add_image_label(rest, out);
		return;
	}
	if (!query_split(s->model, s->fact, &parts)) {
		buf_add(out, s->fact);
		return;
	}
	add_thing(parts.attribute, out);
	buf_addf(out, " of container %.*s", (int)parts.name_length, parts.name);
}

static void missing_in_container(const char *attribute, const char *name, struct buf *out)
{
	const char *rest;

	if (behind(attribute, "ns.", &rest))
		buf_addf(out, "container %s has no %s namespace of its own yet", name,
		        ns_word(rest));
	else if (behind(attribute, "mount.", &rest))
		buf_addf(out, "container %s has nothing mounted at %s yet", name, rest);
	else if (behind(attribute, "cap.", &rest)) {
		buf_addf(out, "container %s does not have ", name);
		add_capability(rest, out);
	} else if (!strcmp(attribute, "seccomp"))
		buf_addf(out, "container %s has no seccomp filter yet", name);
	else if (!strcmp(attribute, "no_new_privs"))
		buf_addf(out, "no_new_privs is not set yet in container %s", name);
	else if (!strcmp(attribute, "cgroup"))
		buf_addf(out, "container %s has no control group yet", name);
	else if (!strcmp(attribute, "pid") || !strcmp(attribute, "processes"))
		buf_addf(out, "container %s has no process yet", name);
	else if (behind(attribute, "step.", &rest))
		buf_addf(out, "container %s has no step %s", name, rest);
	else if (behind(attribute, "upper.", &rest))
		buf_addf(out, "container %s has written nothing at %s yet", name, rest);
	else {
		buf_addf(out, "container %s has no ", name);
		add_thing(attribute, out);
		buf_add(out, " yet");
	}
}

static void present_in_container(
        const char *attribute, const char *name, const char *value, struct buf *out)
{
	const char *rest;

	if (!*attribute)
		buf_addf(out, "container %s exists (%s)", name, value);
	else if (behind(attribute, "ns.", &rest))
		buf_addf(out, "container %s has a %s namespace of its own", name, ns_word(rest));
	else if (behind(attribute, "mount.", &rest))
		buf_addf(out, "container %s has %s mounted at %s", name, value, rest);
	else if (behind(attribute, "cap.", &rest)) {
		buf_addf(out, "container %s has ", name);
		add_capability(rest, out);
	} else if (!strcmp(attribute, "seccomp"))
		buf_addf(out, "container %s has a seccomp filter", name);
	else if (!strcmp(attribute, "no_new_privs"))
		buf_addf(out, "no_new_privs is set in container %s", name);
	else if (!strcmp(attribute, "processes"))
		buf_addf(out, "container %s has processes: %s", name, value);
	else if (behind(attribute, "upper.", &rest))
		buf_addf(out, "container %s has %s %s", name, value, rest);
	else {
		add_thing(attribute, out);
		buf_addf(out, " of container %s is '%s'", name, value);
	}
}

/* "nobody called ctr is connected to containerd". */
static void add_daemon(const char *rest, bool present, bool exists, struct buf *out)
{
	int n = (int)strcspn(rest, ".");
	const char *comm;

	if (!exists || !rest[n])
		buf_addf(out, present ? "%.*s runs" : "no daemon is called %.*s", n, rest);
	else if (behind(rest + n, ".clients.", &comm))
		buf_addf(out, "%s called %s is connected to %.*s", present ? "somebody" : "nobody",
		        comm, n, rest);
	else if (behind(rest + n, ".servers.", &comm))
		buf_addf(out, "%.*s is %sconnected to %s", n, rest, present ? "" : "not ", comm);
	else if (behind(rest + n, ".servers", &comm))
		buf_addf(out, "%.*s is connected to %s", n, rest, present ? "somebody" : "nobody");
	else
		buf_addf(out, "%s is connected to %.*s", present ? "somebody" : "nobody", n, rest);
}

/* Whether the thing of a fact without a value is there, said plainly. */
static void add_presence(const struct check_subject *s, bool present, struct buf *out)
{
	struct query_parts parts;
	char name[256];
	const char *rest;

	if (query_split(s->model, s->fact, &parts)) {
		snprintf(name, sizeof name, "%.*s", (int)parts.name_length, parts.name);
		if (!parts.container)
			buf_addf(out, "no container is called %s", name);
		else if (present)
			present_in_container(parts.attribute, name, s->value, out);
		else
			missing_in_container(parts.attribute, name, out);
	} else if (behind(s->fact, "process.", &rest)) {
		if (present)
			buf_addf(out, "a process called %s runs (pid %s)", rest, s->value);
		else
			buf_addf(out, "no process is called %s", rest);
	} else if (behind(s->fact, "daemon.", &rest)) {
		add_daemon(rest, present, s->exists, out);
	} else if (behind(s->fact, "cgroup.", &rest)) {
		buf_addf(
		        out, "%s control group %s", present ? "there is the" : "there is no", rest);
	} else if (behind(s->fact, "image.", &rest) && s->exists && !present &&
	           rest[query_image_name(rest)]) {
		add_image_label(rest, out);
		buf_add(out, " is not there");
	} else if (behind(s->fact, "image.", &rest)) {
		buf_addf(out, present ? "there is an image called %.*s" : "no image is called %.*s",
		        (int)query_image_name(rest), rest);
	} else if (behind(s->fact, "measure.", &rest)) {
		buf_addf(out, present ? "%.*s has been measured" : "%.*s has not been measured yet",
		        (int)strcspn(rest, "."), rest);
	} else if (behind(s->fact, "file.", &rest)) {
		buf_addf(out, present ? "there is a file $LAB/%s" : "there is no file $LAB/%s",
		        rest);
	} else if (!strcmp(s->fact, "containers.count")) {
		buf_addf(out, present ? "containers run: %s" : "no container runs", s->value);
	} else {
		buf_addf(out, "%s is '%s'", s->fact, s->value);
	}
}

void check_describe(const struct check_subject *s, struct buf *out)
{
	static const char *const should[] = {[CHECK_EQ] = "should be",
	        [CHECK_NE] = "should not be",
	        [CHECK_LT] = "should be below",
	        [CHECK_LE] = "should be at most",
	        [CHECK_GT] = "should be above",
	        [CHECK_GE] = "should be at least",
	        [CHECK_HAS] = "should contain"};
	bool asks_presence = s->op == CHECK_IS || s->op == CHECK_NOT;

	if (asks_presence || !s->exists) {
		bool present = s->exists && (s->op == CHECK_IS) == s->holds;
		add_presence(s, present, out);
		if (s->op == CHECK_NOT && !s->holds)
			buf_add(out, ", and should not");
		return;
	}
	add_label(s, out);
	if (*s->value)
		buf_addf(out, " is '%s'", s->value);
	else
		buf_add(out, " is not there yet");
	if (!s->holds)
		buf_addf(out, ", %s '%s'", should[s->op], s->wanted);
}
