// SPDX-License-Identifier: GPL-2.0-or-later
/* The sender: it sends to --peer alone, and only as long as the receiver is there. */
#include <errno.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <time.h>
#include <linux/errqueue.h> /* wants struct timespec */

#include "cleanup.h"
#include "probe.h"
#include "probe_pace.h"

#define BEAT_NS NS_PER_S
#define SILENCE_NS (10 * NS_PER_S) /* of a receiver that is no more */
#define HURRY_NS (3 * NS_PER_S)    /* once we are asked to end */
#define DRAIN_NS (3 * NS_PER_S)    /* for what waits in the sender's queues */
#define DRAIN_STEP_MS 20
#define STAMPS_A_SECOND 10000 /* more would cost more than the probes */
#define STAMP_WINDOW 65536

struct sender {
	struct probe_run *run;
	struct probe_session s;
	struct probe_conn c;
	struct probe_pace pace;
	struct probe_counters before;
	struct nt_seqmap stamps;
	uint64_t stamp_every;
	uint64_t begun_ns, next_beat_ns;
	bool over;    /* no more probes */
	bool blocked; /* the socket's buffer is full */
	bool asked;   /* by a signal */
	bool result;  /* it has come */
	int udp;
	uint8_t probe[PROBE_MAX_SIZE];
};

static uint64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct probe_side side(const struct sender *s)
{
	return (struct probe_side){ &s->run->place, s->run->cfg->peer.family, -1, &s->c };
}

/* --- the control connection --- */

static int gone(struct sender *s, const char *how, struct nt_err *err)
{
	s->s.early = "the receiver is gone";
	s->s.have_a = false;
	s->over = true;
	return nt_errf(err, NT_EXIT_RUNTIME, ECONNRESET,
		       "the receiver is gone (%s): stopped after %llu probes", how,
		       (unsigned long long)s->s.s.sent);
}

static int put(struct sender *s, const uint8_t *frame, size_t n, struct nt_err *err)
{
	int r = probe_conn_put(&s->c, frame, n);

	return r < 0 ? gone(s, strerror(-r), err) : 0;
}

static int put_count(struct sender *s, enum probe_message type, struct nt_err *err)
{
	uint8_t frame[64];

	return put(s, frame, probe_put_count(frame, type, s->s.s.sent), err);
}

static int stranger(int r, struct nt_err *err)
{
	return nt_errf(err, NT_EXIT_RUNTIME, EPROTO,
		       r == -EPROTONOSUPPORT ?
			       "the receiver is of another version: use the same one at both ends" :
			       "what answers there is no receiver of nettrace drop probe");
}

static int on_frame(struct sender *s, const struct probe_frame *f, struct nt_err *err)
{
	uint64_t n;

	if (f->type == PROBE_BEAT && probe_get_count(f, &n)) {
		s->s.a.received = n;
		return 0;
	}
	if (f->type == PROBE_STOP && probe_get_count(f, &n)) {
		s->s.early = "the receiver was asked to end";
		s->over = true;
		return 0;
	}
	if (f->type != PROBE_RESULT || !s->over)
		return stranger(-EPROTO, err);
	if (!probe_get_result(f, &s->s.a) || s->s.a.received > s->s.s.sent)
		return nt_errf(err, NT_EXIT_RUNTIME, EPROTO,
			       "the receiver's figures cannot be right: received more than was "
			       "sent, or damaged");
	s->s.have_a = s->result = true;
	return 0;
}

/* What the receiver says, and whether it still does. */
static int control(struct sender *s, struct nt_err *err)
{
	uint64_t now = nt_clock_mono_ns();
	struct probe_frame f;
	int r;

	while ((r = probe_conn_next(&s->c, &f)) > 0) {
		r = on_frame(s, &f, err);
		if (r < 0)
			return r;
	}
	if (r == -EPROTO || r == -EPROTONOSUPPORT)
		return stranger(r, err);
	if (r < 0 && !s->result)
		return gone(s, strerror(-r), err);
	if (now > s->c.heard_ns + SILENCE_NS)
		return gone(s, "nothing heard of it for 10 s", err);
	if (now < s->next_beat_ns)
		return 0;
	s->next_beat_ns = now + BEAT_NS;
	return put_count(s, PROBE_BEAT, err);
}

