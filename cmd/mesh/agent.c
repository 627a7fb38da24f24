// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mesh: what runs on a node. Its standard input says what to do, and holds it: at its end
 * everything that was started here ends too. The executable that it was copied as is gone
 * as soon as it runs; its children are the same one, by /proc/self/exe.
 *
 *   device NAME     -> address ADDR; "-": none
 *   self ADDR, peer ADDR, direction both|tx, pings N MS
 *   trace           -> json LINE..., ready when all tracers trace
 *   ping            -> sent ADDR PINGS REPLIES for each peer, pinged when all are done
 *   quiet           the same, now
 *   stop            -> json LINE..., bye
 *
 * What goes wrong is "error TEXT"; "ended CODE" when a tracer ends before it should.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "mesh.h"

#define TRACERS_MAX (2 * (MESH_MAX_NODES / NT_MAX_ADDRS + 1))
/* A tracer that was told to end: a loaded machine takes seconds to take its probes off. */
#define GRACE_NS (30 * MESH_NS_PER_S)

struct tracer {
	pid_t pid;      /* 0: none */
	int out, ready; /* -1: closed */
	struct nt_lines lines;
};

struct pinger {
	pid_t pid; /* 0: none */
	int out;   /* what it says at its end; -1: closed */
};

struct agent {
	struct nt_lines in;
	char self[MESH_ADDR], peer[MESH_MAX_NODES][MESH_ADDR];
	uint32_t peers;
	bool tx_only;
	uint32_t pings, ping_ms;
	struct tracer tracer[TRACERS_MAX];
	uint32_t tracers;
	struct pinger ping[MESH_MAX_NODES];
	bool told_ready, pinging, stopping, broken;
	uint64_t kill_ns; /* when patience ends; 0: not yet */
};

/* --- words to who holds us --- */

static void put(struct agent *a, const char *p, size_t n)
{
	while (n && !a->broken) {
		ssize_t r = write(STDOUT_FILENO, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		a->broken = r < 0;
		p += r > 0 ? r : 0;
		n -= r > 0 ? (size_t)r : 0;
	}
}

static void say(struct agent *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct agent *a, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf) - 1, fmt, ap);
	va_end(ap);
	n = n < (int)sizeof(buf) - 2 ? n : (int)sizeof(buf) - 2;
	buf[n] = '\n';
	put(a, buf, (size_t)n + 1);
}

/* --- children --- */

