/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the drop tools share on the kernel side: the hooks, and the way from a
 * free to the question what the tool does with it. The order of tests: device,
 * the reasons asked for, what the place and the reason alone say about normal
 * frees, headers, filter, normal frees by header; only what is left pays for a
 * stack. Not seen: packets lost before they were skbs (XDP, NIC, full rings of a
 * driver), drivers that drop by dev_consume_skb.
 *
 * A tool defines before it includes this: struct drop_own, its part of the memory
 * of a drop under way; behind it the three functions that are declared here.
 */
#ifndef NT_DROP_BPF_H
#define NT_DROP_BPF_H

#include "nt.bpf.h"
#include "drop.h"
#include "hook.bpf.h"
#include "filter.bpf.h"
#include "parse.bpf.h"
#include "count.bpf.h"
#include "stack.bpf.h"

char LICENSE[] SEC("license") = "GPL";

NT_CFG_MAP(struct drop_kcfg);

/*
 * One drop under way. Not on the BPF stack: it is too small, and the verifier
 * would follow what is there through every branch of the parser. For its sake
 * results go from one step to the next by way of this memory (NT_FORGET).
 */
struct drop_work {
	struct nt_key pkt;
	const unsigned char *l3; /* header behind L2, and how many linear bytes there are */
	__u32 l3_avail;
	__u32 eth;    /* EtherType */
	__u32 fn;     /* DROP_FN_* of the place */
	__u32 rkind;  /* DROP_R_* of the reason */
	__u32 cls;    /* class + 1; 0: none */
	__u32 parsed; /* enum nt_parse_result */
	__u32 match;  /* NT_FWD, NT_REV, DROP_UNDECIDED */
	__u32 flags;  /* DROP_ROW_NO_STACK */
	__u64 place;  /* address behind the call that freed, of the function that counts */
	__u64 hash;   /* of the stack; 0: none */
	struct drop_own own;
	struct nt_stack_scratch stack;
};

/*
 * A drop in an interrupt can come in the midst of another one: process, soft
 * interrupt, hard interrupt, NMI. level is what an interrupt leaves as it found
 * it, so it needs no atomic operation.
 */
#define DROP_LEVELS 4
struct drop_cpu {
	struct nt_counters n;
	__u64 level;
	__u64 before; /* frames of a stack before the first that counts, the most so far */
	struct drop_work w[DROP_LEVELS];
};
NT_CPU_MAP(struct drop_cpu);

/* A view of the tracepoint's record, for the question whether it has a reason
 * (5.17, "net: skb: introduce kfree_skb_reason()"; vendors have it earlier). */
enum skb_drop_reason {
	DROP_REASON_ANY,
};

struct trace_event_raw_kfree_skb {
	enum skb_drop_reason reason;
} NT_VIEW;

#define DROP_AF_INET 2
#define DROP_AF_INET6 10
#define DROP_IPPROTO_IGMP 2
#define DROP_IFINDEX_MAX (1 << 20)
#define DROP_INUM_MIN 0xe0000000U /* namespaces are numbered from 0xeffffff0 or 0xf0000000 on */
#define DROP_DST_PTRMASK (~7UL)   /* SKB_DST_PTRMASK without the flag bits */

#define DROP_UNDECIDED 0x4 /* as far as can be told */

/* NT_READ of a pointer in a struct of ours, which CO-RE must not look into. */
#define DROP_READ(direct, p, field)             \
	({                                      \
		typeof(p) drop_p = (p);         \
		NT_READ(direct, drop_p, field); \
	})

/* What is known before the headers are read. */
struct drop_hit {
	void *ctx; /* of the program */
	struct sk_buff *skb;
	struct net_device *dev; /* NULL: none, or not a device */
	__u64 place;
	__u32 ifindex;
	__u32 reason;
	bool reasoned; /* the kernel gives reasons */
};

/* Exact also when an interrupt's drop comes between load and store. */
NT_INLINE void drop_count(struct nt_counters *c, const __u32 which, __u64 n)
{
	__sync_fetch_and_add(&c->c[which], n);
}

/*
 * DROP_FN_* of the function around an address: a binary search, written out. A
 * global function, which the verifier walks once, and not with every call.
 */
