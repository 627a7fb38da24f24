// SPDX-License-Identifier: GPL-2.0-or-later
/* Drop reasons of the running kernel, for completion. */
#include <bpf/btf.h>

#include "meta.h"
#include "reason.h"

void meta_reasons(void (*add)(void *to, const char *name), void *to)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct nt_reasons *r = nt_reasons_load(btf);
	uint32_t i, value;

	for (i = 0; r && i < nt_reasons_count(r); i++)
		add(to, nt_reasons_at(r, i, &value));
	nt_reasons_free(r);
	btf__free(btf);
}
