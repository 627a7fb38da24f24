// SPDX-License-Identifier: GPL-2.0-or-later
/* The option parser: spellings, order of rows, legacy programs, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "common_opts.h"
#include "opt.h"

enum { MODE_RX, MODE_TX, MODE_BOTH };

struct cfg {
	struct nt_common common;
	struct nt_flow flow;
	struct nt_names device;
	uint64_t threshold;
	uint64_t slots;
	uint32_t top;
	uint32_t mode;
	uint32_t stack;
	uint32_t queue;
	bool ct;
	bool filter;
	const char *label;
};

#define O(f) offsetof(struct cfg, f)

static const struct nt_opt table[] = {
	{ .name = "device", .letter = 'n', .aliases = "interface,dev,name", .type = NT_OPT_IFACES,
	  .off = O(device), .flags = NT_OPT_POSITIONAL, .help = "device" },
	{ .name = "threshold", .aliases = "latency-us", .type = NT_OPT_DURATION,
	  .off = O(threshold), .unit = "us", .def = "100", .max = "5000000", .help = "least delay" },
	{ .name = "latency-ms", .type = NT_OPT_DURATION, .off = O(threshold), .unit = "ms",
	  .def = "7", .help = "least delay" },
	{ .name = "top", .letter = 't', .type = NT_OPT_U32, .off = O(top), .def = "5", .min = "1",
	  .max = "1000", .help = "rows" },
	{ .name = "slots", .type = NT_OPT_U64, .off = O(slots), .help = "table size" },
	{ .name = "mode", .letter = 'm', .type = NT_OPT_CHOICE, .off = O(mode),
	  .choices = "rx,from-vm|tx,to-vm|both", .def = "both", .help = "direction" },
	{ .name = "stack", .letter = 's', .type = NT_OPT_CHOICE, .off = O(stack),
	  .choices = "false|true", .optdef = "true", .flags = NT_OPT_OPTARG, .help = "stacks" },
	{ .name = "enable-ct", .letter = 'c', .type = NT_OPT_FLAG, .off = O(ct), .help = "ct" },
	{ .name = "normal-filter", .letter = 'f', .type = NT_OPT_FLAG, .off = O(filter),
	  .def = "on", .flags = NT_OPT_NEG, .help = "filter" },
	{ .name = "queue", .letter = 'q', .type = NT_OPT_U32, .off = O(queue), .help = "queue" },
	{ .name = "label", .type = NT_OPT_STRING, .off = O(label), .def = "none",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_EMPTY, .help = "label" },
	{ .name = "old-debug", .type = NT_OPT_FLAG, .off = O(ct), .flags = NT_OPT_HIDDEN,
	  .help = "old spelling" },
	/* Rows of the shared groups with another letter, default or duty. */
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION,
	  .off = O(common.interval_ns), .def = "10", .help = "period" },
	{ .name = "src-ip", .type = NT_OPT_ADDRS, .off = O(flow.src), .help = "sender",
	  .flags = NT_OPT_REQUIRED },
	NT_OPTS_ADDRS(struct cfg, flow),
	NT_OPTS_PORTS(struct cfg, flow),
	NT_OPTS_PROTO(struct cfg, flow),
	NT_OPTS_TRACE(struct cfg, common),
	{ 0 },
};

static const struct nt_legacy old = {
	.name = "old_tool.py",
	.defaults = "--interval 5 -c --label old",
	.aliases = "i=device t=threshold s=src-ip log=log-file n=no-normal-filter",
};

static struct cfg cfg;
static struct nt_given given;
static struct nt_err err;
static int nrest;

#define WORDS_MAX 40

