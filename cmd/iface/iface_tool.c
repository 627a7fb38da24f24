// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices and rows of iface stat and iface pps. */
#include "iface_tool.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "netlink.h"
#include "netstat.h"
#include "procfs.h"
#include "tape.h"

/* DATA on the tape. */
enum { TAPED_QUEUES = 1, TAPED_ROWS, TAPED_TIME, TAPED_PORT = 16 };

/* Rows by queue where nobody knows better. */
#define QUEUES_MIN 16

/* --- the devices --- */

static int add_ports(struct nt_run *run, const struct nt_names *names, struct nt_err *err)
{
	struct nt_names one = { .n = 1 };
	uint32_t i, k;
	int r = 0;

	for (i = 0; i < names->n && !r; i++) {
		memcpy(one.name[0], names->name[i], sizeof(one.name[0]));
		r = nt_run_add_devices(
			run, &one,
			&(struct nt_dev_role_of){ "interface", IFACE_ROLE(i), false, true }, err);
		for (k = 0; !r && k < i && i < run->ndevs; k++)
			if (!run->dev[i].gone && run->dev[k].i.ifindex == run->dev[i].i.ifindex)
				r = nt_errf(err, NT_EXIT_USAGE, EINVAL,
					    "%s and %s are the same interface", run->dev[k].asked,
					    run->dev[i].asked);
	}
	return r;
}

