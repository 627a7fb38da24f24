/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: what the drop tools share between kernel and user side. */
#ifndef NT_DROP_H
#define NT_DROP_H

#include "counters.h"
#include "filter.h"
#include "stack.h"

/* Frees that are normal although the kernel calls them drops: id, JSON key, text. */
enum drop_class {
#define C(id, key, text) DROP_CL_##id,
#include "drop_classes.def"
#undef C
	DROP_CLASSES
};

enum drop_counter {
	DROP_C_SEEN = NT_C_TOOL, /* frees that the kernel reported */
	DROP_C_FILTERED,         /* not what was asked for */
	DROP_C_OTHER,            /* drops without a row: the table was full */
	DROP_C_OTHER_BYTES,
	DROP_C_UNDECIDED, /* shown, though a later fragment has no ports to test */
	DROP_C_NESTED,    /* deeper interrupts than there are scratches: in "other" */
	DROP_C_HIDDEN,    /* one per class */
	DROP_C_REASON = DROP_C_HIDDEN + DROP_CLASSES, /* of another reason: in "filtered" */
	DROP_C_SAMPLED,                               /* drop details: left out by --sample */
	DROP_C_LIMITED,                               /* left out by --rate */
};

/* What a function means that frees (bits). */
#define DROP_FN_WRAPPER 0x01  /* frees for its caller: that one is the place */
#define DROP_FN_DATA 0x02     /* skb_release_data: the rest of a merged packet */
#define DROP_FN_ECHO 0x04     /* ICMP input: echo replies end here */
#define DROP_FN_CONTROL 0x08  /* ICMPv6 and IGMP input: what was processed ends here */
#define DROP_FN_TEARDOWN 0x10 /* what a socket had not read when it was closed */
#define DROP_FN_TAP 0x20      /* packet sockets: copies */
#define DROP_FN_TUN 0x40      /* tun and tap: what a guest sends, before it has a device */

/* What a reason means (bits). */
#define DROP_R_NONE 0x01 /* the kernel said none, or NOT_SPECIFIED */
#define DROP_R_NO_SOCKET 0x02
#define DROP_R_TEARDOWN 0x04
#define DROP_R_PURGE 0x08 /* a queue was emptied: which one tells the place */
#define DROP_R_TAP 0x10

#define DROP_WRAPPERS 4 /* of these are stepped over, at most */

#define DROP_REASONS 256 /* of the core; other subsystems' are above 2^16 */
#define DROP_ASKED 16    /* reasons that can be asked for */
#define DROP_FNS 64      /* a power of two */

/* What a row is told apart by (bits). */
#define DROP_BY_STACK 0x01
#define DROP_BY_PLACE 0x02
#define DROP_BY_REASON 0x04
#define DROP_BY_DEVICE 0x08
#define DROP_BY_FLOW 0x10

/* What the filter needs of a packet (bits). */
#define DROP_NEED_FLOW 0x01  /* addresses, ports, protocol */
#define DROP_NEED_FRAME 0x02 /* EtherType, VLAN */

/* Flags of a row. */
#define DROP_ROW_FRAG 0x01     /* later fragments: no ports */
#define DROP_ROW_NO_L4 0x02    /* the L4 header was not readable */
#define DROP_ROW_NO_STACK 0x04 /* the stack could not be stored */
#define DROP_ROW_REASON 0x08   /* the kernel gives reasons */

/* All that is not asked for is 0. Addresses and ports as in the packet. */
struct drop_key {
	__u64 stack; /* hash; 0: none */
	__u64 place; /* address behind the call that freed */
	__u32 reason;
	__u32 ifindex; /* of skb->dev; 0: none */
	__u32 inum;    /* its network namespace */
	__u32 iif;     /* where it came in, if that is another device */
	__u32 saddr[4];
	__u32 daddr[4];
	__u16 sport, dport;
	__u16 eth;   /* EtherType, host order, of what is not IP */
	__u16 vlan;  /* VLAN id + 1; 0: none */
	__u8 family; /* 4, 6, or 0: not IP */
	__u8 proto;
	__u8 flags; /* DROP_ROW_* */
	__u8 gen;   /* generation: rows of one are read while the other is filled */
	__u32 pad;
};
_Static_assert(sizeof(struct drop_key) == 80, "wire layout: fixed widths, no holes");

struct drop_val {
	__u64 count;
	__u64 bytes;
	__u64 first_ns;
	__u64 last_ns;
	char dev[NT_IFNAMSIZ]; /* name of the device at the first drop */
};

#define DROP_TYPE_OTHER 0x10000 /* none that --type has a name for */

struct drop_kcfg {
	struct nt_filter f;
	__u32 gen;
	__u32 by;          /* DROP_BY_* */
	__u32 walk;        /* frames of a stack, besides those before the first that counts */
	__u32 frames;      /* that are stored */
	__u32 need;        /* DROP_NEED_*; 0: the filter needs no headers */
	__u32 both_ways;   /* a packet of the other direction matches too */
	__u32 show_normal; /* hide no class */
	__u32 asked;       /* only these reasons; what is not used of them repeats the first */
	__u32 ask[DROP_ASKED];
	__u64 fn_start[DROP_FNS]; /* ascending; ~0: none */
	__u64 fn_end[DROP_FNS];
	__u8 fn_kind[DROP_FNS];
	__u8 reason_kind[DROP_REASONS];
	/* Of drop details: */
	__u32 type;   /* EtherType, DROP_TYPE_OTHER; 0: any */
	__u32 vlan;   /* VLAN id + 1 of one of its tags; 0: any */
	__u32 sample; /* one of so many; 0: all */
	__u32 rate;   /* records of a second; 0: any number */
};

#endif
