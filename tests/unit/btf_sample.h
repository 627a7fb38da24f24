/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small BTF with every kind, and libbpf's walks over whatever is accepted. */
#ifndef NT_TEST_BTF_SAMPLE_H
#define NT_TEST_BTF_SAMPLE_H

#include <bpf/btf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Ids of the sample's types, in the order they are added. */
enum {
	S_INT = 1,
	S_PTR,
	S_ARRAY,
	S_NODE,  /* struct node { struct node *next; int low:3; int :.. high:5; int v[4]; } */
	S_ANON,  /* union { int a; struct node *b; } */
	S_OUTER, /* struct outer { union ...; struct node n; enum color c; } */
	S_ENUM,
	S_FWD,
	S_TYPEDEF,
	S_VOLATILE,
	S_CONST,
	S_RESTRICT,
	S_PROTO,
	S_FUNC,
	S_VAR,
	S_DATASEC,
	S_FLOAT,
	S_DECL_TAG,
	S_TYPE_TAG,
	S_ENUM64,
	S_FWD_PTR,
	S_COUNT = S_FWD_PTR,
};

static struct btf *btf_sample_new(void)
{
	struct btf *b = btf__new_empty();

	btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	btf__add_ptr(b, S_NODE);
	btf__add_array(b, S_INT, S_INT, 4);
	btf__add_struct(b, "node", 32);
	btf__add_field(b, "next", S_PTR, 0, 0);
	btf__add_field(b, "low", S_INT, 64, 3);
	btf__add_field(b, "high", S_INT, 67, 5);
	btf__add_field(b, "v", S_ARRAY, 96, 0);
	btf__add_union(b, NULL, 8);
	btf__add_field(b, "a", S_INT, 0, 0);
	btf__add_field(b, "b", S_PTR, 0, 0);
	btf__add_struct(b, "outer", 48);
	btf__add_field(b, NULL, S_ANON, 0, 0);
	btf__add_field(b, "n", S_NODE, 64, 0);
	btf__add_field(b, "c", S_ENUM, 320, 0);
	btf__add_enum(b, "color", 4);
	btf__add_enum_value(b, "RED", 0);
	btf__add_enum_value(b, "BLUE", 1);
	btf__add_fwd(b, "elsewhere", BTF_FWD_STRUCT);
	btf__add_typedef(b, "btf_trace_sample", S_PTR);
	btf__add_volatile(b, S_INT);
	btf__add_const(b, S_VOLATILE);
	btf__add_restrict(b, S_PTR);
	btf__add_func_proto(b, S_INT);
	btf__add_func_param(b, "n", S_RESTRICT);
	btf__add_func_param(b, "x", S_CONST);
	btf__add_func_param(b, NULL, 0);
	btf__add_func(b, "do_sample", BTF_FUNC_STATIC, S_PROTO);
	btf__add_var(b, "counter", BTF_VAR_GLOBAL_ALLOCATED, S_INT);
	btf__add_datasec(b, ".data..percpu", 4);
	btf__add_datasec_var_info(b, S_VAR, 0, 4);
	btf__add_float(b, "double", 8);
	btf__add_decl_tag(b, "tagged", S_NODE, 1);
	btf__add_type_tag(b, "user", S_NODE);
	btf__add_enum64(b, "big", 8, false);
	btf__add_enum64_value(b, "HUGE_ONE", 1ull << 40);
	btf__add_ptr(b, S_FWD);
	return b;
}

/* The sample's bytes; the caller frees them. */
static void *btf_sample_bytes(size_t *size)
{
	struct btf *b = btf_sample_new();
	uint32_t len = 0;
	const void *raw = btf__raw_data(b, &len);
	void *copy = malloc(len);

	if (copy && raw)
		memcpy(copy, raw, len);
	*size = len;
	btf__free(b);
	return copy;
}

__attribute__((format(printf, 2, 0), unused)) static void btf_sink(void *ctx, const char *fmt,
								   va_list ap)
{
	(void)ctx;
	(void)fmt;
	(void)ap;
}

/* The C dumper pads word by word: leave out what only takes long. */
static int btf_too_long(const struct btf *b)
{
	uint64_t sum = 0;

	for (uint32_t i = 1; i < btf__type_cnt(b); i++) {
		const struct btf_type *t = btf__type_by_id(b, i);

		if (btf_is_composite(t))
			sum += t->size;
	}
	return sum > 1 << 20;
}

/* All that libbpf does with a kernel's types. Accepted data must survive it. */
__attribute__((unused)) static void btf_exercise(const void *data, size_t size)
{
	struct btf *b = btf__new(data, (uint32_t)size);
	struct btf_dump *d;

	if (!b)
		return;
	btf__find_by_name(b, "no_such_type");
	for (uint32_t i = 0; i < btf__type_cnt(b); i++) {
		const struct btf_type *t = btf__type_by_id(b, i);

		btf__find_by_name_kind(b, btf__name_by_offset(b, t->name_off), btf_kind(t));
		btf__resolve_size(b, i);
		btf__resolve_type(b, i);
		btf__align_of(b, i);
	}
	d = btf_too_long(b) ? NULL : btf_dump__new(b, btf_sink, NULL, NULL);
	for (uint32_t i = 1; d && i < btf__type_cnt(b); i++)
		btf_dump__dump_type(d, i);
	btf_dump__free(d);
	btf__dedup(b, NULL);
	btf__free(b);
}

#endif
