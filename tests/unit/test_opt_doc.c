// SPDX-License-Identifier: GPL-2.0-or-later
/* What is made of an option table: --help, man page source, table check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "common_opts.h"
#include "help.h"

struct cfg {
	struct nt_common common;
	struct nt_flow flow;
	struct nt_names dev;
	uint64_t timeout, limit;
	uint32_t mode, group, stack, top;
	bool filter, hidden;
};

#define O(f) offsetof(struct cfg, f)

static const struct nt_opt table[] = {
	{ .name = "src-ip", .letter = 's', .type = NT_OPT_ADDRS, .off = O(flow.src),
	  .flags = NT_OPT_REQUIRED, .help = "sender of the echo request" },
	{ .name = "device", .letter = 'n', .aliases = "interface,dev", .type = NT_OPT_IFACES,
	  .off = O(dev), .flags = NT_OPT_POSITIONAL, .help = "only this device" },
	{ .name = "timeout-ms", .type = NT_OPT_DURATION, .off = O(timeout), .unit = "ms",
	  .def = "1000", .min = "1", .max = "60000",
	  .help = "a packet that was not seen again after so long a time counts as a lost one" },
	{ .name = "latency-us", .type = NT_OPT_DURATION, .off = O(limit), .unit = "us",
	  .help = "show packets at least this late, 0: all" },
	{ .name = "direction", .type = NT_OPT_CHOICE, .off = O(mode), .def = "both",
	  .choices = "rx,from-vm|tx,to-vm|both", .help = "rx: the guest sends" },
	{ .name = "group-by", .type = NT_OPT_CHOICE, .off = O(group), .def = "stack",
	  .choices = "all|stack|fivetuple|reason|device|location", .help = "what makes a row" },
	{ .name = "stack", .type = NT_OPT_CHOICE, .off = O(stack), .choices = "false|true",
	  .optdef = "true", .flags = NT_OPT_OPTARG, .help = "show 'stacks' with \\ and \"x\"" },
	{ .name = "normal-filter", .type = NT_OPT_FLAG, .off = O(filter), .def = "on",
	  .flags = NT_OPT_NEG, .help = ".hide frees" },
	{ .name = "old-name", .type = NT_OPT_FLAG, .off = O(hidden), .flags = NT_OPT_HIDDEN,
	  .help = "old" },
	{ .type = NT_OPT_HEADING, .help = "Rows" },
	{ .name = "top", .type = NT_OPT_U32, .off = O(top), .def = "5", .help = "show N rows" },
	NT_OPTS_ADDRS(struct cfg, flow),
	NT_OPTS_PORTS(struct cfg, flow),
	NT_OPTS_TRACE(struct cfg, common),
	{ 0 },
};

static const struct nt_example examples[] = {
	{ "path icmp --src-ip 10.0.0.1 --device r0 --timeout-ms 500 --group-by location --top 20",
	  "lost pings" },
	{ "path icmp --src-ip fd00::1 r0", "the same for IPv6" },
	{ 0 },
};

static const struct nt_legacy legacy[] = {
	{ "icmp_path_tracer.py", "--top 3", "d=device log=log-file", "rows are old ones" },
	{ "icmp_drop_detector.py", NULL, "json=top", NULL },
	{ 0 },
};

static const struct nt_doc doc = {
	.words = "path icmp", .summary = "loss and delay of ICMP", .family = "path", .side = "host",
	.opts = table, .examples = examples, .legacy = legacy, .cfg_size = sizeof(struct cfg),
};

static void has(const struct nt_buf *b, const char *text)
{
	if (!strstr(nt_buf_str(b), text))
		fail_msg("no '%s' in:\n%s", text, nt_buf_str(b));
}

static void has_not(const struct nt_buf *b, const char *text)
{
	if (strstr(nt_buf_str(b), text))
		fail_msg("'%s' in:\n%s", text, nt_buf_str(b));
}

static void widths(const struct nt_buf *b, size_t most)
{
	const char *s = nt_buf_str(b);

	while (*s) {
		size_t n = strcspn(s, "\n");

		if (n > most)
			fail_msg("%zu columns: %.*s", n, (int)n, s);
		if (n && s[n - 1] == ' ')
			fail_msg("blank at the end: %.*s", (int)n, s);
		s += n + (s[n] == '\n');
	}
}

static void help(void **state)
{
	struct nt_buf b = { 0 };

	(void)state;
	nt_help(&b, &doc);
	assert_false(b.failed);
	widths(&b, NT_HELP_WIDTH);
	has(&b, "Usage: nettrace path icmp --src-ip ADDR [OPTION]... [IFACE]\n");
	has(&b, "Loss and delay of ICMP. Runs on a virtualisation host.\n");
	has(&b, "  -s, --src-ip ADDR           sender of the echo request (required)\n");
	has(&b, "(1-60000ms; default\n                              1000ms)\n");
	has(&b, "at least this late, 0: all (in us)\n");
	has(&b, "--direction rx|tx|both");
	has(&b, "(all, stack, fivetuple, reason,\n");
	has(&b, "--stack[=false|true]");
	has(&b, "(alone: true)");
	has(&b, "--[no-]normal-filter");
	has(&b, "\nRows:\n      --top N                 show N rows (default 5)\n");
	has(&b, "\nFilter:\n      --dst-ip ADDR");
	has(&b, "\nCommon options:\n  -h, --help");
	has(&b, "Times take a unit");
	has(&b, "  nettrace path icmp --src-ip 10.0.0.1 --device r0 --timeout-ms 500 \\\n"
		"      --group-by location --top 20\n        lost pings\n");
	has(&b, "icmp_path_tracer.py, icmp_drop_detector.py.\n");
	has(&b, "Manual: nettrace-path(8)\n");
	has_not(&b, "old-name");
	has_not(&b, "4294967295");
	nt_buf_free(&b);
}

/* Under a legacy name: its letters, what it calls otherwise, its defaults. */
static void help_as(void **state)
{
	struct nt_doc as = doc;
	struct nt_buf b = { 0 };

	(void)state;
	as.as = &legacy[0];
	nt_help(&b, &as);
	widths(&b, NT_HELP_WIDTH);
	has(&b, "Usage: nettrace path icmp --src-ip ADDR [OPTION]... [IFACE]\n");
	has(&b, "\nAs icmp_path_tracer.py:\n"
		"  -d                          --device\n"
		"  --log                       --log-file\n"
		"  Defaults                    --top 3\n"
		"  Note                        rows are old ones\n\nOptions:\n");
	has(&b, "      --log-file FILE");
	nt_buf_reset(&b);
	/* What leads elsewhere is not shown as what it is not; its letter is free. */
	as.as = &legacy[1];
	nt_help(&b, &as);
	has(&b, "\nAs icmp_drop_detector.py:\n  --json                      --top\n");
	has_not(&b, "write JSON");
	has(&b, "      --top N ");
	nt_buf_free(&b);
}

