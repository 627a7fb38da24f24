// SPDX-License-Identifier: GPL-2.0-or-later
/* The file format of recordings; what a run puts there is tested by tests/replay. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "tape.h"
#include "tmp_file.h"

#define HEADER (16 + 48 + 16)
#define ENTRY 12 /* kind, id, size */

static void write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static struct nt_tape *open_tape(const char *path)
{
	struct nt_tape *t = NULL;
	struct nt_err err = { 0 };

	if (nt_tape_open(path, "path icmp", &t, &err))
		fail_msg("%s", err.text);
	return t;
}

/* Three entries: one with data, an empty one, one of another kind. */
static void make_tape(const char *path)
{
	struct nt_tape *t;
	struct nt_err err;

	assert_int_equal(nt_tape_create(path, "path icmp", &t, &err), 0);
	assert_int_equal(nt_tape_begin(t), 0);
	assert_int_equal(nt_tape_write(t, NT_TAPE_EVENT, 7, "0123456789", 10), 0);
	assert_int_equal(nt_tape_write(t, NT_TAPE_END, 0, NULL, 0), 0);
	assert_int_equal(nt_tape_write(t, NT_TAPE_HIST, 3, "abc", 3), 0);
	assert_int_equal(nt_tape_close(t), 0);
}

static void test_round_trip(void **state)
{
	struct nt_tape *t;
	char buf[16];
	uint32_t id;

	(void)state;
	make_tape("t");
	t = open_tape("t");
	/* An entry of another kind stays for who wants it. */
	assert_int_equal(nt_tape_read(t, NT_TAPE_END, &id, buf, sizeof(buf)), -ENOMSG);
	assert_true(nt_tape_next_is(t, NT_TAPE_EVENT));
	assert_false(nt_tape_next_is(t, NT_TAPE_END));
	assert_int_equal(nt_tape_read(t, NT_TAPE_EVENT, &id, buf, sizeof(buf)), 10);
	assert_memory_equal(buf, "0123456789", 10);
	assert_int_equal(id, 7);
	assert_int_equal(nt_tape_read(t, NT_TAPE_END, NULL, NULL, 0), 0);
	assert_int_equal(nt_tape_read(t, NT_TAPE_HIST, &id, buf, 3), 3);
	assert_int_equal(id, 3);
	assert_int_equal(nt_tape_read(t, NT_TAPE_HIST, &id, buf, sizeof(buf)), -ENODATA);
	assert_false(nt_tape_next_is(t, NT_TAPE_HIST));
	assert_int_equal(nt_tape_close(t), 0);
	assert_int_equal(nt_tape_close(NULL), 0);
}

static void test_room(void **state)
{
	struct nt_tape *t;
	char buf[16];

	(void)state;
	make_tape("t");
	t = open_tape("t");
	assert_int_equal(nt_tape_read(t, NT_TAPE_EVENT, NULL, buf, 9), -EBADMSG);
	nt_tape_close(t);
}

static void test_size_limit(void **state)
{
	static char big[NT_TAPE_MAX_ENTRY + 1];
	struct nt_tape *t;
	struct nt_err err;

	(void)state;
	assert_int_equal(nt_tape_create("t", "path icmp", &t, &err), 0);
	assert_int_equal(nt_tape_write(t, NT_TAPE_DATA, 0, big, sizeof(big)), -E2BIG);
	/* A tape with a gap would not replay: it ends here, and the end tells. */
	assert_int_equal(nt_tape_write(t, NT_TAPE_DATA, 0, big, 1), -E2BIG);
	assert_int_equal(nt_tape_close(t), -E2BIG);
	assert_int_equal(nt_tape_create("t", "path icmp", &t, &err), 0);
	assert_int_equal(nt_tape_write(t, NT_TAPE_DATA, 0, big, sizeof(big) - 1), 0);
	assert_int_equal(nt_tape_begin(t), 0);
	assert_int_equal(nt_tape_close(t), 0);
	t = open_tape("t");
	assert_int_equal(nt_tape_read(t, NT_TAPE_DATA, NULL, big, sizeof(big)), NT_TAPE_MAX_ENTRY);
	nt_tape_close(t);
}

/* A size in the file is not believed, whatever room the reader has. */
static void test_huge_size(void **state)
{
	static const uint32_t sizes[] = { NT_TAPE_MAX_ENTRY + 1, 0x7fffffff, 0xffffffff };
	static char buf[NT_TAPE_MAX_ENTRY * 2];
	struct nt_tape *t;
	size_t size = 0, i;
	char *file;

	(void)state;
	make_tape("t");
	file = tmp_read("t", &size);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memcpy(file + HEADER + 8, &sizes[i], 4);
		write_file("t", file, size);
		t = open_tape("t");
		assert_int_equal(nt_tape_read(t, NT_TAPE_EVENT, NULL, buf, sizeof(buf)), -EBADMSG);
		nt_tape_close(t);
	}
	free(file);
}

/* Read all there is, as a replay would: its first error. */
static int read_all(const char *path)
{
	struct nt_tape *t = open_tape(path);
	char buf[16];
	int r;

	r = nt_tape_read(t, NT_TAPE_EVENT, NULL, buf, sizeof(buf));
	if (r >= 0)
		r = nt_tape_read(t, NT_TAPE_END, NULL, buf, sizeof(buf));
	if (r >= 0)
		r = nt_tape_read(t, NT_TAPE_HIST, NULL, buf, sizeof(buf));
	nt_tape_close(t);
	return r < 0 ? r : 0;
}

