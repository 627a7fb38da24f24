// SPDX-License-Identifier: GPL-2.0-or-later
#include "btf_raw.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int nt_btf_why(const struct nt_btf_why *why, int errnum, const char *fmt, ...)
{
	va_list ap;

	if (why && why->buf && why->len) {
		va_start(ap, fmt);
		vsnprintf(why->buf, why->len, fmt, ap);
		va_end(ap);
	}
	return -errnum;
}

static int parse_header(const void *data, size_t size, struct nt_btf_raw *raw,
			const struct nt_btf_why *why)
{
	struct btf_header *h = &raw->hdr;
	uint64_t body, type_end, str_end;

	if (size < sizeof(*h))
		return nt_btf_why(why, EINVAL, "%zu bytes, shorter than a BTF header", size);
	if (size > UINT32_MAX || (uintptr_t)data % 4)
		return nt_btf_why(why, EINVAL, "data too large or not aligned");
	memcpy(h, data, sizeof(*h));
	if (h->magic == __builtin_bswap16(BTF_MAGIC))
		return nt_btf_why(why, EINVAL, "byte order of another machine");
	if (h->magic != BTF_MAGIC)
		return nt_btf_why(why, EINVAL, "no BTF magic number");
	if (h->version != BTF_VERSION || h->flags)
		return nt_btf_why(why, EINVAL, "unknown BTF version %u or flags %#x", h->version,
				  h->flags);
	if (h->hdr_len < sizeof(*h) || h->hdr_len > size || h->hdr_len % 4)
		return nt_btf_why(why, EINVAL, "header length %u", h->hdr_len);
	body = size - h->hdr_len;
	type_end = (uint64_t)h->type_off + h->type_len;
	str_end = (uint64_t)h->str_off + h->str_len;
	if (h->type_off % 4 || type_end > h->str_off)
		return nt_btf_why(why, EINVAL, "type section at %u + %u overlaps strings at %u",
				  h->type_off, h->type_len, h->str_off);
	if (str_end > body)
		return nt_btf_why(why, EINVAL, "cut short: sections end at %llu of %llu bytes",
				  (unsigned long long)str_end, (unsigned long long)body);
	/* A longer header may announce sections of a later version behind ours. */
	if (h->hdr_len == sizeof(*h) && str_end != body)
		return nt_btf_why(why, EINVAL, "%llu bytes behind the last section",
				  (unsigned long long)(body - str_end));
	/* libbpf reads the word behind a type's fixed part, whatever its kind. */
	if (body - type_end < 4)
		return nt_btf_why(why, EINVAL, "string section too short");
	return 0;
}

static int parse_strings(struct nt_btf_raw *raw, bool split, const struct nt_btf_why *why)
{
	if (!raw->strs_len)
		return split ? 0 : nt_btf_why(why, EINVAL, "no string section");
	if (!split && raw->strs[0])
		return nt_btf_why(why, EINVAL,
				  "string section does not begin with NUL (a module's split BTF?)");
	if (raw->strs[raw->strs_len - 1])
		return nt_btf_why(why, EINVAL, "string section does not end with NUL");
	return 0;
}

