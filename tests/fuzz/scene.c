/* A machine of any bytes: every string, number and index of the model is taken from them; then all
 * views of it in any size, and both backends that end in a string. Whatever the machine says, a
 * drawing stays in its place, is the same twice, and says nothing that a terminal or a reader of
 * XML would act upon. */
#include "kernel/base/cleanup.h"
#include "render/backend.h"
#include "render/glyph.h"
#include "render/sequence.h"
#include "render/view.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { MOST = 200 };

/* What is left of the bytes. Beyond their end there is a row of numbers that depends on all of
 * them, so that a few bytes make a whole machine already. */
struct source {
	const uint8_t *at, *end;
	uint32_t seed;
};

static struct source source_of(const uint8_t *bytes, size_t n)
{
	struct source s = {bytes, bytes + n, 1};

	for (size_t i = 0; i < n; i++)
		s.seed = s.seed * 31 + bytes[i];
	return s;
}

static uint8_t byte(struct source *s)
{
	if (s->at < s->end)
		return *s->at++;
	s->seed = s->seed * 1664525u + 1013904223u;
	return (uint8_t)(s->seed >> 24);
}

/* Mostly small, now and then as large as it gets. */
static uint64_t number(struct source *s)
{
	uint64_t n = byte(s);

	if (n < 0xE0)
		return n;
	if (n == 0xFF)
		return UINT64_MAX - byte(s) % 4;
	for (int i = 0; i < 8; i++)
		n = n << 8 | byte(s);
	return n;
}

static int index_of(struct source *s, size_t n)
{
	return n && byte(s) & 3 ? (int)(byte(s) % n) : -1;
}

/* A length and as many bytes, without NUL, or one of the words that something looks for. */
static const char *text(struct source *s, struct arena *a)
{
	static const char *const words[] = {"", "red", "cutaway", "/", "/cutaway/red", "eth0",
	        "veth", "bridge", "overlay", "0 100000 65536", "sleep 1000", "sha256:0123456789ab",
	        "dockerd", "pause", "memory pids", "shop"};
	size_t n = byte(s);
	char *copy;

	if (n < 64)
		return words[n % (sizeof words / sizeof *words)];
	n = n < 250 ? n % 24 : 300;
	copy = arena_alloc(a, n + 1);
	if (!copy)
		abort();
	for (size_t i = 0; i < n; i++) {
		copy[i] = (char)byte(s);
		if (!copy[i])
			copy[i] = ' ';
	}
	copy[n] = '\0';
	return copy;
}

static void *array(struct arena *a, size_t n, size_t size)
{
	void *all = arena_alloc(a, (n + 1) * size);

	if (!all)
		abort();
	memset(all, 0, (n + 1) * size);
	return all;
}

static void namespaces(struct source *s, uint64_t ns[NS_COUNT])
{
	for (int t = 0; t < NS_COUNT; t++)
		ns[t] = byte(s) % 6; /* so that some are shared, and some not to be read */
}

static void add_processes(struct source *s, struct model *m)
{
	size_t n = byte(s) % MOST;
	struct model_process *all = array(&m->arena, n, sizeof *all);
	pid_t pid = 0;

	for (size_t i = 0; i < n; i++) {
		struct model_process *p = &all[i];
		pid += 1 + byte(s) % 5; /* by pid: the model promises it */
		p->pid = pid;
		p->ppid = byte(s);
		p->start_time = number(s);
		p->uid = (uid_t)number(s);
		p->comm = text(s, &m->arena);
		p->cmdline = text(s, &m->arena);
		namespaces(s, p->ns);
		p->ns_pid = (pid_t)number(s);
		p->ns_uid = (int64_t)number(s);
		p->cap_effective = number(s);
		p->cap_bounding = number(s);
		p->seccomp = byte(s) % 4;
		p->seccomp_filters = byte(s);
		p->no_new_privs = byte(s) & 1;
		p->state = "RSDZT?"[byte(s) % 6];
		p->role = (enum process_role)(byte(s) % (ROLE_LAB + 1));
		p->cgroup = index_of(s, m->n_cgroups);
		p->container = index_of(s, m->n_containers);
	}
	m->processes = all;
	m->n_processes = n;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(
	        ((const struct model_cgroup *)a)->path, ((const struct model_cgroup *)b)->path);
}

