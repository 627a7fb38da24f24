/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs of iface stat and iface pps share: counters, settings, which device
 * and row a packet belongs to. A tool says what its rows are with IFACE_ROWS.
 */
#ifndef NT_PORTS_BPF_H
#define NT_PORTS_BPF_H

#include "nt.bpf.h"
#include "ports.h"
#include "count.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#include "parse.bpf.h"

struct iface_cpu {
	struct nt_counters n;
};

NT_CFG_MAP(struct iface_kcfg);
NT_CPU_MAP(struct iface_cpu);

/* Rows of T, one value for each CPU; the loader sets their number. */
#define IFACE_ROWS(T)                                          \
	struct {                                               \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);       \
		__uint(max_entries, 1);                        \
		__type(key, __u32);                            \
		__type(value, T);                              \
	} iface_rows SEC(".maps");                             \
	NT_INLINE T *iface_row(__u32 row)                      \
	{                                                      \
		return bpf_map_lookup_elem(&iface_rows, &row); \
	}

/* The entry of a device that is asked for, else NULL. */
NT_INLINE const struct nt_dev *iface_dev(const struct iface_kcfg *cfg, struct net_device *dev,
					 const bool direct)
{
	const struct nt_dev *d;
	__u32 ifindex;

	if (!cfg || !cfg->f.armed)
		return NULL;
	ifindex = NT_READ(direct, dev, ifindex);
	d = nt_dev_of(&cfg->f, ifindex);
	return nt_dev_is(d, dev, ifindex, direct) ? d : NULL;
}

NT_INLINE void iface_count(__u32 which)
{
	struct iface_cpu *cpu = nt_this_cpu();

	if (cpu)
		nt_count(&cpu->n, which);
}

#endif
