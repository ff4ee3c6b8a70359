/* Names of images: what is read can be written, and reads the same again; what is refused says
 * where.
 */
#include "kernel/store/reference.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct reference r = {0}, again = {0}, full = {0};
	bool added[REFERENCE_PARTS];
	char text[REFERENCE_TEXT], second[REFERENCE_TEXT];
	struct error err = {0};
	char *name = strndup((const char *)bytes, n);
	size_t at = 0;

	if (!name)
		return 0;
	if (reference_parse(name, &r, &at, &err) < 0) {
		FUZZ_CHECK(at <= strlen(name));
		FUZZ_CHECK(err.cause[0]);
		free(name);
		return 0;
	}
	reference_format(&r, text);
	FUZZ_CHECK(!strcmp(text, name));
	reference_complete(&r, &full, added);
	reference_format(&full, text);
	/* What is filled in can make it longer than names may be. */
	if (reference_parse(text, &again, NULL, NULL) == 0) {
		reference_format(&again, second);
		FUZZ_CHECK(!strcmp(text, second));
	} else {
		FUZZ_CHECK(strlen(text) > REFERENCE_NAME_MAX);
	}
	free(name);
	return 0;
}
