// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the lost probes a counter explains. All but the socket's own also count what is
 * no probe, so that none is ever taken for more than is still lost when its turn comes; the
 * surest has the first turn.
 */
#include <string.h>

#include "probe.h"

static const struct {
	const char *name, *text;
} wheres[] = {
	[PROBE_SENDER_QDISC] = { "SENDER_QDISC_DROP", "the sender's queueing disciplines" },
	[PROBE_SENDER_DEVICE] = { "SENDER_DEVICE_DROP", "the sender's device" },
	[PROBE_RECEIVER_NIC] = { "RECEIVER_NIC_DROP", "the receiver's device" },
	[PROBE_RECEIVER_SOFTNET] = { "RECEIVER_SOFTNET_DROP", "the receiver's CPU backlog" },
	[PROBE_RECEIVER_STACK] = { "RECEIVER_STACK_DROP", "rx_dropped of the receiver" },
	[PROBE_RECEIVER_CHECKSUM] = { "RECEIVER_CHECKSUM_DROP", "wrong UDP checksums" },
	[PROBE_RECEIVER_SOCKET] = { "RECEIVER_SOCKET_DROP", "UDP receive buffer" },
	[PROBE_TRANSIT] = { "IN_TRANSIT_DROP", "never having come to the receiver's device" },
};

const char *probe_where_name(enum probe_where w)
{
	return wheres[w].name;
}

const char *probe_where_text(enum probe_where w)
{
	return wheres[w].text;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t more(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t without(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void take(struct probe_verdict *v, enum probe_where w, uint64_t n)
{
	v->part[w] = less(v->unexplained, n);
	v->unexplained -= v->part[w];
}

static void judge_sender(const struct probe_sent *s, struct probe_verdict *v)
{
	const uint64_t *c = s->c.v;
	uint64_t qdisc = c[PROBE_QDISC_DROP];

	/* Those that the driver has confirmed were in no queue any more. */
	if (s->all_stamped && s->stamped)
		qdisc = less(qdisc, without(s->sent, s->stamped));
	take(v, PROBE_SENDER_QDISC, qdisc);
	/* Most drivers count each of the three under tx_errors as well. */
	take(v, PROBE_SENDER_DEVICE,
	     c[PROBE_TX_DROPPED] + more(c[PROBE_TX_ERRORS], c[PROBE_TX_CARRIER] + c[PROBE_TX_FIFO] +
								    c[PROBE_TX_ABORTED]));
}

/* Drops of our own socket are of our own datagrams: those alone are certain. */
static void judge_socket(const uint64_t *c, struct probe_verdict *v)
{
	uint64_t full = less(c[PROBE_SOCKET_DROP], c[PROBE_UDP_RCVBUF]);

	take(v, PROBE_RECEIVER_SOCKET, full);
	take(v, PROBE_RECEIVER_CHECKSUM, c[PROBE_UDP_CSUM]);
}

static void judge_receiver(const uint64_t *c, struct probe_verdict *v)
{
	uint64_t ring = more(c[PROBE_RX_MISSED], more(c[PROBE_RX_OVER], c[PROBE_RX_FIFO]));
	uint64_t bad = c[PROBE_RX_CRC] + c[PROBE_RX_FRAME] + c[PROBE_RX_LENGTH];

	/* rx_errors has the sum of what a driver knows, or nothing. */
	take(v, PROBE_RECEIVER_NIC, more(c[PROBE_RX_ERRORS], ring + bad));
	take(v, PROBE_RECEIVER_SOFTNET, c[PROBE_SOFTNET_DROP]);
	/* A full backlog is counted in rx_dropped, too (enqueue_to_backlog). */
	take(v, PROBE_RECEIVER_STACK, without(c[PROBE_RX_DROPPED], c[PROBE_SOFTNET_DROP]));
}

/*
 * The device received less than was sent: so many at least never came to it. Of its packets
 * those of the control connection are known to be no probes.
 */
static void judge_transit(const struct probe_sent *s, const struct probe_arrived *a,
			  struct probe_verdict *v)
{
	uint64_t came = without(a->c.v[PROBE_RX_PACKETS], a->c.v[PROBE_CONTROL_IN]);
	uint64_t elsewhere = 0;
	uint32_t i;

	if (a->c.unread || a->c.reset)
		return;
	/* What was dropped before a device counts it did not come either. */
	for (i = PROBE_SENDER_QDISC; i <= PROBE_RECEIVER_STACK; i++)
		elsewhere += v->part[i];
	take(v, PROBE_TRANSIT, without(s->sent, more(came, a->received) + elsewhere));
}

void probe_judge(const struct probe_sent *s, const struct probe_arrived *a, struct probe_verdict *v)
{
	uint32_t i, most = 0;

	memset(v, 0, sizeof(*v));
	v->lost = v->unexplained = without(s->sent, a->received);
	v->name = "NO_DROP";
	if (!v->lost)
		return;
	judge_socket(a->c.v, v);
	judge_sender(s, v);
	judge_receiver(a->c.v, v);
	judge_transit(s, a, v);
	for (i = 1; i < PROBE_WHERES; i++)
		if (v->part[i] > v->part[most])
			most = i;
	v->name = v->part[most] && v->part[most] >= v->unexplained ? wheres[most].name :
								     "NOT_COUNTED_DROP";
}
