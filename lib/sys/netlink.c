// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"

/* The kernel fills dumps in skbs of up to 32 KiB (netlink_recvmsg, netlink_dump). */
#define DUMP_BUF 32768
/* On a host whose containers come and go, some attempts are interrupted. */
#define DUMP_TRIES 20
#define DUMP_TIMEOUT_S 5

bool nt_nl_next(struct nt_nl_data *rest, struct nt_nl_attr *a)
{
	struct nlattr h;
	size_t step;

	if (rest->n < sizeof(h))
		return false;
	memcpy(&h, rest->p, sizeof(h));
	if (h.nla_len < sizeof(h) || h.nla_len > rest->n)
		return false;
	a->type = h.nla_type & NLA_TYPE_MASK;
	a->data.p = rest->p + sizeof(h);
	a->data.n = h.nla_len - sizeof(h);
	step = NLA_ALIGN((size_t)h.nla_len);
	if (step > rest->n)
		step = rest->n;
	rest->p += step;
	rest->n -= step;
	return true;
}

uint32_t nt_nl_u32(struct nt_nl_data d)
{
	uint32_t v = 0;

	if (d.n >= sizeof(v))
		memcpy(&v, d.p, sizeof(v));
	return v;
}

uint16_t nt_nl_u16(struct nt_nl_data d)
{
	uint16_t v = 0;

	if (d.n >= sizeof(v))
		memcpy(&v, d.p, sizeof(v));
	return v;
}

void nt_nl_text(struct nt_nl_data d, char *buf, size_t len)
{
	size_t n = strnlen((const char *)d.p, d.n);

	if (n >= len)
		n = len - 1;
	memcpy(buf, d.p, n);
	buf[n] = '\0';
}

bool nt_nl_message(struct nt_nl_data *rest, struct nlmsghdr *h, struct nt_nl_data *payload)
{
	size_t step;

	if (rest->n < sizeof(*h))
		return false;
	memcpy(h, rest->p, sizeof(*h));
	if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > rest->n)
		return false;
	payload->p = rest->p + sizeof(*h);
	payload->n = h->nlmsg_len - sizeof(*h);
	step = NLMSG_ALIGN((size_t)h->nlmsg_len);
	if (step > rest->n)
		step = rest->n;
	rest->p += step;
	rest->n -= step;
	return true;
}

/* Runs in the namespace: a socket belongs to the one that it was made in. */
static int make_socket(void *arg)
{
	uint32_t *groups = arg;
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = *groups };
	int flags = SOCK_RAW | SOCK_CLOEXEC | (*groups ? SOCK_NONBLOCK : 0);
	int fd = socket(AF_NETLINK, flags, NETLINK_ROUTE), r;
	struct timeval t = { .tv_sec = DUMP_TIMEOUT_S };

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t))) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int nt_nl_open(const struct nt_netns *ns, uint32_t groups, struct nt_err *err)
{
	struct nt_err e = { 0 };
	int fd = nt_netns_run(ns, make_socket, &groups, &e);

	if (fd >= 0)
		return fd;
	/* No text: the socket failed, not the switch. */
	if (!e.text[0])
		return nt_errf(err, NT_EXIT_RUNTIME, -fd, "cannot open a netlink socket: %s",
			       strerror(-fd));
	if (err)
		*err = e;
	return fd;
}

int nt_nl_receive(int fd, void *buf, size_t len, int flags)
{
	struct sockaddr_nl from;
	struct iovec iov = { buf, len };
	struct msghdr m;
	ssize_t n;

	for (;;) {
		m = (struct msghdr){ .msg_name = &from,
				     .msg_namelen = sizeof(from),
				     .msg_iov = &iov,
				     .msg_iovlen = 1 };
		n = recvmsg(fd, &m, flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* Any process may send to the socket; the kernel is number 0. */
		if (m.msg_namelen < sizeof(from) || from.nl_pid)
			continue;
		return m.msg_flags & MSG_TRUNC ? -EMSGSIZE : (int)n;
	}
}

static bool acked(const struct nt_nl_dump *d, int32_t e)
{
	return e < 0 || d->req->nlmsg_flags & NLM_F_ACK;
}

/* One datagram's messages. 1: the dump is complete. */
static int dump_part(const struct nt_nl_dump *d, struct nt_nl_data rest, bool *changed)
{
	struct nt_nl_data payload;
	struct nlmsghdr h;
	int32_t e = 0;
	int r;

	while (nt_nl_message(&rest, &h, &payload)) {
		/* Left over from an attempt that was given up. */
		if (h.nlmsg_seq != d->req->nlmsg_seq)
			continue;
		if (h.nlmsg_flags & NLM_F_DUMP_INTR)
			*changed = true;
		if (h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR) {
			if (payload.n >= sizeof(e))
				memcpy(&e, payload.p, sizeof(e));
			/* 0 is the acknowledgement, of nt_nl_ask(). */
			if (h.nlmsg_type == NLMSG_ERROR && (e > 0 || !acked(d, e)))
				return -EPROTO;
			return e < 0 && e >= -4095 ? e : 1;
		}
		r = d->message(&h, payload, d->arg);
		if (r)
			return r < 0 ? r : -ECANCELED;
	}
	return 0;
}

static int answer(int fd, const struct nt_nl_dump *d, bool *changed)
{
	NT_FREE uint8_t *buf = malloc(DUMP_BUF);
	int n, r;

	if (!buf)
		return -ENOMEM;
	if (send(fd, d->req, d->req->nlmsg_len, 0) < 0)
		return -errno;
	do {
		n = nt_nl_receive(fd, buf, DUMP_BUF, 0);
		if (n < 0)
			return n == -EAGAIN ? -ETIMEDOUT : n;
		r = dump_part(d, (struct nt_nl_data){ buf, (size_t)n }, changed);
	} while (!r);
	return r < 0 ? r : 0;
}

int nt_nl_ask(int fd, const struct nt_nl_dump *d)
{
	bool changed;

	d->req->nlmsg_seq = (uint32_t)nt_clock_mono_ns();
	/* The acknowledgement comes behind the answer, like the end of a dump. */
	d->req->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	return answer(fd, d, &changed);
}

int nt_nl_dump(int fd, const struct nt_nl_dump *d)
{
	/* Not the number of an earlier dump by this socket that broke off. */
	uint32_t seq = (uint32_t)nt_clock_mono_ns(), i;
	bool changed;
	int r;

	for (i = 0; i < DUMP_TRIES; i++) {
		changed = false;
		d->req->nlmsg_seq = seq + i;
		d->req->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		r = answer(fd, d, &changed);
		if (r || !changed)
			return r;
		d->again(d->arg);
	}
	return -EAGAIN;
}
