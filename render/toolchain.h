/* The chain of programs from a person's shell to the kernel: which processes are links of it, and
 * what is observed between them. */
#pragma once

#include "render/card.h"
#include "render/sequence.h"
#include "render/view.h"

/* From left to right. */
enum tool_tier {
	TIER_YOU,
	TIER_SHELL,
	TIER_CLIENT,  /* docker, podman, ctr, cutaway run */
	TIER_INIT,    /* systemd, where it has started one of those that follow */
	TIER_ENGINE,  /* dockerd, podman's service, kubelet */
	TIER_MANAGER, /* containerd, crio */
	TIER_KEEPER,  /* containerd-shim, conmon, a monitor of ours */
	TIER_RUNTIME, /* runc, crun, cutaway-oci */
	TIER_CONTAINER,
	TIER_KERNEL,
};

/* As a sequence of at most `most` actors: where they are more, those of a tier that have a name are
 * one. All in the scene's arena; what is not there has no actor. Sets scene.failed when memory is
 * out. *ret_engines: whether any engine, client or container is there at all. */
void toolchain_find(const struct view_input *in, struct scene *s, size_t most, struct sequence *ret,
        bool *ret_engines);