static void test_cut_off(void **state)
{
	const size_t ends[] = { HEADER, HEADER + ENTRY + 10, HEADER + ENTRY + 10 + ENTRY };
	size_t size = 0, n, i;
	char *file;
	int want;

	(void)state;
	make_tape("t");
	file = tmp_read("t", &size);
	assert_int_equal(size, HEADER + 3 * ENTRY + 13);
	assert_int_equal(read_all("t"), 0);
	for (n = HEADER; n < size; n++) {
		write_file("cut", file, n);
		want = -EBADMSG;
		for (i = 0; i < 3; i++)
			if (n == ends[i])
				want = -ENODATA; /* between two entries: the end */
		assert_int_equal(read_all("cut"), want);
	}
	free(file);
}

static void expect_refused(const char *path, int errnum, int code, const char *text)
{
	struct nt_tape *t = NULL;
	struct nt_err err = { 0 };

	assert_int_equal(nt_tape_open(path, "path icmp", &t, &err), -errnum);
	assert_null(t);
	assert_int_equal(err.exit_code, code);
	if (!strstr(err.text, text))
		fail_msg("'%s' does not have '%s'", err.text, text);
}

static void test_header(void **state)
{
	size_t size = 0, i;
	char *file;

	(void)state;
	make_tape("t");
	file = tmp_read("t", &size);
	for (i = 0; i < HEADER; i++) {
		write_file("short", file, i);
		expect_refused("short", EBADMSG, NT_EXIT_RUNTIME, "not a recording");
	}
	for (i = 0; i < 16; i++) {
		file[i] ^= 1;
		write_file("t", file, size);
		expect_refused("t", EBADMSG, NT_EXIT_RUNTIME, "not a recording");
		file[i] ^= 1;
	}
	for (i = HEADER - 16; i < HEADER; i++) {
		file[i] ^= 1;
		write_file("t", file, size);
		expect_refused("t", EBADMSG, NT_EXIT_RUNTIME, "another nettrace");
		file[i] ^= 1;
	}
	memset(file + 16, 'x', 48); /* a command without an end */
	write_file("t", file, size);
	expect_refused("t", EBADMSG, NT_EXIT_RUNTIME, "not a recording");
	free(file);
}

static void test_wrong_command(void **state)
{
	struct nt_tape *t;
	struct nt_err err;

	(void)state;
	assert_int_equal(nt_tape_create("t", "drop summary", &t, &err), 0);
	assert_int_equal(nt_tape_begin(t), 0);
	assert_int_equal(nt_tape_close(t), 0);
	expect_refused("t", EINVAL, NT_EXIT_USAGE, "of 'drop summary', not of 'path icmp'");
}

static void test_files(void **state)
{
	struct nt_tape *t = NULL;
	struct nt_err err = { 0 };

	(void)state;
	expect_refused("absent", ENOENT, NT_EXIT_RUNTIME, "No such file");
	expect_refused("/", EBADMSG, NT_EXIT_RUNTIME, "not a recording");
	/* A pipe or a device would hold up the tracing. */
	assert_int_equal(nt_tape_create("/dev/null", "path icmp", &t, &err), -EINVAL);
	assert_int_equal(err.exit_code, NT_EXIT_USAGE);
	assert_int_equal(nt_tape_create("no/such", "path icmp", &t, &err), -ENOENT);
	assert_null(t);
}

/* A run that does not begin leaves a recording of its name as it was; one that does replaces all. */
static void test_begin(void **state)
{
	struct nt_tape *t;
	struct nt_err err;
	char data[3];

	(void)state;
	make_tape("t");
	assert_int_equal(nt_tape_create("t", "path icmp", &t, &err), 0);
	assert_int_equal(nt_tape_write(t, NT_TAPE_DATA, 0, "new", 3), 0);
	assert_int_equal(nt_tape_close(t), 0);
	t = open_tape("t");
	assert_true(nt_tape_next_is(t, NT_TAPE_EVENT));
	nt_tape_close(t);
	assert_int_equal(nt_tape_create("t", "path icmp", &t, &err), 0);
	assert_int_equal(nt_tape_write(t, NT_TAPE_DATA, 0, "new", 3), 0);
	assert_int_equal(nt_tape_begin(t), 0);
	assert_int_equal(nt_tape_close(t), 0);
	t = open_tape("t");
	assert_int_equal(nt_tape_read(t, NT_TAPE_DATA, NULL, data, sizeof(data)), 3);
	assert_memory_equal(data, "new", 3);
	assert_int_equal(nt_tape_read(t, NT_TAPE_DATA, NULL, data, sizeof(data)), -ENODATA);
	nt_tape_close(t);
}

/* A recording that does not fit is told at its end, with the reason. */
static void test_full(void **state)
{
	static char data[4096];
	struct rlimit was, small;
	struct nt_tape *t;
	struct nt_err err;
	int i;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 65536;
	assert_int_equal(nt_tape_create("t", "path icmp", &t, &err), 0);
	assert_int_equal(nt_tape_begin(t), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (i = 0; i < 100; i++)
		nt_tape_write(t, NT_TAPE_DATA, 0, data, sizeof(data));
	assert_int_equal(nt_tape_write(t, NT_TAPE_DATA, 0, data, sizeof(data)), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(nt_tape_close(t), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_room),
		cmocka_unit_test(test_size_limit),    cmocka_unit_test(test_huge_size),
		cmocka_unit_test(test_cut_off),       cmocka_unit_test(test_header),
		cmocka_unit_test(test_wrong_command), cmocka_unit_test(test_files),
		cmocka_unit_test(test_begin),         cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, tmp_setup, tmp_teardown);
}
