// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vm latency details: a packet's way between a VM's vnet and the uplink.
 *
 * A story begins at netif_receive_skb, on the vnet (the VM sends) or on the
 * uplink (it receives), and ends at the driver on the other side. In between
 * the packet is known by its headers, because Open vSwitch's way to user space
 * and back, skb_share_check() and segmentation all make other skbs of it.
 * After segmentation its first segment stands for it. Not seen: OVS-DPDK,
 * AF_XDP, hardware offload, macvtap; through a tunnel port the headers change.
 */
#include "nt.bpf.h"
#include "vm.h"
#include "count.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#include "parse.bpf.h"
#include "qdisc.bpf.h"
#include "vlan.bpf.h"

/*
 * A CPU's figures, and what it is in the middle of: calls that end on the CPU on
 * which they began, because bottom halves are off.
 */
struct vm_cpu {
	struct nt_counters n;
	struct nt_hist hist[VM_DIRS];
	__u64 skb;  /* given to a driver */
	__u64 tag;  /* of that packet */
	__u64 ct;   /* tag of the packet in nf_conntrack_in */
	__u64 look; /* skb of the last look at a packet: see vm_look() */
	/* Of the packet that it looks at. Not on its stack: the verifier follows what
	 * is there through every branch behind the parser, what is here it does not. */
	struct nt_plain4 plain;
	struct nt_key key; /* of one that is not plain, or at its first stage */
};

NT_CFG_MAP(struct vm_kcfg);
NT_CPU_MAP(struct vm_cpu);
#define NT_STAGES VM_STAGES
#include "session.bpf.h"
#include "emit.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define VM_WANT (NT_WANT_ICMP | NT_WANT_TCP | NT_WANT_UDP)

NT_INLINE const struct vm_kcfg *vm_armed(void)
{
	const struct vm_kcfg *cfg = nt_settings();

	return cfg && cfg->f.armed ? cfg : NULL;
}

/* --- which packet --- */

NT_INLINE __u32 vm_tcp_ack(const struct nt_l3 *l, const struct nt_key *k)
{
	__u32 ack = 0, off = k->l4_off + sizeof(union nt_l4_hdr);

	if (l->avail >= off + sizeof(ack) && l->avail <= 0xffff)
		bpf_probe_read_kernel(&ack, sizeof(ack), l->p + off);
	return ack;
}

/*
 * What tells packets of one flow apart besides ports and sequence: the IP id,
 * which the first segment of a segmented packet keeps. Without one (IPv6; a
 * sender that leaves it 0): of TCP the acknowledged sequence, because pure ACKs
 * share theirs with the data that follows; of UDP the length. A TCP length
 * would change with segmentation.
 */
NT_INLINE __u32 vm_distinct(const struct nt_l3 *l, const struct nt_key *k)
{
	if (k->ip_id)
		return k->ip_id;
	if (k->proto == NT_IPPROTO_TCP)
		return vm_tcp_ack(l, k);
	return k->proto == NT_IPPROTO_UDP ? k->len : 0;
}

/* See struct nt_key for what the fields are of each protocol. */
NT_INLINE __u64 vm_tag(__u64 seed, const struct nt_l3 *l, const struct nt_key *k)
{
	__u64 flow = ((__u64)k->seq << 32) | ((__u64)k->dport << 16) | k->sport;
	__u64 rest = ((__u64)vm_distinct(l, k) << 32) | ((__u64)k->frag_off << 16) |
		     ((__u64)k->type << 8) | k->proto;

	return nt_hash_flow(nt_mix(seed, rest), k, flow);
}

NT_INLINE __u32 vm_plain_ack(struct sk_buff *skb, const bool direct, const enum nt_parse_at at)
{
	const __u32 off = sizeof(struct nt_ipv4_hdr) + sizeof(union nt_l4_hdr);
	struct nt_l3 l;
	__u32 ack = 0;

	if (nt_find_l3(skb, direct, at, &l) == NT_PARSE_OK && l.avail >= off + sizeof(ack))
		bpf_probe_read_kernel(&ack, sizeof(ack), l.p + off);
	return ack;
}

