/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading a tool's object as the plan says, attaching, falling back. */
#ifndef NT_LOAD_H
#define NT_LOAD_H

#include <stdbool.h>

#include "err.h"
#include "known.h"
#include "plan.h"

struct bpf_object;
struct bpf_link;

struct nt_loaded {
	struct bpf_object *obj;
	struct bpf_link *link[NT_MAX_HOOKS];
	bool ring;  /* events come by ring buffer */
	int btf_fd; /* type information for CO-RE while libbpf loads, else 0 */
};

struct nt_load_opts {
	const struct nt_object *object;
	struct nt_plan *plan;
	struct nt_kernel *kernel;
	uint32_t ring_bytes; /* of the ring buffer, a power of two of pages */
	uint64_t known[NT_KNOWN_COUNT];
	/* Sizes of maps, before load; called again for every attempt. */
	int (*sizes)(struct bpf_object *obj, void *arg);
	/* Settings, after load and before the first attach. */
	int (*settings)(struct bpf_object *obj, void *arg);
	void *arg;
};

/*
 * Load and attach. A variant that the kernel refuses at load or attach is
 * marked in the plan and the next one is tried, until a needed hook has none
 * left (-ENOENT, exit code 3). kernel is open, as it was for the plan.
 */
int nt_load(const struct nt_load_opts *o, struct nt_loaded *l, struct nt_err *err);
/* Detach and free. Nothing stays attached: links and programs are plain fds. */
void nt_unload(struct nt_loaded *l);

#endif
