/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of iface irq share. */
#ifndef NT_IFACE_IRQ_H
#define NT_IFACE_IRQ_H

#include "clock.h"
#include "common_opts.h"
#include "ethtool.h"
#include "iface.h"
#include "irqs.h"
#include "netns.h"
#include "out.h"

struct irq_cfg {
	struct nt_common common; /* first */
	struct nt_names dev;
	const char *cpus;
	bool rates;
	bool flat;
};

#define IRQ_NODE_NONE (-1)
#define IRQ_DIR 512

/* An interrupt of a device. */
struct irq {
	uint32_t irq;
	bool has_row; /* in /proc/interrupts: somebody has asked for it */
	bool has_effective, has_hint, has_spurious;
	char name[NT_IRQ_NAME];
	struct nt_irq_queue queue;
	struct nt_cpuset allowed, effective, hint;
	uint64_t spurious, unhandled;
	uint64_t *count; /* of each CPU's column */
	uint64_t *grown; /* likewise, in the time of --rates */
};

/* A device with its interrupts. */
struct irq_dev {
	struct nt_iface i;
	char driver[32], bus[32];
	char dir[IRQ_DIR]; /* in /sys; "": none */
	int node;          /* IRQ_NODE_NONE: it is near none */
	uint32_t n;
	struct irq *v;
};

/* Of the machine. */
struct irq_machine {
	uint32_t cpus; /* columns of /proc/interrupts */
	uint32_t cpu[NT_CPUS_MAX];
	int16_t node[NT_CPUS_MAX]; /* of each CPU, by its number */
	bool nodes;                /* it has more than one, or says which */
};

struct irq_run {
	const struct irq_cfg *cfg;
	struct nt_out *out;
	struct nt_clock clock;
	struct irq_machine *m;
	struct nt_cpuset want; /* --cpus */
	uint64_t rate_ns;      /* measured; 0: without --rates */
	uint32_t ndevs;
	struct irq_dev dev[NT_MAX_NAMES];
};

/* --- irq_read.c --- */

int irq_machine_read(struct irq_machine *m, struct nt_err *err);
/* d->i, driver and bus are known: the rest. 0 or -errno. */
int irq_dev_read(const struct irq_machine *m, struct irq_dev *d, struct nt_err *err);
/* Once more the counts: what they grew by. */
int irq_grow(const struct irq_machine *m, struct irq_dev *d, struct nt_err *err);
void irq_dev_free(struct irq_dev *d);
/* Node of the first CPU of the set; IRQ_NODE_NONE: not known. */
int irq_node_of(const struct irq_machine *m, const struct nt_cpuset *s);

/* --- irq_print.c --- */

void irq_print(struct irq_run *run, const struct irq_dev *d);

#endif
