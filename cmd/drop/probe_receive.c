// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The receiver: one session after the other. It sends nothing but what the sender's own
 * connection asks for; who does not know a session's numbers is counted and ignored.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "probe.h"

#define STRANGERS 8 /* connections that have not said what they want */
#define GREET_NS (5 * NS_PER_S)
#define SILENCE_NS (10 * NS_PER_S)
#define HURRY_NS (6 * NS_PER_S)      /* its queues may have to drain first */
#define QUIET_NS (500 * NS_PER_MS)   /* no probe for so long: none is under way */
#define SETTLE_NS (1200 * NS_PER_MS) /* drivers fetch some counters once a second */
#define BEAT_NS NS_PER_S
#define BATCH 64
#define BATCHES 64        /* then the rest has a turn */
#define WINDOW (1U << 22) /* probes: 512 KiB of bits */

enum state {
	IDLE,
	RUNNING, /* probes come */
	STOPPED, /* the sender has sent all; the last ones may be under way */
	TOLD,    /* it knows what came, and tells what it counted */
};

struct receiver {
	struct probe_run *run;
	struct probe_session s;
	struct nt_seqmap seen;
	struct probe_counters before;
	enum state state;
	uint64_t stopped_ns, last_probe_ns, next_beat_ns;
	uint64_t prev_seq, prev_rx_ns, prev_tx_ns; /* of the last probe; 0: none */
	uint64_t sessions;
	uint64_t asked_ns; /* by a signal, or --duration; 0: not */
	uint64_t end_ns;
	int listener, udp;
	struct probe_conn *c; /* the session's; one of those below */
	struct probe_conn conn[STRANGERS + 1];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	uint8_t data[BATCH][PROBE_HEAD];
	union {
		char buf[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control[BATCH];
};

/* --- probes --- */

static uint64_t stamp_of(struct msghdr *m)
{
	struct cmsghdr *c;
	struct timespec t;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS ||
		    c->cmsg_len < CMSG_LEN(sizeof(t)))
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
	}
	return 0;
}

/*
 * How much longer or shorter a probe was under way than the one before it (RFC 3393): the
 * clocks of the two hosts need not agree for that, nor run at the same speed.
 */
static void jitter(struct receiver *r, const struct probe_datagram *d, uint64_t rx_ns)
{
	int64_t diff;

	if (r->prev_rx_ns && d->seq == r->prev_seq + 1) {
		diff = (int64_t)(rx_ns - r->prev_rx_ns) - (int64_t)(d->wall_ns - r->prev_tx_ns);
		nt_hist_add(&r->s.a.jitter, (uint64_t)(diff < 0 ? -diff : diff));
	}
	r->prev_seq = d->seq;
	r->prev_rx_ns = rx_ns;
	r->prev_tx_ns = d->wall_ns;
}

static void one_datagram(struct receiver *r, struct mmsghdr *m)
{
	struct probe_datagram d;
	uint64_t rx_ns;

	if (r->state != RUNNING && r->state != STOPPED)
		return;
	/* With MSG_TRUNC the length is the datagram's own. */
	if (m->msg_len != r->s.size || m->msg_len < PROBE_HEAD ||
	    !probe_datagram_get(m->msg_hdr.msg_iov->iov_base, PROBE_HEAD, &r->s.id, &d)) {
		r->s.a.foreign++;
		return;
	}
	r->last_probe_ns = nt_clock_mono_ns();
	if (nt_seqmap_add(&r->seen, d.seq) != NT_SEQ_NEW)
		return;
	rx_ns = stamp_of(&m->msg_hdr);
	if (rx_ns)
		jitter(r, &d, rx_ns);
	else
		r->s.a.unstamped++;
}

