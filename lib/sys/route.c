// SPDX-License-Identifier: GPL-2.0-or-later
#include "route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

/* The kernel stacks at most 8 devices on one another (MAX_NEST_DEV, 5.5). */
#define DEPTH_MAX 8

static int route_message(const struct nlmsghdr *h, struct nt_nl_data payload, void *arg)
{
	struct nt_route *out = arg;
	struct nt_nl_attr a;
	struct rtmsg m;

	if (h->nlmsg_type != RTM_NEWROUTE || payload.n < sizeof(m))
		return 0;
	memcpy(&m, payload.p, sizeof(m));
	out->local = m.rtm_type == RTN_LOCAL;
	payload.p += sizeof(m);
	payload.n -= sizeof(m);
	while (nt_nl_next(&payload, &a))
		if (a.type == RTA_OIF)
			out->ifindex = nt_nl_u32(a.data);
	return 0;
}

int nt_route_to(int nl, uint32_t family, const uint32_t addr[4], struct nt_route *out)
{
	size_t n = family == 6 ? 16 : 4;
	struct {
		struct nlmsghdr h;
		struct rtmsg m;
		struct nlattr dst;
		uint8_t addr[16];
	} req = {
		.h = { .nlmsg_type = RTM_GETROUTE },
		.m = { .rtm_family = family == 6 ? AF_INET6 : AF_INET,
		       .rtm_dst_len = (uint8_t)(8 * n) },
		.dst = { (uint16_t)(sizeof(req.dst) + n), RTA_DST },
	};
	struct nt_nl_dump d = { &req.h, route_message, NULL, out };
	int r;

	memset(out, 0, sizeof(*out));
	memcpy(req.addr, addr, n);
	req.h.nlmsg_len = (uint32_t)(sizeof(req) - sizeof(req.addr) + n);
	r = nt_nl_ask(nl, &d);
	return r ?: out->ifindex ? 0 : -ENETUNREACH;
}

static const struct nt_iface *by_index(const struct nt_iface_list *l, uint32_t ifindex)
{
	uint32_t i;

	for (i = 0; ifindex && i < l->n; i++)
		if (l->v[i].ifindex == ifindex)
			return &l->v[i];
	return NULL;
}

static bool stands_on(const struct nt_iface_list *l, uint32_t dev, uint32_t lower, int depth)
{
	const struct nt_iface *d = by_index(l, dev);
	uint32_t i;

	if (!d || dev == lower || depth > DEPTH_MAX)
		return dev == lower;
	/* IFLA_LINK of a veth is its peer, which is below nothing. */
	if (!strcmp(d->kind, "vlan") || !strcmp(d->kind, "macvlan") || !strcmp(d->kind, "ipvlan"))
		return stands_on(l, d->link, lower, depth + 1);
	for (i = 0; i < l->n; i++)
		if (l->v[i].master == dev && stands_on(l, l->v[i].ifindex, lower, depth + 1))
			return true;
	return false;
}

bool nt_iface_stands_on(const struct nt_iface_list *l, uint32_t dev, uint32_t lower)
{
	return stands_on(l, dev, lower, 0);
}
