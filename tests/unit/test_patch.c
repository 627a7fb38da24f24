// SPDX-License-Identifier: GPL-2.0-or-later
/* The marked perf buffer sequence becomes ring buffer output, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "hook.h"
#include "known.h"
#include "patch.h"

#define MARK 0x4e544d4b
#define CALL(helper)                                        \
	{                                                   \
		.code = BPF_JMP | BPF_CALL, .imm = (helper) \
	}
#define MOV_REG(d, s)                                                               \
	{                                                                           \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (d), .src_reg = (s) \
	}
#define MOV_IMM(d, v)                                                           \
	{                                                                       \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (d), .imm = (v) \
	}
#define EXIT                               \
	{                                  \
		.code = BPF_JMP | BPF_EXIT \
	}

/* As emit.bpf.h has it: r1 = ctx, r2 = map, r3 = flags, r4 = data, r5 = size. */
static const struct bpf_insn marked[] = {
	MOV_REG(3, 6), CALL(25), MOV_IMM(1, MARK), MOV_IMM(1, MARK), MOV_IMM(1, MARK),
	MOV_IMM(1, MARK), MOV_REG(7, 0), EXIT,
};
#define N (sizeof(marked) / sizeof(marked[0]))

static void test_exact(void **state)
{
	static const struct bpf_insn want[] = {
		MOV_REG(3, 6), MOV_REG(1, 2), /* the map */
		MOV_REG(2, 4),                /* data; before r4 is overwritten */
		MOV_REG(3, 5),                /* size */
		MOV_IMM(4, 1),                /* BPF_RB_NO_WAKEUP */
		CALL(130),                    /* bpf_ringbuf_output(map, data, size, flags) */
		MOV_REG(7, 0), EXIT,
	};
	struct bpf_insn v[N];

	(void)state;
	memcpy(v, marked, sizeof(v));
	assert_int_equal(nt_patch_insns(v, N), 1);
	assert_memory_equal(v, want, sizeof(want));
	/* It is not marked any more. */
	assert_int_equal(nt_patch_insns(v, N), 0);
	assert_memory_equal(v, want, sizeof(want));
}

/* Run the moves on numbers that stand for values: who gets what at the call. */
static void test_registers(void **state)
{
	enum { CTX = 101, MAP, FLAGS, DATA, SIZE };
	long reg[11] = { 0, CTX, MAP, FLAGS, DATA, SIZE };
	struct bpf_insn v[N];
	size_t i;

	(void)state;
	memcpy(v, marked, sizeof(v));
	nt_patch_insns(v, N);
	for (i = 1; v[i].code != (BPF_JMP | BPF_CALL); i++)
		reg[v[i].dst_reg] = v[i].code & BPF_X ? reg[v[i].src_reg] : v[i].imm;
	assert_int_equal(v[i].imm, BPF_FUNC_ringbuf_output);
	assert_int_equal(reg[1], MAP);
	assert_int_equal(reg[2], DATA);
	assert_int_equal(reg[3], SIZE);
	assert_int_equal(reg[4], BPF_RB_NO_WAKEUP);
}

/* One difference in any of the five instructions: left as it is. */
static void test_near_misses(void **state)
{
	struct bpf_insn v[N], was[N];
	size_t at, what;

	(void)state;
	for (at = 1; at <= 5; at++) {
		for (what = 0; what < 4; what++) {
			memcpy(v, marked, sizeof(v));
			if (what == 0)
				v[at].imm ^= 1;
			else if (what == 1)
				v[at].code ^= 0x40;
			else if (what == 2 && at > 1)
				v[at].dst_reg ^= 2;
			else if (what == 3 && at == 1)
				v[at].src_reg = BPF_PSEUDO_CALL;
			else
				continue;
			memcpy(was, v, sizeof(was));
			assert_int_equal(nt_patch_insns(v, N), 0);
			assert_memory_equal(v, was, sizeof(was));
		}
	}
}

/* At the very end of a program, and cut off there. */
static void test_ends(void **state)
{
	struct bpf_insn v[N];
	uint32_t n;

	(void)state;
	for (n = 0; n < 6; n++) {
		memcpy(v, marked, sizeof(v));
		assert_int_equal(nt_patch_insns(v, n), 0);
		assert_memory_equal(v, marked, sizeof(v));
	}
	assert_int_equal(nt_patch_insns(v, 6), 1);
}

static void test_several(void **state)
{
	struct bpf_insn v[3 * N];
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		memcpy(v + i * N, marked, sizeof(marked));
	assert_int_equal(nt_patch_insns(v, 3 * N), 3);
	assert_memory_equal(v, v + N, sizeof(marked));
	assert_memory_equal(v, v + 2 * N, sizeof(marked));
}

extern const struct nt_object nt_obj_path_icmp;

static bool is_call(const struct bpf_insn *i, int helper)
{
	return i->code == (BPF_JMP | BPF_CALL) && !i->src_reg && i->imm == helper;
}

