// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>

#include "child.h"
#include "out.h"
#include "tmp_file.h"

static struct nt_out *open_out(struct nt_out_opts opts)
{
	struct nt_out *out = NULL;
	struct nt_err err;

	if (nt_out_open(&opts, &out, &err))
		fail_msg("%s", err.text);
	return out;
}

static void expect_file(const char *path, const char *want)
{
	char *got = tmp_read(path, NULL);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void test_text(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .ascii = true });
	struct stat st;

	(void)state;
	assert_false(nt_out_json(out));
	assert_true(nt_out_ascii(out));
	nt_out_text(out, "%s=%d\n", "a", 1);
	nt_out_rule(out, '=', 5);
	nt_out_rule(out, '-', 0);
	nt_out_rule(out, '-', -1);
	/* Nothing is written before it must be. */
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(nt_out_flush(out), 0);
	expect_file("f", "a=1\n=====\n\n\n");
	nt_out_text(out, "end\n");
	assert_int_equal(nt_out_close(out), 0);
	expect_file("f", "a=1\n=====\n\n\nend\n");
	assert_int_equal(nt_out_close(NULL), 0);
}

static void test_json_mode_has_no_text(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .json = true });

	(void)state;
	assert_true(nt_out_json(out));
	nt_out_text(out, "x\n");
	nt_out_rule(out, '=', 5);
	nt_json_end_line(nt_json_line(out));
	assert_int_equal(nt_out_close(out), 0);
	expect_file("f", "{}\n");
}

/* Many lines and single writes larger than the buffer arrive whole, in order. */
static void test_large(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .log_path = "log" });
	size_t big = 700001, n, log_n, pos = 0;
	char *x = malloc(big + 1), *got, *log;
	int i, len;
	char line[64];

	(void)state;
	assert_non_null(x);
	memset(x, 'x', big);
	x[big] = '\0';
	for (i = 0; i < 50000; i++) {
		nt_out_text(out, "line %d of many, %s\n", i, "some text");
		if (i == 25000)
			nt_out_text(out, "%s\n", x);
	}
	assert_int_equal(nt_out_close(out), 0);
	got = tmp_read("f", &n);
	assert_non_null(got);
	for (i = 0; i < 50000; i++) {
		len = snprintf(line, sizeof(line), "line %d of many, %s\n", i, "some text");
		assert_memory_equal(got + pos, line, (size_t)len);
		pos += (size_t)len;
		if (i == 25000) {
			assert_memory_equal(got + pos, x, big);
			pos += big + 1;
		}
	}
	assert_int_equal(pos, n);
	log = tmp_read("log", &log_n);
	assert_int_equal(log_n, n);
	assert_memory_equal(log, got, n);
	free(got);
	free(log);
	free(x);
}

static void test_existing_file_is_emptied(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f" });

	(void)state;
	nt_out_text(out, "a long line of the first run\n");
	assert_int_equal(nt_out_close(out), 0);
	out = open_out((struct nt_out_opts){ .path = "f" });
	nt_out_text(out, "second\n");
	assert_int_equal(nt_out_close(out), 0);
	expect_file("f", "second\n");
}

/* Numbers from first on, one a line, nothing else. Returns how many. */
static int numbers(const char *path, int first)
{
	char *got = tmp_read(path, NULL), line[16];
	const char *p;
	int n = 0;

	assert_non_null(got);
	for (p = got; *p; p += 10) {
		snprintf(line, sizeof(line), "%09d\n", first + n++);
		if (strncmp(p, line, 10) != 0)
			fail_msg("line %d of %s is not %s", n, path, line);
	}
	free(got);
	return n;
}

static void expect_numbers(const char *path, int first, int last)
{
	assert_int_equal(numbers(path, first), last - first + 1);
}

static void test_rotation(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .max_size = 105 });
	int i;

	(void)state;
	for (i = 0; i < 35; i++)
		nt_out_text(out, "%09d\n", i);
	assert_int_equal(nt_out_close(out), 0);
	/* Ten lines of 10 bytes a file: 0-9 and 10-19 are gone. */
	expect_numbers("f.1", 20, 29);
	expect_numbers("f", 30, 34);
}

