/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: sizes of the stack store (stack.bpf.h). */
#ifndef NT_STACK_H
#define NT_STACK_H

#include <linux/types.h>

#define NT_STACK_DEPTH_MIN 8   /* the store holds and compares as many frames */
#define NT_STACK_DEPTH_MAX 127 /* kernel.perf_event_max_stack's default */
#define NT_STACK_PLUMBING 8    /* frames among which the first that counts is looked for */
#define NT_STACK_BEFORE 15     /* frames that may come before the first that counts, at most */
#define NT_STACK_ROOM 144      /* words of a scratch */

/* Frames in the store: one more than are shown tells that a stack goes on. */
#define NT_STACK_STORED(depth) ((depth) + 1)
/* Frames by which stacks are told apart: of those in the store the first, and the rest in eights. */
#define NT_STACK_HASHED(depth) (((depth) + 7) / 8 * 8 + 1)
/* What to walk, besides the frames before: the look for the first one is among them. */
#define NT_STACK_WALKED(depth) \
	(NT_STACK_HASHED((depth) < NT_STACK_BEFORE ? NT_STACK_BEFORE : (depth)))

#endif
