// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is kept of a kernel's type information.
 *
 * libbpf relocates a field by the name of its struct, then by the names of the
 * members on the way to it, and asks of the field's type no more than that it
 * is of the same sort: any pointer matches any pointer, whatever it points to.
 * What a pointer leads to is looked up by its own name, and that name is in
 * the program's types, so it is a root. Therefore: a root is kept with all it
 * holds by value; behind a pointer a named struct that is no root shrinks to
 * its forward declaration, an anonymous one and a prototype to void. Of a
 * function and of a typedef (tracepoints are typedefs of function pointers)
 * the prototype is kept, since it tells which argument is what.
 */
#include "merge.h"

#include "buf.h"
#include "cleanup.h"
#include "match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How a type is needed. Several may hold. */
enum need {
	NAMED = 1, /* behind a pointer: a name is enough */
	WHOLE = 2, /* by value */
	PROTO = 4, /* behind a pointer of a root: a prototype is wanted */
	ROOT = 8,  /* itself: by value, its pointers as PROTO */
};

struct reduce {
	const struct nt_btf_raw *raw;
	uint32_t limit; /* type ids are below */
	uint8_t *need;
	uint32_t *new_id;
	uint32_t *order; /* what is needed, in the order in which it was found */
	uint32_t n_order;
	uint64_t *todo; /* id << 8 | need; each pair at most once */
	size_t n_todo;
};

/* Ids out of range become void: a kernel's own types are not checked before. */
static void want(struct reduce *r, uint32_t id, enum need need)
{
	if (!id || id >= r->limit || r->need[id] & need)
		return;
	if (!r->need[id])
		r->order[r->n_order++] = id;
	r->need[id] |= need;
	r->todo[r->n_todo++] = (uint64_t)id << 8 | need;
}

static void want_all(struct reduce *r, struct btf_type *t, enum need need)
{
	uint32_t *id;

	for (unsigned int i = 0; (id = nt_btf_id_slot(t, i)); i++)
		want(r, *id, need);
}

static void follow(struct reduce *r, uint32_t id, enum need need)
{
	struct btf_type *t = nt_btf_raw_type(r->raw, id);

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
		want(r, t->type, need & (ROOT | PROTO) ? PROTO : NAMED);
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_FUNC:
		want(r, t->type, need);
		break;
	case BTF_KIND_ARRAY: /* elements need a size even behind a pointer */
		want_all(r, t, WHOLE);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (need & (WHOLE | ROOT))
			want_all(r, t, WHOLE);
		break;
	case BTF_KIND_FUNC_PROTO:
		if (need != NAMED)
			want_all(r, t, WHOLE);
		break;
	default:
		break;
	}
}

enum fate { DROP, STUB, KEEP };

static enum fate fate_of(const struct reduce *r, uint32_t id)
{
	const struct btf_type *t = nt_btf_raw_type(r->raw, id);
	uint8_t need = r->need[id];

	if (!need)
		return DROP;
	if (btf_is_composite(t) && !(need & (WHOLE | ROOT)))
		return t->name_off ? STUB : DROP;
	if (btf_is_func_proto(t) && need == NAMED)
		return DROP;
	return KEEP;
}

static void mark(struct reduce *r, const struct nt_btf_roots *roots)
{
	const struct nt_btf_raw *raw = r->raw;

	for (uint32_t id = raw->first_id; id < r->limit; id++) {
		struct nt_btf_root *root = nt_btf_match(roots, raw, nt_btf_raw_type(raw, id));

		if (!root)
			continue;
		root->found = true;
		want(r, id, ROOT);
	}
	while (r->n_todo) {
		uint64_t next = r->todo[--r->n_todo];

		follow(r, (uint32_t)(next >> 8), (enum need)(next & 0xff));
	}
}

/* Numbers for what stays, in order; the rest keeps 0, void. */
static void number(struct reduce *r, struct nt_btf_reduced *out)
{
	uint32_t i, n = 0;

	for (i = 0; i < r->n_order; i++) {
		uint32_t id = r->order[i];

		if (fate_of(r, id) == DROP)
			continue;
		r->new_id[id] = ++n;
		out->id[n] = id;
	}
	out->n = n;
}

/* Names that repeat are written again: they are few. */
static uint32_t copy_name(const struct reduce *r, struct nt_buf *strs, uint32_t off)
{
	const struct nt_btf_raw *raw = r->raw;
	uint32_t at = (uint32_t)strs->n;
	const char *name;

	if (!off || off >= raw->strs_base + raw->strs_len)
		return 0;
	name = nt_btf_raw_name(raw, off);
	if (!*name)
		return 0;
	nt_buf_addn(strs, name, strlen(name) + 1);
	return at;
}

static void copy_type(const struct reduce *r, uint32_t id, struct nt_buf *types,
		      struct nt_buf *strs)
{
	const struct btf_type *t = nt_btf_raw_type(r->raw, id);
	size_t at = types->n;
	struct btf_type *to;
	uint32_t *slot;

	if (fate_of(r, id) == STUB) {
		struct btf_type stub = {
			.name_off = copy_name(r, strs, t->name_off),
			.info = BTF_KIND_FWD << 24 | (uint32_t)btf_is_union(t) << 31,
		};

		nt_buf_addn(types, (const char *)&stub, sizeof(stub));
		return;
	}
	nt_buf_addn(types, (const char *)t, nt_btf_record_size(t));
	if (types->failed)
		return;
	to = (struct btf_type *)(types->s + at);
	for (unsigned int i = 0; (slot = nt_btf_id_slot(to, i)); i++)
		*slot = *slot < r->limit ? r->new_id[*slot] : 0;
	for (unsigned int i = 0; (slot = nt_btf_name_slot(to, i)); i++)
		*slot = copy_name(r, strs, *slot);
}

static int copy(const struct reduce *r, struct nt_btf_reduced *out)
{
	NT_CLEANUP(nt_buf_free) struct nt_buf types = { 0 };
	NT_CLEANUP(nt_buf_free) struct nt_buf strs = { 0 };
	uint32_t id;

	nt_buf_addc(&strs, '\0');
	for (id = 1; id <= out->n; id++)
		copy_type(r, out->id[id], &types, &strs);
	if (types.failed || strs.failed)
		return -ENOMEM;
	return nt_btf_raw_join(types.s, types.n, strs.s, strs.n, &out->blob);
}

int nt_btf_reduce(const struct nt_btf_raw *raw, const struct nt_btf_roots *roots,
		  struct nt_btf_reduced *out)
{
	size_t n = (size_t)raw->first_id + raw->n;
	NT_FREE uint8_t *need = calloc(n, sizeof(*need));
	NT_FREE uint32_t *new_id = calloc(n, sizeof(*new_id));
	NT_FREE uint32_t *order = calloc(n, sizeof(*order));
	NT_FREE uint64_t *todo = calloc(n * 4, sizeof(*todo));
	struct reduce r = { .raw = raw,
			    .limit = (uint32_t)n,
			    .need = need,
			    .new_id = new_id,
			    .order = order,
			    .todo = todo };
	int err;

	memset(out, 0, sizeof(*out));
	if (!need || !new_id || !order || !todo)
		return -ENOMEM;
	mark(&r, roots);
	out->id = calloc((size_t)r.n_order + 1, sizeof(*out->id));
	if (!out->id)
		return -ENOMEM;
	number(&r, out);
	err = copy(&r, out);
	if (err)
		nt_btf_reduced_done(out);
	return err;
}

void nt_btf_reduced_done(struct nt_btf_reduced *out)
{
	free(out->blob.data);
	free(out->id);
	memset(out, 0, sizeof(*out));
}
