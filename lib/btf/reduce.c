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
	uint8_t *need;
	uint32_t *new_id;
	uint64_t *todo; /* id << 8 | need; each pair at most once */
	size_t n_todo;
};

static void want(struct reduce *r, uint32_t id, enum need need)
{
	if (!id || r->need[id] & need)
		return;
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
	for (uint32_t id = 1; id <= r->raw->n; id++) {
		struct nt_btf_root *root = nt_btf_match(roots, r->raw, nt_btf_raw_type(r->raw, id));

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

static size_t number(struct reduce *r)
{
	uint32_t next = 1;
	size_t bytes = 0;

	for (uint32_t id = 1; id <= r->raw->n; id++) {
		const struct btf_type *t = nt_btf_raw_type(r->raw, id);
		enum fate fate = fate_of(r, id);

		r->new_id[id] = fate == DROP ? 0 : next++;
		if (fate != DROP)
			bytes += fate == STUB ? sizeof(*t) : nt_btf_record_size(t);
	}
	return bytes;
}

/* Copy what stays; what was dropped has become id 0, void. */
static void copy(const struct reduce *r, uint8_t *out)
{
	for (uint32_t id = 1; id <= r->raw->n; id++) {
		const struct btf_type *t = nt_btf_raw_type(r->raw, id);
		struct btf_type *to = (struct btf_type *)out;
		enum fate fate = fate_of(r, id);
		uint32_t *slot;

		if (fate == DROP)
			continue;
		if (fate == STUB) {
			*to = (struct btf_type){
				.name_off = t->name_off,
				.info = BTF_KIND_FWD << 24 | (uint32_t)btf_is_union(t) << 31,
			};
			out += sizeof(*to);
			continue;
		}
		memcpy(to, t, nt_btf_record_size(t));
		for (unsigned int i = 0; (slot = nt_btf_id_slot(to, i)); i++)
			*slot = r->new_id[*slot];
		out += nt_btf_record_size(t);
	}
}

int nt_btf_reduce(const struct nt_btf_raw *raw, const struct nt_btf_roots *roots,
		  struct nt_btf_blob *out)
{
	size_t n = (size_t)raw->n + 1;
	NT_FREE uint8_t *need = calloc(n, sizeof(*need));
	NT_FREE uint32_t *new_id = calloc(n, sizeof(*new_id));
	NT_FREE uint64_t *todo = calloc(n * 4, sizeof(*todo));
	struct reduce r = { .raw = raw, .need = need, .new_id = new_id, .todo = todo };
	NT_FREE uint8_t *types = NULL;
	size_t bytes;

	if (!need || !new_id || !todo)
		return -ENOMEM;
	mark(&r, roots);
	bytes = number(&r);
	types = malloc(bytes + 1);
	if (!types)
		return -ENOMEM;
	copy(&r, types);
	/* Strings that nobody uses any more go when the result is deduplicated. */
	return nt_btf_raw_join(types, bytes, raw->strs, raw->strs_len, out);
}
