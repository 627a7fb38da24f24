/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: the counters of a tool, one value per CPU. The first 16 are the
 * same for every tool: every place where something can be missed has one.
 */
#ifndef NT_COUNTERS_H
#define NT_COUNTERS_H

#include <linux/types.h>

enum nt_counter {
	NT_C_EVENT_LOST,    /* record not delivered: buffer full */
	NT_C_TABLE_FULL,    /* packet not tracked: its place in the table is taken */
	NT_C_EVICTED,       /* never counted; those behind it keep their places on tapes */
	NT_C_HEADER_UNREAD, /* header not in the linear part, or unreadable */
	NT_C_STACK_LOST,    /* stack not stored */
	NT_C_SUBMITTED,     /* records handed to the buffer */
	NT_C_STARTED,       /* sessions begun */
	NT_C_DUPLICATE,     /* first stage seen again within the timeout */
	NT_C_ORPHAN,        /* later stage of a packet that is not in the table */
	NT_C_TOOL = 16,     /* the tool's own begin here */
	NT_C_MAX = 64
};

struct nt_counters {
	__u64 c[NT_C_MAX];
};

#endif
