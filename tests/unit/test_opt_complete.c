// SPDX-License-Identifier: GPL-2.0-or-later
/* Completion candidates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common_opts.h"
#include "complete.h"

struct cfg {
	struct nt_common common;
	struct nt_flow flow;
	struct nt_names dev;
	uint32_t mode, stack, shell;
	bool filter, old;
	const char *reason, *dir;
};

#define O(f) offsetof(struct cfg, f)

static const struct nt_opt tool[] = {
	{ .name = "device", .letter = 'n', .aliases = "interface", .type = NT_OPT_IFACES,
	  .off = O(dev), .help = "device" },
	{ .name = "direction", .letter = 'm', .type = NT_OPT_CHOICE, .off = O(mode),
	  .choices = "rx,from-vm|tx|both", .help = "direction" },
	{ .name = "stack", .type = NT_OPT_CHOICE, .off = O(stack), .choices = "false|true",
	  .optdef = "true", .flags = NT_OPT_OPTARG, .help = "stacks" },
	{ .name = "normal-filter", .letter = 'f', .type = NT_OPT_FLAG, .off = O(filter),
	  .flags = NT_OPT_NEG, .help = "filter" },
	{ .name = "reason", .type = NT_OPT_STRING, .off = O(reason), .metavar = "REASON[,REASON]",
	  .help = "reason" },
	{ .name = "old", .type = NT_OPT_FLAG, .off = O(old), .flags = NT_OPT_HIDDEN, .help = "old" },
	NT_OPTS_PROTO(struct cfg, flow),
	NT_OPTS_PORTS(struct cfg, flow),
	NT_OPTS_TRACE(struct cfg, common),
	{ 0 },
};

static const struct nt_opt shell[] = {
	{ .name = "shell", .type = NT_OPT_CHOICE, .off = O(shell), .choices = "bash|zsh|fish",
	  .flags = NT_OPT_POSITIONAL, .help = "shell" },
	{ .name = "dir", .type = NT_OPT_STRING, .off = O(dir), .metavar = "DIR",
	  .flags = NT_OPT_POSITIONAL, .help = "folder" },
	{ .name = "files", .type = NT_OPT_STRING, .off = O(dir), .metavar = "FILE[,FILE]",
	  .help = "files" },
	{ .name = "kind", .type = NT_OPT_STRING, .off = O(dir), .metavar = "one|two",
	  .help = "kind" },
	{ .name = "for", .type = NT_OPT_STRING, .off = O(dir), .metavar = "COMMAND",
	  .help = "command" },
	{ 0 },
};

static const struct nt_opt doctor[] = {
	{ .name = "command", .type = NT_OPT_STRING, .off = O(reason), .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL, .help = "first word" },
	{ .name = "word2", .type = NT_OPT_STRING, .off = O(dir), .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN, .help = "second word" },
	{ 0 },
};

static const struct nt_opt none[] = { { 0 } };

static const struct nt_doc docs[] = {
	{ .words = "path icmp", .summary = "loss of ICMP", .opts = tool },
	{ .words = "path tcp", .summary = "loss of TCP", .opts = tool },
	{ .words = "drop summary", .summary = "where packets are dropped", .opts = tool },
	{ .words = "completion", .summary = "shell glue", .opts = shell },
	{ .words = "help", .summary = "help", .opts = none, .rest = "COMMAND" },
	{ .words = "btf build", .summary = "make a file", .opts = none, .rest = "FILE" },
	{ .words = "doctor", .summary = "what works", .opts = doctor },
};

static void names(const char *metavar, void (*add)(void *to, const char *name), void *to)
{
	if (!strcmp(metavar, "IFACE")) {
		add(to, "eth0");
		add(to, "eth1");
		add(to, "lo");
	} else if (!strcmp(metavar, "REASON[,REASON]")) {
		add(to, "NO_SOCKET");
		add(to, "TCP_CSUM");
	} else if (!strcmp(metavar, "NETNS")) {
		add(to, "blue");
	}
}

static struct nt_buf out;

#define MAX_WORDS 12

/* Words are divided by one blank; a blank at the end means an empty last word. */
static const char *complete(const char *line)
{
	struct nt_complete c = { docs, sizeof(docs) / sizeof(docs[0]), names };
	const char *words[MAX_WORDS];
	static char copy[200];
	int n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = copy; p; n++) {
		char *end = strchr(p, ' ');

		assert_true(n < MAX_WORDS);
		words[n] = p;
		if (end)
			*end = '\0';
		p = end ? end + 1 : NULL;
	}
	nt_buf_reset(&out);
	nt_complete(&c, n, words, &out);
	assert_false(out.failed);
	return nt_buf_str(&out);
}

#define IS(line, want) assert_string_equal(complete(line), want)

