/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: limits and small types that the kernel side and the user side
 * share. Fixed widths, no holes, no pointers.
 */
#ifndef NT_TYPES_H
#define NT_TYPES_H

#include <linux/types.h>

#define NT_MAX_ADDRS 8   /* entries of a --src-ip or --dst-ip list */
#define NT_MAX_PORTS 8   /* entries of a port list */
#define NT_MAX_IFACES 16 /* devices in all roles together, after expansion */
#define NT_IFNAMSIZ 16

/* An address with its mask, network byte order; IPv4 in word 0, rest zero. */
struct nt_addr {
	__u32 addr[4];
	__u32 mask[4];
} __attribute__((aligned(8)));

/* A list of addresses; n == 0 means any. family: 0 any, 4 or 6. */
struct nt_addrs {
	__u32 n;
	__u32 family;
	struct nt_addr a[NT_MAX_ADDRS];
};

/* A list of ports, host byte order; n == 0 means any. */
struct nt_ports {
	__u16 n;
	__u16 p[NT_MAX_PORTS + 1];
};

#endif
