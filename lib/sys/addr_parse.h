/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message of addr.c's dump, for its test. */
#ifndef NT_ADDR_PARSE_H
#define NT_ADDR_PARSE_H

#include <stdbool.h>

#include "addr.h"
#include "netlink.h"

/* The payload of RTM_NEWADDR. false: not an address of IPv4 or IPv6, or damaged. */
bool nt_addr_parse(struct nt_nl_data msg, struct nt_local_addr *out);

#endif