/* A letter of the legacy program stands where it leads to. */
static void help_as_letter(void **state)
{
	static const struct nt_legacy old = { .name = "x.py", .aliases = "n=top q=mode" };
	static const struct nt_opt rows[] = {
		{ .name = "device",
		  .letter = 'n',
		  .type = NT_OPT_IFACES,
		  .off = O(dev),
		  .help = "only this device" },
		{ .name = "top", .type = NT_OPT_U32, .off = O(top), .help = "show N rows" },
		{ .name = "mode", .letter = 'm', .type = NT_OPT_U32, .off = O(mode), .help = "how" },
		{ 0 },
	};
	struct nt_doc as = { .words = "x", .summary = "y", .opts = rows, .as = &old };
	struct nt_buf b = { 0 };

	(void)state;
	nt_help(&b, &as);
	has(&b, "      --device IFACE");
	has(&b, "  -n, --top N ");
	has(&b, "  -m, --mode N ");
	nt_buf_free(&b);
}

static void command_list(void **state)
{
	static const struct nt_doc docs[] = {
		{ .words = "path icmp", .summary = "loss of ICMP" },
		{ .words = "path tcp", .summary = "loss of TCP" },
		{ .words = "pathology", .summary = "other" },
		{ .words = "vm latency details",
		  .summary = "one record a packet with the time of each of its steps, in order" },
	};
	struct nt_buf b = { 0 };

	(void)state;
	nt_help_commands(&b, docs, 4, "");
	widths(&b, NT_HELP_WIDTH);
	has(&b, "  path icmp           loss of ICMP\n");
	nt_buf_reset(&b);
	nt_help_commands(&b, docs, 4, "path");
	assert_string_equal(nt_buf_str(&b),
			    "  path icmp  loss of ICMP\n  path tcp   loss of TCP\n");
	nt_buf_free(&b);
}

