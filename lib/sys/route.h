/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which way the kernel would send. */
#ifndef NT_ROUTE_H
#define NT_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "iface.h"

struct nt_route {
	uint32_t ifindex;
	bool local; /* an address of this host */
};

/* To an address (family 4 or 6, words in network order); 0 or -errno: -ENETUNREACH, ... */
int nt_route_to(int nl, uint32_t family, const uint32_t addr[4], struct nt_route *out);
/* Do dev's packets leave by lower: the same, its bond or bridge, a VLAN device on it? */
bool nt_iface_stands_on(const struct nt_iface_list *l, uint32_t dev, uint32_t lower);

#endif
