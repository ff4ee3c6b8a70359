/* The parts of the host view: which cards there are, and what they say. */
#pragma once

#include "render/card.h"
#include "render/view.h"

/* What every part needs. */
struct host {
	const struct view_input *in;
	const struct model *now, *before;
	struct scene *s;
	const struct model_container **containers; /* ours first, then others; by name */
	size_t n_containers, n_ours;
};

/* Cards of user space; `lab`, `registries`, `daemons` have no lines when there is nothing to tell.
 */
struct host_user {
	struct card lab, registries, daemons, processes;
	struct card *ours; /* containers of ours, then those asked for, then those that are gone */
	size_t n_ours;
	struct card *others; /* somebody else's containers */
	size_t n_others;
};

/* Cards of user space's containers, of ours and of others: more are a wall, not a picture. */
enum { HOST_CARDS = 12 };

/* Containers `first` to `end` of h->containers in at most `room` cards, by age: one each; with
 * `pods` one for those that share namespaces of their own (pods of Kubernetes); where that is too
 * many one for those that run the same program. `stands` counts what a card stands for. */
size_t host_grouped_cards(
        const struct host *h, struct card *cards, size_t room, size_t first, size_t end, bool pods);
void host_container_card(const struct host *h, struct card *card, const struct model_container *c);

enum host_kernel_card {
	KERNEL_NAMESPACES,
	KERNEL_CGROUPS,
	KERNEL_SECURITY,
	KERNEL_MOUNTS,
	KERNEL_NETWORK,
	KERNEL_CARDS,
};

void host_user_cards(const struct host *h, struct host_user *ret);
/* Whom a process (an index) is connected to, as words behind it in its line. */
void host_add_servers(const struct host *h, struct card_line *l, int process);
void host_registries_card(const struct host *h, struct card *c);
void host_kernel_cards(const struct host *h, struct card ret[KERNEL_CARDS]);
/* The model in as few lines as it can be told, for the smallest of windows. */
void host_summary(const struct host *h);