__attribute__((noinline)) __u32 drop_fn(__u64 addr)
{
	const struct drop_kcfg *cfg = nt_settings();
	__u64 i = 0;

	if (!cfg)
		return 0;
	if (addr >= cfg->fn_start[32])
		i = 32;
#define DROP_STEP(n)                        \
	if (addr >= cfg->fn_start[i + (n)]) \
		i += (n);
	DROP_STEP(16)
	DROP_STEP(8)
	DROP_STEP(4)
	DROP_STEP(2)
	DROP_STEP(1)
#undef DROP_STEP
	i &= DROP_FNS - 1;
	if (addr < cfg->fn_start[i] || addr >= cfg->fn_end[i])
		return 0;
	return cfg->fn_kind[i];
}
_Static_assert(DROP_FNS == 64, "the search is written out for 64");

/*
 * skb->dev shares its place with other members (the rb-tree of a fragment or TCP
 * queue): it is a device only if its index and its namespace can be ones.
 */
NT_INLINE void drop_device(struct drop_hit *h, const bool direct)
{
	struct net_device *dev = DROP_READ(direct, h->skb, dev);
	struct net *net;
	__u32 ifindex;

	h->dev = NULL;
	h->ifindex = 0;
	if (!dev)
		return;
	ifindex = NT_READ(direct, dev, ifindex);
	if (!ifindex || ifindex > DROP_IFINDEX_MAX)
		return;
	net = NT_READ(direct, dev, nd_net.net);
	if (!net || NT_READ(direct, net, ns.inum) < DROP_INUM_MIN)
		return;
	h->dev = dev;
	h->ifindex = ifindex;
}

/*
 * The device of the drop, the one that the packet came in by, or, before it has
 * a device, the one that its route leads to.
 */
NT_INLINE bool drop_match_device(const struct nt_filter *f, const struct drop_hit *h,
				 const bool direct)
{
	struct dst_entry *dst;
	struct net_device *dev;

	if (h->ifindex)
		return nt_dev_role(f, h->dev, h->ifindex, direct) ||
		       nt_dev_role(f, h->dev, DROP_READ(direct, h->skb, skb_iif), direct);
	dst = (void *)(DROP_READ(direct, h->skb, _skb_refdst) & DROP_DST_PTRMASK);
	if (!dst)
		return false;
	dev = NT_READ(false, dst, dev);
	return dev && nt_dev_role(f, dev, NT_READ(false, dev, ifindex), false);
}

/*
 * Made by a socket that is no network's? Asked of packets without device and
 * protocol. A tun or tap device's own socket has no family: what it drops so
 * early is a guest's packet.
 */
NT_INLINE bool drop_is_local(struct sk_buff *skb, const bool direct)
{
	struct sock *sk = NT_READ(direct, skb, sk);
	__u16 family;

	if (!sk)
		return true;
	family = NT_READ(false, sk, __sk_common.skc_family);
	return family && family != DROP_AF_INET && family != DROP_AF_INET6;
}

/* The class of a free that place and reason alone show to be normal, into w->cls. */
NT_INLINE void drop_class_early(const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	w->cls = 0;
	if ((w->rkind & DROP_R_TEARDOWN) ||
	    ((w->rkind & (DROP_R_NONE | DROP_R_PURGE)) && (w->fn & DROP_FN_TEARDOWN)))
		w->cls = DROP_CL_TEARDOWN + 1;
	if ((w->rkind & DROP_R_TAP) || ((w->rkind & DROP_R_NONE) && (w->fn & DROP_FN_TAP)))
		w->cls = DROP_CL_TAP + 1;
	if (w->fn & DROP_FN_DATA)
		w->cls = DROP_CL_MERGED + 1;
	if (!h->ifindex && (w->rkind & (DROP_R_NONE | DROP_R_PURGE)) && !(w->fn & DROP_FN_TUN) &&
	    !DROP_READ(direct, h->skb, protocol) && drop_is_local(h->skb, direct))
		w->cls = DROP_CL_LOCAL + 1;
	NT_FORGET();
}

/* Types of ICMPv6 messages that the host itself processes: errors, echo requests,
 * listeners, neighbours. */
#define DROP_BIT(type) (1ULL << ((type)-128))
#define DROP_ICMP6_ERRORS 4
#define DROP_ICMP6_INFO                                                                  \
	(DROP_BIT(128) | DROP_BIT(130) | DROP_BIT(131) | DROP_BIT(132) | DROP_BIT(133) | \
	 DROP_BIT(134) | DROP_BIT(135) | DROP_BIT(136) | DROP_BIT(137) | DROP_BIT(143))

