// SPDX-License-Identifier: GPL-2.0-or-later
/* The validator: accepts what kernels have, names each kind of damage. */
#include "btf_raw.h"
#include "btf_sample.h"
#include "cleanup.h"
#include "validate.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <cmocka.h>

static void test_sample(void **state)
{
	char why[160] = "";
	size_t size;
	NT_FREE void *data = btf_sample_bytes(&size);

	(void)state;
	assert_int_equal(nt_btf_validate(data, size, why, sizeof(why)), 0);
	btf_exercise(data, size);
}

static void test_this_kernel(void **state)
{
	NT_FREE void *data = NULL;
	char why[160] = "";
	size_t size;

	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		skip();
	assert_int_equal(
		nt_btf_read_file("/sys/kernel/btf/vmlinux", &data, &size, why, sizeof(why)), 0);
	if (nt_btf_validate(data, size, why, sizeof(why)))
		fail_msg("%s", why);
}

/* One thing wrong in the sample, and a word of the reason. */
struct damage {
	const char *what;
	void (*apply)(struct nt_btf_raw *raw, struct btf_header *h);
	const char *reason;
};

#define T(id) nt_btf_raw_type(raw, (id))
#define D(name, reason, ...)                                           \
	static void name(struct nt_btf_raw *raw, struct btf_header *h) \
	{                                                              \
		(void)raw;                                             \
		(void)h;                                               \
		__VA_ARGS__;                                           \
	}
#include "btf_damage.def"
#undef D

static const struct damage damages[] = {
#define D(name, reason, ...) { #name, name, reason },
#include "btf_damage.def"
#undef D
};

static void test_damages(void **state)
{
	(void)state;
	for (size_t i = 0; i < NT_ARRAY_SIZE(damages); i++) {
		const struct damage *d = &damages[i];
		char why[160] = "";
		struct nt_btf_raw raw;
		size_t size;
		NT_FREE void *data = btf_sample_bytes(&size);

		assert_int_equal(nt_btf_raw_parse(data, size, NULL, &raw, NULL), 0);
		d->apply(&raw, data);
		nt_btf_raw_done(&raw);
		if (nt_btf_validate(data, size, why, sizeof(why)) != -EINVAL)
			fail_msg("%s was accepted", d->what);
		if (!strstr(why, d->reason))
			fail_msg("%s: '%s' does not say '%s'", d->what, why, d->reason);
	}
}

/* Every shorter file is refused, and no byte beyond it is read. */
static void test_truncated(void **state)
{
	size_t size;
	NT_FREE uint8_t *data = btf_sample_bytes(&size);

	(void)state;
	for (size_t n = 0; n < size; n++) {
		NT_FREE uint8_t *part = malloc(n + 1);

		memcpy(part, data, n);
		assert_int_equal(nt_btf_validate(part, n, NULL, 0), -EINVAL);
	}
}

static int validate_built(struct btf *b, char *why, size_t len)
{
	uint32_t size = 0;
	const void *raw = btf__raw_data(b, &size);
	int r = nt_btf_validate(raw, size, why, len);

	btf__free(b);
	return r;
}

/* What is legal type by type, but without end in sum. */
static void test_depth(void **state)
{
	struct btf *b = btf__new_empty();
	char why[160] = "";

	(void)state;
	btf__add_int(b, "int", 4, 0);
	for (int i = 1; i < 100; i++)
		btf__add_ptr(b, i);
	assert_int_equal(validate_built(b, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "declaration nested"));

	b = btf__new_empty();
	btf__add_int(b, "int", 4, 0);
	for (int i = 0; i < 100000; i++) {
		btf__add_ptr(b, 1 + 2 * i);
		btf__add_typedef(b, "t", 2 + 2 * i);
	}
	assert_int_equal(validate_built(b, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "declaration chain"));

	b = btf__new_empty();
	btf__add_int(b, "int", 4, 0);
	for (int i = 1; i < 1000; i++) {
		btf__add_struct(b, "nested", 4);
		btf__add_field(b, "m", i, 0, 0);
	}
	assert_int_equal(validate_built(b, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "by-value chain"));

	/* Doubles with each level: 2^40 members. */
	b = btf__new_empty();
	btf__add_struct(b, "empty", 0);
	for (int i = 1; i < 40; i++) {
		btf__add_struct(b, "twice", 0);
		btf__add_field(b, "a", i, 0, 0);
		btf__add_field(b, "b", i, 0, 0);
	}
	assert_int_equal(validate_built(b, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "too many types"));
}

/* Structs that hold pointers to arrays of the next: sorted by recursion. */
static void test_definition_depth(void **state)
{
	struct btf *b = btf__new_empty();
	char why[160] = "";

	(void)state;
	btf__add_int(b, "int", 4, 0);
	for (int i = 0; i < 20000; i++) {
		btf__add_struct(b, "s", 8);
		btf__add_field(b, "p", 3 + 3 * i, 0, 0);
		btf__add_ptr(b, 4 + 3 * i);
		btf__add_array(b, 1, i == 19999 ? 1 : 5 + 3 * i, 2);
	}
	assert_int_equal(validate_built(b, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "definition chain"));
}

static uint32_t next_random(uint32_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 17;
	*s ^= *s << 5;
	return *s;
}

static void mutate(uint8_t *data, size_t size, uint32_t *seed)
{
	for (uint32_t n = next_random(seed) % 4 + 1; n; n--) {
		size_t at = next_random(seed) % size;
		uint32_t small = next_random(seed) % (S_COUNT + 3);

		switch (next_random(seed) % 4) {
		case 0: /* a bit */
			data[at] ^= 1u << next_random(seed) % 8;
			break;
		case 1: /* a byte */
			data[at] = (uint8_t)next_random(seed);
			break;
		case 2: /* a type id */
			at = at / 4 * 4;
			if (at + 4 <= size)
				memcpy(data + at, &small, 4);
			break;
		default: /* a kind */
			data[(at | 3) < size ? at | 3 : at] = (uint8_t)small;
			break;
		}
	}
}

/* What is accepted of 20000 damaged files goes through libbpf unharmed. */
static void test_mutants(void **state)
{
	uint32_t seed = 2463534242u, accepted = 0;
	size_t size;
	NT_FREE uint8_t *data = btf_sample_bytes(&size);
	NT_FREE uint8_t *mutant = malloc(size);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		memcpy(mutant, data, size);
		mutate(mutant, size, &seed);
		if (nt_btf_validate(mutant, size, NULL, 0))
			continue;
		accepted++;
		btf_exercise(mutant, size);
	}
	/* The test would be void if all or nothing passed. */
	assert_in_range(accepted, 1000, 15000);
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample),  cmocka_unit_test(test_this_kernel),
		cmocka_unit_test(test_damages), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_depth),   cmocka_unit_test(test_definition_depth),
		cmocka_unit_test(test_mutants),
	};

	libbpf_set_print(quiet);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