/* Each control line is a macro that the page uses; what stands in text is escaped. */
static void man_lines(const struct nt_buf *b)
{
	static const char *const macros[] = { ".SS ",  ".PP\n", ".TP\n", ".RS 4\n",
					      ".RE\n", ".EX\n", ".EE\n", ".BR " };
	const char *s = nt_buf_str(b);

	for (; *s; s = strchr(s, '\n') + 1) {
		bool known = s[0] != '.';

		assert_non_null(strchr(s, '\n'));
		assert_true(s[0] != '\'' && s[0] != '\n');
		for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
			known = known || !strncmp(s, macros[i], strlen(macros[i]));
		if (!known)
			fail_msg("control line: %.40s", s);
	}
}

static void man_command(void **state)
{
	struct nt_buf b = { 0 };

	(void)state;
	nt_doc_man_command(&b, &doc);
	assert_false(b.failed);
	man_lines(&b);
	has(&b,
	    ".SS nettrace path icmp\n\\fBnettrace path icmp\\fR\n\\fB\\-\\-src\\-ip\\fR \\fIADDR");
	has(&b, "Loss and delay of ICMP.\nRuns on a virtualisation host.\n");
	has(&b, ".TP\n\\fB\\-s\\fR, \\fB\\-\\-src\\-ip\\fR \\fIADDR\\fR\n"
		"sender of the echo request (required); also \\-\\-src, \\-\\-ip\\-src,\n");
	has(&b, "show \\(aqstacks\\(aq with \\e and \\(dqx\\(dq");
	has(&b, "\\fB\\-\\-\\fR[\\fBno\\-\\fR]\\fBnormal\\-filter\\fR\n\\&.hide frees");
	has(&b, "\\fIFilter\\fR:\n");
	has(&b, ".BR nettrace (8).\n");
	has(&b, "lost pings:\n.PP\n.RS 4\n.EX\nnettrace path icmp");
	has(&b, "icmp_path_tracer.py, icmp_drop_detector.py.\n"
		".TP\n\\fBicmp_path_tracer.py\\fR\n\\-d is \\-\\-device; \\-\\-log is "
		"\\-\\-log\\-file; defaults: ");
	has(&b, "\n.TP\n\\fBicmp_drop_detector.py\\fR\n\\-\\-json is \\-\\-top\n");
	has_not(&b, "ready\\-fd");
	has_not(&b, "old\\-name");
	nt_buf_free(&b);
}