/* --- probes --- */

static void count_error(struct sender *s, int number)
{
	struct probe_session *p = &s->s;
	uint32_t i;

	p->s.errors++;
	for (i = 0; i < p->n_errors; i++)
		if (p->error[i].number == number || i + 1 == NT_ARRAY_SIZE(p->error))
			break;
	if (i == p->n_errors)
		p->n_errors++;
	p->error[i].number = i + 1 == NT_ARRAY_SIZE(p->error) ? 0 : number;
	p->error[i].n++;
}

/* One probe; false: the socket takes none now. */
static bool send_one(struct sender *s)
{
	struct probe_datagram d = { s->s.id, s->s.s.sent, wall_ns() };
	struct iovec iov = { s->probe, s->s.size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	union {
		char buf[CMSG_SPACE(sizeof(uint32_t))];
		struct cmsghdr align;
	} control;
	uint32_t flags = SOF_TIMESTAMPING_TX_SOFTWARE;
	struct cmsghdr *c;

	probe_datagram_put(&d, s->probe);
	if (d.seq % s->stamp_every == 0) {
		memset(&control, 0, sizeof(control));
		m.msg_control = control.buf;
		m.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SO_TIMESTAMPING;
		c->cmsg_len = CMSG_LEN(sizeof(flags));
		memcpy(CMSG_DATA(c), &flags, sizeof(flags));
	}
	if (sendmsg(s->udp, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
		s->s.s.sent++;
	} else if (errno == EAGAIN) {
		s->blocked = true;
		return false;
	} else {
		count_error(s, errno);
	}
	s->pace.used++;
	return true;
}

/* A copy of the packet came back with the time at which the driver got it. */
static void take_stamp(struct sender *s, const struct msghdr *m, size_t n)
{
	struct probe_datagram want = { .id = s->s.id }, d;
	const uint8_t *data = m->msg_iov->iov_base, *at;
	struct scm_timestamping t;
	struct cmsghdr *c;
	uint8_t head[PROBE_HEAD];
	uint64_t ns = 0;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPING ||
		    c->cmsg_len < CMSG_LEN(sizeof(t)))
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		ns = (uint64_t)t.ts[0].tv_sec * NS_PER_S + (uint64_t)t.ts[0].tv_nsec;
	}
	/* Behind headers of whatever kind. */
	probe_datagram_put(&want, head);
	at = memmem(data, n, head, PROBE_PREFIX);
	if (!ns || !at || !probe_datagram_get(at, n - (size_t)(at - data), &s->s.id, &d))
		return;
	if (nt_seqmap_add(&s->stamps, d.seq) == NT_SEQ_NEW)
		nt_hist_add(&s->s.send, ns > d.wall_ns ? ns - d.wall_ns : 0);
}

#define STAMPS_AT_ONCE 1024

static void take_stamps(struct sender *s)
{
	socklen_t len = sizeof(int);
	char control[512];
	uint8_t data[256] = { 0 };
	int i, e = 0;

	for (i = 0; i < STAMPS_AT_ONCE; i++) {
		struct iovec iov = { data, sizeof(data) };
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(s->udp, &m, MSG_ERRQUEUE | MSG_DONTWAIT);

		if (n < 0)
			break;
		take_stamp(s, &m, (size_t)n);
	}
	/* An ICMP error would wake us for ever, and fail the next probe. */
	if (!getsockopt(s->udp, SOL_SOCKET, SO_ERROR, &e, &len) && e)
		s->s.icmp_errors++;
}

