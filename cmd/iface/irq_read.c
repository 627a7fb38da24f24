// SPDX-License-Identifier: GPL-2.0-or-later
/* iface irq: what /sys and /proc say. Nothing is written there. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "irq.h"
#include "procfs.h"

/* A device has some thousands at most (MSI-X: 2048 a function). */
#define IRQS_MAX 8192
/* 8192 CPUs of 11 characters in thousands of rows: no kernel prints more. */
#define INTERRUPTS_MAX (256U << 20)
#define LIST_MAX 16384 /* of CPUs, as text */

/* --- texts --- */

/* /proc/interrupts, however large it is. To be freed. */
static char *read_interrupts(void)
{
	size_t len;
	char *buf;
	int r;

	for (len = 1U << 16; len <= INTERRUPTS_MAX; len *= 2) {
		buf = malloc(len);
		r = buf ? nt_read_text("/proc/interrupts", buf, len) : -ENOMEM;
		if (r >= 0)
			return buf;
		free(buf);
		if (r != -EMSGSIZE)
			break;
	}
	return NULL;
}

static int no_interrupts(struct nt_err *err)
{
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, ENOENT,
		       "/proc/interrupts cannot be read: is /proc mounted?");
}

/* --- the machine --- */

static void read_nodes(struct irq_machine *m)
{
	char path[64], list[LIST_MAX];
	struct nt_cpuset s;
	int node;
	uint32_t cpu;

	for (cpu = 0; cpu < NT_CPUS_MAX; cpu++)
		m->node[cpu] = IRQ_NODE_NONE;
	/* The kernel's MAX_NUMNODES is 1024 at most. */
	for (node = 0; node < 1024; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist", node);
		if (nt_read_text(path, list, sizeof(list)) < 0 || nt_cpuset_list(list, &s) < 0)
			continue;
		m->nodes = true;
		for (cpu = 0; cpu < NT_CPUS_MAX; cpu++)
			if (nt_cpuset_has(&s, cpu))
				m->node[cpu] = (int16_t)node;
	}
}

int irq_machine_read(struct irq_machine *m, struct nt_err *err)
{
	NT_FREE char *text = read_interrupts();
	int n = text ? nt_irq_cpus(text, m->cpu, NT_CPUS_MAX) : -ENOENT;

	if (n < 0)
		return no_interrupts(err);
	m->cpus = (uint32_t)n;
	read_nodes(m);
	return 0;
}

int irq_node_of(const struct irq_machine *m, const struct nt_cpuset *s)
{
	uint32_t cpu;

	for (cpu = 0; cpu < NT_CPUS_MAX; cpu++)
		if (nt_cpuset_has(s, cpu))
			return m->node[cpu];
	return IRQ_NODE_NONE;
}

/* --- the device --- */

static bool is_dir(const char *path)
{
	DIR *d = opendir(path);

	if (d)
		closedir(d);
	return d != NULL;
}

/* Where its bus has it; of a virtio device the one that carries it has the interrupts. */
static void find_dir(struct irq_dev *d)
{
	static const char *const buses[] = { "pci", "virtio", "vmbus", "platform", "usb" };
	char path[PATH_MAX], real[PATH_MAX];

	for (size_t i = 0; i < NT_ARRAY_SIZE(buses) && d->bus[0] && !d->dir[0]; i++) {
		snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", buses[i], d->bus);
		if (strchr(d->bus, '/') || d->bus[0] == '.' || !realpath(path, real))
			continue;
		if (!strcmp(buses[i], "virtio"))
			*strrchr(real, '/') = '\0';
		if (strlen(real) < sizeof(d->dir))
			memcpy(d->dir, real, strlen(real) + 1);
	}
}

static int read_number(const char *dir, const char *file, int none)
{
	char path[IRQ_DIR + 32], text[32], *end;
	long v;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (nt_read_text(path, text, sizeof(text)) < 0)
		return none;
	v = strtol(text, &end, 10);
	return end == text || *end || v < INT_MIN || v > INT_MAX ? none : (int)v;
}

static int add_irq(struct irq_dev *d, uint32_t irq)
{
	struct irq *v;

	if (d->n == IRQS_MAX)
		return -E2BIG;
	v = realloc(d->v, (d->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	d->v = v;
	memset(&v[d->n], 0, sizeof(*v));
	v[d->n++].irq = irq;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = ((const struct irq *)a)->irq, y = ((const struct irq *)b)->irq;

	return (x > y) - (x < y);
}

/* Vectors of MSI and MSI-X, else the one line that it has. */
static int list_irqs(struct irq_dev *d)
{
	char path[IRQ_DIR + 32];
	const struct dirent *e;
	int line, r = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/msi_irqs", d->dir);
	dir = opendir(path);
	while (dir && !r && (e = readdir(dir)))
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9')
			r = add_irq(d, (uint32_t)strtoul(e->d_name, NULL, 10));
	if (dir)
		closedir(dir);
	line = read_number(d->dir, "irq", 0);
	if (!r && !d->n && line > 0)
		r = add_irq(d, (uint32_t)line);
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), by_number);
	return r;
}

