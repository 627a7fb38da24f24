// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a recording, through the whole user side of each traced tool: it
 * ends with a summary and exit code 0, or with one line of error.
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

#include "run.h"

extern const struct nt_tool nt_tool_path_icmp, nt_tool_path_udp, nt_tool_drop_summary,
	nt_tool_drop_details, nt_tool_vm_latency_details, nt_tool_rtt_kernel, nt_tool_rtt_system,
	nt_tool_iface_stat, nt_tool_iface_pps, nt_tool_path_tcp;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS_MAX 24

/* What the last part of a text output begins with. */
static const struct traced {
	const struct nt_tool *tool;
	const char *summary;
} path = { &nt_tool_path_icmp, "\nSummary: flows=" },
  drop = { &nt_tool_drop_summary, "=== Final Summary ===\n" },
  vm = { &nt_tool_vm_latency_details, "\nSummary: started=" },
  udp = { &nt_tool_path_udp, "\nSummary: datagrams=" },
  tcp = { &nt_tool_path_tcp, "\nSummary: packets=" },
  details = { &nt_tool_drop_details, "=== Drop Statistics Summary ===\n" },
  rtt = { &nt_tool_rtt_kernel, "\nSummary: " }, sys = { &nt_tool_rtt_system, "\nSummary: " },
  ifstat = { &nt_tool_iface_stat, "=== Summary ===\n" },
  pps = { &nt_tool_iface_pps, "=== Summary: " };

#define V4 "--src-ip 10.77.1.1 --dst-ip 10.77.2.1 --rx-iface r0 --tx-iface r1"
#define VM "--vm-interface r0 --phy-interface r1"

/* As a tape has them; and what else to call with. New ones at the end: the seeds
 * know them by number. */
