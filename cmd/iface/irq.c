// SPDX-License-Identifier: GPL-2.0-or-later
/* iface irq: the interrupts of an interface, their CPUs and nodes. It shows and sets nothing. */
#include "irq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "ends.h"
#include "tool.h"

#define O(field) offsetof(struct irq_cfg, field)

static const struct nt_opt irq_opts[] = {
	{ .name = "interface", .letter = 'n', .aliases = "name,device,dev,nic",
	  .type = NT_OPT_IFACES, .off = O(dev), .metavar = "IF[,IF]",
	  .flags = NT_OPT_REQUIRED | NT_OPT_POSITIONAL, .help = "the interfaces whose interrupts are shown" },
	{ .name = "rates", .type = NT_OPT_FLAG, .off = O(rates),
	  .help = "measure for an interval, show interrupts a second" },
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .def = "1", .min = "0.01", .max = "3600", .metavar = "SEC",
	  .help = "how long --rates measures" },
	{ .name = "cpus", .type = NT_OPT_STRING, .off = O(cpus), .metavar = "LIST",
	  .help = "tell which queues may interrupt other CPUs than these, as 0-3,8, and the remedy" },
	{ .name = "flat", .type = NT_OPT_FLAG, .off = O(flat),
	  .help = "a line for each interrupt and CPU that it may come to" },
	{ .name = "netns", .type = NT_OPT_STRING, .off = O(common.netns), .metavar = "NETNS",
	  .help = "look for interfaces in this network namespace: a name, a PID or a path" },
	NT_OPTS_PLAIN(struct irq_cfg, common),
	{ 0 },
};

static const struct nt_example irq_examples[] = {
	{ "iface irq eth0", "its interrupts, where they may and do come to, and on which node that is" },
	{ "iface irq eth0 --rates --interval 5", "and how many a second at each CPU" },
	{ "iface irq eth0 --cpus 8-15", "is all of it on these CPUs?" },
	{ 0 },
};

static const struct nt_legacy irq_legacy[] = {
	{ "nic_irq_numa_map.sh", "--flat", NULL, NULL },
	{ 0 },
};

/* --- the devices --- */

/* What it stands on: the members of a bond or bridge, the lower device of a VLAN. */
static int no_device(const struct nt_iface_list *l, const struct nt_iface *i, struct nt_err *err)
{
	char names[256] = "";
	size_t n = 0;
	uint32_t k;

	for (k = 0; k < l->n; k++) {
		const struct nt_iface *m = &l->v[k];

		if (m->master != i->ifindex && (m->ifindex != i->link || !i->link))
			continue;
		if (n + sizeof(m->name) + 2 < sizeof(names))
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? "," : "",
					      m->name);
	}
	if (!n)
		return 0;
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, ENODEV,
		       "interface %s (%s) has no interrupts of its own: ask for %s", i->name,
		       i->kind, names);
}

static int add_dev(struct irq_run *run, const struct nt_iface_list *l, int eth, const char *name,
		   struct nt_err *err)
{
	struct irq_dev *d = &run->dev[run->ndevs];
	int r = nt_iface_find(l, name, &d->i, err);

	if (r < 0)
		return r;
	run->ndevs++;
	r = nt_ethtool_driver(eth, d->i.ifindex, d->driver, d->bus);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "interface %s: %s", name, strerror(-r));
	/* A bond says "bonding", and no place on a bus. */
	if (!d->bus[0] || !strcmp(d->bus, "N/A"))
		r = no_device(l, &d->i, err);
	return r ?: irq_dev_read(run->m, d, err);
}

static int add_devs(struct irq_run *run, const struct nt_netns *ns, struct nt_err *err)
{
	NT_CLOSE int nl = nt_iface_list_open(ns, err), eth = -1;
	struct nt_iface_list l = { 0 };
	uint32_t i;
	int r = nl < 0 ? nl : nt_iface_list_by(nl, ns, &l, err);

	if (!r)
		r = eth = nt_ethtool_open(ns, err);
	for (i = 0; i < run->cfg->dev.n && r >= 0; i++)
		r = add_dev(run, &l, eth, run->cfg->dev.name[i], err);
	nt_iface_list_free(&l);
	return r < 0 ? r : 0;
}

/* --- the run --- */

static int measure(struct irq_run *run, struct nt_err *err)
{
	uint64_t ns = run->cfg->common.interval_ns, from;
	struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
	uint32_t i;
	int r = 0;

	for (i = 0; i < run->ndevs && !r; i++)
		r = irq_grow(run->m, &run->dev[i], err);
	if (r < 0)
		return r;
	from = nt_clock_mono_ns();
	/* A signal ends the program: there is nothing yet that could be shown. */
	while (nanosleep(&t, &t) < 0)
		;
	for (i = 0; i < run->ndevs && !r; i++)
		r = irq_grow(run->m, &run->dev[i], err);
	run->rate_ns = nt_clock_mono_ns() - from;
	return r;
}

static int check(struct irq_run *run, struct nt_err *err)
{
	const struct irq_cfg *c = run->cfg;

	if (c->cpus && (nt_cpuset_list(c->cpus, &run->want) < 0 || nt_cpuset_empty(&run->want)))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--cpus is a list of CPUs, as 0-3,8, not '%s'", c->cpus);
	if (c->flat && (c->rates || c->cpus))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--flat shows no %s: leave one of them out",
			       c->rates ? "--rates" : "check of --cpus");
	return 0;
}

static int show(struct irq_run *run, struct nt_err *err)
{
	const struct nt_common *c = &run->cfg->common;
	struct nt_out_opts o = { .path = c->output, .json = c->json };
	int r = nt_out_open(&o, &run->out, err);

	if (r < 0)
		return r;
	nt_clock_sync(&run->clock);
	for (uint32_t i = 0; i < run->ndevs; i++)
		irq_print(run, &run->dev[i]);
	return 0;
}

static int run_all(struct irq_run *run, struct nt_err *err)
{
	struct nt_netns ns;
	int r = check(run, err);

	r = r ?: nt_netns_open(run->cfg->common.netns, &ns, err);
	if (r < 0)
		return r;
	r = irq_machine_read(run->m, err);
	r = r ?: add_devs(run, &ns, err);
	nt_netns_close(&ns);
	if (!r && run->cfg->rates)
		r = measure(run, err);
	return r ?: show(run, err);
}

static int irq_main(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	NT_FREE struct irq_machine *m = calloc(1, sizeof(*m));
	struct irq_run run = { .cfg = cfg, .m = m };
	struct nt_err err = { 0 };
	int r = m ? run_all(&run, &err) : -ENOMEM, code = 0;

	(void)argc;
	(void)argv;
	if (r < 0) {
		fprintf(stderr, "nettrace %s: %s\n", tool->words,
			err.text[0] ? err.text : strerror(-r));
		code = err.exit_code ? err.exit_code : NT_EXIT_RUNTIME;
	}
	if (run.out)
		code = nt_output_end(tool->words, run.out, code);
	for (uint32_t i = 0; i < run.ndevs; i++)
		irq_dev_free(&run.dev[i]);
	return code;
}

const struct nt_tool nt_tool_iface_irq = {
	.words = "iface irq",
	.family = "iface",
	.summary = "show the interrupts of an interface, their CPUs and nodes",
	.side = "any",
	.opts = irq_opts,
	.cfg_size = sizeof(struct irq_cfg),
	.legacy = irq_legacy,
	.examples = irq_examples,
	.run_plain = irq_main,
};
