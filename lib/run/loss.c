// SPDX-License-Identifier: GPL-2.0-or-later
/* Every place where something can be missed, in every report. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "order.h"
#include "run_internal.h"
#include "stream.h"

void nt_loss_add(struct nt_losses *l, const char *key, const char *text, uint64_t n)
{
	if (l->n < NT_MAX_LOSS)
		l->v[l->n++] = (struct nt_loss){ key, text, n, false };
}

void nt_run_losses(struct nt_run *run, const struct nt_counters *c, struct nt_losses *l)
{
	memset(l, 0, sizeof(*l));
	nt_loss_add(l, "events_lost", "events not delivered (buffer full)", c->c[NT_C_EVENT_LOST]);
	nt_loss_add(l, "table_full", "packets not tracked (table full)", c->c[NT_C_TABLE_FULL]);
	nt_loss_add(l, "evicted", "sessions evicted unfinished", c->c[NT_C_EVICTED]);
	nt_loss_add(l, "header_unread", "packets with unreadable headers",
		    c->c[NT_C_HEADER_UNREAD]);
	nt_loss_add(l, "stack_lost", "stacks not stored", c->c[NT_C_STACK_LOST]);
	nt_loss_add(l, "order_failed", "events lost for want of memory", run->order_failed);
}

/*
 * Hits that the kernel did not pass on because the program was at work on that CPU
 * already. Counted since 5.12 ("bpf: Count the number of times recursion was
 * prevented"); before, nothing was held back at tracepoints.
 */
bool nt_run_recursion(const struct nt_run *run, uint64_t *n)
{
	const uint32_t need = offsetof(struct bpf_prog_info, recursion_misses) + sizeof(uint64_t);
	struct bpf_program *prog;
	struct bpf_prog_info info;

	*n = 0;
	if (run->replay || !run->loaded.obj)
		return false;
	bpf_object__for_each_program(prog, run->loaded.obj)
	{
		uint32_t len = sizeof(info);
		int fd = bpf_program__fd(prog);

		memset(&info, 0, sizeof(info));
		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0 || len < need)
			return false;
		*n += info.recursion_misses;
	}
	return true;
}

void nt_loss_unknown(struct nt_losses *l, const char *key, const char *text)
{
	if (l->n < NT_MAX_LOSS)
		l->v[l->n++] = (struct nt_loss){ key, text, 0, true };
}

void nt_loss_text(struct nt_out *out, const struct nt_losses *l)
{
	const char *sep = "Lost: ";
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		if (!l->v[i].n)
			continue;
		nt_out_text(out, "%s%s %llu", sep, l->v[i].text, (unsigned long long)l->v[i].n);
		sep = ", ";
	}
	if (*sep == ',')
		nt_out_text(out, "\n");
}

void nt_loss_json(struct nt_json *j, const struct nt_losses *l)
{
	uint32_t i;

	nt_json_obj(j, "loss");
	for (i = 0; i < l->n; i++) {
		if (l->v[i].unknown)
			nt_json_null(j, l->v[i].key);
		else
			nt_json_u64(j, l->v[i].key, l->v[i].n);
	}
	nt_json_end(j);
}
