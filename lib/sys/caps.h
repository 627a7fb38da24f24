/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities: tested, named in errors, dropped after attach. */
#ifndef NT_CAPS_H
#define NT_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

/* Does the process have the capability (a CAP_* number) in its effective set? */
bool nt_caps_have(int cap);
const char *nt_caps_name(int cap); /* "CAP_BPF"; "CAP_?" for unknown */
/*
 * What loading BPF needs: CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, in the
 * first user namespace. On kernels without CAP_BPF (before 5.8: the kernel does
 * not know the number) only CAP_SYS_ADMIN counts.
 * -EPERM, exit code 3, names the missing one and the remedy.
 */
int nt_caps_check_bpf(struct nt_err *err);
/*
 * Drop every capability (effective, permitted, inheritable, bounding where
 * allowed; ambient always) except those in keep (bit set of CAP_* numbers), set
 * no_new_privs, look whether it worked. Of the calling thread. 0 or -errno.
 */
int nt_caps_drop(uint64_t keep);
/* The bit of the one that lets this process call bpf(): CAP_BPF, or CAP_SYS_ADMIN where
 * the kernel (before 5.8) or the process has no CAP_BPF. */
uint64_t nt_caps_bpf_bit(void);

#endif
