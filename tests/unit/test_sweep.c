// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet that ends just when it is given up counts once. The kernel's part of its
 * end, compiled natively, is cut into steps; user space's sweep looks at its maps
 * through the functions that stand here in libbpf's place, and before each of its
 * looks some of the steps are done: all ways to share them out are tried.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "count.bpf.h"

struct cpu {
	struct nt_counters n;
};
NT_CPU_MAP(struct cpu);
#define NT_STAGES 4
#define NT_SLOT_OWN struct udp_group
#include "udp.h"
#include "session.bpf.h"
#include "path/udp_group.bpf.h"

#include "sessions.h"

#define SETS 16
#define MS 1000000ULL
#define S (1000 * MS)
#define SESSIONS_FD 7
#define MARKS_FD 8
#define LOOKS_MAX 7 /* calls of one sweep, at most */
#define STEPS_MAX 8

static const struct nt_sess_cfg cfg = {
	.timeout_ns = S, .reclaim_ns = 4 * S, .set_mask = SETS - 1, .emit = 1
};

static struct nt_set *sets;
static uint64_t *marks;

/* What the kernel does, step by step, and how far it is. */
static struct {
	void (*step[STEPS_MAX])(void);
	uint32_t n, done;
	uint32_t program[STEPS_MAX]; /* of a step; they begin with 1 */
	uint32_t at[STEPS_MAX];      /* before which look of user space */
} kernel;

static uint32_t looks, settled;
static uint64_t kernel_counts, user_counts;
static struct nt_slot *slot;
static struct nt_place place;
static uint64_t tag;
static bool found; /* by the program: the mark */

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *s, const struct nt_sess_cfg *c)
{
	(void)ctx;
	(void)c;
	if (!nt_marked(&s->s))
		kernel_counts += s->own.open ?: 1;
}

static void next_step(void)
{
	kernel.step[kernel.done++]();
}

/* User space is about to look at a map, or to write one. */
static void before_look(void)
{
	while (kernel.done < kernel.n && kernel.at[kernel.done] <= looks)
		next_step();
	looks++;
}

/* --- in place of libbpf and of the run --- */

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value);
int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	const uint32_t *i = key;

	/* Only the set of the packet: the others are empty. */
	if (fd == MARKS_FD || &sets[*i] == nt_set_of(tag, cfg.set_mask))
		before_look();
	if (fd == MARKS_FD)
		memcpy(value, &marks[*i], sizeof(*marks));
	else
		memcpy(value, &sets[*i], sizeof(*sets));
	return 0;
}

int __wrap_bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags);
int __wrap_bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)
{
	(void)flags;
	assert_int_equal(fd, MARKS_FD);
	before_look();
	memcpy(&marks[*(const uint32_t *)key], value, sizeof(*marks));
	return 0;
}

/* A program that has begun is waited for. */
void __wrap_nt_run_settle(void);
void __wrap_nt_run_settle(void)
{
	uint32_t i;

	settled++;
	for (i = kernel.done; kernel.done && i < kernel.n; i++)
		if (kernel.program[i] == kernel.program[kernel.done - 1])
			kernel.at[i] = looks;
	while (kernel.done < kernel.n && kernel.at[kernel.done] <= looks)
		next_step();
}

void *__wrap_bpf_object__find_map_by_name(const void *obj, const char *name);
void *__wrap_bpf_object__find_map_by_name(const void *obj, const char *name)
{
	(void)obj;
	return strcmp(name, "nt_marks") ? (void *)sets : (void *)marks;
}

int __wrap_bpf_map__fd(const void *map);
int __wrap_bpf_map__fd(const void *map)
{
	return map == marks ? MARKS_FD : SESSIONS_FD;
}

uint32_t __wrap_bpf_map__value_size(const void *map);
uint32_t __wrap_bpf_map__value_size(const void *map)
{
	return map == marks ? sizeof(*marks) : sizeof(*sets);
}

uint32_t __wrap_bpf_map__map_flags(const void *map);
uint32_t __wrap_bpf_map__map_flags(const void *map)
{
	(void)map;
	return 0;
}

/* --- programs, in steps --- */

static void done_flag(void)
{
	slot->s.flags |= NT_SESS_DONE;
}

static void ask(void)
{
	found = nt_marked(&slot->s);
}

static void count_it(void)
{
	kernel_counts += !found;
}

static void release(void)
{
	nt_release(&place);
}

/* The slot has another packet by then, in the same place or not. */
static void begin_other(void)
{
	uint64_t other = tag + (1ULL << 32);

	nt_begin(NULL, nt_set_of(other, cfg.set_mask), other, &cfg, &nt_this_cpu()->n);
}

/* It comes again: the one of before is given up. All in one, as nt_begin() has it. */
static void begin_again(void)
{
	nt_begin(NULL, nt_set_of(tag, cfg.set_mask), tag, &cfg, &nt_this_cpu()->n);
}

