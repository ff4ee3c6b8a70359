#include "kernel/do/label.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/procfs.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

/* ---- who is at work -------------------------------------------------------------------------- */

/* "lockdown,capability,yama,apparmor", where securityfs is mounted. */
static bool is_listed(const char *module)
{
	auto_buf text = BUF_INIT;
	size_t n = strlen(module);

	if (file_read_at(AT_FDCWD, "/sys/kernel/security/lsm", 1024, &text) < 0)
		return false;
	for (const char *p = buf_text(&text); *p; p += strspn(p, ",\n")) {
		size_t length = strcspn(p, ",\n");
		if (length == n && !memcmp(p, module, n))
			return true;
		p += length;
	}
	return false;
}

bool label_apparmor_works(void)
{
	auto_buf text = BUF_INIT;

	return is_listed("apparmor") ||
	       (file_read_at(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", 16, &text) == 0 &&
	               buf_text(&text)[0] == 'Y');
}

bool label_selinux_works(void)
{
	struct statfs fs;

	return is_listed("selinux") ||
	       (statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC);
}

static int not_at_work(const char *member, const char *module, struct error *err)
{
	error_set(err, ENOTSUP, "read config.json", member, "%s is not at work on this machine",
	        module);
	error_advise(err, "leave it out of config.json: it would protect nobody");
	return -ENOTSUP;
}

/* A label of mounts keeps others out only where a module reads it, and asks for nothing of the
 * program: engines hand on what a host with SELinux has told them, and crun lets it be on one
 * without. It is said, not done in silence. The labels of the process are another matter: they are
 * asked for to confine it, and it would run unconfined. */
static int leave_out_mount_label(struct config *c, struct error *err)
{
	buf_addf(&c->warnings,
	        "linux.mountLabel: \"%s\" is left out: SELinux is not at work on this machine\n",
	        c->mount_label);
	c->mount_label = "";
	return buf_failed(&c->warnings)
	               ? error_set(err, ENOMEM, "read config.json", "linux.mountLabel", NULL)
	               : 0;
}

int label_check(struct config *c, struct error *err)
{
	if (c->apparmor[0] && !label_apparmor_works())
		return not_at_work("process.apparmorProfile", "AppArmor", err);
	if (c->selinux[0] && !label_selinux_works())
		return not_at_work("process.selinuxLabel", "SELinux", err);
	if (c->mount_label[0] && !label_selinux_works())
		return leave_out_mount_label(c, err);
	return 0;
}

/* ---- of mounts ------------------------------------------------------------------------------- */

/* File systems that are made for the container; those of the kernel have labels of their own, and
 * what is bound keeps that which it has. */
static bool takes_label(const struct mount_spec *m)
{
	return !(m->flags & MS_BIND) && (!strcmp(m->type, "tmpfs") || !strcmp(m->type, "devpts") ||
	                                        !strcmp(m->type, "overlay"));
}

int label_mounts(struct config *c, struct error *err)
{
	for (size_t i = 0; c->mount_label[0] && i < c->n_mounts; i++) {
		struct mount_spec *m = &c->mounts[i];
		auto_buf data = BUF_INIT;
		if (!takes_label(m) || strstr(m->data, "context="))
			continue;
		buf_addf(&data, "%s%scontext=\"%s\"", m->data, m->data[0] ? "," : "",
		        c->mount_label);
		m->data = arena_strdup(&c->arena, buf_text(&data));
		if (buf_failed(&data) || !m->data)
			return error_set(err, ENOMEM, "read config.json", "linux.mountLabel", NULL);
	}
	return 0;
}

/* ---- of the program -------------------------------------------------------------------------- */

static int write_label(int fd, const char *text, const char *member, struct child_error *fail)
{
	if (fd < 0)
		return child_fail(fail, -fd, "open /proc/thread-self/attr for", member);
	return write(fd, text, strlen(text)) < 0 ? child_fail(fail, errno, "write", member) : 0;
}

int label_next_program(const struct config *c, struct child_error *fail)
{
	auto_close apparmor = -1, selinux = -1;
	int r = 0;

	if (c->apparmor[0]) {
		/* Of its own since Linux 5.8; before, the file belonged to the one module. */
		apparmor = procfs_open("/proc/thread-self/attr/apparmor/exec", O_WRONLY);
		if (apparmor == -ENOENT)
			apparmor = procfs_open("/proc/thread-self/attr/exec", O_WRONLY);
		r = write_label(apparmor, c->apparmor, "process.apparmorProfile", fail);
	}
	if (r == 0 && c->selinux[0]) {
		selinux = procfs_open("/proc/thread-self/attr/exec", O_WRONLY);
		r = write_label(selinux, c->selinux, "process.selinuxLabel", fail);
	}
	return r;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct config *c = b->config;

	(void)s;
	if (c->apparmor[0]) {
		buf_addf(&e->call, "write(\"/proc/thread-self/attr/apparmor/exec\", \"%s\")",
		        c->apparmor);
		buf_addf(&e->shell, "aa-exec -p %s", c->apparmor + strlen("exec "));
	}
	if (c->selinux[0]) {
		buf_addf(&e->call, "%swrite(\"/proc/thread-self/attr/exec\", \"%s\")",
		        e->call.len ? "\n" : "", c->selinux);
		buf_addf(&e->shell, "%sruncon %s", e->shell.len ? "; " : "", c->selinux);
	}
	buf_add(&e->why, "A security module has rules for programs by their label; the next one "
	                 "gets this.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	return label_next_program(b->config, fail);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	auto_buf text = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/attr/current", (int)b->process.pid);
	if (file_read_at(AT_FDCWD, path, 4096, &text) < 0)
		return step_unverified(s, err, path, "cannot be read");
	buf_addf(seen, "%s is %s\n", path, buf_text(&text));
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EXDEV)
		snprintf(err->cause, sizeof err->cause, "what is mounted on /proc is not procfs");
	else if (code == ENOENT)
		snprintf(err->cause, sizeof err->cause, "no such profile is loaded");
	else if (code == EINVAL)
		snprintf(err->cause, sizeof err->cause, "the policy knows no such label");
	else if (code == EACCES || code == EPERM)
		snprintf(err->cause, sizeof err->cause, "the policy does not let us change to it");
}

const struct step_ops step_label = {
        .id = "label",
        .title = "the name that security modules know it by",
        .man = "proc(5), apparmor(7), selinux(8)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
