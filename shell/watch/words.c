#include "shell/watch/words.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/model.h"
#include "render/glyph.h"

#include <string.h>

enum { WORDS_MOST = 1000, ID_DIGITS = 64, ID_SHOWN = 12 };

/* "…", ["runc", "run"], …: what stands between the brackets, without its quotes. */
void words_command(const char *arguments, struct buf *out)
{
	const char *p = strchr(arguments, '[');
	bool quoted = false, first = true;

	for (p = p ? p + 1 : ""; *p && (quoted || *p != ']'); p++) {
		if (quoted && *p == '\\' && p[1]) {
			buf_addc(out, *p++);
			buf_addc(out, *p);
		} else if (*p == '"') {
			quoted = !quoted;
			if (quoted && !first)
				buf_addc(out, ' ');
			first = false;
		} else if (quoted) {
			buf_addc(out, *p);
		} else if (*p == '.') { /* the list was cut */
			buf_addc(out, *p);
		}
	}
}

static void add_call(struct buf *out, const struct watch_event *e, size_t count)
{
	if (!strncmp(e->name, "execve", 6) && !*e->failure) {
		buf_add(out, "starts as: ");
		words_command(e->text, out);
		return;
	}
	buf_addf(out, "%s(%s)", e->name, e->text);
	if (*e->failure)
		buf_addf(out, " = -1 %s", e->failure);
	if (count > 1)
		buf_addf(out, " (%zu times)", count);
}

/* Only what is another one than the process had before. */
static void add_namespaces(
        struct buf *out, const struct watch_recording *r, size_t event, const struct watch_event *e)
{
	const char *before = "", *p = e->text;
	auto_buf inodes = BUF_INIT;
	bool any = false;

	for (size_t i = event; i-- > 0;)
		if (r->events[i].kind == WATCH_IN && r->events[i].pid == e->pid) {
			before = r->events[i].text;
			break;
		}
	if (!*p) {
		buf_add(out, "is in our namespaces again");
		return;
	}
	for (; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " "), type = strcspn(p, ":");
		const char *same = memmem(before, strlen(before), p, n);
		if ((!same || (same[n] && same[n] != ' ')) && type < n) {
			buf_addf(out, "%s%.*s", any ? ", " : "is in another ", (int)type, p);
			buf_addf(&inodes, " %.*s", (int)(n - type - 1), p + type + 1);
			any = true;
		}
		p += n;
	}
	if (any)
		buf_addf(out, ":%s", buf_text(&inodes));
	else
		buf_addf(out, "is in %s", e->text);
}

static void add_end(struct buf *out, const struct watch_event *e, const char *verb)
{
	if (*e->failure)
		buf_addf(out, "%s by signal %s", verb, e->failure);
	else
		buf_addf(out, "%s, status %lld", verb, (long long)e->result);
}

/* Ids of containers and digests as docker and podman shorten them. */
static void shorten_ids(struct buf *b)
{
	size_t from = 0, to = 0;

	while (from < b->len) {
		size_t n = strspn(b->data + from, "0123456789abcdef");
		size_t keep = n == ID_DIGITS ? ID_SHOWN : n ? n : 1;

		memmove(b->data + to, b->data + from, keep);
		to += keep;
		from += n ? n : 1;
	}
	if (b->data)
		b->data[to] = '\0';
	b->len = to;
}

const char *words_of(
        const struct watch_recording *r, const struct watch_arrow *arrow, struct arena *a)
{
	const struct watch_event *e = &r->events[arrow->event];
	auto_buf text = BUF_INIT;

	switch (e->kind) {
	case WATCH_CALL:
		add_call(&text, e, arrow->count);
		break;
	case WATCH_API:
		/* HTTP is told by its own words: GET /version. */
		if (strcmp(e->name, "http") != 0)
			buf_addf(&text, "%s ", e->name);
		if (arrow->inferred.name)
			buf_addf(&text, "probably %s (%s)", arrow->inferred.name,
			        arrow->inferred.letter);
		else
			buf_add(&text, e->text);
		break;
	case WATCH_START:
		buf_addf(&text, "begins: process %d", (int)e->pid);
		break;
	case WATCH_IN:
		add_namespaces(&text, r, arrow->event, e);
		break;
	case WATCH_END:
		buf_addf(&text, "%d ", (int)e->pid);
		add_end(&text, e, "ends");
		break;
	case WATCH_LOST:
		buf_addf(&text, "%d goes on unseen: its follower was killed", (int)e->pid);
		break;
	case WATCH_MISSED:
		buf_addf(&text, "%lld events came too fast to be told", (long long)e->result);
		break;
	case WATCH_FINISH:
		add_end(&text, e, "the command has ended");
		break;
	case WATCH_OTHER:
		buf_add(&text, *e->name ? e->name : "something that this version does not know");
		break;
	}
	shorten_ids(&text);
	return buf_failed(&text) ? NULL : text_clean(a, buf_text(&text), WORDS_MOST);
}

static enum scene_role role_of_namespace(const struct watch_event *e)
{
	static const char *const flags[NS_COUNT] = {
	        "NEWUSER", "NEWPID", "NEWNS", "NEWUTS", "NEWIPC", "NEWNET", "NEWCGROUP", "NEWTIME"};

	for (int i = 0; i < NS_COUNT; i++)
		if (strstr(e->text, flags[i]))
			return (enum scene_role)(SCENE_NAMESPACE_USER + i);
	return SCENE_NAMESPACE_UTS;
}

enum scene_role words_role(const struct watch_event *e)
{
	static const struct {
		const char *name; /* or how it begins */
		enum scene_role role;
	} calls[] = {{"mount", SCENE_MOUNT}, {"umount", SCENE_MOUNT}, {"pivot_root", SCENE_MOUNT},
	        {"chroot", SCENE_MOUNT}, {"fs", SCENE_MOUNT}, {"open_tree", SCENE_MOUNT},
	        {"move_mount", SCENE_MOUNT}, {"sethostname", SCENE_NAMESPACE_UTS},
	        {"mkdir", SCENE_CGROUP}, {"rmdir", SCENE_CGROUP}, {"unlinkat", SCENE_CGROUP},
	        {"write", SCENE_CGROUP}, {"bpf", SCENE_CGROUP}, {"set", SCENE_SECURITY},
	        {"cap", SCENE_SECURITY}, {"prctl", SCENE_SECURITY}, {"seccomp", SCENE_SECURITY},
	        {"keyctl", SCENE_SECURITY}, {"exec", SCENE_PROCESS}};

	if (e->kind == WATCH_API)
		return SCENE_DAEMON;
	if (e->kind == WATCH_IN)
		return SCENE_NAMESPACE_UTS;
	if (e->kind != WATCH_CALL)
		return SCENE_PROCESS;
	if (!strncmp(e->name, "clone", 5) || !strcmp(e->name, "unshare") ||
	        !strcmp(e->name, "setns"))
		return role_of_namespace(e);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (!strncmp(e->name, calls[i].name, strlen(calls[i].name)))
			return calls[i].role;
	return SCENE_PLAIN;
}