NT_INLINE bool drop_is_control(const struct nt_key *k)
{
	__u64 info = DROP_ICMP6_INFO >> (k->type & 63);
	__u64 is_info = (k->type >> 6) == 2;
	__u64 is_error = k->type - 1U < DROP_ICMP6_ERRORS;

	return (is_info & info) | is_error;
}

/* The classes that also the headers are needed for, into w->cls. */
NT_INLINE void drop_class_late(struct drop_work *w)
{
	const struct nt_key *k = &w->pkt;

	if ((w->fn & DROP_FN_ECHO) && (w->rkind & (DROP_R_NONE | DROP_R_NO_SOCKET))) {
		if (k->proto == NT_IPPROTO_ICMP && k->type == 0)
			w->cls = DROP_CL_ECHO + 1;
		NT_FORGET();
		if (k->proto == NT_IPPROTO_ICMP6 && k->type == 129)
			w->cls = DROP_CL_ECHO + 1;
	}
	NT_FORGET();
	if ((w->fn & DROP_FN_CONTROL) && (w->rkind & DROP_R_NONE)) {
		if (k->proto == DROP_IPPROTO_IGMP)
			w->cls = DROP_CL_CONTROL + 1;
		NT_FORGET();
		if (k->proto == NT_IPPROTO_ICMP6 && drop_is_control(k))
			w->cls = DROP_CL_CONTROL + 1;
	}
}

/* Read the headers. A sub-program: what it leaves on the stack is of no concern. */
static __attribute__((noinline)) int drop_parse_l3(struct drop_work *w, struct nt_l3 *l)
{
	if (w && l)
		w->parsed = nt_parse_l3(&w->pkt, l, 0);
	return 0;
}

/* Into w->pkt, w->eth and w->parsed. */
NT_INLINE void drop_parse(const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	bool ether = h->ifindex && DROP_READ(direct, h->dev, type) == NT_ARPHRD_ETHER;
	struct nt_l3 l;

	w->parsed = nt_find_l3_free(h->skb, direct, ether, &l);
	w->eth = l.eth;
	w->l3 = l.p;
	w->l3_avail = l.avail;
	__builtin_memset(&w->pkt, 0, sizeof(w->pkt));
	w->pkt.vlan = l.vlan;
	NT_FORGET();
	if (w->parsed == NT_PARSE_OK)
		drop_parse_l3(w, &l);
}

NT_INLINE bool drop_has_ports(const struct nt_key *k)
{
	return k->proto == NT_IPPROTO_TCP || k->proto == NT_IPPROTO_UDP ||
	       k->proto == NT_IPPROTO_SCTP;
}

/* NT_FWD, NT_REV by the ports. */
NT_INLINE __u32 drop_match_ports(const struct nt_filter *f, const struct nt_key *k)
{
	return (nt_match_port(&f->sport, k->sport) & nt_match_port(&f->dport, k->dport)) * NT_FWD |
	       (nt_match_port(&f->sport, k->dport) & nt_match_port(&f->dport, k->sport)) * NT_REV;
}

/* Does the packet match the filter? Into w->match. A sub-program: its lists are long. */
static __attribute__((noinline)) int drop_match_flow(const struct drop_kcfg *cfg,
						     struct drop_work *w)
{
	const struct nt_filter *f = &cfg->f;
	const struct nt_key *k = &w->pkt;
	__u32 m;

	if (!cfg || !w)
		return 0;
	w->match = 0;
	if (!k->family || !nt_match_proto(f, k->proto))
		return 0;
	m = nt_match_addrs(f, k, NT_FWD | NT_REV) & (cfg->both_ways ? NT_FWD | NT_REV : NT_FWD);
	w->match = m;
	if (!f->sport.n && !f->dport.n)
		return 0;
	w->match = 0;
	if (!drop_has_ports(k))
		return 0;
	if (k->flags & NT_KEY_LATER_FRAG)
		w->match = m ? m | DROP_UNDECIDED : 0;
	else
		w->match = m & drop_match_ports(f, k);
	return 0;
}

/* Step outward over the functions that free for others, to the one that says what it is. */
static __attribute__((noinline)) int drop_skip_wrappers(struct drop_work *w)
{
	__u32 kind = 0;

	if (!w)
		return 0;
#define DROP_SKIP                                    \
	kind = drop_fn(*nt_stack_frames(&w->stack)); \
	if (kind & DROP_FN_DATA)                     \
		w->cls = DROP_CL_MERGED + 1;         \
	if (!(kind & DROP_FN_WRAPPER))               \
		goto found;                          \
	w->stack.first++
	DROP_SKIP;
	DROP_SKIP;
	DROP_SKIP;
	DROP_SKIP;
#undef DROP_SKIP
found:
	if ((kind & DROP_FN_TEARDOWN) && (w->rkind & (DROP_R_NONE | DROP_R_PURGE)))
		w->cls = DROP_CL_TEARDOWN + 1;
	return 0;
}