/* Parse a line of words separated by blanks. */
static int run(const struct nt_legacy *legacy, int *rest, const char *line)
{
	static char copy[512], *argv[WORDS_MAX];
	struct nt_opt_parse p = { table, legacy, &cfg, sizeof(cfg), &given, rest };
	char *save = NULL;
	int argc = 0;

	assert_true(strlen(line) < sizeof(copy));
	memcpy(copy, line, strlen(line) + 1);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = w;
	}
	memset(&cfg, 0xa5, sizeof(cfg));
	memset(&err, 0, sizeof(err));
	return nt_opt_parse(&p, argc, argv, &err);
}

/* The same behind what this table requires. */
static void good(const char *line)
{
	char all[600];

	snprintf(all, sizeof(all), "--src-ip 10.0.0.1 %s", line);
	if (run(NULL, NULL, all))
		fail_msg("'%s': %s", all, err.text);
}

static void bad(const char *line, const char *message)
{
	char all[600];

	snprintf(all, sizeof(all), "--src-ip 10.0.0.1 %s", line);
	assert_int_equal(run(NULL, NULL, all), -EINVAL);
	assert_int_equal(err.exit_code, NT_EXIT_USAGE);
	assert_string_equal(err.text, message);
}

static void defaults(void **state)
{
	(void)state;
	good("");
	assert_int_equal(cfg.threshold, 100000); /* of the field's first row */
	assert_int_equal(cfg.top, 5);
	assert_int_equal(cfg.slots, 0);
	assert_int_equal(cfg.mode, MODE_BOTH);
	assert_int_equal(cfg.stack, 0);
	assert_true(cfg.filter);
	assert_false(cfg.ct);
	assert_string_equal(cfg.label, "none");
	assert_int_equal(cfg.common.interval_ns, 10000000000);
	assert_int_equal(cfg.common.ready_fd, UINT32_MAX);
	assert_null(cfg.common.output);
	assert_int_equal(cfg.device.n, 0);
	assert_int_equal(given.n, 1);
	assert_true(nt_opt_given(&given, O(flow.src)));
	assert_false(nt_opt_given(&given, O(top)));
}

static void spellings(void **state)
{
	(void)state;
	good("--top 7 --mode=rx");
	assert_int_equal(cfg.top, 7);
	assert_int_equal(cfg.mode, MODE_RX);
	assert_true(nt_opt_given(&given, O(top)));
	good("-t 8 -mtx");
	assert_int_equal(cfg.top, 8);
	assert_int_equal(cfg.mode, MODE_TX);
	good("-cvt9");
	assert_true(cfg.ct && cfg.common.verbose);
	assert_int_equal(cfg.top, 9);
	good("-cvt 10");
	assert_int_equal(cfg.top, 10);
	good("--mode to-vm --dev r0");
	assert_int_equal(cfg.mode, MODE_TX);
	assert_string_equal(cfg.device.name[0], "r0");
	good("--top 1 --top 2"); /* the last wins */
	assert_int_equal(cfg.top, 2);
	good("--output -"); /* one dash is a word */
	assert_string_equal(cfg.common.output, "-");
	good("--output=--x");
	assert_string_equal(cfg.common.output, "--x");
	good("--latency-ms 2");
	assert_int_equal(cfg.threshold, 2000000);
	good("--old-debug");
	assert_true(cfg.ct);
}

static void every_shared_spelling(void **state)
{
	static const char *const src[] = { "src-ip", "src", "ip-src", "laddr", "local-ip" };
	static const char *const dst[] = { "dst-ip", "dst", "ip-dst", "raddr", "remote-ip" };
	static const char *const sport[] = { "src-port", "l4-src-port", "lport", "local-port" };
	static const char *const dport[] = { "dst-port", "l4-dst-port", "rport", "remote-port" };
	static const char *const proto[] = { "protocol", "proto", "l4-protocol", "ip-proto" };
	char line[80];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		snprintf(line, sizeof(line), "--%s 10.1.1.1 --%s=10.2.2.2", src[i], dst[i]);
		assert_int_equal(run(NULL, NULL, line), 0);
		assert_true(cfg.flow.src.n == 1 && cfg.flow.dst.n == 1);
	}
	for (size_t i = 0; i < 4; i++) {
		snprintf(line, sizeof(line), "--%s 1 --%s=2 --%s tcp", sport[i], dport[i],
			 proto[i]);
		good(line);
		assert_int_equal(cfg.flow.sport.p[0], 1);
		assert_int_equal(cfg.flow.dport.p[0], 2);
		assert_int_equal(cfg.flow.proto, NT_PROTO_TCP);
	}
}