/* --- an interrupt --- */

static bool read_irq_file(uint32_t irq, const char *file, char *buf, size_t len)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/irq/%u/%s", irq, file);
	return nt_read_text(path, buf, len) >= 0;
}

static void read_affinity(struct irq *q)
{
	char text[LIST_MAX];

	if (read_irq_file(q->irq, "smp_affinity_list", text, sizeof(text)))
		nt_cpuset_list(text, &q->allowed);
	q->has_effective = read_irq_file(q->irq, "effective_affinity_list", text, sizeof(text)) &&
			   !nt_cpuset_list(text, &q->effective) && !nt_cpuset_empty(&q->effective);
	q->has_hint = read_irq_file(q->irq, "affinity_hint", text, sizeof(text)) &&
		      !nt_cpuset_mask(text, &q->hint) && !nt_cpuset_empty(&q->hint);
	q->has_spurious = read_irq_file(q->irq, "spurious", text, sizeof(text)) &&
			  !nt_irq_spurious(text, &q->spurious, &q->unhandled);
}

/* The names of its actions, also where /proc/interrupts has cut or mixed them. */
static void read_name(struct irq *q)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/sys/kernel/irq/%u/actions", q->irq);
	if (nt_read_text(path, text, sizeof(text)) > 0 && strcmp(text, "(null)"))
		snprintf(q->name, sizeof(q->name), "%.*s", NT_IRQ_NAME - 1, text);
	nt_irq_queue_of(q->name, &q->queue);
}

static int read_irq(const struct irq_machine *m, const char *text, struct irq *q)
{
	q->count = calloc(m->cpus, sizeof(*q->count));
	q->grown = calloc(m->cpus, sizeof(*q->grown));
	if (!q->count || !q->grown)
		return -ENOMEM;
	q->has_row = nt_irq_row(text, q->irq, q->count, m->cpus, q->name);
	read_affinity(q);
	read_name(q);
	return 0;
}

static int none(const struct irq_dev *d, struct nt_err *err)
{
	char name[32];

	snprintf(name, sizeof(name), "%s", d->i.name);
	return nt_errf(
		err, NT_EXIT_IMPOSSIBLE, ENODEV,
		"interface %s (%s) has no interrupts of its own: ask for the device below it", name,
		d->i.kind[0] ? d->i.kind :
		d->driver[0] ? d->driver :
			       "no driver");
}

int irq_dev_read(const struct irq_machine *m, struct irq_dev *d, struct nt_err *err)
{
	NT_FREE char *text = read_interrupts();
	uint32_t i;
	int r = 0;

	if (!text)
		return no_interrupts(err);
	find_dir(d);
	if (!d->dir[0] || !is_dir(d->dir))
		return none(d, err);
	d->node = read_number(d->dir, "numa_node", IRQ_NODE_NONE);
	r = list_irqs(d);
	if (!r && !d->n)
		return none(d, err);
	for (i = 0; i < d->n && !r; i++)
		r = read_irq(m, text, &d->v[i]);
	return r;
}

int irq_grow(const struct irq_machine *m, struct irq_dev *d, struct nt_err *err)
{
	NT_FREE char *text = read_interrupts();
	NT_FREE uint64_t *now = calloc(m->cpus, sizeof(*now));
	char name[NT_IRQ_NAME];
	uint32_t i, k;

	if (!now)
		return -ENOMEM;
	if (!text)
		return no_interrupts(err);
	for (i = 0; i < d->n; i++) {
		struct irq *q = &d->v[i];

		if (!nt_irq_row(text, q->irq, now, m->cpus, name))
			continue;
		for (k = 0; k < m->cpus; k++) {
			/* The kernel prints them as 32 bits (kstat_irqs_cpu()). */
			q->grown[k] = (uint32_t)(now[k] - q->count[k]);
			if (now[k] < q->count[k] && q->count[k] - now[k] < 1U << 31)
				q->grown[k] = 0; /* given up and asked for anew */
			q->count[k] = now[k];
		}
		read_affinity(q);
	}
	return 0;
}

void irq_dev_free(struct irq_dev *d)
{
	uint32_t i;

	for (i = 0; i < d->n; i++) {
		free(d->v[i].count);
		free(d->v[i].grown);
	}
	free(d->v);
}