static bool enough(const struct sender *s)
{
	return s->run->cfg->common.count && s->s.s.sent >= s->run->cfg->common.count;
}

static void send_due(struct sender *s, uint64_t now)
{
	uint64_t n = probe_pace_due(&s->pace, now);

	s->blocked = false;
	while (n-- && !enough(s) && send_one(s))
		;
	s->s.late_slots = s->pace.late;
}

/* --- the loop --- */

static void wait_until(struct sender *s, uint64_t until)
{
	struct pollfd p[4] = { { .fd = s->c.fd, .events = POLLIN },
			       { .fd = s->run->hup_fd, .events = POLLIN },
			       { .fd = s->udp, .events = s->blocked ? POLLOUT : 0 },
			       { .fd = s->asked ? -1 : s->run->stop_fd, .events = POLLIN } };
	uint64_t now = nt_clock_mono_ns(), ns = until > now ? until - now : 0;
	struct timespec t = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };

	if (ppoll(p, 4, &t, NULL) <= 0)
		return;
	if (p[1].revents)
		probe_reopen(s->run);
	s->asked |= p[3].revents != 0;
}

static int sending(struct sender *s, struct nt_err *err)
{
	const uint64_t duration = s->run->cfg->common.duration_ns;
	uint64_t now = nt_clock_mono_ns(), until, end = UINT64_MAX;
	struct probe_session sofar;
	int r = 0;

	s->begun_ns = s->pace.start_ns = now;
	if (duration)
		end = now + duration;
	while (!r && !s->over && !s->asked && !enough(s) && now < end) {
		send_due(s, now);
		take_stamps(s);
		r = control(s, err);
		if (probe_report_due(s->run, now)) {
			sofar = s->s;
			sofar.have_a = true;
			probe_print_progress(s->run, &sofar);
		}
		until = s->blocked ? now + NS_PER_MS * DRAIN_STEP_MS : probe_pace_next(&s->pace);
		if (enough(s))
			until = 0;
		wait_until(s, least(least(until, end), s->next_beat_ns));
		now = nt_clock_mono_ns();
		if (nt_out_error(s->run->out))
			break;
	}
	s->over = true;
	s->s.s.elapsed_ns = nt_clock_mono_ns() - s->begun_ns;
	return r;
}

/* What is still in the queues of the device is not lost. */
static int drain(struct sender *s, struct nt_err *err)
{
	uint64_t now = nt_clock_mono_ns(), end = now + DRAIN_NS;
	int r = 0;

	do {
		wait_until(s, now + DRAIN_STEP_MS * NS_PER_MS);
		take_stamps(s);
		r = control(s, err);
		now = nt_clock_mono_ns();
	} while (!r && now < end && probe_backlog(&s->run->place));
	return r;
}

static int await_result(struct sender *s, struct nt_err *err)
{
	uint64_t end = nt_clock_mono_ns() + (s->asked ? HURRY_NS : SILENCE_NS);
	int r = put_count(s, PROBE_STOP, err);

	while (!r && !s->result) {
		wait_until(s, least(end, s->next_beat_ns));
		take_stamps(s);
		r = control(s, err);
		if (!r && !s->result && nt_clock_mono_ns() >= end)
			r = gone(s, "its figures did not come", err);
	}
	return r;
}

/* --- begin and end --- */

