// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'btf build' on small objects: DWARF through pahole, a module's split BTF,
 * the merge, the reduction, what the programs then find. And 'btf show'.
 */
#include "build.h"
#include "cleanup.h"
#include "show.h"
#include "validate.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

static char dir[] = "/tmp/nt-btf-XXXXXX";

/* "vmlinux": a root with all sorts of members, a function, a tracepoint. */
static const char vmlinux_c[] =
	"struct apart { int never; };\n"
	"struct list { struct list *next; };\n"
	"struct held { int depth; union { int u; long w; }; };\n"
	"struct ops { int (*open)(struct apart *a, int b); };\n"
	"enum color { RED, BLUE };\n"
	"typedef struct { int counter; } atomic_t;\n"
	"struct device { char name[16]; unsigned up:1, mode:3; enum color c;\n"
	"	struct held held[2]; struct apart *apart; const struct ops *ops;\n"
	"	struct list list; atomic_t refs; struct { int x; } *anon; };\n"
	"struct buffer { struct device *dev; void *data; };\n"
	"typedef void (*btf_trace_seen)(void *d, struct buffer *b, struct apart *a);\n"
	"btf_trace_seen seen;\n"
	"int transmit(struct buffer *b, const struct apart *a);\n"
	"int transmit(struct buffer *b, const struct apart *a)\n"
	"{ return b->dev->ops->open((struct apart *)a, a->never); }\n"
	"int other(struct buffer *b); int other(struct buffer *b) { return !b; }\n";

/* "module": repeats a type of vmlinux, adds its own. */
static const char module_c[] =
	"struct apart { int never; };\n"
	"struct list { struct list *next; };\n"
	"struct port { struct list list; struct apart *apart; int number; };\n"
	"int receive(struct port *p);\n"
	"int receive(struct port *p) { return p->number + p->apart->never; }\n";

static const char *in_dir(const char *name, char buf[PATH_MAX])
{
	snprintf(buf, PATH_MAX, "%s/%s", dir, name);
	return buf;
}

static void write_file(const char *name, const void *data, size_t size)
{
	char path[PATH_MAX];
	FILE *f = fopen(in_dir(name, path), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static bool shell(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && %s", dir, command);
	return system(line) == 0; /* NOLINT(cert-env33-c): fixed commands */
}

/* False if this machine has no compiler or no pahole. */
static bool compile(void)
{
	if (!shell("command -v pahole cc >/dev/null"))
		return false;
	write_file("vmlinux.c", vmlinux_c, sizeof(vmlinux_c) - 1);
	write_file("module.c", module_c, sizeof(module_c) - 1);
	assert_true(shell("cc -g -O1 -c vmlinux.c -o vmlinux.o"));
	assert_true(shell("cc -g -O1 -c module.c -o module.o"));
	return true;
}

static void add(struct nt_btf_roots *roots, enum nt_btf_root_kind kind, const char *name)
{
	assert_int_equal(nt_btf_roots_add(roots, kind, name), 0);
}

static struct btf *build(const char *vmlinux, const char *module, struct nt_btf_roots *roots,
			 struct nt_btf_built *built)
{
	char v[PATH_MAX], m[PATH_MAX], o[PATH_MAX];
	const char *modules[] = { in_dir(module, m) };
	struct nt_btf_build b = {
		.vmlinux = in_dir(vmlinux, v),
		.modules = modules,
		.n_modules = 1,
		.roots = roots,
		.output = in_dir("out.btf", o),
	};
	struct nt_err err = { .text = "" };
	struct btf *btf;

	if (nt_btf_build(&b, built, &err))
		fail_msg("%s", err.text);
	btf = btf__parse_raw(o);
	assert_non_null(btf);
	return btf;
}

static const struct btf_type *find(struct btf *btf, const char *name, unsigned int kind)
{
	int id = btf__find_by_name_kind(btf, name, kind);

	return id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
}

static const struct btf_type *target(struct btf *btf, const struct btf_type *t)
{
	return btf__type_by_id(btf, t->type);
}

static const struct btf_member *member(struct btf *btf, const struct btf_type *t, const char *name)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name))
			return &m[i];
	fail_msg("no member %s", name);
	return NULL;
}

static const struct btf_type *member_type(struct btf *btf, const struct btf_type *t,
					  const char *name)
{
	return btf__type_by_id(btf, member(btf, t, name)->type);
}

static int count(struct btf *btf, const char *name)
{
	int n = 0;

	for (uint32_t i = 1; i < btf__type_cnt(btf); i++)
		n += !strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, i)->name_off), name);
	return n;
}

