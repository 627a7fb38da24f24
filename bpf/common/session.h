/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: what is known of one packet between its first and last stage.
 *
 * The table is an ARRAY map of sets; a packet may live in any of the NT_WAYS
 * slots of its set. It is a table of our own and not an LRU map, because
 * eviction and overflow are ours to count, and because its look-up is a few
 * inlined instructions where a hash map costs hundreds.
 */
#ifndef NT_SESSION_H
#define NT_SESSION_H

#include "packet.h"

#define NT_WAYS 4

/* Bits of nt_sess.flags. */
#define NT_SESS_DONE 0x01        /* last stage seen: complete */
#define NT_SESS_LATE 0x02        /* complete, but after the timeout */
#define NT_SESS_SWEPT 0x04       /* given up by user space: timeout */
#define NT_SESS_REPLACED 0x08    /* given up in the kernel: its slot was wanted */
#define NT_SESS_XMIT_FAILED 0x10 /* the driver refused it: see rc */
#define NT_SESS_ICMP_ERROR 0x20  /* an ICMP error quoted it: err_* */
#define NT_SESS_IN_FLIGHT 0x40   /* still open when the run ended */
#define NT_SESS_CLAIMED 0x80     /* its drop was already counted by user space */
#define NT_SESS_AGAIN 0x100      /* another like it began meanwhile: stages may be of either */

/*
 * One packet's story. The record that details modes send is this struct with
 * the stages that the tool has.
 */
struct nt_sess {
	__u64 end_ns;   /* time of the record: first, because records are ordered by it */
	__u64 first_ns; /* CLOCK_MONOTONIC of the first stage */
	struct nt_key key;
	__u32 dir;   /* the tool's direction number */
	__u32 seen;  /* bit per stage */
	__u32 flags; /* NT_SESS_* */
	__s32 rc;    /* last result of the driver */
	__u32 queue; /* queue mapping at the first stage */
	__u32 hash;  /* flow hash at the first stage */
	__u32 skb_len;
	__u32 pid;
	__u32 cpu;         /* of the first stage, last stage in the upper half */
	__u32 slot;        /* set * NT_WAYS + way */
	__u32 err_addr[4]; /* who sent the ICMP error */
	__u16 err_type_code;
	__u8 err_family;
	__u8 repeats;  /* hits of a stage that was stamped already */
	__u32 fence;   /* no meaning: an atomic addition to it is a memory barrier */
	char comm[16]; /* of the task at the first stage */
		       /* Behind it, valid where seen has the bit: per stage one __u64 ns, then
	 * per stage one __u32 ifindex. The number of stages is even. */
};
_Static_assert(sizeof(struct nt_sess) == 152, "wire layout: fixed widths, no holes");

/* How sessions live; part of a tool's kernel settings. */
struct nt_sess_cfg {
	__u64 timeout_ns;   /* unfinished after this: lost, or late if it still ends */
	__u64 reclaim_ns;   /* an unfinished session this old makes room for another; one that
			     * never had a second stage does so after the timeout */
	__u64 threshold_ns; /* records of sessions that took this long or longer */
	__u32 set_mask;     /* number of sets - 1 */
	__u32 emit;         /* records are sent at all */
	__u32 zero;         /* 0, which the verifier does not know: NT_ANY() */
	__u32 anew;         /* a first stage that comes again is another packet's: the session
			     * of before is given up, however young; else it is a duplicate */
};

/*
 * A mark, of user space for the kernel: first_ns of the session whose packets user space
 * counts. A program that ends the session and finds the mark counts none of them, and
 * leaves this instead: no time has these bits.
 */
#define NT_MARK_FOUND(first_ns) (~(__u64)(first_ns))

/* Head of a set; NT_WAYS slots of sizeof(struct nt_sess) + 12 * stages bytes, and of what the
 * tool keeps besides, follow. */
struct nt_set_head {
	__u64 tag[NT_WAYS];   /* 0: free; else the packet's hash */
	__u32 claim[NT_WAYS]; /* who is at it now: see session.bpf.h */
};

#endif
