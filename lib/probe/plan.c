// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.h"

#include <bpf/btf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "ksym.h"

const char *nt_kind_name(enum nt_kind kind)
{
	static const char *const names[] = {
		[NT_KIND_NONE] = "none",      [NT_TP_BTF] = "tp_btf", [NT_RAW_TP] = "raw_tp",
		[NT_FENTRY] = "fentry",       [NT_FEXIT] = "fexit",   [NT_KPROBE] = "kprobe",
		[NT_KRETPROBE] = "kretprobe",
	};

	return kind < NT_ARRAY_SIZE(names) ? names[kind] : "?";
}

void nt_plan_init(struct nt_plan *p, const struct nt_hook *hooks)
{
	memset(p, 0, sizeof(*p));
	for (; hooks && hooks->name && p->n < NT_MAX_HOOKS; hooks++)
		p->c[p->n++].hook = hooks;
}

static struct nt_choice *find_choice(struct nt_plan *p, const char *hook)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->c[i].hook->name, hook))
			return &p->c[i];
	return NULL;
}

void nt_plan_off(struct nt_plan *p, const char *hook)
{
	struct nt_choice *c = find_choice(p, hook);

	if (c)
		c->off = true;
}

bool nt_plan_has(const struct nt_plan *p, const char *hook)
{
	const struct nt_choice *c = find_choice((struct nt_plan *)p, hook);

	return c && c->v && !c->gone_wall_ns;
}

static bool is_function(enum nt_kind kind)
{
	return kind >= NT_FENTRY;
}

static bool needs_btf(enum nt_kind kind)
{
	return kind == NT_TP_BTF || kind == NT_FENTRY || kind == NT_FEXIT;
}

static enum nt_feature feature_of(enum nt_kind kind)
{
	switch (kind) {
	case NT_TP_BTF:
		return NT_F_TP_BTF;
	case NT_RAW_TP:
		return NT_F_RAW_TP;
	case NT_FENTRY:
	case NT_FEXIT:
		return NT_F_FENTRY;
	default:
		return NT_F_KPROBE;
	}
}

/* Where a hook's symbol was found. */
struct place {
	const struct nt_btf_part *part; /* NULL: in no type information */
	int id;                         /* in the part */
	bool in_module;
};

static struct place place_of(struct nt_kernel *k, const struct nt_hook *h, const char *name,
			     uint32_t kind)
{
	const struct nt_kernel_module *m = h->module ? nt_kernel_module(k, h->module) : NULL;
	struct place p = { .part = NULL };

	if (m) {
		p.id = nt_btf_part_find(&m->btf, name, kind);
		if (p.id > 0) {
			p.part = &m->btf;
			p.in_module = true;
			return p;
		}
	}
	p.id = nt_btf_part_find(&k->vmlinux, name, kind);
	if (p.id > 0)
		p.part = &k->vmlinux;
	return p;
}

/* "sk_buff@0": parameter 0 of the prototype is a struct sk_buff pointer. */
static bool proto_matches(const struct btf *btf, int func_id, const char *want)
{
	const struct btf_type *t = btf__type_by_id(btf, (uint32_t)func_id);
	const struct btf_param *params;
	const char *at = strchr(want, '@'), *name;
	unsigned long pos = at ? strtoul(at + 1, NULL, 10) : 0;

	t = t ? btf__type_by_id(btf, t->type) : NULL;
	if (!at || !t || !btf_is_func_proto(t) || pos >= btf_vlen(t))
		return false;
	params = btf_params(t);
	t = btf__type_by_id(btf, params[pos].type);
	if (!t || !btf_is_ptr(t))
		return false;
	t = btf__type_by_id(btf, t->type);
	while (t && (btf_is_const(t) || btf_is_volatile(t)))
		t = btf__type_by_id(btf, t->type);
	name = t ? btf__name_by_offset(btf, t->name_off) : NULL;
	return name && strlen(name) == (size_t)(at - want) && !strncmp(name, want, at - want);
}

/* The same symbols as the hook table has, in one look at kallsyms. */
#define MAX_ITERS 8
struct wanted {
	struct nt_ksym_want v[NT_MAX_HOOKS * (NT_MAX_VARIANTS + 1) + 1 + NT_MAX_FUNCTIONS];
	uint32_t n;
	char iter[MAX_ITERS][64]; /* names made here */
	uint32_t n_iters;
};

static const struct nt_ksym_want *symbol_of(const struct wanted *w, const char *name)
{
	uint32_t i;

	for (i = 0; i < w->n; i++)
		if (!strcmp(w->v[i].name, name))
			return &w->v[i];
	return NULL;
}

/* Each tracepoint has a function of this name (5.10, "tracepoint: Optimize using
 * static_call()"): it shows a module's tracepoint where type information does not. */
