/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the vm tools share on the user side: settings, stories, figures. */
#ifndef NT_VM_TOOL_H
#define NT_VM_TOOL_H

#include "run.h"
#include "sessions.h"
#include "vm.h"

/* --direction; rx and tx are the vnet's, under a legacy name the VM's. */
enum vm_direction { VM_DIR_RX, VM_DIR_TX, VM_DIR_BOTH, VM_DIR_FROM, VM_DIR_TO };
#define VM_DIRECTIONS "rx|tx|both|from-vm,vm-tx|to-vm,vm-rx"

struct vm_cfg {
	struct nt_common common; /* first */
	struct nt_flow flow;
	struct nt_addrs vm_ip;
	struct nt_names vnet, phy;
	uint32_t direction;
	uint32_t max_sessions;
	uint64_t timeout_ns;
	uint64_t threshold_ns;
	bool enable_ct;
	bool all; /* by itself under a legacy name: then a threshold is above it */
};

/* The step between two stages that followed each other. */
struct vm_pair {
	struct nt_hist run, interval;
};

struct vm_state {
	struct nt_sessions *sessions;
	uint32_t sets;
	uint64_t swept, in_flight;
	struct vm_pair *pair[VM_DIRS][VM_STAGES][VM_STAGES]; /* owned, made when seen */
	struct nt_counters before;                           /* at the last report */
	uint64_t swept_before;
	struct nt_hist total_before[VM_DIRS];
};

/* --- words --- */

/* Bit per enum vm_dir. */
uint32_t vm_dirs(const struct nt_run *run);
const char *vm_dir_key(uint32_t dir); /* "from_vm" */
/* "rx = VM sends, vnet0 -> ens4": what a direction means here. */
void vm_dir_text(const struct nt_run *run, uint32_t dir, char *buf, size_t len);
/* As the called name has it; NULL: the legacy program has no such stage. */
const char *vm_stage_name(const struct nt_run *run, uint32_t dir, uint32_t stage);
/* Is its hook attached? Not known of a recorded run: false. */
bool vm_stage_traced(const struct nt_run *run, uint32_t dir, uint32_t stage);
/* The legacy program's number of it. */
uint32_t vm_stage_number(uint32_t dir, uint32_t stage);
/* The stages that are shown, in the order of their time; returns how many. */
uint32_t vm_stages_seen(const struct nt_run *run, const struct nt_story *y,
			uint8_t order[VM_STAGES]);

/* --- the tool's callbacks --- */

int vm_prepare(struct nt_run *run, struct nt_err *err);
void vm_plan(struct nt_run *run);
int vm_sizes(struct nt_run *run, struct bpf_object *obj);
void vm_banner(struct nt_run *run, struct nt_json *j);
void vm_event(struct nt_run *run, const void *rec, size_t size);
void vm_tick(struct nt_run *run, uint64_t now_ns);
int vm_report(struct nt_run *run, bool final);
void vm_done(struct nt_run *run);

/* Print one packet's story, text or JSON. */
void vm_story(struct nt_run *run, const struct nt_story *y);
/* Add its steps to the histograms. */
void vm_count_steps(struct nt_run *run, const struct nt_story *y);

#endif
