// SPDX-License-Identifier: GPL-2.0-or-later
#include "btf_roots.h"

#include "kernel.h"
#include "registry.h"

int btf_roots_of_tools(struct nt_btf_roots *roots, struct nt_err *err)
{
	int i, r = 0;

	for (i = 0; nt_tools[i] && !r; i++)
		r = nt_kernel_want(roots, nt_tools[i]->object, nt_tools[i]->hooks, err);
	if (!r)
		nt_btf_roots_sort(roots);
	return r;
}
