/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: what the rtt tools share between kernel and user side. */
#ifndef NT_RTT_H
#define NT_RTT_H

#include "filter.h"
#include "session.h"
#include "stack.h"
#include "trip.h"

/* Session field "dir", and of a whole run. */
enum rtt_dir {
	RTT_TX, /* this host pings */
	RTT_RX, /* it is pinged */
	RTT_DIRS
};

/* Where a packet is seen, in the order of the stages of a host that pings. */
enum rtt_hook {
#define S(id, ipv4, ipv6) RTT_##id,
#include "rtt_hooks.def"
#undef S
	RTT_HOOKS,
	RTT_SWITCH = RTT_HOOKS, /* in Open vSwitch, either way */
	RTT_USER,               /* the same, where a process is */
};

/* The same hooks for both directions: what is sent comes first or second. */
static inline __attribute__((always_inline)) __u32 rtt_stage(__u32 hook, __u32 dir)
{
	return hook ^ (dir == RTT_RX ? 2 : 0);
}
#define S(id, tx, rx)                                                     \
	_Static_assert((RTT_##tx ^ 0) == NT_TRIP_##id, "order of hooks"); \
	_Static_assert((RTT_##rx ^ 2) == NT_TRIP_##id, "order of hooks");
#include "rtt_stages.def"
#undef S

#define RTT_STACK_DEPTH 16 /* frames that are shown */
/* With the plumbing, which user space cuts off. */
#define RTT_FRAMES NT_STACK_HASHED(RTT_STACK_DEPTH + NT_STACK_PLUMBING)

struct rtt_kcfg {
	struct nt_filter f; /* source: who pings */
	struct nt_sess_cfg s;
	struct nt_dev ns; /* the namespace; no device */
	__u32 dir;        /* enum rtt_dir */
	__u32 stacks;     /* a stack is taken at each stage */
};

#endif