/* In what clang makes of nt_emit() every sequence is found. */
static void test_real_object(void **state)
{
	struct bpf_object *obj =
		bpf_object__open_mem(nt_obj_path_icmp.data, nt_obj_path_icmp.size, NULL);
	const struct bpf_insn *insns;
	struct bpf_program *prog;
	int calls, total = 0;
	size_t i, n;

	(void)state;
	assert_non_null(obj);
	bpf_object__for_each_program(prog, obj)
	{
		insns = bpf_program__insns(prog);
		n = bpf_program__insn_cnt(prog);
		for (calls = 0, i = 0; i < n; i++)
			calls += is_call(&insns[i], BPF_FUNC_perf_event_output);
		assert_int_equal(nt_patch_ringbuf(prog), calls);
		assert_int_equal(bpf_program__insn_cnt(prog), n);
		insns = bpf_program__insns(prog);
		for (i = 0; i < n; i++) {
			assert_false(is_call(&insns[i], BPF_FUNC_perf_event_output));
			calls -= is_call(&insns[i], BPF_FUNC_ringbuf_output);
			total += is_call(&insns[i], BPF_FUNC_ringbuf_output);
		}
		assert_int_equal(calls, 0);
	}
	assert_true(total > 0);
	bpf_object__close(obj);
}

#define LD64(v)                                                                   \
	{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 3, .imm = (int32_t)(v) }, \
	{                                                                         \
		.imm = (int32_t)((uint64_t)(v) >> 32)                             \
	}

/* Marks become values; other constants, a map among them, stay. */
static void test_known(void **state)
{
	static const uint64_t value[NT_KNOWN_COUNT] = { [NT_KNOWN_FAMILY] = 0x500000004 };
	const struct nt_marks marks = { .known = value };
	struct bpf_insn v[] = {
		LD64(NT_KNOWN_MARK << 32 | NT_KNOWN_FAMILY),
		LD64(NT_KNOWN_MARK),
		LD64(NT_KNOWN_MARK << 32 | NT_KNOWN_COUNT),
		LD64(NT_KNOWN_MARK << 32 | NT_KNOWN_FAMILY),
		EXIT,
	};
	const struct bpf_insn want[] = {
		LD64(value[NT_KNOWN_FAMILY]),
		LD64(NT_KNOWN_MARK),
		LD64(NT_KNOWN_MARK << 32 | NT_KNOWN_COUNT),
		LD64(NT_KNOWN_MARK << 32 | NT_KNOWN_FAMILY),
		EXIT,
	};

	(void)state;
	v[6].src_reg = BPF_PSEUDO_MAP_FD;
	assert_int_equal(nt_patch_known_insns(v, sizeof(v) / sizeof(v[0]), &marks), 1);
	v[6].src_reg = 0;
	assert_memory_equal(v, want, sizeof(want));
}

#define MAP(how)                                                                         \
	{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 3, .src_reg = (how), .imm = 7 }, \
	{                                                                                \
		0                                                                        \
	}
#define SET(reg, v)                                                                \
	{                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (reg), .imm = (v), \
	}

/* A map's value by its address, or NULL; what only looks like it stays. */
static void test_value(void **state)
{
	const struct bpf_insn from[] = {
		MAP(BPF_PSEUDO_MAP_FD), SET(3, NT_VALUE_MARK),     MAP(BPF_PSEUDO_MAP_FD),
		SET(2, NT_VALUE_MARK),  MAP(BPF_PSEUDO_MAP_FD),    SET(3, 1),
		LD64(NT_VALUE_MARK),    MAP(BPF_PSEUDO_MAP_VALUE), SET(3, NT_VALUE_MARK),
		MAP(BPF_PSEUDO_MAP_FD),
	};
	const struct bpf_insn none = { .code = BPF_JMP | BPF_JA };
	struct nt_marks marks = { .map_value = true };
	struct bpf_insn v[sizeof(from) / sizeof(from[0])], want[sizeof(from) / sizeof(from[0])];

	(void)state;
	memcpy(v, from, sizeof(from));
	memcpy(want, from, sizeof(from));
	assert_int_equal(nt_patch_known_insns(v, sizeof(v) / sizeof(v[0]), &marks), 1);
	want[0].src_reg = BPF_PSEUDO_MAP_VALUE;
	want[2] = none;
	assert_memory_equal(v, want, sizeof(want));
	marks.map_value = false;
	memcpy(v, from, sizeof(from));
	memcpy(want, from, sizeof(from));
	assert_int_equal(nt_patch_known_insns(v, sizeof(v) / sizeof(v[0]), &marks), 1);
	want[2].imm = 0;
	assert_memory_equal(v, want, sizeof(want));
	/* Cut off, it is none. */
	memcpy(v, from, sizeof(from));
	assert_int_equal(nt_patch_known_insns(v, 2, &marks), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),       cmocka_unit_test(test_registers),
		cmocka_unit_test(test_near_misses), cmocka_unit_test(test_ends),
		cmocka_unit_test(test_several),     cmocka_unit_test(test_real_object),
		cmocka_unit_test(test_known),       cmocka_unit_test(test_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