/* What it uses and waits for; the looks before, the full number of them included. */
static void add_use(struct source *s, struct model *m, struct model_cgroup *g)
{
	size_t n = byte(s) % (MODEL_PAST + 1);
	struct model_use *past = array(&m->arena, n, sizeof *past);

	for (size_t i = 0; i < n; i++)
		past[i] = (struct model_use){number(s), number(s)};
	g->past = past;
	g->n_past = n;
	g->io_read = number(s);
	g->io_written = number(s);
	for (int i = 0; i < PRESSURE_COUNT; i++)
		g->pressure[i] = number(s);
	g->cpu_rate = number(s);
	g->io_rate = number(s);
}

static void add_cgroups(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;
	struct model_cgroup *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++) {
		all[i].path = text(s, &m->arena);
		all[i].controllers = text(s, &m->arena);
		all[i].ours = byte(s) & 1;
		all[i].processes = byte(s);
		all[i].memory_current = number(s);
		all[i].memory_max = number(s);
		all[i].pids_current = number(s);
		all[i].pids_max = number(s);
		all[i].cpu_usage_us = number(s);
		all[i].cpu_quota_us = number(s);
		all[i].cpu_period_us = number(s);
		all[i].frozen = byte(s) & 1;
		add_use(s, m, &all[i]);
	}
	qsort(all, n, sizeof *all, by_path);
	m->cgroups = all;
	m->n_cgroups = n;
}

static int by_type(const void *a, const void *b)
{
	const struct model_namespace *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static void add_namespaces(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;
	struct model_namespace *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = (struct model_namespace){(enum ns_type)(byte(s) % NS_COUNT), byte(s) % 6u,
		        byte(s) & 1, byte(s), byte(s)};
	qsort(all, n, sizeof *all, by_type);
	m->namespaces = all;
	m->n_namespaces = n;
}

static void add_network(struct source *s, struct model *m)
{
	size_t n = byte(s) % 60;
	struct model_link *links = array(&m->arena, n, sizeof *links);
	struct model_route *routes = array(&m->arena, 8, sizeof *routes);

	for (size_t i = 0; i < n; i++)
		links[i] = (struct model_link){byte(s) % 6u, byte(s) % 9, text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), byte(s) & 1, byte(s) % 9,
		        byte(s) % 6u, byte(s) % 9};
	m->links = links;
	m->n_links = n;
	for (n = 0; n < byte(s) % 8u; n++)
		routes[n] = (struct model_route){
		        byte(s) % 6u, text(s, &m->arena), text(s, &m->arena), text(s, &m->arena)};
	m->routes = routes;
	m->n_routes = n;
}

static void add_mounts(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;
	struct model_mount *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = (struct model_mount){(int)number(s), (int)number(s), byte(s) % 6u,
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena), "private"};
	m->mounts = all;
	m->n_mounts = n;
}

static void add_images(struct source *s, struct model *m)
{
	size_t layers = byte(s) % 20, images = byte(s) % 10;

	m->layers = array(&m->arena, layers, sizeof *m->layers);
	m->images = array(&m->arena, images, sizeof *m->images);
	for (size_t i = 0; i < layers; i++)
		m->layers[i] = (struct model_layer){text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), number(s), byte(s)};
	m->n_layers = layers;
	for (size_t i = 0; i < images; i++) {
		size_t n = layers ? byte(s) % 20 : 0;
		int *list = array(&m->arena, n, sizeof *list);
		for (size_t k = 0; k < n; k++)
			list[k] = byte(s) % (int)layers;
		m->images[i] = (struct model_image){text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena), list, n,
		        number(s)};
	}
	m->n_images = images;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct model_container *)a)->name,
	        ((const struct model_container *)b)->name);
}

