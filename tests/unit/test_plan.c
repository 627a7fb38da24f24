// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which variant of a hook is chosen: with type information made here, features
 * set by hand, and the symbols of the running kernel.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/btf.h>

#include "plan.h"

/* --- features --- */

static void test_masks(void **state)
{
	static const struct {
		const char *without;
		uint32_t masked;
	} v[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ ",", 0 },
		{ "ringbuf", 1U << NT_F_RINGBUF },
		{ "tp_btf,fentry", 1U << NT_F_TP_BTF | 1U << NT_F_FENTRY },
		{ ",btf,,kprobe,", 1U << NT_F_BTF | 1U << NT_F_KPROBE },
		{ "map_value", 1U << NT_F_VALUE },
		{ "mmap,mmap", 1U << NT_F_MMAP },
	};
	struct nt_features f;
	struct nt_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		memset(&f, 0xff, sizeof(f));
		assert_int_equal(nt_features_init(&f, v[i].without, &err), 0);
		assert_int_equal(f.masked, v[i].masked);
		assert_int_equal(f.tried, 0);
	}
	for (i = 0; i < NT_FEATURES; i++) {
		assert_int_equal(nt_features_init(&f, nt_feature_name(i), &err), 0);
		assert_int_equal(f.masked, 1U << i);
		assert_false(nt_feature_have(&f, i, NULL));
		assert_int_equal(f.tried, 0); /* masked: not even tried */
		assert_string_equal(nt_feature_why(&f, i), "masked by NETTRACE_WITHOUT");
	}
}

static void test_unknown_masks(void **state)
{
	static const char *const bad[] = { "ring",     "ringbufs",      "RINGBUF",
					   " ringbuf", "tp_btf,fentri", "tp_btf fentry" };
	struct nt_features f;
	struct nt_err err;
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_equal(nt_features_init(&f, bad[i], &err), -EINVAL);
		assert_int_equal(err.exit_code, NT_EXIT_USAGE);
		/* All names are told. */
		for (j = 0; j < NT_FEATURES; j++)
			assert_non_null(strstr(err.text, nt_feature_name(j)));
	}
}

/* --- a kernel made here --- */

#define ALL ((1U << NT_FEATURES) - 1)

struct fixture {
	struct nt_kernel k;
	struct nt_plan p;
	struct nt_err err;
	char plain[128];     /* a function of the running kernel, once */
	char suffixed[128];  /* one that is there with a suffix only */
	char ambiguous[128]; /* several have this name */
};

/* int NAME(struct sk_buff *skb, int n) */
static void add_function(struct btf *btf, const char *name)
{
	int skb = btf__add_struct(btf, "sk_buff", 8), proto, n;

	btf__add_field(btf, "len", 1, 0, 0);
	n = btf__add_const(btf, skb);
	n = btf__add_ptr(btf, n);
	proto = btf__add_func_proto(btf, 1);
	btf__add_func_param(btf, "skb", n);
	btf__add_func_param(btf, "n", 1);
	assert_true(btf__add_func(btf, name, BTF_FUNC_GLOBAL, proto) > 0);
}

static bool is_text(char type)
{
	return type == 't' || type == 'T';
}

/*
 * The names of the running kernel that show a case. Sorted by what comes before
 * a dot, equal ones come together.
 */
struct symbols {
	char (*v)[128];
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void read_symbols(struct symbols *s)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[128], type;
	size_t room = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (strchr(line, '[') || sscanf(line, "%*s %c %127s", &type, name) != 2 ||
		    !is_text(type) || strlen(name) > 60)
			continue;
		if (s->n == room) {
			room = room ? room * 2 : 65536;
			s->v = realloc(s->v, room * sizeof(*s->v));
			assert_non_null(s->v);
		}
		strcpy(s->v[s->n++], name);
	}
	if (f)
		fclose(f);
	qsort(s->v, s->n, sizeof(*s->v), by_name);
}

/* Is the stem there without a suffix? */
static bool there(const struct symbols *s, const char *name)
{
	char key[128];

	snprintf(key, sizeof(key), "%s", name);
	return bsearch(key, s->v, s->n, sizeof(*s->v), by_name) != NULL;
}

