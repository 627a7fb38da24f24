// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "iface_parse.h"

/* A link message is some 1.5 KiB without virtual functions, which add the rest. */
#define MESSAGE_MAX 32768

int nt_link_watch_open(const struct nt_netns *ns, struct nt_err *err)
{
	return nt_nl_open(ns, RTMGRP_LINK, err);
}

/* The kernel sends each notification as a datagram of its own (rtnl_notify). */
static bool link_event(struct nt_nl_data rest, struct nt_link_event *ev)
{
	struct nt_nl_data payload;
	struct nlmsghdr h;
	struct nt_iface i;

	while (nt_nl_message(&rest, &h, &payload)) {
		if (h.nlmsg_type != RTM_NEWLINK && h.nlmsg_type != RTM_DELLINK)
			continue;
		if (!nt_iface_parse(payload, &i))
			continue;
		ev->gone = h.nlmsg_type == RTM_DELLINK;
		ev->ifindex = i.ifindex;
		memcpy(ev->name, i.name, sizeof(ev->name));
		return true;
	}
	return false;
}

int nt_link_watch_next(int fd, struct nt_link_event *ev)
{
	uint8_t buf[MESSAGE_MAX];
	int n;

	do {
		n = nt_nl_receive(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0)
			return n == -EAGAIN ? 0 : n;
	} while (!link_event((struct nt_nl_data){ buf, (size_t)n }, ev));
	return 1;
}