static void open_less(void)
{
	udp_add(&slot->own.open, -1);
}

/* As udp_finish() ends. */
static void keep_or_release(void)
{
	if (found)
		udp_keep_open(slot);
	else if (udp_now(&slot->own.open))
		udp_reopen(slot);
	else
		nt_release(&place);
}

/* --- a sweep, and all schedules --- */

static void on_swept(struct nt_run *run, const struct nt_story *y)
{
	const struct udp_group *g = y->own;

	(void)run;
	assert_true(y->s->flags & NT_SESS_SWEPT);
	assert_int_equal(y->s->first_ns, 100 * S);
	user_counts += g->open ?: 1;
}

/* One packet is open past its timeout, or so many alike. The sum of what is counted. */
static uint64_t run_schedule(uint32_t alike)
{
	struct nt_run run = { .now_ns = 102 * S };
	struct nt_sessions *s = NULL;
	struct cpu *cpus = shim_map_new(&nt_cpus, sizeof(struct cpu), 1, false);

	(void)cpus;
	sets = shim_map_new(&nt_sessions, sizeof(struct nt_set), SETS, false);
	marks = shim_map_new(&nt_marks, sizeof(uint64_t), SETS * NT_WAYS, false);
	kernel.done = looks = settled = 0;
	kernel_counts = user_counts = 0;
	found = false;
	tag = (5ULL << 32) | (3 << 16) | 1;
	shim_now = 100 * S;
	slot = nt_begin(NULL, nt_set_of(tag, cfg.set_mask), tag, &cfg, &nt_this_cpu()->n);
	slot->own.open = alike;
	shim_now = 102 * S;
	assert_true(nt_place_of(nt_set_of(tag, cfg.set_mask), tag, &cfg, &place));
	assert_int_equal(
		nt_sessions_open(&run, SETS, NT_WITH_OWN(NT_STAGES, sizeof(slot->own)), &s), 0);
	assert_true(nt_sessions_sweep(&run, s, S, on_swept) >= 0);
	while (kernel.done < kernel.n)
		next_step();
	assert_true(looks <= LOOKS_MAX);
	/* The next round finds what this one left. */
	assert_true(nt_sessions_sweep(&run, s, S, on_swept) >= 0);
	nt_sessions_close(s);
	shim_forget_maps();
	return kernel_counts + user_counts;
}

/* Every way of doing the steps in order before user space's looks. */
static void all_schedules(uint32_t alike)
{
	uint64_t by_user = 0, by_kernel = 0, waited = 0;
	uint32_t i;

	for (i = 0; i < kernel.n; i++)
		kernel.at[i] = 0;
	for (;;) {
		uint32_t at[STEPS_MAX], want = alike ?: 1;

		memcpy(at, kernel.at, sizeof(at));
		assert_int_equal(run_schedule(alike), want);
		by_user += user_counts == want;
		by_kernel += kernel_counts > 0;
		waited += settled;
		memcpy(kernel.at, at, sizeof(at));
		for (i = kernel.n; i > 0 && kernel.at[i - 1] == LOOKS_MAX; i--)
			;
		if (!i)
			break;
		kernel.at[i - 1]++;
		for (; i < kernel.n; i++)
			kernel.at[i] = kernel.at[i - 1];
	}
	assert_true(by_user && by_kernel && waited);
}

#define STEPS(...)                                                  \
	do {                                                        \
		static void (*const all[])(void) = { __VA_ARGS__ }; \
		kernel.n = sizeof(all) / sizeof(*all);              \
		memcpy(kernel.step, all, sizeof(all));              \
	} while (0)
#define PROGRAMS(...)                                         \
	do {                                                  \
		static const uint32_t of[] = { __VA_ARGS__ }; \
		memcpy(kernel.program, of, sizeof(of));       \
	} while (0)

static void test_ends(void **state)
{
	(void)state;
	STEPS(done_flag, ask, count_it, release);
	PROGRAMS(1, 1, 1, 1);
	all_schedules(0);
}

static void test_ends_and_another_begins(void **state)
{
	(void)state;
	STEPS(done_flag, ask, count_it, release, begin_other);
	PROGRAMS(1, 1, 1, 1, 2);
	all_schedules(0);
}

static void test_given_up_in_the_kernel(void **state)
{
	(void)state;
	STEPS(begin_again);
	PROGRAMS(1);
	all_schedules(0);
}

/* So many datagrams that cannot be told apart, of which one ends. */
static void test_alike(void **state)
{
	uint32_t alike;

	(void)state;
	STEPS(done_flag, open_less, ask, count_it, keep_or_release);
	PROGRAMS(1, 1, 1, 1, 1);
	for (alike = 1; alike < 4; alike++)
		all_schedules(alike);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_ends_and_another_begins),
		cmocka_unit_test(test_given_up_in_the_kernel),
		cmocka_unit_test(test_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