static void pick_symbols(struct fixture *fx)
{
	struct symbols s = { 0 };
	char stem[128];
	size_t i;

	read_symbols(&s);
	for (i = 1; i + 1 < s.n; i++) {
		const char *dot = strchr(s.v[i], '.');

		if (!fx->ambiguous[0] && !dot && !strcmp(s.v[i], s.v[i + 1]))
			strcpy(fx->ambiguous, s.v[i]);
		if (!fx->plain[0] && !strcmp(s.v[i], "ip_rcv") && strcmp(s.v[i], s.v[i + 1]) &&
		    strcmp(s.v[i], s.v[i - 1]))
			strcpy(fx->plain, s.v[i]);
		if (fx->suffixed[0] || !dot || dot == s.v[i] || strncmp(dot, ".isra", 5) != 0)
			continue;
		snprintf(stem, sizeof(stem), "%.*s", (int)(dot - s.v[i]), s.v[i]);
		if (!there(&s, stem))
			strcpy(fx->suffixed, stem);
	}
	free(s.v);
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	struct btf *btf = btf__new_empty();

	if (!fx || !btf)
		return -1;
	pick_symbols(fx);
	btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	btf__add_typedef(btf, "btf_trace_known", 1);
	if (fx->plain[0])
		add_function(btf, fx->plain);
	if (fx->suffixed[0])
		add_function(btf, fx->suffixed);
	if (fx->ambiguous[0])
		add_function(btf, fx->ambiguous);
	fx->k.vmlinux.btf = btf;
	fx->k.source.kernel_own = true;
	fx->k.features.tried = fx->k.features.have = ALL;
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	nt_kernel_close(&fx->k);
	free(fx);
	return 0;
}

static int plan(struct fixture *fx, const struct nt_hook *hooks)
{
	nt_plan_init(&fx->p, hooks);
	memset(&fx->err, 0, sizeof(fx->err));
	return nt_plan_make(&fx->p, &fx->k, &fx->err);
}

static void mask(struct fixture *fx, const char *without)
{
	uint32_t have = fx->k.features.have;

	assert_int_equal(nt_features_init(&fx->k.features, without, NULL), 0);
	fx->k.features.tried = ALL;
	fx->k.features.have = have;
}

static void expect_choice(const struct fixture *fx, enum nt_kind kind, const char *why)
{
	const struct nt_choice *c = &fx->p.c[0];

	assert_int_equal(c->v ? c->v->kind : NT_KIND_NONE, kind);
	if (!why)
		assert_string_equal(c->why, "");
	else if (!strstr(c->why, why))
		fail_msg("'%s' does not have '%s'", c->why, why);
}

/* --- tracepoints --- */

static const struct nt_hook known[] = {
	{ .name = "h",
	  .needed = true,
	  .v = { { NT_TP_BTF, "known", "p1" }, { NT_RAW_TP, "known", "p2" } } },
	{ 0 },
};
static const struct nt_hook unknown[] = {
	{ .name = "h",
	  .needed = true,
	  .v = { { NT_TP_BTF, "unknown", "p1" }, { NT_RAW_TP, "unknown", "p2" } } },
	{ 0 },
};
static const struct nt_hook optional[] = {
	{ .name = "h",
	  .without = "nothing of it",
	  .v = { { NT_TP_BTF, "unknown", "p1" }, { NT_RAW_TP, "unknown", "p2" } } },
	{ 0 },
};

static void test_tracepoint(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(plan(fx, known), 0);
	expect_choice(fx, NT_TP_BTF, NULL);
	assert_true(nt_plan_has(&fx->p, "h"));
	assert_false(nt_plan_has(&fx->p, "other"));
	mask(fx, "tp_btf");
	assert_int_equal(plan(fx, known), 0);
	expect_choice(fx, NT_RAW_TP, "masked");
	fx->k.features.masked = 0;
	fx->k.features.have &= ~(1U << NT_F_TP_BTF);
	fx->k.features.err[NT_F_TP_BTF] = EPERM;
	assert_int_equal(plan(fx, known), 0);
	expect_choice(fx, NT_RAW_TP, strerror(EPERM));
}

static void test_missing_needed(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(plan(fx, unknown), -ENOENT);
	expect_choice(fx, NT_KIND_NONE, "no such tracepoint");
	assert_int_equal(fx->err.exit_code, NT_EXIT_IMPOSSIBLE);
	assert_non_null(strstr(fx->err.text, "hook 'h'"));
	assert_non_null(strstr(fx->err.text, "unknown"));
	assert_non_null(strstr(fx->err.text, "doctor"));
	mask(fx, "tp_btf,raw_tp");
	assert_int_equal(plan(fx, known), -ENOENT);
	assert_non_null(strstr(fx->err.text, "masked"));
}