/* With us they end, whatever ends us. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

static void exec_child(pid_t parent, const char *file, char *const argv[], int out, int ready)
{
	int null = open("/dev/null", O_RDWR);

	die_with(parent);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	if (ready < 0)
		dup2(null, STDERR_FILENO);
	if (ready >= 0 && ready != 3)
		dup2(ready, 3);
	else if (ready == 3)
		fcntl(3, F_SETFD, 0);
	setenv("LC_ALL", "C", 1);
	execvp(file, argv);
	_exit(127);
}

static int start_tracer(struct agent *a, char *const argv[])
{
	struct tracer *t = &a->tracer[a->tracers];
	int out[2], ready[2];
	pid_t me = getpid();

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		return -errno;
	t->pid = fork();
	if (!t->pid)
		exec_child(me, "/proc/self/exe", argv, out[1], ready[1]);
	close(out[1]);
	close(ready[1]);
	if (t->pid < 0)
		return -errno;
	t->out = out[0];
	t->ready = ready[0];
	a->tracers++;
	return 0;
}

/* One for up to NT_MAX_ADDRS peers. */
static int trace_some(struct agent *a, bool tx, uint32_t first)
{
	char list[NT_MAX_ADDRS * (MESH_ADDR + 1)] = "";
	static char words[][16] = { "nettrace", "rtt",    "kernel",     "--direction",
				    "tx",       "rx",     "--src-ip",   "--dst-ip",
				    "--all",    "--json", "--ready-fd", "3" };
	char *argv[20];
	uint32_t n = 0, i;

	for (i = first; i < a->peers && i < first + NT_MAX_ADDRS; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 i > first ? "," : "", a->peer[i]);
	for (i = 0; i < 4; i++)
		argv[n++] = words[i];
	argv[n++] = tx ? words[4] : words[5];
	argv[n++] = words[6];
	argv[n++] = tx ? a->self : list;
	argv[n++] = words[7];
	argv[n++] = tx ? list : a->self;
	for (i = 8; i < NT_ARRAY_SIZE(words); i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	return start_tracer(a, argv);
}

static void trace(struct agent *a)
{
	int r = 0;

	for (uint32_t i = 0; i < a->peers && !r; i += NT_MAX_ADDRS) {
		r = trace_some(a, true, i);
		if (!r && !a->tx_only)
			r = trace_some(a, false, i);
	}
	if (r < 0)
		say(a, "error the tracers cannot be started: %s", strerror(-r));
}

static void start_ping(struct agent *a, uint32_t peer, char *const argv[])
{
	struct pinger *p = &a->ping[peer];
	pid_t me = getpid();
	int out[2];

	p->out = -1;
	if (pipe2(out, O_CLOEXEC) < 0) {
		say(a, "error ping cannot be started: %s", strerror(errno));
		return;
	}
	p->pid = fork();
	if (!p->pid)
		exec_child(me, "ping", argv, out[1], -1);
	if (p->pid < 0) {
		p->pid = 0;
		say(a, "error ping cannot be started: %s", strerror(errno));
	}
	close(out[1]);
	p->out = out[0];
}

static void ping(struct agent *a)
{
	char count[16], interval[32];

	snprintf(count, sizeof(count), "%u", a->pings);
	snprintf(interval, sizeof(interval), "%u.%03u", a->ping_ms / 1000, a->ping_ms % 1000);
	for (uint32_t i = 0; i < a->peers; i++) {
		char *argv[] = { "ping",   "-n", "-q", "-c",       count, "-i",
				 interval, "-W", "1",  a->peer[i], NULL };

		start_ping(a, i, argv);
	}
	a->pinging = true;
}

/* It has ended; what it said was less than a pipe holds. */
static void tell_sent(struct agent *a, uint32_t peer)
{
	static const char before[] = "statistics ---\n", between[] = " packets transmitted, ";
	unsigned long long sent;
	char text[4096], *p;
	ssize_t n = read(a->ping[peer].out, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	p = strstr(text, before);
	if (p) {
		sent = strtoull(p + strlen(before), &p, 10);
		if (!strncmp(p, between, strlen(between)))
			say(a, "sent %s %llu %llu", a->peer[peer], sent,
			    strtoull(p + strlen(between), NULL, 10));
	}
	close(a->ping[peer].out);
	a->ping[peer].out = -1;
}

static void tell_exit(struct agent *a, pid_t pid, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	for (uint32_t i = 0; i < a->peers; i++) {
		if (a->ping[i].pid != pid)
			continue;
		a->ping[i].pid = 0;
		tell_sent(a, i);
		/* 1: some had no reply. */
		if (code > 1 && !a->stopping)
			say(a, "error ping %s: %s", a->peer[i],
			    code == 127 ? "no such program" : "it failed");
	}
	for (uint32_t i = 0; i < a->tracers; i++) {
		if (a->tracer[i].pid != pid)
			continue;
		a->tracer[i].pid = 0;
		if (!a->stopping || code)
			say(a, "ended %d", code);
	}
}

static void reap(struct agent *a)
{
	bool any = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		tell_exit(a, pid, status);
	for (uint32_t i = 0; i < a->peers; i++)
		any = any || a->ping[i].pid;
	if (a->pinging && !any) {
		a->pinging = false;
		say(a, "pinged");
	}
}

static void signal_all(struct agent *a, int tracers, int pings)
{
	for (uint32_t i = 0; i < a->tracers; i++)
		if (a->tracer[i].pid)
			kill(a->tracer[i].pid, tracers);
	for (uint32_t i = 0; i < a->peers; i++)
		if (a->ping[i].pid)
			kill(a->ping[i].pid, pings);
}

static void stop(struct agent *a)
{
	if (a->stopping)
		return;
	a->stopping = true;
	a->kill_ns = nt_clock_mono_ns() + GRACE_NS;
	signal_all(a, SIGTERM, SIGKILL);
}

/* --- what is asked --- */

static void device(struct agent *a, const char *name)
{
	struct ifaddrs *all = NULL, *i;
	char best[MESH_ADDR] = "";

	if (!strcmp(name, "-")) {
		say(a, "address -");
		return;
	}
	if (getifaddrs(&all) < 0)
		all = NULL;
	for (i = all; i; i = i->ifa_next) {
		const struct sockaddr_in6 *s6 = (const void *)i->ifa_addr;
		const struct sockaddr_in *s4 = (const void *)i->ifa_addr;

		if (!s4 || strcmp(i->ifa_name, name) != 0)
			continue;
		if (s4->sin_family == AF_INET) {
			inet_ntop(AF_INET, &s4->sin_addr, best, sizeof(best));
			break;
		}
		if (s4->sin_family == AF_INET6 && !*best && !IN6_IS_ADDR_LINKLOCAL(&s6->sin6_addr))
			inet_ntop(AF_INET6, &s6->sin6_addr, best, sizeof(best));
	}
	freeifaddrs(all);
	if (*best)
		say(a, "address %s", best);
	else
		say(a, "error no address on a device %s", name);
}

/* key VALUE; false: not one of these */
static bool setting(struct agent *a, const char *key, const char *value)
{
	char *end;

	if (!strcmp(key, "self")) {
		snprintf(a->self, sizeof(a->self), "%s", value);
	} else if (!strcmp(key, "peer") && a->peers < MESH_MAX_NODES) {
		snprintf(a->peer[a->peers++], sizeof(a->peer[0]), "%s", value);
	} else if (!strcmp(key, "direction")) {
		a->tx_only = !strcmp(value, "tx");
	} else if (!strcmp(key, "pings")) {
		a->pings = (uint32_t)strtoul(value, &end, 10);
		a->ping_ms = (uint32_t)strtoul(end, NULL, 10);
	} else {
		return false;
	}
	return true;
}

static void command(struct agent *a, char *line)
{
	char *value = strchr(line, ' ');

	if (value)
		*value++ = '\0';
	if (value && setting(a, line, value))
		return;
	if (value && !strcmp(line, "device"))
		device(a, value);
	else if (!strcmp(line, "trace"))
		trace(a);
	else if (!strcmp(line, "ping"))
		ping(a);
	else if (!strcmp(line, "quiet"))
		signal_all(a, 0, SIGINT);
	else if (!strcmp(line, "stop"))
		stop(a);
	else
		say(a, "error not understood: %.64s", line);
}

/* false: its end */
static bool read_commands(struct agent *a)
{
	char buf[4096], one[256];
	const char *line;
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
	size_t len;

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0 || nt_lines_add(&a->in, buf, (size_t)n) < 0)
		return false;
	while (nt_lines_next(&a->in, &line, &len)) {
		snprintf(one, sizeof(one), "%.*s", (int)(len < 255 ? len : 255), line);
		command(a, one);
	}
	return true;
}

/* --- the loop --- */

static void read_tracer(struct agent *a, struct tracer *t)
{
	char buf[65536];
	const char *line;
	ssize_t n = read(t->out, buf, sizeof(buf));
	size_t len;

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0 || nt_lines_add(&t->lines, buf, (size_t)n) < 0) {
		close(t->out);
		t->out = -1;
		return;
	}
	while (nt_lines_next(&t->lines, &line, &len)) {
		put(a, "json ", 5);
		put(a, line, len + 1); /* its newline is behind it */
	}
}