/* The same of a plain packet, without a key: it is asked for at every stage. */
NT_INLINE __u64 vm_plain_tag(__u64 seed, struct sk_buff *skb, const bool direct,
			     const enum nt_parse_at at, const struct nt_plain4 *p)
{
	__u64 flow = *(const nt_u64 *)&p->l4, rest = p->ip.proto, distinct = p->ip.id;

	NT_OPAQUE(rest); /* or clang goes on from where the key was filled in */
	if (rest == NT_IPPROTO_ICMP) {
		rest |= (__u64)p->l4.icmp.type << 8;
		flow = nt_icmp_is_echo(NT_IPPROTO_ICMP, p->l4.icmp.type) ? flow >> 32 : 0;
	} else if (rest == NT_IPPROTO_UDP) {
		flow &= 0xffffffff;
		distinct = distinct ?: bpf_ntohs(p->ip.tot_len);
	} else if (!distinct) {
		distinct = vm_plain_ack(skb, direct, at);
	}
	return nt_hash_pair4(nt_mix(seed, distinct << 32 | rest), nt_plain4_pair(p), flow);
}

/* A packet that is not plain, its key into c->key. Its tag; 0: not asked for. */
NT_INLINE __u64 vm_other(struct sk_buff *skb, const struct vm_kcfg *cfg, struct vm_cpu *c,
			 const enum nt_parse_at at, const bool direct)
{
	struct nt_l3 l;
	int r = nt_find_l3(skb, direct, at, &l);

	NT_OPAQUE(r);
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&c->key, &l, VM_WANT);
	NT_OPAQUE(r); /* or clang jumps back to one place that counts */
	/* At the first stage only: it would be counted at all of them. */
	if (r == NT_PARSE_UNREAD && at == NT_AT_DATA)
		nt_count(&c->n, NT_C_HEADER_UNREAD);
	if (r != NT_PARSE_OK || !nt_match_proto(&cfg->f, c->key.proto) ||
	    !nt_match_ports(&cfg->f, &c->key))
		return 0;
	return vm_tag(cfg->f.seed, &l, &c->key);
}

/* Sub-programs, so that the way of plain packets is short. */
#define VM_IN_FULL(name, direct)                                                                 \
	static __attribute__((noinline)) __u64 name(struct sk_buff *skb,                         \
						    const struct vm_kcfg *cfg, struct vm_cpu *c, \
						    enum nt_parse_at at)                         \
	{                                                                                        \
		return skb && cfg && c ? vm_other(skb, cfg, c, at, direct) : 0;                  \
	}
VM_IN_FULL(vm_other_direct, true)
VM_IN_FULL(vm_other_probe, false)

/*
 * What user space executes and what the host itself sends goes through functions in
 * which bottom halves are on: there a packet that arrives can come between, and take
 * plain and key. Then the last look was at another skb than ours, which is still alive.
 */
NT_INLINE void vm_look(struct vm_cpu *c, struct sk_buff *skb)
{
	*(volatile __u64 *)&c->look = (unsigned long)skb;
}

NT_INLINE bool vm_disturbed(struct vm_cpu *c, __u64 stage, struct sk_buff *skb)
{
	if ((stage != VM_CT && stage != VM_USERSPACE) ||
	    *(volatile __u64 *)&c->look == (unsigned long)skb)
		return false;
	if (stage == VM_CT)
		c->ct = 0;
	nt_count(&c->n, VM_C_DISTURBED);
	return true;
}

/* The packet's tag, 0: not asked for. At the first stage also its key, into c->key. */
NT_INLINE __u64 vm_read(const struct vm_kcfg *cfg, struct vm_cpu *c, struct sk_buff *skb,
			const bool direct, const enum nt_parse_at at)
{
	const struct nt_plain4 *p = &c->plain;

	if (!nt_read_plain4(skb, direct, at, &c->plain))
		return direct ? vm_other_direct(skb, cfg, c, at) : vm_other_probe(skb, cfg, c, at);
	/* Of VM_WANT: user space asks for no others. */
	if (!nt_match_proto(&cfg->f, p->ip.proto) || !nt_either_pair4(&cfg->f, nt_plain4_pair(p)) ||
	    !nt_plain4_match_ports(&cfg->f, p))
		return 0;
	if (at == NT_AT_DATA)
		nt_plain4_key(&c->key, p);
	return vm_plain_tag(cfg->f.seed, skb, direct, at, p);
}