/*
 * Walk the stack, where it is wanted or needed to know the place: place and hash
 * into w, and the class of what turns out to be the rest of a merged packet. -errno: not
 * what was wanted.
 */
NT_INLINE long drop_walk(const struct drop_kcfg *cfg, struct drop_cpu *cpu,
			 const struct drop_hit *h, struct drop_work *w)
{
	bool wrapped = w->fn & DROP_FN_WRAPPER;
	long r;

	if (!(cfg->by & DROP_BY_STACK) && !wrapped)
		return 0;
	r = nt_stack_walk(h->ctx, &w->stack, cfg->walk + cpu->before);
	if (r)
		return r;
	nt_stack_find(&w->stack, h->place);
	if (wrapped && w->stack.first) {
		drop_skip_wrappers(w);
		w->place = *nt_stack_frames(&w->stack);
	}
	if (!(cfg->by & DROP_BY_STACK))
		return 0;
	r = nt_stack_enough(h->ctx, &w->stack, cfg->walk, &cpu->before);
	if (!r)
		w->hash = nt_stack_hash(nt_stack_frames(&w->stack), cfg->frames);
	return r;
}

NT_INLINE void drop_stack(const struct drop_kcfg *cfg, struct drop_cpu *cpu,
			  const struct drop_hit *h, struct drop_work *w)
{
	w->place = h->place;
	w->hash = 0;
	w->flags = 0;
	if (!drop_walk(cfg, cpu, h, w))
		return;
	w->flags |= DROP_ROW_NO_STACK;
	drop_count(&cpu->n, NT_C_STACK_LOST, 1);
}

/* Count a normal free. false: it is none, or none are hidden. */
NT_INLINE bool drop_hide(const struct drop_kcfg *cfg, struct nt_counters *c,
			 const struct drop_work *w)
{
	__u64 i;

	if (cfg->show_normal)
		return false;
	i = w->cls;
	NT_OPAQUE(i);
	if (!i || i > DROP_CLASSES)
		return false;
	__sync_fetch_and_add(&c->c[DROP_C_HIDDEN - 1 + i], 1);
	return true;
}

/* Has the packet the form that the tool's own options ask for? With DROP_NEED_FRAME. */
NT_INLINE bool drop_match_frame(const struct drop_kcfg *cfg, const struct drop_hit *h,
				struct drop_work *w, const bool direct);
/* Before its stack is looked at: shall it be kept? What is not it has counted. */
NT_INLINE bool drop_wanted(const struct drop_kcfg *cfg, struct nt_counters *c, struct drop_work *w);
/* Keep it, or count why not. */
NT_INLINE void drop_keep(const struct drop_kcfg *cfg, struct drop_cpu *cpu,
			 const struct drop_hit *h, struct drop_work *w, const bool direct);

/* Headers and filter. false: not asked for, and counted so. */
NT_INLINE bool drop_headers(const struct drop_kcfg *cfg, struct nt_counters *c,
			    const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	drop_parse(h, w, direct);
	NT_FORGET();
	drop_class_late(w);
	NT_FORGET();
	w->match = NT_FWD;
	if (cfg->need & DROP_NEED_FLOW)
		drop_match_flow(cfg, w);
	NT_FORGET();
	if (w->match & DROP_UNDECIDED)
		drop_count(c, DROP_C_UNDECIDED, 1);
	NT_FORGET();
	if (w->match && drop_match_frame(cfg, h, w, direct))
		return true;
	drop_count(c, DROP_C_FILTERED, 1);
	if (w->parsed == NT_PARSE_UNREAD)
		drop_count(c, NT_C_HEADER_UNREAD, 1);
	return false;
}

/* A drop on one of the devices. go on: opaque, else each step's end would be
 * the same block, and a jump to it a backward one. */