static void take_probes(struct receiver *r)
{
	int i, n, k;

	for (k = 0; k < BATCHES; k++) {
		for (i = 0; i < BATCH; i++) {
			r->iov[i] = (struct iovec){ r->data[i], sizeof(r->data[i]) };
			r->m[i].msg_hdr =
				(struct msghdr){ .msg_iov = &r->iov[i],
						 .msg_iovlen = 1,
						 .msg_control = r->control[i].buf,
						 .msg_controllen = sizeof(r->control[i].buf) };
		}
		n = recvmmsg(r->udp, r->m, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
		for (i = 0; i < n; i++)
			one_datagram(r, &r->m[i]);
		if (n < BATCH)
			break;
	}
	r->s.a.received = r->seen.received;
	r->s.a.duplicate = r->seen.duplicate;
	r->s.a.reordered = r->seen.reordered;
	r->s.a.beyond = r->seen.beyond;
}

/* --- a session --- */

static struct probe_side side(const struct receiver *r)
{
	return (struct probe_side){ &r->run->place, probe_family(&r->c->peer), r->udp, r->c };
}

static void end_session(struct receiver *r)
{
	probe_print_summary(r->run, &r->s);
	probe_conn_close(r->c);
	nt_seqmap_free(&r->seen);
	r->c = NULL;
	r->state = IDLE;
	r->sessions++;
}

/* It came to an end without the sender's figures. */
static void break_off(struct receiver *r, const char *why)
{
	struct probe_side here;

	if (r->state == RUNNING || r->state == STOPPED) {
		here = side(r);
		nt_seqmap_end(&r->seen, r->seen.next);
		r->s.a.longest_gap = r->seen.longest;
		probe_counters_read(&here, &r->s.a.c);
		probe_counters_since(&r->s.a.c, &r->before);
	}
	r->s.have_s = false;
	r->s.early = why;
	end_session(r);
}

static int new_session(struct receiver *r, struct probe_conn *c, const struct probe_hello *h)
{
	struct probe_ready ready = { 0 };
	uint8_t frame[128];
	struct probe_side here;
	struct probe_id id;

	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id) ||
	    nt_seqmap_init(&r->seen, WINDOW) < 0)
		return -ENOMEM;
	/* What is in the buffer belongs to nobody any more. */
	take_probes(r);
	memset(&r->s, 0, sizeof(r->s));
	r->c = c;
	r->state = RUNNING;
	r->prev_rx_ns = 0;
	r->s.id = ready.id = id;
	r->s.size = h->size;
	r->s.mode = PROBE_RECEIVER;
	r->s.have_a = true;
	memcpy(r->s.src_if, h->iface, sizeof(r->s.src_if));
	snprintf(r->s.dst_if, sizeof(r->s.dst_if), "%s", r->run->place.iface.name);
	memcpy(ready.iface, r->s.dst_if, sizeof(ready.iface));
	probe_addr_text(&c->peer, r->s.src, sizeof(r->s.src));
	probe_addr_text(&c->local, r->s.dst, sizeof(r->s.dst));
	here = side(r);
	probe_counters_read(&here, &r->before);
	r->next_beat_ns = nt_clock_mono_ns() + BEAT_NS;
	r->run->next_report_ns = 0;
	return probe_conn_put(c, frame, probe_put_ready(frame, &ready));
}

/* All that came within the time that a late one needs: tell it. */
static int tell_result(struct receiver *r)
{
	const struct probe_side here = side(r);
	uint8_t frame[PROBE_FRAME_MAX];

	nt_seqmap_end(&r->seen, r->s.s.sent);
	r->s.a.longest_gap = r->seen.longest;
	probe_counters_read(&here, &r->s.a.c);
	probe_counters_since(&r->s.a.c, &r->before);
	r->state = TOLD;
	return probe_conn_put(r->c, frame, probe_put_result(frame, &r->s.a));
}

