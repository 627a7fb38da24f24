// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is kept of the kernel's own type information: the names that are wanted,
 * with their ids in the kernel, of vmlinux and of a module that rests on it.
 */
#include "cleanup.h"
#include "image.h"
#include "validate.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tmp_file.h"

#define OWN "/sys/kernel/btf/vmlinux"

static void write_bytes(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wbe");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static void write_btf(const char *path, const struct btf *b)
{
	uint32_t size = 0;
	const void *raw = btf__raw_data(b, &size);

	assert_non_null(raw);
	write_bytes(path, raw, size);
}

/* int NAME(struct skb *) */
static void add_function(struct btf *b, const char *name, int skb)
{
	int ptr = btf__add_ptr(b, skb), proto = btf__add_func_proto(b, 1);

	btf__add_func_param(b, "skb", ptr);
	btf__add_func(b, name, BTF_FUNC_STATIC, proto);
}

/*
 * Much that nobody wants before, between and after what is wanted. The module
 * has a type that vmlinux has too, and one of its own.
 */
static void write_files(void)
{
	struct btf *base = btf__new_empty(), *split;
	int i = btf__add_int(base, "int", 4, BTF_INT_SIGNED), skb;
	char name[16];
	int n;

	for (n = 0; n < 500; n++) {
		snprintf(name, sizeof(name), "junk%d", n);
		btf__add_struct(base, name, 4);
		btf__add_field(base, "value", i, 0, 0);
	}
	skb = btf__add_struct(base, "skb", 8);
	btf__add_field(base, "len", i, 0, 0);
	btf__add_field(base, "mark", i, 32, 0);
	btf__add_typedef(base, "btf_trace_seen", i);
	btf__add_typedef(base, "btf_trace_unseen", i);
	add_function(base, "unwanted", skb);
	add_function(base, "receive", skb);
	btf__add_struct(base, "ns", 4);
	btf__add_field(base, "inum", i, 0, 0);
	write_btf("vmlinux", base);

	split = btf__new_empty_split(base);
	btf__add_struct(split, "unwanted_too", 4);
	btf__add_struct(split, "skb", 4);
	n = btf__add_struct(split, "port", 16);
	btf__add_field(split, "first", skb, 0, 0);
	btf__add_field(split, "number", i, 64, 0);
	add_function(split, "send", skb);
	add_function(split, "receive", n);
	write_btf("module", split);
	btf__free(split);
	btf__free(base);
}

static void add_roots(struct nt_btf_roots *roots)
{
	static const struct {
		enum nt_btf_root_kind kind;
		const char *name;
	} v[] = {
		{ NT_BTF_TYPE, "skb" },        { NT_BTF_TYPE, "ns" },
		{ NT_BTF_TYPE, "port" },       { NT_BTF_TYPE, "nowhere" },
		{ NT_BTF_TRACEPOINT, "seen" }, { NT_BTF_FUNC, "receive" },
		{ NT_BTF_FUNC, "send" },       { NT_BTF_FUNC, "nowhere" },
	};
	size_t i;

	for (i = 0; i < NT_ARRAY_SIZE(v); i++)
		assert_int_equal(nt_btf_roots_add(roots, v[i].kind, v[i].name), 0);
	nt_btf_roots_sort(roots);
}

/* The type is there, and its id in the kernel is the one that whole has. */
static const struct btf_type *expect(const struct nt_btf_part *p, const struct btf *whole,
				     const char *name, uint32_t kind)
{
	int id = nt_btf_part_find(p, name, kind);

	assert_true(id > 0);
	assert_int_equal(nt_btf_part_kernel_id(p, id), btf__find_by_name_kind(whole, name, kind));
	return btf__type_by_id(p->btf, (uint32_t)id);
}

static void expect_none(const struct nt_btf_part *p, const char *name, uint32_t kind)
{
	assert_int_equal(nt_btf_part_find(p, name, kind), -ENOENT);
}

static void expect_valid(const struct nt_btf_part *p)
{
	uint32_t size = 0;
	const void *raw = btf__raw_data(p->btf, &size);
	char why[160];

	if (nt_btf_validate(raw, size, why, sizeof(why)) < 0)
		fail_msg("not valid: %s", why);
}

static void check_vmlinux(const struct nt_btf_part *p, const struct btf *whole)
{
	const struct btf_type *t = expect(p, whole, "skb", BTF_KIND_STRUCT);

	assert_int_equal(btf_vlen(t), 2);
	assert_string_equal(btf__name_by_offset(p->btf, btf_members(t)[1].name_off), "mark");
	assert_int_equal(btf_members(t)[1].offset, 32);
	expect(p, whole, "ns", BTF_KIND_STRUCT);
	expect(p, whole, "btf_trace_seen", BTF_KIND_TYPEDEF);
	t = expect(p, whole, "receive", BTF_KIND_FUNC);
	t = btf__type_by_id(p->btf, t->type);
	t = btf__type_by_id(p->btf, btf_params(t)[0].type);
	t = btf__type_by_id(p->btf, t->type);
	assert_string_equal(btf__name_by_offset(p->btf, t->name_off), "skb");
	expect_none(p, "btf_trace_unseen", BTF_KIND_TYPEDEF);
	expect_none(p, "unwanted", BTF_KIND_FUNC);
	expect_none(p, "junk7", BTF_KIND_STRUCT);
	expect_none(p, "port", BTF_KIND_STRUCT);
	expect_none(p, "send", BTF_KIND_FUNC);
	assert_true(btf__type_cnt(p->btf) < 12);
	expect_valid(p);
}

static void check_module(const struct nt_btf_part *p, const struct btf *whole)
{
	const struct btf_type *t = expect(p, whole, "port", BTF_KIND_STRUCT);

	/* By value, so it came along; as a root it is vmlinux's. */
	assert_int_equal(btf__type_by_id(p->btf, btf_members(t)[0].type)->size, 8);
	assert_int_equal(btf_members(t)[1].offset, 64);
	expect(p, whole, "send", BTF_KIND_FUNC);
	assert_true(nt_btf_part_find(p, "receive", BTF_KIND_FUNC) > 0);
	expect_none(p, "unwanted_too", BTF_KIND_STRUCT);
	expect_none(p, "btf_trace_seen", BTF_KIND_TYPEDEF);
	expect_valid(p);
}

/* The parts as CO-RE gets them, one of a module that had nothing of what was wanted among them. */
static void check_together(const struct nt_btf_part *vmlinux, const struct nt_btf_part *module)
{
	struct nt_btf_part bare = { .btf = btf__new_empty() };
	const struct nt_btf_part *const parts[] = { vmlinux, &bare, module };
	NT_CLOSE int fd = nt_btf_parts_fd(parts, 3);
	struct btf *both;
	char path[32];

	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	both = btf__parse(path, NULL);
	assert_int_equal(libbpf_get_error(both), 0);
	assert_true(btf__find_by_name_kind(both, "skb", BTF_KIND_STRUCT) > 0);
	assert_true(btf__find_by_name_kind(both, "port", BTF_KIND_STRUCT) > 0);
	assert_true(btf__find_by_name_kind(both, "ns", BTF_KIND_STRUCT) > 0);
	btf__free(both);
	nt_btf_part_done(&bare);
}

static void test_parts(void **state)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots roots = { .n = 0 };
	struct nt_btf_part vmlinux, module;
	struct nt_btf_image *image, *split;
	struct btf *base, *whole;

	(void)state;
	write_files();
	base = btf__parse("vmlinux", NULL);
	whole = btf__parse_split("module", base);
	add_roots(&roots);
	assert_int_equal(nt_btf_image_open("vmlinux", NULL, &image), 0);
	assert_int_equal(nt_btf_image_take(image, &roots, &vmlinux), 0);
	assert_int_equal(nt_btf_image_open("module", image, &split), 0);
	assert_int_equal(nt_btf_image_take(split, &roots, &module), 0);
	nt_btf_image_close(split);
	nt_btf_image_close(image);
	check_vmlinux(&vmlinux, base);
	check_module(&module, whole);
	check_together(&vmlinux, &module);
	nt_btf_part_done(&vmlinux);
	nt_btf_part_done(&module);
	btf__free(whole);
	btf__free(base);
}

