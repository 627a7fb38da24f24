// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules are those of the kernel's own verifier of BTF where libbpf depends
 * on them (sized members, arrays and parameters, members inside their struct),
 * so that whatever a kernel accepts passes; and none beyond that.
 */
#include "validate.h"

#include "btf_raw.h"

#include <errno.h>

/* No kernel struct comes near; the C dumper prints padding word by word. */
#define MAX_STRUCT_SIZE (64u << 20)

enum name_rule { NO_NAME, ANY_NAME, NEED_NAME };

struct check {
	const struct nt_btf_raw *raw;
	const struct nt_btf_why *why;
};

static int bad(const struct check *c, uint32_t id, const char *what)
{
	return nt_btf_why(c->why, EINVAL, "type %u: %s", id, what);
}

static const uint8_t name_rules[] = {
	[BTF_KIND_INT] = ANY_NAME,       [BTF_KIND_PTR] = NO_NAME,
	[BTF_KIND_ARRAY] = NO_NAME,      [BTF_KIND_STRUCT] = ANY_NAME,
	[BTF_KIND_UNION] = ANY_NAME,     [BTF_KIND_ENUM] = ANY_NAME,
	[BTF_KIND_FWD] = NEED_NAME,      [BTF_KIND_TYPEDEF] = NEED_NAME,
	[BTF_KIND_VOLATILE] = NO_NAME,   [BTF_KIND_CONST] = NO_NAME,
	[BTF_KIND_RESTRICT] = NO_NAME,   [BTF_KIND_FUNC] = NEED_NAME,
	[BTF_KIND_FUNC_PROTO] = NO_NAME, [BTF_KIND_VAR] = NEED_NAME,
	[BTF_KIND_DATASEC] = NEED_NAME,  [BTF_KIND_FLOAT] = NEED_NAME,
	[BTF_KIND_DECL_TAG] = NEED_NAME, [BTF_KIND_TYPE_TAG] = NEED_NAME,
	[BTF_KIND_ENUM64] = ANY_NAME,
};

/* Every id and name of one record in range. */
static int check_slots(const struct check *c, uint32_t id, struct btf_type *t)
{
	const struct nt_btf_raw *raw = c->raw;
	unsigned int kind = btf_kind(t);
	uint32_t *slot;

	for (unsigned int i = 0; (slot = nt_btf_id_slot(t, i)); i++)
		if (*slot > raw->n)
			return bad(c, id, "type id out of range (a module's split BTF?)");
	for (unsigned int i = 0; (slot = nt_btf_name_slot(t, i)); i++) {
		bool enumerator = i && (kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64);

		if (*slot >= raw->strs_len)
			return bad(c, id, "name out of range");
		if (*slot && !*nt_btf_raw_name(raw, *slot))
			return bad(c, id, "name is empty");
		if (enumerator && !*slot)
			return bad(c, id, "enumerator without a name");
	}
	if (name_rules[kind] == NO_NAME && t->name_off)
		return bad(c, id, "has a name, its kind has none");
	if (name_rules[kind] == NEED_NAME && !t->name_off)
		return bad(c, id, "has no name");
	return 0;
}

static bool size_in(uint32_t size, uint32_t mask)
{
	return size < 32 && (mask >> size & 1);
}

static int check_int(const struct check *c, uint32_t id, const struct btf_type *t)
{
	uint32_t v = *(const uint32_t *)(t + 1);

	if (!t->size || t->size > 16)
		return bad(c, id, "integer size");
	if (!BTF_INT_BITS(v) || BTF_INT_OFFSET(v) + BTF_INT_BITS(v) > t->size * 8)
		return bad(c, id, "integer bits");
	if (v & 0xf0000000 || BTF_INT_ENCODING(v) > 7 || v & 0xff00)
		return bad(c, id, "integer encoding");
	return 0;
}

static const struct btf_type *skip_alias(const struct nt_btf_raw *raw, uint32_t id)
{
	const struct btf_type *t = nt_btf_raw_type(raw, id);

	while (t && nt_btf_is_alias(btf_kind(t)))
		t = nt_btf_raw_type(raw, t->type);
	return t;
}