static void test_missing_optional(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(plan(fx, optional), 0);
	expect_choice(fx, NT_KIND_NONE, "no such tracepoint");
	assert_false(nt_plan_has(&fx->p, "h"));
}

/* Without type information a raw tracepoint is simply tried. */
static void test_no_type_information(void **state)
{
	struct fixture *fx = *state;
	struct btf *btf = fx->k.vmlinux.btf;

	fx->k.vmlinux.btf = NULL;
	assert_int_equal(plan(fx, unknown), 0);
	expect_choice(fx, NT_RAW_TP, "tp_btf:unknown");
	fx->k.vmlinux.btf = btf;
}

static void test_off(void **state)
{
	struct fixture *fx = *state;

	nt_plan_init(&fx->p, unknown);
	nt_plan_off(&fx->p, "h");
	nt_plan_off(&fx->p, "no such hook");
	assert_int_equal(nt_plan_make(&fx->p, &fx->k, &fx->err), 0);
	assert_false(nt_plan_has(&fx->p, "h"));
}

/* A variant that the kernel refused is passed over, and its reason stays. */
static void test_rejected(void **state)
{
	struct fixture *fx = *state;

	nt_plan_init(&fx->p, known);
	fx->p.c[0].rejected = 1;
	strcpy(fx->p.c[0].why, "tp_btf:known: refused at load: so");
	assert_int_equal(nt_plan_make(&fx->p, &fx->k, &fx->err), 0);
	expect_choice(fx, NT_RAW_TP, "refused at load: so");
	fx->p.c[0].rejected = 3;
	assert_int_equal(nt_plan_make(&fx->p, &fx->k, &fx->err), -ENOENT);
	assert_non_null(strstr(fx->err.text, "refused at load: so"));
}

/* --- functions --- */

struct fn_hook {
	struct nt_hook h[2];
};

static struct fn_hook function(const char *symbol, const char *proto, bool assume)
{
	return (struct fn_hook){ { { .name = "h",
				     .v = { { NT_FENTRY, symbol, "p1", proto, assume },
					    { NT_KPROBE, symbol, "p2", proto, assume } } } } };
}

static void test_function(void **state)
{
	struct fixture *fx = *state;
	struct fn_hook f = function(fx->plain, NULL, false);

	if (!fx->plain[0])
		skip();
	assert_int_equal(plan(fx, f.h), 0);
	expect_choice(fx, NT_FENTRY, NULL);
	mask(fx, "fentry");
	assert_int_equal(plan(fx, f.h), 0);
	expect_choice(fx, NT_KPROBE, "fentry");
}

static void test_prototype(void **state)
{
	static const struct {
		const char *proto;
		bool fits;
	} v[] = {
		{ "sk_buff@0", true }, { "sk_buff@1", false },  { "sk_buff@2", false },
		{ "sk_buf@0", false }, { "sk_buffs@0", false }, { "net@0", false },
		{ "sk_buff", false },
	};
	struct fixture *fx = *state;
	struct btf *btf = fx->k.vmlinux.btf;
	struct fn_hook f;
	size_t i;

	if (!fx->plain[0])
		skip();
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		/* assume is for where the prototype is not known. */
		f = function(fx->plain, v[i].proto, true);
		assert_int_equal(plan(fx, f.h), 0);
		expect_choice(fx, v[i].fits ? NT_FENTRY : NT_KIND_NONE,
			      v[i].fits ? NULL : "other arguments");
	}
	fx->k.vmlinux.btf = NULL;
	assert_int_equal(plan(fx, f.h), 0);
	expect_choice(fx, NT_KPROBE, "fentry");
	f = function(fx->plain, "sk_buff@0", false);
	assert_int_equal(plan(fx, f.h), 0);
	expect_choice(fx, NT_KIND_NONE, "arguments unknown");
	fx->k.vmlinux.btf = btf;
}

static void test_no_function(void **state)
{
	struct fixture *fx = *state;
	struct fn_hook f = function("no_such_function_anywhere", NULL, true);

	assert_int_equal(plan(fx, f.h), 0);
	expect_choice(fx, NT_KIND_NONE, "no such function");
}