static void iter_name(const char *tracepoint, char *buf, size_t len)
{
	snprintf(buf, len, "__traceiter_%s", tracepoint);
}

/* The symbol by which a variant is found, or NULL. */
static const char *symbol_wanted(struct wanted *w, const struct nt_hook *h,
				 const struct nt_variant *v)
{
	if (is_function(v->kind))
		return v->symbol;
	if (v->kind != NT_RAW_TP || !h->module || w->n_iters == MAX_ITERS)
		return NULL;
	iter_name(v->symbol, w->iter[w->n_iters], sizeof(w->iter[0]));
	return w->iter[w->n_iters++];
}

static void want_hook(struct wanted *w, const struct nt_hook *h)
{
	const char *name;
	uint32_t j;

	for (j = 0; j < NT_MAX_VARIANTS && h->v[j].kind; j++) {
		name = symbol_wanted(w, h, &h->v[j]);
		if (name && !symbol_of(w, name))
			w->v[w->n++].name = name;
	}
	if (h->unless && !symbol_of(w, h->unless))
		w->v[w->n++].name = h->unless;
}

/* The tool's own come last: they may name a hook's symbol again. */
static int read_symbols(const struct nt_plan *p, struct wanted *w, struct nt_err *err)
{
	uint32_t i, hooks, n = p->n_functions;
	int r;

	for (i = 0; i < p->n; i++)
		if (!p->c[i].off)
			want_hook(w, p->c[i].hook);
	if (w->n && !symbol_of(w, NT_TRY_FUNCTION))
		w->v[w->n++].name = NT_TRY_FUNCTION;
	hooks = w->n;
	for (i = 0; i < n && i < NT_MAX_FUNCTIONS; i++)
		w->v[w->n++] = p->functions[i];
	r = w->n ? nt_ksym_find(w->v, w->n, err) : 0;
	for (i = 0; i < n && i < NT_MAX_FUNCTIONS; i++)
		p->functions[i] = w->v[hooks + i];
	w->n = hooks;
	return r;
}

struct planner {
	struct nt_kernel *k;
	const struct wanted *syms;
	char *why;
	size_t why_len;
};

static bool no(struct planner *p, const struct nt_variant *v, const char *reason)
{
	size_t used = strlen(p->why);
	char text[192];

	snprintf(text, sizeof(text), "%s:%s: %s", nt_kind_name(v->kind), v->symbol, reason);
	/* Said in an earlier round, when another variant was still in the running. */
	if (!strstr(p->why, text))
		snprintf(p->why + used, p->why_len - used, "%s%s", used ? "; " : "", text);
	return false;
}

static bool function_usable(struct planner *p, const struct nt_hook *h, const struct nt_variant *v,
			    struct place *at)
{
	const struct nt_ksym_want *s = symbol_of(p->syms, v->symbol);
	const struct nt_kernel_module *m = h->module ? nt_kernel_module(p->k, h->module) : NULL;
	char text[96];

	*at = place_of(p->k, h, v->symbol, BTF_KIND_FUNC);
	if (!s || !s->found) {
		if (m && !m->loaded)
			snprintf(text, sizeof(text), "module %s is not loaded", h->module);
		else if (s && s->suffixed)
			snprintf(text, sizeof(text), "only as a clone '%s', arguments unsure",
				 s->suffix);
		else
			snprintf(text, sizeof(text), "no such function in this kernel");
		return no(p, v, text);
	}
	if (s->found > 1)
		return no(p, v, "several functions have this name");
	if (needs_btf(v->kind) && !at->part)
		return no(p, v,
			  h->module ? "no type information for its module" :
				      "not in the kernel's type information");
	if (v->proto && at->part && !proto_matches(at->part->btf, at->id, v->proto))
		return no(p, v, "other arguments on this kernel");
	if (v->proto && !at->part && !v->assume)
		return no(p, v, "arguments unknown without type information");
	return true;
}

/* A module's tracepoint that no type information shows. */
static bool module_tracepoint(struct planner *p, const struct nt_hook *h,
			      const struct nt_variant *v)
{
	const struct nt_kernel_module *m = nt_kernel_module(p->k, h->module);
	const struct nt_ksym_want *s;
	char text[96];

	if (m && !m->loaded) {
		snprintf(text, sizeof(text), "module %s is not loaded", h->module);
		return no(p, v, text);
	}
	iter_name(v->symbol, text, sizeof(text));
	s = symbol_of(p->syms, text);
	if (v->kind == NT_TP_BTF || (m && m->btf.btf) || !s || !s->found)
		return no(p, v, "no such tracepoint in this kernel");
	return true;
}

