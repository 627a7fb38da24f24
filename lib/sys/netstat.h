/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's counters of what it has received, sent and dropped: of a device, of its
 * queueing disciplines, of the CPUs' backlogs, of UDP. In the caller's namespace.
 */
#ifndef NT_NETSTAT_H
#define NT_NETSTAT_H

#include <linux/if_link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink.h"

/* What this kernel does not have yet stays 0. 0 or -errno. */
int nt_netstat_device(int nl, uint32_t ifindex, struct rtnl_link_stats64 *out);

/* Of all queueing disciplines of a device together. */
struct nt_qdisc_sum {
	uint64_t drops;
	uint64_t backlog; /* packets that wait */
};
int nt_netstat_qdisc(int nl, uint32_t ifindex, struct nt_qdisc_sum *out);

/* A queueing discipline as it is in the list. */
struct nt_qdisc {
	uint32_t handle, parent;
	uint64_t drops, backlog;
	/* of nt_qdisc_total(); 0 before */
	uint32_t up;
	struct nt_qdisc_sum below;
};
/*
 * A parent counts what its children drop, or does not (that is each one's own affair), so
 * that of both the greater sum is taken; a backlog likewise. n at most NT_QDISCS.
 */
#define NT_QDISCS 4096
void nt_qdisc_total(struct nt_qdisc *v, uint32_t n, struct nt_qdisc_sum *out);

/* Packets that found the backlog of their CPU full, and rounds that ended early; all CPUs.
 * Of the machine, not of the namespace. */
struct nt_softnet {
	uint64_t dropped, squeezed;
};
int nt_netstat_softnet(struct nt_softnet *out);
/* -EINVAL: not the file's text. */
int nt_softnet_parse(const char *text, struct nt_softnet *out);

/* UDP over IPv4 or IPv6. */
struct nt_udp_stat {
	uint64_t in_errors, rcvbuf_errors, sndbuf_errors, csum_errors;
};
int nt_netstat_udp(uint32_t family, struct nt_udp_stat *out);
/* Texts of /proc/net/snmp and /proc/net/snmp6. */
int nt_udp_parse(uint32_t family, const char *text, struct nt_udp_stat *out);

#endif
