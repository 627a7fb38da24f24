// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path merge: what a path tool has recorded on both hosts of a connection, put together:
 * was a packet lost inside the one, inside the other, or between them? It traces nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ends.h"
#include "path_merge.h"
#include "tool.h"

#define O(field) offsetof(struct merge_cfg, field)

static const struct nt_opt merge_opts[] = {
	{ .type = NT_OPT_HEADING, .help = "Recordings" },
	{ .name = "near", .type = NT_OPT_STRING, .off = O(file[0]), .metavar = "FILE",
	  .flags = NT_OPT_REQUIRED | NT_OPT_POSITIONAL,
	  .help = "--json output of the host that is nearer to the sender; called A" },
	{ .name = "far", .type = NT_OPT_STRING, .off = O(file[1]), .metavar = "FILE",
	  .flags = NT_OPT_REQUIRED | NT_OPT_POSITIONAL,
	  .help = "the same of the other host, B; packets in both tell if it is the other way round" },
	{ .name = "max-pending", .type = NT_OPT_U32, .off = O(max_pending), .def = "1000000",
	  .min = "16", .max = "50000000",
	  .help = "packets that may wait for their other half, 130 bytes each; the oldest make room" },
	NT_OPTS_PLAIN(struct merge_cfg, common),
	{ 0 },
};

static const struct nt_example merge_examples[] = {
	{ "path merge host-a.json host-b.json",
	  "recorded at the same time with 'path icmp ... --json --output FILE' on both" },
	{ "path merge --near sender.json --far receiver.json --json", "for a script" },
	{ 0 },
};

static int differ(const struct merge_cfg *c, struct nt_err *err, const char *what, const char *a,
		  const char *b)
{
	char qa[NT_QUOTE_LEN], qb[NT_QUOTE_LEN], va[NT_QUOTE_LEN], vb[NT_QUOTE_LEN];

	return nt_errf(err, NT_EXIT_USAGE, EINVAL,
		       "%s has %s %s, %s has %s: record both with the same addresses and ports",
		       nt_quote(c->file[0], qa), what, a[0] ? nt_quote(a, va) : "any",
		       nt_quote(c->file[1], qb), b[0] ? nt_quote(b, vb) : "any");
}

/* Are they of one tool and one filter? */
static int check(const struct merge_cfg *c, const struct merge_recording *r, struct nt_err *err)
{
	static const char *const tools[] = { "path icmp", "path udp", "path tcp" };
	char q[NT_QUOTE_LEN];

	for (int i = 0; i < 2; i++)
		if (!r[i].begun)
			return nt_errf(err, NT_EXIT_RUNTIME, EBADMSG,
				       "%s: no line in it: was the tool still running?",
				       nt_quote(r[i].path, q));
	if (r[0].proto != r[1].proto)
		return differ(c, err, "the output of", tools[r[0].proto], tools[r[1].proto]);
	if (!r[0].have_start || !r[1].have_start)
		return 0; /* --quiet: nobody knows */
	if (strcmp(r[0].src_ip, r[1].src_ip) != 0)
		return differ(c, err, "--src-ip", r[0].src_ip, r[1].src_ip);
	if (strcmp(r[0].dst_ip, r[1].dst_ip) != 0)
		return differ(c, err, "--dst-ip", r[0].dst_ip, r[1].dst_ip);
	if (strcmp(r[0].src_port, r[1].src_port) != 0)
		return differ(c, err, "--src-port", r[0].src_port, r[1].src_port);
	if (strcmp(r[0].dst_port, r[1].dst_port) != 0)
		return differ(c, err, "--dst-port", r[0].dst_port, r[1].dst_port);
	return 0;
}

/* ev: of each the event that was read last; have: or not, at its end. */
static int join(struct merge_join *j, struct merge_recording *r, struct merge_event *ev, bool *have,
		struct nt_err *err)
{
	unsigned int s;
	int rc;

	while (have[0] || have[1]) {
		s = have[0] && have[1] ? merge_join_behind(j) : !have[0];
		if (merge_join_add(j, s, &ev[s]) < 0)
			return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM,
				       "out of memory: give a smaller --max-pending");
		rc = merge_next(&r[s], &ev[s], err);
		if (rc < 0)
			return rc;
		have[s] = rc > 0;
	}
	merge_join_end(j);
	return 0;
}

/* The data decide who is A; the order of the files only where they say nothing. */
static void decide(struct merge_result *m)
{
	const struct merge_joined *j = m->joined;

	m->by_data = true;
	if (j->votes[0] != j->votes[1]) {
		m->a = j->votes[1] > j->votes[0];
	} else if (m->rec[0].proto != MERGE_ICMP && m->rec[0].all && m->rec[1].all &&
		   !j->alone[0] != !j->alone[1]) {
		/* What passes one host alone was lost behind it. */
		m->a = !j->alone[0];
	} else {
		m->a = 0;
		m->by_data = false;
	}
}

static int run_all(const struct merge_cfg *c, struct merge_recording *r, struct merge_result *m,
		   struct merge_join **join_out, struct nt_err *err)
{
	struct merge_event ev[2];
	bool have[2];
	int rc;

	for (int i = 0; i < 2; i++) {
		rc = merge_open(&r[i], c->file[i], err);
		rc = rc ?: merge_next(&r[i], &ev[i], err);
		if (rc < 0)
			return rc;
		have[i] = rc > 0;
	}
	rc = check(c, r, err);
	if (rc < 0)
		return rc;
	*join_out = merge_join_new(r, c->max_pending);
	if (!*join_out)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	rc = join(*join_out, r, ev, have, err);
	m->rec = r;
	m->joined = merge_join_result(*join_out);
	if (!rc)
		decide(m);
	return rc;
}

static int print(const struct nt_tool *tool, const struct merge_cfg *c,
		 const struct merge_result *m, struct nt_err *err)
{
	struct nt_out_opts o = { .path = c->common.output, .json = c->common.json };
	struct nt_out *out;
	int r = nt_out_open(&o, &out, err);

	if (r < 0)
		return r;
	merge_print(out, m);
	r = nt_output_end(tool->words, out, 0);
	err->exit_code = r;
	return r ? -EIO : 0;
}

static int merge_main(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	struct merge_recording *r = calloc(2, sizeof(*r)); /* 16 histograms */
	struct merge_result m = { 0 };
	struct merge_join *j = NULL;
	struct nt_err err = { 0 };
	int rc, code = 0;

	(void)argc;
	(void)argv;
	if (!r)
		return NT_EXIT_RUNTIME;
	r[0].fd = r[1].fd = -1;
	rc = run_all(cfg, r, &m, &j, &err);
	rc = rc ?: print(tool, cfg, &m, &err);
	if (rc < 0) {
		if (err.text[0])
			fprintf(stderr, "nettrace %s: %s\n", tool->words, err.text);
		code = err.exit_code ? err.exit_code : NT_EXIT_RUNTIME;
	}
	merge_join_free(j);
	merge_close(&r[0]);
	merge_close(&r[1]);
	free(r);
	return code;
}

const struct nt_tool nt_tool_path_merge = {
	.words = "path merge",
	.family = "path",
	.summary = "tell from both hosts' recordings: lost inside the one, the other, or between",
	.side = "any",
	.opts = merge_opts,
	.cfg_size = sizeof(struct merge_cfg),
	.examples = merge_examples,
	.run_plain = merge_main,
};
