// SPDX-License-Identifier: GPL-2.0-or-later
/* The rtt tools: which of the two addresses is this host's. */
#include <errno.h>
#include <string.h>

#include "rtt_tool.h"

static bool matches(const struct nt_addr *a, const uint32_t addr[4])
{
	uint32_t w, differ = 0;

	for (w = 0; w < 4; w++)
		differ |= (addr[w] & a->mask[w]) ^ a->addr[w];
	return !differ;
}

static bool asked_for(const struct nt_addrs *asked, const struct nt_local_addr *l)
{
	uint32_t i;

	for (i = 0; i < asked->n && asked->family == l->family; i++)
		if (matches(&asked->a[i], l->addr))
			return true;
	return false;
}

/* An address can be on several devices. */
static bool has(const struct nt_addrs *s, const struct nt_local_addr *l)
{
	uint32_t i;

	for (i = 0; i < s->n; i++)
		if (!memcmp(s->a[i].addr, l->addr, sizeof(l->addr)))
			return true;
	return false;
}

/*
 * This host's addresses among those that are asked for, one by one: a prefix may hold
 * those of others too, whose pings this host forwards. false: more than a list takes.
 */
static bool local_of(const struct nt_addr_list *local, const struct nt_addrs *asked,
		     struct nt_addrs *out)
{
	uint32_t i;

	memset(out, 0, sizeof(*out));
	out->family = asked->family;
	for (i = 0; i < local->n; i++) {
		if (!asked_for(asked, &local->v[i]) || has(out, &local->v[i]))
			continue;
		if (out->n == NT_MAX_ADDRS)
			return false;
		memcpy(out->a[out->n].addr, local->v[i].addr, sizeof(local->v[i].addr));
		memset(out->a[out->n].mask, 0xff, local->v[i].family == 6 ? 16 : 4);
		out->n++;
	}
	return true;
}

static int refuse(struct nt_err *err, const struct nt_addrs *src, const struct nt_addrs *dst)
{
	if (src->n && dst->n)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, EINVAL,
			       "--src-ip and --dst-ip are both addresses of this host, whose pings "
			       "to itself meet no device; give the other host's address");
	if (dst->n)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, EINVAL,
			       "--dst-ip is an address of this host and --src-ip is not: for pings "
			       "to this host give --direction rx");
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, EINVAL,
		       "neither --src-ip nor --dst-ip is an address of this network namespace "
		       "('ip address' shows them, --netns chooses another one); 'nettrace path "
		       "icmp' follows pings that are forwarded");
}

int rtt_sides_find(const struct nt_addr_list *local, const struct rtt_cfg *c, struct rtt_sides *out,
		   struct nt_err *err)
{
	struct nt_addrs src, dst;

	memset(out, 0, sizeof(*out));
	if (!local_of(local, &c->flow.src, &src) || !local_of(local, &c->flow.dst, &dst))
		return nt_errf(err, NT_EXIT_USAGE, E2BIG,
			       "more than %d addresses of this host are in a prefix; name those "
			       "that matter",
			       NT_MAX_ADDRS);
	if ((src.n > 0) == (dst.n > 0) || (c->direction == RTT_TX && !src.n))
		return refuse(err, &src, &dst);
	out->dir = c->direction;
	out->swapped = c->direction == RTT_RX && src.n;
	if (c->direction == RTT_TX) {
		out->src = src;
		out->dst = c->flow.dst;
	} else {
		out->src = out->swapped ? c->flow.dst : c->flow.src;
		out->dst = out->swapped ? src : dst;
	}
	return 0;
}