/* The same however the bytes come: cut anywhere, flushed anywhere. */
static void test_rotation_mid_line(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .max_size = 105 });
	char line[16];
	int i, k, first, n;
	char *old;

	(void)state;
	for (i = 0; i < 35; i++) {
		snprintf(line, sizeof(line), "%09d\n", i);
		for (k = 0; line[k]; k++) {
			nt_out_text(out, "%c", line[k]);
			if ((i * 10 + k) % 7 == 0)
				nt_out_flush(out);
		}
	}
	assert_int_equal(nt_out_close(out), 0);
	/* A line whose head is written already is not cut: at most its rest more. */
	old = tmp_read("f.1", NULL);
	assert_non_null(old);
	first = (int)strtol(old, NULL, 10);
	free(old);
	n = numbers("f.1", first);
	assert_in_range(n, 10, 11);
	assert_int_equal(first + n + numbers("f", first + n), 35);
}

static void test_rotation_long_lines(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .max_size = 8 });

	(void)state;
	nt_out_text(out, "longer than a file\n");
	nt_out_text(out, "a\nb\n");
	nt_out_text(out, "another that is longer\n");
	assert_int_equal(nt_out_close(out), 0);
	expect_file("f.1", "a\nb\n");
	expect_file("f", "another that is longer\n");
}

/* The name was given to another file meanwhile: that one is kept, not renamed. */
static void test_rotation_moved(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .max_size = 105 });
	int i;

	(void)state;
	unlink("f.1");
	for (i = 0; i < 10; i++)
		nt_out_text(out, "%09d\n", i);
	nt_out_flush(out);
	assert_int_equal(rename("f", "kept"), 0);
	nt_out_text(out, "%09d\n", 10);
	assert_int_equal(nt_out_close(out), 0);
	expect_numbers("kept", 0, 9);
	expect_numbers("f", 10, 10);
	assert_int_not_equal(access("f.1", F_OK), 0);
}

static void test_rotation_impossible(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .max_size = 25 });
	char *got;

	(void)state;
	unlink("f.1");
	assert_int_equal(mkdir("f.1", 0700), 0); /* rename() onto it fails */
	nt_out_text(out, "%s", "123456789\n123456789\n123456789\n");
	assert_int_equal(nt_out_flush(out), EISDIR);
	assert_int_equal(nt_out_close(out), -EISDIR);
	got = tmp_read("f", NULL);
	assert_string_equal(got, "123456789\n123456789\n");
	free(got);
	assert_int_equal(rmdir("f.1"), 0);
}

static void test_reopen(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "f", .log_path = "log" });

	(void)state;
	nt_out_text(out, "one\n");
	assert_int_equal(rename("f", "f.old"), 0);
	assert_int_equal(nt_out_reopen(out), 0);
	nt_out_text(out, "two\n");
	/* Nobody moved it: nothing is lost. */
	assert_int_equal(nt_out_reopen(out), 0);
	nt_out_text(out, "three\n");
	assert_int_equal(nt_out_close(out), 0);
	expect_file("f.old", "one\n");
	expect_file("f", "two\nthree\n");
	expect_file("log", "one\ntwo\nthree\n");
}

static void test_reopen_fails(void **state)
{
	struct nt_out *out;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	out = open_out((struct nt_out_opts){ .path = "d/f" });
	nt_out_text(out, "one\n");
	assert_int_equal(rename("d", "e"), 0);
	assert_int_equal(nt_out_reopen(out), -ENOENT);
	nt_out_text(out, "two\n");
	assert_int_equal(nt_out_close(out), 0);
	expect_file("e/f", "one\ntwo\n");
}

static void test_full_disk(void **state)
{
	struct nt_out *out =
		open_out((struct nt_out_opts){ .path = "/dev/full", .log_path = "log" });

	(void)state;
	nt_out_text(out, "one\n");
	assert_int_equal(nt_out_error(out), 0);
	assert_int_equal(nt_out_flush(out), ENOSPC);
	assert_int_equal(nt_out_error(out), ENOSPC);
	nt_out_text(out, "two\n");
	assert_int_equal(nt_out_close(out), -ENOSPC);
	expect_file("log", "one\ntwo\n"); /* the other one goes on */

	out = open_out((struct nt_out_opts){ .path = "f", .log_path = "/dev/full" });
	nt_out_text(out, "one\n");
	assert_int_equal(nt_out_close(out), -ENOSPC);
	expect_file("f", "one\n");
}

/* stdout replaced by fd; returns a copy of the old one. */
static int set_stdout(int fd)
{
	int old;

	fflush(stdout);
	old = dup(STDOUT_FILENO);
	assert_true(old >= 0);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	close(fd);
	return old;
}