NT_INLINE bool vm_lookup(const struct vm_kcfg *cfg, __u64 tag, struct nt_place *in)
{
	struct nt_set *set = nt_set_of(tag, cfg->s.set_mask);

	return set && nt_place_of(set, tag, &cfg->s, in);
}

NT_INLINE void vm_stamp(struct vm_cpu *c, struct nt_slot *slot, __u64 stage, __u64 now,
			__u32 ifindex)
{
	NT_OPAQUE(stage); /* of 64 bits, or the verifier loses the bound */
	if (stage >= VM_STAGES)
		return;
	if (nt_stamp(slot, stage, now, ifindex))
		nt_count(&c->n, VM_C_STAGE + slot->s.dir * VM_STAGES + stage);
}

/* --- its end --- */

NT_INLINE void vm_send(void *ctx, struct vm_cpu *c, struct nt_slot *slot, __u64 now)
{
	slot->s.end_ns = now;
	nt_emit(ctx, &c->n, slot, sizeof(*slot));
}

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *cfg)
{
	struct vm_cpu *c = nt_this_cpu();

	if (!c || nt_marked(&slot->s))
		return;
	nt_count(&c->n, VM_C_REPLACED);
	vm_send(ctx, c, slot, slot->s.first_ns + cfg->timeout_ns);
}

/* It ended after the timeout: user space may have counted it as unfinished already. */
static __attribute__((noinline)) int vm_late(struct vm_cpu *c, struct nt_slot *slot, __u64 total,
					     __u64 timeout_ns)
{
	if (!c || !slot)
		return 0;
	if (nt_marked(&slot->s))
		slot->s.flags |= NT_SESS_LATE | NT_SESS_CLAIMED;
	if (total > timeout_ns)
		slot->s.flags |= NT_SESS_LATE;
	if (slot->s.flags & NT_SESS_LATE)
		nt_count(&c->n, VM_C_LATE);
	return 0;
}

/* The driver has the packet, which ends where its last stamp is. */
NT_INLINE void vm_finish(void *ctx, struct vm_cpu *c, const struct nt_place *in,
			 const struct vm_kcfg *cfg, __u64 now)
{
	struct nt_slot *slot = in->slot;
	__u64 end = slot->ts[VM_START], total;
	__u32 dir = slot->s.dir & (VM_DIRS - 1);

	if (slot->s.seen & (1U << VM_END))
		end = slot->ts[VM_END];
	total = end - slot->s.first_ns;
	slot->s.flags |= NT_SESS_DONE;
	slot->s.cpu |= bpf_get_smp_processor_id() << 16;
	if (now - slot->s.first_ns > cfg->s.timeout_ns)
		vm_late(c, slot, total, cfg->s.timeout_ns);
	if (!(slot->s.flags & NT_SESS_CLAIMED))
		nt_count(&c->n, VM_C_COMPLETE + dir);
	if (slot->s.flags & NT_SESS_AGAIN)
		nt_count(&c->n, VM_C_AGAIN);
	else
		nt_hist_record(&c->hist[dir], total);
	if (total >= cfg->s.threshold_ns)
		vm_send(ctx, c, slot, end);
	else
		nt_count(&c->n, VM_C_BELOW);
	nt_release(in);
}
_Static_assert(VM_DIRS == 2, "a mask");

/* --- the first stage --- */

/* The direction that begins on a device of this role, or -1. */
NT_INLINE int vm_begins(const struct vm_kcfg *cfg, __u32 role)
{
	if ((role & VM_ROLE_VNET) && (cfg->dirs & (1 << VM_FROM)))
		return VM_FROM;
	if ((role & VM_ROLE_PHY) && (cfg->dirs & (1 << VM_TO)))
		return VM_TO;
	return -1;
}

/* --vm-ip is the source of what the VM sends, the destination of what it receives. */
NT_INLINE bool vm_match(const struct vm_kcfg *cfg, const struct nt_key *k, int dir)
{
	struct nt_key turned;

	if (!cfg->vm_addr || dir != VM_TO)
		return nt_match_addrs(&cfg->f, k, NT_FWD);
	turned.family = k->family;
	__builtin_memcpy(turned.saddr, k->daddr, sizeof(turned.saddr));
	__builtin_memcpy(turned.daddr, k->saddr, sizeof(turned.daddr));
	return nt_match_addrs(&cfg->f, &turned, NT_FWD);
}

