// SPDX-License-Identifier: GPL-2.0-or-later
/* The session table, counters and histograms of the BPF side, compiled natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "count.bpf.h"
#include "histogram.h"

struct cpu {
	struct nt_counters n;
	struct nt_hist hist[2];
};
NT_CPU_MAP(struct cpu);
#define NT_STAGES 4
#include "session.bpf.h"

#define CPUS 8
#define SETS 4
#define MS 1000000ULL
#define S (1000 * MS)

static const struct nt_sess_cfg cfg = {
	.timeout_ns = S, .reclaim_ns = 4 * S, .set_mask = SETS - 1, .emit = 1
};

struct fixture {
	struct cpu *cpus;
	struct nt_set *sets;
	uint64_t *marks;
};
static struct fixture fx;

/* The tool's part: counted per thread, because threads stand for CPUs. */
static _Thread_local unsigned int given_up;
static _Thread_local uint64_t given_up_ns, given_up_marked;

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	(void)ctx;
	(void)c;
	assert_true(slot->s.flags & NT_SESS_REPLACED);
	given_up_ns = slot->s.first_ns;
	if (nt_marked(&slot->s))
		given_up_marked++;
	else
		given_up++;
}

static int setup(void **state)
{
	(void)state;
	fx.cpus = shim_map_new(&nt_cpus, sizeof(struct cpu), CPUS, false);
	fx.sets = shim_map_new(&nt_sessions, sizeof(struct nt_set), SETS, false);
	fx.marks = shim_map_new(&nt_marks, sizeof(uint64_t), SETS * NT_WAYS, false);
	shim_now = 100 * S;
	shim_cpu = 0;
	given_up = 0;
	given_up_marked = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	shim_forget_maps();
	return 0;
}

static uint64_t count(enum nt_counter which)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < CPUS; i++)
		n += fx.cpus[i].n.c[which];
	return n;
}

/* A tag that falls into this set. */
static uint64_t tag_in(uint32_t set, uint32_t n)
{
	return ((uint64_t)n << 32) | (set << 16) | 1;
}

static struct nt_slot *begin(uint64_t tag)
{
	return nt_begin(NULL, nt_set_of(tag, cfg.set_mask), tag, &cfg, &nt_this_cpu()->n);
}

static void check_unlocked(void)
{
	uint32_t i, w;

	for (i = 0; i < SETS; i++)
		for (w = 0; w < NT_WAYS; w++)
			assert_int_equal(fx.sets[i].head.claim[w], 0);
}

static void test_begin(void **state)
{
	uint64_t tag = tag_in(2, 5);
	struct nt_slot *s = begin(tag);
	int w = nt_find(&fx.sets[2], tag);

	(void)state;
	assert_non_null(s);
	assert_in_range(w, 0, NT_WAYS - 1);
	assert_ptr_equal(s, &fx.sets[2].slot[w]);
	assert_int_equal(s->s.first_ns, shim_now);
	assert_int_equal(s->ts[0], shim_now);
	assert_int_equal(s->s.seen, 1);
	assert_int_equal(s->s.flags, 0);
	assert_int_equal(s->s.slot, 2 * NT_WAYS + w);
	assert_int_equal(count(NT_C_STARTED), 1);
	assert_int_equal(nt_find(&fx.sets[1], tag), -1);
	check_unlocked();
}

static void test_duplicate(void **state)
{
	uint64_t tag = tag_in(0, 1), first = shim_now;

	(void)state;
	assert_non_null(begin(tag));
	shim_now += S; /* still within the timeout */
	assert_null(begin(tag));
	shim_now = first - 5; /* the clock of another CPU lies a little behind */
	assert_null(begin(tag));
	assert_int_equal(count(NT_C_DUPLICATE), 2);
	assert_int_equal(count(NT_C_STARTED), 1);
	assert_int_equal(fx.sets[0].slot[0].s.first_ns, first);
	assert_int_equal(fx.sets[0].slot[0].s.flags, NT_SESS_AGAIN);
	check_unlocked();
}

static void test_again_after_timeout(void **state)
{
	uint64_t tag = tag_in(0, 1), first = shim_now;
	struct nt_slot *s = begin(tag), *again;

	(void)state;
	assert_true(nt_stamp(s, 1, shim_now + 5, 3));
	s->s.rc = -5;
	s->s.repeats = 9;
	s->s.flags = NT_SESS_ICMP_ERROR;
	shim_now += S + 1;
	again = begin(tag);
	assert_ptr_equal(again, s);
	assert_int_equal(given_up, 1);
	assert_int_equal(given_up_ns, first);
	assert_int_equal(again->s.first_ns, shim_now);
	assert_int_equal(again->s.seen, 1);
	assert_int_equal(again->s.flags | again->s.rc | again->s.repeats, 0);
	assert_int_equal(count(NT_C_STARTED), 2);
	check_unlocked();
}

