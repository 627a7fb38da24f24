// SPDX-License-Identifier: GPL-2.0-or-later
/* The files that a run writes and reads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "ends.h"
#include "run_internal.h"

/* One file by two names, or one that is not there yet by the same. */
static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (stat(a, &x) || stat(b, &y))
		return !strcmp(a, b);
	return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* What is written would destroy what is read, or what else is written. */
static int check_names(const struct nt_common *c, struct nt_err *err)
{
	const struct {
		const char *option, *path;
	} written[] = { { "--output", c->output },
			{ "--log-file", c->log_file },
			{ "--record", c->record } },
	  other[] = { { "--record", c->record }, { "--replay", c->replay }, { "--btf", c->btf } };
	size_t i, j;

	for (i = 0; i < NT_ARRAY_SIZE(written); i++) {
		for (j = 0; j < NT_ARRAY_SIZE(other); j++) {
			if (written[i].path && other[j].path &&
			    strcmp(written[i].option, other[j].option) != 0 &&
			    same_file(written[i].path, other[j].path))
				return nt_errf(err, NT_EXIT_USAGE, EINVAL,
					       "%s and %s are both '%s': name two files",
					       written[i].option, other[j].option, other[j].path);
		}
	}
	return 0;
}

int nt_files_check(const struct nt_run *run, struct nt_err *err)
{
	int r = nt_ready_check(run->common->ready_fd, err);

	return r ?: check_names(run->common, err);
}

int nt_files_tapes(struct nt_run *run, struct nt_err *err)
{
	const struct nt_common *c = run->common;
	int r = 0;

	if (c->record && c->replay)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--record and --replay exclude each other: choose one");
	if (c->record)
		r = nt_tape_create(c->record, run->tool->words, &run->record, err);
	if (c->replay)
		r = nt_tape_open(c->replay, run->tool->words, &run->replay, err);
	return r ?: nt_taped_settings(run, err);
}

/* A locale that is set, and not one of UTF-8: blocks would come out as three signs each. */
static bool plain_locale(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *v;
	size_t i;

	for (i = 0; i < NT_ARRAY_SIZE(names); i++) {
		v = getenv(names[i]);
		if (v && *v)
			return !strcasestr(v, "utf-8") && !strcasestr(v, "utf8");
	}
	return false;
}

int nt_files_output(struct nt_run *run, struct nt_err *err)
{
	const struct nt_common *c = run->common;
	struct nt_out_opts o = { .path = c->output,
				 .log_path = c->log_file,
				 .max_size = c->output_size,
				 .stop_fd = run->stop_fd,
				 .json = c->json,
				 .ascii = c->ascii || plain_locale() };

	return nt_out_open(&o, &run->out, err);
}
