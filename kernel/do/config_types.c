#include "kernel/do/config_types.h"

#include "kernel/do/config_read.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum kind { OBJECT, LIST, TRUTH, NUMBER, UINT32, UINT64, TEXT };

/* "a.b" is the member b of a, and "a[]" each entry of the list a. What holds others comes first. */
static const struct {
	const char *path;
	enum kind kind;
} types[] = {
        {"process", OBJECT},
        {"process.terminal", TRUTH},
        {"process.consoleSize", OBJECT},
        {"process.consoleSize.height", NUMBER},
        {"process.consoleSize.width", NUMBER},
        {"process.user", OBJECT},
        {"process.user.uid", NUMBER},
        {"process.user.gid", NUMBER},
        {"process.user.umask", NUMBER},
        {"process.user.additionalGids", LIST},
        {"process.user.additionalGids[]", NUMBER},
        {"process.rlimits", LIST},
        {"process.rlimits[]", OBJECT},
        {"process.rlimits[].type", TEXT},
        {"process.rlimits[].hard", NUMBER},
        {"process.rlimits[].soft", NUMBER},
        {"process.capabilities", OBJECT},
        {"process.capabilities.bounding", LIST},
        {"process.capabilities.effective", LIST},
        {"process.capabilities.permitted", LIST},
        {"process.capabilities.inheritable", LIST},
        {"process.capabilities.ambient", LIST},
        {"process.noNewPrivileges", TRUTH},
        {"process.oomScoreAdj", NUMBER},
        {"root", OBJECT},
        {"root.readonly", TRUTH},
        {"mounts", LIST},
        {"mounts[]", OBJECT},
        {"hooks", OBJECT},
        {"hooks.prestart", LIST},
        {"hooks.createRuntime", LIST},
        {"hooks.createContainer", LIST},
        {"hooks.startContainer", LIST},
        {"hooks.poststart", LIST},
        {"hooks.poststop", LIST},
        {"annotations", OBJECT},
        {"linux", OBJECT},
        {"linux.namespaces", LIST},
        {"linux.devices", LIST},
        {"linux.devices[]", OBJECT},
        {"linux.devices[].fileMode", NUMBER},
        {"linux.sysctl", OBJECT},
        {"linux.personality", OBJECT},
        {"linux.personality.flags", LIST},
        {"linux.seccomp", OBJECT},
        {"linux.seccomp.defaultErrnoRet", UINT32},
        {"linux.seccomp.architectures", LIST},
        {"linux.seccomp.flags", LIST},
        {"linux.seccomp.syscalls", LIST},
        {"linux.seccomp.syscalls[]", OBJECT},
        {"linux.seccomp.syscalls[].names", LIST},
        {"linux.seccomp.syscalls[].names[]", TEXT},
        {"linux.seccomp.syscalls[].errnoRet", UINT32},
        {"linux.seccomp.syscalls[].args", LIST},
        {"linux.seccomp.syscalls[].args[]", OBJECT},
        {"linux.seccomp.syscalls[].args[].index", UINT32},
        {"linux.seccomp.syscalls[].args[].value", UINT64},
        {"linux.seccomp.syscalls[].args[].valueTwo", UINT64},
        {"linux.resources", OBJECT},
        {"linux.resources.devices", LIST},
        {"linux.resources.devices[]", OBJECT},
        {"linux.resources.devices[].allow", TRUTH},
        {"linux.resources.devices[].type", TEXT},
        {"linux.resources.devices[].access", TEXT},
        {"linux.resources.memory", OBJECT},
        {"linux.resources.cpu", OBJECT},
        {"linux.resources.pids", OBJECT},
        {"linux.resources.blockIO", OBJECT},
        {"linux.resources.hugepageLimits", LIST},
        {"linux.resources.hugepageLimits[]", OBJECT},
        {"linux.resources.unified", OBJECT},
};

static bool is_kind(const json_t *value, enum kind kind)
{
	switch (kind) {
	case OBJECT:
		return json_is_object(value);
	case LIST:
		return json_is_array(value);
	case TRUTH:
		return json_is_boolean(value);
	case NUMBER:
		return json_is_number(value);
	case UINT32:
		return json_is_integer(value) && json_integer_value(value) >= 0 &&
		       json_integer_value(value) <= UINT32_MAX;
	case UINT64: /* bundle.c makes a real of what jansson has no integer for */
		return json_is_number(value) && json_number_value(value) >= 0 &&
		       json_number_value(value) <= 18446744073709551615.0;
	case TEXT:
		return json_is_string(value);
	}
	return false;
}

/* All that `path` names below `value`. The table is ours: it ends, and so does this. */
static bool all_are(
        const json_t *value, const char *path, enum kind kind) // NOLINT(misc-no-recursion)
{
	size_t n = strcspn(path, ".[");
	char key[64];

	if (!value || json_is_null(value))
		return true;
	if (!*path)
		return is_kind(value, kind);
	if (*path == '[') {
		const json_t *one;
		size_t i;
		json_array_foreach (value, i, one)
			if (!all_are(one, path + strlen("[]"), kind))
				return false;
		return true;
	}
	if (*path == '.')
		return all_are(value, path + 1, kind);
	snprintf(key, sizeof key, "%.*s", (int)n, path);
	return all_are(json_object_get(value, key), path + n, kind);
}

int config_check_types(const json_t *config, struct error *err)
{
	static const char *const problems[] = {
	        [OBJECT] = "should be an object",
	        [LIST] = "should be a list",
	        [TRUTH] = "should be true or false",
	        [NUMBER] = "should be a number",
	        [UINT32] = "should be a number from 0 to 4294967295",
	        [UINT64] = "should be a number from 0 to 18446744073709551615",
	        [TEXT] = "should be a text",
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!all_are(config, types[i].path, types[i].kind))
			return config_bad(err, types[i].path, problems[types[i].kind]);
	return 0;
}
