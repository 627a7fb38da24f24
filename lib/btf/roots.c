// SPDX-License-Identifier: GPL-2.0-or-later
#include "roots.h"

#include "btf_elf.h"
#include "match.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRACE "btf_trace_"

/* Length without the last "___flavour", which must follow something. */
static size_t essential_len(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = n; i-- > 1;)
		if (!strncmp(name + i, "___", 3) && name[i - 1] != '_' && name[i + 3] &&
		    name[i + 3] != '_')
			return i;
	return n;
}

static size_t root_len(enum nt_btf_root_kind kind, const char *name)
{
	return kind == NT_BTF_TYPE ? essential_len(name) : strlen(name);
}

int nt_btf_roots_add(struct nt_btf_roots *roots, enum nt_btf_root_kind kind, const char *name)
{
	char *copy;

	if (roots->n == roots->cap) {
		size_t cap = roots->cap ? roots->cap * 2 : 64;
		struct nt_btf_root *v = reallocarray(roots->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		roots->v = v;
		roots->cap = cap;
	}
	copy = strndup(name, root_len(kind, name));
	if (!copy)
		return -ENOMEM;
	roots->v[roots->n++] = (struct nt_btf_root){ .kind = kind, .name = copy };
	roots->sorted = false;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct nt_btf_root *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Of the first four bytes, or of those before the NUL. */
static uint32_t hash_begin(uint32_t v)
{
	uint32_t nul = (v - 0x01010101) & ~v & 0x80808080;

	v &= ((nul & -nul) >> 7) - 1;
	return v * 0x9e3779b1U >> (32 - NT_BTF_BEGIN_BITS);
}

static void note_begin(struct nt_btf_roots *roots, const struct nt_btf_root *r)
{
	/* A tracepoint's typedef. */
	const char *name = r->kind == NT_BTF_TRACEPOINT ? TRACE : r->name;
	char first[4] = { 0 };
	uint32_t v, bit;

	memcpy(first, name, strnlen(name, sizeof(first)));
	memcpy(&v, first, sizeof(v));
	bit = hash_begin(le32toh(v));
	roots->begins[bit / 64] |= 1ULL << bit % 64;
}

/* Can a root begin like the name at off? */
static bool may_match(const struct nt_btf_roots *roots, const struct nt_btf_raw *raw, uint32_t off)
{
	uint32_t v, bit;

	while (off < raw->strs_base)
		raw = raw->base;
	off -= raw->strs_base;
	if (off >= raw->strs_len)
		return false;
	if (raw->strs_len - off < sizeof(v))
		return true;
	memcpy(&v, raw->strs + off, sizeof(v));
	bit = hash_begin(le32toh(v));
	return roots->begins[bit / 64] >> bit % 64 & 1;
}

void nt_btf_roots_sort(struct nt_btf_roots *roots)
{
	size_t n = 0;

	memset(roots->begins, 0, sizeof(roots->begins));
	if (roots->n && !roots->sorted)
		qsort(roots->v, roots->n, sizeof(*roots->v), compare);
	for (size_t i = 0; i < roots->n; i++) {
		roots->v[i].found = false;
		if (n && !compare(&roots->v[n - 1], &roots->v[i]))
			free(roots->v[i].name);
		else
			roots->v[n++] = roots->v[i];
	}
	for (size_t i = 0; i < n; i++)
		note_begin(roots, &roots->v[i]);
	roots->n = n;
	roots->sorted = true;
}

struct nt_btf_root *nt_btf_roots_find(const struct nt_btf_roots *roots, enum nt_btf_root_kind kind,
				      const char *name)
{
	size_t len = root_len(kind, name);
	size_t lo = 0, hi = roots->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct nt_btf_root *r = &roots->v[mid];
		int c = kind < r->kind ? -1 : kind > r->kind;

		if (!c)
			c = strncmp(name, r->name, len);
		if (!c)
			c = r->name[len] ? -1 : 0;
		if (!c)
			return r;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

void nt_btf_roots_done(struct nt_btf_roots *roots)
{
	for (size_t i = 0; i < roots->n; i++)
		free(roots->v[i].name);
	free(roots->v);
	memset(roots, 0, sizeof(*roots));
}

const char *nt_btf_root_kind_name(enum nt_btf_root_kind kind)
{
	switch (kind) {
	case NT_BTF_TYPE:
		return "type";
	case NT_BTF_FUNC:
		return "function";
	case NT_BTF_TRACEPOINT:
		return "tracepoint";
	}
	return "?";
}

struct nt_btf_root *nt_btf_match(const struct nt_btf_roots *roots, const struct nt_btf_raw *raw,
				 const struct btf_type *t)
{
	const char *name;

	if (!t->name_off || !may_match(roots, raw, t->name_off))
		return NULL;
	name = nt_btf_raw_name(raw, t->name_off);
	switch (btf_kind(t)) {
	case BTF_KIND_FUNC:
		return nt_btf_roots_find(roots, NT_BTF_FUNC, name);
	case BTF_KIND_TYPEDEF:
		if (!strncmp(name, TRACE, sizeof(TRACE) - 1))
			return nt_btf_roots_find(roots, NT_BTF_TRACEPOINT,
						 name + sizeof(TRACE) - 1);
		return nt_btf_roots_find(roots, NT_BTF_TYPE, name);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return nt_btf_roots_find(roots, NT_BTF_TYPE, name);
	default:
		return NULL;
	}
}

/* Relocation records of an object: .BTF.ext and where one reads in it. */
struct relocs {
	const struct nt_btf_raw *raw;
	const uint8_t *ext;
	uint64_t pos, end;
};

/* The word at an offset from pos; 0 beyond the end, which no check lets pass. */
static uint32_t word(const struct relocs *r, uint64_t off)
{
	uint32_t v = 0;

	if (r->pos + off + sizeof(v) <= r->end)
		memcpy(&v, r->ext + r->pos + off, sizeof(v));
	return v;
}

static int add_type(struct nt_btf_roots *roots, const struct nt_btf_raw *raw, uint32_t id)
{
	const struct btf_type *t;

	if (!id || id > raw->n)
		return -EINVAL;
	t = nt_btf_raw_type(raw, id);
	if (!t->name_off || t->name_off >= raw->strs_len)
		return 0; /* libbpf does not relocate what has no name */
	return nt_btf_roots_add(roots, NT_BTF_TYPE, nt_btf_raw_name(raw, t->name_off));
}

/* The records of one program section; pos is behind them afterwards. */
static int add_section(struct nt_btf_roots *roots, struct relocs *r, uint32_t record)
{
	uint32_t n = word(r, 4);
	int err = 0;

	r->pos += 8;
	if (r->pos > r->end || n > (r->end - r->pos) / record)
		return -EINVAL;
	for (; n && !err; n--, r->pos += record)
		err = add_type(roots, r->raw, word(r, 4)); /* insn_off, type_id, ... */
	return err;
}

static int add_relocs(struct nt_btf_roots *roots, const struct nt_btf_raw *raw,
		      const struct nt_btf_blob *ext)
{
	struct relocs r = { .raw = raw, .ext = ext->data, .end = ext->size };
	uint32_t hdr_len = word(&r, 4), off = word(&r, 24), len = word(&r, 28), record;
	int err = 0;

	if (hdr_len < 32 || !len)
		return 0; /* made before there were relocations, or without any */
	r.pos = (uint64_t)hdr_len + off;
	if (r.pos + len > r.end)
		return -EINVAL;
	r.end = r.pos + len;
	record = word(&r, 0);
	if (record < 16)
		return -EINVAL;
	r.pos += 4;
	while (!err && r.pos < r.end)
		err = add_section(roots, &r, record);
	return err;
}

int nt_btf_roots_from_object(struct nt_btf_roots *roots, const void *elf, size_t size,
			     struct nt_err *err)
{
	struct nt_btf_blob btf = { NULL, 0 }, ext = { NULL, 0 };
	char text[160] = "no .BTF or .BTF.ext section, or damaged";
	const struct nt_btf_why why = { text, sizeof(text) };
	struct nt_btf_raw raw = { .n = 0 };
	int r = nt_btf_elf_copy(elf, size, ".BTF", &btf, &why);

	if (!r)
		r = nt_btf_elf_copy(elf, size, ".BTF.ext", &ext, &why);
	if (!r)
		r = nt_btf_raw_parse(btf.data, btf.size, NULL, &raw, &why);
	if (!r)
		r = add_relocs(roots, &raw, &ext);
	nt_btf_raw_done(&raw);
	free(ext.data);
	free(btf.data);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "embedded BPF object: %s",
			       r == -ENOMEM ? "out of memory" : text);
	return 0;
}
