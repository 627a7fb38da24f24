// SPDX-License-Identifier: GPL-2.0-or-later
#include "pahole.h"

#include "cleanup.h"
#include "validate.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

extern char **environ;

/* Run pahole; out is its standard output or -1, say its standard error. */
static int run(char *const argv[], int keep, int out, int say)
{
	posix_spawn_file_actions_t fa;
	int r, status;
	pid_t pid;

	r = posix_spawn_file_actions_init(&fa);
	if (r)
		return -r;
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&fa, out, 1);
	else
		posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, say, 2);
	/* Onto itself: stays open across exec. */
	if (keep >= 0)
		posix_spawn_file_actions_adddup2(&fa, keep, keep);
	r = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (r)
		return -r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	/* A C library without vfork's shared memory (valgrind's is one) tells a
	 * missing program only by this code, as shells do. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

/* The last line that was written to fd, without its newline. */
static void last_line(int fd, char *buf, size_t len)
{
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end > (off_t)len - 1 ? end - (off_t)len + 1 : 0;
	ssize_t n = pread(fd, buf, len - 1, from);
	char *nl;

	if (n < 0)
		n = 0;
	while (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	nl = strrchr(buf, '\n');
	if (nl)
		memmove(buf, nl + 1, strlen(nl));
}

static int failed(int r, const char *said, const struct nt_btf_why *why)
{
	if (r == -ENOENT)
		return nt_btf_why(why, ENOENT,
				  "pahole not found in PATH; install the package "
				  "dwarves");
	if (r == -EIO)
		return nt_btf_why(why, EIO, "pahole failed: %s", *said ? said : "no reason given");
	return nt_btf_why(why, -r, "cannot run pahole: %s", strerror(-r));
}

int nt_btf_pahole_version(char *buf, size_t len, const struct nt_btf_why *why)
{
	char *argv[] = { "pahole", "--version", NULL };
	NT_CLOSE int out = memfd_create("nettrace-pahole", MFD_CLOEXEC);
	int r;

	buf[0] = '\0';
	if (out < 0)
		return nt_btf_why(why, errno, "no memory file: %s", strerror(errno));
	r = run(argv, -1, out, out);
	if (r < 0)
		return failed(r, "", why);
	last_line(out, buf, len);
	if (buf[0] == 'v')
		memmove(buf, buf + 1, strlen(buf));
	return 0;
}

int nt_btf_pahole_encode(const char *path, void **data, size_t *size, const struct nt_btf_why *why)
{
	NT_CLOSE int out = memfd_create("nettrace-btf", MFD_CLOEXEC);
	NT_CLOSE int say = memfd_create("nettrace-pahole", MFD_CLOEXEC);
	char arg[64], self[40], text[160] = "";
	/* One damaged symbol of a hundred thousand is no reason to give up. */
	char *argv[] = { "pahole", "-J", "-F", "dwarf", "--btf_encode_force", arg, NULL, NULL };
	int r;

	if (out < 0 || say < 0)
		return nt_btf_why(why, errno, "no memory file: %s", strerror(errno));
	snprintf(self, sizeof(self), "/proc/self/fd/%d", out);
	snprintf(arg, sizeof(arg), "--btf_encode_detached=%s", self);
	argv[6] = (char *)path;
	r = run(argv, out, -1, say);
	last_line(say, text, sizeof(text));
	if (r < 0)
		return failed(r, text, why);
	r = nt_btf_read_file(self, data, size, NULL, 0);
	if (r < 0)
		return nt_btf_why(why, -r, "pahole wrote no type information%s%s",
				  *text ? ": " : "", text);
	return 0;
}
