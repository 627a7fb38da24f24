/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: what the path tools share between kernel and user side. */
#ifndef NT_PATH_H
#define NT_PATH_H

#include "counters.h"
#include "filter.h"
#include "session.h"

/* Stages, in packet order: id, name as the manuals have it. */
enum path_stage {
#define S(id, name) PATH_##id,
#include "path_stages.def"
#undef S
	PATH_STAGES
};

/* How a packet ended: id, name, JSON key. */
enum path_status {
#define S(id, name, key) PATH_ST_##id,
#include "path_status.def"
#undef S
	PATH_STATUSES
};

/* Times between stages: id, name, JSON key, from, to. */
enum path_segment {
#define S(id, name, key, from, to) PATH_SEG_##id,
#include "path_segments.def"
#undef S
	PATH_SEGMENTS
};

enum path_counter {
	PATH_C_STATUS = NT_C_TOOL,                   /* one per status */
	PATH_C_LATE = PATH_C_STATUS + PATH_STATUSES, /* ended after the timeout */
	PATH_C_XMIT_FAILED,                          /* the driver refused the packet */
	PATH_C_ICMP_ERROR,                           /* an ICMP error quoted a tracked packet */
};

struct path_kcfg {
	struct nt_filter f;
	struct nt_sess_cfg s;
	__u32 confirm; /* wait for the driver's result: net_dev_xmit is attached */
	__u32 pad;
};

#endif
