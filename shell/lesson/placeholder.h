/* The addresses that Katacoda and Killercoda fill into a page: of machines of theirs, which are not
 * here. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>

/* Appends the text with such addresses made those of this machine:
 *   https://[[HOST_SUBDOMAIN]]-8080-[[KATACODA_HOST]].environments.katacoda.com ->
 * http://localhost:8080
 *   {{TRAFFIC_HOST1_8080}} -> http://localhost:8080     {{TRAFFIC_SELECTOR}} -> http://localhost
 *   [[HOST_IP]] -> 127.0.0.1
 * Those of a second machine are left as they are, since there is none. Lines stay lines. True when
 * something was replaced. */
bool placeholder_replace(const char *text, struct buf *out);
