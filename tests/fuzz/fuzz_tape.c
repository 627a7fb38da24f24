// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a recording, through the whole user side of path icmp: it ends
 * with a summary and exit code 0, or with one line of error.
 *
 * The first byte chooses among the calls, the rest is the tape behind its header
 * and the options that it was recorded with, which are put there: a check of a
 * few bytes would keep nearly all inputs out.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "path_tool.h"
#include "run.h"

extern const struct nt_tool nt_tool_path_icmp;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define V4 "--src-ip 10.77.1.1 --dst-ip 10.77.2.1 --rx-iface r0 --tx-iface r1"
#define WORDS_MAX 24

/* As a tape has them; and what else to call with. */
static const struct {
	const char *recorded, *more;
} calls[] = {
	{ V4, "" },
	{ V4, "--json" },
	{ "--interval 1s " V4 " --stats-mode", "" },
	{ "--interval 1s " V4 " --stats-mode", "--json" },
	{ V4 " --timeout-ms 300ms --all", "--verbose" },
	{ "--src-ip 10.77.1.0/24 --dst-ip 10.77.2.1,10.77.2.2 --rx-iface r0 --tx-iface r1,r9 --wait",
	  "--json" },
	{ V4 " --all --count 3", "" },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static FILE *messages;
static char *text;
static size_t text_size;
static int tape_fd, out_fd;

static char tape_path[32], out_path[32];

static void write_tape(const char *recorded, const uint8_t *data, size_t size)
{
	char text[256];
	struct nt_tape *t;
	struct nt_err err;
	int n = snprintf(text, sizeof(text), "path icmp %s", recorded);

	if (ftruncate(tape_fd, 0) || ftruncate(out_fd, 0) ||
	    nt_tape_create(tape_path, "path icmp", &t, &err) < 0)
		abort();
	nt_tape_write(t, NT_TAPE_SETTINGS, 0, text, (size_t)n + 1);
	if (nt_tape_close(t) < 0 || lseek(tape_fd, 0, SEEK_END) < 0 ||
	    write(tape_fd, data, size) != (ssize_t)size)
		abort();
}

static int replay(int argc, char **argv)
{
	struct path_cfg cfg;
	struct nt_given given = { 0 };
	struct nt_err err = { 0 };
	struct nt_opt_parse p = { .table = nt_tool_path_icmp.opts,
				  .cfg = &cfg,
				  .cfg_size = sizeof(cfg),
				  .given = &given };
	struct nt_run_args args = {
		.tool = &nt_tool_path_icmp, .command = "path icmp", .cfg = &cfg, .given = &given
	};

	if (nt_opt_parse(&p, argc, argv, &err) < 0)
		abort();
	return nt_run_tool(&args);
}

static int call(size_t which)
{
	char words[512], *argv[WORDS_MAX], *save;
	int argc = 0;

	snprintf(words, sizeof(words), "%s %s --replay %s --output %s", calls[which].recorded,
		 calls[which].more, tape_path, out_path);
	for (argv[0] = strtok_r(words, " ", &save); argv[argc];)
		argv[++argc] = strtok_r(NULL, " ", &save);
	return replay(argc, argv);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t i;

	(void)argc;
	(void)argv;
	/* What the program says goes where it can be looked at; libFuzzer keeps
	 * the stream that it found. */
	messages = open_memstream(&text, &text_size);
	tape_fd = memfd_create("tape", MFD_CLOEXEC);
	out_fd = memfd_create("out", MFD_CLOEXEC);
	if (!messages || tape_fd < 0 || out_fd < 0)
		abort();
	stderr = messages;
	setenv("TZ", "UTC", 1);
	snprintf(tape_path, sizeof(tape_path), "/proc/self/fd/%d", tape_fd);
	snprintf(out_path, sizeof(out_path), "/proc/self/fd/%d", out_fd);
	/* The options above are what a tape of this program has: it gets past them. */
	for (i = 0; i < CALLS; i++) {
		write_tape(calls[i].recorded, NULL, 0);
		rewind(messages);
		if (call(i) != 1 || fflush(messages) || !strstr(text, "damaged"))
			abort();
	}
	return 0;
}

/* The last line of the output begins a summary, text or JSON. */
static bool has_summary(void)
{
	off_t size = lseek(out_fd, 0, SEEK_END);
	char *s = calloc(1, (size_t)size + 1);
	bool r;

	if (!s || pread(out_fd, s, (size_t)size, 0) != size)
		abort();
	r = strstr(s, "\nSummary: flows=") || strstr(s, "{\"type\":\"summary\"");
	free(s);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t lines = 0, i;
	int code;

	if (!size)
		return 0;
	write_tape(calls[data[0] % CALLS].recorded, data + 1, size - 1);
	rewind(messages);
	code = call(data[0] % CALLS);
	fflush(messages);
	for (i = 0; i < text_size; i++)
		lines += text[i] == '\n';
	if (code == 0 ? lines || !has_summary() : lines != 1 || has_summary())
		abort();
	return 0;
}
