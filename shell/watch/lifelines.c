#include "shell/watch/lifelines.h"

#include "render/glyph.h"
#include "shell/watch/who.h"
#include "shell/watch/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program {
	const char *name;
	enum scene_role role;
	pid_t first; /* process */
	size_t processes;
	int joined; /* to an earlier one; -1 = it has a lifeline of its own */
	int actor;
};

enum { COLUMN = 9, NAME_ROOM = 3, LOOK_AHEAD = 10000 };

struct drawing {
	const struct watch_recording *r;
	const struct who *who;
	const struct inference *inferred; /* by event */
	struct arena *arena;
	struct program *programs;
	size_t n, capacity;
	int kernel; /* an index as those of programs */
	bool failed;
};

/* ---- programs ---- */

static bool has_prefix(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strncmp(name, *list, strlen(*list)))
			return true;
	return false;
}

static enum scene_role role_of(const char *name)
{
	static const char *const daemons[] = {"dockerd", "containerd", "conmon", "crio", "shim",
	        "systemd", "dbus-daemon", "/", NULL};

	return has_prefix(name, daemons) ? SCENE_DAEMON : SCENE_PROCESS;
}

/* The kernel cuts names of processes off: TASK_COMM_LEN, proc_pid_comm(5). */
static const char *whole_name(const char *name)
{
	return !strncmp(name, "containerd-shim", 15) ? "shim" : name;
}

static int program(struct drawing *d, const char *name, pid_t pid, enum scene_role role)
{
	struct program *p;

	name = whole_name(name);
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->programs[i].name, name) && (int)i != d->kernel) {
			if (role == SCENE_CONTAINER)
				d->programs[i].role = role;
			return (int)i;
		}
	if (d->n == d->capacity) {
		size_t capacity = d->capacity ? d->capacity * 2 : 16;
		p = realloc(d->programs, capacity * sizeof *p);
		if (!p) {
			d->failed = true;
			return 0;
		}
		d->programs = p;
		d->capacity = capacity;
	}
	p = &d->programs[d->n];
	*p = (struct program){
	        .name = text_clean(d->arena, name, 64), .role = role, .first = pid, .joined = -1};
	d->failed |= !p->name;
	return (int)d->n++;
}

static int of_process(struct drawing *d, const char *name, pid_t pid)
{
	return program(d, *name ? name : "?", pid, role_of(name));
}

static int kernel(struct drawing *d)
{
	if (d->kernel < 0) {
		int made = program(d, "kernel", 0, SCENE_FRAME);
		d->kernel = d->failed ? -1 : made;
	}
	return d->kernel;
}

/* ---- messages ---- */

/* Who connects speaks before anybody has accepted, and is told only afterwards who has: a shim
 * that has just been started. The event that tells, else `i`. */
static size_t known_by(const struct drawing *d, size_t i)
{
	const struct watch_event *e = &d->r->events[i];

	for (size_t k = i; k < d->r->n && k < i + LOOK_AHEAD && !e->answer && *e->to; k++) {
		const struct watch_event *later = &d->r->events[k];
		if (later->kind == WATCH_API && !later->answer && later->other &&
		        later->pid == e->pid && !strcmp(later->to, e->to))
			return k;
	}
	return i;
}

/* Who is spoken to: a process that we know, or whoever listens there. */
static int peer(struct drawing *d, size_t i)
{
	const struct watch_event *e = &d->r->events[known_by(d, i)];
	const char *name = who_at(d->who, e->other, e->t), *slash = strrchr(e->to, '/');

	if (e->other && *name)
		return of_process(d, name, e->other);
	if (!*e->to)
		return program(d, "?", 0, SCENE_DAEMON);
	return program(d, slash && slash[1] ? slash + 1 : e->to, 0, SCENE_DAEMON);
}

/* A call that failed has no program: only what succeeded becomes another one. */
static void call(struct drawing *d, size_t i, struct sequence_message *m)
{
	const struct watch_event *e = &d->r->events[i];

	if (!strncmp(e->name, "execve", 6) && !*e->failure) {
		const char *next = who_after(d->who, i);
		m->to = program(d, *next ? next : "?", e->pid,
		        who_is_inside(d->who, i) ? SCENE_CONTAINER : role_of(next));
	} else {
		m->to = kernel(d);
		m->mark = *e->failure ? MARK_FAILED : MARK_NONE;
	}
}

