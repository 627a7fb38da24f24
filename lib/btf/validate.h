/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel type information (BTF) from files: read and checked before libbpf
 * sees it. libbpf 1.1 trusts what it loads: ids and names out of range, cycles
 * and zero sizes make it crash.
 */
#ifndef NT_BTF_VALIDATE_H
#define NT_BTF_VALIDATE_H

#include "err.h"

#include <stddef.h>

/* Files larger than this are refused, in bytes. */
#define NT_BTF_MAX_SIZE ((size_t)64 << 20)

/*
 * Check stand-alone BTF (not a module's split BTF) in this machine's byte
 * order: header, sections, every record of every kind, every type id and name,
 * no cycle or nesting that libbpf would follow without end. Accepts what
 * kernels and pahole produce; unknown kinds are refused, as libbpf does. data
 * must be aligned to 4 bytes and is not changed.
 *
 * 0, -EINVAL if damaged or -ENOMEM; then why (may be NULL) of why_len bytes
 * gets one clause without a full stop: "type 17: by-value cycle".
 */
int nt_btf_validate(const void *data, size_t size, char *why, size_t why_len);

/*
 * Read a raw BTF file, or the .BTF section of an ELF file, whole. The bytes
 * are not checked beyond that. *data is the caller's to free().
 *
 * 0, or -errno with a clause in why: -EINVAL neither kind of file or without
 * BTF, -EFBIG over NT_BTF_MAX_SIZE, or what open() and read() said.
 */
int nt_btf_read_file(const char *path, void **data, size_t *size, char *why, size_t why_len);

/*
 * Read, check, and keep a file in anonymous memory, so that libbpf reads the
 * very bytes that were checked: give "/proc/self/fd/<n>" of the result to
 * bpf_object_open_opts.btf_custom_path.
 *
 * The descriptor (close-on-exec, the caller closes it), or -errno with err
 * set: exit code 3, file, reason, remedy.
 */
int nt_btf_checked_fd(const char *path, struct nt_err *err);

#endif
