#include "kernel/base/place_name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GROUP "cutaway"

enum { DIGITS = 8 };

static const char hex[] = "0123456789abcdef";

static bool is_given(const char *runtime)
{
	static const char before[] = "/run/user/", after[] = "/cutaway";
	size_t digits;

	if (!strcmp(runtime, "/run/cutaway"))
		return true;
	if (geteuid() == 0 || strncmp(runtime, before, sizeof before - 1) != 0)
		return false;
	runtime += sizeof before - 1;
	digits = strspn(runtime, "0123456789");
	return digits && !strcmp(runtime + digits, after);
}

/* FNV-1a. Who can choose the path to meet another's owns both directories anyway. */
static uint32_t hash(const char *text)
{
	uint32_t h = 2166136261U;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619U;
	return h;
}

void place_suffix(const char *runtime, char ret[static PLACE_SUFFIX_SIZE])
{
	if (is_given(runtime))
		ret[0] = '\0';
	else
		snprintf(ret, PLACE_SUFFIX_SIZE, "-%0*x", (int)DIGITS, (unsigned)hash(runtime));
}

void place_group(const char *runtime, char ret[static PLACE_GROUP_SIZE])
{
	char suffix[PLACE_SUFFIX_SIZE];

	place_suffix(runtime, suffix);
	snprintf(ret, PLACE_GROUP_SIZE, GROUP "%s", suffix);
}

bool place_is_named(const char *name, const char *stem)
{
	size_t n = strlen(stem);

	return !strncmp(name, stem, n) && name[n] == '-' && strspn(name + n + 1, hex) == DIGITS &&
	       !name[n + 1 + DIGITS];
}

bool place_is_group(const char *name)
{
	return !strcmp(name, GROUP) || place_is_named(name, GROUP);
}
