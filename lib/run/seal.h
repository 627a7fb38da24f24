/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel side tests, derived from what was asked for. */
#ifndef NT_SEAL_H
#define NT_SEAL_H

#include "filter.h"

/*
 * From family, protos, proto_num, the address and port lists of f all else that the
 * tests of bpf/common/filter.bpf.h look at. Unused entries of a list match nothing
 * then, the first of an empty one everything: the kernel side compares without
 * counting. Once for each filter, before the kernel sees it.
 */
void nt_filter_seal(struct nt_filter *f);

#endif
