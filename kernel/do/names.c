#include "kernel/do/names.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

static const char *const moods[] = {"able", "agile", "bold", "brave", "bright", "calm", "clever",
        "cosy", "deft", "eager", "early", "fair", "fine", "fond", "gentle", "glad", "keen", "kind",
        "light", "lively", "lucky", "merry", "neat", "noble", "patient", "plain", "proud", "quick",
        "quiet", "ready", "sunny", "witty"};
static const char *const animals[] = {"badger", "beaver", "bison", "crane", "deer", "dove", "eagle",
        "falcon", "ferret", "finch", "fox", "gecko", "hare", "heron", "ibex", "jay", "lark", "lynx",
        "marten", "mole", "newt", "otter", "owl", "pika", "plover", "raven", "robin", "seal",
        "stork", "swift", "toad", "wren"};

char *name_make(void)
{
	uint8_t random[2] = {0};
	char *name = NULL;

	if (getrandom(random, sizeof random, 0) < 0)
		return NULL;
	if (asprintf(&name, "%s-%s", moods[random[0] % 32], animals[random[1] % 32]) < 0)
		return NULL;
	return name;
}