/* Bytes of a value of this type, -1 if it has none. Free of cycles by now. */
static int64_t value_size(const struct nt_btf_raw *raw, uint32_t id)
{
	uint64_t n = 1;

	for (;;) {
		const struct btf_type *t = skip_alias(raw, id);

		switch (t ? btf_kind(t) : BTF_KIND_UNKN) {
		case BTF_KIND_PTR:
			n *= 8;
			break;
		case BTF_KIND_INT:
		case BTF_KIND_FLOAT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
			n *= t->size;
			break;
		case BTF_KIND_ARRAY:
			n *= btf_array(t)->nelems;
			if (n > UINT32_MAX)
				return -1;
			id = btf_array(t)->type;
			continue;
		default:
			return -1;
		}
		return n > UINT32_MAX ? -1 : (int64_t)n;
	}
}

static int check_array(const struct check *c, uint32_t id, const struct btf_type *t)
{
	const struct btf_type *index = skip_alias(c->raw, btf_array(t)->index_type);

	if (!index || !btf_is_int(index))
		return bad(c, id, "array index is no integer");
	if (value_size(c->raw, id) < 0)
		return bad(c, id, "array of unsized elements or too large");
	return 0;
}

/* Bits that a member takes, -1 if it cannot be one. */
static int64_t member_bits(const struct nt_btf_raw *raw, const struct btf_type *t, uint32_t i)
{
	const struct btf_member *m = btf_members(t) + i;
	const struct btf_type *mt = skip_alias(raw, m->type);
	int64_t size = value_size(raw, m->type);
	uint32_t bits = btf_member_bitfield_size(t, i);

	if (size < 0)
		return -1;
	if (bits && !btf_is_int(mt) && !btf_is_any_enum(mt))
		return -1;
	if (bits)
		return bits > size * 8 ? -1 : (int64_t)bits;
	/* Old pahole: the bit field's width and place are in the integer. */
	if (btf_is_int(mt))
		return btf_int_offset(mt) + btf_int_bits(mt);
	return size * 8;
}

static int check_struct(const struct check *c, uint32_t id, const struct btf_type *t)
{
	if (t->size > MAX_STRUCT_SIZE)
		return bad(c, id, "struct size");
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		int64_t bits = member_bits(c->raw, t, i);

		if (bits < 0)
			return bad(c, id, "member of a type without a size");
		if (btf_member_bit_offset(t, i) + (uint64_t)bits > (uint64_t)t->size * 8)
			return bad(c, id, "member beyond the end of the struct");
		if (btf_is_union(t) && btf_member_bit_offset(t, i))
			return bad(c, id, "union member with an offset");
	}
	return 0;
}

static int check_proto(const struct check *c, uint32_t id, const struct btf_type *t)
{
	const struct btf_param *p = btf_params(t);
	uint32_t n = btf_vlen(t);

	if (skip_alias(c->raw, t->type) && value_size(c->raw, t->type) < 0)
		return bad(c, id, "return type without a size");
	for (uint32_t i = 0; i < n; i++) {
		/* void as the last one: variable arguments. */
		if (i + 1 == n && !p[i].type)
			break;
		if (value_size(c->raw, p[i].type) < 0)
			return bad(c, id, "parameter without a size");
	}
	return 0;
}

static int check_decl_tag(const struct check *c, uint32_t id, const struct btf_type *t)
{
	const struct btf_type *to = nt_btf_raw_type(c->raw, t->type);
	int32_t at = btf_decl_tag(t)->component_idx;
	unsigned int kind = to ? btf_kind(to) : BTF_KIND_UNKN;
	uint32_t n = 0;

	switch (kind) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		n = btf_vlen(to);
		break;
	case BTF_KIND_FUNC:
		/* A FUNC's target is checked on its own; do not rely on order. */
		to = nt_btf_raw_type(c->raw, to->type);
		n = to && btf_is_func_proto(to) ? btf_vlen(to) : 0;
		break;
	case BTF_KIND_VAR:
	case BTF_KIND_TYPEDEF:
		break;
	default:
		return bad(c, id, "tag on a type that has none");
	}
	if (at < -1 || (at >= 0 && (uint32_t)at >= n))
		return bad(c, id, "tag component out of range");
	return 0;
}

