// SPDX-License-Identifier: GPL-2.0-or-later
#include "btf_roots.h"

#include <errno.h>

#include "registry.h"

static int add_hook(struct nt_btf_roots *roots, const struct nt_hook *h)
{
	const struct nt_variant *v;
	int i, r = 0;

	for (i = 0; i < NT_MAX_VARIANTS && h->v[i].kind && !r; i++) {
		v = &h->v[i];
		r = nt_btf_roots_add(roots,
				     v->kind == NT_TP_BTF || v->kind == NT_RAW_TP ?
					     NT_BTF_TRACEPOINT :
					     NT_BTF_FUNC,
				     v->symbol);
	}
	return r;
}

int btf_roots_of_tools(struct nt_btf_roots *roots, struct nt_err *err)
{
	const struct nt_hook *h;
	int i, r = 0;

	for (i = 0; nt_tools[i] && !r; i++) {
		const struct nt_tool *t = nt_tools[i];

		if (t->object)
			r = nt_btf_roots_from_object(roots, t->object->data, t->object->size, err);
		for (h = t->hooks; h && h->name && !r; h++) {
			r = add_hook(roots, h);
			if (r < 0)
				return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
		}
	}
	if (!r)
		nt_btf_roots_sort(roots);
	return r;
}