static void abbreviations(void **state)
{
	(void)state;
	good("--thr 3 --to 4 --lab x");
	assert_int_equal(cfg.threshold, 3000);
	assert_int_equal(cfg.top, 4);
	assert_string_equal(cfg.label, "x");
	good("--src 10.0.0.9"); /* an alias in full, although src-port begins with it */
	bad("--s 1", "option '--s' is ambiguous: '--slots' or '--stack'?");
	bad("--src- 1", "option '--src-' is ambiguous: '--src-ip' or '--src-port'?");
	bad("--old", "unknown option '--old'; --help lists the options");
	bad("--latency 1", "option '--latency' is ambiguous: '--latency-us' or '--latency-ms'?");
}

static void flags(void **state)
{
	(void)state;
	good("--no-normal-filter");
	assert_false(cfg.filter);
	good("--no-normal-filter --normal-filter");
	assert_true(cfg.filter);
	bad("--json=yes", "--json takes no value");
	bad("--no-json", "unknown option '--no-json'; did you mean '--json'?");
}

static void optional_value(void **state)
{
	(void)state;
	good("--stack");
	assert_int_equal(cfg.stack, 1);
	good("--stack false --top 1");
	assert_int_equal(cfg.stack, 0);
	good("--stack=false");
	assert_int_equal(cfg.stack, 0);
	good("--stack r0"); /* no value of it: a positional word */
	assert_int_equal(cfg.stack, 1);
	assert_string_equal(cfg.device.name[0], "r0");
	good("-sfalse");
	assert_int_equal(cfg.stack, 0);
	good("--stack --json");
	assert_true(cfg.common.json && cfg.stack == 1);
	bad("--stack=x", "--stack: 'x' is not one of false, true");
}

static void positional(void **state)
{
	(void)state;
	good("r0,r1 lab");
	assert_int_equal(cfg.device.n, 2);
	assert_string_equal(cfg.label, "lab");
	good("lab --device r0"); /* not given by name */
	assert_string_equal(cfg.label, "lab");
	assert_true(nt_opt_given(&given, O(label)));
	good("-- r0 --json");
	assert_string_equal(cfg.label, "--json");
	assert_false(cfg.common.json);
	bad("r0 lab extra", "unexpected argument 'extra'; --help shows what is taken");
	bad("r/0", "IFACE: 'r/0' is not an interface name: no blanks, ':' or '/' in it");
}

/* A word of a script's "$1" that is not set: the default, where the row allows that. */
static void empty_words(void **state)
{
	char device[] = "r0", option[] = "--src-ip", addr[] = "1.2.3.4", empty[] = "";
	char *both[] = { option, addr, device, empty }, *none[] = { option, addr, empty };
	struct nt_opt_parse p = { table, NULL, &cfg, sizeof(cfg), &given, NULL };

	(void)state;
	assert_int_equal(nt_opt_parse(&p, 4, both, &err), 0);
	assert_string_equal(cfg.device.name[0], "r0");
	assert_string_equal(cfg.label, "none");
	assert_true(nt_opt_given(&given, O(label)));
	assert_int_equal(nt_opt_parse(&p, 3, none, &err), -EINVAL);
}

