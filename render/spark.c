#include "render/spark.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/observe/model.h"

static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
enum { LEVELS = sizeof levels / sizeof *levels };

static const char *glyph_of(uint64_t value, uint64_t full)
{
	double level;

	if (value >= MODEL_UNKNOWN)
		return " ";
	level = full ? (double)value / (double)full * LEVELS : 0;
	return levels[level >= LEVELS ? LEVELS - 1 : (size_t)level];
}

const char *spark_text(
        struct scene *s, const uint64_t *values, size_t n, uint64_t full, size_t cells)
{
	auto_buf text = BUF_INIT;

	if (n < 2 || !cells)
		return "";
	for (size_t i = n; i < cells; i++)
		buf_addc(&text, ' ');
	for (size_t i = n > cells ? n - cells : 0; i < n; i++)
		buf_add(&text, glyph_of(values[i], full));
	return scene_format(s, "%s", buf_text(&text));
}
