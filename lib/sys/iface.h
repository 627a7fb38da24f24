/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network devices by name, through rtnetlink. */
#ifndef NT_IFACE_H
#define NT_IFACE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "netns.h"

struct nt_iface {
	uint32_t ifindex;
	uint32_t inum;    /* namespace it lives in */
	uint32_t link;    /* IFLA_LINK: lower device of a VLAN; 0: none, or elsewhere */
	uint32_t master;  /* bond, bridge or OVS it is enslaved to */
	uint16_t type;    /* ARPHRD_* */
	uint16_t vlan_id; /* of a VLAN device, else 0; nt_iface_expand(): see there */
	char name[16];
	char kind[16];                 /* IFLA_INFO_KIND: "veth", "bond", "vlan", "tun", ... */
	uint32_t rx_queues, tx_queues; /* that there is room for */
};

/* More devices in a namespace than this are an error, -E2BIG. */
#define NT_IFACE_LIST_MAX 65536
struct nt_iface_list {
	uint32_t n;
	struct nt_iface *v; /* owned: nt_iface_list_free() */
};

/*
 * All devices of the namespace, by an fd of nt_iface_list_open(), which is closed with
 * close(): who lists again may not be allowed to enter the namespace any more. Like the
 * watch it keeps the namespace alive.
 */
int nt_iface_list_open(const struct nt_netns *ns, struct nt_err *err);
int nt_iface_list_by(int fd, const struct nt_netns *ns, struct nt_iface_list *out,
		     struct nt_err *err);
void nt_iface_list_free(struct nt_iface_list *l);
/* By name, into out. -ENODEV with exit code 3 and the nearest name as a suggestion. */
int nt_iface_find(const struct nt_iface_list *l, const char *name, struct nt_iface *out,
		  struct nt_err *err);
/*
 * The devices that show the packets of dev at the receive (rx) or the transmit
 * instant: a bond, team or VLAN device is never seen at netif_receive_skb (the
 * second round in the core does not fire it again), its slaves or its lower
 * device are. For transmit, where both are seen, the same lower devices stand
 * for it: one instant a packet. Only where a VLAN's lower device is in another
 * namespace the VLAN device itself is given for transmit, and nothing for
 * receive.
 *
 * The lower device also shows packets that are not of dev's VLAN: vlan_id of what
 * is written is the id of the outer tag that dev's packets have there, 0: any.
 *
 * Writes up to max devices, each once for a VLAN. Their number, -E2BIG when there are more,
 * -ELOOP when devices are stacked deeper than the kernel allows.
 */
int nt_iface_expand(const struct nt_iface_list *l, const struct nt_iface *dev, bool rx,
		    struct nt_iface *out, uint32_t max);

/*
 * Events of RTM_NEWLINK / RTM_DELLINK in a namespace. A new name is an event
 * with the old ifindex; a change of state is one too, with nothing new in it.
 * The open socket keeps the namespace alive, like the fd in nt_netns.
 */
struct nt_link_event {
	bool gone; /* device deleted (or moved away) */
	uint32_t ifindex;
	char name[16];
};
/* An fd, non-blocking, to be closed with close(); or -errno. */
int nt_link_watch_open(const struct nt_netns *ns, struct nt_err *err);
/* Next event: 1, 0 when there is none now, -errno (-ENOBUFS: events were lost, re-list). */
int nt_link_watch_next(int fd, struct nt_link_event *ev);

#endif
