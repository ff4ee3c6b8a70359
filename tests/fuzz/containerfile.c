/* A Containerfile: read, and each word expanded; what is wrong has a place. */
#include "kernel/build/containerfile.h"
#include "kernel/base/cleanup.h"
#include "kernel/build/expand.h"
#include "kernel/build/ignore.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *value(const void *data, const char *name, size_t n)
{
	(void)data;
	return n == 1 && name[0] == 'A' ? "a value" : NULL;
}

static void look(const struct containerfile *f)
{
	for (size_t i = 0; i < f->n_instructions; i++) {
		const struct cf_instruction *one = &f->instructions[i];
		unsigned line = 0, column = 0;
		containerfile_place(f, one->at, &line, &column);
		FUZZ_CHECK(line == one->line && column > 0);
		FUZZ_CHECK(instruction_name(one->kind) && one->text);
		for (size_t k = 0; k < one->n_words; k++) {
			auto_buf out = BUF_INIT;
			if (one->words[k].text)
				expand(f, &one->words[k], value, NULL, &out, NULL);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct containerfile f = {0};
	struct ignore *ignore = NULL;
	struct error err = {0};

	if (containerfile_parse("Containerfile", (const char *)bytes, n, &f, &err) == 0)
		look(&f);
	else
		FUZZ_CHECK(err.cause[0]);
	containerfile_release(&f);
	if (ignore_parse(".containerignore", (const char *)bytes, n, &ignore, NULL) == 0)
		ignore_matches(ignore, "a/b/c");
	ignore_free(ignore);
	return 0;
}
