// SPDX-License-Identifier: GPL-2.0-or-later
#include "iface.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "distance.h"
#include "iface_parse.h"
#include "netlink.h"

/* The kernel stacks at most 8 devices on one another (MAX_NEST_DEV, 5.5). */
#define DEPTH_MAX 8

static void parse_vlan(struct nt_nl_data info, struct nt_iface *i)
{
	struct nt_nl_attr a;

	while (nt_nl_next(&info, &a))
		if (a.type == IFLA_VLAN_ID)
			i->vlan_id = nt_nl_u16(a.data);
}

static void parse_linkinfo(struct nt_nl_data info, struct nt_iface *i)
{
	struct nt_nl_data data = { NULL, 0 };
	struct nt_nl_attr a;

	while (nt_nl_next(&info, &a)) {
		if (a.type == IFLA_INFO_KIND)
			nt_nl_text(a.data, i->kind, sizeof(i->kind));
		else if (a.type == IFLA_INFO_DATA)
			data = a.data;
	}
	if (!strcmp(i->kind, "vlan"))
		parse_vlan(data, i);
}

bool nt_iface_parse(struct nt_nl_data msg, struct nt_iface *i)
{
	struct ifinfomsg m;
	struct nt_nl_attr a;
	bool elsewhere = false;

	memset(i, 0, sizeof(*i));
	if (msg.n < sizeof(m))
		return false;
	memcpy(&m, msg.p, sizeof(m));
	/* Bridges tell of their ports in AF_BRIDGE messages: not a device's life. */
	if (m.ifi_family != AF_UNSPEC || m.ifi_index <= 0)
		return false;
	i->ifindex = (uint32_t)m.ifi_index;
	i->type = m.ifi_type;
	msg.p += sizeof(m);
	msg.n -= sizeof(m);
	while (nt_nl_next(&msg, &a)) {
		if (a.type == IFLA_IFNAME)
			nt_nl_text(a.data, i->name, sizeof(i->name));
		else if (a.type == IFLA_LINK)
			i->link = nt_nl_u32(a.data);
		else if (a.type == IFLA_MASTER)
			i->master = nt_nl_u32(a.data);
		else if (a.type == IFLA_NUM_RX_QUEUES)
			i->rx_queues = nt_nl_u32(a.data);
		else if (a.type == IFLA_NUM_TX_QUEUES)
			i->tx_queues = nt_nl_u32(a.data);
		else if (a.type == IFLA_LINK_NETNSID)
			elsewhere = true;
		else if (a.type == IFLA_LINKINFO)
			parse_linkinfo(a.data, i);
	}
	/* The number would be another device's in this namespace. */
	if (elsewhere)
		i->link = 0;
	return i->name[0] != '\0';
}

struct list_arg {
	struct nt_iface_list *out;
	uint32_t room, inum;
};

static int list_message(const struct nlmsghdr *h, struct nt_nl_data payload, void *arg)
{
	struct list_arg *l = arg;
	struct nt_iface i, *v;
	uint32_t room;

	if (h->nlmsg_type != RTM_NEWLINK || !nt_iface_parse(payload, &i))
		return 0;
	if (l->out->n == NT_IFACE_LIST_MAX)
		return -E2BIG;
	if (l->out->n == l->room) {
		room = l->room ? 2 * l->room : 32;
		v = realloc(l->out->v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		l->out->v = v;
		l->room = room;
	}
	i.inum = l->inum;
	l->out->v[l->out->n++] = i;
	return 0;
}

static void list_again(void *arg)
{
	((struct list_arg *)arg)->out->n = 0;
}

int nt_iface_list_by(int fd, const struct nt_netns *ns, struct nt_iface_list *out,
		     struct nt_err *err)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg m;
		struct nlattr mask;
		uint32_t mask_value;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = RTM_GETLINK },
		/* No counters: nobody reads them here, and they are most of the bytes. */
		.mask = { sizeof(req.mask) + sizeof(req.mask_value), IFLA_EXT_MASK },
		.mask_value = RTEXT_FILTER_SKIP_STATS,
	};
	struct list_arg arg = { .out = out, .inum = ns->inum };
	struct nt_nl_dump d = { &req.h, list_message, list_again, &arg };
	int r;

	memset(out, 0, sizeof(*out));
	r = nt_nl_dump(fd, &d);
	if (!r)
		return 0;
	nt_iface_list_free(out);
	return nt_errf(err, NT_EXIT_RUNTIME, -r,
		       "cannot list the interfaces of network namespace '%s': %s", ns->name,
		       r == -EAGAIN ? "they kept changing, try again" :
		       r == -E2BIG  ? "more than 65536 of them" :
				      strerror(-r));
}