/* What a struct that is a root keeps, and what it does not. */
static void check_device(struct btf *btf)
{
	const struct btf_type *device = find(btf, "device", BTF_KIND_STRUCT);
	const struct btf_type *t;

	assert_non_null(device);
	assert_int_equal(btf_vlen(device), 10);
	assert_int_equal(btf_member_bitfield_size(device, 2), 3);
	/* By value: whole, with an anonymous union inside. */
	t = find(btf, "held", BTF_KIND_STRUCT);
	assert_non_null(t);
	assert_true(btf_is_union(btf__type_by_id(btf, btf_members(t)[1].type)));
	assert_non_null(find(btf, "atomic_t", BTF_KIND_TYPEDEF));
	assert_int_equal(btf__resolve_size(btf, member(btf, device, "refs")->type), 4);
	assert_non_null(find(btf, "color", BTF_KIND_ENUM));
	/* Behind a pointer: the name, or nothing; the pointer stays one. */
	t = member_type(btf, device, "apart");
	assert_true(btf_is_ptr(t));
	assert_true(btf_is_fwd(target(btf, t)));
	assert_null(find(btf, "apart", BTF_KIND_STRUCT));
	t = member_type(btf, device, "ops");
	assert_true(btf_is_const(target(btf, t)));
	assert_true(btf_is_fwd(target(btf, target(btf, t))));
	t = member_type(btf, device, "anon");
	assert_true(btf_is_ptr(t));
	assert_int_equal(t->type, 0);
}

static void check_prototypes(struct btf *btf)
{
	const struct btf_type *t = find(btf, "transmit", BTF_KIND_FUNC);
	const struct btf_type *p;

	assert_non_null(t);
	t = target(btf, t);
	assert_int_equal(btf_vlen(t), 2);
	p = btf__type_by_id(btf, btf_params(t)[0].type);
	assert_true(btf_is_ptr(p));
	assert_true(btf_is_struct(target(btf, p)));
	assert_string_equal(btf__name_by_offset(btf, target(btf, p)->name_off), "buffer");
	t = find(btf, "btf_trace_seen", BTF_KIND_TYPEDEF);
	assert_non_null(t);
	t = target(btf, target(btf, t));
	assert_true(btf_is_func_proto(t));
	assert_int_equal(btf_vlen(t), 3);
	assert_null(find(btf, "other", BTF_KIND_FUNC));
}

static void add_roots(struct nt_btf_roots *roots)
{
	add(roots, NT_BTF_TYPE, "device___old");
	add(roots, NT_BTF_TYPE, "buffer");
	add(roots, NT_BTF_TYPE, "buffer");
	add(roots, NT_BTF_TYPE, "port");
	add(roots, NT_BTF_TYPE, "in_no_kernel");
	add(roots, NT_BTF_FUNC, "transmit");
	add(roots, NT_BTF_FUNC, "receive");
	add(roots, NT_BTF_FUNC, "device");
	add(roots, NT_BTF_TRACEPOINT, "seen");
}

static void check_found(const struct nt_btf_roots *roots)
{
	assert_int_equal(roots->n, 8);
	assert_true(nt_btf_roots_find(roots, NT_BTF_TYPE, "device")->found);
	assert_true(nt_btf_roots_find(roots, NT_BTF_TYPE, "port___x")->found);
	assert_false(nt_btf_roots_find(roots, NT_BTF_TYPE, "in_no_kernel")->found);
	assert_true(nt_btf_roots_find(roots, NT_BTF_FUNC, "receive")->found);
	assert_false(nt_btf_roots_find(roots, NT_BTF_FUNC, "device")->found);
	assert_true(nt_btf_roots_find(roots, NT_BTF_TRACEPOINT, "seen")->found);
	assert_null(nt_btf_roots_find(roots, NT_BTF_TYPE, "dev"));
	assert_null(nt_btf_roots_find(roots, NT_BTF_TYPE, "devices"));
}

static void test_dwarf(void **state)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots roots = { .n = 0 };
	struct nt_btf_built built;
	struct nt_btf_info info;
	struct nt_err err;
	char path[PATH_MAX];
	struct btf *btf;

	(void)state;
	if (!compile())
		skip();
	add_roots(&roots);
	btf = build("vmlinux.o", "module.o", &roots, &built);
	check_device(btf);
	check_prototypes(btf);
	check_found(&roots);
	assert_non_null(find(btf, "port", BTF_KIND_STRUCT));
	assert_non_null(find(btf, "receive", BTF_KIND_FUNC));
	assert_int_equal(count(btf, "list"), 1);
	assert_true(built.pahole[0] >= '1' && built.pahole[0] <= '9');
	assert_int_equal(built.types, btf__type_cnt(btf) - 1);
	assert_true(built.merged_types > built.types);
	btf__free(btf);

	assert_int_equal(nt_btf_show(in_dir("out.btf", path), &roots, &info, &err), 0);
	check_found(&roots);
	assert_int_equal(info.bytes, built.bytes);
	assert_int_equal(info.types, built.types);
	assert_int_equal(info.kinds[BTF_KIND_FUNC], 2);
	assert_int_equal(info.tracepoints, 1);
}