static int on_frame(struct receiver *r, const struct probe_frame *f)
{
	struct probe_sent sent;
	uint64_t n;

	if (f->type == PROBE_BEAT && probe_get_count(f, &n)) {
		r->s.s.sent = n;
		return 0;
	}
	if (f->type == PROBE_STOP && r->state == RUNNING && probe_get_count(f, &n)) {
		r->s.s.sent = n;
		r->state = STOPPED;
		r->stopped_ns = r->last_probe_ns = nt_clock_mono_ns();
		return 0;
	}
	if (f->type == PROBE_FINAL && r->state == TOLD && probe_get_final(f, &sent) &&
	    sent.sent >= r->s.a.received) {
		r->s.s = sent;
		r->s.have_s = true;
		end_session(r);
		return 0;
	}
	return -EPROTO;
}

static const char *broken(int r)
{
	return r == -EPROTO || r == -EPROTONOSUPPORT ? "the sender's messages make no sense" :
						       "the sender is gone";
}

static void hear_sender(struct receiver *r)
{
	struct probe_frame f;
	int e = 0;

	while (r->c && (e = probe_conn_next(r->c, &f)) > 0) {
		e = on_frame(r, &f);
		if (e < 0)
			break;
	}
	if (r->c && e >= 0)
		e = probe_conn_flush(r->c);
	if (r->c && e < 0)
		break_off(r, broken(e));
}

/* What the time asks for. */
static void keep_time(struct receiver *r)
{
	/* Not that of the round: since then probes and messages have come. */
	uint64_t now = nt_clock_mono_ns();
	uint64_t quiet = now - r->last_probe_ns, since = now - r->stopped_ns;
	uint8_t frame[64];
	int e = 0;

	if (r->state == STOPPED && (r->s.a.received == r->s.s.sent || quiet > QUIET_NS) &&
	    (r->s.a.received == r->s.s.sent || since > SETTLE_NS))
		e = tell_result(r);
	if (!e && now >= r->next_beat_ns) {
		r->next_beat_ns = now + BEAT_NS;
		e = probe_conn_put(r->c, frame,
				   probe_put_count(frame, PROBE_BEAT, r->s.a.received));
	}
	if (e < 0)
		break_off(r, broken(e));
	else if (now > r->c->heard_ns + SILENCE_NS)
		break_off(r, "nothing heard of the sender for 10 s");
	else if (probe_report_due(r->run, now))
		probe_print_progress(r->run, &r->s);
}

/* --- those who come --- */

/* A place for a new one; the oldest stranger has to go. */
static struct probe_conn *place_for(struct receiver *r)
{
	struct probe_conn *oldest = &r->conn[r->c == &r->conn[0]];
	size_t i;

	for (i = 0; i < NT_ARRAY_SIZE(r->conn); i++) {
		struct probe_conn *c = &r->conn[i];

		if (c->fd < 0)
			return c;
		if (c != r->c && c->opened_ns < oldest->opened_ns)
			oldest = c;
	}
	probe_conn_close(oldest);
	return oldest;
}

static void accept_all(struct receiver *r)
{
	int fd, n;

	for (n = 0; n < STRANGERS; n++) {
		fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		probe_conn_open(place_for(r), fd);
	}
}

static void hear_stranger(struct receiver *r, struct probe_conn *c, uint64_t now)
{
	const struct probe_ready busy = { .busy = true };
	struct probe_frame f;
	struct probe_hello h;
	uint8_t frame[128];
	int e = probe_conn_next(c, &f);

	if (!e && now < c->opened_ns + GREET_NS)
		return;
	if (e > 0 && f.type == PROBE_HELLO && probe_get_hello(&f, &h) && !r->asked_ns) {
		if (r->c)
			probe_conn_put(c, frame, probe_put_ready(frame, &busy));
		else if (new_session(r, c, &h) >= 0)
			return;
	}
	if (r->c == c) { /* it was gone at once */
		r->c = NULL;
		r->state = IDLE;
		nt_seqmap_free(&r->seen);
	}
	probe_conn_close(c);
}

/* --- the loop --- */

