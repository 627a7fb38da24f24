/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts: /proc/interrupts, /proc/irq, and lists and masks of CPUs. Nothing is set. */
#ifndef NT_IRQS_H
#define NT_IRQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's largest NR_CPUS. */
#define NT_CPUS_MAX 8192

struct nt_cpuset {
	uint64_t w[NT_CPUS_MAX / 64];
};

static inline bool nt_cpuset_has(const struct nt_cpuset *s, uint32_t cpu)
{
	return cpu < NT_CPUS_MAX && s->w[cpu / 64] >> (cpu % 64) & 1;
}
bool nt_cpuset_within(const struct nt_cpuset *s, const struct nt_cpuset *in);
bool nt_cpuset_empty(const struct nt_cpuset *s);
/* "0-3,8"; an empty one is an empty set. -EINVAL: it is none. */
int nt_cpuset_list(const char *text, struct nt_cpuset *s);
/* A mask as the kernel prints it: "ffffffff,00000003". -EINVAL. */
int nt_cpuset_mask(const char *text, struct nt_cpuset *s);
/* "0-3,8"; "-" for none; cut with "..." where it does not fit. Returns buf. */
char *nt_cpuset_text(const struct nt_cpuset *s, char *buf, size_t len);

/* The columns of /proc/interrupts: CPUs that are online, by their numbers. */
int nt_irq_cpus(const char *text, uint32_t *cpu, uint32_t max);
#define NT_IRQ_NAME 64
/*
 * The row of an interrupt: n counts, and the names behind them (of several actions a comma
 * list; "": none). false: it has no row.
 */
bool nt_irq_row(const char *text, uint32_t irq, uint64_t *count, uint32_t n,
		char name[NT_IRQ_NAME]);
/* "count 812\nunhandled 0\n...". -EINVAL. */
int nt_irq_spurious(const char *text, uint64_t *count, uint64_t *unhandled);

/* Which queue an interrupt is of, by the names that drivers give. */
enum nt_irq_kind { NT_IRQ_OTHER, NT_IRQ_RX, NT_IRQ_TX, NT_IRQ_RXTX };
struct nt_irq_queue {
	enum nt_irq_kind kind; /* OTHER: configuration, events, all of them on one line */
	uint32_t queue;
};
void nt_irq_queue_of(const char *name, struct nt_irq_queue *q);

#endif
