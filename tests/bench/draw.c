/* What a drawing costs: the CPU time of layout and canvas by view, machine and size, and the bytes
 * that a frame sends to the terminal against the cells that differ in it. Prints tables.
 *
 *   draw [ROUNDS]          (101)
 *
 * The terminal is a pty with a process at its other end that counts. `draw --svg` writes the
 * machine of 500 as SVG and `draw
 * --dot` as a graph for graphviz, both to be timed from outside. */
#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "render/backend.h"
#include "render/screen.h"
#include "tests/unit/model_fixture.h"

#include <locale.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 101 };

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Enough to fill the size with things that can be told apart. */
static struct model *machine_of_500(void)
{
	struct model *m = fixture_host();

	for (int i = 0; i < 24; i++)
		fixture_container(m, fixture_text(m, "web%02d", i), 1000 + i, 410, "httpd -f");
	for (int i = 0; i < 10; i++)
		fixture_daemon(m, 1100 + i, fixture_text(m, "shim-%d", i), "keeps one container");
	for (int i = 0; i < 600; i++) {
		struct model_process *p = fixture_process(m, 2000 + i, 1000 + i % 24, "worker",
		        fixture_text(m, "worker %d", i), ROLE_CONTAINERIZED);
		p->container = i % 24;
		m->containers[i % 24].processes++;
		p->ns_pid = 2 + i / 24;
	}
	for (int i = 0; i < 40; i++)
		fixture_link(m, HOST_NS + NS_NET, 10 + i, fixture_text(m, "veth%d", i),
		        fixture_text(m, "10.0.%d.1/24", i), true);
	return m;
}

static struct model *machine_of_processes(int n)
{
	struct model *m = fixture_host();

	for (int i = 0; i < n; i++)
		fixture_process(
		        m, 2000 + i, 1, "worker", fixture_text(m, "worker %d", i), ROLE_REGULAR);
	return m;
}

static struct model *machine_of_containers(int n)
{
	struct model *m = fixture_host();

	for (int i = 0; i < n; i++)
		fixture_container(m, fixture_text(m, "web%04d", i), 2000 + i, 410, "httpd -f")
		        ->status = CONTAINER_FOREIGN;
	return m;
}

/* What a person can tell apart: boxes, and rows with words in them. */
static size_t visible(const struct scene *s)
{
	return s->n_boxes + s->n_texts + s->n_meters;
}

struct cost {
	double layout, canvas; /* CPU ms, median of the rounds */
	size_t visible;
};

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof *values, by_value);
	return values[n / 2];
}

static struct cost measure(const struct view *v, const struct view_input *in, int rounds)
{
	double *layout = calloc((size_t)rounds, sizeof *layout);
	double *canvas = calloc((size_t)rounds, sizeof *canvas);
	struct cost cost = {0};

	for (int i = 0; i < rounds; i++) {
		double start = cpu_ms(), middle;
		struct scene s;
		struct canvas c;

		if (v->layout(in, &s) < 0 || canvas_init(&c, s.width, s.height) < 0)
			exit(1);
		middle = cpu_ms();
		canvas_draw(&c, &s, false);
		canvas[i] = cpu_ms() - middle;
		layout[i] = middle - start;
		cost.visible = visible(&s);
		canvas_release(&c);
		scene_release(&s);
	}
	cost.layout = median(layout, rounds);
	cost.canvas = median(canvas, rounds);
	free(layout);
	free(canvas);
	return cost;
}

static void print_costs(int rounds)
{
	static const int sizes[][2] = {{80, 24}, {110, 44}, {200, 60}};
	struct model *machines[] = {
	        machine_of_500(), machine_of_containers(1000), machine_of_processes(10000)};
	static const char *const names[] = {
	        "24 containers, 750 processes", "1000 containers", "10000 processes"};

	printf("| CPU time, median of %d | view | size | visible | layout ms | canvas ms | both |\n"
	       "| --- | --- | --- | ---: | ---: | ---: | ---: |\n",
	        rounds);
	for (size_t m = 0; m < 3; m++)
		for (const struct view *v = views; v->name; v++)
			for (size_t k = 0; k < 3; k++) {
				struct view_input in = {.now = machines[m],
				        .before = machines[m],
				        .width = sizes[k][0],
				        .height = sizes[k][1]};
				struct cost c = measure(v, &in, rounds);

				printf("| %s | %s | %dx%d | %zu | %.2f | %.2f | %.2f |\n", names[m],
				        v->name, in.width, in.height, c.visible, c.layout, c.canvas,
				        c.layout + c.canvas);
			}
	for (size_t m = 0; m < 3; m++)
		model_free(machines[m]);
}

/* ---- bytes to the terminal ---- */

enum { MARK = 1, ROWS = 60, COLUMNS = 200 };

/* What stands at the other end of the terminal: counts, and reports at each mark. */
struct terminal {
	int master, counts[2];
	pid_t reader;
};

static void read_terminal(const struct terminal *t)
{
	static char bytes[1 << 16];
	size_t sum = 0;

	for (;;) {
		ssize_t n = read(t->master, bytes, sizeof bytes);
		if (n <= 0)
			_exit(0);
		sum += (size_t)n;
		if (bytes[n - 1] != MARK)
			continue;
		sum--;
		if (write(t->counts[1], &sum, sizeof sum) != sizeof sum)
			_exit(1);
		sum = 0;
	}
}

