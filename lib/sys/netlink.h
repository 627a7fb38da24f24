/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route netlink: sockets, dumps, and attributes whose lengths are not trusted. */
#ifndef NT_NETLINK_H
#define NT_NETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "netns.h"

/* A piece of a message. */
struct nt_nl_data {
	const uint8_t *p;
	size_t n;
};

struct nt_nl_attr {
	uint16_t type; /* without the flag bits */
	struct nt_nl_data data;
};

/* The next attribute of rest, which moves on. false at the end or at a wrong length. */
bool nt_nl_next(struct nt_nl_data *rest, struct nt_nl_attr *a);
/* 0 where the attribute is shorter. */
uint32_t nt_nl_u32(struct nt_nl_data d);
uint16_t nt_nl_u16(struct nt_nl_data d);
/* Copy a text, cut at the buffer's size, always with a NUL. */
void nt_nl_text(struct nt_nl_data d, char *buf, size_t len);
/*
 * Cut the next message off rest. false at the end or when its length is wrong.
 */
bool nt_nl_message(struct nt_nl_data *rest, struct nlmsghdr *h, struct nt_nl_data *payload);

/* A route socket made inside the namespace; groups: RTMGRP_* to listen to. -errno. */
int nt_nl_open(const struct nt_netns *ns, uint32_t groups, struct nt_err *err);
/*
 * One datagram from the kernel: its length, or -errno (-EAGAIN: none now on a
 * non-blocking socket, -ENOBUFS: the kernel had to leave some out, -EMSGSIZE: it
 * did not fit). Datagrams from other processes are thrown away.
 */
int nt_nl_receive(int fd, void *buf, size_t len, int flags);

struct nt_nl_dump {
	/* Request: a header and the family's own header (struct ifinfomsg ...). */
	struct nlmsghdr *req;
	/* A message of the answer; other than 0 stops the dump. */
	int (*message)(const struct nlmsghdr *h, struct nt_nl_data payload, void *arg);
	/* The table changed while it was read: forget what was read, it begins again. */
	void (*again)(void *arg);
	void *arg;
};
/* 0, or -errno; -EAGAIN when the table never held still. */
int nt_nl_dump(int fd, const struct nt_nl_dump *d);

/*
 * One request, one answer: its message goes to d->message (d->again is not needed).
 * 0, or -errno: the kernel's own, too.
 */
int nt_nl_ask(int fd, const struct nt_nl_dump *d);

#endif