static void test_closed_pipe(void **state)
{
	struct nt_out *out;
	int p[2], old, r1, r2;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(p), 0);
	close(p[0]);
	old = set_stdout(p[1]);
	out = open_out((struct nt_out_opts){ 0 });
	nt_out_text(out, "one\n");
	r1 = nt_out_flush(out);
	r2 = nt_out_close(out);
	assert_int_equal(fcntl(STDOUT_FILENO, F_GETFD), 0); /* stdout is not ours to close */
	close(set_stdout(old));
	assert_int_equal(r1, EPIPE);
	assert_int_equal(r2, -EPIPE);
}

/* Bytes that come out of fd, read slowly. */
static int count_bytes(int fd)
{
	char buf[4096];
	ssize_t n, sum = 0;

	usleep(20000);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		sum += n;
	return sum == 1000000 ? 0 : 1;
}

static void test_non_blocking_stdout(void **state)
{
	struct nt_out *out;
	int p[2], old, i, r, status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(p), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(p[1]);
		_exit(count_bytes(p[0]));
	}
	close(p[0]);
	assert_int_equal(fcntl(p[1], F_SETFL, O_NONBLOCK), 0);
	old = set_stdout(p[1]);
	out = open_out((struct nt_out_opts){ 0 });
	for (i = 0; i < 100000; i++)
		nt_out_text(out, "%09d\n", i);
	r = nt_out_close(out);
	close(set_stdout(old));
	assert_int_equal(r, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void expect_refusal(struct nt_out_opts opts, int errnum, int exit_code, const char *word)
{
	struct nt_out *out = NULL;
	struct nt_err err = { 0 };

	assert_int_equal(nt_out_open(&opts, &out, &err), -errnum);
	assert_null(out);
	assert_int_equal(err.exit_code, exit_code);
	if (!strstr(err.text, word))
		fail_msg("'%s' does not name '%s'", err.text, word);
}

static void test_refusals(void **state)
{
	struct nt_out *out = open_out((struct nt_out_opts){ .path = "target" });

	(void)state;
	nt_out_text(out, "precious\n");
	assert_int_equal(nt_out_close(out), 0);
	assert_int_equal(symlink("target", "link"), 0);
	expect_refusal((struct nt_out_opts){ .path = "absent/f" }, ENOENT, NT_EXIT_RUNTIME,
		       "'absent/f'");
	expect_refusal((struct nt_out_opts){ .path = "." }, EISDIR, NT_EXIT_RUNTIME, "'.'");
	expect_refusal((struct nt_out_opts){ .path = "f", .log_path = "absent/g" }, ENOENT,
		       NT_EXIT_RUNTIME, "'absent/g'");
	expect_refusal((struct nt_out_opts){ .path = "f", .log_path = "./f" }, EINVAL,
		       NT_EXIT_USAGE, "'./f'");
	expect_refusal((struct nt_out_opts){ .path = "/dev/null", .max_size = 9 }, ENOTSUP,
		       NT_EXIT_USAGE, "'/dev/null'");
	/* A link is neither renamed nor is its target emptied. */
	expect_refusal((struct nt_out_opts){ .path = "link", .max_size = 9 }, ENOTSUP,
		       NT_EXIT_USAGE, "'link'");
	expect_file("target", "precious\n");
	/* Without a limit a link is as good as a file. */
	out = open_out((struct nt_out_opts){ .path = "link" });
	nt_out_text(out, "x\n");
	assert_int_equal(nt_out_close(out), 0);
	expect_file("target", "x\n");
}

/* --- readers that do not read --- */

#define MUCH (1 << 20) /* more than a pipe holds */

struct reader {
	pthread_t thread;
	int fd, stop_fd;
	size_t got;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Reads a piece now and then, to the end. */
static void *read_slowly(void *arg)
{
	struct reader *r = arg;
	static char buf[65536];
	ssize_t n;

	while ((n = read(r->fd, buf, sizeof(buf))) > 0) {
		r->got += (size_t)n;
		usleep(20000);
	}
	return NULL;
}

/* Reads nothing; after a while the program is asked to end. */
static void *stop_later(void *arg)
{
	struct reader *r = arg;
	uint64_t one = 1;

	usleep(300000);
	return write(r->stop_fd, &one, sizeof(one)) == sizeof(one) ? NULL : arg;
}

/* An output to a pipe, by path or as standard output. */
static struct nt_out *open_pipe(struct reader *r, bool standard, int stop_fd)
{
	char path[32];
	int p[2];

	assert_int_equal(pipe(p), 0);
	r->fd = p[0];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[1]);
	if (standard)
		assert_int_equal(dup2(p[1], STDOUT_FILENO), STDOUT_FILENO);
	return open_out((struct nt_out_opts){ .path = standard ? NULL : path, .stop_fd = stop_fd });
}

static void put_much(struct nt_out *out)
{
	static char line[1024];
	size_t i;

	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	for (i = 0; i < MUCH; i += sizeof(line) - 1)
		nt_out_text(out, "%s", line);
}

/* Where was the write end opened? Whoever shares it must not find it changed. */
static void check_shared(void)
{
	assert_int_equal(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
}

static void with_readers(bool standard)
{
	int stop_fd = eventfd(0, EFD_CLOEXEC);
	struct reader r = { .stop_fd = stop_fd };
	struct nt_out *out;
	uint64_t begin, one = 1;

	/* Nobody reads: it goes on waiting until it is asked to end, and then not long. */
	signal(SIGPIPE, SIG_IGN);
	out = open_pipe(&r, standard, stop_fd);
	assert_int_equal(pthread_create(&r.thread, NULL, stop_later, &r), 0);
	begin = now_ms();
	put_much(out);
	assert_int_equal(nt_out_error(out), ECANCELED);
	assert_in_range(now_ms() - begin, 2000, 12000);
	begin = now_ms();
	put_much(out); /* nothing more is tried */
	assert_int_equal(nt_out_close(out), -ECANCELED);
	assert_in_range(now_ms() - begin, 0, 1000);
	pthread_join(r.thread, NULL);
	if (standard)
		check_shared();
	/* A slow reader gets all of it, although the end is asked for. */
	assert_int_equal(write(stop_fd, &one, sizeof(one)), sizeof(one));
	out = open_pipe(&r, standard, stop_fd);
	assert_int_equal(pthread_create(&r.thread, NULL, read_slowly, &r), 0);
	put_much(out);
	assert_int_equal(nt_out_close(out), 0);
	if (standard)
		close(STDOUT_FILENO);
	for (int fd = 3; fd < 64; fd++)
		if (fd != r.fd)
			close(fd); /* the writing ends */
	pthread_join(r.thread, NULL);
	assert_true(r.got >= MUCH);
}

static void path_child(void)
{
	with_readers(false);
}

static void stdout_child(void)
{
	with_readers(true);
}

static void test_reader_stands_still(void **state)
{
	(void)state;
	in_child(path_child);
}

static void test_reader_of_stdout_stands_still(void **state)
{
	(void)state;
	in_child(stdout_child);
}

static void test_fifo_without_reader(void **state)
{
	struct nt_out *out = NULL;
	struct nt_err err = { 0 };

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(nt_out_open(&(struct nt_out_opts){ .path = "fifo" }, &out, &err), -ENXIO);
	assert_non_null(strstr(err.text, "nobody reads it"));
}

/* Files do not leak into what we run, and the umask decides who reads them. */
static void test_file_flags(void **state)
{
	struct nt_out *out;
	mode_t old = umask(027);
	struct stat st, fst;
	int fd, found = 0;

	(void)state;
	unlink("f");
	out = open_out((struct nt_out_opts){ .path = "f", .log_path = "log" });
	umask(old);
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	for (fd = 3; fd < 64; fd++) {
		if (fstat(fd, &fst) || fst.st_ino != st.st_ino || fst.st_dev != st.st_dev)
			continue;
		found++;
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	}
	assert_int_equal(found, 1);
	assert_int_equal(nt_out_close(out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json_mode_has_no_text),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_existing_file_is_emptied),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_rotation_mid_line),
		cmocka_unit_test(test_rotation_long_lines),
		cmocka_unit_test(test_rotation_moved),
		cmocka_unit_test(test_rotation_impossible),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_reopen_fails),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_closed_pipe),
		cmocka_unit_test(test_non_blocking_stdout),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_reader_stands_still),
		cmocka_unit_test(test_reader_of_stdout_stands_still),
		cmocka_unit_test(test_fifo_without_reader),
		cmocka_unit_test(test_file_flags),
	};

	return cmocka_run_group_tests(tests, tmp_setup, tmp_teardown);
}