static void add_steps(struct source *s, struct model *m, struct model_container *c)
{
	size_t n = byte(s) % 30;
	struct model_step *steps = array(&m->arena, n, sizeof *steps);

	for (size_t i = 0; i < n; i++)
		steps[i] = (struct model_step){.id = text(s, &m->arena),
		        .title = text(s, &m->arena),
		        .status = (enum step_status)(byte(s) % (STEP_FAILED + 1)),
		        .error = text(s, &m->arena),
		        .advice = text(s, &m->arena),
		        .call = text(s, &m->arena),
		        .why = text(s, &m->arena)};
	c->steps = steps;
	c->n_steps = n;
}

static void add_files(struct source *s, struct model *m, struct model_container *c)
{
	size_t n = byte(s) % 10, changes = byte(s) % 10;
	const char **layers = array(&m->arena, n, sizeof *layers);
	struct model_change *list = array(&m->arena, changes, sizeof *list);

	for (size_t i = 0; i < n; i++)
		layers[i] = text(s, &m->arena);
	for (size_t i = 0; i < changes; i++)
		list[i] = (struct model_change){
		        text(s, &m->arena), (enum change_kind)(byte(s) % 3), number(s)};
	c->layers = layers;
	c->n_layers = n;
	c->changes = list;
	c->n_changes = changes;
	c->more_changes = byte(s) & 1;
}

static void add_containers(struct source *s, struct model *m)
{
	size_t n = byte(s) % 80;
	struct model_container *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++) {
		struct model_container *c = &all[i];
		c->name = text(s, &m->arena);
		c->image = text(s, &m->arena);
		c->command = text(s, &m->arena);
		c->status = (enum container_status)(byte(s) % (CONTAINER_FOREIGN + 1));
		c->pid = byte(s);
		c->start_time = number(s);
		c->exit_code = (int)number(s);
		namespaces(s, c->ns);
		c->hostname = text(s, &m->arena);
		c->uid_map = text(s, &m->arena);
		c->gid_map = text(s, &m->arena);
		c->cgroup = index_of(s, m->n_cgroups);
		c->upper = text(s, &m->arena);
		c->ports = text(s, &m->arena);
		c->rootfs = text(s, &m->arena);
		c->cgroup_inside = text(s, &m->arena);
		c->processes = number(s);
		add_files(s, m, c);
		add_steps(s, m, c);
	}
	qsort(all, n, sizeof *all, by_name);
	m->containers = all;
	m->n_containers = n;
}

static void add_daemons(struct source *s, struct model *m)
{
	size_t n = byte(s) % 20;

	m->daemons = array(&m->arena, n, sizeof *m->daemons);
	for (size_t i = 0; i < n; i++)
		m->daemons[i] = (struct model_daemon){text(s, &m->arena), text(s, &m->arena),
		        index_of(s, m->n_processes), text(s, &m->arena)};
	m->n_daemons = n;
}

static int by_ends(const void *a, const void *b)
{
	const struct model_connection *x = a, *y = b;

	return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
	                          : (x->to > y->to) - (x->to < y->to);
}

static void add_connections(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;

	m->connections = array(&m->arena, n, sizeof *m->connections);
	for (size_t i = 0; i < n; i++)
		m->connections[i] = (struct model_connection){index_of(s, m->n_processes),
		        index_of(s, m->n_processes), text(s, &m->arena), 1 + byte(s)};
	qsort(m->connections, n, sizeof *m->connections, by_ends);
	m->n_connections = n;
}

static struct model *any_model(struct source *s)
{
	struct model *m = model_new();

