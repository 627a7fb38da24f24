// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The chains of types that libbpf 1.1 walks by recursion, without a bound and
 * mostly without memory of where it was. Three views of the same graph:
 *
 * layout:  what a type holds by value (sizes, alignment, CO-RE members);
 * spelling: what its C declaration writes out in place (pointers, prototypes,
 *          anonymous structs; a named struct ends the chain);
 * order:   how the C dumper sorts definitions; here cycles are allowed, it
 *          breaks them, but its depth is not bounded.
 *
 * Each is walked depth first with a stack of our own.
 */
#include "btf_raw.h"

#include "cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Bounds: far above what kernels show (6.18: depths 33, 17 and 35, expansion to
 * 8,177 types, 711 thousand in sum), far below what fills a stack.
 */
#define MAX_LAYOUT_DEPTH 256
#define MAX_SPELL_DEPTH 256
#define MAX_ORDER_DEPTH 8192
/* Types written out in place of one type, and in sum. */
#define MAX_WEIGHT (1u << 20)
#define MAX_TOTAL_WEIGHT (1ull << 28)
/*
 * libbpf's dumper keeps a pointer into its stack of declarators while nested
 * ones grow it; up to its first size the stack does not move. 6.18 needs 9.
 */
#define MAX_DECL 16

enum view { LAYOUT, SPELL, ORDER };

static const struct {
	const char *name;
	uint32_t max_depth;
} views[] = {
	[LAYOUT] = { "by-value", MAX_LAYOUT_DEPTH },
	[SPELL] = { "declaration", MAX_SPELL_DEPTH },
	[ORDER] = { "definition", MAX_ORDER_DEPTH },
};

enum state { NEW = 0, OPEN, DONE };

/* Repetition, longest chain and declarators below a node, itself included. */
struct cost {
	uint32_t weight;
	uint16_t depth;
	uint16_t decl;
};

struct frame {
	uint32_t node;
	uint32_t next; /* edge to take next */
	struct cost cost;
};

/*
 * A node is a type id, in the order view id * 2 + "reached through a pointer".
 */
struct walk {
	const struct nt_btf_raw *raw;
	const struct nt_btf_why *why;
	enum view view;
	uint8_t *state;
	struct cost *cost;
	struct frame *stack;
	uint32_t depth;
	uint64_t total;
};

static bool follows(const struct walk *w, const struct btf_type *t, bool through)
{
	switch (btf_kind(t)) {
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_ARRAY:
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (w->view == SPELL)
			return !t->name_off;
		return w->view == LAYOUT || !through || !t->name_off;
	case BTF_KIND_PTR:
	case BTF_KIND_FUNC_PROTO:
		return w->view != LAYOUT;
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_DATASEC:
		return w->view == LAYOUT;
	default:
		return false;
	}
}

/* The i-th node after this one; false after the last. */
static bool edge(const struct walk *w, uint32_t node, uint32_t i, uint32_t *to)
{
	bool order = w->view == ORDER;
	bool through = order && (node & 1);
	struct btf_type *t = nt_btf_raw_type(w->raw, order ? node >> 1 : node);
	unsigned int kind;
	uint32_t *id;

	if (!t || !follows(w, t, through))
		return false;
	kind = btf_kind(t);
	/* The index type of an array is a plain integer: checked elsewhere. */
	id = kind == BTF_KIND_ARRAY && i ? NULL : nt_btf_id_slot(t, i);
	if (!id)
		return false;
	if (kind == BTF_KIND_PTR)
		through = true;
	else if (kind == BTF_KIND_ARRAY || btf_is_composite(t))
		through = false;
	*to = order ? *id * 2 + through : *id;
	return true;
}

static void add_child(const struct walk *w, struct frame *f, const struct cost *c)
{
	if (f->cost.depth < c->depth + 1)
		f->cost.depth = c->depth + 1;
	/* The dumper writes a typedef's target once, elsewhere. */
	if (w->view == SPELL && nt_btf_raw_kind(w->raw, f->node) == BTF_KIND_TYPEDEF)
		return;
	f->cost.weight += c->weight;
	if (f->cost.weight > MAX_WEIGHT)
		f->cost.weight = MAX_WEIGHT + 1;
	if (f->cost.decl < c->decl + 1)
		f->cost.decl = c->decl + 1;
}

static uint32_t type_of(const struct walk *w, uint32_t node)
{
	return w->view == ORDER ? node >> 1 : node;
}

static int too_deep(const struct walk *w, uint32_t node)
{
	return nt_btf_why(w->why, EINVAL, "type %u: %s chain of over %u types", type_of(w, node),
			  views[w->view].name, views[w->view].max_depth);
}

static int open_node(struct walk *w, uint32_t node)
{
	if (w->depth == views[w->view].max_depth)
		return too_deep(w, node);
	w->state[node] = OPEN;
	w->stack[w->depth++] = (struct frame){
		.node = node,
		.cost = { .weight = 1, .depth = 1, .decl = 1 },
	};
	return 0;
}

static int close_node(struct walk *w)
{
	struct frame *f = &w->stack[--w->depth];

	w->state[f->node] = DONE;
	if (f->cost.depth > views[w->view].max_depth)
		return too_deep(w, f->node);
	w->total += f->cost.weight;
	if (w->view != ORDER && (f->cost.weight > MAX_WEIGHT || w->total > MAX_TOTAL_WEIGHT))
		return nt_btf_why(w->why, EINVAL, "type %u: %s expands to too many types", f->node,
				  views[w->view].name);
	if (w->view == SPELL && f->cost.decl > MAX_DECL)
		return nt_btf_why(w->why, EINVAL, "type %u: declaration nested over %u deep",
				  f->node, MAX_DECL);
	w->cost[f->node] = f->cost;
	if (w->depth)
		add_child(w, &w->stack[w->depth - 1], &f->cost);
	return 0;
}

static int walk_from(struct walk *w, uint32_t root)
{
	int r = open_node(w, root);

	while (!r && w->depth) {
		struct frame *f = &w->stack[w->depth - 1];
		uint32_t to;

		if (!edge(w, f->node, f->next, &to)) {
			r = close_node(w);
			continue;
		}
		f->next++;
		if (w->state[to] == NEW)
			r = open_node(w, to);
		else if (w->state[to] == DONE)
			add_child(w, f, &w->cost[to]);
		else if (w->view != ORDER)
			r = nt_btf_why(w->why, EINVAL, "type %u: %s cycle", to,
				       views[w->view].name);
	}
	return r;
}

static int walk_view(const struct nt_btf_raw *raw, enum view view, const struct nt_btf_why *why)
{
	uint32_t nodes = (raw->first_id + raw->n) * (view == ORDER ? 2 : 1);
	NT_FREE uint8_t *state = calloc(nodes, sizeof(*state));
	NT_FREE struct cost *cost = calloc(nodes, sizeof(*cost));
	NT_FREE struct frame *stack = calloc(views[view].max_depth, sizeof(*stack));
	struct walk w = {
		.raw = raw,
		.why = why,
		.view = view,
		.state = state,
		.cost = cost,
		.stack = stack,
	};
	int r = 0;

	if (!state || !stack || !cost)
		return nt_btf_why(why, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < nodes && !r; i++)
		if (state[i] == NEW)
			r = walk_from(&w, i);
	return r;
}

int nt_btf_check_graph(const struct nt_btf_raw *raw, const struct nt_btf_why *why)
{
	int r = walk_view(raw, LAYOUT, why);

	if (!r)
		r = walk_view(raw, SPELL, why);
	if (!r)
		r = walk_view(raw, ORDER, why);
	return r;
}
