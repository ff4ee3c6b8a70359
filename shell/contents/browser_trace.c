/* One file in full, as `cutaway trace` tells it, to be scrolled through. The layers that have the
 * file are read once more for it. */
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/contents/browser_state.h"
#include "shell/contents/trace_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 6 }; /* of what does not fit into its line */

static int add_line(struct browser *b, const char *text, size_t n, int indent)
{
	char **grown = realloc(b->trace, (b->n_trace + 1) * sizeof *grown);

	if (!grown)
		return -ENOMEM;
	b->trace = grown;
	if (asprintf(&grown[b->n_trace], "%*s%.*s", indent, "", (int)n, text) < 0)
		return -ENOMEM;
	b->n_trace++;
	return 0;
}

static int wrap(struct browser *b, const char *line, int width)
{
	int r = 0, indent = 0;

	do {
		size_t n = text_fit(line, width - indent);
		size_t left = strlen(line);
		if (n < left) /* at a blank, if there is one not too far back */
			for (size_t k = n; k > n / 2; k--)
				if (line[k] == ' ') {
					n = k;
					break;
				}
		if (!n)
			n = left;
		r = add_line(b, line, n, indent);
		line += n;
		line += strspn(line, " ");
		indent = INDENT;
	} while (r == 0 && *line);
	return r;
}

static int split(struct browser *b, char *text)
{
	int width = b->columns_screen > 24 ? b->columns_screen - 4 : 20, r = 0;
	char *next;

	for (; r == 0 && *text; text = next) {
		size_t n = strcspn(text, "\n");
		next = text + n + (text[n] == '\n');
		text[n] = '\0';
		r = wrap(b, text, width);
	}
	return r;
}

static int fill(struct browser *b, struct trace_report *r, const char *path, struct error *err)
{
	int result = trace_of(r->contents, path, &r->trace, err);

	r->traced = result == 0;
	if (result == 0 && r->trace.program != FILE_NONE) {
		r->managers = packages_managers(&b->contents->files);
		result = libraries_of(b->contents, r->trace.program, &r->libraries, err);
		r->program = result == 0;
	}
	return result;
}

int browser_trace(struct browser *b, uint32_t node)
{
	char path[FILE_PATH_MAX];
	struct trace_report report = {.contents = b->contents, .path = path};
	struct error err = {0};
	auto_free char *text = NULL;
	size_t n;
	FILE *out;
	int r;

	browser_trace_release(b);
	file_tree_path(&b->contents->files, node, path);
	r = fill(b, &report, path, &err);
	out = r == 0 ? open_memstream(&text, &n) : NULL;
	if (out) {
		trace_print_text(out, &report);
		r = fclose(out) == 0 ? split(b, text) : -ENOMEM;
	} else if (r == 0) {
		r = -ENOMEM;
	}
	libraries_release(&report.libraries);
	trace_release(&report.trace);
	if (r < 0)
		snprintf(b->note, sizeof b->note, "%.120s",
		        err.cause[0] ? err.cause : "There is no memory left for this.");
	return r;
}

void browser_trace_release(struct browser *b)
{
	for (size_t i = 0; i < b->n_trace; i++)
		free(b->trace[i]);
	free(b->trace);
	b->trace = NULL;
	b->n_trace = 0;
}
