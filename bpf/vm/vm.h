/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: what the vm tools share between kernel and user side. */
#ifndef NT_VM_H
#define NT_VM_H

#include "counters.h"
#include "filter.h"
#include "session.h"

/* Which way a packet goes, seen from the host: session field "dir". */
enum vm_dir {
	VM_FROM, /* the VM sends: from the vnet to an uplink */
	VM_TO,   /* the VM receives: from an uplink to the vnet */
	VM_DIRS
};

enum vm_stage {
#define S(id, hook, from, to, old_from, n_from, old_to, n_to) VM_##id,
#include "vm_stages.def"
#undef S
	VM_STAGES
};

/* Roles of devices. */
#define VM_ROLE_VNET NT_ROLE_A
#define VM_ROLE_PHY NT_ROLE_B

enum vm_counter {
	VM_C_STAGE = NT_C_TOOL, /* packets seen at a stage: VM_DIRS times VM_STAGES */
	VM_C_COMPLETE = VM_C_STAGE + VM_DIRS * VM_STAGES, /* per direction */
	VM_C_BELOW = VM_C_COMPLETE + VM_DIRS,             /* complete, below the threshold */
	VM_C_REPLACED,                                    /* unfinished, found in the kernel */
	VM_C_LATE,                                        /* complete after the timeout */
	VM_C_XMIT_FAILED,                                 /* the driver refused the packet */
	VM_C_BULK,      /* not looked at: far down in a bulk dequeue */
	VM_C_AGAIN,     /* complete, but seen again at the first stage: no latency of one packet */
	VM_C_DISTURBED, /* not looked at: another packet came between */
	VM_C_END
};
_Static_assert((int)VM_C_END <= (int)NT_C_MAX, "counters fit");

struct vm_kcfg {
	struct nt_filter f;
	struct nt_sess_cfg s;
	__u32 dirs;    /* bit per enum vm_dir */
	__u32 vm_addr; /* f.src is the VM's: the destination of what it receives */
};

#endif