/* Standard input and output become a terminal of 200 x 60. */
static bool open_terminal(struct terminal *t)
{
	const struct winsize size = {.ws_row = ROWS, .ws_col = COLUMNS};
	int slave;

	if (openpty(&t->master, &slave, NULL, NULL, &size) < 0 || pipe(t->counts) < 0)
		return false;
	dup2(slave, STDIN_FILENO);
	dup2(slave, STDOUT_FILENO);
	t->reader = fork();
	if (t->reader == 0) {
		close(slave);
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		read_terminal(t);
	}
	close(slave);
	return t->reader > 0;
}

static size_t bytes_of_frame(
        const struct terminal *t, struct screen *screen, const struct canvas *c)
{
	size_t sum = 0;
	char mark = MARK;

	screen_clear(screen);
	screen_put_canvas(screen, 0, 0, ROWS, COLUMNS, c);
	screen_flush(screen);
	if (write(STDOUT_FILENO, &mark, 1) != 1 ||
	        read(t->counts[0], &sum, sizeof sum) != sizeof sum)
		exit(1);
	return sum;
}

static void draw_view(const char *view, const struct view_input *in, struct canvas *ret)
{
	struct scene s;

	if (view_find(view)->layout(in, &s) < 0 || canvas_init(ret, COLUMNS, ROWS) < 0)
		exit(1);
	canvas_draw(ret, &s, false);
	scene_release(&s);
}

static size_t cells_changed(const struct canvas *a, const struct canvas *b)
{
	size_t n = 0;

	for (int i = 0; i < a->width * a->height; i++)
		n += strcmp(a->cells[i].text, b->cells[i].text) ||
		     a->cells[i].role != b->cells[i].role || a->cells[i].mark != b->cells[i].mark ||
		     a->cells[i].strong != b->cells[i].strong;
	return n;
}

struct event {
	const char *what, *view;
	struct model *now;
};

/* One frame after the other, each against what a program sends that paints all of it. */
static void print_bytes(FILE *report)
{
	struct model *one = machine_of_500(), *use = machine_of_500(), *more = machine_of_500(),
	             *added = machine_of_500();
	struct terminal t;
	struct screen *screen = NULL;
	struct canvas before, now;
	const struct event events[] = {
	        {"nothing", "host", one},
	        {"memory and pids of one control group", "host", use},
	        {"one process more", "host", more},
	        {"one container more", "host", added},
	        {"another view", "kernel", added},
	        {"nothing there", "kernel", added},
	};

	use->cgroups[1].memory_current += 3 << 20;
	use->cgroups[1].pids_current++;
	use->cgroups[1].pids_max = one->cgroups[1].pids_max;
	fixture_process(more, 5000, 1, "make", "make", ROLE_REGULAR);
	fixture_process(added, 5000, 1, "make", "make", ROLE_REGULAR);
	fixture_container(added, "web24", 5001, 410, "httpd -f");
	if (!open_terminal(&t) || screen_open(THEME_DARK, &screen, NULL) < 0)
		exit(1);
	draw_view("host", &(struct view_input){.now = one, .width = COLUMNS, .height = ROWS},
	        &before);
	fprintf(report,
	        "| what changed | cells | bytes | bytes a cell | painting all of it |\n"
	        "| --- | ---: | ---: | ---: | ---: |\n| the first frame | %d | %zu | | |\n",
	        ROWS * COLUMNS, bytes_of_frame(&t, screen, &before));
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		auto_buf all = BUF_INIT;
		size_t cells, bytes;

		draw_view(events[i].view,
		        &(struct view_input){
		                .now = events[i].now, .width = COLUMNS, .height = ROWS},
		        &now);
		text_write(&now, THEME_DARK, &all);
		cells = cells_changed(&before, &now);
		bytes = bytes_of_frame(&t, screen, &now);
		fprintf(report, "| %s | %zu | %zu | %.1f | %zu |\n", events[i].what, cells, bytes,
		        cells ? (double)bytes / (double)cells : 0.0, all.len);
		canvas_release(&before);
		before = now;
	}
	canvas_release(&before);
	screen_close(screen);
	model_free(one);
	model_free(use);
	model_free(more);
	model_free(added);
}

/* ---- for others to be measured by ---- */

static void write_svg(void)
{
	struct model *m = machine_of_500();
	struct view_input in = {.now = m, .width = COLUMNS, .height = ROWS};
	struct scene s;
	auto_buf out = BUF_INIT;

	if (view_host_layout(&in, &s) < 0)
		exit(1);
	svg_write(&s, THEME_LIGHT, &out);
	fwrite(buf_text(&out), 1, out.len, stdout);
	scene_release(&s);
	model_free(m);
}

/* The same processes as boxes, by who started whom. */
static void write_dot(void)
{
	struct model *m = machine_of_500();

	puts("digraph machine { node [shape=box];");
	for (size_t i = 0; i < m->n_processes && i < 500; i++)
		printf("p%d [label=\"%s\"]; p%d -> p%d;\n", (int)m->processes[i].pid,
		        m->processes[i].cmdline, (int)m->processes[i].ppid,
		        (int)m->processes[i].pid);
	puts("}");
	model_free(m);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
	FILE *report;

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TERM", "xterm-256color", 1);
	unsetenv("NO_COLOR");
	if (argc > 1 && !strcmp(argv[1], "--svg")) {
		write_svg();
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--dot")) {
		write_dot();
		return 0;
	}
	print_costs(rounds > 0 ? rounds : ROUNDS);
	puts("");
	fflush(stdout);
	report = fdopen(dup(STDOUT_FILENO), "w");
	if (!report)
		return 1;
	print_bytes(report);
	return fclose(report) ? 1 : 0;
}
