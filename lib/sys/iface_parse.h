/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside lib/sys, and for its tests: what an RTM_NEWLINK message says. */
#ifndef NT_IFACE_PARSE_H
#define NT_IFACE_PARSE_H

#include "iface.h"
#include "netlink.h"

/*
 * msg begins at its struct ifinfomsg. All but inum is filled. false: not about
 * a device itself, or damaged.
 */
bool nt_iface_parse(struct nt_nl_data msg, struct nt_iface *i);

#endif
