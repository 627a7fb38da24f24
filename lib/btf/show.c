// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"

#include "cleanup.h"
#include "locate.h"
#include "match.h"
#include "validate.h"

#include <string.h>

static const char *const kind_names[NT_BTF_KINDS] = {
	[BTF_KIND_INT] = "int",
	[BTF_KIND_PTR] = "ptr",
	[BTF_KIND_ARRAY] = "array",
	[BTF_KIND_STRUCT] = "struct",
	[BTF_KIND_UNION] = "union",
	[BTF_KIND_ENUM] = "enum",
	[BTF_KIND_FWD] = "fwd",
	[BTF_KIND_TYPEDEF] = "typedef",
	[BTF_KIND_VOLATILE] = "volatile",
	[BTF_KIND_CONST] = "const",
	[BTF_KIND_RESTRICT] = "restrict",
	[BTF_KIND_FUNC] = "func",
	[BTF_KIND_FUNC_PROTO] = "func_proto",
	[BTF_KIND_VAR] = "var",
	[BTF_KIND_DATASEC] = "datasec",
	[BTF_KIND_FLOAT] = "float",
	[BTF_KIND_DECL_TAG] = "decl_tag",
	[BTF_KIND_TYPE_TAG] = "type_tag",
	[BTF_KIND_ENUM64] = "enum64",
};

const char *nt_btf_kind_name(unsigned int kind)
{
	return kind < NT_BTF_KINDS && kind_names[kind] ? kind_names[kind] : "?";
}

static void count(const struct nt_btf_raw *raw, const struct nt_btf_roots *roots,
		  struct nt_btf_info *info)
{
	static const char trace[] = "btf_trace_";

	info->string_bytes = raw->strs_len;
	info->types = raw->n;
	for (uint32_t id = 1; id <= raw->n; id++) {
		const struct btf_type *t = nt_btf_raw_type(raw, id);
		struct nt_btf_root *root = roots ? nt_btf_match(roots, raw, t) : NULL;

		info->kinds[btf_kind(t)]++;
		if (root)
			root->found = true;
		if (btf_is_typedef(t) &&
		    !strncmp(nt_btf_raw_name(raw, t->name_off), trace, sizeof(trace) - 1))
			info->tracepoints++;
	}
}

int nt_btf_show(const char *path, struct nt_btf_roots *roots, struct nt_btf_info *info,
		struct nt_err *err)
{
	const char *file = path ? path : NT_BTF_KERNEL;
	struct nt_btf_raw raw = { .n = 0 };
	NT_FREE void *data = NULL;
	char text[160];
	const struct nt_btf_why why = { text, sizeof(text) };
	int r;

	memset(info, 0, sizeof(*info));
	r = nt_btf_read_file(file, &data, &info->bytes, text, sizeof(text));
	if (!r)
		r = nt_btf_validate(data, info->bytes, text, sizeof(text));
	if (!r)
		r = nt_btf_raw_parse(data, info->bytes, NULL, &raw, &why);
	if (r < 0)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, -r,
			       "type information file %s: %s; make one with 'nettrace btf build'",
			       file, text);
	if (roots)
		nt_btf_roots_sort(roots);
	count(&raw, roots, info);
	nt_btf_raw_done(&raw);
	return 0;
}
