/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NT_KNOWN_BPF_H
#define NT_KNOWN_BPF_H

#include "known.h"
#include "nt.bpf.h"

/* For clang it may be anything. Natively, in tests, nothing is known. */
NT_INLINE __u64 nt_known(const enum nt_known which)
{
	__u64 v = 0;

#ifdef __bpf__
	asm("%0 = %1 ll" : "=r"(v) : "i"(NT_KNOWN_MARK << 32 | which));
#else
	(void)which;
#endif
	return v;
}

/* See NT_VALUE_MARK. NULL: the value is to be looked up. */
#define NT_VALUE_OF(map)                                                                   \
	({                                                                                 \
		void *nt_value_at;                                                         \
		asm("%0 = " #map " ll\n%0 = %1" : "=r"(nt_value_at) : "i"(NT_VALUE_MARK)); \
		nt_value_at;                                                               \
	})

#endif
