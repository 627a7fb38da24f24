/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw BTF in memory: sections, the place of each type record, and every slot
 * of a record that holds a type id or a name. Private to lib/btf: what is
 * shared by the validator, the merge and the reduction.
 */
#ifndef NT_BTF_RAW_H
#define NT_BTF_RAW_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a reason is written; buf may be NULL. */
struct nt_btf_why {
	char *buf;
	size_t len;
};

/* Bytes from malloc(). */
struct nt_btf_blob {
	void *data;
	size_t size;
};

/* Format the reason, return -errnum (positive). */
int nt_btf_why(const struct nt_btf_why *why, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A parsed file; the bytes stay the caller's. Type ids first_id ..
 * first_id + n - 1 are here, smaller ones (a module's split BTF) in a base,
 * whose strings come before ours: name offsets below strs_base are the base's.
 */
struct nt_btf_raw {
	const struct nt_btf_raw *base;
	struct btf_header hdr;
	uint8_t *types;
	uint32_t types_len;
	const char *strs;
	uint32_t strs_len;
	uint32_t n;
	uint32_t first_id;
	uint32_t strs_base;
	uint32_t *offs; /* of each own type in types */
};

/*
 * Parse header, sections and record bounds; base is NULL except for split
 * BTF. data must be aligned to 4 bytes; it and base outlive raw. Type ids and
 * names are not looked at. 0, -EINVAL with a reason, -ENOMEM. Release with
 * nt_btf_raw_done(), which is also safe after a failure.
 */
int nt_btf_raw_parse(void *data, size_t size, const struct nt_btf_raw *base, struct nt_btf_raw *raw,
		     const struct nt_btf_why *why);
void nt_btf_raw_done(struct nt_btf_raw *raw);

/* The type with this id, here or in the base; void (0) gives NULL. */
static inline struct btf_type *nt_btf_raw_type(const struct nt_btf_raw *raw, uint32_t id)
{
	while (raw && id < raw->first_id)
		raw = raw->base;
	return raw ? (struct btf_type *)(raw->types + raw->offs[id - raw->first_id]) : NULL;
}

/* Kind of a type id, BTF_KIND_UNKN for void. */
static inline unsigned int nt_btf_raw_kind(const struct nt_btf_raw *raw, uint32_t id)
{
	const struct btf_type *t = nt_btf_raw_type(raw, id);

	return t ? btf_kind(t) : BTF_KIND_UNKN;
}

static inline const char *nt_btf_raw_name(const struct nt_btf_raw *raw, uint32_t off)
{
	while (off < raw->strs_base)
		raw = raw->base;
	return raw->strs + (off - raw->strs_base);
}

/* Bytes of a record with its trailing array; 0 for an unknown kind. */
size_t nt_btf_record_size(const struct btf_type *t);

/*
 * The i-th type id (name offset) that a record holds, NULL after the last.
 * The first name is the type's own.
 */
uint32_t *nt_btf_id_slot(struct btf_type *t, unsigned int i);
uint32_t *nt_btf_name_slot(struct btf_type *t, unsigned int i);

/* const, volatile, restrict, type tag or typedef. */
bool nt_btf_is_alias(unsigned int kind);

/*
 * Chains of types that libbpf follows by recursion: no cycle that it cannot
 * break, no depth or repetition beyond bounds. Ids must be in range. 0,
 * -EINVAL with a reason, -ENOMEM.
 */
int nt_btf_check_graph(const struct nt_btf_raw *raw, const struct nt_btf_why *why);

/* Write header, types and strings as one file. 0, -E2BIG or -ENOMEM. */
int nt_btf_raw_join(const void *types, size_t types_len, const char *strs, size_t strs_len,
		    struct nt_btf_blob *out);

#endif
