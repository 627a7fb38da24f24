// SPDX-License-Identifier: GPL-2.0-or-later
/* iface irq: a table for each device, the old program's lines, or JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "irq.h"

static const char *const kinds[] = {
	[NT_IRQ_OTHER] = "-",
	[NT_IRQ_RX] = "rx",
	[NT_IRQ_TX] = "tx",
	[NT_IRQ_RXTX] = "rxtx",
};

/* CPUs of a row that are written out, those with most. */
#define CPUS_SHOWN 4

static char *queue_text(const struct irq *q, char buf[24])
{
	if (q->queue.kind == NT_IRQ_OTHER)
		snprintf(buf, 24, "-");
	else
		snprintf(buf, 24, "%s%u", kinds[q->queue.kind], q->queue.queue);
	return buf;
}

static char *node_text(int node, char buf[16])
{
	if (node == IRQ_NODE_NONE)
		snprintf(buf, 16, "-");
	else
		snprintf(buf, 16, "%d", node);
	return buf;
}

/* Where it comes to: the kernel's word, else where it may. */
static const struct nt_cpuset *where(const struct irq *q)
{
	return q->has_effective ? &q->effective : &q->allowed;
}

static bool is_far(const struct irq_run *run, const struct irq_dev *d, const struct irq *q)
{
	int node = irq_node_of(run->m, where(q));

	return q->queue.kind != NT_IRQ_OTHER && q->has_effective && node != IRQ_NODE_NONE &&
	       d->node != IRQ_NODE_NONE && node != d->node;
}

static bool is_outside(const struct irq_run *run, const struct irq *q)
{
	return run->cfg->cpus && q->queue.kind != NT_IRQ_OTHER &&
	       !nt_cpuset_within(&q->allowed, &run->want);
}

/* --- figures --- */

/* Since the boot, or in the time of --rates. */
static const uint64_t *figures(const struct irq_run *run, const struct irq *q)
{
	return run->rate_ns ? q->grown : q->count;
}

static uint64_t total(const struct irq_run *run, const struct irq *q)
{
	const uint64_t *v = figures(run, q);
	uint64_t n = 0;

	for (uint32_t i = 0; i < run->m->cpus; i++)
		n += v[i];
	return n;
}

static double rate(const struct irq_run *run, uint64_t n)
{
	return run->rate_ns ? (double)n * 1e9 / (double)run->rate_ns : 0;
}

/* --- text --- */

/* Column of the CPU with most, below what was found before (of equal ones the first). */
static uint32_t next_most(const struct irq_run *run, const uint64_t *v, const bool *done)
{
	uint32_t best = run->m->cpus;

	for (uint32_t i = 0; i < run->m->cpus; i++)
		if (!done[i] && v[i] && (best == run->m->cpus || v[i] > v[best]))
			best = i;
	return best;
}

static void cpus_text(struct irq_run *run, const struct irq *q)
{
	const uint64_t *v = figures(run, q);
	bool done[NT_CPUS_MAX] = { false };
	uint32_t i, k, more = 0;

	for (i = 0; i < CPUS_SHOWN; i++) {
		k = next_most(run, v, done);
		if (k == run->m->cpus)
			break;
		done[k] = true;
		if (run->rate_ns)
			nt_out_text(run->out, " cpu%u:%.1f", run->m->cpu[k], rate(run, v[k]));
		else
			nt_out_text(run->out, " cpu%u:%" PRIu64, run->m->cpu[k], v[k]);
	}
	for (k = 0; k < run->m->cpus; k++)
		more += v[k] && !done[k];
	if (more)
		nt_out_text(run->out, " and %u more", more);
	if (!i)
		nt_out_text(run->out, " -");
}

static void row_text(struct irq_run *run, const struct irq_dev *d, const struct irq *q)
{
	char name[NT_IRQ_NAME], queue[24], allowed[64], effective[64], node[16], n[24],
		sp[48] = "-";

	nt_fmt_name(q->name, sizeof(q->name), name, sizeof(name));
	if (run->rate_ns)
		snprintf(n, sizeof(n), "%.1f", rate(run, total(run, q)));
	else
		snprintf(n, sizeof(n), "%" PRIu64, total(run, q));
	/* Unhandled of the last hundred thousand (note_interrupt() begins anew then). */
	if (q->has_spurious)
		snprintf(sp, sizeof(sp), "%" PRIu64 "/%" PRIu64, q->unhandled, q->spurious);
	nt_out_text(run->out, "%-5u %-28s %-6s %-12s %-10s %s%-5s %12s %12s ", q->irq,
		    name[0] ? name : "(nobody)", queue_text(q, queue),
		    nt_cpuset_text(&q->allowed, allowed, sizeof(allowed)),
		    q->has_effective ? nt_cpuset_text(&q->effective, effective, sizeof(effective)) :
				       "-",
		    is_far(run, d, q) ? "!" : " ", node_text(irq_node_of(run->m, where(q)), node),
		    n, sp);
	cpus_text(run, q);
	nt_out_text(run->out, "\n");
}

static void warnings_text(struct irq_run *run, const struct irq_dev *d)
{
	char text[128], want[128];
	uint32_t i;

	for (i = 0; i < d->n; i++) {
		const struct irq *q = &d->v[i];

		if (is_far(run, d, q))
			nt_out_text(run->out,
				    "! IRQ %u comes to node %d, the device is on node %d\n", q->irq,
				    irq_node_of(run->m, where(q)), d->node);
		if (q->has_hint && !nt_cpuset_within(&q->allowed, &q->hint))
			nt_out_text(run->out, "  IRQ %u: the driver would have it at CPU %s\n",
				    q->irq, nt_cpuset_text(&q->hint, text, sizeof(text)));
	}
	for (i = 0; i < d->n; i++) {
		const struct irq *q = &d->v[i];

		if (!is_outside(run, q))
			continue;
		nt_cpuset_text(&q->allowed, text, sizeof(text));
		nt_cpuset_text(&run->want, want, sizeof(want));
		nt_out_text(run->out,
			    "! IRQ %u may come to CPU %s, not only %s; that would be: echo %s "
			    ">/proc/irq/%u/smp_affinity_list\n",
			    q->irq, text, want, want, q->irq);
	}
}

