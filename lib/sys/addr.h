/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a network namespace, through rtnetlink. */
#ifndef NT_ADDR_H
#define NT_ADDR_H

#include <stdint.h>

#include "err.h"
#include "netns.h"

/* An address that the namespace's own stack answers to; IPv4 in word 0, rest zero. */
struct nt_local_addr {
	uint32_t family;  /* 4 or 6 */
	uint32_t addr[4]; /* network byte order */
};

/* More of them in a namespace are an error, -E2BIG. */
#define NT_ADDR_LIST_MAX 65536
struct nt_addr_list {
	uint32_t n;
	struct nt_local_addr *v; /* owned: nt_addr_list_free() */
};

int nt_addr_list(const struct nt_netns *ns, struct nt_addr_list *out, struct nt_err *err);
void nt_addr_list_free(struct nt_addr_list *l);

#endif
