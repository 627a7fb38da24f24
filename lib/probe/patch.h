/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NT_PATCH_H
#define NT_PATCH_H

#include <stdbool.h>
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

/* What the marks of bpf/common/known.h become. */
struct nt_marks {
	const uint64_t *known; /* by enum nt_known */
	bool map_value;        /* the kernel has NT_F_VALUE */
};

/*
 * Put known settings and the addresses of map values in the place of their marks,
 * just before load: the sub-programs are behind the program by then, and maps have
 * their descriptors. 0 or -errno.
 */
int nt_patch_known(struct bpf_program *prog, const struct nt_marks *m);
/* The same on instructions. Returns the number of marks. */
int nt_patch_known_insns(struct bpf_insn *insns, uint32_t n, const struct nt_marks *m);

#endif
