// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

#define NETNS_DIR "/run/netns/"
/* Of the thread, because setns() moves the thread. */
#define NETNS_OWN "/proc/thread-self/ns/net"

/* Where the namespace is looked for. */
struct netns_path {
	char s[4096];
	bool pid;
};

static bool all_digits(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

/* A name goes before a process id: who named a namespace 4711 means that one. */
static int netns_path(const char *spec, struct netns_path *p, struct nt_err *err)
{
	int n;

	p->pid = false;
	if (!*spec || !strcmp(spec, ".") || !strcmp(spec, ".."))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "'%s' is no network namespace: give a name, a process id or a path",
			       spec);
	n = snprintf(p->s, sizeof(p->s), "%s%s", strchr(spec, '/') ? "" : NETNS_DIR, spec);
	if (n > 0 && (size_t)n < sizeof(p->s) && all_digits(spec) && access(p->s, F_OK)) {
		p->pid = true;
		n = snprintf(p->s, sizeof(p->s), "/proc/%s/ns/net", spec);
	}
	if (n < 0 || (size_t)n >= sizeof(p->s))
		return nt_errf(err, NT_EXIT_USAGE, ENAMETOOLONG,
			       "the network namespace's name is too long");
	return 0;
}

static int netns_open_failed(const char *spec, const struct netns_path *p, int errnum,
			     struct nt_err *err)
{
	if (errnum == ENOENT && p->pid)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, errnum,
			       "no network namespace and no process is called '%s'", spec);
	if (errnum == ENOENT || errnum == ENOTDIR)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, errnum,
			       "network namespace '%s' does not exist: no file '%s' "
			       "('ip netns list' shows the names)",
			       spec, p->s);
	if (errnum == EACCES || errnum == EPERM)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, errnum,
			       "no permission to open network namespace '%s' ('%s'): "
			       "needs root or CAP_SYS_PTRACE",
			       spec, p->s);
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, errnum,
		       "cannot open network namespace '%s' ('%s'): %s", spec, p->s,
		       strerror(errnum));
}

int nt_netns_open(const char *spec, struct nt_netns *ns, struct nt_err *err)
{
	struct netns_path p = { .s = NETNS_OWN };
	struct stat st;
	int r;

	memset(ns, 0, sizeof(*ns));
	ns->fd = -1;
	if (spec) {
		r = netns_path(spec, &p, err);
		if (r)
			return r;
	} else {
		spec = "current";
	}
	snprintf(ns->name, sizeof(ns->name), "%s", spec);
	/* O_NONBLOCK: the path may be a pipe that nobody writes to. */
	ns->fd = open(p.s, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (ns->fd < 0)
		return netns_open_failed(spec, &p, errno, err);
	/* "ip netns" leaves an empty file behind when its mount is gone. */
	if (ioctl(ns->fd, NS_GET_NSTYPE) != CLONE_NEWNET || fstat(ns->fd, &st)) {
		nt_netns_close(ns);
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, EINVAL,
			       "'%s' is not a network namespace (left behind by a deleted one?)",
			       p.s);
	}
	ns->inum = (uint32_t)st.st_ino; /* the kernel's is 32 bits wide */
	return 0;
}

void nt_netns_close(struct nt_netns *ns)
{
	if (ns->fd >= 0)
		close(ns->fd);
	ns->fd = -1;
}

bool nt_netns_name(uint32_t inum, char *buf, size_t len)
{
	DIR *d = opendir(NETNS_DIR);
	const struct dirent *e;
	bool found = false;
	struct stat st;

	while (d && !found && (e = readdir(d))) {
		found = e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, 0) == 0 &&
			(uint32_t)st.st_ino == inum;
		if (found)
			snprintf(buf, len, "%s", e->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

bool nt_netns_gone(const struct nt_netns *ns, const char *spec)
{
	struct netns_path p;
	struct stat st;

	if (netns_path(spec, &p, NULL))
		return false;
	if (stat(p.s, &st))
		return errno == ENOENT || errno == ESRCH || errno == ENOTDIR;
	/* 5.10 answers with the folder /proc/PID/ns where it may not show the link. */
	return !S_ISDIR(st.st_mode) && (uint32_t)st.st_ino != ns->inum;
}

static int netns_switch(int fd, const char *name, struct nt_err *err)
{
	int errnum;

	if (!setns(fd, CLONE_NEWNET))
		return 0;
	errnum = errno;
	if (errnum == EPERM)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, errnum,
			       "no permission to enter network namespace '%s': "
			       "needs root or CAP_SYS_ADMIN",
			       name);
	return nt_errf(err, NT_EXIT_RUNTIME, errnum, "cannot enter network namespace '%s': %s",
		       name, strerror(errnum));
}

int nt_netns_enter(const struct nt_netns *ns, struct nt_err *err)
{
	struct stat st;

	if (!stat(NETNS_OWN, &st) && (uint32_t)st.st_ino == ns->inum)
		return 0;
	return netns_switch(ns->fd, ns->name, err);
}

int nt_netns_run(const struct nt_netns *ns, int (*fn)(void *arg), void *arg, struct nt_err *err)
{
	NT_CLOSE int own = open(NETNS_OWN, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int r, back;

	if (own < 0 || fstat(own, &st))
		return nt_errf(err, NT_EXIT_RUNTIME, errno, "cannot open '%s': %s", NETNS_OWN,
			       strerror(errno));
	if ((uint32_t)st.st_ino == ns->inum)
		return fn(arg);
	r = netns_switch(ns->fd, ns->name, err);
	if (r)
		return r;
	r = fn(arg);
	back = netns_switch(own, "current", err);
	return back ? back : r;
}