int nt_iface_list_open(const struct nt_netns *ns, struct nt_err *err)
{
	return nt_nl_open(ns, 0, err);
}

void nt_iface_list_free(struct nt_iface_list *l)
{
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

/* The kernel allows control characters in names; messages go to terminals. */
static bool printable(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

static const char *nearest(const struct nt_iface_list *l, const char *name)
{
	unsigned len = (unsigned)strlen(name), most = (len + 2) / 3, least = most + 1, d;
	const char *best = NULL;
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		d = nt_edit_distance(name, l->v[i].name);
		if (d >= least || d >= len || !printable(l->v[i].name))
			continue;
		least = d;
		best = l->v[i].name;
	}
	return best;
}

int nt_iface_find(const struct nt_iface_list *l, const char *name, struct nt_iface *out,
		  struct nt_err *err)
{
	const char *near;
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		if (!strcmp(l->v[i].name, name)) {
			*out = l->v[i];
			return 0;
		}
	}
	near = nearest(l, name);
	if (near)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, ENODEV,
			       "interface '%.64s' does not exist: did you mean '%s'?", name, near);
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, ENODEV,
		       "interface '%.64s' does not exist in this network namespace "
		       "('ip link' shows the names, --netns chooses another one)",
		       name);
}

struct expansion {
	const struct nt_iface_list *l;
	struct nt_iface *out;
	uint32_t n, max;
	bool rx;
	uint16_t vlan_id; /* of the last VLAN device on the way down */
};

static const struct nt_iface *by_index(const struct nt_iface_list *l, uint32_t ifindex)
{
	uint32_t i;

	for (i = 0; ifindex && i < l->n; i++)
		if (l->v[i].ifindex == ifindex)
			return &l->v[i];
	return NULL;
}

static int expand_itself(struct expansion *e, const struct nt_iface *dev)
{
	uint32_t i;

	for (i = 0; i < e->n; i++)
		if (e->out[i].ifindex == dev->ifindex && e->out[i].vlan_id == e->vlan_id)
			return 0;
	if (e->n == e->max)
		return -E2BIG;
	e->out[e->n] = *dev;
	e->out[e->n++].vlan_id = e->vlan_id;
	return 0;
}

static int expand(struct expansion *e, const struct nt_iface *dev, int depth);

static int expand_slaves(struct expansion *e, const struct nt_iface *dev, int depth)
{
	uint32_t i;
	int r = 0;

	for (i = 0; i < e->l->n && !r; i++)
		if (e->l->v[i].master == dev->ifindex)
			r = expand(e, &e->l->v[i], depth);
	return r;
}

/*
 * A packet sent through a bond, team or VLAN device fires net_dev_start_xmit
 * there and again at the device below: only the lower instant is taken, so that
 * one packet has one transmit time, the one nearest to the wire.
 */
static int expand(struct expansion *e, const struct nt_iface *dev, int depth)
{
	const uint16_t above = e->vlan_id;
	const struct nt_iface *lower;
	int r;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	if (!strcmp(dev->kind, "bond") || !strcmp(dev->kind, "team"))
		return expand_slaves(e, dev, depth + 1);
	if (strcmp(dev->kind, "vlan"))
		return expand_itself(e, dev);
	lower = by_index(e->l, dev->link);
	if (lower) {
		e->vlan_id = dev->vlan_id;
		r = expand(e, lower, depth + 1);
		e->vlan_id = above;
		return r;
	}
	return e->rx ? 0 : expand_itself(e, dev);
}

int nt_iface_expand(const struct nt_iface_list *l, const struct nt_iface *dev, bool rx,
		    struct nt_iface *out, uint32_t max)
{
	struct expansion e = { .l = l, .out = out, .max = max, .rx = rx };
	int r = expand(&e, dev, 0);

	return r ? r : (int)e.n;
}
