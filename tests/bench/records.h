/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NT_BENCH_RECORDS_H
#define NT_BENCH_RECORDS_H

#include "path.h"

/* A record of path icmp, and how many of its kind there are. */
struct records {
	struct nt_sess s;
	__u64 ts[PATH_STAGES];
	__u32 dev[PATH_STAGES];
	__u64 made, wanted;
};

#endif