	if (!m)
		abort();
	m->host = (struct model_host){text(s, &m->arena), text(s, &m->arena), "x86_64", "v2", {0},
	        number(s), byte(s), byte(s)};
	m->suffix = byte(s) & 1 ? "-1a2b3c4d" : "";
	namespaces(s, m->host.ns);
	add_cgroups(s, m);
	add_images(s, m);
	add_containers(s, m);
	add_processes(s, m);
	add_namespaces(s, m);
	add_network(s, m);
	add_mounts(s, m);
	add_daemons(s, m);
	add_connections(s, m);
	return m;
}

static struct model_fact any_fact(struct source *s, struct model *m)
{
	struct arena *a = &m->arena;
	struct model_fact f = {text(s, a), text(s, a), text(s, a), byte(s) & 1, text(s, a),
	        text(s, a), text(s, a), text(s, a), {NULL}, byte(s),
	        (enum ns_type)(byte(s) % NS_COUNT), byte(s) % 6u, index_of(s, m->n_cgroups)};

	for (int i = 0; i < byte(s) % (FACT_COMMANDS + 1); i++)
		f.commands[i] = text(s, a);
	return f;
}

/* What a learner draws: more parts than have room as boxes, too, and any words. */
static struct diagram_picture any_diagram(struct source *s, struct arena *a)
{
	size_t n = byte(s) % 70, n_arrows = n > 1 ? byte(s) % 140 : 0, n_hints = byte(s) % 6;
	struct diagram_part *parts = array(a, n, sizeof *parts);
	struct diagram_arrow *arrows = array(a, n_arrows, sizeof *arrows);
	const char **hints = array(a, n_hints, sizeof *hints);

	for (size_t i = 0; i < n; i++)
		parts[i] = (struct diagram_part){text(s, a), text(s, a),
		        (enum diagram_band)(byte(s) % BAND_COUNT),
		        (enum diagram_verdict)(byte(s) % (VERDICT_WRONG + 1)), text(s, a)};
	for (size_t i = 0; i < n_arrows; i++) {
		size_t from = byte(s) % n, to = (from + 1 + byte(s) % (n - 1)) % n;
		arrows[i] = (struct diagram_arrow){from, to, text(s, a),
		        (enum diagram_verdict)(byte(s) % (VERDICT_WRONG + 1)), text(s, a)};
	}
	for (size_t i = 0; i < n_hints; i++)
		hints[i] = text(s, a);
	return (struct diagram_picture){
	        text(s, a), text(s, a), text(s, a), parts, n, arrows, n_arrows, hints, n_hints};
}

/* The text of a sequence is clean by contract. */
static const char *clean_text(struct source *s, struct arena *a)
{
	const char *clean = text_clean(a, text(s, a), 4096);

	if (!clean)
		abort();
	return clean;
}

/* What a watch has seen so far. */
static struct sequence any_watch(struct source *s, struct arena *a)
{
	size_t n = 1 + byte(s) % 12, n_messages = byte(s) % 60;
	struct sequence_actor *actors = array(a, n, sizeof *actors);
	struct sequence_message *messages = array(a, n_messages, sizeof *messages);
	int margin = byte(s) % 16;

	for (size_t i = 0; i < n; i++)
		actors[i] = (struct sequence_actor){clean_text(s, a), clean_text(s, a),
		        clean_text(s, a), (enum scene_role)(byte(s) % SCENE_ROLES),
		        (enum scene_mark)(byte(s) % (MARK_GONE + 1))};
	for (size_t i = 0; i < n_messages; i++)
		messages[i] = (struct sequence_message){byte(s) % (int)n, byte(s) % (int)n,
		        clean_text(s, a), byte(s) & 1, (enum scene_role)(byte(s) % SCENE_ROLES),
		        (enum scene_mark)(byte(s) % (MARK_GONE + 1)), clean_text(s, a)};
	return (struct sequence){actors, n, messages, n_messages, margin,
	        n_messages && byte(s) & 1 ? &messages[byte(s) % n_messages] : NULL};
}

/* ---- what has to hold ---- */

