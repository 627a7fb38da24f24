// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int want_variants(struct nt_btf_roots *roots, const struct nt_hook *h)
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

int nt_kernel_want(struct nt_btf_roots *roots, const struct nt_object *object,
		   const struct nt_hook *hooks, struct nt_err *err)
{
	int r = object ? nt_btf_roots_from_object(roots, object->data, object->size, err) : 0;

	for (; hooks && hooks->name && !r; hooks++)
		if (want_variants(roots, hooks) < 0)
			r = nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	return r;
}

/* That cannot be read is as good as not there: other probes need none. */
static int read_own(struct nt_kernel *k, struct nt_err *err)
{
	if (nt_feature_want(&k->roots) < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	nt_btf_roots_sort(&k->roots);
	if (nt_btf_image_open(NT_BTF_KERNEL, NULL, &k->image) < 0)
		return 0;
	if (nt_btf_image_take(k->image, &k->roots, &k->vmlinux) < 0) {
		nt_btf_image_close(k->image);
		k->image = NULL;
	}
	return 0;
}

int nt_kernel_open(struct nt_kernel *k, const char *opt_btf, struct nt_err *err)
{
	bool masked = k->features.masked & (1U << NT_F_BTF);
	int r = nt_btf_locate(opt_btf, masked, &k->source, err);

	if (r < 0)
		return r;
	/* A --btf file only describes types to CO-RE; tp_btf and fentry need
	 * the BTF that the kernel itself has. */
	return nt_feature_have(&k->features, NT_F_BTF, NULL) ? read_own(k, err) : 0;
}

void nt_kernel_close(struct nt_kernel *k)
{
	uint32_t i;

	for (i = 0; i < k->nmods; i++)
		nt_btf_part_done(&k->mod[i].btf);
	k->nmods = 0;
	nt_btf_part_done(&k->vmlinux);
	nt_btf_image_close(k->image);
	k->image = NULL;
	nt_btf_roots_done(&k->roots);
}

static void read_module(struct nt_kernel *k, struct nt_kernel_module *m)
{
	struct nt_btf_image *image;
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", m->name);
	if (!k->image || !nt_feature_have(&k->features, NT_F_MODULE_BTF, &k->vmlinux) ||
	    nt_btf_image_open(path, k->image, &image) < 0)
		return;
	nt_btf_image_take(image, &k->roots, &m->btf);
	nt_btf_image_close(image);
}

uint64_t nt_module_inode(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

struct nt_kernel_module *nt_kernel_module(struct nt_kernel *k, const char *name)
{
	struct nt_kernel_module *m;
	uint32_t i;

	for (i = 0; i < k->nmods; i++)
		if (!strcmp(k->mod[i].name, name))
			return &k->mod[i];
	if (k->nmods == NT_MAX_MODULES)
		return NULL;
	m = &k->mod[k->nmods++];
	memset(m, 0, sizeof(*m));
	snprintf(m->name, sizeof(m->name), "%s", name);
	m->inode = nt_module_inode(name);
	m->loaded = m->inode != 0;
	read_module(k, m);
	return m;
}

bool nt_kernel_module_same(struct nt_kernel *k, const char *name)
{
	const struct nt_kernel_module *m = nt_kernel_module(k, name);

	return m && m->inode == nt_module_inode(name);
}

int nt_kernel_core_fd(const struct nt_kernel *k)
{
	const struct nt_btf_part *parts[NT_MAX_MODULES + 1];
	uint32_t i, n = 0;

	if (k->vmlinux.btf)
		parts[n++] = &k->vmlinux;
	for (i = 0; i < k->nmods; i++)
		if (k->mod[i].btf.btf)
			parts[n++] = &k->mod[i].btf;
	return n ? nt_btf_parts_fd(parts, n) : -ENODATA;
}
