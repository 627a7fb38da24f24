/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: rtt system. Of request and reply each what Open vSwitch does with it on its
 * way between the stages of trip.h, which come first among the stages. One of the two
 * goes out, through the stack into the switch to the driver, the other comes in.
 */
#ifndef NT_RTT_SYSTEM_H
#define NT_RTT_SYSTEM_H

#include "rtt.h"

enum sys_step {
#define S(id, name) SYS_##id,
#include "system_steps.def"
#undef S
	SYS_STEPS
};
#define SYS_STAGES (NT_TRIP_STAGES + 2 * SYS_STEPS)

/* Stages by path, 0: the request's, 1: the reply's. */
#define SYS_AT(path, step) (NT_TRIP_STAGES + (path)*SYS_STEPS + (step))
#define SYS_AT_FIRST(path) ((path) ? NT_TRIP_REP_FIRST : NT_TRIP_REQ_FIRST)
#define SYS_AT_LAST(path) ((path) ? NT_TRIP_REP_LAST : NT_TRIP_REQ_LAST)
#define SYS_AT_VPORT(path) SYS_AT(path, SYS_VPORT)
#define SYS_AT_UPCALL(path) SYS_AT(path, SYS_UPCALL)
#define SYS_AT_USERSPACE(path) SYS_AT(path, SYS_USERSPACE)
#define SYS_AT_SEND(path) SYS_AT(path, SYS_SEND)

/* Times within a path, behind those of trip.h: the request's, then the reply's. */
enum sys_out {
#define S(id, name, key, from, to) SYS_OUT_##id,
#include "system_out.def"
#undef S
	SYS_OUT_PARTS
};
enum sys_in {
#define S(id, name, key, from, to) SYS_IN_##id,
#include "system_in.def"
#undef S
	SYS_IN_PARTS
};
#define SYS_SPANS (NT_TRIP_SEGMENTS + SYS_OUT_PARTS + SYS_IN_PARTS)
/* The first of them of the path that goes out, of the one that comes in. */
#define SYS_OUT_AT(dir) (NT_TRIP_SEGMENTS + ((dir) == RTT_TX ? 0 : SYS_IN_PARTS))
#define SYS_IN_AT(dir) (NT_TRIP_SEGMENTS + ((dir) == RTT_TX ? SYS_OUT_PARTS : 0))

enum sys_counter {
	SYS_C_UPCALL = NT_TRIP_C_TOOL, /* packets that went to user space, per path */
};

#endif
