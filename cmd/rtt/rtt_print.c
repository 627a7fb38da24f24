// SPDX-License-Identifier: GPL-2.0-or-later
/* The rtt tools: their words, and what is printed of a ping. */
#include <arpa/inet.h>
#include <stdio.h>

#include "rtt_tool.h"

const struct nt_status rtt_statuses[] = {
#define S(id, name, key) [NT_TRIP_##id] = { name, key, NULL },
#include "rtt_status.def"
#undef S
};

const char *const rtt_directions[] = { "tx", "rx" };

/* --- the start block --- */

static void addrs_text(const struct nt_addrs *s, char *buf, size_t len)
{
	static const struct nt_opt row = { .name = "addrs", .type = NT_OPT_ADDRS };

	nt_opt_format(&row, s, buf, len);
}

void rtt_banner(struct nt_run *run, struct nt_json *j)
{
	const struct rtt_state *st = run->state;
	const bool rx = st->sides.dir == RTT_RX;
	char local[512], remote[512];

	addrs_text(rx ? &st->sides.dst : &st->sides.src, local, sizeof(local));
	addrs_text(rx ? &st->sides.src : &st->sides.dst, remote, sizeof(remote));
	if (j) {
		nt_json_str(j, "direction", rtt_directions[st->sides.dir]);
		nt_json_str(j, "local", local);
		nt_json_str(j, "remote", remote);
		return;
	}
	nt_out_text(run->out, "  %-18s %s %s %s%s\n", "pings", rx ? remote : local, "->",
		    rx ? local : remote, rx ? " (this host)" : "");
	if (st->sides.swapped)
		nt_out_text(run->out,
			    "  %-18s --src-ip is this host's: its pings come from --dst-ip\n",
			    "swapped");
	if (!run->ndevs)
		nt_out_text(run->out, "  %-18s any of this network namespace\n", "interface");
}

/* --- one ping --- */

/* The device that it left or came in by. */
static uint32_t device_of(const struct nt_story *y)
{
	uint32_t i;

	for (i = 0; i < NT_TRIP_STAGES; i++)
		if ((y->s->seen & (1U << i)) && y->dev[i] &&
		    (rtt_stage(RTT_XMIT, y->s->dir) == i || rtt_stage(RTT_RECEIVE, y->s->dir) == i))
			return y->dev[i];
	return 0;
}

void rtt_title(const struct nt_run *run, const struct nt_story *y, char *buf, size_t len)
{
	char a[NT_ADDR_LEN], b[NT_ADDR_LEN], dev[32], comm[32], task[48] = "";
	const struct nt_key *k = &y->s->key;
	uint32_t ifindex = device_of(y);

	if (y->s->pid)
		snprintf(task, sizeof(task), " pid=%u comm=%s", y->s->pid,
			 nt_fmt_name(y->s->comm, sizeof(y->s->comm), comm, sizeof(comm)));
	snprintf(buf, len, "%s -> %s id=%u seq=%u dir=%s if=%s%s",
		 nt_fmt_addr(k->family, k->saddr, a, sizeof(a)),
		 nt_fmt_addr(k->family, k->daddr, b, sizeof(b)), ntohs(k->sport), ntohs(k->dport),
		 rtt_directions[y->s->dir & 1],
		 ifindex ? nt_run_dev_name(run, ifindex, dev, sizeof(dev)) : "-", task);
}

void rtt_why(const struct nt_run *run, const struct nt_story *y, uint32_t status, char *buf,
	     size_t len)
{
	const struct nt_stories *st = nt_stories(run);
	const char *last = st->stage[nt_story_last(st->kind, y)];

	if (y->s->flags & NT_SESS_REPLACED)
		snprintf(buf, len, "last seen at %s; sent again with the same id and seq", last);
	else
		snprintf(buf, len, "last seen at %s, no %s within %g ms", last, st->stage[status],
			 st->cfg->timeout_ns / 1e6);
}

void rtt_ends(struct nt_run *run, const struct nt_figures *f)
{
	const struct rtt_state *st = run->state;
	const uint64_t *n = f->status;
	uint64_t lost = n[NT_TRIP_LOST_REQ] + n[NT_TRIP_LOST_BETWEEN] + n[NT_TRIP_LOST_REP];

	nt_out_text(run->out,
		    "%s=%llu complete=%llu lost=%llu (path1=%llu inter_path=%llu path2=%llu)",
		    st->sides.dir == RTT_RX ? "received" : "sent", (unsigned long long)f->total,
		    (unsigned long long)n[NT_TRIP_COMPLETE], (unsigned long long)lost,
		    (unsigned long long)n[NT_TRIP_LOST_REQ],
		    (unsigned long long)n[NT_TRIP_LOST_BETWEEN],
		    (unsigned long long)n[NT_TRIP_LOST_REP]);
}
