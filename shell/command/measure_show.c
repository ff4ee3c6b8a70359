#include "shell/command/measure_show.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/measure/measure.h"
#include "shell/command.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>

enum { WIDTH = 80, WIDTH_MAX = 500 };

bool measure_show_unit(const char *text, enum bars_unit *ret)
{
	static const struct {
		const char *name;
		enum bars_unit unit;
	} units[] = {{"us", BARS_UNIT_US}, {"ms", BARS_UNIT_MS}, {"s", BARS_UNIT_S}};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(text, units[i].name)) {
			*ret = units[i].unit;
			return true;
		}
	return false;
}

static int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int width = columns ? atoi(columns) : 0;

	if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col)
		width = size.ws_col;
	return width > 0 && width < WIDTH_MAX ? width : WIDTH;
}

static int print_bars(
        const struct measure_show_options *o, const struct measure *const *chosen, size_t n)
{
	auto_free struct bar *bars = calloc(n + 1, sizeof *bars);
	struct bars_options how = {
	        .width = terminal_width() - 1, /* some terminals wrap a line that is full */
	        .ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	        .unit = o->unit,
	};
	auto_buf text = BUF_INIT;

	for (size_t i = 0; bars && i < n; i++) {
		struct measure_summary s;
		measure_summarize(chosen[i], &s);
		bars[i] = (struct bar){
		        chosen[i]->name, s.q1, s.median, s.q3, s.max, s.cpu, chosen[i]->n};
	}
	if (bars)
		bars_write(bars, n, &how, &text);
	if (!bars || buf_failed(&text))
		return -ENOMEM;
	fputs(buf_text(&text), stdout);
	return 0;
}

static json_t *to_json(const struct measure *m)
{
	json_t *wall = json_array(), *cpu = json_array();
	struct measure_summary s;

	measure_summarize(m, &s);
	for (size_t i = 0; i < m->n; i++) {
		json_array_append_new(wall, json_integer((json_int_t)m->samples[i].wall_us));
		json_array_append_new(cpu, json_integer((json_int_t)m->samples[i].cpu_us));
	}
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name", m->name,
	        "command", m->command, "runs", (json_int_t)m->n, "min_us", (json_int_t)s.min,
	        "q1_us", (json_int_t)s.q1, "median_us", (json_int_t)s.median, "q3_us",
	        (json_int_t)s.q3, "max_us", (json_int_t)s.max, "cpu_us", (json_int_t)s.cpu,
	        "wall_us_each", wall, "cpu_us_each", cpu);
}

static int print_json(const struct measure *const *chosen, size_t n)
{
	json_t *list = json_array();
	int r = list ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (json_array_append_new(list, to_json(chosen[i])) < 0)
			r = -ENOMEM;
	if (r == 0 && (json_dumpf(list, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF))
		r = -EIO;
	json_decref(list);
	return r;
}

static int not_there(const struct measure_list *list, const char *name, struct error *err)
{
	auto_buf there = BUF_INIT;

	for (size_t i = 0; i < list->n; i++)
		buf_addf(&there, "%s%s", i ? ", " : "", list->all[i].name);
	error_set(err, ENOENT, "show measurement", name, "there is none of that name");
	if (list->n)
		error_advise(err, "there are: %s", buf_text(&there));
	else
		error_advise(err, "make one: cutaway measure --name %s -- CMD",
		        measure_name_ok(name) ? name : "NAME");
	return -ENOENT;
}

/* Only a place that is there is read: who looks makes nothing. */
static int read_all(struct measure_list *ret, struct error *err)
{
	auto_free char *runtime = NULL;
	auto_buf place = BUF_INIT;
	int r = dirs_path(DIRS_RUNTIME, NULL, false, &runtime, err);
	auto_close fd = r < 0 ? -1 : open(runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (r < 0 || fd < 0)
		return r;
	measure_place(&place);
	r = measure_list_read(fd, buf_text(&place), ret);
	return r < 0 ? error_set(err, -r, "read measurements", buf_text(&place), NULL) : 0;
}

static int choose(const struct measure_list *list, const char *const *names, size_t n,
        const struct measure **chosen, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		chosen[i] = measure_find(list, names[i]);
		if (!chosen[i])
			return not_there(list, names[i], err);
	}
	for (size_t i = 0; n == 0 && i < list->n; i++)
		chosen[i] = &list->all[i];
	return 0;
}

int measure_show(const struct measure_show_options *options, const char *const *names, size_t n)
{
	auto_free const struct measure **chosen = calloc(n + MEASURE_KEPT_MAX + 1, sizeof(void *));
	struct measure_list list = {0};
	struct error err = {0};
	int r = chosen ? read_all(&list, &err) : error_set(&err, ENOMEM, "show", "bars", NULL);

	if (r == 0)
		r = choose(&list, names, n, chosen, &err);
	if (r == 0) {
		n = n ? n : list.n;
		r = options->json ? print_json(chosen, n) : print_bars(options, chosen, n);
		if (r < 0)
			error_set(&err, -r, "write", "the measurements", NULL);
		else if (!n && !options->json)
			puts("Nothing has been measured yet. For example: cutaway measure -- true");
	}
	measure_list_release(&list);
	return r < 0 ? command_fail("measure", &err) : 0;
}