size_t nt_btf_record_size(const struct btf_type *t)
{
	size_t n = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return sizeof(*t);
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(*t) + sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(*t) + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return sizeof(*t) + n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return sizeof(*t) + n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return sizeof(*t) + n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return sizeof(*t) + n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return sizeof(*t) + n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

/* Note where each record begins. */
static int scan_types(struct nt_btf_raw *raw, const struct nt_btf_why *why)
{
	uint32_t off = 0, n = 0;

	while (off < raw->types_len) {
		const struct btf_type *t = (const void *)(raw->types + off);
		uint32_t left = raw->types_len - off;
		size_t len = left < sizeof(*t) ? 0 : nt_btf_record_size(t);

		if (left >= sizeof(*t) && !len)
			return nt_btf_why(why, EINVAL, "type %u: unknown kind %u",
					  raw->first_id + n, btf_kind(t));
		if (!len || len > left)
			return nt_btf_why(why, EINVAL, "type %u: cut short", raw->first_id + n);
		raw->offs[n++] = off;
		off += len;
	}
	raw->n = n;
	return 0;
}

int nt_btf_raw_parse(void *data, size_t size, const struct nt_btf_raw *base, struct nt_btf_raw *raw,
		     const struct nt_btf_why *why)
{
	int r;

	memset(raw, 0, sizeof(*raw));
	raw->base = base;
	raw->first_id = base ? base->first_id + base->n : 1;
	raw->strs_base = base ? base->strs_base + base->strs_len : 0;
	r = parse_header(data, size, raw, why);
	if (r < 0)
		return r;
	raw->types = (uint8_t *)data + raw->hdr.hdr_len + raw->hdr.type_off;
	raw->types_len = raw->hdr.type_len;
	raw->strs = (const char *)data + raw->hdr.hdr_len + raw->hdr.str_off;
	raw->strs_len = raw->hdr.str_len;
	r = parse_strings(raw, base, why);
	if (r < 0)
		return r;
	/* Room for as many as there can be: what is not written takes no memory. */
	raw->offs = calloc(raw->types_len / sizeof(struct btf_type) + 1, sizeof(*raw->offs));
	if (!raw->offs)
		return nt_btf_why(why, ENOMEM, "out of memory");
	return scan_types(raw, why);
}

void nt_btf_raw_done(struct nt_btf_raw *raw)
{
	free(raw->offs);
	raw->offs = NULL;
}

uint32_t *nt_btf_id_slot(struct btf_type *t, unsigned int i)
{
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
		return i == 0 ? &t->type : NULL;
	case BTF_KIND_ARRAY:
		return i == 0 ? &btf_array(t)->type : i == 1 ? &btf_array(t)->index_type : NULL;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return i < btf_vlen(t) ? &btf_members(t)[i].type : NULL;
	case BTF_KIND_FUNC_PROTO:
		if (i == 0)
			return &t->type;
		return i <= btf_vlen(t) ? &btf_params(t)[i - 1].type : NULL;
	case BTF_KIND_DATASEC:
		return i < btf_vlen(t) ? &btf_var_secinfos(t)[i].type : NULL;
	default:
		return NULL;
	}
}

uint32_t *nt_btf_name_slot(struct btf_type *t, unsigned int i)
{
	if (i == 0)
		return &t->name_off;
	i--;
	if (i >= btf_vlen(t))
		return NULL;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return &btf_members(t)[i].name_off;
	case BTF_KIND_ENUM:
		return &btf_enum(t)[i].name_off;
	case BTF_KIND_ENUM64:
		return &btf_enum64(t)[i].name_off;
	case BTF_KIND_FUNC_PROTO:
		return &btf_params(t)[i].name_off;
	default:
		return NULL;
	}
}

bool nt_btf_is_alias(unsigned int kind)
{
	return kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
	       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

int nt_btf_raw_join(const void *types, size_t types_len, const char *strs, size_t strs_len,
		    struct nt_btf_blob *out)
{
	struct btf_header h = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(h),
		.type_len = types_len,
		.str_off = types_len,
		.str_len = strs_len,
	};
	uint8_t *p;

	if (types_len > INT32_MAX || strs_len > INT32_MAX)
		return -E2BIG;
	p = malloc(sizeof(h) + types_len + strs_len);
	if (!p)
		return -ENOMEM;
	memcpy(p, &h, sizeof(h));
	if (types_len)
		memcpy(p + sizeof(h), types, types_len);
	if (strs_len)
		memcpy(p + sizeof(h) + types_len, strs, strs_len);
	out->data = p;
	out->size = sizeof(h) + types_len + strs_len;
	return 0;
}
