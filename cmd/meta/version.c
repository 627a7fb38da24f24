// SPDX-License-Identifier: GPL-2.0-or-later
/* version: of nettrace, of libbpf, and of the running kernel. */
#include <bpf/libbpf.h>

#include "meta.h"
#include "out.h"
#include "procfs.h"

static int version_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	char release[NT_RELEASE_LEN];
	struct nt_json *j;
	struct nt_out *out;
	int r = meta_open(tool, cfg, &out);

	(void)argc;
	(void)argv;
	if (r)
		return r;
	nt_kernel_release(release);
	nt_out_text(out, "nettrace %s (libbpf %s, kernel %s)\n", NT_VERSION,
		    libbpf_version_string(), release);
	j = meta_json(tool, out);
	nt_json_str(j, "version", NT_VERSION);
	nt_json_str(j, "libbpf", libbpf_version_string());
	nt_json_str(j, "kernel", release);
	nt_json_end_line(j);
	return meta_close(tool, out, 0);
}

static const struct nt_opt version_opts[] = {
	NT_OPTS_PLAIN(struct meta_cfg, common),
	{ 0 },
};

static const struct nt_example version_examples[] = {
	{ "version", "version of nettrace, libbpf and the kernel" },
	{ "version --json", "the same for scripts" },
	{ 0 },
};

const struct nt_tool nt_tool_meta_version = {
	.words = "version",
	.family = "nettrace",
	.summary = "show the version",
	.side = "any",
	.opts = version_opts,
	.cfg_size = sizeof(struct meta_cfg),
	.examples = version_examples,
	.run_plain = version_run,
};
