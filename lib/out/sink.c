// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

/* O_APPEND: a file that is cut from outside (copytruncate) has no hole. */
#define SINK_FLAGS (O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
#define SINK_MODE 0644
/* A pipe that poll() calls writable takes this much without waiting. */
#define SLOW_PIECE 4096

static void sink_fail(struct nt_sink *s, int errnum)
{
	if (!s->error)
		s->error = errnum;
}

/* Is the file at the path the one that is open? Not through a symbolic link. */
static bool sink_at_path(const struct nt_sink *s, int fd)
{
	struct stat x, y;

	return !lstat(s->path, &x) && !fstat(fd, &y) && S_ISREG(x.st_mode) &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Open the path and take it over. 0 or -errno, and the sink is as before. */
static int sink_use(struct nt_sink *s, bool empty)
{
	NT_CLOSE int fd = open(s->path, SINK_FLAGS, SINK_MODE);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	/* Rotation renames: never /dev/stdout, a link, a pipe. */
	if (s->max_size && !sink_at_path(s, fd))
		return -ENOTSUP;
	if (empty && S_ISREG(st.st_mode)) {
		if (ftruncate(fd, 0))
			return -errno;
		st.st_size = 0;
	}
	if (s->own && close(s->fd))
		sink_fail(s, errno);
	s->fd = fd;
	s->own = true;
	s->written = (uint64_t)st.st_size;
	s->mid_line = false;
	fd = -1; /* the sink's */
	return 0;
}

/*
 * Standard output that may wait for its reader. A pipe or terminal is opened
 * again, as a description of our own that does not wait: to change the one that
 * we got would change it for all who share it. A socket, or a terminal of
 * somebody else's, is written in small pieces.
 */
static void sink_use_stdout(struct nt_sink *s)
{
	struct stat st;
	int fd;

	s->fd = STDOUT_FILENO;
	if (fstat(s->fd, &st) || S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
		return;
	s->slow = true;
	if (!S_ISFIFO(st.st_mode) && !isatty(s->fd))
		return;
	fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	s->fd = fd;
	s->own = true;
}

int nt_sink_open(struct nt_sink *s, const char *path, uint64_t max_size, struct nt_err *err)
{
	int r;

	memset(s, 0, sizeof(*s));
	s->stop_fd = -1;
	if (!path) {
		sink_use_stdout(s);
		return 0;
	}
	s->fd = -1;
	s->max_size = max_size;
	s->path = strdup(path);
	if (!s->path)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	r = sink_use(s, true);
	if (r == -ENOTSUP && max_size)
		nt_errf(err, NT_EXIT_USAGE, ENOTSUP,
			"cannot limit the size of '%s': not a regular file", path);
	else if (r == -ENXIO)
		nt_errf(err, NT_EXIT_RUNTIME, ENXIO,
			"cannot write to '%s': nobody reads it; start its reader first", path);
	else if (r)
		nt_errf(err, NT_EXIT_RUNTIME, -r, "cannot write to '%s': %s", path, strerror(-r));
	if (r)
		nt_sink_close(s);
	return r;
}

static int poll_again(struct pollfd *p, nfds_t n, int ms)
{
	int r;

	do
		r = poll(p, n, ms);
	while (r < 0 && errno == EINTR);
	return r;
}

/*
 * Until the reader takes something (or has gone, which the write tells). When the
 * program is asked to end, only as long as a reader that is merely slow needs.
 */
static bool sink_wait(const struct nt_sink *s)
{
	struct pollfd p[2] = { { .fd = s->fd, .events = POLLOUT },
			       { .fd = s->stop_fd, .events = POLLIN } };

	if (poll_again(p, 2, -1) < 0)
		return false;
	return p[0].revents || poll_again(p, 1, NT_SINK_PATIENCE) > 0;
}

/* Write something; 0 or the error. */
static int sink_some(struct nt_sink *s, const char *p, size_t n, size_t *done)
{
	ssize_t r;

	*done = 0;
	if (s->slow && !sink_wait(s))
		return ECANCELED;
	r = write(s->fd, p, s->slow && n > SLOW_PIECE ? SLOW_PIECE : n);
	if (r > 0)
		*done = (size_t)r;
	if (r > 0 || (r < 0 && errno == EINTR))
		return 0;
	/* Not a regular file, or whoever shares it with us made it so. */
	if (r < 0 && errno == EAGAIN) {
		s->slow = true;
		return 0;
	}
	return r ? errno : EIO;
}

static void sink_put(struct nt_sink *s, const char *p, size_t n)
{
	size_t done;
	int r;

	if (n)
		s->mid_line = p[n - 1] != '\n';
	while (n && !s->error) {
		r = sink_some(s, p, n, &done);
		if (r)
			sink_fail(s, r);
		s->written += done;
		p += done;
		n -= done;
	}
}

static void sink_rotate(struct nt_sink *s)
{
	NT_FREE char *old = NULL;
	int r;

	if (asprintf(&old, "%s.1", s->path) < 0) {
		old = NULL;
		sink_fail(s, ENOMEM);
		return;
	}
	/* Somebody may have moved the file away and put another one there. */
	if (sink_at_path(s, s->fd) && rename(s->path, old)) {
		sink_fail(s, errno);
		return;
	}
	r = sink_use(s, false);
	if (r)
		sink_fail(s, -r);
}

/* How many of n bytes may go to this file before it must be rotated. */
static size_t sink_room(const struct nt_sink *s, const char *p, size_t n)
{
	uint64_t left = s->written < s->max_size ? s->max_size - s->written : 0;
	const char *nl;

	if (!s->max_size || n <= left)
		return n;
	nl = memrchr(p, '\n', (size_t)left);
	if (nl)
		return (size_t)(nl - p) + 1;
	if (s->written && !s->mid_line)
		return 0;
	/* A line longer than a whole file, or its rest: lines are not cut. */
	nl = memchr(p, '\n', n);
	return nl ? (size_t)(nl - p) + 1 : n;
}

void nt_sink_write(struct nt_sink *s, const char *p, size_t n)
{
	size_t part;

	while (n && s->fd >= 0 && !s->error) {
		part = sink_room(s, p, n);
		sink_put(s, p, part);
		p += part;
		n -= part;
		if (n && !s->error)
			sink_rotate(s);
	}
}

int nt_sink_reopen(struct nt_sink *s)
{
	/* Not emptied: when nobody moved it away, it is the same file. */
	return s->path ? sink_use(s, false) : 0;
}

bool nt_sink_same(const struct nt_sink *a, const struct nt_sink *b)
{
	struct stat x, y;

	return !fstat(a->fd, &x) && !fstat(b->fd, &y) && S_ISREG(x.st_mode) &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void nt_sink_close(struct nt_sink *s)
{
	if (s->own && close(s->fd))
		sink_fail(s, errno);
	s->fd = -1;
	s->own = false;
	free(s->path);
	s->path = NULL;
}
