/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Minimal views of the queueing layer's types. */
#ifndef NT_KERNEL_QDISC_BPF_H
#define NT_KERNEL_QDISC_BPF_H

#include "skb.bpf.h"

struct netdev_queue {
	struct net_device *dev;
} NT_VIEW;

#endif