static bool tracepoint_usable(struct planner *p, const struct nt_hook *h,
			      const struct nt_variant *v, struct place *at)
{
	char name[128];

	/* A raw tracepoint is simply tried at attach. With type information its
	 * absence is known beforehand. */
	snprintf(name, sizeof(name), "btf_trace_%s", v->symbol);
	*at = place_of(p->k, h, name, BTF_KIND_TYPEDEF);
	if (at->part)
		return true;
	if (h->module)
		return module_tracepoint(p, h, v);
	if (v->kind == NT_TP_BTF || p->k->vmlinux.btf)
		return no(p, v, "no such tracepoint in this kernel");
	return true;
}

static bool usable(struct planner *p, const struct nt_choice *c, uint32_t i, struct place *at)
{
	const struct nt_variant *v = &c->hook->v[i];
	enum nt_feature f = feature_of(v->kind);

	if (c->rejected & (1U << i))
		return false; /* why was written when it was refused */
	if (nt_feature_masked(&p->k->features, f))
		return no(p, v, nt_feature_why(&p->k->features, f));
	if (needs_btf(v->kind) && !p->k->vmlinux.btf &&
	    !nt_feature_have(&p->k->features, f, &p->k->vmlinux))
		return no(p, v, nt_feature_why(&p->k->features, f));
	if (is_function(v->kind) ? !function_usable(p, c->hook, v, at) :
				   !tracepoint_usable(p, c->hook, v, at))
		return false;
	/* Last, because it is tried. */
	return nt_feature_have(&p->k->features, f, &p->k->vmlinux) ||
	       no(p, v, nt_feature_why(&p->k->features, f));
}

static void take(const struct planner *p, struct nt_choice *c, uint32_t i, const struct place *at)
{
	const struct nt_ksym_want *s = symbol_of(p->syms, c->hook->v[i].symbol);

	c->v = &c->hook->v[i];
	c->btf_id = 0;
	c->btf_module = NULL;
	c->addr = is_function(c->v->kind) ? s->addr : 0;
	if (!needs_btf(c->v->kind))
		return;
	c->btf_id = nt_btf_part_kernel_id(at->part, at->id);
	if (at->in_module)
		c->btf_module = c->hook->module;
}

static void choose(struct planner *p, struct nt_choice *c)
{
	const struct nt_ksym_want *s = c->hook->unless ? symbol_of(p->syms, c->hook->unless) : NULL;
	struct place at = { .part = NULL };
	uint32_t i;

	c->v = NULL;
	if (s && s->found)
		c->off = true;
	if (c->off)
		return;
	for (i = 0; i < NT_MAX_VARIANTS && c->hook->v[i].kind; i++) {
		if (usable(p, c, i, &at)) {
			take(p, c, i, &at);
			return;
		}
	}
}

static int missing(const struct nt_choice *c, struct nt_kernel *k, struct nt_err *err)
{
	const char *remedy = "see 'nettrace doctor'";
	const struct nt_kernel_module *m;
	char text[PATH_MAX + 128];

	/* A file that lacks a type fails when CO-RE looks for it. */
	if (!k->source.kernel_own && strstr(c->why, "CO-RE")) {
		snprintf(text, sizeof(text),
			 "is '%s' of this kernel? 'nettrace btf build' makes one", k->source.path);
		remedy = text;
	}

	m = c->hook->module ? nt_kernel_module(k, c->hook->module) : NULL;
	if (m && !m->loaded) {
		snprintf(text, sizeof(text), "load it with 'modprobe %s'", c->hook->module);
		remedy = text;
	}
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, ENOENT,
		       "hook '%s' is not possible here: %s; %s%s%s", c->hook->name,
		       c->why[0] ? c->why : "no variant", remedy, c->hook->without ? "; " : "",
		       c->hook->without ?: "");
}

int nt_plan_make(struct nt_plan *p, struct nt_kernel *k, struct nt_err *err)
{
	NT_FREE struct wanted *w = calloc(1, sizeof(*w));
	struct planner pl = { .k = k, .syms = w };
	const struct nt_ksym_want *s;
	int r;
	uint32_t i;

	if (!w)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	/* Before their symbols: when one is loaded anew meanwhile, that will be seen. */
	for (i = 0; i < p->n; i++)
		if (!p->c[i].off && p->c[i].hook->module)
			nt_kernel_module(k, p->c[i].hook->module);
	r = read_symbols(p, w, err);
	if (r < 0)
		return r;
	s = symbol_of(w, NT_TRY_FUNCTION);
	k->features.function_addr = s && s->found == 1 ? s->addr : 0;
	for (i = 0; i < p->n; i++) {
		pl.why = p->c[i].why;
		pl.why_len = sizeof(p->c[i].why);
		if (!p->c[i].rejected)
			p->c[i].why[0] = 0;
		choose(&pl, &p->c[i]);
	}
	for (i = 0; i < p->n; i++)
		if (!p->c[i].v && !p->c[i].off && p->c[i].hook->needed)
			return missing(&p->c[i], k, err);
	return 0;
}