/* The last stage of the old one is being counted at this moment. */
/* A first stage always begins anew, if the tool wants it so. */
static void test_anew(void **state)
{
	const struct nt_sess_cfg anew = {
		.timeout_ns = S, .reclaim_ns = 4 * S, .set_mask = SETS - 1, .emit = 1, .anew = 1
	};
	uint64_t tag = tag_in(1, 7);
	struct nt_slot *first = begin(tag), *s;

	(void)state;
	assert_true(nt_stamp(first, 1, shim_now, 3));
	shim_now += 5 * MS;
	s = nt_begin(NULL, nt_set_of(tag, anew.set_mask), tag, &anew, &nt_this_cpu()->n);
	assert_ptr_equal(s, first);
	assert_int_equal(given_up, 1);
	assert_int_equal(given_up_ns, shim_now - 5 * MS);
	assert_int_equal(s->s.first_ns, shim_now);
	assert_int_equal(s->s.seen, 1); /* nothing of the one before */
	assert_int_equal(s->s.flags, 0);
	assert_int_equal(count(NT_C_STARTED), 2);
	assert_int_equal(count(NT_C_DUPLICATE), 0);
	check_unlocked();
}

static void test_again_while_it_ends(void **state)
{
	uint64_t tag = tag_in(0, 1);
	struct nt_slot *s = begin(tag);

	(void)state;
	s->s.flags |= NT_SESS_DONE;
	shim_now += S + 1;
	assert_null(begin(tag));
	assert_int_equal(given_up, 0);
	assert_int_equal(count(NT_C_DUPLICATE), 1);
	nt_release(&(struct nt_place){ s, &fx.sets[0].head.tag[0] });
	assert_non_null(begin(tag));
	check_unlocked();
}

static void test_table_full(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < NT_WAYS; i++)
		assert_true(nt_stamp(begin(tag_in(1, i + 1)), 1, shim_now, 3));
	assert_null(begin(tag_in(1, 99)));
	assert_int_equal(count(NT_C_TABLE_FULL), 1);
	assert_non_null(begin(tag_in(2, 99))); /* the neighbour has room */
	for (i = 0; i < NT_WAYS; i++)
		assert_int_not_equal(nt_find(&fx.sets[1], tag_in(1, i + 1)), -1);
	/* Past the timeout they still have their place: user space sweeps them. */
	shim_now += 4 * S;
	assert_null(begin(tag_in(1, 99)));
	assert_int_equal(count(NT_C_TABLE_FULL), 2);
	check_unlocked();
}

/* Who was never seen again need not be waited for once it is past its timeout. */
static void test_lonely_makes_room(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < NT_WAYS; i++) {
		struct nt_slot *s = begin(tag_in(1, i + 1));

		if (i != 2)
			assert_true(nt_stamp(s, 1, shim_now, 3));
	}
	shim_now += S;
	assert_null(begin(tag_in(1, 99)));
	shim_now++;
	assert_non_null(begin(tag_in(1, 99)));
	assert_int_equal(given_up, 1);
	assert_int_equal(nt_find(&fx.sets[1], tag_in(1, 3)), -1);
	assert_int_equal(nt_find(&fx.sets[1], tag_in(1, 99)), 2);
	assert_null(begin(tag_in(1, 100)));
	check_unlocked();
}

static void test_expired_makes_room(void **state)
{
	uint64_t first = shim_now;
	uint32_t i;

	(void)state;
	for (i = 0; i < NT_WAYS; i++)
		assert_true(nt_stamp(begin(tag_in(1, i + 1)), 1, shim_now, 3));
	shim_now += 4 * S + 1;
	assert_non_null(begin(tag_in(1, 99)));
	assert_int_equal(given_up, 1);
	assert_int_equal(given_up_ns, first);
	assert_int_equal(nt_find(&fx.sets[1], tag_in(1, 1)), -1);
	assert_int_equal(nt_find(&fx.sets[1], tag_in(1, 99)), 0);
	assert_int_equal(count(NT_C_STARTED), NT_WAYS + 1);
	check_unlocked();
}