/* Nothing of it is there: a part all the same, that nothing is found in. */
static void test_nothing(void **state)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots roots = { .n = 0 };
	struct nt_btf_part part = { NULL, NULL };
	struct nt_btf_image *image;

	(void)state;
	expect_none(&part, "skb", BTF_KIND_STRUCT);
	write_files();
	nt_btf_roots_add(&roots, NT_BTF_FUNC, "nowhere");
	nt_btf_roots_sort(&roots);
	assert_int_equal(nt_btf_image_open("vmlinux", NULL, &image), 0);
	assert_int_equal(nt_btf_image_take(image, &roots, &part), 0);
	nt_btf_image_close(image);
	expect_none(&part, "nowhere", BTF_KIND_FUNC);
	nt_btf_part_done(&part);
	assert_int_equal(nt_btf_image_open("none", NULL, &image), -ENOENT);
	assert_null(image);
}

/* Words of the types' section damaged, ids and names out of range among them: no
 * harm is done, whatever is taken. */
static void test_damaged(void **state)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots roots = { .n = 0 };
	struct nt_btf_image *image;
	struct nt_btf_part part;
	struct btf_header h;
	uint32_t *word, i;
	size_t size;
	char *data;

	(void)state;
	write_files();
	add_roots(&roots);
	data = tmp_read("vmlinux", &size);
	assert_non_null(data);
	memcpy(&h, data, sizeof(h));
	word = (uint32_t *)(data + h.hdr_len + h.type_off);
	for (i = 0; i < h.type_len / sizeof(*word); i++) {
		uint32_t was = word[i];

		/* Nearly all are of what nobody wants. */
		if (i > 100 && i < h.type_len / sizeof(*word) - 200)
			continue;
		word[i] = i % 2 ? UINT32_MAX : was + 5000;
		write_bytes("damaged", data, size);
		word[i] = was;
		if (nt_btf_image_open("damaged", NULL, &image) < 0)
			continue;
		if (!nt_btf_image_take(image, &roots, &part))
			nt_btf_part_done(&part);
		nt_btf_image_close(image);
	}
	free(data);
}

