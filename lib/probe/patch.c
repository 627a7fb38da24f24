// SPDX-License-Identifier: GPL-2.0-or-later
#include "patch.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "known.h"

#define EMIT_MARK 0x4e544d4b
#define EMIT_MARKS 4
#define HELPER_PERF_EVENT_OUTPUT 25
#define HELPER_RINGBUF_OUTPUT 130

static struct bpf_insn mov(uint8_t dst, uint8_t src)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,
				  .dst_reg = dst & 0xf,
				  .src_reg = src & 0xf };
}

static int is_marked(const struct bpf_insn *i)
{
	int j;

	if (i->code != (BPF_JMP | BPF_CALL) || i->src_reg || i->imm != HELPER_PERF_EVENT_OUTPUT)
		return 0;
	for (j = 1; j <= EMIT_MARKS; j++)
		if (i[j].code != (BPF_ALU64 | BPF_MOV | BPF_K) || i[j].dst_reg != BPF_REG_1 ||
		    i[j].imm != EMIT_MARK)
			return 0;
	return 1;
}

int nt_patch_insns(struct bpf_insn *insns, uint32_t n)
{
	int found = 0;
	uint32_t i;

	for (i = 0; i + EMIT_MARKS < n; i++) {
		if (!is_marked(&insns[i]))
			continue;
		insns[i] = mov(BPF_REG_1, BPF_REG_2);
		insns[i + 1] = mov(BPF_REG_2, BPF_REG_4);
		insns[i + 2] = mov(BPF_REG_3, BPF_REG_5);
		insns[i + 3] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
						  .dst_reg = BPF_REG_4,
						  .imm = BPF_RB_NO_WAKEUP };
		insns[i + 4] = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL,
						  .imm = HELPER_RINGBUF_OUTPUT };
		found++;
	}
	return found;
}

static bool is_known(const struct bpf_insn *i)
{
	return i[0].code == (BPF_LD | BPF_IMM | BPF_DW) && !i[0].src_reg &&
	       i[1].imm == (int32_t)NT_KNOWN_MARK && (uint32_t)i[0].imm < NT_KNOWN_COUNT;
}

static bool is_value(const struct bpf_insn *i)
{
	return i[0].code == (BPF_LD | BPF_IMM | BPF_DW) && i[0].src_reg == BPF_PSEUDO_MAP_FD &&
	       i[2].code == (BPF_ALU64 | BPF_MOV | BPF_K) && i[2].dst_reg == i[0].dst_reg &&
	       i[2].imm == NT_VALUE_MARK;
}

int nt_patch_known_insns(struct bpf_insn *insns, uint32_t n, const struct nt_marks *m)
{
	int found = 0;
	uint32_t i;

	for (i = 0; i + 1 < n; i++) {
		if (is_known(&insns[i])) {
			uint64_t v = m->known[insns[i].imm];

			insns[i].imm = (int32_t)v;
			insns[i + 1].imm = (int32_t)(v >> 32);
			found++;
		} else if (i + 2 < n && is_value(&insns[i])) {
			insns[i + 2].imm = 0;
			if (m->map_value) {
				insns[i].src_reg = BPF_PSEUDO_MAP_VALUE;
				insns[i + 2] = (struct bpf_insn){ .code = BPF_JMP | BPF_JA };
			}
			found++;
		}
	}
	return found;
}

/* A copy of the program's instructions; NULL: no memory. */
static struct bpf_insn *copy_insns(const struct bpf_program *prog, uint32_t *n)
{
	struct bpf_insn *copy;

	*n = (uint32_t)bpf_program__insn_cnt(prog);
	copy = calloc(*n ? *n : 1, sizeof(*copy));
	if (copy)
		memcpy(copy, bpf_program__insns(prog), *n * sizeof(*copy));
	return copy;
}

int nt_patch_known(struct bpf_program *prog, const struct nt_marks *m)
{
	uint32_t n;
	NT_FREE struct bpf_insn *copy = copy_insns(prog, &n);

	if (!copy)
		return -ENOMEM;
	if (!nt_patch_known_insns(copy, n, m))
		return 0;
	return bpf_program__set_insns(prog, copy, n);
}

int nt_patch_ringbuf(struct bpf_program *prog)
{
	uint32_t n;
	NT_FREE struct bpf_insn *copy = copy_insns(prog, &n);
	int found, r;

	if (!copy)
		return -ENOMEM;
	found = nt_patch_insns(copy, n);
	if (found <= 0)
		return found;
	r = bpf_program__set_insns(prog, copy, n);
	return r < 0 ? r : found;
}