static bool offers(const char *line, const char *candidate)
{
	const char *s = complete(line);
	size_t n = strlen(candidate);

	for (; s && *s; s = strchr(s, '\n') + 1) {
		if (!strncmp(s, candidate, n) && (s[n] == '\t' || s[n] == '\n'))
			return true;
	}
	return false;
}

static void commands(void **state)
{
	(void)state;
	IS("", "path\ndrop\ncompletion\tshell glue\nhelp\thelp\nbtf\ndoctor\twhat works\n");
	IS("pa", "path\n");
	IS("path ", "icmp\tloss of ICMP\ntcp\tloss of TCP\n");
	IS("path t", "tcp\tloss of TCP\n");
	IS("drop sum", "summary\twhere packets are dropped\n");
	IS("nothing ", "");
	IS("path nothing ", "");
	IS("help ", "path\ndrop\ncompletion\tshell glue\nhelp\thelp\nbtf\ndoctor\twhat works\n");
	IS("help path i", "icmp\tloss of ICMP\n");
	IS("doctor pa", "path\n");
	IS("doctor path t", "tcp\tloss of TCP\n");
	IS("doctor drop path", "");
}

static void options(void **state)
{
	(void)state;
	assert_true(offers("path icmp -", "--device"));
	assert_true(offers("path icmp --", "--json"));
	assert_true(offers("path icmp ", "--direction")); /* no positional words */
	IS("path icmp --dev", "--device\tdevice\n");
	IS("path icmp --inter",
	   "--interval\ttime between reports, 0: only the summary at the end\n");
	IS("path icmp --interf", "--interface\tdevice\n"); /* an alias, when no name fits */
	IS("path icmp --no-n", "--no-normal-filter\tfilter\n");
	assert_false(offers("path icmp --", "--old"));
	IS("path icmp --ol", "");
	/* Once is enough. */
	assert_false(offers("path icmp --device lo --", "--device"));
	assert_true(offers("path icmp --device lo --", "--direction"));
	assert_false(offers("path icmp -n lo --", "--device"));
	IS("path icmp -- --dev", "");
}

static void values(void **state)
{
	(void)state;
	IS("path icmp --device ", "eth0\neth1\nlo\n");
	IS("path icmp --device e", "eth0\neth1\n");
	IS("path icmp --device eth0,", "eth0,eth1\neth0,lo\n");
	IS("path icmp --device eth0,lo,e", "eth0,lo,eth1\n");
	IS("path icmp --device=eth0,l", "--device=eth0,lo\n");
	IS("path icmp --interface=l", "--interface=lo\n");
	IS("path icmp -n l", "lo\n");
	IS("path icmp -fn l", "lo\n");
	IS("path icmp --direction ", "rx\ntx\nboth\n");
	IS("path icmp --direction=b", "--direction=both\n");
	IS("path icmp --stack=", "--stack=false\n--stack=true\n");
	IS("path icmp --protocol ", "tcp\nudp\nicmp\nicmp6\nall\n");
	IS("path icmp --proto tcp,", "tcp,udp\ntcp,icmp\ntcp,icmp6\n");
	IS("path icmp --reason N", "NO_SOCKET\n");
	IS("path icmp --reason NO_SOCKET,", "NO_SOCKET,TCP_CSUM\n");
	IS("path icmp --netns ", "blue\n");
	IS("path icmp --output ", ":files\n");
	IS("path icmp --output=x", ":files\n");
	IS("path icmp --dst-port ", "");
	IS("path icmp --nothing=", "");
	IS("path icmp --device --direction r", ""); /* it was a value */
	IS("path icmp -n", "");
}

static void positional(void **state)
{
	(void)state;
	IS("completion ", "bash\nzsh\nfish\n");
	IS("completion b", "bash\n");
	IS("completion bash ", ":dirs\n");
	IS("completion bash x --s", ""); /* a word has taken its place */
	IS("completion --shell zsh ", ":dirs\n");
	IS("completion --files a", ":files\n");
	IS("completion --kind t", "two\n");
	IS("completion --for pa", "path\n");
	IS("btf build ", ":files\n");
	IS("btf build a b c", ":files\n");
}

static void no_words(void **state)
{
	struct nt_complete c = { docs, 2, NULL };
	const char *words[] = { "path", "icmp", "--device", "" };

	(void)state;
	nt_buf_reset(&out);
	nt_complete(&c, 0, NULL, &out);
	assert_string_equal(nt_buf_str(&out), "path\n");
	nt_buf_reset(&out);
	nt_complete(&c, 4, words, &out);
	assert_string_equal(nt_buf_str(&out), "");
}

static int free_out(void **state)
{
	(void)state;
	nt_buf_free(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),   cmocka_unit_test(options),  cmocka_unit_test(values),
		cmocka_unit_test(positional), cmocka_unit_test(no_words),
	};

	return cmocka_run_group_tests(tests, NULL, free_out);
}
