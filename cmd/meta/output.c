// SPDX-License-Identifier: GPL-2.0-or-later
/* Output of the plain commands: the same rules as the traced tools have. */
#include <stdio.h>
#include <time.h>

#include "ends.h"
#include "meta.h"
#include "out.h"

int meta_open(const struct nt_tool *tool, const struct meta_cfg *cfg, struct nt_out **out)
{
	struct nt_out_opts o = { .path = cfg->common.output, .json = cfg->common.json };
	struct nt_err err = { 0 };

	if (nt_out_open(&o, out, &err) < 0) {
		fprintf(stderr, "nettrace %s: %s\n", tool->words, err.text);
		return err.exit_code;
	}
	return 0;
}

struct nt_json *meta_json(const struct nt_tool *tool, struct nt_out *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return nt_json_line_of(out, "event", (uint64_t)now.tv_sec * 1000000000ULL + now.tv_nsec,
			       tool->words);
}

int meta_close(const struct nt_tool *tool, struct nt_out *out, int code)
{
	return nt_output_end(tool->words, out, code);
}

int meta_print_text(const struct nt_tool *tool, const struct meta_cfg *cfg, const char *name,
		    const struct nt_buf *text)
{
	struct nt_json *j;
	struct nt_out *out;
	int r;

	if (text->failed) {
		fprintf(stderr, "nettrace %s: out of memory\n", tool->words);
		return NT_EXIT_RUNTIME;
	}
	r = meta_open(tool, cfg, &out);
	if (r)
		return r;
	nt_out_text(out, "%s", nt_buf_str(text));
	j = meta_json(tool, out);
	nt_json_str(j, "name", name);
	nt_json_str(j, "text", nt_buf_str(text));
	nt_json_end_line(j);
	return meta_close(tool, out, 0);
}
