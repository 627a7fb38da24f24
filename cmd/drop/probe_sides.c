// SPDX-License-Identifier: GPL-2.0-or-later
/* The counters of an end, before and after. */
#include <string.h>

#include "probe.h"

static void device(const struct probe_place *pl, struct probe_counters *c)
{
	struct rtnl_link_stats64 s;
	uint64_t *v = c->v;

	if (nt_netstat_device(pl->nl, pl->iface.ifindex, &s) < 0) {
		c->unread = true;
		return;
	}
	v[PROBE_TX_DROPPED] = s.tx_dropped;
	v[PROBE_TX_ERRORS] = s.tx_errors;
	v[PROBE_TX_CARRIER] = s.tx_carrier_errors;
	v[PROBE_TX_FIFO] = s.tx_fifo_errors;
	v[PROBE_TX_ABORTED] = s.tx_aborted_errors;
	v[PROBE_TX_PACKETS] = s.tx_packets;
	v[PROBE_RX_MISSED] = s.rx_missed_errors;
	v[PROBE_RX_DROPPED] = s.rx_dropped;
	v[PROBE_RX_ERRORS] = s.rx_errors;
	v[PROBE_RX_OVER] = s.rx_over_errors;
	v[PROBE_RX_FIFO] = s.rx_fifo_errors;
	v[PROBE_RX_CRC] = s.rx_crc_errors;
	v[PROBE_RX_FRAME] = s.rx_frame_errors;
	v[PROBE_RX_LENGTH] = s.rx_length_errors;
	v[PROBE_RX_NOHANDLER] = s.rx_nohandler;
	v[PROBE_RX_PACKETS] = s.rx_packets;
}

static void qdisc(const struct probe_place *pl, struct probe_counters *c)
{
	struct nt_qdisc_sum q;

	if (nt_netstat_qdisc(pl->nl, pl->iface.ifindex, &q) < 0)
		c->unread = true;
	else
		c->v[PROBE_QDISC_DROP] = q.drops;
}

static void stack(const struct probe_side *s, struct probe_counters *c)
{
	struct nt_udp_stat udp = { 0 };
	struct nt_softnet net = { 0 };

	c->unread |= nt_netstat_softnet(&net) < 0;
	c->unread |= nt_netstat_udp(s->family, &udp) < 0;
	c->v[PROBE_SOFTNET_DROP] = net.dropped;
	c->v[PROBE_SOFTNET_SQUEEZED] = net.squeezed;
	c->v[PROBE_UDP_RCVBUF] = udp.rcvbuf_errors;
	c->v[PROBE_UDP_ERRORS] = udp.in_errors;
	c->v[PROBE_UDP_CSUM] = udp.csum_errors;
	c->v[PROBE_UDP_SNDBUF] = udp.sndbuf_errors;
	c->v[PROBE_SOCKET_DROP] = probe_socket_drops(s->udp);
	c->v[PROBE_CONTROL_IN] = probe_conn_segments(s->conn);
}

void probe_counters_read(const struct probe_side *s, struct probe_counters *c)
{
	memset(c, 0, sizeof(*c));
	device(s->place, c);
	qdisc(s->place, c);
	stack(s, c);
}

void probe_counters_since(struct probe_counters *now, const struct probe_counters *before)
{
	uint32_t i;

	now->unread |= before->unread;
	for (i = 0; i < PROBE_COUNTERS; i++) {
		/* A queueing discipline that was replaced, a driver that was loaded again. */
		if (now->v[i] < before->v[i])
			now->reset = true;
		else
			now->v[i] -= before->v[i];
	}
	/* Without one of the two there is no difference. */
	if (now->unread)
		memset(now->v, 0, sizeof(now->v));
}

uint64_t probe_backlog(const struct probe_place *pl)
{
	struct nt_qdisc_sum q;

	return nt_netstat_qdisc(pl->nl, pl->iface.ifindex, &q) < 0 ? 0 : q.backlog;
}