static void man_options(void **state)
{
	static const struct nt_doc common = { .words = "",
					      .opts = nt_opts_trace,
					      .cfg_size = sizeof(struct nt_common) };
	struct nt_buf b = { 0 };

	(void)state;
	nt_doc_man_options(&b, &doc);
	man_lines(&b);
	has(&b, ".SS Rows\n.TP\n\\fB\\-\\-top\\fR \\fIN\\fR\nshow N rows (default 5)\n");
	has(&b, "ready\\-fd");
	nt_buf_reset(&b);
	nt_doc_man_options(&b, &common); /* one heading: none is shown */
	has_not(&b, ".SS");
	has(&b, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n");
	nt_buf_free(&b);
}

static void sound_tables(void **state)
{
	struct nt_err err = { 0 };

	(void)state;
	if (nt_opt_table_check(table, legacy, sizeof(struct cfg), &err))
		assert_string_equal(err.text, "option --normal-filter: ...");
	assert_int_equal(nt_opt_table_check(nt_opts_plain, NULL, sizeof(struct nt_common), &err),
			 0);
}

#define ROW(...)                                                                    \
	{                                                                           \
		.name = "abc", .type = NT_OPT_U32, .help = "some help", __VA_ARGS__ \
	}

/* Later initialisers replace those of ROW: that is what the table is made of. */
#pragma GCC diagnostic push
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
static void broken_tables(void **state)
{
	static const struct {
		struct nt_opt o;
		const char *why;
	} t[] = {
		{ ROW(.help = NULL), "no help" },
		{ ROW(.help = "ends with a stop."), "full stop" },
		{ ROW(.help = "Begins big"), "capital" },
		{ ROW(.help = "tab\tinside"), "plain ASCII" },
		{ ROW(.help = "0123456789012345678901234567890123456789012345678901234567890123456789"
			      "0123456789012345678901234567890123456789"),
		  "too long" },
		{ ROW(.name = "Abc"), "bad name" },
		{ ROW(.name = "a--b"), "bad name" },
		{ ROW(.name = "ab-"), "bad name" },
		{ ROW(.aliases = "x,"), "bad name" },
		{ ROW(.aliases = "new,abc"), "a spelling twice" },
		{ ROW(.off = 62), "outside the settings" },
		{ ROW(.off = SIZE_MAX), "outside the settings" },
		{ ROW(.letter = '-'), "the letter" },
		{ ROW(.def = "x"), "default does not parse" },
		{ ROW(.def = "11", .max = "10"), "default does not parse" },
		{ ROW(.min = "x"), "bad min" },
		{ ROW(.max = "4294967296"), "bad max" },
		{ ROW(.min = "5", .max = "4"), "min above max" },
		{ ROW(.unit = "ms"), "bad unit" },
		{ ROW(.type = NT_OPT_DURATION, .unit = "days"), "bad unit" },
		{ ROW(.type = NT_OPT_PORTS, .max = "9"), "limits of a type" },
		{ ROW(.type = NT_OPT_CHOICE), "choices" },
		{ ROW(.choices = "a|b"), "choices" },
		{ ROW(.type = NT_OPT_CHOICE, .choices = "a|b|a"), "a choice twice" },
		{ ROW(.type = NT_OPT_CHOICE, .choices = "a|"), "empty or long choice" },
		{ ROW(.flags = NT_OPT_NEG), "is for flags" },
		{ ROW(.flags = NT_OPT_OPTARG), "go together" },
		{ ROW(.optdef = "1"), "go together" },
		{ ROW(.type = NT_OPT_FLAG, .flags = NT_OPT_POSITIONAL), "a flag takes no value" },
		{ ROW(.flags = NT_OPT_REQUIRED | NT_OPT_HIDDEN), "required and hidden" },
		{ ROW(.type = NT_OPT_GROUP), "bad group" },
		{ ROW(.type = (enum nt_opt_type)99), "no such type" },
	};
	struct nt_opt one[2] = { 0 };
	struct nt_err err;

	(void)state;
	one[0] = (struct nt_opt)ROW();
	assert_int_equal(nt_opt_table_check(one, NULL, 64, &err), 0);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		one[0] = t[i].o;
		memset(&err, 0, sizeof(err));
		if (!nt_opt_table_check(one, NULL, 64, &err) || !strstr(err.text, t[i].why))
			fail_msg("%zu: not '%s': '%s'", i, t[i].why, err.text);
	}
}

