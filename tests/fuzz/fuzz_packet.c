// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The BPF side's packet parser, compiled natively, over any bytes, at any length
 * of the linear part and with any offsets of the skb: it must not read outside.
 *
 * Input: instant, linear length, network header (2 bytes each), EtherType, frame.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filter.bpf.h"
#include "parse.bpf.h"
#include "seal.h"

#define HEADROOM 16
#define HEAD 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	enum nt_parse_at at;
	struct sk_buff skb;
	struct nt_filter f;
};

static uint32_t u16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static void check(struct input *in, const bool direct, const uint32_t want)
{
	struct nt_key k;
	struct nt_l3 l;
	int r = nt_find_l3(&in->skb, direct, in->at, &l);

	if (r == NT_PARSE_OK && (in->f.armed & 1))
		l.f = &in->f;
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&k, &l, want);
	if (shim.wild || r < NT_PARSE_OK || r > NT_PARSE_UNREAD)
		abort();
	if (r != NT_PARSE_OK)
		return;
	if ((k.family != 4 && k.family != 6) || k.vlan > 4096)
		abort();
	if ((k.flags & NT_KEY_LATER_FRAG) && (k.sport || k.dport || !k.frag_off))
		abort();
	nt_match_flow(&in->f, &k);
}

static void check_free(struct input *in, const bool direct)
{
	struct nt_key k;
	struct nt_l3 l;
	int r = nt_find_l3_free(&in->skb, direct, in->at != NT_AT_NET, &l);

	if (r == NT_PARSE_OK)
		nt_parse_l3(&k, &l, 0);
	if (shim.wild)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input in;
	unsigned char *head;
	size_t linear;

	if (size < HEAD)
		return 0;
	in.at = data[0] % 3;
	in.f.armed = data[0] >> 2;
	in.f.family = data[0] & 0x10 ? 6 : 4;
	nt_filter_seal(&in.f);
	size -= HEAD;
	linear = u16(data + 1) > size ? size : u16(data + 1);
	/* Of the exact size: what reads behind it is seen. */
	head = malloc(HEADROOM + linear);
	if (!head)
		return 0;
	memset(head, 0x45, HEADROOM);
	memcpy(head + HEADROOM, data + HEAD, linear);
	in.skb.head = head;
	in.skb.data = head + HEADROOM;
	in.skb.network_header = (uint16_t)u16(data + 3);
	in.skb.mac_header = data[0] & 0x80 ? HEADROOM : (uint16_t)~0U;
	memcpy(&in.skb.protocol, data + 5, 2);
	in.skb.tail = (unsigned int)(HEADROOM + linear);
	in.skb.len = (unsigned int)size;
	in.skb.data_len = (unsigned int)(size - linear);
	shim_forget_memory();
	shim_memory(head, HEADROOM + linear);
	shim_memory(&in.skb, sizeof(in.skb));
	check(&in, true, 0);
	check(&in, false, 0);
	check(&in, true, NT_WANT_ICMP);
	check(&in, false, NT_WANT_TCP | NT_WANT_UDP | NT_WANT_ICMP);
	check_free(&in, true);
	check_free(&in, false);
	free(head);
	return 0;
}