static void message(struct drawing *d, size_t i, struct sequence_message *m)
{
	const struct watch_event *e = &d->r->events[i];

	*m = (struct sequence_message){.role = words_role(e)};
	m->from = who_is_you(d->who, i) ? program(d, "you", 0, SCENE_YOU)
	                                : of_process(d, who_of(d->who, i), e->pid);
	m->to = m->from;
	switch (e->kind) {
	case WATCH_CALL:
		call(d, i, m);
		break;
	case WATCH_API:
		m->to = peer(d, i);
		m->dashed = e->answer;
		if (e->heard) {
			int listener = m->from;
			m->from = m->to;
			m->to = listener;
		}
		break;
	case WATCH_START:
		m->from = of_process(d, who_at(d->who, e->other, e->t), e->other);
		break;
	case WATCH_FINISH:
		m->to = program(d, "you", 0, SCENE_YOU);
		m->dashed = true;
		break;
	default:
		break;
	}
}

/* Alike enough for one arrow: the same call with the same first argument and the same outcome. */
static bool alike(const struct watch_event *a, const struct watch_event *b)
{
	size_t first = strcspn(a->text, ",");

	return a->kind == WATCH_CALL && b->kind == WATCH_CALL && a->pid == b->pid &&
	       !strcmp(a->name, b->name) && !strcmp(a->failure, b->failure) &&
	       strncmp(a->name, "execve", 6) != 0 && first == strcspn(b->text, ",") &&
	       !strncmp(a->text, b->text, first);
}

static const char *when(struct drawing *d, uint64_t t)
{
	char text[32];
	const char *kept;

	snprintf(text, sizeof text, t < 1000000 ? "%6.2f ms" : "%7.3f s",
	        (double)t / (t < 1000000 ? 1e3 : 1e6));
	kept = arena_strdup(d->arena, text);
	d->failed |= !kept;
	return kept;
}

static void messages(struct drawing *d, enum watch_level level, struct lifelines *l,
        struct sequence_message *all)
{
	size_t n = 0;

	for (size_t i = 0; i < d->r->n && !d->failed; i++) {
		const struct watch_event *e = &d->r->events[i];

		if (watch_level_of(e) > level && !(who_is_you(d->who, i) && !*e->failure)) {
			l->above++;
			continue;
		}
		if (n && level < WATCH_LEVEL_ALL &&
		        alike(&d->r->events[l->arrows[n - 1].event], e)) {
			l->arrows[n - 1].count++;
			continue;
		}
		message(d, i, &all[n]);
		all[n].when = when(d, e->t);
		l->arrows[n++] = (struct watch_arrow){i, 1, d->inferred[i]};
	}
	for (size_t i = 0; i < n && !d->failed; i++) {
		all[i].text = words_of(d->r, &l->arrows[i], d->arena);
		d->failed |= !all[i].text;
	}
	l->sequence.n_messages = n;
	l->sequence.messages = all;
}

/* ---- actors ---- */

static const char *note_of(struct drawing *d, const struct program *p)
{
	char text[32] = "";
	const char *kept;

	if (p->processes > 1)
		snprintf(text, sizeof text, "%zu processes", p->processes);
	else if (p->first > 0)
		snprintf(text, sizeof text, "%d", (int)p->first);
	kept = arena_strdup(d->arena, text);
	d->failed |= !kept;
	return kept;
}

/* "runc:[2:INIT]" becomes "runc" where that one has a lifeline of its own. */
static void join_families(struct drawing *d, int width)
{
	int names = 0;

	for (size_t i = 0; i < d->n; i++)
		names += text_width(d->programs[i].name) + NAME_ROOM;
	for (size_t i = 0; i < d->n && names > width; i++) {
		size_t n = strcspn(d->programs[i].name, ":");
		for (size_t k = 0; k < i && d->programs[i].name[n]; k++)
			if (strlen(d->programs[k].name) == n &&
			        !strncmp(d->programs[k].name, d->programs[i].name, n)) {
				d->programs[i].joined = (int)k;
			}
	}
}

/* A process, by the program that it was. */
struct was {
	size_t program;
	pid_t pid;
};

