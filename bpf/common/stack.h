/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: sizes of the stack store (stack.bpf.h). */
#ifndef NT_STACK_H
#define NT_STACK_H

#include <linux/types.h>

#define NT_STACK_DEPTH_MIN 8   /* the store holds and compares as many frames */
#define NT_STACK_DEPTH_MAX 127 /* kernel.perf_event_max_stack's default */
#define NT_STACK_PLUMBING 8    /* frames that may come before the first that counts */
#define NT_STACK_ROOM 144      /* words of a scratch: depth + 1 + twice the plumbing */

/* Frames in the store: one more than are shown tells that a stack goes on. */
#define NT_STACK_STORED(depth) ((depth) + 1)
/* What to walk, so that they are there whatever the plumbing is. */
#define NT_STACK_BYTES(depth) (8 * (NT_STACK_STORED(depth) + NT_STACK_PLUMBING))

#endif