/* The task is the vhost worker when the VM sends; else just whom the interrupt hit. */
NT_INLINE void vm_origin(struct nt_slot *slot, const struct nt_key *key, struct sk_buff *skb,
			 const bool direct)
{
	slot->s.key = *key;
	slot->s.skb_len = NT_READ(direct, skb, len);
	slot->s.queue = NT_READ(direct, skb, queue_mapping);
	slot->s.hash = NT_READ(direct, skb, hash);
	slot->s.cpu = bpf_get_smp_processor_id();
	slot->s.pid = 0;
	if (slot->s.dir == VM_FROM) {
		slot->s.pid = (__u32)bpf_get_current_pid_tgid();
		bpf_get_current_comm(slot->s.comm, sizeof(slot->s.comm));
	}
}

NT_TP1(first, netif_receive_skb, struct sk_buff *, skb)
{
	const struct vm_kcfg *cfg = vm_armed();
	const struct nt_dev *d;
	struct net_device *dev;
	struct nt_slot *slot;
	struct nt_set *set;
	struct vm_cpu *c;
	__u32 ifindex, role;
	__u64 tag;
	int dir;

	if (!cfg)
		return 0;
	dev = NT_READ(direct, skb, dev);
	ifindex = NT_READ(direct, dev, ifindex);
	role = nt_dev_role(&cfg->f, dev, ifindex, direct);
	if (role & NT_ROLE_VLANS) {
		d = nt_vlan_entry(&cfg->f, skb, dev, direct, NT_AT_DATA);
		role = d ? d->role : 0;
	}
	dir = vm_begins(cfg, role);
	if (dir < 0)
		return 0;
	c = nt_this_cpu();
	if (!c)
		return 0;
	vm_look(c, skb);
	tag = vm_read(cfg, c, skb, direct, NT_AT_DATA);
	if (!tag || !vm_match(cfg, &c->key, dir))
		return 0;
	set = nt_set_of(tag, cfg->s.set_mask);
	if (!set)
		return 0;
	slot = nt_begin(ctx, set, tag, &cfg->s, &c->n);
	if (!slot)
		return 0;
	slot->s.dir = dir;
	slot->dev[VM_FIRST] = ifindex;
	vm_origin(slot, &c->key, skb, direct);
	nt_count(&c->n, VM_C_STAGE + dir * VM_STAGES + VM_FIRST);
	return 0;
}

/* --- later stages: the packet is known by its headers only --- */

/* Where a packet is; on its way out also on which device, and its role. */
struct vm_at {
	__u64 stage;
	__u32 ifindex;
	__u32 role;
};

/* A stage on a device counts on the side where the packet's direction ends. */
NT_INLINE bool vm_wrong_side(const struct nt_slot *slot, __u32 role)
{
	return role && !(role & (slot->s.dir == VM_FROM ? VM_ROLE_PHY : VM_ROLE_VNET));
}

NT_INLINE int vm_hit(struct sk_buff *skb, const bool direct, const enum nt_parse_at at,
		     const struct vm_at *where)
{
	const struct vm_kcfg *cfg = vm_armed();
	struct nt_place in;
	struct vm_cpu *c;
	__u64 tag;

	if (!cfg)
		return 0;
	c = nt_this_cpu();
	if (!c)
		return 0;
	vm_look(c, skb);
	tag = vm_read(cfg, c, skb, direct, at);
	if (where->stage == VM_CT)
		c->ct = tag; /* what ct_out finds is of this call, or nothing */
	if (vm_disturbed(c, where->stage, skb))
		return 0;
	if (!tag || !vm_lookup(cfg, tag, &in) || vm_wrong_side(in.slot, where->role))
		return 0;
	vm_stamp(c, in.slot, where->stage, bpf_ktime_get_ns(), where->ifindex);
	if (where->stage == VM_START) {
		c->tag = tag;
		c->skb = (unsigned long)skb;
	}
	return 0;
}

NT_INLINE int vm_hit_direct(struct sk_buff *skb, __u64 stage, __u32 ifindex, __u32 role)
{
	struct vm_at where = { stage, ifindex, role };

	return vm_hit(skb, true, NT_AT_NET, &where);
}

/*
 * skb is a number for the verifier, because all that is done with it is probe
 * reads. So this one is a global sub-program: walked once, and not for each packet
 * of a list.
 */
