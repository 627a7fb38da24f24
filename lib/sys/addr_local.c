// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "iface.h"
#include "netlink.h"

struct addr_arg {
	uint8_t family; /* AF_* */
	size_t len;
	const void *addr;
	bool found;
};

static int addr_message(const struct nlmsghdr *h, struct nt_nl_data payload, void *arg)
{
	struct nt_nl_data own = { NULL, 0 };
	struct addr_arg *w = arg;
	struct nt_nl_attr a;
	struct ifaddrmsg m;

	if (h->nlmsg_type != RTM_NEWADDR || payload.n < sizeof(m))
		return 0;
	memcpy(&m, payload.p, sizeof(m));
	if (m.ifa_family != w->family)
		return 0;
	payload.p += NLMSG_ALIGN(sizeof(m));
	payload.n -= NLMSG_ALIGN(sizeof(m));
	/* On a link with a peer IFA_ADDRESS is the peer's and IFA_LOCAL ours. */
	while (nt_nl_next(&payload, &a))
		if (a.type == IFA_LOCAL || (a.type == IFA_ADDRESS && !own.p))
			own = a.data;
	if (own.p && own.n == w->len && !memcmp(own.p, w->addr, w->len))
		w->found = true;
	return 0;
}

static void addr_again(void *arg)
{
	((struct addr_arg *)arg)->found = false;
}

int nt_addr_is_local(const struct nt_netns *ns, uint32_t family, const uint32_t addr[4],
		     struct nt_err *err)
{
	struct addr_arg w = {
		.family = family == 6 ? AF_INET6 : AF_INET,
		.len = family == 6 ? 16 : 4,
		.addr = addr,
	};
	struct {
		struct nlmsghdr h;
		struct ifaddrmsg m;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = RTM_GETADDR },
		.m = { .ifa_family = w.family },
	};
	struct nt_nl_dump d = { &req.h, addr_message, addr_again, &w };
	NT_CLOSE int fd = nt_nl_open(ns, 0, err);
	int r;

	if (fd < 0)
		return fd;
	r = nt_nl_dump(fd, &d);
	if (r)
		return nt_errf(err, NT_EXIT_RUNTIME, -r,
			       "cannot read the addresses of network namespace '%s': %s", ns->name,
			       r == -EAGAIN ? "they kept changing, try again" : strerror(-r));
	return w.found;
}
