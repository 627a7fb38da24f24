/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP header of a packet: what is told of it, and what it is known by. */
#ifndef NT_PATH_TCP_SEGMENT_BPF_H
#define NT_PATH_TCP_SEGMENT_BPF_H

#include "parse.bpf.h"
#include "session.bpf.h"
#include "tcp.h"

/* What is looked at behind the first 8 bytes of a TCP header. */
struct tcp_more {
	__u32 ack;
	__u8 offset, flags;
	__u16 window;
};
_Static_assert(sizeof(struct tcp_more) == 8, "as it lies in the packet");

/* Plain headers, and the rest of TCP's, as they lie in the packet. */
struct tcp_plain {
	struct nt_plain4 h;
	struct tcp_more more;
};
_Static_assert(__builtin_offsetof(struct tcp_plain, more) == sizeof(struct nt_plain4),
	       "read at once");

NT_INLINE __u32 tcp_header(__u8 offset)
{
	return (offset >> 2) & 0x3c;
}

/* bytes: of the packet's L4 part, header and all. */
NT_INLINE void tcp_lengths(struct tcp_seg *s, __u32 bytes)
{
	__u32 payload = bytes - s->hdr_len;

	if (bytes < s->hdr_len)
		payload = 0;
	s->payload = payload;
	s->len = payload + ((s->flags & TCP_SYN) >> 1) + (s->flags & TCP_FIN);
}

NT_INLINE void tcp_plain_seg(struct tcp_seg *s, const struct tcp_plain *t)
{
	s->seq = bpf_ntohl(t->h.l4.port.seq);
	s->ack = bpf_ntohl(t->more.ack);
	s->distinct = t->h.ip.id;
	s->flags = t->more.flags;
	s->hdr_len = tcp_header(t->more.offset);
	s->numbered = 1;
	s->pad = 0;
	tcp_lengths(s, (__u32)bpf_ntohs(t->h.ip.tot_len) - sizeof(struct nt_ipv4_hdr));
}

/* What the connection is known by, in both directions; pair and ports are those of forward. */
NT_INLINE __u64 tcp_flow_hash4(__u64 seed, __u64 pair, __u32 ports)
{
	return nt_mix(nt_mix(seed, pair), ports);
}

/* This packet: from where it comes to where it leaves. */
NT_INLINE __u64 tcp_packet_tag(__u64 flow, __u32 dir, const struct tcp_seg *s)
{
	__u64 rest = (__u64)s->seq << 32 | (s->len ? 0 : s->ack);

	return nt_hash_end(nt_mix(flow, rest), (__u64)s->distinct << 8 | (s->len ? 2 : 0) | dir);
}

/* All that begin with this number. */
NT_INLINE __u64 tcp_sent_tag(__u64 flow, __u32 dir, __u32 seq)
{
	return nt_hash_end(flow, (__u64)seq << 8 | 4 | dir);
}

/*
 * Of the first 24 bytes of options: time stamps and blocks tell packets of one number apart
 * that have no IP id. at: behind the header's 20 bytes.
 */
NT_INLINE __u32 tcp_options(const struct nt_l3 *l, __u32 at, __u32 hdr_len)
{
	__u64 w[3] = { 0, 0, 0 };
	__u64 n = hdr_len < 20 ? 0 : hdr_len - 20;

	if (n > sizeof(w))
		n = sizeof(w);
	NT_OPAQUE(n); /* of 64 bits, or the verifier loses the bound */
	if (l->avail < at + n || n > sizeof(w) || bpf_probe_read_kernel(w, n, l->p + at))
		return 1;
	return (__u32)(nt_mix(nt_mix(w[0], w[1]), w[2]) >> 16) | 1;
}

/* The block of a selective acknowledgement that tells of what arrived twice comes first. */
struct tcp_block {
	__u32 from, to;
};

/*
 * Does it say that bytes arrived twice (RFC 2883), and which? Its first block is below the
 * acknowledgement, or within the second one. Of the layouts that senders use: two bytes
 * of filling, time stamps if there are, two bytes of filling, the blocks.
 */
NT_INLINE bool tcp_arrived_twice(const __u8 *o, __u32 n, __u32 ack, struct tcp_block *twice)
{
	const struct tcp_block *b;
	__u32 at = 0;

	if (n >= 24 && o[2] == 8 && o[3] == 10)
		at = 12;
	if (n < at + 12 || o[at] != 1 || o[at + 1] != 1 || o[at + 2] != 5 || o[at + 3] < 10)
		return false;
	b = (const struct tcp_block *)(o + at + 4);
	twice->from = bpf_ntohl(b[0].from);
	twice->to = bpf_ntohl(b[0].to);
	if (!tcp_before(ack, twice->to))
		return true;
	return o[at + 3] >= 18 && n >= at + 20 && !tcp_before(twice->from, bpf_ntohl(b[1].from)) &&
	       !tcp_before(bpf_ntohl(b[1].to), twice->to);
}

#endif