/* What a tool cannot do without: symbol, reason, remedy, and the exit code. */
static void test_no_needed_function(void **state)
{
	static const struct nt_hook needed[] = {
		{ .name = "h",
		  .needed = true,
		  .v = { { NT_FENTRY, "no_such_function_anywhere", "p1" },
			 { NT_KPROBE, "no_such_function_anywhere", "p2" } } },
		{ 0 },
	};
	struct fixture *fx = *state;

	assert_int_equal(plan(fx, needed), -ENOENT);
	expect_choice(fx, NT_KIND_NONE, "no such function");
	assert_int_equal(fx->err.exit_code, NT_EXIT_IMPOSSIBLE);
	assert_int_equal(fx->err.exit_code, 3);
	assert_string_equal(fx->err.text,
			    "hook 'h' is not possible here: "
			    "fentry:no_such_function_anywhere: no such function in this kernel; "
			    "kprobe:no_such_function_anywhere: no such function in this kernel; "
			    "see 'nettrace doctor'");
	assert_false(nt_plan_has(&fx->p, "h"));
}

/* A hook whose module went while it was traced is there no more. */
static void test_gone(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(plan(fx, known), 0);
	assert_true(nt_plan_has(&fx->p, "h"));
	fx->p.c[0].gone_wall_ns = 1;
	assert_false(nt_plan_has(&fx->p, "h"));
}

/* Its arguments may be elsewhere: refused, and the clone is named. */
static void test_suffixed(void **state)
{
	struct fixture *fx = *state;
	struct fn_hook f = function(fx->suffixed, NULL, true);

	if (!fx->suffixed[0]) {
		print_message("no clone alone in this kernel\n");
		skip();
	}
	assert_int_equal(plan(fx, f.h), 0);
	expect_choice(fx, NT_KIND_NONE, ".isra");
}

static void test_ambiguous(void **state)
{
	struct fixture *fx = *state;
	struct fn_hook f = function(fx->ambiguous, NULL, true);

	if (!fx->ambiguous[0]) {
		print_message("no name twice in this kernel\n");
		skip();
	}
	assert_int_equal(plan(fx, f.h), 0);
	expect_choice(fx, NT_KIND_NONE, "several functions");
}

/* --- modules --- */

static void test_module(void **state)
{
	static const struct nt_hook needed[] = {
		{ .name = "h",
		  .needed = true,
		  .module = "no_such_module",
		  .v = { { NT_TP_BTF, "in_it", "p0" },
			 { NT_RAW_TP, "in_it", "p1" },
			 { NT_FENTRY, "in_it", "p2" },
			 { NT_KPROBE, "in_it", "p3" } } },
		{ 0 },
	};
	struct fixture *fx = *state;

	assert_int_equal(plan(fx, needed), -ENOENT);
	assert_int_equal(fx->err.exit_code, NT_EXIT_IMPOSSIBLE);
	assert_non_null(strstr(fx->err.text, "module no_such_module is not loaded"));
	assert_non_null(strstr(fx->err.text, "modprobe no_such_module"));
}

/* Whatever reasons there are, they are cut and not written past the end. */
static void test_long_reasons(void **state)
{
	static const char name[] = "a_name_of_sixty_characters_that_is_not_in_any_kernel_at_all_";
	static const struct nt_hook long_one[] = {
		{ .name = "h",
		  .module = "a_module_with_a_long_name_that_nobody_has_loaded",
		  .v = { { NT_TP_BTF, name, "p" },
			 { NT_RAW_TP, name, "p" },
			 { NT_FENTRY, name, "p" },
			 { NT_FEXIT, name, "p" },
			 { NT_KPROBE, name, "p" },
			 { NT_KRETPROBE, name, "p" } } },
		{ 0 },
	};
	struct fixture *fx = *state;

	assert_int_equal(plan(fx, long_one), 0);
	assert_true(strlen(fx->p.c[0].why) < sizeof(fx->p.c[0].why));
	expect_choice(fx, NT_KIND_NONE, "is not loaded");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_unknown_masks),
		TEST(test_tracepoint),
		TEST(test_missing_needed),
		TEST(test_missing_optional),
		TEST(test_no_type_information),
		TEST(test_off),
		TEST(test_rejected),
		TEST(test_function),
		TEST(test_prototype),
		TEST(test_no_function),
		TEST(test_no_needed_function),
		TEST(test_gone),
		TEST(test_suffixed),
		TEST(test_ambiguous),
		TEST(test_module),
		TEST(test_long_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
