/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records in time order. Perf buffers are read CPU by CPU, and even a ring
 * buffer holds records in the order of submission, not of their time; so
 * records are held back for a moment and sorted.
 */
#ifndef NT_ORDER_H
#define NT_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct nt_order;

struct nt_order *nt_order_new(void);
void nt_order_free(struct nt_order *o);
/* Keep a copy of a record; its first 8 bytes are its time in ns. Records that
 * are shorter are refused (-EINVAL); -ENOMEM. */
int nt_order_add(struct nt_order *o, const void *rec, size_t size);
/*
 * Hand out, oldest first, every record with a time up to until_ns; those of one
 * time in the order in which they came. rec is aligned to 8 bytes and valid until
 * fn returns; fn must not add records.
 */
void nt_order_release(struct nt_order *o, uint64_t until_ns,
		      void (*fn)(void *arg, const void *rec, size_t size), void *arg);
/* Records that are held. */
size_t nt_order_held(const struct nt_order *o);

#endif
