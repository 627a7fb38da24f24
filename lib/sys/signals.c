// SPDX-License-Identifier: GPL-2.0-or-later
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int signal_fd(int how_many, const int *signals)
{
	sigset_t set;
	int i, fd = -1;

	sigemptyset(&set);
	for (i = 0; i < how_many; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* Did nohup start us? The kernel queues an ignored signal all the same, once blocked. */
static bool is_ignored(int sig)
{
	struct sigaction a;

	return !sigaction(sig, NULL, &a) && a.sa_handler == SIG_IGN;
}

/* Without a file to open again SIGHUP says that the terminal is gone, and who would end
 * the run with it. */
int nt_signals_stop_fd(bool files)
{
	return signal_fd(files || is_ignored(SIGHUP) ? 2 : 3, (int[]){ SIGINT, SIGTERM, SIGHUP });
}

int nt_signals_hup_fd(void)
{
	return signal_fd(1, (int[]){ SIGHUP });
}

bool nt_signals_taken(int fd)
{
	struct signalfd_siginfo si;

	return read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si);
}