static void further_words(void **state)
{
	char words[] = "a\0b\0--src-ip\0"
		       "1.2.3.4\0c\0--json\0d";
	char *argv[] = {
		words, words + 2, words + 4, words + 13, words + 21, words + 23, words + 30
	};
	struct nt_opt_parse p = { table, NULL, &cfg, sizeof(cfg), NULL, &nrest };

	(void)state;
	assert_int_equal(nt_opt_parse(&p, 7, argv, &err), 0);
	assert_string_equal(cfg.device.name[0], "a");
	assert_string_equal(cfg.label, "b");
	assert_int_equal(nrest, 2);
	assert_string_equal(argv[0], "c");
	assert_string_equal(argv[1], "d");
}

static void first_row_wins(void **state)
{
	(void)state;
	good("-i 2 -q 4"); /* the tool's letters, not the group's */
	assert_int_equal(cfg.common.interval_ns, 2000000000);
	assert_int_equal(cfg.queue, 4);
	assert_false(cfg.common.quiet);
	good("--quiet");
	assert_true(cfg.common.quiet);
	/* The aliases of the covered row reach the one that covers it. */
	assert_int_equal(run(NULL, NULL, "--laddr 10.0.0.1"), 0);
}

static void required(void **state)
{
	(void)state;
	assert_int_equal(run(NULL, NULL, "--json"), -EINVAL);
	assert_int_equal(err.exit_code, NT_EXIT_USAGE);
	assert_string_equal(err.text, "missing: --src-ip ADDR; --help shows examples");
	assert_int_equal(run(NULL, NULL, "--help"), 0);
	assert_true(cfg.common.help);
	assert_int_equal(run(NULL, NULL, "-h"), 0);
}

static void errors(void **state)
{
	(void)state;
	bad("--intreval 5", "unknown option '--intreval'; did you mean '--interval'?");
	bad("--zzzz", "unknown option '--zzzz'; --help lists the options");
	bad("--zzzz=10.0.0.1", "unknown option '--zzzz'; --help lists the options");
	bad("-Z", "unknown option '-Z'; --help lists the options");
	bad("-dst-ip 1.1.1.1", "unknown option '-dst-ip'; did you mean '--dst-ip'?");
	bad("--top", "--top needs a value: N");
	bad("-t", "-t needs a value: N");
	bad("--output --json", "--output needs a value (FILE), but '--json' looks like an option; "
			       "if it is the value, write --output=...");
	bad("--src-ip 10.0.0.300",
	    "--src-ip: '10.0.0.300' is not an IPv4 or IPv6 address or prefix");
	bad("--src 1.2.3.4.5", "--src: '1.2.3.4.5' is not an IPv4 or IPv6 address or prefix");
	bad("--dst-port 70000", "--dst-port: '70000' is not a port: 1-65535");
	bad("--top 0", "--top: '0' is not a whole number from 1 to 1000");
	bad("-t -5", "-t: '-5' is not a whole number from 1 to 1000");
	bad("--mode bth", "--mode: 'bth' is not one of rx, tx, both; did you mean 'both'?");
	bad("--threshold 6s", "--threshold: '6s' is too large: at most 5000000us");
	bad("--top=", "--top: '' is not a whole number from 1 to 1000");
	bad("--=5", "unknown option '--'; --help lists the options");
	bad("-t\x01", "-t: '?' is not a whole number from 1 to 1000");
}

static void long_words(void **state)
{
	char line[400];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	memcpy(line, "--", 2);
	assert_int_equal(run(NULL, NULL, line), -EINVAL);
	assert_true(strlen(err.text) < 120);
	memcpy(line, "--top=", 6);
	assert_int_equal(run(NULL, NULL, line), -EINVAL);
	assert_true(strlen(err.text) < 140);
}

