/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside lib/sym, and for its tests: the sources of drop-reason names one by one. */
#ifndef NT_REASON_INTERNAL_H
#define NT_REASON_INTERNAL_H

#include "reason.h"

struct nt_reasons *nt_reasons_new(void);
/* Number of names added, or -errno. */
int nt_reasons_add_core(struct nt_reasons *r, const struct btf *btf);
int nt_reasons_add_ovs(struct nt_reasons *r, const struct btf *btf);
/* text: of a tracepoint's format file. */
int nt_reasons_add_format(struct nt_reasons *r, const char *text);
/* To be called once after the last addition. */
void nt_reasons_sort(struct nt_reasons *r);

#endif
