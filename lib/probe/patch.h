/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NT_PATCH_H
#define NT_PATCH_H

#include <stdint.h>

struct bpf_program;
struct bpf_insn;

/*
 * Turn every marked perf buffer sequence (bpf/common/emit.bpf.h) of the
 * program into ring buffer output, before load. Returns the number of
 * sequences or -errno.
 */
int nt_patch_ringbuf(struct bpf_program *prog);
/* The same on instructions. */
int nt_patch_insns(struct bpf_insn *insns, uint32_t n);

#endif