static const struct {
	const struct traced *of;
	const char *recorded, *more;
} calls[] = {
	{ &path, V4, "" },
	{ &path, V4, "--json" },
	{ &path, "--interval 1s " V4 " --stats-mode", "" },
	{ &path, "--interval 1s " V4 " --stats-mode", "--json" },
	{ &path, V4 " --timeout-ms 300ms --all", "--verbose" },
	{ &path,
	  "--src-ip 10.77.1.0/24 --dst-ip 10.77.2.1,10.77.2.2 --rx-iface r0 "
	  "--tx-iface r1,r9 --wait",
	  "--json" },
	{ &path, V4 " --all --count 3", "" },
	{ &drop, "--interval 1s", "" },
	{ &drop, "--interval 1s --top 20", "--json" },
	{ &drop, "--interval 1s --group-by stack --cumulative --stack-depth 3", "" },
	{ &drop, "--group-by reason --disable-normal-filter", "--json" },
	{ &drop, "--interval 1s --group-by location --no-stack-trace --interface r0", "--verbose" },
	{ &drop, "--interval 1s", "--max-entries 16" },
	{ &vm, VM, "" },
	{ &vm, VM " --direction tx", "--json" },
	{ &vm,
	  "--vm-interface r0 --phy-interface r1,r2 --vm-ip 10.77.1.1 --latency-us 10us "
	  "--timeout-ms 300ms",
	  "--verbose --enable-ct" },
	{ &udp, "--src-ip 10.77.1.1 --dst-ip 10.77.2.1 --dst-port 7000 --rx-iface r0 --tx-iface r1",
	  "" },
	{ &udp,
	  "--interval 1s --src-ip fd77:1::1 --dst-ip fd77:2::1 --rx-iface r0 --tx-iface r1 --all",
	  "--json" },
	{ &rtt, "--src-ip 10.8.0.1 --dst-ip 10.8.0.2 --all --netns ova", "" },
	{ &rtt, "--src-ip 10.8.0.1 --dst-ip 10.8.0.2 --all --netns ova", "--json" },
	{ &rtt, "--src-ip fd08::1 --dst-ip fd08::2 --interval 1s --stats-mode --netns ova", "" },
	{ &rtt, "--src-ip 10.8.0.2 --dst-ip 10.8.0.1 --direction rx --interface e0 --netns ovb",
	  "" },
	{ &sys, "--src-ip 10.8.0.5 --dst-ip 10.8.0.2 --phy-interface pb --all", "" },
	{ &sys, "--src-ip 10.8.0.5 --dst-ip 10.8.0.2 --phy-interface pb --all", "--json" },
	{ &sys,
	  "--src-ip fd08::2 --dst-ip fd08::5 --phy-interface pb --direction rx --interval 1s "
	  "--stats-mode",
	  "--verbose" },
	{ &details, "--interval 1s --protocol udp --netns ovb", "" },
	{ &details, "--interval 1s --protocol udp --netns ovb", "--json" },
	{ &details, "--no-stack-trace --interface e0 --netns ovb", "--verbose" },
	{ &ifstat, "--interface r0,r9 --interval 1s --throughput --wait", "" },
	{ &ifstat, "--interface r0,r9 --interval 1s --throughput --wait", "--json --errors" },
	{ &pps, "--interface r0,r1 --direction both --interval 0.5s --threshold 20 --sustain 1",
	  "" },
	{ &pps, "--interface r0,r1 --direction both --interval 0.5s --threshold 20 --sustain 1",
	  "--json" },
	{ &tcp, "--src-ip 10.77.1.1 --dst-ip 10.77.2.1 --dst-port 5201 --rx-iface r0 --tx-iface r1",
	  "" },
	{ &tcp,
	  "--interval 1s --src-ip fd77:1::1 --dst-ip fd77:2::1 --rx-iface r0 --tx-iface r1 --all",
	  "--json" },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static FILE *messages;
static char *text;
static size_t text_size;
static int tape_fd, out_fd;

static char tape_path[32], out_path[32];

static void write_tape(size_t which, const uint8_t *data, size_t size)
{
	const char *words = calls[which].of->tool->words;
	char text[256];
	struct nt_tape *t;
	struct nt_err err;
	int n = snprintf(text, sizeof(text), "%s %s", words, calls[which].recorded);

	if (ftruncate(tape_fd, 0) || ftruncate(out_fd, 0) ||
	    nt_tape_create(tape_path, words, &t, &err) < 0)
		abort();
	nt_tape_write(t, NT_TAPE_SETTINGS, 0, text, (size_t)n + 1);
	if (nt_tape_begin(t) < 0 || nt_tape_close(t) < 0 || lseek(tape_fd, 0, SEEK_END) < 0 ||
	    write(tape_fd, data, size) != (ssize_t)size)
		abort();
}

static int replay(const struct nt_tool *tool, int argc, char **argv)
{
	void *cfg = calloc(1, tool->cfg_size);
	struct nt_given given = { 0 };
	struct nt_err err = { 0 };
	struct nt_opt_parse p = {
		.table = tool->opts, .cfg = cfg, .cfg_size = tool->cfg_size, .given = &given
	};
	struct nt_run_args args = {
		.tool = tool, .command = tool->words, .cfg = cfg, .given = &given
	};
	int code;

	if (!cfg || nt_opt_parse(&p, argc, argv, &err) < 0)
		abort();
	code = nt_run_tool(&args);
	free(cfg);
	return code;
}

static int call(size_t which)
{
	char words[512], *argv[WORDS_MAX], *save;
	int argc = 0;

	snprintf(words, sizeof(words), "%s %s --replay %s --output %s", calls[which].recorded,
		 calls[which].more, tape_path, out_path);
	for (argv[0] = strtok_r(words, " ", &save); argv[argc];)
		argv[++argc] = strtok_r(NULL, " ", &save);
	return replay(calls[which].of->tool, argc, argv);
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
		write_tape(i, NULL, 0);
		rewind(messages);
		if (call(i) != 1 || fflush(messages) || !strstr(text, "damaged"))
			abort();
	}
	return 0;
}

/* Nothing that a terminal acts on; bars are UTF-8. */
static bool is_plain(const char *s, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((s[i] >= 0 && s[i] < ' ' && s[i] != '\n') || s[i] == 0x7f)
			return false;
	return true;
}

/* The last part of the output is a summary, text or JSON. */
static bool has_summary(size_t which)
{
	off_t size = lseek(out_fd, 0, SEEK_END);
	char *s = calloc(1, (size_t)size + 1);
	bool r;

	if (!s || pread(out_fd, s, (size_t)size, 0) != size || !is_plain(s, (size_t)size))
		abort();
	r = strstr(s, calls[which].of->summary) || strstr(s, "{\"type\":\"summary\"");
	free(s);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t lines = 0, which, i;
	int code;

	if (!size)
		return 0;
	which = data[0] % CALLS;
	write_tape(which, data + 1, size - 1);
	rewind(messages);
	code = call(which);
	fflush(messages);
	for (i = 0; i < text_size; i++)
		lines += text[i] == '\n';
	if (code == 0 ? lines || !has_summary(which) : lines != 1 || has_summary(which))
		abort();
	return 0;
}
