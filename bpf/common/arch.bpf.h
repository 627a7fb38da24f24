/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Architecture: where a function's arguments and result are at a kprobe.
 * The only BPF-side header that may differ between architectures.
 */
#ifndef NT_ARCH_BPF_H
#define NT_ARCH_BPF_H

#if defined(__TARGET_ARCH_x86)

/* arch/x86/include/asm/ptrace.h; the layout is fixed by the entry code. */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	unsigned long ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

#define NT_REGS_ARG0(r) ((r)->di)
#define NT_REGS_ARG1(r) ((r)->si)
#define NT_REGS_ARG2(r) ((r)->dx)
#define NT_REGS_ARG3(r) ((r)->cx)
#define NT_REGS_ARG4(r) ((r)->r8)
#define NT_REGS_RET(r) ((r)->ax)
/* At a function's entry: where the address that it returns to is. */
#define NT_REGS_CALLER_AT(r) ((void *)(r)->sp)

#elif defined(__TARGET_ARCH_arm64)

/* struct user_pt_regs of arch/arm64/include/uapi/asm/ptrace.h, with which pt_regs begins. */
struct pt_regs {
	unsigned long regs[31], sp, pc, pstate;
};

#define NT_REGS_ARG0(r) ((r)->regs[0])
#define NT_REGS_ARG1(r) ((r)->regs[1])
#define NT_REGS_ARG2(r) ((r)->regs[2])
#define NT_REGS_ARG3(r) ((r)->regs[3])
#define NT_REGS_ARG4(r) ((r)->regs[4])
#define NT_REGS_RET(r) ((r)->regs[0])
/* The link register, which the function has not saved yet. */
#define NT_REGS_CALLER_AT(r) ((void *)&(r)->regs[30])

#else
#error "no register layout for this architecture"
#endif

#endif