/* A session that began a moment after now was taken is not old. */
static void test_younger_than_now(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < NT_WAYS; i++)
		assert_non_null(begin(tag_in(1, i + 1)));
	shim_now -= 1000;
	assert_null(begin(tag_in(1, 99)));
	assert_int_equal(given_up, 0);
	assert_int_equal(count(NT_C_TABLE_FULL), 1);
}

static void test_release(void **state)
{
	uint64_t tag = tag_in(3, 1);
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		struct nt_slot *s = begin(tag);

		assert_non_null(s);
		assert_int_equal(s->s.slot, 3 * NT_WAYS);
		nt_release(&(struct nt_place){ s, &fx.sets[3].head.tag[0] });
		assert_int_equal(nt_find(&fx.sets[3], tag), -1);
	}
	assert_int_equal(count(NT_C_STARTED), 1000);
	assert_int_equal(given_up, 0);
	check_unlocked();
}

/* A slot that another CPU is at is passed over, without waiting. */
static void test_locked(void **state)
{
	uint32_t w;

	(void)state;
	assert_true(nt_lock(&fx.sets[0], 0));
	assert_false(nt_lock(&fx.sets[0], 0));
	assert_non_null(begin(tag_in(0, 1)));
	assert_int_equal(nt_find(&fx.sets[0], tag_in(0, 1)), 1);
	for (w = 1; w < NT_WAYS; w++)
		nt_lock(&fx.sets[0], w);
	assert_null(begin(tag_in(0, 2)));
	assert_int_equal(count(NT_C_TABLE_FULL), 1);
	shim_now += S + 1;
	assert_null(begin(tag_in(0, 1)));
	assert_int_equal(count(NT_C_DUPLICATE), 1);
	for (w = 0; w < NT_WAYS; w++)
		nt_unlock(&fx.sets[0], w);
	check_unlocked();
}

static void test_marks(void **state)
{
	uint64_t tag = tag_in(2, 1);
	struct nt_slot *s = begin(tag);

	(void)state;
	assert_false(nt_marked(&s->s));
	fx.marks[s->s.slot] = s->s.first_ns;
	assert_true(nt_marked(&s->s));
	shim_now += S + 1;
	assert_ptr_equal(begin(tag), s);
	assert_int_equal(given_up_marked, 1); /* user space has counted it */
	assert_int_equal(given_up, 0);
	assert_false(nt_marked(&s->s)); /* the mark was of the one before */
	shim_now += S + 1;
	assert_non_null(begin(tag));
	assert_int_equal(given_up, 1);
}

static void test_stamp(void **state)
{
	struct nt_slot *s = begin(tag_in(0, 1));
	int i;

	(void)state;
	assert_true(nt_stamp(s, 2, 77, 5));
	assert_int_equal(s->s.seen, 1 | 1 << 2);
	assert_int_equal(s->ts[2], 77);
	assert_int_equal(s->dev[2], 5);
	for (i = 0; i < 300; i++)
		assert_false(nt_stamp(s, 2, 88, 6));
	assert_int_equal(s->ts[2], 77);
	assert_int_equal(s->dev[2], 5);
	assert_int_equal(s->s.repeats, 255);
	assert_false(nt_stamp(s, 0, 1, 1)); /* begin stamped it */
}

/* --- hash --- */

static struct nt_key some_key(uint8_t family)
{
	struct nt_key k = { .family = family };

	k.saddr[0] = 0x0101a8c0;
	k.daddr[0] = 0x0201a8c0;
	return k;
}

static void test_hash(void **state)
{
	struct nt_key a = some_key(4), b = a;
	uint64_t h = nt_hash_flow(1, &a, 5);
	int i;

	(void)state;
	assert_int_equal(nt_hash_flow(1, &b, 5), h);
	assert_int_not_equal(nt_hash_flow(2, &a, 5), h);
	assert_int_not_equal(nt_hash_flow(1, &a, 6), h);
	b.saddr[0] = a.daddr[0];
	b.daddr[0] = a.saddr[0];
	assert_int_not_equal(nt_hash_flow(1, &b, 5), h);
	/* Every word of an IPv6 address counts. */
	a = some_key(6);
	h = nt_hash_flow(1, &a, 5);
	for (i = 0; i < 8; i++) {
		b = a;
		*(i < 4 ? &b.saddr[i] : &b.daddr[i - 4]) ^= 1;
		assert_int_not_equal(nt_hash_flow(1, &b, 5), h);
	}
	for (i = 0; i < 100000; i++)
		assert_int_not_equal(nt_hash_flow((uint64_t)i, &a, 0), 0);
}