static void test_keep_all(void **state)
{
	struct nt_btf_built built;
	struct btf *btf;

	(void)state;
	if (!compile())
		skip();
	btf = build("vmlinux.o", "module.o", NULL, &built);
	assert_int_equal(built.types, built.merged_types);
	assert_non_null(find(btf, "other", BTF_KIND_FUNC));
	assert_non_null(find(btf, "apart", BTF_KIND_STRUCT));
	assert_int_equal(count(btf, "apart"), 1);
	assert_int_equal(count(btf, "list"), 1);
	btf__free(btf);
}

static void write_btf(const char *name, const struct btf *b)
{
	uint32_t size = 0;
	const void *raw = btf__raw_data(b, &size);

	write_file(name, raw, size);
}

/* A module's BTF as kernels have it: ids and names go on from vmlinux. */
static void write_split(void)
{
	struct btf *base = btf__new_empty(), *split;
	int i = btf__add_int(base, "int", 4, BTF_INT_SIGNED);
	int s = btf__add_struct(base, "shared", 4);

	btf__add_field(base, "value", i, 0, 0);
	split = btf__new_empty_split(base);
	btf__add_ptr(split, s);
	btf__add_struct(split, "own", 16);
	btf__add_field(split, "value", s + 1, 0, 0);
	btf__add_field(split, "by_value", s, 64, 0);
	write_btf("base.btf", base);
	write_btf("split.btf", split);
	btf__free(split);
	btf__free(base);
}

static void test_split(void **state)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots roots = { .n = 0 };
	const struct btf_type *t;
	struct nt_btf_built built;
	struct btf *btf;

	(void)state;
	write_split();
	add(&roots, NT_BTF_TYPE, "own");
	btf = build("base.btf", "split.btf", &roots, &built);
	assert_string_equal(built.pahole, "");
	t = find(btf, "own", BTF_KIND_STRUCT);
	assert_non_null(t);
	assert_int_equal(btf_vlen(t), 2);
	assert_int_equal(member(btf, t, "value")->offset, 0);
	assert_true(btf_is_ptr(member_type(btf, t, "value")));
	t = member_type(btf, t, "by_value");
	assert_string_equal(btf__name_by_offset(btf, t->name_off), "shared");
	assert_true(btf_is_struct(t));
	btf__free(btf);
}

/* A vmlinux encoded here counts its types differently from the kernel's. */
static void test_split_of_another(void **state)
{
	char v[PATH_MAX], m[PATH_MAX], o[PATH_MAX];
	const char *modules[] = { in_dir("split.btf", m) };
	struct nt_btf_build b = {
		.vmlinux = in_dir("vmlinux.o", v),
		.modules = modules,
		.n_modules = 1,
		.output = in_dir("never.btf", o),
	};
	struct nt_err err = { .text = "" };
	struct nt_btf_built built;

	(void)state;
	if (!compile())
		skip();
	write_split();
	assert_int_equal(nt_btf_build(&b, &built, &err), -EINVAL);
	assert_int_equal(err.exit_code, NT_EXIT_IMPOSSIBLE);
	assert_non_null(strstr(err.text, "split.btf"));
	assert_non_null(strstr(err.text, "split BTF?"));
}

/* Relocation records, two in one section, one in another. */
static const uint32_t btf_ext[] = {
	0x0001eb9f, 32, 0, 0, 0, 0, 0, 4 + 8 + 32 + 8 + 16, 16, 0, 2, 0, 1, 0, 0, 8, 3, 0,
	0,          0,  1, 0, 2, 0, 0,
};

static size_t read_object(char *elf, size_t max)
{
	char path[PATH_MAX];
	FILE *f = fopen(in_dir("obj.o", path), "rb");
	size_t n;

	assert_non_null(f);
	n = fread(elf, 1, max, f);
	fclose(f);
	return n;
}