static int check_datasec(const struct check *c, uint32_t id, const struct btf_type *t)
{
	const struct btf_var_secinfo *v = btf_var_secinfos(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++)
		if (nt_btf_raw_kind(c->raw, v[i].type) != BTF_KIND_VAR)
			return bad(c, id, "section entry is no variable");
	return 0;
}

/* Declarations and sections are no types: only their users may name them. */
static bool is_declaration(unsigned int kind)
{
	return kind == BTF_KIND_FUNC || kind == BTF_KIND_VAR || kind == BTF_KIND_DATASEC ||
	       kind == BTF_KIND_DECL_TAG;
}

static int check_record(const struct check *c, uint32_t id, const struct btf_type *t)
{
	unsigned int kind = btf_kind(t);

	/* Bits 16-23, 29, 30: without meaning to libbpf 1.1, used later. */
	if (t->info & 0x60ff0000)
		return bad(c, id, "unknown flag bits");
	switch (kind) {
	case BTF_KIND_INT:
		return check_int(c, id, t);
	case BTF_KIND_FLOAT:
		/* 2, 4, 8, 12 or 16 bytes */
		return size_in(t->size, 0x11114) ? 0 : bad(c, id, "float size");
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		/* 1, 2, 4 or 8 bytes */
		return size_in(t->size, 0x116) ? 0 : bad(c, id, "enum size");
	case BTF_KIND_ARRAY:
		return check_array(c, id, t);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return check_struct(c, id, t);
	case BTF_KIND_FUNC:
		if (nt_btf_raw_kind(c->raw, t->type) != BTF_KIND_FUNC_PROTO)
			return bad(c, id, "function without a prototype");
		return btf_vlen(t) <= BTF_FUNC_EXTERN ? 0 : bad(c, id, "function linkage");
	case BTF_KIND_FUNC_PROTO:
		return check_proto(c, id, t);
	case BTF_KIND_DATASEC:
		return check_datasec(c, id, t);
	case BTF_KIND_DECL_TAG:
		return check_decl_tag(c, id, t);
	case BTF_KIND_FWD:
		/* libbpf takes it for a type id when it deduplicates. */
		return t->type ? bad(c, id, "forward declaration with a type") : 0;
	default: /* pointers, aliases, variables */
		return is_declaration(nt_btf_raw_kind(c->raw, t->type)) ?
			       bad(c, id, "refers to a declaration") :
			       0;
	}
}

/* Names are printed. (In BPF objects there are source lines among them.) */
static int check_text(const struct nt_btf_raw *raw, const struct nt_btf_why *why)
{
	for (uint32_t i = 0; i < raw->strs_len; i++) {
		unsigned char c = (unsigned char)raw->strs[i];

		if (c && (c < 0x20 || c == 0x7f))
			return nt_btf_why(why, EINVAL, "control character %#x in a name", c);
	}
	return 0;
}

static int check_all(const struct nt_btf_raw *raw, const struct nt_btf_why *why)
{
	const struct check c = { raw, why };
	int r = check_text(raw, why);

	for (uint32_t id = 1; id <= raw->n && !r; id++)
		r = check_slots(&c, id, nt_btf_raw_type(raw, id));
	if (!r)
		r = nt_btf_check_graph(raw, why);
	for (uint32_t id = 1; id <= raw->n && !r; id++)
		r = check_record(&c, id, nt_btf_raw_type(raw, id));
	return r;
}

int nt_btf_validate(const void *data, size_t size, char *buf, size_t len)
{
	const struct nt_btf_why why = { buf, len };
	struct nt_btf_raw raw;
	/* The parser's slots are writable for the merge; nothing here writes. */
	int r = nt_btf_raw_parse((void *)data, size, NULL, &raw, &why);

	if (!r)
		r = check_all(&raw, &why);
	nt_btf_raw_done(&raw);
	return r;
}