static void wait_round(struct receiver *r)
{
	struct pollfd p[4 + STRANGERS + 1] = {
		{ .fd = r->udp, .events = POLLIN },
		{ .fd = r->listener, .events = POLLIN },
		{ .fd = r->run->hup_fd, .events = POLLIN },
		{ .fd = r->asked_ns ? -1 : r->run->stop_fd, .events = POLLIN },
	};
	bool any = false;
	size_t i;

	for (i = 0; i < NT_ARRAY_SIZE(r->conn); i++) {
		p[4 + i] = (struct pollfd){ .fd = r->conn[i].fd, .events = POLLIN };
		any |= r->conn[i].fd >= 0;
	}
	if (poll(p, NT_ARRAY_SIZE(p), any || r->asked_ns ? 20 : 500) < 0)
		return;
	if (p[2].revents)
		probe_reopen(r->run);
	if (p[3].revents)
		r->asked_ns = nt_clock_mono_ns();
}

/* Asked to end: the sender is told, and has a moment for its last words. */
static bool over(struct receiver *r, uint64_t now)
{
	const struct probe_cfg *cfg = r->run->cfg;
	uint8_t frame[64];

	if (nt_out_error(r->run->out))
		return true;
	if (!r->c && cfg->common.count && r->sessions >= cfg->common.count)
		return true;
	if (!r->asked_ns && r->end_ns && now >= r->end_ns)
		r->asked_ns = now;
	if (!r->asked_ns)
		return false;
	if (!r->c)
		return true;
	if (r->state == RUNNING && !r->s.early) {
		r->s.early = "the receiver was asked to end";
		probe_conn_put(r->c, frame, probe_put_count(frame, PROBE_STOP, r->s.a.received));
	}
	if (now > r->asked_ns + HURRY_NS)
		break_off(r, "the receiver was asked to end, and the sender did not stop");
	return !r->c;
}

static void serve(struct receiver *r)
{
	uint64_t now = nt_clock_mono_ns();
	size_t i;

	while (!over(r, now)) {
		wait_round(r);
		now = nt_clock_mono_ns();
		take_probes(r);
		accept_all(r);
		for (i = 0; i < NT_ARRAY_SIZE(r->conn); i++)
			if (r->conn[i].fd >= 0 && &r->conn[i] != r->c)
				hear_stranger(r, &r->conn[i], now);
		if (r->c)
			hear_sender(r);
		if (r->c)
			keep_time(r);
	}
}

static int open_all(struct receiver *r, struct nt_err *err)
{
	const struct probe_cfg *cfg = r->run->cfg;
	socklen_t n = sizeof(int);
	int bytes = 0, e;

	r->listener = e = probe_listen(cfg, &r->run->place, err);
	if (e >= 0)
		r->udp = e = probe_udp_receiver(cfg, &r->run->place, err);
	if (e < 0)
		return e;
	getsockopt(r->udp, SOL_SOCKET, SO_RCVBUF, &bytes, &n);
	e = probe_ready(r->run, (uint32_t)bytes, err);
	if (cfg->common.duration_ns)
		r->end_ns = nt_clock_mono_ns() + cfg->common.duration_ns;
	return e;
}

int probe_receive(struct probe_run *run, struct nt_err *err)
{
	struct receiver *r = calloc(1, sizeof(*r));
	size_t i;
	int e;

	if (!r)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	r->run = run;
	r->listener = r->udp = -1;
	for (i = 0; i < NT_ARRAY_SIZE(r->conn); i++)
		r->conn[i].fd = -1;
	e = open_all(r, err);
	if (!e)
		serve(r);
	for (i = 0; i < NT_ARRAY_SIZE(r->conn); i++)
		probe_conn_close(&r->conn[i]);
	if (r->listener >= 0)
		close(r->listener);
	if (r->udp >= 0)
		close(r->udp);
	nt_seqmap_free(&r->seen);
	free(r);
	return e;
}
