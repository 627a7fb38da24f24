/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of drop probe share: settings, messages, both ends' figures, the verdict. */
#ifndef NT_PROBE_H
#define NT_PROBE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "common_opts.h"
#include "fmt.h"
#include "histogram.h"
#include "iface.h"
#include "netstat.h"
#include "out.h"
#include "seqmap.h"

enum probe_mode { PROBE_RECEIVER, PROBE_SENDER };

struct probe_cfg {
	struct nt_common common; /* first */
	uint32_t mode;
	struct nt_names iface;
	struct nt_addrs peer;
	uint32_t port;
	uint32_t rate; /* a second; 0: as fast as it goes */
	uint32_t size;
	uint32_t dscp;
	uint64_t rcvbuf;
};

#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

/* --- probe_wire.c: datagrams and messages --- */

/* One who knows both numbers is the sender that the receiver has told them. */
struct probe_id {
	uint64_t session, token;
};

#define PROBE_HEAD 40 /* bytes of a probe that are not padding */
#define PROBE_PREFIX 16
#define PROBE_MAX_SIZE 65507

struct probe_datagram {
	struct probe_id id;
	uint64_t seq;
	uint64_t wall_ns; /* when it was given to the kernel */
};
void probe_datagram_put(const struct probe_datagram *d, uint8_t buf[PROBE_HEAD]);
/* Is it one of this session? */
bool probe_datagram_get(const uint8_t *buf, size_t n, const struct probe_id *id,
			struct probe_datagram *d);

enum probe_message {
	PROBE_HELLO = 1, /* sender: what will come */
	PROBE_READY,     /* receiver: session and token, or that it is busy */
	PROBE_BEAT,      /* each side, once a second: so many up to now */
	PROBE_STOP,      /* sender: these were all; receiver: stop, I am asked to end */
	PROBE_RESULT,    /* receiver: what came, and its counters */
	PROBE_FINAL,     /* sender: its counters */
	PROBE_MESSAGES,
};

struct probe_hello {
	uint32_t rate, size;
	char iface[16 + 1];
};

struct probe_ready {
	bool busy;
	struct probe_id id;
	char iface[16 + 1];
};

enum probe_counter {
#define P(id, key, sides) PROBE_##id,
#include "probe_counters.def"
#undef P
	PROBE_COUNTERS
};

/* The counters of an end. */
struct probe_counters {
	uint64_t v[PROBE_COUNTERS];
	bool unread; /* some could not be read: the device is gone */
	bool reset;  /* some began anew */
};

/* What came, as the receiver knows it. */
struct probe_arrived {
	uint64_t received, duplicate, reordered, longest_gap;
	uint64_t beyond;    /* too late to tell whether for the first time */
	uint64_t foreign;   /* datagrams that are none of this session */
	uint64_t unstamped; /* without a time of the kernel's */
	struct nt_hist jitter;
	struct probe_counters c;
};

/* What was sent, as the sender knows it. */
struct probe_sent {
	uint64_t sent, errors, elapsed_ns;
	struct probe_counters c;
	uint64_t stamped; /* of those that the driver has confirmed, if every one was asked for */
	bool all_stamped; /* every one was asked for */
};

struct probe_frame {
	enum probe_message type;
	const uint8_t *p;
	size_t n;
};
#define PROBE_FRAME_HEAD 12
#define PROBE_FRAME_MAX 16384

/* Each: the frame, header and all, into buf; its length. */
size_t probe_put_hello(uint8_t *buf, const struct probe_hello *h);
size_t probe_put_ready(uint8_t *buf, const struct probe_ready *r);
size_t probe_put_count(uint8_t *buf, enum probe_message type, uint64_t n);
size_t probe_put_result(uint8_t *buf, const struct probe_arrived *a);
size_t probe_put_final(uint8_t *buf, const struct probe_sent *s);
/* false: the payload is not one of this kind, or says what cannot be. */
bool probe_get_hello(const struct probe_frame *f, struct probe_hello *h);
bool probe_get_ready(const struct probe_frame *f, struct probe_ready *r);
bool probe_get_count(const struct probe_frame *f, uint64_t *n);
bool probe_get_result(const struct probe_frame *f, struct probe_arrived *a);
bool probe_get_final(const struct probe_frame *f, struct probe_sent *s);
/*
 * The frame at the beginning of n bytes: its length with the header, 0 when it is not
 * whole yet, -EPROTO when it is none, -EPROTONOSUPPORT when it is of another version.
 */
int probe_frame_cut(const uint8_t *p, size_t n, struct probe_frame *f);

/* --- probe_control.c: a connection --- */

struct probe_conn {
	int fd; /* -1: closed */
	struct sockaddr_in6 peer, local;
	uint64_t opened_ns, heard_ns;
	uint8_t in[PROBE_FRAME_MAX], out[PROBE_FRAME_MAX * 2];
	size_t in_n, cut_n; /* bytes there, and of the frame that was given out */
	size_t out_n;
};

void probe_conn_open(struct probe_conn *c, int fd);
void probe_conn_close(struct probe_conn *c);
/* Queue a frame and send what goes. 0 or -errno. */
int probe_conn_put(struct probe_conn *c, const uint8_t *frame, size_t n);
int probe_conn_flush(struct probe_conn *c);
/* The next frame, valid until the next call: 1, 0 when there is none now, -errno; the end
 * of the connection is -ECONNRESET. */
