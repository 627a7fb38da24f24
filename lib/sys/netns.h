/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces. */
#ifndef NT_NETNS_H
#define NT_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct nt_netns {
	int fd;        /* open namespace file, owned; -1 after close */
	uint32_t inum; /* inode number: what the kernel has in net->ns.inum */
	char name[64]; /* as the user gave it, or "current" */
};

/*
 * spec: NULL (the caller's own), a name under /run/netns, a process id, or a
 * path with a slash. Errors: exit code 3, text names the namespace and what to
 * do (absent; EPERM: CAP_SYS_PTRACE / CAP_SYS_ADMIN).
 */
int nt_netns_open(const char *spec, struct nt_netns *ns, struct nt_err *err);
void nt_netns_close(struct nt_netns *ns);
/*
 * Is what spec named when it was opened there no longer: the name deleted or given to
 * another namespace, the process ended? The namespace itself lives while anything holds
 * it, the open fd included. Where looking is not allowed it counts as there.
 */
bool nt_netns_gone(const struct nt_netns *ns, const char *spec);
/* The name under /run/netns of the namespace with this inode number; false: it has none. */
bool nt_netns_name(uint32_t inum, char *buf, size_t len);
/*
 * Run fn in the namespace and come back. Returns fn's result, or -errno when
 * the switch fails (text in err). Switches only when needed, so that a caller
 * without CAP_SYS_ADMIN can work in its own namespace.
 */
int nt_netns_run(const struct nt_netns *ns, int (*fn)(void *arg), void *arg, struct nt_err *err);

/* For the rest of the process's life: for one that then gives its capabilities up. */
int nt_netns_enter(const struct nt_netns *ns, struct nt_err *err);

#endif
