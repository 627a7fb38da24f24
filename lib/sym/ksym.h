/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel symbols from /proc/kallsyms, streamed: the table is never kept whole. */
#ifndef NT_KSYM_H
#define NT_KSYM_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

/*
 * A name to look for. found: 0 absent, else number of exact matches; suffixed:
 * there is a variant with a .isra/.constprop/.part/.cold/.llvm suffix.
 */
struct nt_ksym_want {
	const char *name;
	uint64_t addr;   /* of the first match; 0 when kptr_restrict hides it */
	char module[56]; /* "" for vmlinux */
	uint32_t found;
	bool suffixed;
	char suffix[32]; /* the first suffixed variant's suffix, ".isra.0" */
	/*
	 * Where its code is, clones and the parts that the compiler split off
	 * (.cold) included, if the caller has room for it: up to max_parts. A
	 * part ends where the next symbol begins; addresses are 0 when hidden.
	 */
	struct nt_ksym_part *parts;
	uint32_t max_parts, n_parts;
};
struct nt_ksym_part {
	uint64_t start, end;
};
/* One pass over /proc/kallsyms for all wanted names. Only text symbols count. */
int nt_ksym_find(struct nt_ksym_want *want, uint32_t n, struct nt_err *err);

/*
 * Address to "name+0xoff [module]". A cache of resolved addresses; unresolved
 * ones are collected and resolved together in one pass.
 *
 * The kernel shows addresses to whoever had CAP_SYSLOG when the file was opened:
 * nt_ksyms_new() opens it, so call it before capabilities are dropped. NULL: no
 * memory.
 */
struct nt_ksyms;
struct nt_ksyms *nt_ksyms_new(void);
void nt_ksyms_free(struct nt_ksyms *s);
/*
 * Announce addresses, then resolve all pending in one pass; none when all are
 * known. 0 or -errno (-EPERM: kptr_restrict hides addresses, -ENOSPC: the cache
 * is full; names become hex).
 */
int nt_ksyms_resolve(struct nt_ksyms *s, const uint64_t *addrs, uint32_t n);
struct nt_ksym {
	const char *name;   /* without suffix cut; NULL if unknown */
	const char *module; /* NULL for vmlinux */
	uint64_t start;
};
/* From the cache only. false when it was not resolved. */
bool nt_ksyms_get(const struct nt_ksyms *s, uint64_t addr, struct nt_ksym *out);
/* "name+0x12 [module]" or "0xffff...": returns buf. Return addresses are given
 * as they are; the offset is addr - start. */
char *nt_ksyms_format(const struct nt_ksyms *s, uint64_t addr, char *buf, uint32_t len);

#endif
