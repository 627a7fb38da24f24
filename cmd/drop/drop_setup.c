// SPDX-License-Identifier: GPL-2.0-or-later
/* Hooks, kernel settings and sizes that the drop tools share. */
#include "drop_tool.h"

#include <errno.h>

/* Distinct stacks of a whole run. */
#define STACKS 16384

const struct nt_hook drop_hooks[] = {
	{ .name = "free", .needed = true,
	  .v = { { NT_TP_BTF, "kfree_skb", "free__tp_btf", NULL, false },
		 { NT_RAW_TP, "kfree_skb", "free__raw_tp", NULL, false } } },
	/* "tcp: add tcp_drop_reason()" (5.18) came with kfree_skb_list_reason(). */
	{ .name = "tcp_drop", .unless = "kfree_skb_list_reason",
	  .without = "TCP-internal drops not shown",
	  .v = { { NT_KPROBE, "tcp_drop", "tcp_drop__kprobe", "sk_buff@1", true } } },
	{ 0 },
};

static uint32_t stored_depth(uint32_t depth)
{
	return depth < NT_STACK_DEPTH_MIN ? NT_STACK_DEPTH_MIN : depth;
}

void drop_settings_fill(struct nt_run *run, const struct nt_flow *flow, uint32_t by, uint32_t depth)
{
	struct drop_kcfg *k = run->kcfg;

	nt_run_set_flow(run, flow);
	k->by = by;
	k->walk = by & DROP_BY_STACK ? NT_STACK_WALKED(stored_depth(depth)) :
				       NT_STACK_PLUMBING + DROP_WRAPPERS;
	k->frames = NT_STACK_STORED(stored_depth(depth));
	if (flow->src.n || flow->dst.n || flow->sport.n || flow->dport.n || flow->proto)
		k->need |= DROP_NEED_FLOW;
}

int drop_base_begin(struct nt_run *run, const char *reason, const struct nt_names *dev,
		    struct nt_err *err)
{
	struct drop_base *base = run->state;
	int r = drop_asked_parse(reason, &base->asked, err);

	if (!r)
		r = nt_run_add_devices(run, dev,
				       &(struct nt_dev_role_of){ "device", NT_ROLE_A, false, true },
				       err);
	if (r < 0)
		return r;
	base->places = drop_places_new();
	return base->places ? 0 : nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
}

int drop_stacks_size(struct nt_run *run, struct bpf_object *obj)
{
	const struct drop_kcfg *k = run->kcfg;
	int r = nt_run_map_entries(obj, "nt_stacks", k->by & DROP_BY_STACK ? STACKS : 1);

	return r ?: nt_run_map_value_size(obj, "nt_stacks", 8 * k->frames);
}

void drop_banner(struct nt_run *run, struct nt_json *j)
{
	bool hidden = drop_places_hidden(drop_places_of(run));

	if (j)
		nt_json_bool(j, "symbols_hidden", hidden);
	else if (hidden)
		nt_out_text(run->out,
			    "  the kernel hides its addresses (kernel.kptr_restrict, CAP_SYSLOG): "
			    "places are numbers, and normal frees are shown\n");
}

uint64_t drop_matching(const struct nt_counters *c)
{
	uint64_t n = c->c[DROP_C_SEEN] - c->c[DROP_C_FILTERED];
	uint32_t i;

	for (i = 0; i < DROP_CLASSES; i++)
		n -= c->c[DROP_C_HIDDEN + i];
	return n;
}

uint64_t drop_losses(struct nt_run *run, const struct nt_counters *c, bool whole,
		     uint64_t unaccounted, struct nt_losses *l)
{
	nt_run_losses(run, c, whole, l);
	nt_loss_add(l, "nested", "drops in interrupts too deep to tell apart", c->c[DROP_C_NESTED]);
	nt_loss_add(l, "unaccounted", "drops seen but in no figure", unaccounted);
	return unaccounted + nt_loss_of(l, "recursion") + nt_loss_of(l, "probe_misses");
}