__attribute__((noinline)) int vm_hit_probe(__u64 skb, __u64 stage, __u32 ifindex, __u32 role)
{
	struct vm_at where = { stage, ifindex, role };

	return vm_hit((struct sk_buff *)(unsigned long)skb, false, NT_AT_NET, &where);
}

NT_INLINE int vm_middle(struct sk_buff *skb, const bool direct, __u32 stage)
{
	return direct ? vm_hit_direct(skb, stage, 0, 0) :
			vm_hit_probe((unsigned long)skb, stage, 0, 0);
}

/* The argument is the address of a pointer, which fentry programs may not follow. */
NT_FN1(frame_hook, netdev_frame_hook, 0, struct sk_buff **, pskb)
{
	struct sk_buff *skb = NULL;

	bpf_probe_read_kernel(&skb, sizeof(skb), pskb);
	return vm_middle(skb, false, VM_FRAME_HOOK);
}

NT_FN1(ovs, ovs_vport_receive, 1, struct sk_buff *, skb)
{
	return vm_middle(skb, direct, VM_OVS);
}

/* The last thing that key extraction does; the ct_clear action does it again. */
NT_FN1(extract, ovs_ct_fill_key, 0, struct sk_buff *, skb)
{
	return vm_middle(skb, direct, VM_EXTRACT);
}

NT_FN1(process, ovs_dp_process_packet, 0, struct sk_buff *, skb)
{
	return vm_middle(skb, direct, VM_PROCESS);
}

/* Linux 7 has it that the skb may be NULL, and refuses to follow it untested. */
NT_TP2(upcall, ovs_dp_upcall, void *, dp, struct sk_buff *, skb)
{
	return skb ? vm_middle(skb, direct, VM_UPCALL) : 0;
}

NT_FN1(upcall_fn, ovs_dp_upcall, 1, struct sk_buff *, skb)
{
	return vm_middle(skb, direct, VM_UPCALL);
}

/* A new skb from a netlink message: nothing but data is set in it. */
NT_FN1(userspace, ovs_flow_key_extract_userspace, 2, struct sk_buff *, skb)
{
	struct vm_at where = { VM_USERSPACE, 0, 0 };

	return vm_hit(skb, direct, NT_AT_MAC, &where);
}

NT_FN1(ct, nf_conntrack_in, 0, struct sk_buff *, skb)
{
	return vm_middle(skb, direct, VM_CT);
}

/* Until 4.19 nf_conntrack_in(net, pf, hooknum, skb). */
NT_FN1(ct_old, nf_conntrack_in, 3, struct sk_buff *, skb)
{
	return vm_middle(skb, direct, VM_CT);
}

/* What is behind an earlier hook finds its mark only if that one was armed. */
NT_RET0(ct_out, nf_conntrack_in)
{
	struct vm_cpu *c = nt_this_cpu();
	const struct vm_kcfg *cfg;
	struct nt_place in;
	__u64 tag;

	if (!c || !c->ct)
		return 0;
	tag = c->ct;
	c->ct = 0;
	cfg = nt_settings();
	if (cfg && vm_lookup(cfg, tag, &in))
		vm_stamp(c, in.slot, VM_CT_OUT, bpf_ktime_get_ns(), 0);
	return 0;
}

NT_FN1(send, ovs_vport_send, 1, struct sk_buff *, skb)
{
	return vm_middle(skb, direct, VM_SEND);
}

/* --- stages on the other side's device --- */

/* Its role, 0: not one that is asked for. */
NT_INLINE __u32 vm_role(struct net_device *dev, const bool direct, __u32 *ifindex)
{
	const struct vm_kcfg *cfg = vm_armed();

	if (!cfg)
		return 0;
	*ifindex = NT_READ(direct, dev, ifindex);
	return nt_dev_role(&cfg->f, dev, *ifindex, direct) & (VM_ROLE_VNET | VM_ROLE_PHY);
}

NT_INLINE int vm_leave(struct sk_buff *skb, struct net_device *dev, const bool direct, __u32 stage)
{
	__u32 ifindex, role = vm_role(dev, direct, &ifindex);

	if (!role)
		return 0;
	return direct ? vm_hit_direct(skb, stage, ifindex, role) :
			vm_hit_probe((unsigned long)skb, stage, ifindex, role);
}

