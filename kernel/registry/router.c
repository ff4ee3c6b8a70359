/* Every request comes through here: what it asks for, whether it may, and who answers. */
#include "kernel/registry/access.h"
#include "kernel/registry/exchange.h"
#include "kernel/registry/state.h"

/* GET /v2/: "is this a registry, and may I?" (OCI distribution specification 1.1, "Determining
 * Support"). */
void answer_base(struct exchange *e)
{
	if (e->method == METHOD_GET || e->method == METHOD_HEAD)
		reply_json(&e->reply, 200, "application/json", json_object());
	else
		reply_fault(&e->reply, FAULT_METHOD, NULL);
}

void exchange_begin(struct exchange *e, const char *path)
{
	static void (*const answers[])(struct exchange *) = {
	        [ROUTE_BASE] = answer_base,
	        [ROUTE_CATALOG] = answer_catalog,
	        [ROUTE_TAGS] = answer_tags,
	        [ROUTE_MANIFEST] = answer_manifest,
	        [ROUTE_BLOB] = answer_blob,
	        [ROUTE_UPLOADS] = answer_uploads,
	        [ROUTE_UPLOAD] = answer_upload,
	        [ROUTE_REFERRERS] = answer_referrers,
	        [ROUTE_TOKEN] = answer_token,
	};
	enum fault fault = route_parse(path, &e->route);

	/* What can be no tag is a manifest that nobody has; only who wants to make one errs. */
	if (fault == FAULT_TAG_INVALID && e->method != METHOD_PUT)
		fault = FAULT_MANIFEST_UNKNOWN;
	if (!access_check(e->registry->access, e))
		return;
	if (fault != FAULT_NONE)
		reply_fault(&e->reply, fault, NULL);
	else
		answers[e->route.kind](e);
}
