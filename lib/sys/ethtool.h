/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a driver counts of each of its queues, by the names that it gives its counters. */
#ifndef NT_ETHTOOL_H
#define NT_ETHTOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "netns.h"

enum nt_queue_what { NT_QUEUE_PACKETS, NT_QUEUE_BYTES, NT_QUEUE_DROPS, NT_QUEUE_WHATS };

/* A counter of a queue; rx: of its receiving side. */
struct nt_queue_name {
	bool rx;
	uint32_t queue;
	enum nt_queue_what what;
};
/*
 * Is the name that of all packets, bytes or drops of one queue ("rx_queue_0_packets",
 * "tx-3.bytes", "[1]: rx_ucast_packets")? A part of them ("rx0_csum_none",
 * "rx_queue_0_xdp_drops") is not.
 */
bool nt_queue_name_parse(const char *name, struct nt_queue_name *out);

/* Of queues with higher numbers nothing is told. */
#define NT_QUEUES_MAX 256

/* Of one direction of a device. */
struct nt_queue_side {
	uint32_t queues; /* in use, as the driver says; 0: it does not */
	uint32_t has;    /* bit for each NT_QUEUE_* that it counts */
	uint64_t v[NT_QUEUES_MAX][NT_QUEUE_WHATS];
};
struct nt_queue_stats {
	struct nt_queue_side rx, tx;
};

/* Which of a device's counters are of queues, read once. Zero-initialise. */
struct nt_queue_names {
	uint32_t ifindex, n;
	struct nt_queue_name *v; /* owned: nt_queue_names_free(); queue is UINT32_MAX: none */
};

/* A socket in the namespace, to be closed with close(). */
int nt_ethtool_open(const struct nt_netns *ns, struct nt_err *err);
/*
 * What the device's driver counts, zeroes where it counts nothing. 0 or -errno, -ENODEV:
 * no such device. Needs no capability.
 */
int nt_ethtool_queues(int fd, uint32_t ifindex, struct nt_queue_names *names,
		      struct nt_queue_stats *out);
void nt_queue_names_free(struct nt_queue_names *names);
/* Name of the driver and of the device's place on its bus; "": it has none. 0 or -errno. */
int nt_ethtool_driver(int fd, uint32_t ifindex, char driver[32], char bus[32]);

#endif
