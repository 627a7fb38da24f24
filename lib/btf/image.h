/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The type information that the running kernel itself has, of vmlinux and of
 * modules. It is read once, and one look finds all names that are wanted: of
 * 100,000 types some hundred stay, as BTF of their own, so that every search
 * after that, libbpf's included, is a short one.
 */
#ifndef NT_BTF_IMAGE_H
#define NT_BTF_IMAGE_H

#include "roots.h"

#include <stdint.h>

struct btf;
struct nt_btf_image;

/* What stays of an image. Zero: nothing. */
struct nt_btf_part {
	struct btf *btf;
	uint32_t *id; /* of each type of btf: its id in the kernel; NULL: the same */
};

/*
 * Read a file of /sys/kernel/btf; base is vmlinux's image for a module, else
 * NULL, and outlives it. 0 or -errno.
 */
int nt_btf_image_open(const char *path, const struct nt_btf_image *base, struct nt_btf_image **out);
void nt_btf_image_close(struct nt_btf_image *image);

/*
 * What the roots need of it; marks them found. roots must be sorted. Of a module
 * types that were found in vmlinux are left out. 0 or -errno. Release with
 * nt_btf_part_done().
 */
int nt_btf_image_take(const struct nt_btf_image *image, const struct nt_btf_roots *roots,
		      struct nt_btf_part *out);
void nt_btf_part_done(struct nt_btf_part *part);

/* A type of the part by name and BTF_KIND_*; its id there, or -ENOENT. */
int nt_btf_part_find(const struct nt_btf_part *part, const char *name, uint32_t kind);
/* The kernel's id of a type of the part. */
uint32_t nt_btf_part_kernel_id(const struct nt_btf_part *part, int id);

/*
 * The parts one behind the other in anonymous memory, for CO-RE, which knows
 * types by name: give "/proc/self/fd/<n>" to bpf_object_open_opts.btf_custom_path.
 * The descriptor (close-on-exec, the caller closes it) or -errno.
 */
int nt_btf_parts_fd(const struct nt_btf_part *const *parts, uint32_t n);

#endif
