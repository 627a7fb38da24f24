// SPDX-License-Identifier: GPL-2.0-or-later
#include "netstat.h"

#include <ctype.h>
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "procfs.h"

/* 150 bytes a CPU in softnet_stat, and some 200 counters of 50 bytes in snmp6. */
#define PROC_MAX (1U << 20)

/* --- a device --- */

struct device_arg {
	struct rtnl_link_stats64 *out;
	bool found;
};

static int device_message(const struct nlmsghdr *h, struct nt_nl_data payload, void *arg)
{
	struct device_arg *d = arg;
	struct nt_nl_attr a;

	if (h->nlmsg_type != RTM_NEWSTATS || payload.n < sizeof(struct if_stats_msg))
		return 0;
	payload.p += sizeof(struct if_stats_msg);
	payload.n -= sizeof(struct if_stats_msg);
	while (nt_nl_next(&payload, &a)) {
		if (a.type != IFLA_STATS_LINK_64)
			continue;
		memcpy(d->out, a.data.p, a.data.n < sizeof(*d->out) ? a.data.n : sizeof(*d->out));
		d->found = true;
	}
	return 0;
}

int nt_netstat_device(int nl, uint32_t ifindex, struct rtnl_link_stats64 *out)
{
	struct {
		struct nlmsghdr h;
		struct if_stats_msg m;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = RTM_GETSTATS },
		.m = { .ifindex = ifindex,
		       .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64) },
	};
	struct device_arg arg = { out, false };
	struct nt_nl_dump d = { &req.h, device_message, NULL, &arg };
	int r;

	memset(out, 0, sizeof(*out));
	r = nt_nl_ask(nl, &d);
	return r ?: arg.found ? 0 : -ENODATA;
}

/* --- queueing disciplines --- */

struct qdisc_arg {
	uint32_t ifindex, n;
	struct nt_qdisc *v;
};

static void queue_stats(struct nt_nl_data stats, struct nt_qdisc *q)
{
	struct gnet_stats_queue s;
	struct nt_nl_attr a;

	while (nt_nl_next(&stats, &a)) {
		if (a.type != TCA_STATS_QUEUE || a.data.n < sizeof(s))
			continue;
		memcpy(&s, a.data.p, sizeof(s));
		q->drops = s.drops;
		q->backlog = s.qlen;
	}
}

static int qdisc_message(const struct nlmsghdr *h, struct nt_nl_data payload, void *arg)
{
	struct qdisc_arg *l = arg;
	struct nt_nl_attr a;
	struct nt_qdisc *q;
	struct tcmsg m;

	if (h->nlmsg_type != RTM_NEWQDISC || payload.n < sizeof(m))
		return 0;
	memcpy(&m, payload.p, sizeof(m));
	/* The kernel lists those of all devices. */
	if ((uint32_t)m.tcm_ifindex != l->ifindex)
		return 0;
	if (l->n == NT_QDISCS)
		return -E2BIG;
	q = &l->v[l->n++];
	*q = (struct nt_qdisc){ .handle = m.tcm_handle, .parent = m.tcm_parent };
	payload.p += sizeof(m);
	payload.n -= sizeof(m);
	while (nt_nl_next(&payload, &a))
		if (a.type == TCA_STATS2)
			queue_stats(a.data, q);
	return 0;
}

static void qdisc_again(void *arg)
{
	((struct qdisc_arg *)arg)->n = 0;
}

/* The one whose class the parent of v[i] is; n: none, it is a root. */
static uint32_t parent_of(const struct nt_qdisc *v, uint32_t n, uint32_t i)
{
	uint32_t k;

	if (v[i].parent == TC_H_ROOT || v[i].parent == TC_H_INGRESS)
		return n;
	/* The kernel's own mq has the handle 0, and so have the queues below it. */
	for (k = 0; k < n; k++)
		if (k != i && TC_H_MAJ(v[k].handle) == TC_H_MAJ(v[i].parent) &&
		    (v[k].handle || v[k].parent == TC_H_ROOT))
			return k;
	return n;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#define DEPTH_MAX 8 /* of classes in classes */

void nt_qdisc_total(struct nt_qdisc *v, uint32_t n, struct nt_qdisc_sum *out)
{
	uint32_t i, up, deep;
	int depth;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < n; i++)
		v[i].up = parent_of(v, n, i);
	/* From the lowest row to the roots. */
	for (depth = DEPTH_MAX; depth >= 0; depth--) {
		for (i = 0; i < n; i++) {
			for (deep = 0, up = v[i].up; up < n && deep <= DEPTH_MAX; deep++)
				up = v[up].up;
			if (deep != (uint32_t)depth)
				continue;
			v[i].drops = larger(v[i].drops, v[i].below.drops);
			v[i].backlog = larger(v[i].backlog, v[i].below.backlog);
			up = v[i].up;
			if (up < n) {
				v[up].below.drops += v[i].drops;
				v[up].below.backlog += v[i].backlog;
			} else {
				out->drops += v[i].drops;
				out->backlog += v[i].backlog;
			}
		}
	}
}

