/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: what iface stat and iface pps share between kernel and user side. */
#ifndef NT_PORTS_H
#define NT_PORTS_H

#include "counters.h"
#include "filter.h"

/* A device that is asked for has a number, the name's, as a bit of its role. */
#define IFACE_ROLE(i) (1U << (8 + (i)))
#define IFACE_MAX 16

enum iface_dir { IFACE_RX, IFACE_TX, IFACE_DIRS };

enum iface_counter {
	IFACE_C_SEEN = NT_C_TOOL, /* packets of devices that are asked for */
	IFACE_C_BUSY,             /* the driver had no room: the packet comes again */
	IFACE_C_FAILED,           /* the driver refused it */
};

/* Upper ends of the sizes that are told apart; the last has none. */
#define IFACE_SIZE_ENDS                     \
	{                                   \
		64, 512, 2048, 16384, 65536 \
	}
#define IFACE_SIZES 6

/* Of a queue in one direction: iface stat. */
struct iface_queue {
	__u64 packets;
	__u64 bytes;
	__u64 size[IFACE_SIZES];
};

/* What is told apart: id, JSON key. */
enum iface_class {
#define C(id, key) IFACE_CL_##id,
#include "iface_classes.def"
#undef C
	IFACE_CLASSES
};

/* Of a device in one direction: iface pps. */
struct iface_classes {
	__u64 n[IFACE_CLASSES];
	__u64 tagged; /* of these with a VLAN tag */
	__u64 unread; /* besides these: headers were not readable */
};

/* Queues that are told apart; those beyond share one row. */
#define IFACE_QUEUES 256

struct iface_kcfg {
	struct nt_filter f;
	__u32 queues;   /* rows of a device and direction, without that of the rest */
	__u32 segments; /* merged packets count as what they are made of, both ways */
	__u32 cpus;     /* possible ones: numbers above are those of NAPI contexts */
	__u32 pad;
};

#endif
