// SPDX-License-Identifier: GPL-2.0-or-later
#include "image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf_elf.h"
#include "cleanup.h"
#include "merge.h"
#include "validate.h"

struct nt_btf_image {
	struct nt_btf_blob blob;
	struct nt_btf_raw raw;
};

int nt_btf_image_open(const char *path, const struct nt_btf_image *base, struct nt_btf_image **out)
{
	struct nt_btf_image *image = calloc(1, sizeof(*image));
	int r;

	*out = NULL;
	if (!image)
		return -ENOMEM;
	r = nt_btf_read_file(path, &image->blob.data, &image->blob.size, NULL, 0);
	if (!r)
		r = nt_btf_raw_parse(image->blob.data, image->blob.size, base ? &base->raw : NULL,
				     &image->raw, NULL);
	if (r < 0) {
		nt_btf_image_close(image);
		return r;
	}
	*out = image;
	return 0;
}

void nt_btf_image_close(struct nt_btf_image *image)
{
	if (!image)
		return;
	nt_btf_raw_done(&image->raw);
	free(image->blob.data);
	free(image);
}

/* As libbpf does: a type of vmlinux's is not looked for in modules. */
static int roots_of_module(const struct nt_btf_roots *all, struct nt_btf_roots *out)
{
	int r = 0;

	for (size_t i = 0; i < all->n && !r; i++)
		if (all->v[i].kind != NT_BTF_TYPE || !all->v[i].found)
			r = nt_btf_roots_add(out, all->v[i].kind, all->v[i].name);
	nt_btf_roots_sort(out);
	return r;
}

int nt_btf_image_take(const struct nt_btf_image *image, const struct nt_btf_roots *roots,
		      struct nt_btf_part *out)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots of_module = { .n = 0 };
	NT_CLEANUP(nt_btf_reduced_done) struct nt_btf_reduced kept = { .n = 0 };
	int r = image->raw.base ? roots_of_module(roots, &of_module) : 0;

	memset(out, 0, sizeof(*out));
	r = r ?: nt_btf_reduce(&image->raw, image->raw.base ? &of_module : roots, &kept);
	if (r < 0)
		return r;
	out->btf = btf__new(kept.blob.data, (uint32_t)kept.blob.size);
	if (!out->btf)
		return -errno;
	out->id = kept.id;
	kept.id = NULL;
	return 0;
}

void nt_btf_part_done(struct nt_btf_part *part)
{
	btf__free(part->btf);
	free(part->id);
	memset(part, 0, sizeof(*part));
}

int nt_btf_part_find(const struct nt_btf_part *part, const char *name, uint32_t kind)
{
	return part->btf ? btf__find_by_name_kind(part->btf, name, kind) : -ENOENT;
}

uint32_t nt_btf_part_kernel_id(const struct nt_btf_part *part, int id)
{
	return part->id ? part->id[id] : (uint32_t)id;
}

static int add_part(struct nt_btf_merge *all, const struct nt_btf_part *part)
{
	struct nt_btf_raw raw = { .n = 0 };
	uint32_t len;
	void *data;
	int r;

	if (btf__type_cnt(part->btf) <= 1)
		return 0; /* a module that has nothing of what is wanted: too short for a file */
	data = (void *)btf__raw_data(part->btf, &len);
	r = data ? nt_btf_raw_parse(data, len, NULL, &raw, NULL) : -ENOMEM;
	r = r ?: nt_btf_merge_add(all, &raw, NULL);
	nt_btf_raw_done(&raw);
	return r;
}

int nt_btf_parts_fd(const struct nt_btf_part *const *parts, uint32_t n)
{
	NT_CLEANUP(nt_btf_merge_done) struct nt_btf_merge all = { .n = 0 };
	struct nt_btf_blob blob = { NULL, 0 };
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++)
		r = add_part(&all, parts[i]);
	r = r ?: nt_btf_raw_join(all.types, all.types_len, all.strs, all.strs_len, &blob);
	r = r ?: nt_btf_memory_fd(blob.data, blob.size);
	free(blob.data);
	return r;
}
