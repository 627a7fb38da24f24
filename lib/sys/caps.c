// SPDX-License-Identifier: GPL-2.0-or-later
/* The three system calls themselves: libcap is not needed for so little. */
#include "caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"

/* The kernel's own inode number of the first user namespace: PROC_USER_INIT_INO. */
#define USER_NS_FIRST 0xEFFFFFFDU

struct capset {
	uint64_t effective, permitted, inheritable;
};

static const char *const names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};
_Static_assert(NT_ARRAY_SIZE(names) == CAP_CHECKPOINT_RESTORE + 1, "one name a number");

static int capset_read(struct capset *c)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3];

	memset(d, 0, sizeof(d));
	if (syscall(SYS_capget, &h, d))
		return -errno;
	c->effective = d[0].effective | (uint64_t)d[1].effective << 32;
	c->permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	c->inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
	return 0;
}

static int capset_write(const struct capset *c)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = {
		{ (uint32_t)c->effective, (uint32_t)c->permitted, (uint32_t)c->inheritable },
		{ (uint32_t)(c->effective >> 32), (uint32_t)(c->permitted >> 32),
		  (uint32_t)(c->inheritable >> 32) },
	};

	return syscall(SYS_capset, &h, d) ? -errno : 0;
}

/*
 * -1: the running kernel does not know the number. The same as comparing with
 * /proc/sys/kernel/cap_last_cap, but works without /proc.
 */
static int in_bounding_set(int cap)
{
	return prctl(PR_CAPBSET_READ, (unsigned long)cap, 0, 0, 0);
}

static bool has(uint64_t set, int cap)
{
	return cap >= 0 && cap < 64 && (set >> cap & 1);
}

bool nt_caps_have(int cap)
{
	struct capset c = { 0 };

	return !capset_read(&c) && has(c.effective, cap);
}

const char *nt_caps_name(int cap)
{
	return cap >= 0 && (size_t)cap < NT_ARRAY_SIZE(names) ? names[cap] : "CAP_?";
}

static bool kernel_has_cap_bpf(void)
{
	return in_bounding_set(CAP_BPF) >= 0;
}

uint64_t nt_caps_bpf_bit(void)
{
	return 1ULL << (nt_caps_have(CAP_BPF) ? CAP_BPF : CAP_SYS_ADMIN);
}

/*
 * bpf() looks at the capabilities in the first user namespace; those that a
 * container's root has in its own are worth nothing there.
 */
static bool in_first_user_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) || (uint32_t)st.st_ino == USER_NS_FIRST;
}

static int check_failed(const char *needs, const char *missing, const char *setcap,
			struct nt_err *err)
{
	char file[256];
	ssize_t n = readlink("/proc/self/exe", file, sizeof(file) - 1);

	if (n <= 0)
		n = snprintf(file, sizeof(file), "nettrace");
	file[n] = '\0';
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, EPERM,
		       "needs %s: missing %s; run as root or 'setcap %s+ep %s'", needs, missing,
		       setcap, file);
}

int nt_caps_check_bpf(struct nt_err *err)
{
	struct capset c = { 0 };
	bool bpf, perfmon;
	int r = capset_read(&c);

	if (r)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "cannot read the capabilities: %s",
			       strerror(-r));
	bpf = has(c.effective, CAP_BPF);
	perfmon = has(c.effective, CAP_PERFMON);
	if (!has(c.effective, CAP_SYS_ADMIN)) {
		if (!kernel_has_cap_bpf())
			return check_failed("CAP_SYS_ADMIN (this kernel has no CAP_BPF)",
					    "CAP_SYS_ADMIN", "cap_sys_admin", err);
		if (!bpf || !perfmon)
			return check_failed("CAP_BPF and CAP_PERFMON",
					    bpf      ? "CAP_PERFMON" :
					    !perfmon ? "both" :
						       "CAP_BPF",
					    "cap_bpf,cap_perfmon", err);
	}
	if (!in_first_user_namespace())
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, EPERM,
			       "needs the host's capabilities: this process is in a user "
			       "namespace of its own (rootless container?); run it on the host");
	return 0;
}

/* Only effective CAP_SETPCAP allows it: done before that one goes too. */
static int drop_bounding(uint64_t keep)
{
	int cap, in;

	for (cap = 0; cap < 64; cap++) {
		in = in_bounding_set(cap);
		if (in < 0)
			break;
		if (!in || has(keep, cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, (unsigned long)cap, 0, 0, 0))
			return -errno;
		if (in_bounding_set(cap))
			return -EPERM;
	}
	return 0;
}

static int check_dropped(uint64_t keep)
{
	struct capset c = { 0 };
	int r = capset_read(&c);

	if (r)
		return r;
	if ((c.effective | c.permitted | c.inheritable) & ~keep)
		return -EPERM;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return -EPERM;
	return 0;
}

int nt_caps_drop(uint64_t keep)
{
	struct capset c = { 0 };
	int r = capset_read(&c);

	if (r)
		return r;
	if (has(c.effective, CAP_SETPCAP)) {
		r = drop_bounding(keep);
		if (r)
			return r;
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	c.effective &= keep;
	c.permitted &= keep;
	c.inheritable &= keep;
	r = capset_write(&c);
	return r ? r : check_dropped(keep);
}
