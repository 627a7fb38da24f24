// SPDX-License-Identifier: GPL-2.0-or-later
#include "seal.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>

static void seal_addrs(struct nt_addrs *s)
{
	uint32_t i, w;

	for (i = s->n; i < NT_MAX_ADDRS; i++) {
		for (w = 0; w < 4; w++) {
			s->a[i].mask[w] = 0;
			s->a[i].addr[w] = s->n || i ? ~0U : 0;
		}
	}
}

static void seal_ports(struct nt_ports *s)
{
	uint32_t i;

	for (i = s->n; s->n && i < NT_MAX_PORTS; i++)
		s->p[i] = s->p[0];
}

static void seal_pair(const struct nt_filter *f, struct nt_pair_test *t, const struct nt_addrs *s,
		      const struct nt_addrs *d)
{
	t->mask = nt_pair4(s->n ? s->a[0].mask[0] : 0, d->n ? d->a[0].mask[0] : 0);
	t->value = nt_pair4(s->n ? s->a[0].addr[0] : 0, d->n ? d->a[0].addr[0] : 0);
	if (f->family == 6 || f->lists) { /* nothing of IPv4 matches, or not by this test */
		t->mask = 0;
		t->value = ~0ULL;
	}
}

static bool has_ports(uint32_t proto)
{
	return proto == NT_IPPROTO_TCP || proto == NT_IPPROTO_UDP || proto == NT_IPPROTO_SCTP;
}

static bool proto_asked(const struct nt_filter *f, uint32_t proto)
{
	return !f->protos || ((f->protos & NT_KPROTO_ICMP) && proto == NT_IPPROTO_ICMP) ||
	       ((f->protos & NT_KPROTO_TCP) && proto == NT_IPPROTO_TCP) ||
	       ((f->protos & NT_KPROTO_UDP) && proto == NT_IPPROTO_UDP) ||
	       ((f->protos & NT_KPROTO_ICMP6) && proto == NT_IPPROTO_ICMP6) ||
	       ((f->protos & NT_KPROTO_NUM) && proto == f->proto_num);
}

static void seal_l4(struct nt_filter *f)
{
	const uint32_t ports = f->sport.n || f->dport.n;
	uint32_t i;

	for (i = 0; i < sizeof(f->proto); i++)
		f->proto[i] = proto_asked(f, i) && (!ports || has_ports(i));
	f->port_lists = f->sport.n > 1 || f->dport.n > 1;
	f->ports.mask = (f->sport.n ? 0xffff : 0) | (f->dport.n ? 0xffff0000 : 0);
	f->ports.value = htons(f->sport.p[0]) | (uint32_t)htons(f->dport.p[0]) << 16;
	f->ports.value &= f->ports.mask;
	if (f->port_lists) { /* see nt_plain4_match_ports() */
		f->ports.mask = 0;
		f->ports.value = 0;
	}
	seal_ports(&f->sport);
	seal_ports(&f->dport);
}

void nt_filter_seal(struct nt_filter *f)
{
	f->lists = f->src.n > 1 || f->dst.n > 1;
	seal_pair(f, &f->fwd4, &f->src, &f->dst);
	seal_pair(f, &f->rev4, &f->dst, &f->src);
	seal_addrs(&f->src);
	seal_addrs(&f->dst);
	seal_l4(f);
}