static void check_text(const char *clean)
{
	const char *all = clean;

	while (*clean) {
		uint32_t code;
		clean += glyph_decode(clean, &code);
		if (code < 0x20 || (code >= 0x7F && code < 0xA0))
			fprintf(stderr, "not clean: %s\n", all);
		FUZZ_CHECK(code >= 0x20 && (code < 0x7F || code >= 0xA0));
	}
}

static void check_scene(const struct scene *s, const struct view_input *in)
{
	FUZZ_CHECK(s->width >= 1 && s->height >= 1);
	FUZZ_CHECK(s->width <= in->width && s->height <= in->height);
	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *b = &s->boxes[i];
		FUZZ_CHECK(b->x >= 0 && b->y >= 0 && b->x + b->width <= s->width &&
		           b->y + b->height <= s->height);
		check_text(b->title);
		check_text(b->id);
	}
	for (size_t i = 0; i < s->n_texts; i++) {
		const struct scene_text *t = &s->texts[i];
		FUZZ_CHECK(
		        t->x >= 0 && t->y >= 0 && t->y < s->height && t->x + t->width <= s->width);
		check_text(t->text);
	}
	for (size_t i = 0; i < s->n_edges; i++)
		check_text(s->edges[i].label);
	check_text(s->title);
	check_text(s->description);
}

static void draw(const struct view *v, const struct view_input *in, struct buf *text_out,
        struct buf *svg_out)
{
	struct scene s;
	struct canvas c;

	FUZZ_CHECK(v->layout(in, &s) == 0);
	check_scene(&s, in);
	FUZZ_CHECK(canvas_init(&c, s.width, s.height) == 0);
	canvas_draw(&c, &s, in->width & 1);
	text_write(&c, THEME_DARK, text_out);
	svg_write(&s, THEME_LIGHT, svg_out);
	canvas_release(&c);
	scene_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct source s = source_of(bytes, n);
	int width = 1 + byte(&s), height = 1 + byte(&s) % 80;
	struct model *before = byte(&s) & 1 ? any_model(&s) : NULL;
	struct model *now = any_model(&s);
	struct model_fact fact = any_fact(&s, now);
	const char *folded[] = {"lab", text(&s, &now->arena), "processes", "cgroups"};
	struct diagram_picture diagram = any_diagram(&s, &now->arena);
	struct sequence watch = any_watch(&s, &now->arena);
	struct view_want wants[4];
	struct view_input in = {.now = now,
	        .before = before,
	        .wants = wants,
	        .n_wants = byte(&s) % 5,
	        .subject = byte(&s) & 1 ? text(&s, &now->arena) : NULL,
	        .fact = byte(&s) & 1 ? &fact : NULL,
	        .diagram = byte(&s) & 1 ? &diagram : NULL,
	        .watch = byte(&s) & 1 ? &watch : NULL,
	        .watch_title = clean_text(&s, &now->arena),
	        .watch_level = "overview",
	        .shell = byte(&s),
	        .whose = byte(&s) & 1 ? text(&s, &now->arena) : NULL,
	        .folded = folded,
	        .n_folded = byte(&s) % 5,
	        .width = width,
	        .height = height};

	for (size_t i = 0; i < 4; i++)
		wants[i] = (struct view_want){text(&s, &now->arena), text(&s, &now->arena)};
	for (const struct view *v = views; v->name; v++) {
		auto_buf text_one = BUF_INIT, text_two = BUF_INIT;
		auto_buf svg_one = BUF_INIT, svg_two = BUF_INIT;

		draw(v, &in, &text_one, &svg_one);
		draw(v, &in, &text_two, &svg_two);
		FUZZ_CHECK(!strcmp(buf_text(&text_one), buf_text(&text_two)));
		FUZZ_CHECK(!strcmp(buf_text(&svg_one), buf_text(&svg_two)));
	}
	model_free(now);
	model_free(before);
	return 0;
}
