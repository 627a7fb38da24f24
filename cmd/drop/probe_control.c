// SPDX-License-Identifier: GPL-2.0-or-later
/* A control connection: whole messages out of a stream, bounded both ways. */
#include <errno.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe.h"

void probe_conn_open(struct probe_conn *c, int fd)
{
	socklen_t n = sizeof(c->peer), m = sizeof(c->local);
	int on = 1;

	c->fd = fd;
	c->in_n = c->cut_n = c->out_n = 0;
	c->opened_ns = c->heard_ns = nt_clock_mono_ns();
	memset(&c->peer, 0, sizeof(c->peer));
	memset(&c->local, 0, sizeof(c->local));
	getpeername(fd, (struct sockaddr *)&c->peer, &n);
	getsockname(fd, (struct sockaddr *)&c->local, &m);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void probe_conn_close(struct probe_conn *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

int probe_conn_flush(struct probe_conn *c)
{
	ssize_t r;

	while (c->out_n) {
		r = send(c->fd, c->out, c->out_n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (r < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		c->out_n -= (size_t)r;
		memmove(c->out, c->out + r, c->out_n);
	}
	return 0;
}

int probe_conn_put(struct probe_conn *c, const uint8_t *frame, size_t n)
{
	if (!n || n > sizeof(c->out) - c->out_n)
		return -ENOBUFS;
	memcpy(c->out + c->out_n, frame, n);
	c->out_n += n;
	return probe_conn_flush(c);
}

int probe_conn_next(struct probe_conn *c, struct probe_frame *f)
{
	ssize_t r;
	int n;

	c->in_n -= c->cut_n;
	memmove(c->in, c->in + c->cut_n, c->in_n);
	c->cut_n = 0;
	for (;;) {
		n = c->in_n ? probe_frame_cut(c->in, c->in_n, f) : 0;
		if (n < 0)
			return n;
		if (n) {
			c->cut_n = (size_t)n;
			c->heard_ns = nt_clock_mono_ns();
			return 1;
		}
		/* There is room: what is no whole frame yet is shorter than one. */
		r = recv(c->fd, c->in + c->in_n, sizeof(c->in) - c->in_n, MSG_DONTWAIT);
		if (r == 0)
			return -ECONNRESET;
		if (r < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		c->in_n += (size_t)r;
	}
}

uint64_t probe_conn_segments(const struct probe_conn *c)
{
	struct tcp_info i;
	socklen_t n = sizeof(i);

	memset(&i, 0, sizeof(i));
	if (c->fd < 0 || getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &i, &n) < 0)
		return 0;
	return i.tcpi_segs_in;
}