uint32_t iface_dev_word(uint32_t role)
{
	uint32_t numbers = role >> 8;

	return numbers ? (uint32_t)__builtin_ctz(numbers) % IFACE_MAX : 0;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Queues in use, else those that there is room for. */
static void queues_of(struct iface_state *st, const struct nt_iface *i, uint32_t *rx, uint32_t *tx)
{
	NT_FREE struct nt_queue_stats *q = calloc(1, sizeof(*q));
	struct nt_queue_names names = { 0 };

	*rx = i->rx_queues;
	*tx = i->tx_queues;
	if (!q || nt_ethtool_queues(st->eth, i->ifindex, &names, q) < 0)
		return;
	nt_queue_names_free(&names);
	if (q->rx.queues || q->tx.queues) {
		*rx = q->rx.queues;
		*tx = q->tx.queues;
	}
}

/* Rows by queue, as many as the devices have; the same on the tape. */
static int count_queues(struct nt_run *run)
{
	struct iface_state *st = run->state;
	uint32_t i, rx, tx, n = QUEUES_MIN;
	int r;

	for (i = 0; i < run->ndevs && !run->replay; i++) {
		if (run->dev[i].gone)
			continue;
		queues_of(st, &run->dev[i].i, &rx, &tx);
		n = larger(n, larger(rx, tx));
	}
	r = nt_run_taped(run, NT_TAPE_DATA, TAPED_QUEUES, &n, sizeof(n));
	if (r < 0)
		return r;
	st->queues = n < IFACE_QUEUES ? n : IFACE_QUEUES;
	return 0;
}

static int open_sources(struct nt_run *run, struct nt_err *err)
{
	struct iface_state *st = run->state;

	st->nl = st->eth = -1;
	if (run->replay)
		return 0;
	st->nl = nt_nl_open(&run->ns, 0, err);
	if (st->nl < 0)
		return st->nl;
	st->eth = nt_ethtool_open(&run->ns, err);
	return st->eth < 0 ? st->eth : 0;
}

int iface_open(struct nt_run *run, const struct nt_names *names, uint32_t words, bool queues,
	       struct nt_err *err)
{
	struct iface_state *st = run->state;
	struct iface_kcfg *k = run->kcfg;
	int cpus = nt_cpus_possible(), r = open_sources(run, err);
	uint32_t i;

	r = r ?: add_ports(run, names, err);
	if (!r && queues)
		r = count_queues(run);
	if (r < 0)
		return r;
	if (!names->n || !words)
		return -EINVAL;
	st->ports = names->n;
	for (i = 0; i < names->n; i++)
		memcpy(st->port[i].name, names->name[i], sizeof(st->port[i].name));
	st->words = words;
	st->rows = st->ports * IFACE_DIRS * (queues ? st->queues + 1 : 1);
	st->was = calloc((size_t)st->rows * words, sizeof(*st->was));
	st->now = calloc((size_t)st->rows * words, sizeof(*st->now));
	k->queues = st->queues;
	k->cpus = cpus > 0 ? (uint32_t)cpus : UINT32_MAX;
	return st->was && st->now ? 0 : -ENOMEM;
}

void iface_close(struct nt_run *run)
{
	struct iface_state *st = run->state;

	if (!st)
		return;
	if (st->nl > 0)
		close(st->nl);
	if (st->eth > 0)
		close(st->eth);
	free(st->was);
	free(st->now);
}

int iface_sizes(struct nt_run *run, struct bpf_object *obj)
{
	struct iface_state *st = run->state;

	return nt_run_map_entries(obj, "iface_rows", st->rows);
}

/* What the programs cannot see of a device, because the kernel does not show it there. */
static bool unseen_rx(const struct nt_iface *i)
{
	static const char *const kinds[] = { "bond", "team", "vlan", "macsec" };

	for (size_t k = 0; k < NT_ARRAY_SIZE(kinds); k++)
		if (!strcmp(i->kind, kinds[k]))
			return true;
	return false;
}

void iface_banner(struct nt_run *run, struct nt_json *j)
{
	char name[32];
	uint32_t i;

	if (j)
		nt_json_arr(j, "receive_not_seen");
	for (i = 0; i < run->ndevs; i++) {
		const struct nt_iface *d = &run->dev[i].i;

		if (!unseen_rx(d))
			continue;
		if (j)
			nt_json_str(j, NULL, d->name);
		else
			nt_out_text(run->out,
				    "  %-18s what a %s receives is seen at its lower devices "
				    "only; its counters are complete\n",
				    nt_fmt_name(d->name, sizeof(d->name), name, sizeof(name)),
				    d->kind);
	}
	if (j)
		nt_json_end(j);
}

/* --- the kernel's counters --- */

static void read_port(struct nt_run *run, uint32_t i, struct iface_reading *r)
{
	struct iface_state *st = run->state;
	const struct nt_run_dev *d = &run->dev[i];
	struct rtnl_link_stats64 s;

	memset(r, 0, sizeof(*r));
	if (i >= run->ndevs || d->gone || nt_netstat_device(st->nl, d->i.ifindex, &s) < 0)
		return;
	r->at_ns = nt_clock_mono_ns();
	r->ifindex = d->i.ifindex;
	queues_of(st, &d->i, &r->rx_queues, &r->tx_queues);
#define C(dir, field, key) r->v[IFACE_F_##field] = s.field;
#include "iface_counters.def"
#undef C
}

/* end: what was read at the end. */
static int take_reading(struct nt_run *run, uint32_t i, bool end, struct iface_reading *r)
{
	struct iface_state *st = run->state;

	if (end && !run->replay)
		*r = st->port[i].end;
	else if (!run->replay)
		read_port(run, i, r);
	return nt_run_taped(run, NT_TAPE_DATA, TAPED_PORT + i, r, sizeof(*r));
}

static void begin_with(struct iface_port *p, const struct iface_reading *now)
{
	p->was = *now;
	p->ifindex = now->ifindex;
	p->rx_queues = now->rx_queues < IFACE_QUEUES ? now->rx_queues : IFACE_QUEUES;
	p->tx_queues = now->tx_queues < IFACE_QUEUES ? now->tx_queues : IFACE_QUEUES;
}

static void add_growth(struct iface_growth *to, const struct iface_growth *g)
{
	uint32_t i;

	to->ns += g->ns;
	for (i = 0; i < IFACE_FIELDS; i++)
		to->v[i] += g->v[i];
}

/* Its counters, and what they grew by since they were read last. */
static int step_port(struct nt_run *run, uint32_t i, bool end)
{
	struct iface_state *st = run->state;
	struct iface_port *p = &st->port[i];
	struct iface_reading now;
	struct iface_growth g;
	int r = take_reading(run, i, end, &now);

	if (r < 0)
		return r;
	if (now.ifindex && now.ifindex == p->was.ifindex) {
		p->resets += iface_grow(&p->was, &now, &g);
		add_growth(&p->part, &g);
		add_growth(&p->all, &g);
	}
	begin_with(p, &now);
	return 0;
}

int iface_edge(struct nt_run *run, bool end)
{
	struct iface_state *st = run->state;
	uint32_t i;
	int r = 0;

	for (i = 0; i < st->ports && !r; i++) {
		if (end)
			read_port(run, i, &st->port[i].end);
		else
			r = step_port(run, i, false);
	}
	if (end)
		st->end_ns = nt_clock_mono_ns();
	else
		st->rows_at_ns = run->start_ns;
	return r;
}

/* A device that has come begins at once, not with the next report. */
void iface_tick(struct nt_run *run, uint64_t now_ns)
{
	struct iface_state *st = run->state;
	uint32_t i;

	(void)now_ns;
	for (i = 0; i < st->ports && i < run->ndevs && !run->final; i++) {
		const struct nt_run_dev *d = &run->dev[i];

		if (!d->gone && d->i.ifindex != st->port[i].was.ifindex)
			nt_run_fail(run, step_port(run, i, false));
		else if (d->gone)
			st->port[i].ifindex = 0;
	}
}

/* --- the rows --- */

static int read_rows(struct nt_run *run)
{
	struct iface_state *st = run->state;
	int fd = nt_run_map_fd(run, "iface_rows"), cpus = nt_cpus_possible();
	NT_FREE uint64_t *v = NULL;
	uint32_t row, w;
	int cpu;

	if (fd < 0 || cpus < 0)
		return -ENOENT;
	v = calloc((size_t)cpus * st->words, sizeof(*v));
	if (!v)
		return -ENOMEM;
	memset(st->now, 0, (size_t)st->rows * st->words * sizeof(*st->now));
	for (row = 0; row < st->rows; row++) {
		if (bpf_map_lookup_elem(fd, &row, v) < 0)
			return -errno;
		for (cpu = 0; cpu < cpus; cpu++)
			for (w = 0; w < st->words; w++)
				st->now[row * st->words + w] += v[(uint32_t)cpu * st->words + w];
	}
	return 0;
}

static int step_rows(struct nt_run *run, bool final)
{
	struct iface_state *st = run->state;
	size_t size = (size_t)st->rows * st->words * sizeof(*st->now);
	uint64_t at = final ? st->end_ns : nt_clock_mono_ns();
	int r = run->replay ? 0 : read_rows(run);

	r = r ?: nt_run_taped(run, NT_TAPE_DATA, TAPED_TIME, &at, sizeof(at));
	r = r ?: nt_run_taped(run, NT_TAPE_DATA, TAPED_ROWS, st->now, size);
	st->rows_ns = at > st->rows_at_ns ? at - st->rows_at_ns : 0;
	st->rows_at_ns = at;
	return r ?: nt_run_counters(run, &st->now_c);
}

uint32_t iface_row(const struct iface_state *st, uint32_t port, enum iface_dir dir, uint32_t queue)
{
	return (port * IFACE_DIRS + dir) * (st->queues ? st->queues + 1 : 1) + queue;
}

uint64_t iface_word(const struct iface_state *st, bool all, uint32_t row, uint32_t word)
{
	uint32_t i = row * st->words + word;

	return all ? st->now[i] : st->now[i] - st->was[i];
}

const struct iface_growth *iface_growth_of(const struct iface_port *p, bool all)
{
	return all ? &p->all : &p->part;
}

uint64_t iface_rows_ns(const struct nt_run *run, bool all)
{
	const struct iface_state *st = run->state;

	if (!all)
		return st->rows_ns;
	return st->rows_at_ns > run->start_ns ? st->rows_at_ns - run->start_ns : 0;
}

uint64_t iface_counter_of(const struct iface_state *st, bool all, uint32_t which)
{
	return st->now_c.c[which] - (all ? 0 : st->was_c.c[which]);
}

void iface_losses(struct nt_run *run, bool all, struct nt_losses *l)
{
	struct iface_state *st = run->state;
	struct nt_counters c;
	uint64_t resets = 0;
	uint32_t i;

	for (i = 0; i < NT_C_MAX; i++)
		c.c[i] = iface_counter_of(st, all, i);
	nt_run_losses(run, &c, all, l);
	for (i = 0; all && i < st->ports; i++)
		resets += st->port[i].resets;
	nt_loss_add(l, "counter_resets", "times that a device's counters began anew", resets);
}

/* --- the report --- */

static void next_interval(struct iface_state *st)
{
	uint32_t i;

	memcpy(st->was, st->now, (size_t)st->rows * st->words * sizeof(*st->was));
	st->was_c = st->now_c;
	for (i = 0; i < st->ports; i++)
		memset(&st->port[i].part, 0, sizeof(st->port[i].part));
}

/* Of a shorter one at the end there is nothing to say. */
#define PART_MIN_NS 10000000ULL

int iface_report(struct nt_run *run, bool final, void (*show)(struct nt_run *run, bool final))
{
	struct iface_state *st = run->state;
	bool part = run->common->interval_ns != 0;
	uint32_t i;
	int r = step_rows(run, final);

	for (i = 0; i < st->ports && !r; i++)
		r = step_port(run, i, final);
	if (r < 0)
		return r;
	if (part && (!final || st->rows_ns >= PART_MIN_NS)) {
		st->reports++;
		show(run, false);
		nt_run_shown(run);
	}
	if (final)
		show(run, true);
	next_interval(st);
	return 0;
}
