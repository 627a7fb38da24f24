// SPDX-License-Identifier: GPL-2.0-or-later
/* The vm tools: directions and stages in words. */
#include <stdio.h>
#include <string.h>

#include "vm_tool.h"

static const struct {
	const char *hook;
	const char *name[VM_DIRS];
	const char *old_name[VM_DIRS];
	uint8_t old_number[VM_DIRS];
} stages[] = {
#define S(id, hook, from, to, old_from, n_from, old_to, n_to) \
	{ hook, { from, to }, { old_from, old_to }, { n_from, n_to } },
#include "vm_stages.def"
#undef S
};

const char *vm_stage_name(const struct nt_run *run, uint32_t dir, uint32_t stage)
{
	dir &= 1;
	/* Conntrack is only there when it was asked for. */
	if (!run->legacy || stage == VM_CT || stage == VM_CT_OUT)
		return stages[stage].name[dir];
	return stages[stage].old_name[dir];
}

bool vm_stage_traced(const struct nt_run *run, uint32_t dir, uint32_t stage)
{
	if (!vm_stage_name(run, dir, stage))
		return false;
	if (dir == VM_TO && stage == VM_END)
		return nt_plan_has(&run->plan, "tun");
	return nt_plan_has(&run->plan, stages[stage].hook);
}

uint32_t vm_stage_number(uint32_t dir, uint32_t stage)
{
	return stages[stage].old_number[dir & 1];
}

uint32_t vm_dirs(const struct nt_run *run)
{
	const struct vm_cfg *c = run->cfg;

	switch (c->direction) {
	case VM_DIR_FROM:
		return 1U << VM_FROM;
	case VM_DIR_TO:
		return 1U << VM_TO;
	case VM_DIR_RX:
		return 1U << (run->legacy ? VM_TO : VM_FROM);
	case VM_DIR_TX:
		return 1U << (run->legacy ? VM_FROM : VM_TO);
	default:
		return 1U << VM_FROM | 1U << VM_TO;
	}
}

const char *vm_dir_key(uint32_t dir)
{
	return dir == VM_FROM ? "from_vm" : "to_vm";
}

/* Names of the devices in a role, comma list. */
static void dev_names(const struct nt_run *run, uint32_t role, char *buf, size_t len)
{
	char name[32];
	size_t used = 0;
	uint32_t i;

	buf[0] = 0;
	for (i = 0; i < run->ndevs && used < len; i++) {
		const struct nt_iface *d = &run->dev[i].i;

		if (run->dev[i].role & role)
			used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? "," : "",
						 nt_fmt_name(d->name, sizeof(d->name), name,
							     sizeof(name)));
	}
}

void vm_dir_text(const struct nt_run *run, uint32_t dir, char *buf, size_t len)
{
	char vnet[128], phy[128];
	bool from = dir == VM_FROM;

	dev_names(run, VM_ROLE_VNET, vnet, sizeof(vnet));
	dev_names(run, VM_ROLE_PHY, phy, sizeof(phy));
	snprintf(buf, len, "%s = VM %s, %s -> %s", from == !run->legacy ? "rx" : "tx",
		 from ? "sends" : "receives", from ? vnet : phy, from ? phy : vnet);
}

uint32_t vm_stages_seen(const struct nt_run *run, const struct nt_story *y,
			uint8_t order[VM_STAGES])
{
	uint32_t i, j, n = 0;

	for (i = 0; i < VM_STAGES; i++) {
		if (!(y->s->seen & (1U << i)) || !vm_stage_name(run, y->s->dir, i))
			continue;
		for (j = n++; j > 0 && y->ts[order[j - 1]] > y->ts[i]; j--)
			order[j] = order[j - 1];
		order[j] = (uint8_t)i;
	}
	return n;
}