/* Pings of one flow differ by a number in its upper bits: they spread evenly. */
static void test_hash_spreads(void **state)
{
	enum { N = 2048, PINGS = 2048 };
	static unsigned int n[N];
	struct nt_key k = some_key(4);
	unsigned int i, crowded = 0;

	(void)state;
	memset(n, 0, sizeof(n));
	for (i = 0; i < PINGS; i++) {
		uint64_t seq = htons((uint16_t)i);

		n[(nt_hash_flow(0x1234567, &k, seq << 16 | 0xbeef) >> 16) & (N - 1)]++;
	}
	/* One a set on average: more than 4 in 0.4 % of the sets by chance. */
	for (i = 0; i < N; i++)
		crowded += n[i] > NT_WAYS;
	assert_in_range(crowded, 0, N / 100);
}

/* --- threads --- */

#define ROUNDS 200000
#define SAME 20000

struct worker {
	pthread_t thread;
	uint32_t cpu;
	uint64_t finished, orphans, replaced;
};

static pthread_barrier_t gate;

/* Each thread has packets of its own, all in one set: what it began it must find. */
static void *hammer(void *arg)
{
	struct worker *w = arg;
	struct nt_set *set = &fx.sets[0];
	uint32_t i;

	shim_cpu = w->cpu;
	shim_now = 100 * S;
	pthread_barrier_wait(&gate);
	for (i = 1; i <= ROUNDS; i++) {
		uint64_t tag = tag_in(0, (w->cpu + 1) << 24 | i);
		struct nt_slot *s = nt_begin(NULL, set, tag, &cfg, &nt_this_cpu()->n);
		struct nt_place in;

		if (!s)
			continue;
		s->s.pid = w->cpu;
		if (i % 64 == 0)
			sched_yield();
		if (!nt_place_of(set, tag, &cfg, &in) || in.slot != s || s->s.pid != w->cpu) {
			w->orphans++;
			continue;
		}
		s->s.flags |= NT_SESS_DONE;
		nt_release(&in);
		w->finished++;
	}
	return NULL;
}

/* Leaves its sessions behind; everybody's are soon old enough to be taken over. */
static void *hammer_expired(void *arg)
{
	struct worker *w = arg;
	struct nt_set *set = &fx.sets[0];
	uint32_t i;

	shim_cpu = w->cpu;
	shim_now = 100 * S;
	given_up = 0;
	pthread_barrier_wait(&gate);
	for (i = 1; i <= ROUNDS; i++) {
		shim_now += 5 * S;
		if (nt_begin(NULL, set, tag_in(0, (w->cpu + 1) << 24 | i), &cfg, &nt_this_cpu()->n))
			w->finished++;
	}
	w->replaced = given_up;
	return NULL;
}

static void run_workers(struct worker *w, unsigned int n, void *(*fn)(void *))
{
	unsigned int i;

	pthread_barrier_init(&gate, NULL, n);
	for (i = 0; i < n; i++) {
		w[i] = (struct worker){ .cpu = i };
		assert_int_equal(pthread_create(&w[i].thread, NULL, fn, &w[i]), 0);
	}
	for (i = 0; i < n; i++)
		pthread_join(w[i].thread, NULL);
	pthread_barrier_destroy(&gate);
}

/* More threads than ways: nobody's session is ever in somebody else's hands. */
static void test_threads_own(void **state)
{
	struct worker w[CPUS];
	uint64_t finished = 0;
	int i;

	(void)state;
	run_workers(w, CPUS, hammer);
	for (i = 0; i < CPUS; i++) {
		assert_int_equal(w[i].orphans, 0);
		finished += w[i].finished;
	}
	assert_true(finished > ROUNDS); /* it was not idle */
	assert_int_equal(count(NT_C_STARTED), finished);
	assert_int_equal(finished + count(NT_C_TABLE_FULL), (uint64_t)CPUS * ROUNDS);
	assert_int_equal(count(NT_C_DUPLICATE), 0);
	check_unlocked();
	/* No way is lost for good. */
	for (i = 0; i < NT_WAYS; i++)
		assert_non_null(begin(tag_in(0, (uint32_t)i + 1)));
}

/* Whoever takes over gives the old one up, and only it does: the sum is exact. */
static void test_threads_take_over(void **state)
{
	struct worker w[CPUS];
	uint64_t started, replaced = 0;
	int i, open = 0;

	(void)state;
	run_workers(w, CPUS, hammer_expired);
	started = count(NT_C_STARTED);
	for (i = 0; i < CPUS; i++)
		replaced += w[i].replaced;
	for (i = 0; i < NT_WAYS; i++)
		open += fx.sets[0].head.tag[i] != 0;
	assert_true(started > ROUNDS);
	assert_int_equal(started, replaced + (uint64_t)open);
	check_unlocked();
}

