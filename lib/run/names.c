// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of devices that nobody asked for by name: a tool that takes any. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "run_internal.h"

struct taped_name {
	uint32_t ifindex;
	char name[16];
};
#define NAMES_MAX (NT_TAPE_MAX_ENTRY / sizeof(struct taped_name))

static void write_names(struct nt_run *run, struct taped_name *t)
{
	uint32_t i, n = run->ifaces.n < NAMES_MAX ? run->ifaces.n : NAMES_MAX;

	for (i = 0; i < n; i++) {
		t[i].ifindex = run->ifaces.v[i].ifindex;
		memcpy(t[i].name, run->ifaces.v[i].name, sizeof(t[i].name));
	}
	nt_tape_write(run->record, NT_TAPE_DATA, NT_TAPED_NAMES, t, n * sizeof(*t));
}

static int read_names(struct nt_run *run, struct taped_name *t)
{
	uint32_t id, i, n;
	int size = nt_tape_read(run->replay, NT_TAPE_DATA, &id, t, NAMES_MAX * sizeof(*t));

	if (size < 0 || size % sizeof(*t) || id != NT_TAPED_NAMES)
		return -EBADMSG;
	n = (uint32_t)size / sizeof(*t);
	run->ifaces.v = calloc(n ? n : 1, sizeof(*run->ifaces.v));
	if (!run->ifaces.v)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!memchr(t[i].name, 0, sizeof(t[i].name)))
			return -EBADMSG;
		run->ifaces.v[i].ifindex = t[i].ifindex;
		memcpy(run->ifaces.v[i].name, t[i].name, sizeof(t[i].name));
	}
	run->ifaces.n = n;
	return 0;
}

int nt_run_keep_names(struct nt_run *run)
{
	NT_FREE struct taped_name *t = NULL;

	if (!run->record && !run->replay)
		return 0;
	t = calloc(NAMES_MAX, sizeof(*t));
	if (!t)
		return -ENOMEM;
	if (run->replay)
		return read_names(run, t);
	write_names(run, t);
	return 0;
}

const char *nt_run_dev_name(const struct nt_run *run, uint32_t ifindex, char *buf, size_t len)
{
	uint32_t i;

	for (i = 0; i < run->ndevs; i++)
		if (run->dev[i].i.ifindex == ifindex)
			return nt_fmt_name(run->dev[i].i.name, sizeof(run->dev[i].i.name), buf,
					   len);
	for (i = 0; !run->ndevs && i < run->ifaces.n; i++)
		if (run->ifaces.v[i].ifindex == ifindex)
			return nt_fmt_name(run->ifaces.v[i].name, sizeof(run->ifaces.v[i].name),
					   buf, len);
	snprintf(buf, len, "ifindex %u", ifindex);
	return buf;
}