int probe_conn_next(struct probe_conn *c, struct probe_frame *f);
/* How many segments came in by it. */
uint64_t probe_conn_segments(const struct probe_conn *c);

/* --- probe_sock.c --- */

/* Where the sockets are. */
struct probe_place {
	struct nt_iface iface;     /* whose counters are read */
	char bound[16];            /* the device that the sockets are bound to; "": none */
	char bound_text[160];      /* for the start block */
	struct nt_iface_list list; /* owned */
	int nl;                    /* owned */
};

/* The interface, and how packets get to it; for the sender by the way to its peer. */
int probe_place_open(const struct probe_cfg *cfg, struct probe_place *pl, struct nt_err *err);
void probe_place_close(struct probe_place *pl);

/* Sockets, non-blocking; or -errno. */
int probe_listen(const struct probe_cfg *cfg, const struct probe_place *pl, struct nt_err *err);
int probe_udp_receiver(const struct probe_cfg *cfg, const struct probe_place *pl,
		       struct nt_err *err);
int probe_udp_sender(const struct probe_cfg *cfg, const struct probe_place *pl, struct nt_err *err);
/* Waits until the connection stands, or stop_fd is readable (-ECANCELED). */
int probe_connect(const struct probe_cfg *cfg, const struct probe_place *pl, int stop_fd,
		  struct nt_err *err);
/* Own drops of a UDP socket since it was made. */
uint64_t probe_socket_drops(int udp);
/* 4 or 6: of an address that may be IPv4's within IPv6. */
uint32_t probe_family(const struct sockaddr_in6 *a);
/* Without the port. */
char *probe_addr_text(const struct sockaddr_in6 *a, char *buf, size_t len);

/* --- probe_sides.c --- */

/* family: whose UDP counters; udp: whose own drops, -1: none. */
struct probe_side {
	const struct probe_place *place;
	uint32_t family;
	int udp;
	const struct probe_conn *conn;
};
void probe_counters_read(const struct probe_side *s, struct probe_counters *c);
/* now - before, into now. */
void probe_counters_since(struct probe_counters *now, const struct probe_counters *before);
/* Packets in the queues of the interface; 0: none, or it cannot be told. */
uint64_t probe_backlog(const struct probe_place *pl);

/* --- probe_verdict.c --- */

enum probe_where {
	PROBE_SENDER_QDISC,
	PROBE_SENDER_DEVICE,
	PROBE_RECEIVER_NIC,
	PROBE_RECEIVER_SOFTNET,
	PROBE_RECEIVER_STACK,
	PROBE_RECEIVER_CHECKSUM,
	PROBE_RECEIVER_SOCKET,
	PROBE_TRANSIT,
	PROBE_WHERES,
};
const char *probe_where_name(enum probe_where w); /* "SENDER_QDISC_DROP" */
const char *probe_where_text(enum probe_where w); /* "the sender's queueing disciplines" */

struct probe_verdict {
	const char *name;
	uint64_t lost;
	uint64_t part[PROBE_WHERES]; /* of the lost; they and unexplained are all of them */
	uint64_t unexplained;
};
void probe_judge(const struct probe_sent *s, const struct probe_arrived *a,
		 struct probe_verdict *v);

/* --- probe_print.c --- */

/* All that is told of a session. */
struct probe_session {
	enum probe_mode mode;
	struct probe_id id;
	char src[NT_ADDR_LEN], dst[NT_ADDR_LEN];
	char src_if[16 + 1], dst_if[16 + 1];
	uint32_t size;
	struct probe_sent s;
	struct probe_arrived a;
	bool have_s, have_a; /* what is known of both ends */
	struct nt_hist send; /* from the call to the driver */
	const char *early;   /* why it did not come to its end; NULL: it did */
	uint32_t n_errors;
	struct {
		int number;
		uint64_t n;
	} error[8];           /* the last one: all others */
	uint64_t icmp_errors; /* that came back for probes */
	uint64_t late_slots;  /* probes that were due but not sent */
};

struct probe_run {
	const struct probe_cfg *cfg;
	struct nt_out *out;
	struct nt_clock clock;
	struct probe_place place;
	int stop_fd, hup_fd;
	uint64_t next_report_ns;
};

/* rcvbuf: of the receiver as the kernel has set it, else 0. */
void probe_print_start(struct probe_run *run, uint32_t rcvbuf);
/* Both forms of how far it is: sent is 0 at a receiver that has not been told. */
void probe_print_progress(struct probe_run *run, const struct probe_session *s);
void probe_print_summary(struct probe_run *run, const struct probe_session *s);
/* Is a report due? */
bool probe_report_due(struct probe_run *run, uint64_t now_ns);
/* SIGHUP: open the output anew. */
void probe_reopen(const struct probe_run *run);

/* --- probe.c --- */

/* Everything is open: give up capabilities, open the output, tell that it begins. */
int probe_ready(struct probe_run *run, uint32_t rcvbuf, struct nt_err *err);

/* --- probe_send.c, probe_receive.c: 0 or -errno --- */
int probe_send(struct probe_run *run, struct nt_err *err);
int probe_receive(struct probe_run *run, struct nt_err *err);

#endif
