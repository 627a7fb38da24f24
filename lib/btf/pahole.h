/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DWARF to BTF by the pahole that is installed. Private to lib/btf. */
#ifndef NT_BTF_PAHOLE_H
#define NT_BTF_PAHOLE_H

#include "btf_raw.h"

/* "1.24"; 0, or -ENOENT with a reason if pahole is not in PATH. */
int nt_btf_pahole_version(char *buf, size_t len, const struct nt_btf_why *why);

/*
 * Encode the DWARF of an ELF file, stand-alone. *data is the caller's. 0, or
 * -errno with a reason: pahole's last words.
 */
int nt_btf_pahole_encode(const char *path, void **data, size_t *size, const struct nt_btf_why *why);

#endif
