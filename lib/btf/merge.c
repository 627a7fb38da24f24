// SPDX-License-Identifier: GPL-2.0-or-later
#include "merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int reserve(void **buf, size_t *cap, size_t need)
{
	size_t n = *cap ? *cap : 1 << 16;
	void *p;

	if (need <= *cap)
		return 0;
	while (n < need)
		n *= 2;
	p = realloc(*buf, n);
	if (!p)
		return -ENOMEM;
	*buf = p;
	*cap = n;
	return 0;
}

/* Ids and names of one copied record, from the file's counting to the sum's. */
static int shift(struct nt_btf_merge *m, const struct nt_btf_raw *raw, struct btf_type *t)
{
	uint32_t *slot;

	for (unsigned int i = 0; (slot = nt_btf_id_slot(t, i)); i++) {
		if (*slot >= raw->first_id + raw->n)
			return -EINVAL;
		if (*slot >= raw->first_id)
			*slot = *slot - raw->first_id + m->n + 1;
	}
	for (unsigned int i = 0; (slot = nt_btf_name_slot(t, i)); i++) {
		if (*slot >= raw->strs_base + raw->strs_len)
			return -EINVAL;
		if (*slot && *slot >= raw->strs_base)
			*slot += (uint32_t)m->strs_len - raw->strs_base;
	}
	return 0;
}

int nt_btf_merge_add(struct nt_btf_merge *m, const struct nt_btf_raw *raw,
		     const struct nt_btf_why *why)
{
	uint8_t *p;

	if (m->types_len + raw->types_len > INT32_MAX || m->strs_len + raw->strs_len > INT32_MAX)
		return nt_btf_why(why, E2BIG, "too many types in sum");
	if (reserve((void **)&m->types, &m->types_cap, m->types_len + raw->types_len) ||
	    reserve((void **)&m->strs, &m->strs_cap, m->strs_len + raw->strs_len))
		return nt_btf_why(why, ENOMEM, "out of memory");
	p = m->types + m->types_len;
	memcpy(p, raw->types, raw->types_len);
	for (uint32_t i = 0; i < raw->n; i++)
		if (shift(m, raw, (struct btf_type *)(p + raw->offs[i])))
			return nt_btf_why(why, EINVAL, "type %u: type id or name out of range",
					  raw->first_id + i);
	memcpy(m->strs + m->strs_len, raw->strs, raw->strs_len);
	m->types_len += raw->types_len;
	m->strs_len += raw->strs_len;
	m->n += raw->n;
	return 0;
}

void nt_btf_merge_done(struct nt_btf_merge *m)
{
	free(m->types);
	free(m->strs);
	memset(m, 0, sizeof(*m));
}