/* Of an object's own types none is wanted, only what it relocates. */
static void test_object_roots(void **state)
{
	NT_CLEANUP(nt_btf_roots_done) struct nt_btf_roots roots = { .n = 0 };
	struct nt_err err = { .text = "" };
	struct btf *b = btf__new_empty();
	static char elf[1 << 16];

	(void)state;
	if (!shell("command -v cc objcopy >/dev/null"))
		skip();
	btf__add_struct(b, "sk_buff___old", 0);
	btf__add_typedef(b, "__u32", 0);
	btf__add_enum(b, "reason", 4);
	btf__add_struct(b, "my_own", 0);
	/* Source lines, tabs and all, are among the strings. */
	btf__add_str(b, "\treturn 0;");
	write_btf("obj.btf", b);
	btf__free(b);
	write_file("obj.ext", btf_ext, sizeof(btf_ext));
	assert_true(shell("echo 'int x;' | cc -x c -c - -o obj.o && objcopy "
			  "--add-section .BTF=obj.btf --add-section .BTF.ext=obj.ext obj.o"));
	if (nt_btf_roots_from_object(&roots, elf, read_object(elf, sizeof(elf)), &err))
		fail_msg("%s", err.text);
	nt_btf_roots_sort(&roots);
	assert_int_equal(roots.n, 3);
	assert_non_null(nt_btf_roots_find(&roots, NT_BTF_TYPE, "sk_buff"));
	assert_non_null(nt_btf_roots_find(&roots, NT_BTF_TYPE, "__u32"));
	assert_non_null(nt_btf_roots_find(&roots, NT_BTF_TYPE, "reason"));

	assert_true(nt_btf_roots_from_object(&roots, elf, 100, &err) < 0);
	assert_int_equal(err.exit_code, NT_EXIT_RUNTIME);
	/* Cut at each word: an error, never beyond the end. */
	for (size_t n = 32; n < sizeof(btf_ext); n += 4) {
		write_file("obj.ext", btf_ext, n);
		assert_true(shell("objcopy --update-section .BTF.ext=obj.ext obj.o"));
		assert_int_equal(nt_btf_roots_from_object(&roots, elf,
							  read_object(elf, sizeof(elf)), &err),
				 -EINVAL);
	}
}

static void fails(const char *vmlinux, const char *output, int exit_code, const char *text)
{
	char v[PATH_MAX];
	struct nt_btf_build b = { .vmlinux = in_dir(vmlinux, v), .output = output };
	struct nt_err err = { .text = "" };
	struct nt_btf_built built;

	assert_true(nt_btf_build(&b, &built, &err) < 0);
	assert_int_equal(err.exit_code, exit_code);
	if (!strstr(err.text, text))
		fail_msg("'%s' does not say '%s'", err.text, text);
}

static void test_errors(void **state)
{
	struct btf *b = btf__new_empty();
	char o[PATH_MAX];

	(void)state;
	btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	write_btf("good.btf", b);
	btf__free(b);
	in_dir("never.btf", o);
	write_file("text", "no types here", 13);
	fails("absent", o, NT_EXIT_IMPOSSIBLE, "No such file");
	fails("text", o, NT_EXIT_IMPOSSIBLE, "neither BTF nor an ELF file");
	fails(".", o, NT_EXIT_IMPOSSIBLE, "not a regular file");
	assert_int_equal(access(o, F_OK), -1);
	fails("good.btf", in_dir("no-such-folder/x", o), NT_EXIT_RUNTIME, "cannot write");
}

static void test_no_pahole(void **state)
{
	const char *old = getenv("PATH");
	NT_FREE char *path = strdup(old ? old : "/usr/bin:/bin");
	char o[PATH_MAX];

	(void)state;
	if (!compile())
		skip();
	setenv("PATH", "/nonexistent", 1);
	fails("vmlinux.o", in_dir("never.btf", o), NT_EXIT_IMPOSSIBLE, "pahole not found");
	setenv("PATH", path, 1);
	assert_int_equal(access(o, F_OK), -1);
}

/* What libbpf is given is what was checked. */
static void test_checked_fd(void **state)
{
	struct btf *b = btf__new_empty();
	struct nt_err err;
	char path[PATH_MAX], fd_path[64];
	struct btf *again;
	int fd;

	(void)state;
	btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	write_btf("good.btf", b);
	btf__free(b);
	fd = nt_btf_checked_fd(in_dir("good.btf", path), &err);
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	snprintf(fd_path, sizeof(fd_path), "/proc/self/fd/%d", fd);
	again = btf__parse(fd_path, NULL);
	assert_non_null(again);
	assert_int_equal(btf__find_by_name(again, "int"), 1);
	btf__free(again);
	close(fd);

	write_file("bad.btf", "\x9f\xeb\x01", 4);
	assert_true(nt_btf_checked_fd(in_dir("bad.btf", path), &err) < 0);
	assert_int_equal(err.exit_code, NT_EXIT_IMPOSSIBLE);
	assert_non_null(strstr(err.text, "bad.btf"));
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return shell("rm -f -- *") && rmdir(dir) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dwarf),     cmocka_unit_test(test_keep_all),
		cmocka_unit_test(test_split),     cmocka_unit_test(test_split_of_another),
		cmocka_unit_test(test_errors),    cmocka_unit_test(test_object_roots),
		cmocka_unit_test(test_no_pahole), cmocka_unit_test(test_checked_fd),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
