/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands for libbpf's: the BPF side's headers compile natively with it. */
#ifndef NT_SHIM_BPF_HELPERS_H
#define NT_SHIM_BPF_HELPERS_H

#include "shim.h"

/* Not known to gcc, and without a meaning here. */
#define preserve_access_index

#define SEC(name)
#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name

#define bpf_map_lookup_elem(map, key) shim_lookup(map, *(const __u32 *)(key))
#define bpf_probe_read_kernel(dst, size, src) shim_read(dst, size, src)
#define bpf_ktime_get_ns() shim_now
#define bpf_get_smp_processor_id() shim_cpu

#endif