static int by_program(const void *a, const void *b)
{
	const struct was *x = a, *y = b;

	return x->program != y->program ? (x->program > y->program) - (x->program < y->program)
	                                : (x->pid > y->pid) - (x->pid < y->pid);
}

static void count_processes(struct drawing *d)
{
	struct was *all = malloc((who_names(d->who) + 1) * sizeof *all);
	size_t n = 0;

	d->failed |= !all;
	for (size_t k = 0; k < who_names(d->who) && all; k++)
		for (size_t i = 0; i < d->n; i++)
			if (!strcmp(whole_name(who_name(d->who, k)), d->programs[i].name)) {
				int joined = d->programs[i].joined;
				all[n++] = (struct was){
				        joined < 0 ? i : (size_t)joined, who_pid(d->who, k)};
				break;
			}
	if (n)
		qsort(all, n, sizeof *all, by_program);
	for (size_t k = 0; k < n; k++)
		if (d->programs[all[k].program].first > 0 &&
		        (!k || by_program(&all[k - 1], &all[k]) != 0))
			d->programs[all[k].program].processes++;
	free(all);
}

/* In the order in which they were seen; the kernel last. Those that have no room are one. */
static void actors(struct drawing *d, int width, struct lifelines *l)
{
	bool has_kernel = d->kernel >= 0;
	struct sequence_actor *all = arena_alloc(d->arena, (d->n + 1) * sizeof *all);
	size_t n = 0, others = 0, most = width < 3 * COLUMN ? 3 : (size_t)(width / COLUMN), own = 0;
	char text[32];

	d->failed |= !all;
	join_families(d, width);
	count_processes(d);
	for (size_t i = 0; i < d->n; i++)
		own += d->programs[i].joined < 0;
	own = own > most ? most - 1 - has_kernel : own - has_kernel;
	for (size_t i = 0; i < d->n && !d->failed; i++) {
		struct program *p = &d->programs[i];
		if ((int)i == d->kernel)
			continue;
		if (p->joined >= 0) {
			p->actor = d->programs[p->joined].actor;
		} else if (n == own) {
			p->actor = (int)own;
			others++;
		} else {
			p->actor = (int)n;
			all[n++] = (struct sequence_actor){
			        p->name, p->name, note_of(d, p), p->role, MARK_NONE};
		}
	}
	if (others && !d->failed) {
		snprintf(text, sizeof text, "%zu programs", others);
		all[n++] = (struct sequence_actor){
		        "others", "others", arena_strdup(d->arena, text), SCENE_PROCESS, MARK_NONE};
		d->failed |= !all[n - 1].note;
	}
	if (has_kernel && !d->failed) {
		d->programs[d->kernel].actor = (int)n;
		all[n++] = (struct sequence_actor){"kernel", "kernel", "", SCENE_FRAME, MARK_NONE};
	}
	l->sequence.actors = all;
	l->sequence.n_actors = n;
}

int lifelines_of(const struct watch_recording *r, enum watch_level level, int width,
        struct arena *a, struct lifelines *ret)
{
	struct lifelines l = {.sequence.margin = LIFELINES_MARGIN};
	struct sequence_message *all = arena_alloc(a, (r->n + 1) * sizeof *all);
	struct drawing d = {.r = r, .arena = a, .kernel = -1};
	struct who *who = who_new(r);

	l.arrows = arena_alloc(a, (r->n + 1) * sizeof *l.arrows);
	d.who = who;
	d.inferred = inferred_of(r, a);
	d.failed = !all || !l.arrows || !who || !d.inferred;
	if (!d.failed) {
		messages(&d, level, &l, all);
		actors(&d, width, &l);
	}
	for (size_t i = 0; i < l.sequence.n_messages && !d.failed; i++) {
		all[i].from = d.programs[all[i].from].actor;
		all[i].to = d.programs[all[i].to].actor;
	}
	free(d.programs);
	who_free(who);
	if (d.failed)
		return -ENOMEM;
	*ret = l;
	return 0;
}

size_t lifelines_find(const struct lifelines *l, size_t event)
{
	size_t n = l->sequence.n_messages;

	for (size_t i = 0; i < n; i++)
		if (l->arrows[i].event + l->arrows[i].count > event)
			return i;
	return n ? n - 1 : 0;
}