/* This machine's kernel. */
static void test_own(void **state)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots roots = { .n = 0 };
	const struct btf_type *t;
	struct nt_btf_image *image;
	struct nt_btf_part part;
	struct btf *whole;

	(void)state;
	if (nt_btf_image_open(OWN, NULL, &image) < 0) {
		print_message("no type information: not tested\n");
		skip();
	}
	nt_btf_roots_add(&roots, NT_BTF_TYPE, "sk_buff");
	nt_btf_roots_add(&roots, NT_BTF_TYPE, "net_device___flavour");
	nt_btf_roots_add(&roots, NT_BTF_FUNC, "ip_rcv");
	nt_btf_roots_add(&roots, NT_BTF_TRACEPOINT, "kfree_skb");
	nt_btf_roots_sort(&roots);
	assert_int_equal(nt_btf_image_take(image, &roots, &part), 0);
	nt_btf_image_close(image);
	whole = btf__parse(OWN, NULL);
	assert_int_equal(libbpf_get_error(whole), 0);
	t = expect(&part, whole, "sk_buff", BTF_KIND_STRUCT);
	assert_true(btf_vlen(t) > 10);
	expect(&part, whole, "net_device", BTF_KIND_STRUCT);
	expect(&part, whole, "ip_rcv", BTF_KIND_FUNC);
	expect(&part, whole, "btf_trace_kfree_skb", BTF_KIND_TYPEDEF);
	expect_none(&part, "ip_output", BTF_KIND_FUNC);
	expect_valid(&part);
	nt_btf_part_done(&part);
	btf__free(whole);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tmp_setup, tmp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parts),
		TEST(test_nothing),
		TEST(test_damaged),
		TEST(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