NT_INLINE void drop_tell(const struct drop_kcfg *cfg, struct drop_cpu *cpu,
			 const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	struct nt_counters *c = &cpu->n;
	__u64 go = 1;

	drop_class_early(h, w, direct);
	if (!cfg->need)
		go = !drop_hide(cfg, c, w);
	NT_OPAQUE(go);
	if (go &&
	    (cfg->need || (cfg->by & DROP_BY_FLOW) || (w->fn & (DROP_FN_ECHO | DROP_FN_CONTROL))))
		go = drop_headers(cfg, c, h, w, direct) && !drop_hide(cfg, c, w);
	NT_OPAQUE(go);
	if (go)
		go = drop_wanted(cfg, c, w);
	NT_OPAQUE(go);
	if (go && (cfg->by & (DROP_BY_PLACE | DROP_BY_STACK))) {
		drop_stack(cfg, cpu, h, w);
		NT_FORGET();
		go = !drop_hide(cfg, c, w);
	}
	NT_OPAQUE(go);
	if (go)
		drop_keep(cfg, cpu, h, w, direct);
}

#define DROP_FURTHER8(M) M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15)

/* Is the reason one of those asked for? */
NT_INLINE bool drop_match_reason(const struct drop_kcfg *cfg, __u32 reason)
{
	__u32 hit = nt_is_zero(cfg->ask[0] ^ reason);

#define DROP_TRY(i) hit |= nt_is_zero(cfg->ask[i] ^ reason);
	if (cfg->asked > 1) {
		NT_TIMES7(DROP_TRY)
		DROP_FURTHER8(DROP_TRY)
	}
#undef DROP_TRY
	return hit;
}
_Static_assert(DROP_ASKED == 16, "the list is written out for 16");

/* The scratch at the present depth of interrupts, or none. */
NT_INLINE struct drop_work *drop_enter(struct drop_cpu *cpu, __u64 *level)
{
	*level = *(volatile __u64 *)&cpu->level;
	if (*level >= DROP_LEVELS)
		return NULL;
	*(volatile __u64 *)&cpu->level = *level + 1;
	return &cpu->w[*level & (DROP_LEVELS - 1)];
}

NT_INLINE int drop_free(void *ctx, struct drop_hit *h, const bool direct)
{
	const struct drop_kcfg *cfg = nt_settings();
	struct nt_counters *c;
	struct drop_work *w;
	struct drop_cpu *cpu;
	__u64 level;

	if (!cfg || !cfg->f.armed)
		return 0;
	cpu = nt_this_cpu();
	if (!cpu)
		return 0;
	c = &cpu->n;
	drop_count(c, DROP_C_SEEN, 1);
	drop_device(h, direct);
	if (cfg->f.ndevs && !drop_match_device(&cfg->f, h, direct)) {
		drop_count(c, DROP_C_FILTERED, 1);
		return 0;
	}
	if (cfg->asked && !(h->reasoned && drop_match_reason(cfg, h->reason))) {
		drop_count(c, DROP_C_FILTERED, 1);
		drop_count(c, DROP_C_REASON, 1);
		return 0;
	}
	w = drop_enter(cpu, &level);
	if (!w) {
		drop_count(c, DROP_C_OTHER, 1);
		drop_count(c, DROP_C_NESTED, 1);
		return 0;
	}
	w->rkind = DROP_R_NONE;
	if (h->reasoned)
		w->rkind = h->reason < DROP_REASONS ? cfg->reason_kind[h->reason] : 0;
	w->fn = drop_fn(h->place);
	NT_FORGET();
	h->ctx = ctx;
	drop_tell(cfg, cpu, h, w, direct);
	*(volatile __u64 *)&cpu->level = level;
	return 0;
}

/* The 3rd argument of the tracepoint, where it has one, is the reason. */
NT_TP2(free, kfree_skb, struct sk_buff *, skb, void *, location)
{
	struct drop_hit h = { .skb = skb, .place = (unsigned long)location };

	h.reasoned = bpf_core_field_exists(struct trace_event_raw_kfree_skb, reason);
	if (h.reasoned)
		h.reason = ((__u64 *)ctx)[2];
	return drop_free(ctx, &h, direct);
}

/*
 * Before 5.18 what TCP itself drops is freed by a function without a tracepoint
 * ("tcp: add tcp_drop_reason()"). The place is its caller's.
 */
SEC("?kprobe/tcp_drop")
int tcp_drop__kprobe(void *ctx)
{
	struct drop_hit h = { .skb = NT_ARG(struct sk_buff *, NT_REGS_ARG1(NT_REGS(ctx))) };

	if (bpf_probe_read_kernel(&h.place, sizeof(h.place), NT_REGS_CALLER_AT(NT_REGS(ctx))))
		return 0;
	return drop_free(ctx, &h, false);
}

#endif