/*
 * The same packet comes again on every CPU at once: one begins, the others see it. Where two try the
 * lock in the same instant neither may get it, so that now and then none begins; never two.
 */
static void *hammer_same(void *arg)
{
	struct worker *w = arg;
	uint32_t i;

	shim_cpu = w->cpu;
	shim_now = 100 * S;
	given_up = 0;
	for (i = 1; i <= SAME; i++) {
		pthread_barrier_wait(&gate);
		shim_now += 2 * S;
		if (nt_begin(NULL, &fx.sets[0], tag_in(0, 1), &cfg, &nt_this_cpu()->n))
			w->finished++;
	}
	w->replaced = given_up;
	return NULL;
}

static void test_threads_same_packet(void **state)
{
	struct worker w[4];
	uint64_t started, replaced = 0;
	int i;

	(void)state;
	assert_non_null(begin(tag_in(0, 1)));
	run_workers(w, 4, hammer_same);
	for (i = 0; i < 4; i++)
		replaced += w[i].replaced;
	started = count(NT_C_STARTED);
	assert_in_range(started, 1 + SAME / 2, 1 + SAME);
	assert_int_equal(replaced, started - 1);
	assert_int_equal(started + count(NT_C_DUPLICATE), 1 + 4 * SAME);
	check_unlocked();
}

/* --- counters and histograms --- */

static void test_counters(void **state)
{
	(void)state;
	nt_count(&nt_this_cpu()->n, NT_C_ORPHAN);
	nt_count_n(&nt_this_cpu()->n, NT_C_ORPHAN, 41);
	shim_cpu = 3;
	nt_count(&nt_this_cpu()->n, NT_C_ORPHAN);
	nt_count(&nt_this_cpu()->n, NT_C_MAX); /* out of bounds: nothing */
	nt_count(&nt_this_cpu()->n, 0xffffffff);
	assert_int_equal(fx.cpus[0].n.c[NT_C_ORPHAN], 42);
	assert_int_equal(fx.cpus[3].n.c[NT_C_ORPHAN], 1);
	assert_int_equal(count(NT_C_ORPHAN), 43);
}

/* Both sides record a value alike, and it lies in the bucket's limits. */
static void check_value(struct nt_hist *user, uint64_t v)
{
	uint32_t i = nt_hist_index(v);

	assert_in_range(i, 0, NT_HIST_BUCKETS - 1);
	assert_true(nt_hist_bucket_low(i) <= v);
	if (i < NT_HIST_BUCKETS - 1)
		assert_true(v < nt_hist_bucket_low(i + 1));
	nt_hist_record(&fx.cpus[0].hist[1], v);
	nt_hist_add(user, v);
}

static void test_histogram(void **state)
{
	static struct nt_hist user, kernel;
	uint64_t v;
	int bit;

	(void)state;
	memset(&user, 0, sizeof(user));
	memset(&kernel, 0, sizeof(kernel));
	for (v = 0; v < 5000; v++)
		check_value(&user, v);
	for (bit = 12; bit < 64; bit++) {
		check_value(&user, (1ULL << bit) - 1);
		check_value(&user, 1ULL << bit);
		check_value(&user, (1ULL << bit) + 1);
	}
	check_value(&user, UINT64_MAX);
	nt_hist_merge(&kernel, &fx.cpus[0].hist[1]);
	assert_memory_equal(&kernel, &user, sizeof(user));
	memset(&kernel, 0, sizeof(kernel));
	assert_memory_equal(&fx.cpus[0].hist[0], &kernel, sizeof(kernel));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begin),
		TEST(test_duplicate),
		TEST(test_again_after_timeout),
		TEST(test_anew),
		TEST(test_again_while_it_ends),
		TEST(test_table_full),
		TEST(test_lonely_makes_room),
		TEST(test_expired_makes_room),
		TEST(test_younger_than_now),
		TEST(test_release),
		TEST(test_locked),
		TEST(test_marks),
		TEST(test_stamp),
		TEST(test_hash),
		TEST(test_hash_spreads),
		TEST(test_threads_own),
		TEST(test_threads_take_over),
		TEST(test_threads_same_packet),
		TEST(test_counters),
		TEST(test_histogram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