/* Ready, or it ended before; the exit code tells. */
static void read_ready(struct tracer *t)
{
	char c;

	if (read(t->ready, &c, 1) < 0 && errno == EINTR)
		return;
	close(t->ready);
	t->ready = -1;
}

static void tell_ready(struct agent *a)
{
	bool alive = a->tracers;

	for (uint32_t i = 0; i < a->tracers; i++)
		alive = alive && a->tracer[i].ready < 0 && a->tracer[i].pid;
	if (!alive || a->told_ready)
		return;
	a->told_ready = true;
	say(a, "ready");
}

static bool all_ended(const struct agent *a)
{
	for (uint32_t i = 0; i < a->tracers; i++)
		if (a->tracer[i].pid || a->tracer[i].out >= 0)
			return false;
	return true;
}

/* A tenth of a second at most: children that end are looked for then. */
static bool turn(struct agent *a)
{
	struct pollfd p[1 + 2 * TRACERS_MAX] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	bool go_on = true;

	for (uint32_t i = 0; i < a->tracers; i++) {
		p[1 + 2 * i] = (struct pollfd){ .fd = a->tracer[i].out, .events = POLLIN };
		p[2 + 2 * i] = (struct pollfd){ .fd = a->tracer[i].ready, .events = POLLIN };
	}
	if (poll(p, 1 + 2 * a->tracers, 100) > 0) {
		for (uint32_t i = 0; i < a->tracers; i++) {
			if (p[1 + 2 * i].revents)
				read_tracer(a, &a->tracer[i]);
			if (p[2 + 2 * i].revents)
				read_ready(&a->tracer[i]);
		}
		if (p[0].revents)
			go_on = read_commands(a);
	}
	reap(a);
	tell_ready(a);
	if (a->kill_ns && nt_clock_mono_ns() > a->kill_ns)
		signal_all(a, SIGKILL, SIGKILL);
	return go_on && !a->broken;
}

/* The folder that the executable was copied into is nobody's any more. */
static void remove_self(void)
{
	char path[256], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash || strcmp(slash, "/nettrace") != 0 || !strstr(path, "/nettrace-mesh."))
		return;
	unlink(path);
	*slash = '\0';
	rmdir(path);
}

int mesh_agent(void)
{
	struct agent *a = calloc(1, sizeof(*a));
	int status;

	if (!a)
		return NT_EXIT_RUNTIME;
	remove_self();
	say(a, "agent 1");
	while (turn(a) && !(a->stopping && all_ended(a)))
		;
	if (a->stopping && all_ended(a))
		say(a, "bye");
	/* Nobody listens: they have nothing to tell. */
	signal_all(a, SIGKILL, SIGKILL);
	while (waitpid(-1, &status, 0) > 0)
		;
	for (uint32_t i = 0; i < a->tracers; i++)
		nt_lines_free(&a->tracer[i].lines);
	nt_lines_free(&a->in);
	free(a);
	return 0;
}
