#include "kernel/oci/features.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/do/capability.h"
#include "kernel/do/mount_words.h"
#include "kernel/do/seccomp.h"
#include "kernel/oci/bundle.h"

static json_t *texts(const char *const *list, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static json_t *generated(const char *(*each)(size_t i))
{
	json_t *array = json_array();
	const char *text;

	for (size_t i = 0; (text = each(i)); i++)
		json_array_append_new(array, json_string(text));
	return array;
}

static json_t *capability_names(void)
{
	json_t *array = json_array();

	for (int i = 0; i < capability_count(); i++) {
		auto_buf name = BUF_INIT;
		capability_name(i, &name);
		json_array_append_new(array, json_string(buf_text(&name)));
	}
	return array;
}

static json_t *seccomp(void)
{
	static const char *const operators[] = {"SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
	        "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"};

	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "enabled", 1, "actions",
	        generated(seccomp_action), "operators",
	        texts(operators, sizeof operators / sizeof *operators), "archs",
	        generated(seccomp_architecture), "knownFlags", generated(seccomp_flag),
	        "supportedFlags", generated(seccomp_flag));
}

json_t *features(void)
{
	static const char *const hooks[] = {"prestart", "createRuntime", "createContainer",
	        "startContainer", "poststart", "poststop"};
	static const char *const namespaces[] = {
	        "cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
	json_t *linux_ =
	        json_pack("{s:o, s:o, s:{s:b, s:b, s:b, s:b, s:b}, s:o, s:{s:b}, s:{s:b}, s:{s:b}, "
	                  "s:{s:{s:b}}}",
	                "namespaces", texts(namespaces, sizeof namespaces / sizeof *namespaces),
	                "capabilities", capability_names(), "cgroup", "v1", 1, "v2", 1, "systemd",
	                0, "systemdUser", 0, "rdma", 0, "seccomp", seccomp(), "apparmor", "enabled",
	                1, "selinux", "enabled", 1, "intelRdt", "enabled", 0, "mountExtensions",
	                "idmap", "enabled", 1);

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:{}}", "ociVersionMin", "1.0.0",
	        "ociVersionMax", BUNDLE_OCI_VERSION, "hooks",
	        texts(hooks, sizeof hooks / sizeof *hooks), "mountOptions", generated(mount_word),
	        "linux", linux_, "annotations");
}
