// SPDX-License-Identifier: GPL-2.0-or-later
/* What was missed: of the run, and of an interval. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "run_internal.h"

static uint64_t failed(struct nt_run *run, bool whole)
{
	const struct nt_counters none = { { 0 } };
	struct nt_losses l;

	nt_run_losses(run, &none, whole, &l);
	return nt_loss_of(&l, "order_failed");
}

/* What the runtime counts itself grows over the run; an interval has its own part. */
static void test_interval(void **state)
{
	struct nt_run *run = calloc(1, sizeof(*run));

	(void)state;
	assert_non_null(run);
	run->order_failed = 3;
	assert_int_equal(failed(run, false), 3);
	assert_int_equal(failed(run, false), 0);
	run->order_failed = 5;
	assert_int_equal(failed(run, false), 2);
	assert_int_equal(failed(run, true), 5);
	free(run);
}

static void test_unknown(void **state)
{
	struct nt_losses l = { 0 };

	(void)state;
	nt_loss_add(&l, "a", "things", 7);
	nt_loss_unknown(&l, "b", "others");
	assert_int_equal(nt_loss_of(&l, "a"), 7);
	assert_int_equal(nt_loss_of(&l, "b"), 0);
	assert_int_equal(nt_loss_of(&l, "c"), 0);
	assert_true(l.v[1].unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
