/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of iface stat share. */
#ifndef NT_IFACE_STAT_H
#define NT_IFACE_STAT_H

#include "iface_tool.h"

struct stat_cfg {
	struct nt_common common; /* first */
	struct nt_names dev;
	bool throughput;
	bool bits;
	bool errors; /* every counter, also those that are 0 */
};

/* What the driver counts of a device's queues, since its counters were read first. */
struct stat_driver {
	uint32_t ifindex;
	uint32_t pad;
	struct nt_queue_names names;
	struct nt_queue_stats first, was, now;
};

struct stat_state {
	struct iface_state s; /* first */
	struct stat_driver *driver[IFACE_MAX];
};

/* Words of a row: struct iface_queue. */
enum { STAT_PACKETS, STAT_BYTES, STAT_SIZE, STAT_WORDS = STAT_SIZE + IFACE_SIZES };

/* What a queue's driver counted; 0 where it counts nothing of that. */
uint64_t stat_driver_of(const struct stat_driver *d, bool all, enum iface_dir dir, uint32_t queue,
			enum nt_queue_what what);
const struct nt_queue_side *stat_side(const struct nt_queue_stats *q, enum iface_dir dir);
void stat_show(struct nt_run *run, bool final);

#endif