static void legacy(void **state)
{
	(void)state;
	assert_int_equal(run(&old, NULL, "-s 10.0.0.1 -i vnet0 -t 50 --log=f.txt -n"), 0);
	assert_string_equal(cfg.device.name[0], "vnet0");
	assert_int_equal(cfg.threshold, 50000);
	assert_string_equal(cfg.common.log_file, "f.txt");
	assert_false(cfg.filter);
	/* Its defaults count as values, not as given. */
	assert_int_equal(cfg.common.interval_ns, 5000000000);
	assert_true(cfg.ct);
	assert_string_equal(cfg.label, "old");
	assert_false(nt_opt_given(&given, O(common.interval_ns)));
	/* Its single letters work with two dashes; the tool's own names still work. */
	assert_int_equal(run(&old, NULL, "--s 10.0.0.1 --i r1 --interval 9 --top 3"), 0);
	assert_int_equal(cfg.common.interval_ns, 9000000000);
	assert_string_equal(cfg.device.name[0], "r1");
	assert_int_equal(cfg.top, 3);
}

static void legacy_faults(void **state)
{
	static const struct nt_legacy stray = { .name = "x", .defaults = "word" };
	static const struct nt_legacy middle = { .name = "x", .defaults = "--label a --json" };

	(void)state;
	assert_int_equal(run(&stray, NULL, "--src-ip 1.1.1.1"), -EINVAL);
	assert_int_equal(err.exit_code, NT_EXIT_RUNTIME);
	assert_int_equal(run(&middle, NULL, "--src-ip 1.1.1.1"), -EINVAL);
	assert_non_null(strstr(err.text, "must be the last word"));
}

static void flow_check(void **state)
{
	static const struct {
		const char *line;
		bool good;
	} t[] = {
		{ "--dst-ip 10.0.0.2 --protocol tcp --dst-port 80", true },
		{ "--dst-port 80", true },
		{ "--protocol 132 --dst-port 80", true },
		{ "--protocol tcp,udp --src-port 80", true },
		{ "--dst-ip fd00::1", false },
		{ "--protocol icmp --dst-port 80", false },
		{ "--protocol icmp6 --src-port 80", false },
		{ "--protocol 47 --src-port 80", false },
		{ "--protocol 33 --src-port 80", false },
		{ "--protocol 136 --dst-port 80", false },
		{ "--protocol icmp", true },
		{ "--protocol icmp6", false },
		{ "--src-ip fd00::1 --protocol icmp6", true },
		{ "--src-ip fd00::1 --protocol icmp", false },
		{ "--src-ip fd00::1 --protocol icmp,icmp6", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		good(t[i].line);
		assert_int_equal(nt_flow_check(&cfg.flow, &err), t[i].good ? 0 : -EINVAL);
		if (!t[i].good)
			assert_int_equal(err.exit_code, NT_EXIT_USAGE);
	}
}

static int count_rows(const struct nt_opt *o, size_t off, void *arg)
{
	int *n = arg;

	assert_true(off < sizeof(cfg));
	assert_string_not_equal(o->name, "old-debug");
	if (!strcmp(o->name, "interval")) {
		assert_int_equal(o->letter, 'i');
		n[1]++;
	}
	n[0]++;
	return strcmp(o->name, "quiet") ? 0 : 42;
}

static void walk(void **state)
{
	int n[2] = { 0, 0 };

	(void)state;
	assert_int_equal(nt_opt_walk(table, 0, count_rows, n), 42);
	assert_int_equal(n[1], 1);
	assert_true(n[0] > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(spellings),
		cmocka_unit_test(every_shared_spelling),
		cmocka_unit_test(abbreviations),
		cmocka_unit_test(flags),
		cmocka_unit_test(optional_value),
		cmocka_unit_test(positional),
		cmocka_unit_test(empty_words),
		cmocka_unit_test(further_words),
		cmocka_unit_test(first_row_wins),
		cmocka_unit_test(required),
		cmocka_unit_test(errors),
		cmocka_unit_test(long_words),
		cmocka_unit_test(legacy),
		cmocka_unit_test(legacy_faults),
		cmocka_unit_test(flow_check),
		cmocka_unit_test(walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