/* Before the queueing discipline: not yet queued, and it may be bypassed. */
NT_TP1(enq, net_dev_queue, struct sk_buff *, skb)
{
	return vm_leave(skb, NT_READ(direct, skb, dev), direct, VM_ENQ);
}

#define VM_BULK 8

/*
 * skb is NULL when the queue was empty, which the verifier of some kernels does
 * not know: it would let the tp_btf variant follow it. Hence it is read from the
 * context as a number, and followed by probe reads only. It may head a list of
 * as many packets as told.
 */
NT_TP4(deq, qdisc_dequeue, void *, qdisc, struct netdev_queue *, txq, int, packets, void *, head)
{
	__u32 ifindex, role;
	struct vm_cpu *cpu;
	__u64 skb = 0;

	bpf_probe_read_kernel(&skb, sizeof(skb), (const __u64 *)ctx + 3);
	if (!skb)
		return 0;
	role = vm_role(NT_READ(direct, txq, dev), direct, &ifindex);
	if (!role)
		return 0;
	vm_hit_probe(skb, VM_DEQ, ifindex, role);
#define VM_NEXT(i)                                                                       \
	if (packets <= (i))                                                              \
		return 0;                                                                \
	skb = (unsigned long)NT_READ(false, (struct sk_buff *)(unsigned long)skb, next); \
	if (!skb)                                                                        \
		return 0;                                                                \
	vm_hit_probe(skb, VM_DEQ, ifindex, role)
	VM_NEXT(1);
	VM_NEXT(2);
	VM_NEXT(3);
	VM_NEXT(4);
	VM_NEXT(5);
	VM_NEXT(6);
	VM_NEXT(7);
#undef VM_NEXT
	cpu = nt_this_cpu();
	if (cpu && packets > VM_BULK)
		nt_count_n(&cpu->n, VM_C_BULK, packets - VM_BULK);
	return 0;
}

NT_TP2(start, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	return vm_leave(skb, dev, direct, VM_START);
}

NT_FN1(tun, tun_net_xmit, 0, struct sk_buff *, skb)
{
	struct vm_cpu *c = nt_this_cpu();
	const struct vm_kcfg *cfg;
	struct nt_place in;

	if (!c || c->skb != (unsigned long)skb)
		return 0;
	cfg = nt_settings();
	if (cfg && vm_lookup(cfg, c->tag, &in) && in.slot->s.dir == VM_TO)
		vm_stamp(c, in.slot, VM_END, bpf_ktime_get_ns(), in.slot->dev[VM_START]);
	return 0;
}

/* The stamps of a packet that the driver did not take, and their counts, go. */
NT_INLINE void vm_refused(struct vm_cpu *c, struct nt_slot *slot, int rc)
{
	const __u32 at = VM_C_STAGE + (slot->s.dir & (VM_DIRS - 1)) * VM_STAGES;

	nt_count_n(&c->n, at + VM_START, -(__u64)((slot->s.seen >> VM_START) & 1));
	nt_count_n(&c->n, at + VM_END, -(__u64)((slot->s.seen >> VM_END) & 1));
	slot->s.seen &= ~((1U << VM_START) | (1U << VM_END));
	slot->s.rc = rc;
	if (rc != NT_DEV_TX_BUSY) {
		slot->s.flags |= NT_SESS_XMIT_FAILED;
		nt_count(&c->n, VM_C_XMIT_FAILED);
	}
}

/* The skb may be gone: only its address and the driver's result are used. */
NT_TP2(xmit, net_dev_xmit, struct sk_buff *, skb, long, rc)
{
	struct vm_cpu *c = nt_this_cpu();
	const struct vm_kcfg *cfg;
	struct nt_place in;
	__u64 now;

	if (!c || c->skb != (unsigned long)skb)
		return 0;
	c->skb = 0;
	cfg = nt_settings();
	if (!cfg || !vm_lookup(cfg, c->tag, &in))
		return 0;
	if (!nt_sent((int)rc)) {
		vm_refused(c, in.slot, (int)rc);
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (in.slot->s.dir == VM_FROM)
		vm_stamp(c, in.slot, VM_END, now, in.slot->dev[VM_START]);
	vm_finish(ctx, c, &in, cfg, now);
	return 0;
}
