/* What `pull` and `push` have in common on their command lines. */
#pragma once

#include "kernel/remote/remote.h"
#include "kernel/store/reference.h"

#include <getopt.h>
#include <stdbool.h>

struct transfer_options {
	struct remote_options remote;
	bool quiet, json;
};

/* For the table of getopt_long(3), and their part of the help. */
#define TRANSFER_OPTIONS                                                                           \
	{"tls-verify", optional_argument, NULL, 'T'}, {"authfile", required_argument, NULL, 'A'},  \
	        {"cert-dir", required_argument, NULL, 'C'},                                        \
	        {"timeout", required_argument, NULL, 'S'},                                         \
	        {"retry", required_argument, NULL, 'R'}, {"quiet", no_argument, NULL, 'q'},        \
	{                                                                                          \
		"json", no_argument, NULL, 'j'                                                     \
	}

#define TRANSFER_HELP                                                                              \
	"  -q, --quiet              no progress\n"                                                 \
	"      --json               the result as JSON\n"                                          \
	"      --tls-verify=false   any registry: no proof of who it is, plain http if it has "    \
	"no\n"                                                                                     \
	"                           TLS. Without this, only for one on this machine (localhost,\n" \
	"                           127.0.0.0/8, [::1]); --tls-verify wants proof there, too\n"    \
	"      --authfile FILE      name and password from this file, else as 'cutaway login',\n"  \
	"                           'podman login' and 'docker login' have kept them: in\n"        \
	"                           $REGISTRY_AUTH_FILE,\n"                                        \
	"                           containers/auth.json in $XDG_RUNTIME_DIR or ~/.config,\n"      \
	"                           ~/.docker/config.json\n"                                       \
	"      --cert-dir DIR       *.crt there are authorities to be trusted, NAME.cert and\n"    \
	"                           NAME.key our own certificate\n"                                \
	"      --timeout SECONDS    give up when less than 1 kB a second came for so long (30)\n"  \
	"      --retry N            how often what broke off is tried again (3)\n"

void transfer_options_init(struct transfer_options *o);
/* Takes one that getopt_long() has found. 0, or the exit status after saying what is wrong. */
int transfer_options_take(
        const char *command, int option, const char *value, struct transfer_options *o);

/* Reads the name of an image and completes it; says on stderr what a short one stands for, and why
 * (not when `quiet`). 0, or the exit status. */
int transfer_resolve(const char *command, const char *text, bool quiet, struct reference *ret);
