/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of drop reasons, from the running kernel: the numbers move from release
 * to release, so there is no table of them here.
 */
#ifndef NT_REASON_H
#define NT_REASON_H

#include <stdbool.h>
#include <stdint.h>

struct btf;
struct nt_reasons;

/* Where the type information has the names. */
#define NT_REASON_ENUM "skb_drop_reason"
#define NT_REASON_ENUM_OVS "ovs_drop_reason"

/*
 * In order: the enums of the kernel's type information (NULL: none) and of the
 * openvswitch module's (NULL: none, or merged into vmlinux), else
 * the list in the format file of the tracepoint skb:kfree_skb where tracefs is
 * mounted (nothing is mounted here). Without any of them it is empty, as on
 * kernels before 5.17, which have no reasons. NULL: no memory. The type
 * information may be freed afterwards.
 */
struct nt_reasons *nt_reasons_load(const struct btf *vmlinux, const struct btf *ovs);
void nt_reasons_free(struct nt_reasons *r);

/* Has the kernel names of reasons? */
bool nt_reasons_known(const struct nt_reasons *r);
/*
 * "NO_SOCKET", without the prefix SKB_DROP_REASON_; names of Open vSwitch keep
 * theirs ("OVS_DROP_LAST_ACTION"). NULL when unknown.
 */
const char *nt_reason_name(const struct nt_reasons *r, uint32_t value);
/* The name, or the number as text ("3", "0x30001" with a subsystem): returns buf. */
char *nt_reason_format(const struct nt_reasons *r, uint32_t value, char *buf, uint32_t len);
/*
 * A name as the user writes it: any case, with or without the prefix, or a
 * number. 0, or -ENOENT.
 */
int nt_reason_value(const struct nt_reasons *r, const char *name, uint32_t *value);

/* By position, ascending in value: for completion and suggestions. */
uint32_t nt_reasons_count(const struct nt_reasons *r);
const char *nt_reasons_at(const struct nt_reasons *r, uint32_t i, uint32_t *value);

#endif