static int greet(struct sender *s, struct nt_err *err)
{
	const struct probe_cfg *cfg = s->run->cfg;
	struct probe_hello h = { .rate = cfg->rate, .size = cfg->size };
	uint64_t end = nt_clock_mono_ns() + SILENCE_NS;
	struct probe_ready ready = { 0 };
	struct probe_frame f = { .n = 0 };
	uint8_t frame[128];
	int r;

	snprintf(h.iface, sizeof(h.iface), "%s", s->run->place.iface.name);
	r = probe_conn_put(&s->c, frame, probe_put_hello(frame, &h));
	while (r >= 0 && !s->asked) {
		r = probe_conn_next(&s->c, &f);
		if (r || nt_clock_mono_ns() >= end)
			break;
		wait_until(s, end);
	}
	if (s->asked && r <= 0)
		return -ECANCELED;
	if (r == -EPROTO || r == -EPROTONOSUPPORT ||
	    (r > 0 && (f.type != PROBE_READY || !probe_get_ready(&f, &ready))))
		return stranger(r, err);
	if (r <= 0)
		return nt_errf(err, NT_EXIT_RUNTIME, r ? -r : ETIMEDOUT,
			       "the receiver does not answer: %s; is it nettrace, and of this "
			       "version?",
			       strerror(r ? -r : ETIMEDOUT));
	if (ready.busy)
		return nt_errf(err, NT_EXIT_RUNTIME, EBUSY,
			       "the receiver is busy with another sender: try again later, or "
			       "start one with another --port");
	s->s.id = ready.id;
	memcpy(s->s.dst_if, ready.iface, sizeof(s->s.dst_if));
	return 0;
}

static void name_ends(struct sender *s)
{
	snprintf(s->s.src_if, sizeof(s->s.src_if), "%s", s->run->place.iface.name);
	probe_addr_text(&s->c.local, s->s.src, sizeof(s->s.src));
	probe_addr_text(&s->c.peer, s->s.dst, sizeof(s->s.dst));
}

static int open_all(struct sender *s, struct nt_err *err)
{
	const struct probe_cfg *cfg = s->run->cfg;
	int r = nt_seqmap_init(&s->stamps, STAMP_WINDOW);

	if (r < 0)
		return r;
	s->udp = r = probe_udp_sender(cfg, &s->run->place, err);
	if (r >= 0)
		r = probe_connect(cfg, &s->run->place, s->run->stop_fd, err);
	if (r < 0)
		return r;
	probe_conn_open(&s->c, r);
	r = greet(s, err);
	if (r < 0)
		return r;
	name_ends(s);
	s->s.mode = PROBE_SENDER;
	s->s.size = cfg->size;
	s->s.have_s = true;
	s->pace.rate = cfg->rate;
	s->stamp_every = cfg->rate ? (cfg->rate + STAMPS_A_SECOND - 1) / STAMPS_A_SECOND : 128;
	s->s.s.all_stamped = s->stamp_every == 1;
	s->next_beat_ns = nt_clock_mono_ns() + BEAT_NS;
	return 0;
}

/* The counters after, and for the receiver's report, too. */
static void conclude(struct sender *s)
{
	const struct probe_side here = side(s);
	uint8_t frame[1024];

	take_stamps(s);
	s->s.s.stamped = s->stamps.received;
	probe_counters_read(&here, &s->s.s.c);
	probe_counters_since(&s->s.s.c, &s->before);
	if (s->result)
		probe_conn_put(&s->c, frame, probe_put_final(frame, &s->s.s));
}

static int run_all(struct sender *s, struct nt_err *err)
{
	const struct probe_side here = side(s);
	int r;

	probe_counters_read(&here, &s->before);
	r = sending(s, err);
	if (!r)
		r = drain(s, err);
	if (!r)
		r = await_result(s, err);
	if (!s->s.early && s->asked)
		s->s.early = "asked to end";
	conclude(s);
	probe_print_summary(s->run, &s->s);
	return r;
}

int probe_send(struct probe_run *run, struct nt_err *err)
{
	struct sender *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	s->run = run;
	s->udp = s->c.fd = -1;
	r = open_all(s, err);
	if (!r)
		r = probe_ready(run, 0, err);
	if (!r)
		r = run_all(s, err);
	probe_conn_close(&s->c);
	if (s->udp >= 0)
		close(s->udp);
	nt_seqmap_free(&s->stamps);
	free(s);
	return r == -ECANCELED ? 0 : r;
}
