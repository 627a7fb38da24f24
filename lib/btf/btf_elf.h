/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files as far as type information needs them. Private to lib/btf. */
#ifndef NT_BTF_ELF_H
#define NT_BTF_ELF_H

#include "btf_raw.h"

/* What a file holds. */
struct nt_btf_file_kind {
	bool elf;
	bool raw;       /* begins with the BTF magic number */
	bool btf;       /* ELF: has .BTF */
	bool distilled; /* ELF: its .BTF rests on .BTF.base, not on vmlinux */
	bool dwarf;     /* ELF: has .debug_info */
};

/* 0, or -errno with a reason. */
int nt_btf_probe_file(const char *path, struct nt_btf_file_kind *kind,
		      const struct nt_btf_why *why);

/*
 * Copy the named section of an ELF image; out->data is the caller's. -ENOENT
 * without a reason if there is none.
 */
int nt_btf_elf_copy(const void *image, size_t image_size, const char *name, struct nt_btf_blob *out,
		    const struct nt_btf_why *why);

/* A file of these bytes in anonymous memory. The descriptor or -errno. */
int nt_btf_memory_fd(const void *data, size_t size);

#endif