int nt_netstat_qdisc(int nl, uint32_t ifindex, struct nt_qdisc_sum *out)
{
	struct {
		struct nlmsghdr h;
		struct tcmsg m;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = RTM_GETQDISC },
		.m = { .tcm_ifindex = (int)ifindex },
	};
	NT_FREE struct nt_qdisc *v = calloc(NT_QDISCS, sizeof(*v));
	struct qdisc_arg arg = { ifindex, 0, v };
	struct nt_nl_dump d = { &req.h, qdisc_message, qdisc_again, &arg };
	int r;

	if (!v)
		return -ENOMEM;
	r = nt_nl_dump(nl, &d);
	if (!r)
		nt_qdisc_total(v, arg.n, out);
	return r;
}

/* --- files --- */

static int proc_text(const char *path, char **text)
{
	int r;

	*text = malloc(PROC_MAX);
	if (!*text)
		return -ENOMEM;
	r = nt_read_text(path, *text, PROC_MAX);
	return r < 0 ? r : 0;
}

/* A number in hex, and the blank behind it. */
static bool take_hex(const char **s, uint64_t *v)
{
	char *end;

	if (!isxdigit((unsigned char)**s))
		return false;
	*v = strtoull(*s, &end, 16);
	*s = end + (*end == ' ');
	return true;
}

/* A line a CPU, in hex: packets, dropped, squeezed, ... (softnet_seq_show). */
int nt_softnet_parse(const char *text, struct nt_softnet *out)
{
	uint64_t packets, dropped, squeezed;

	memset(out, 0, sizeof(*out));
	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!take_hex(&text, &packets) || !take_hex(&text, &dropped) ||
		    !take_hex(&text, &squeezed))
			return -EINVAL;
		out->dropped += dropped;
		out->squeezed += squeezed;
	}
	return 0;
}

int nt_netstat_softnet(struct nt_softnet *out)
{
	NT_FREE char *text = NULL;
	int r = proc_text("/proc/net/softnet_stat", &text);

	return r ?: nt_softnet_parse(text, out);
}

/* "Udp: Name Name\nUdp: 1 2": the number below a name. false: there is none. */
static bool pair_value(const char *names, const char *values, const char *name, uint64_t *v)
{
	size_t len = strlen(name), n, m;

	for (;;) {
		names += strspn(names, " ");
		values += strspn(values, " ");
		n = strcspn(names, " \n");
		m = strcspn(values, " \n");
		if (!n || !m)
			return false;
		if (n == len && !memcmp(names, name, len)) {
			*v = strtoull(values, NULL, 10);
			return true;
		}
		names += n;
		values += m;
	}
}

static int udp4_parse(const char *text, struct nt_udp_stat *out)
{
	const char *names = strstr(text, "\nUdp: "), *values;

	values = names ? strstr(names + 1, "\nUdp: ") : NULL;
	if (!values || !pair_value(names + 1, values + 1, "InErrors", &out->in_errors) ||
	    !pair_value(names + 1, values + 1, "RcvbufErrors", &out->rcvbuf_errors))
		return -EINVAL;
	pair_value(names + 1, values + 1, "SndbufErrors", &out->sndbuf_errors);
	pair_value(names + 1, values + 1, "InCsumErrors", &out->csum_errors);
	return 0;
}

/* "Udp6InErrors    12" */
static bool line_value(const char *text, const char *name, uint64_t *v)
{
	size_t n = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, name, n) && (text[n] == ' ' || text[n] == '\t')) {
			*v = strtoull(text + n, NULL, 10);
			return true;
		}
	}
	return false;
}

static int udp6_parse(const char *text, struct nt_udp_stat *out)
{
	if (!line_value(text, "Udp6InErrors", &out->in_errors) ||
	    !line_value(text, "Udp6RcvbufErrors", &out->rcvbuf_errors))
		return -EINVAL;
	line_value(text, "Udp6SndbufErrors", &out->sndbuf_errors);
	line_value(text, "Udp6InCsumErrors", &out->csum_errors);
	return 0;
}

int nt_udp_parse(uint32_t family, const char *text, struct nt_udp_stat *out)
{
	memset(out, 0, sizeof(*out));
	return family == 6 ? udp6_parse(text, out) : udp4_parse(text, out);
}

int nt_netstat_udp(uint32_t family, struct nt_udp_stat *out)
{
	NT_FREE char *text = NULL;
	int r = proc_text(family == 6 ? "/proc/net/snmp6" : "/proc/net/snmp", &text);

	return r ?: nt_udp_parse(family, text, out);
}
