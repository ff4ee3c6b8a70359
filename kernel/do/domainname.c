/* The NIS domain name, setdomainname(2): the other field of a UTS namespace. */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const char *name = b->config->domainname;

	(void)s;
	buf_addf(&e->call, "setdomainname(\"%s\", %zu)", name, strlen(name));
	buf_addf(&e->shell, "domainname %s", name);
	buf_add(&e->why,
	        "The name of a NIS domain (not of the Internet's): the UTS namespace has a "
	        "field for it.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	const char *name = b->config->domainname;

	(void)s;
	if (setdomainname(name, strlen(name)) < 0)
		return child_fail(fail, errno, "setdomainname", name);
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	(void)s;
	(void)err;
	buf_addf(seen, "the kernel took the domain name %s\n", b->config->domainname);
	return 0;
}

const struct step_ops step_domainname = {
        .id = "domainname",
        .title = "a domain name",
        .man = "setdomainname(2), uts_namespaces(7)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
};
