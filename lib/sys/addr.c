// SPDX-License-Identifier: GPL-2.0-or-later
#include "addr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addr_parse.h"
#include "netlink.h"

/* On a point-to-point link IFA_ADDRESS is the peer's, and IFA_LOCAL ours. */
bool nt_addr_parse(struct nt_nl_data msg, struct nt_local_addr *out)
{
	struct nt_nl_data local = { NULL, 0 };
	struct nt_nl_attr a;
	struct ifaddrmsg m;
	size_t size;

	memset(out, 0, sizeof(*out));
	if (msg.n < sizeof(m))
		return false;
	memcpy(&m, msg.p, sizeof(m));
	if (m.ifa_family != AF_INET && m.ifa_family != AF_INET6)
		return false;
	size = m.ifa_family == AF_INET ? 4 : 16;
	out->family = m.ifa_family == AF_INET ? 4 : 6;
	msg.p += sizeof(m);
	msg.n -= sizeof(m);
	while (nt_nl_next(&msg, &a))
		if (a.type == IFA_LOCAL || (a.type == IFA_ADDRESS && !local.n))
			local = a.data;
	if (local.n != size)
		return false;
	memcpy(out->addr, local.p, size);
	return true;
}

struct list_arg {
	struct nt_addr_list *out;
	uint32_t room;
};

static int list_message(const struct nlmsghdr *h, struct nt_nl_data payload, void *arg)
{
	struct list_arg *l = arg;
	struct nt_local_addr a, *v;
	uint32_t room;

	if (h->nlmsg_type != RTM_NEWADDR || !nt_addr_parse(payload, &a))
		return 0;
	if (l->out->n == NT_ADDR_LIST_MAX)
		return -E2BIG;
	if (l->out->n == l->room) {
		room = l->room ? 2 * l->room : 16;
		v = realloc(l->out->v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		l->out->v = v;
		l->room = room;
	}
	l->out->v[l->out->n++] = a;
	return 0;
}

static void list_again(void *arg)
{
	((struct list_arg *)arg)->out->n = 0;
}

static int dump(int fd, struct nt_addr_list *out)
{
	struct {
		struct nlmsghdr h;
		struct ifaddrmsg m;
	} req = {
		.h = { .nlmsg_len = sizeof(req), .nlmsg_type = RTM_GETADDR },
		.m = { .ifa_family = AF_UNSPEC },
	};
	struct list_arg arg = { .out = out };
	struct nt_nl_dump d = { &req.h, list_message, list_again, &arg };

	return nt_nl_dump(fd, &d);
}

int nt_addr_list(const struct nt_netns *ns, struct nt_addr_list *out, struct nt_err *err)
{
	int r, fd = nt_nl_open(ns, 0, err);

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return fd;
	r = dump(fd, out);
	close(fd);
	if (!r)
		return 0;
	nt_addr_list_free(out);
	return nt_errf(err, NT_EXIT_RUNTIME, -r,
		       "cannot list the addresses of network namespace '%s': %s", ns->name,
		       r == -EAGAIN ? "they kept changing, try again" :
		       r == -E2BIG  ? "more than 65536 of them" :
				      strerror(-r));
}

void nt_addr_list_free(struct nt_addr_list *l)
{
	free(l->v);
	l->v = NULL;
	l->n = 0;
}
