/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Minimal views of kernel types: only the fields that are read. CO-RE finds
 * their places in the running kernel.
 */
#ifndef NT_KERNEL_SKB_BPF_H
#define NT_KERNEL_SKB_BPF_H

#define NT_VIEW __attribute__((preserve_access_index))

struct ns_common {
	unsigned int inum;
} NT_VIEW;

struct net {
	struct ns_common ns;
} NT_VIEW;

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	char name[16];
	int ifindex;
	unsigned short type;
	possible_net_t nd_net;
} NT_VIEW;

struct dst_entry {
	struct net_device *dev;
} NT_VIEW;

struct sock_common {
	unsigned short skc_family;
	possible_net_t skc_net;
} NT_VIEW;

struct sock {
	struct sock_common __sk_common;
} NT_VIEW;

struct sk_buff {
	struct sk_buff *next;
	struct net_device *dev;
	struct sock *sk;
	unsigned int len;
	unsigned int data_len;
	__u16 queue_mapping;
	int skb_iif;
	__u32 hash;
	__be16 vlan_proto;
	__u16 vlan_tci;
	__be16 protocol;
	__u16 transport_header;
	__u16 network_header;
	__u16 mac_header;
	__u32 tail; /* behind head: on machines of 64 bits */
	__u32 end;
	unsigned char *head;
	unsigned char *data;
	unsigned long _skb_refdst;
} NT_VIEW;

/* Behind the linear part, at head + end. */
struct skb_shared_info {
	unsigned short gso_size;
	unsigned short gso_segs;
	unsigned int gso_type;
} NT_VIEW;

#define NT_GSO_UDP_L4 (1U << 17) /* several datagrams in one packet, since 4.18 */

struct sk_buff___csum {
	__u8 ip_summed : 2;
} NT_VIEW;

#define NT_CHECKSUM_PARTIAL 3 /* the field holds the pseudo header's sum, a device does the rest */

/*
 * Is there a VLAN tag beside the packet? Three generations: a bit of vlan_tci
 * (4.19), a bit of its own (5.0, "net/skbuff: add macros for VLAN_PRESENT bit"),
 * the whole word (6.2, "net: remove skb->vlan_present").
 */
struct sk_buff___vlan_bit {
	__u8 vlan_present : 1;
} NT_VIEW;

struct sk_buff___vlan_all {
	__u32 vlan_all;
} NT_VIEW;

/*
 * Results of a driver as net_dev_xmit tells them (linux/netdevice.h): busy, the
 * packet comes again; an error or NET_XMIT_DROP, it is gone; NET_XMIT_CN, of a
 * device on top of another one, only says that some packet was.
 */
#define NT_DEV_TX_BUSY 16
#define NT_NET_XMIT_CN 2
static inline __attribute__((always_inline)) bool nt_sent(int rc)
{
	return rc == 0 || rc == NT_NET_XMIT_CN;
}

#define NT_VLAN_TAG_PRESENT_4_19 0x1000

#endif