static void broken_pairs(void **state)
{
	static const struct nt_opt name[] = { ROW(), ROW(), { 0 } };
	static const struct nt_opt letter[] = { ROW(.letter = 'a'),
						ROW(.name = "xyz", .letter = 'a'),
						{ 0 } };
	static const struct nt_opt alias[] = { ROW(.aliases = "xyz"), ROW(.name = "xyz"), { 0 } };
	static const struct nt_opt shared[] = { ROW(.letter = 'a'), { 0 } };
	static const struct nt_opt covered[] = { ROW(.letter = 'a'),
						 { .type = NT_OPT_GROUP, .group = shared },
						 { 0 } };
	static const struct nt_opt hides[] = { ROW(.name = "xyz", .aliases = "abc"),
					       { .type = NT_OPT_GROUP, .group = shared },
					       { 0 } };
	struct nt_opt loop[2] = { { .type = NT_OPT_GROUP }, { 0 } };
	struct nt_opt many[NT_OPT_ROWS + 2] = { 0 };
	struct nt_err err;

	(void)state;
	assert_int_equal(nt_opt_table_check(name, NULL, 64, &err), -EINVAL);
	assert_int_equal(nt_opt_table_check(letter, NULL, 64, &err), -EINVAL);
	assert_int_equal(nt_opt_table_check(alias, NULL, 64, &err), -EINVAL);
	assert_int_equal(nt_opt_table_check(covered, NULL, 64, &err), 0);
	assert_int_equal(nt_opt_table_check(hides, NULL, 64, &err), -EINVAL);
	loop[0].group = loop;
	assert_int_equal(nt_opt_walk(loop, 0, NULL, NULL), -EINVAL);
	for (size_t i = 0; i < NT_OPT_ROWS + 1; i++)
		many[i] = shared[0];
	assert_int_equal(nt_opt_walk(many, 0, NULL, NULL), -EINVAL);
}
#pragma GCC diagnostic pop

static void broken_legacy(void **state)
{
	static const struct nt_legacy bad[][2] = {
		{ { .name = "x.py", .aliases = "d=nothing" }, { 0 } },
		{ { .name = "x.py", .aliases = "d" }, { 0 } },
		{ { .name = "x.py", .aliases = "=device" }, { 0 } },
		{ { .name = "x.py", .defaults = "--top x" }, { 0 } },
		{ { .name = "x.py", .defaults = "--nothing 5" }, { 0 } },
		{ { .name = "x.py", .defaults = "word" }, { 0 } },
	};
	struct nt_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_equal(nt_opt_table_check(table, bad[i], sizeof(struct cfg), &err),
				 -EINVAL);
		assert_memory_equal(err.text, "x.py: ", 6);
	}
}

static void growing(void **state)
{
	struct nt_buf b = { 0 };

	(void)state;
	assert_string_equal(nt_buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		nt_buf_add(&b, "%d,", i);
	assert_int_equal(b.n, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(strlen(nt_buf_str(&b)), b.n);
	assert_memory_equal(nt_buf_str(&b) + b.n - 9, ",998,999,", 9);
	nt_buf_reset(&b);
	nt_buf_fill(&b, 'x', 3);
	nt_buf_addc(&b, 'y');
	nt_buf_addn(&b, "zabc", 1);
	nt_buf_adds(&b, "");
	assert_string_equal(nt_buf_str(&b), "xxxyz");
	nt_buf_addn(&b, "x", SIZE_MAX / 2); /* refused before it is read */
	assert_true(b.failed);
	nt_buf_adds(&b, "more");
	assert_string_equal(nt_buf_str(&b), "xxxyz");
	nt_buf_free(&b);
	assert_string_equal(nt_buf_str(&b), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help),         cmocka_unit_test(command_list),
		cmocka_unit_test(help_as),      cmocka_unit_test(help_as_letter),
		cmocka_unit_test(man_command),  cmocka_unit_test(man_options),
		cmocka_unit_test(sound_tables), cmocka_unit_test(broken_tables),
		cmocka_unit_test(broken_pairs), cmocka_unit_test(broken_legacy),
		cmocka_unit_test(growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
