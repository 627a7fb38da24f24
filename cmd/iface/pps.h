/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of iface pps share. */
#ifndef NT_IFACE_PPS_H
#define NT_IFACE_PPS_H

#include "iface_tool.h"

/* --direction, in the order of its choices. */
enum pps_direction { PPS_RX, PPS_TX, PPS_BOTH };

struct pps_cfg {
	struct nt_common common; /* first */
	struct nt_names nic;
	uint32_t direction;
	uint64_t threshold; /* packets a second; 0: none */
	uint32_t sustain;
	bool segments;
	bool capture;              /* options of the replaced program that are refused */
	const char *capture_value; /* likewise */
};

struct pps_state {
	struct iface_state s;     /* first */
	uint32_t high[IFACE_MAX]; /* intervals in a row above the threshold */
	uint64_t peak[IFACE_MAX]; /* packets a second, of the highest interval */
	uint32_t times;           /* that it stayed above for as long as was asked */
};

/* Words of a row: struct iface_classes. */
enum { PPS_TAGGED = IFACE_CLASSES, PPS_UNREAD, PPS_WORDS };

void pps_show(struct nt_run *run, bool final);

#endif
