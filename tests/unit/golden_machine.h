/* Which pictures of which recorded machine are kept in tests/golden: one table, a row for each view
 * of a machine. A picture is named MACHINE-VIEW-SIZE. For tests that read such a machine. */
#pragma once

#include "kernel/observe/fact.h"
#include "tests/unit/golden.h"

enum golden_size {
	GOLDEN_SMALL = 1, /* 80x24: a terminal as it opens */
	GOLDEN_WIDE = 2,  /* 160x50: a whole screen */
	GOLDEN_BOTH = GOLDEN_SMALL | GOLDEN_WIDE,
	GOLDEN_PAGE = 4 /* SVG of 100x44, which a page of a handout holds */
};

struct golden_row {
	const char *machine, *view;
	const char *subject; /* NULL = what the view picks */
	int sizes;
};

static const struct golden_row golden_rows[] = {
        {"plain-laptop", "host", NULL, GOLDEN_BOTH},
        {"plain-laptop", "kernel", NULL, GOLDEN_SMALL},
        {"plain-laptop", "container", NULL, GOLDEN_SMALL},
        {"plain-laptop", "network", NULL, GOLDEN_SMALL},
        {"plain-laptop", "toolchain", NULL, GOLDEN_SMALL},
        {"plain-laptop", "image", NULL, GOLDEN_SMALL},
        {"plain-laptop", "steps", NULL, GOLDEN_SMALL},
        {"plain-laptop", "process", "612", GOLDEN_SMALL},
        {"plain-laptop", "namespace", "uts", GOLDEN_SMALL},
        {"plain-laptop", "fact", "pid.612.ns.mnt", GOLDEN_SMALL},

        {"docker-host-v1", "host", NULL, GOLDEN_BOTH | GOLDEN_PAGE},
        {"docker-host-v1", "kernel", NULL, GOLDEN_BOTH},
        {"docker-host-v1", "container", "1f2e3d4c5b6a", GOLDEN_BOTH},
        {"docker-host-v1", "network", NULL, GOLDEN_BOTH | GOLDEN_PAGE},
        {"docker-host-v1", "toolchain", NULL, GOLDEN_BOTH | GOLDEN_PAGE},
        {"docker-host-v1", "process", "1500", GOLDEN_BOTH},
        {"docker-host-v1", "namespace", "net", GOLDEN_SMALL},
        {"docker-host-v1", "fact", "container.1f2e3d4c5b6a.cgroup.memory.max", GOLDEN_BOTH},

        {"podman-user-v2", "host", NULL, GOLDEN_BOTH},
        {"podman-user-v2", "kernel", NULL, GOLDEN_BOTH},
        {"podman-user-v2", "container", "0123456789ab", GOLDEN_BOTH | GOLDEN_PAGE},
        {"podman-user-v2", "network", NULL, GOLDEN_SMALL},
        {"podman-user-v2", "toolchain", NULL, GOLDEN_BOTH},
        {"podman-user-v2", "process", "1722", GOLDEN_SMALL}, /* of root: hardly readable */
        {"podman-user-v2", "namespace", "user", GOLDEN_SMALL},
        {"podman-user-v2", "fact", "pid.1614.ns.user", GOLDEN_SMALL},

        {"kubernetes-node-v2", "host", NULL, GOLDEN_BOTH | GOLDEN_PAGE},
        {"kubernetes-node-v2", "kernel", NULL, GOLDEN_BOTH | GOLDEN_PAGE},
        {"kubernetes-node-v2", "container", "ffd491252a3f", GOLDEN_BOTH},
        {"kubernetes-node-v2", "network", NULL, GOLDEN_BOTH},
        {"kubernetes-node-v2", "toolchain", NULL, GOLDEN_BOTH},
        {"kubernetes-node-v2", "process", "861", GOLDEN_BOTH | GOLDEN_PAGE},
        {"kubernetes-node-v2", "namespace", "net", GOLDEN_BOTH | GOLDEN_PAGE},
        {"kubernetes-node-v2", "fact", "container.ffd491252a3f.cgroup.cpu.quota", GOLDEN_SMALL},

        {"unshare-hybrid", "host", NULL, GOLDEN_BOTH},
        {"unshare-hybrid", "kernel", NULL, GOLDEN_BOTH},
        {"unshare-hybrid", "container", "hand", GOLDEN_BOTH},
        {"unshare-hybrid", "network", NULL, GOLDEN_SMALL},
        {"unshare-hybrid", "toolchain", NULL, GOLDEN_SMALL},
        {"unshare-hybrid", "steps", NULL, GOLDEN_BOTH | GOLDEN_PAGE},
        {"unshare-hybrid", "process", "21100", GOLDEN_SMALL},
        {"unshare-hybrid", "namespace", "pid", GOLDEN_SMALL},
        {"unshare-hybrid", "fact", "container.hand.ns.uts", GOLDEN_SMALL | GOLDEN_PAGE},

        {"many-v1", "host", NULL, GOLDEN_BOTH},
        {"many-v1", "kernel", NULL, GOLDEN_SMALL},

        {"many-v2", "host", NULL, GOLDEN_BOTH},
        {"many-v2", "kernel", NULL, GOLDEN_BOTH},
        {"many-v2", "container", NULL, GOLDEN_SMALL},
        {"many-v2", "process", NULL, GOLDEN_SMALL},
        {"many-v2", "network", NULL, GOLDEN_SMALL},
        {"many-v2", "toolchain", NULL, GOLDEN_BOTH},
        {"many-v2", "namespace", "uts", GOLDEN_SMALL},
};

static inline void golden_row_draw(const struct golden_row *row, struct model *m)
{
	static const int sizes[][2] = {{80, 24}, {160, 50}, {100, 44}};
	struct view_input in = {.now = m, .subject = row->subject};
	struct model_fact fact;
	char name[96];

	if (!strcmp(row->view, "fact")) {
		assert_int_equal(fact_find(m, row->subject, &m->arena, &fact), 0);
		in.fact = &fact;
	}
	for (int i = 0; i < 3; i++) {
		struct scene s;

		if (!(row->sizes & 1 << i))
			continue;
		in.width = sizes[i][0];
		in.height = sizes[i][1];
		snprintf(name, sizeof name, "%s-%s-%dx%d", row->machine, row->view, in.width,
		        in.height);
		assert_int_equal(view_find(row->view)->layout(&in, &s), 0);
		if (1 << i == GOLDEN_PAGE)
			golden_svg(name, &s, THEME_LIGHT);
		else
			golden_text(name, &s, false);
		scene_release(&s);
	}
}

/* All pictures of the machine; there must be some. */
static inline void golden_machine(const char *machine, struct model *m)
{
	int drawn = 0;

	for (size_t i = 0; i < sizeof golden_rows / sizeof *golden_rows; i++)
		if (!strcmp(golden_rows[i].machine, machine)) {
			golden_row_draw(&golden_rows[i], m);
			drawn++;
		}
	assert_true(drawn > 0);
}