static void table_text(struct irq_run *run, const struct irq_dev *d)
{
	char name[32], node[16];
	uint32_t i;

	nt_out_text(run->out, "IF %s  driver %s  bus %s  numa %s\n",
		    nt_fmt_name(d->i.name, sizeof(d->i.name), name, sizeof(name)), d->driver,
		    d->bus, node_text(d->node, node));
	nt_out_text(run->out, "%-5s %-28s %-6s %-12s %-10s %-6s %12s %12s  %s\n", "IRQ", "NAME",
		    "QUEUE", "ALLOWED", "EFFECTIVE", " NODE", run->rate_ns ? "/s" : "COUNT",
		    "SPURIOUS", run->rate_ns ? "CPU:/s" : "CPU:COUNT");
	for (i = 0; i < d->n; i++)
		row_text(run, d, &d->v[i]);
	warnings_text(run, d);
}

/* The old program's: allowed CPUs, one a line. */
static void flat_text(struct irq_run *run, const struct irq_dev *d)
{
	char node[16];
	uint32_t i, cpu;

	for (i = 0; i < d->n; i++)
		for (cpu = 0; cpu < NT_CPUS_MAX; cpu++)
			if (nt_cpuset_has(&d->v[i].allowed, cpu))
				nt_out_text(run->out, "IRQ %u -> CPU %u\tNUMA %s\n", d->v[i].irq,
					    cpu, node_text(run->m->node[cpu], node));
}

/* --- JSON --- */

static void node_json(struct nt_json *j, const char *key, int node)
{
	if (node == IRQ_NODE_NONE)
		nt_json_null(j, key);
	else
		nt_json_i64(j, key, node);
}

static void set_json(struct nt_json *j, const char *key, bool has, const struct nt_cpuset *s)
{
	nt_json_arr(j, key);
	for (uint32_t cpu = 0; has && cpu < NT_CPUS_MAX; cpu++)
		if (nt_cpuset_has(s, cpu))
			nt_json_u64(j, NULL, cpu);
	nt_json_end(j);
}

static void cpus_json(struct irq_run *run, struct nt_json *j, const struct irq *q)
{
	nt_json_arr(j, "cpus");
	for (uint32_t i = 0; i < run->m->cpus; i++) {
		if (!q->count[i] && !q->grown[i])
			continue;
		nt_json_obj(j, NULL);
		nt_json_u64(j, "cpu", run->m->cpu[i]);
		nt_json_u64(j, "count", q->count[i]);
		if (run->rate_ns)
			nt_json_f(j, "per_s", rate(run, q->grown[i]));
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void irq_json(struct irq_run *run, struct nt_json *j, const struct irq_dev *d,
		     const struct irq *q)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < run->m->cpus; i++)
		count += q->count[i];
	nt_json_obj(j, NULL);
	nt_json_u64(j, "irq", q->irq);
	nt_json_str(j, "name", q->name[0] ? q->name : NULL);
	nt_json_str(j, "kind", q->queue.kind == NT_IRQ_OTHER ? NULL : kinds[q->queue.kind]);
	if (q->queue.kind == NT_IRQ_OTHER)
		nt_json_null(j, "queue");
	else
		nt_json_u64(j, "queue", q->queue.queue);
	set_json(j, "allowed", true, &q->allowed);
	set_json(j, "effective", q->has_effective, &q->effective);
	set_json(j, "hint", q->has_hint, &q->hint);
	node_json(j, "node", irq_node_of(run->m, where(q)));
	nt_json_bool(j, "far", is_far(run, d, q));
	if (run->cfg->cpus)
		nt_json_bool(j, "outside", is_outside(run, q));
	nt_json_u64(j, "count", count);
	if (run->rate_ns)
		nt_json_f(j, "per_s", rate(run, total(run, q)));
	cpus_json(run, j, q);
	if (q->has_spurious) {
		nt_json_obj(j, "spurious");
		nt_json_u64(j, "count", q->spurious);
		nt_json_u64(j, "unhandled", q->unhandled);
		nt_json_end(j);
	} else {
		nt_json_null(j, "spurious");
	}
	nt_json_end(j);
}

static void dev_json(struct irq_run *run, const struct irq_dev *d)
{
	uint64_t now = nt_clock_wall_ns(&run->clock, nt_clock_mono_ns());
	struct nt_json *j = nt_json_line_of(run->out, "event", now, "iface irq");

	nt_json_str(j, "interface", d->i.name);
	nt_json_u64(j, "ifindex", d->i.ifindex);
	nt_json_str(j, "driver", d->driver);
	nt_json_str(j, "bus", d->bus);
	node_json(j, "node", d->node);
	if (run->rate_ns)
		nt_json_us(j, "period_us", run->rate_ns);
	nt_json_arr(j, "irqs");
	for (uint32_t i = 0; i < d->n; i++)
		irq_json(run, j, d, &d->v[i]);
	nt_json_end(j);
	nt_json_end_line(j);
}

void irq_print(struct irq_run *run, const struct irq_dev *d)
{
	if (run->cfg->common.json)
		dev_json(run, d);
	else if (run->cfg->flat)
		flat_text(run, d);
	else
		table_text(run, d);
}
