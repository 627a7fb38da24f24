/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands for libbpf's: the tests' own structs need no relocation. */
#ifndef NT_SHIM_BPF_CORE_READ_H
#define NT_SHIM_BPF_CORE_READ_H

#include "shim.h"

#define bpf_core_read(dst, size, src) shim_read(dst, size, src)
/* Only differences of two fields of one object are asked for. */
#define bpf_core_field_offset(field) ((unsigned long)&(field))
/* Of several layouts the newest. */
#define bpf_core_field_exists(type, field) 1
#define BPF_CORE_READ_BITFIELD(p, field) ((p)->field)
#define BPF_CORE_READ_BITFIELD_PROBED(p, field) ((p)->field)

#endif
