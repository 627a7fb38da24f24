// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mesh: a node as seen from here. One ssh session, which the remote shell and then the agent
 * live in; scp goes over the same connection (ControlPath). Nothing that comes from an
 * inventory or from the node becomes part of a shell's line: what the remote shell is given
 * is constant, and the rest goes to its standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fmt.h"
#include "mesh.h"

#define BANNER "nettrace-mesh 1 "
/* A node that is told to stop has this long for its last lines: more than its agent gives. */
#define STOP_NS (40 * MESH_NS_PER_S)

/*
 * On its standard input: where to make the folder, then, when the executable is there, "go".
 * The trap cleans up when the connection ends before; the agent cleans up after itself.
 */
static const char boot[] = "umask 077\n"
			   "read -r base || exit 1\n"
			   "d=$(mktemp -d \"$base/nettrace-mesh.XXXXXX\") || exit 1\n"
			   "trap 'rm -rf \"$d\"' 0\n"
			   "trap 'exit 1' 1 2 13 15\n"
			   "set -- $SSH_CONNECTION\n"
			   "echo \"" BANNER "$(uname -m) $(id -u) ${3:--} $d\"\n"
			   "read -r go || exit 1\n"
			   "[ \"$go\" = go ] || exit 1\n"
			   "chmod 700 \"$d/nettrace\"\n"
			   "if [ \"$(id -u)\" = 0 ]; then \"$d/nettrace\" mesh icmp --agent\n"
			   "else sudo -n \"$d/nettrace\" mesh icmp --agent; fi\n";

/* --- the end of one --- */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void end_child(pid_t *pid)
{
	int status;

	if (!*pid)
		return;
	kill(*pid, SIGTERM);
	for (int i = 0; i < 20; i++) {
		if (waitpid(*pid, &status, WNOHANG) != 0) {
			*pid = 0;
			return;
		}
		usleep(50000);
	}
	kill(*pid, SIGKILL);
	waitpid(*pid, &status, 0);
	*pid = 0;
}

void mesh_node_kill(struct mesh_node *nd)
{
	shut(&nd->in);
	end_child(&nd->scp);
	end_child(&nd->ssh);
	shut(&nd->out);
	shut(&nd->err);
	shut(&nd->scp_err);
	shut(&nd->log);
	nt_lines_free(&nd->lines);
	nt_lines_free(&nd->errors);
}

/* Its standard input ends: that is enough for what runs there. */
void mesh_node_fail(struct mesh_node *nd, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (nd->state == MESH_FAILED || nd->state == MESH_DONE)
		return;
	mesh_node_errors(nd);
	va_start(ap, fmt);
	n = vsnprintf(nd->why, sizeof(nd->why), fmt, ap);
	va_end(ap);
	if (nd->said[0] && n > 0 && (size_t)n < sizeof(nd->why))
		snprintf(nd->why + n, sizeof(nd->why) - (size_t)n, ": %s", nd->said);
	nd->state = MESH_FAILED;
	nd->deadline_ns = 0;
	shut(&nd->in);
}

static void go_to(const struct mesh_run *run, struct mesh_node *nd, enum mesh_state s)
{
	uint64_t limit = s == MESH_STOP ? STOP_NS : run->cfg->timeout_ns;

	nd->state = s;
	nd->deadline_ns = s == MESH_WAIT || s == MESH_READY || s == MESH_DONE ?
				  0 :
				  nt_clock_mono_ns() + limit;
}

/* --- children --- */

/* in and out may be NULL. Not of our process group: Ctrl-C is for us to tell them. */
static pid_t spawn(char *const argv[], int *in, int *out, int *err)
{
	int i[2] = { -1, -1 }, o[2] = { -1, -1 }, e[2];
	pid_t me = getpid(), pid;
	sigset_t none;

	if ((in && pipe2(i, O_CLOEXEC) < 0) || (out && pipe2(o, O_CLOEXEC) < 0) ||
	    pipe2(e, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != me)
			_exit(1);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		dup2(in ? i[0] : null, STDIN_FILENO);
		dup2(out ? o[1] : null, STDOUT_FILENO);
		dup2(e[1], STDERR_FILENO);
		execvp(argv[0], argv);
		dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(e[1]);
	shut(&i[0]);
	shut(&o[1]);
	if (in)
		*in = i[1];
	if (out)
		*out = o[0];
	*err = e[0];
	fcntl(*err, F_SETFL, O_NONBLOCK);
	return pid < 0 ? -errno : pid;
}

/* Where nobody reads, its output ends as well: mesh_node_read() says why, once and not by chance. */
static void send_text(struct mesh_node *nd, const char *p, size_t n)
{
	while (n && nd->in >= 0) {
		ssize_t r = write(nd->in, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			shut(&nd->in);
			return;
		}
		p += r;
		n -= (size_t)r;
	}
}

static void tell(struct mesh_node *nd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct mesh_node *nd, const char *fmt, ...)
{
	char buf[400];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf) - 1, fmt, ap);
	va_end(ap);
	if (n < 0 || n > (int)sizeof(buf) - 2)
		return;
	buf[n] = '\n';
	send_text(nd, buf, (size_t)n + 1);
}

#define ARGS 40
struct args {
	char *v[ARGS];
	char text[ARGS][MESH_HOST + 128];
	int n;
};

static void arg(struct args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void arg(struct args *a, const char *fmt, ...)
{
	va_list ap;

	if (a->n == ARGS - 1)
		return;
	va_start(ap, fmt);
	vsnprintf(a->text[a->n], sizeof(a->text[0]), fmt, ap);
	va_end(ap);
	a->v[a->n] = a->text[a->n];
	a->v[++a->n] = NULL;
}

/* What ssh and scp have in common. */
static void connection(const struct mesh_run *run, const struct mesh_node *nd, struct args *a)
{
	const char *user = nd->host->user[0] ? nd->host->user : run->cfg->user;
	long number = nd - run->node;

	arg(a, "-oBatchMode=yes");
	arg(a, "-oConnectTimeout=%u", (unsigned int)(run->cfg->timeout_ns / MESH_NS_PER_S) + 1);
	arg(a, "-oControlPath=%s/%ld", run->control, number);
	arg(a, "-oClearAllForwardings=yes");
	arg(a, "-oPermitLocalCommand=no");
	if (user)
		arg(a, "-oUser=%s", user);
	if (nd->host->port)
		arg(a, "-oPort=%u", nd->host->port);
}

int mesh_node_start(struct mesh_run *run, struct mesh_node *nd)
{
	struct args *a = calloc(1, sizeof(*a));
	pid_t pid;

	if (!a)
		return -ENOMEM;
	arg(a, "ssh");
	arg(a, "-T");
	connection(run, nd, a);
	arg(a, "-oControlMaster=yes");
	arg(a, "-oControlPersist=no");
	arg(a, "-oRemoteCommand=none");
	/* A host that is loaded is not gone. */
	arg(a, "-oServerAliveInterval=5");
	arg(a, "-oServerAliveCountMax=6");
	arg(a, "--");
	arg(a, "%s", nd->host->host);
	arg(a, "exec /bin/sh -c 'eval \"$(dd bs=1 count=%zu 2>/dev/null)\"'", strlen(boot));
	go_to(run, nd, MESH_CONNECT);
	pid = spawn(a->v, &nd->in, &nd->out, &nd->err);
	free(a);
	if (pid < 0)
		return (int)pid;
	nd->ssh = pid;
	fcntl(nd->out, F_SETFL, O_NONBLOCK);
	send_text(nd, boot, strlen(boot));
	tell(nd, "%s", run->cfg->remote_dir);
	return 0;
}

static void copy(struct mesh_run *run, struct mesh_node *nd)
{
	bool v6 = strchr(nd->host->host, ':');
	struct args *a = calloc(1, sizeof(*a));
	pid_t pid = -ENOMEM;

	if (a) {
		arg(a, "scp");
		arg(a, "-q");
		connection(run, nd, a);
		arg(a, "-oControlMaster=no");
		arg(a, "--");
		arg(a, "%s", run->tool);
		arg(a, v6 ? "[%s]:%s/nettrace" : "%s:%s/nettrace", nd->host->host, nd->dir);
		pid = spawn(a->v, NULL, NULL, &nd->scp_err);
		free(a);
	}
	if (pid < 0) {
		mesh_node_fail(nd, "scp cannot be started: %s", strerror(-(int)pid));
		return;
	}
	nd->scp = pid;
	go_to(run, nd, MESH_COPY);
}

/* --- what it says --- */

/* For the path of scp, whose other end may be a shell. */
static bool is_path(const char *s)
{
	return *s == '/' && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789/._-")] == '\0';
}

static bool set_address(struct mesh_run *run, struct mesh_node *nd, const char *text)
{
	struct nt_addrs *a = &run->matrix.addr[nd - run->node];

	if (nt_parse_addrs(text, a, NULL) == 0 && a->n == 1)
		return true;
	memset(a, 0, sizeof(*a));
	mesh_node_fail(nd, "its address is not known: give HOST=ADDRESS, nettrace_ip or --device");
	return false;
}

static const char *device_of(const struct mesh_run *run, const struct mesh_node *nd)
{
	return nd->host->ip[0] || !run->device[0] ? NULL : run->device;
}

static void connected(struct mesh_run *run, struct mesh_node *nd, const char *line)
{
	char addr[MESH_ADDR], uid[16];
	struct utsname u;

	if (sscanf(line, BANNER "%31s %15s %47s %127s", nd->arch, uid, addr, nd->dir) != 4 ||
	    !is_path(nd->dir)) {
		mesh_node_fail(nd, "its shell does not answer as expected");
		return;
	}
	if (uname(&u) == 0 && !run->cfg->tool_path && strcmp(u.machine, nd->arch) != 0) {
		mesh_node_fail(nd,
			       "it is %.31s, this executable is for %.31s: give one for it with "
			       "--tool-path",
			       nd->arch, u.machine);
		return;
	}
	if (!device_of(run, nd) && !set_address(run, nd, nd->host->ip[0] ? nd->host->ip : addr))
		return;
	if (run->cfg->dry_run && !device_of(run, nd))
		go_to(run, nd, MESH_WAIT);
	else
		copy(run, nd);
}

/* Of a tracer's own losses those that are pings, and hits which the kernel passed over. */
static bool add_loss(void *arg, const char *key, uint64_t n)
{
	struct mesh_node *nd = arg;

	if (!strcmp(key, "recursion") || !strcmp(key, "probe_misses"))
		nd->passed_over += n;
	else
		nd->lost += n;
	return true;
}

static void on_json(struct mesh_run *run, struct mesh_node *nd, const char *line, size_t n)
{
	struct nt_value *v = nt_value_parse(line, n);
	const char *type = nt_value_str(v, "type");

	if (nd->log >= 0 && dprintf(nd->log, "%.*s\n", (int)n, line) < 0)
		shut(&nd->log);
	if (type && !strcmp(type, "event")) {
		if (mesh_matrix_event(&run->matrix, (uint32_t)(nd - run->node), v,
				      run->cfg->slow_ns) < 0)
			mesh_node_fail(nd, "out of memory");
	} else if (type && !strcmp(type, "summary")) {
		nt_value_each(nt_value_obj(v, "loss"), add_loss, nd);
	}
	nt_value_free(v);
}

/* "ADDR PINGS REPLIES" */
static void sent(struct mesh_run *run, const struct mesh_node *nd, const char *text)
{
	size_t n = strcspn(text, " ");
	char addr[MESH_ADDR], *end;
	uint64_t pings;

	if (n >= sizeof(addr))
		return;
	memcpy(addr, text, n);
	addr[n] = '\0';
	pings = strtoull(text + n, &end, 10);
	mesh_matrix_pinged(&run->matrix, (uint32_t)(nd - run->node), addr, pings,
			   strtoull(end, NULL, 10));
}

/* A word of the agent's, as text that a terminal shows. */
static void on_word(struct mesh_run *run, struct mesh_node *nd, const char *line)
{
	char clean[200];

	nt_fmt_name(line, strlen(line), clean, sizeof(clean));
	if (nd->state == MESH_ASK && !strncmp(line, "address ", 8)) {
		if (!device_of(run, nd) || set_address(run, nd, line + 8))
			go_to(run, nd, MESH_WAIT);
	} else if (nd->state == MESH_START && !strcmp(line, "ready")) {
		go_to(run, nd, MESH_READY);
	} else if (!strncmp(line, "sent ", 5)) {
		sent(run, nd, line + 5);
	} else if (!strcmp(line, "pinged")) {
		nd->pinged = true;
	} else if (!strncmp(line, "error ", 6) && nd->state == MESH_READY) {
		fprintf(stderr, "nettrace mesh icmp: %s: %s\n", nd->host->name, clean + 6);
	} else if (!strncmp(line, "error ", 6)) {
		mesh_node_fail(nd, "%s", clean + 6);
	} else if (!strncmp(line, "ended ", 6) && nd->state != MESH_STOP) {
		mesh_node_fail(nd, "a tracer ended, exit code %.10s", clean + 6);
	} else if (!strncmp(line, "ended ", 6)) {
		nd->cut_short = true;
		fprintf(stderr,
			"nettrace mesh icmp: %s: a tracer failed at its end, exit code %.10s\n",
			nd->host->name, clean + 6);
	} else if (!strcmp(line, "bye")) {
		go_to(run, nd, MESH_DONE);
		shut(&nd->in);
	}
}

static void on_line(struct mesh_run *run, struct mesh_node *nd, const char *line, size_t n)
{
	char text[512];

	if (n > 5 && !strncmp(line, "json ", 5)) {
		if (nd->state >= MESH_START && nd->state <= MESH_STOP)
			on_json(run, nd, line + 5, n - 5);
		return;
	}
	snprintf(text, sizeof(text), "%.*s", (int)(n < sizeof(text) ? n : sizeof(text) - 1), line);
	/* Whatever else its start-up files print. */
	if (nd->state != MESH_CONNECT)
		on_word(run, nd, text);
	else if (!strncmp(text, BANNER, strlen(BANNER)))
		connected(run, nd, text);
}

/* The last line of what it complained of. */
static void listen_to(int *fd, struct nt_lines *lines, char said[200])
{
	char buf[2048];
	const char *line;
	ssize_t r;
	size_t n;

	while (*fd >= 0 && (r = read(*fd, buf, sizeof(buf))) != 0) {
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 || nt_lines_add(lines, buf, (size_t)r) < 0)
			return;
		while (nt_lines_next(lines, &line, &n)) {
			while (n && line[n - 1] == '\r')
				n--;
			if (n)
				nt_fmt_name(line, n, said, 200);
		}
	}
	shut(fd);
}

void mesh_node_errors(struct mesh_node *nd)
{
	if (nd->err >= 0)
		listen_to(&nd->err, &nd->errors, nd->said);
	if (nd->scp_err >= 0)
		listen_to(&nd->scp_err, &nd->errors, nd->said);
}

void mesh_node_read(struct mesh_run *run, struct mesh_node *nd)
{
	char buf[65536];
	const char *line;
	size_t n;
	ssize_t r = read(nd->out, buf, sizeof(buf));

	if (r < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (r <= 0) {
		shut(&nd->out);
		usleep(20000); /* its reason may still be on its way */
		mesh_node_fail(nd, nd->state == MESH_CONNECT ? "no connection" :
							       "the connection ended");
		return;
	}
	if (nt_lines_add(&nd->lines, buf, (size_t)r) < 0) {
		mesh_node_fail(nd, "out of memory");
		return;
	}
	while (nt_lines_next(&nd->lines, &line, &n))
		on_line(run, nd, line, n);
}

static void copied(struct mesh_run *run, struct mesh_node *nd, int status)
{
	const char *dev = device_of(run, nd);

	nd->scp = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		mesh_node_fail(nd, "the executable cannot be copied");
		return;
	}
	mesh_node_errors(nd);
	nd->said[0] = '\0';
	go_to(run, nd, MESH_ASK);
	tell(nd, "go");
	tell(nd, "device %s", dev ? dev : "-");
}

void mesh_node_tick(struct mesh_run *run, struct mesh_node *nd, uint64_t now_ns)
{
	static const char *const what[MESH_STATES] = {
		[MESH_CONNECT] = "no connection",
		[MESH_COPY] = "the executable is not copied",
		[MESH_ASK] = "the executable does not answer",
		[MESH_START] = "its tracers are not ready",
		[MESH_STOP] = "it does not end",
	};
	int status;

	if (nd->scp && waitpid(nd->scp, &status, WNOHANG) == nd->scp) {
		if (nd->state == MESH_COPY)
			copied(run, nd, status);
		nd->scp = 0;
	}
	if (nd->deadline_ns && now_ns > nd->deadline_ns)
		mesh_node_fail(nd, "%s within the time", what[nd->state]);
}

/* --- what it is told --- */

void mesh_node_trace(struct mesh_run *run, struct mesh_node *nd)
{
	const struct mesh_cfg *c = run->cfg;
	const struct nt_addrs *a = run->matrix.addr, *self = &a[nd - run->node];
	char text[NT_ADDR_LEN];

	go_to(run, nd, MESH_START);
	tell(nd, "self %s", nt_fmt_addr(self->family, self->a[0].addr, text, sizeof(text)));
	for (uint32_t i = 0; i < run->n; i++)
		if (&run->node[i] != nd && run->node[i].state != MESH_FAILED)
			tell(nd, "peer %s",
			     nt_fmt_addr(a[i].family, a[i].a[0].addr, text, sizeof(text)));
	tell(nd, "direction %s", c->direction == MESH_TX ? "tx" : "both");
	tell(nd, "pings %u %u", c->ping, (uint32_t)(c->ping_interval_ns / MESH_NS_PER_MS));
	tell(nd, "trace");
}

void mesh_node_ping(struct mesh_run *run, struct mesh_node *nd)
{
	(void)run;
	tell(nd, "ping");
}

void mesh_node_quiet(struct mesh_run *run, struct mesh_node *nd)
{
	(void)run;
	tell(nd, "quiet");
}

void mesh_node_stop(struct mesh_run *run, struct mesh_node *nd)
{
	if (nd->state == MESH_READY || nd->state == MESH_START) {
		go_to(run, nd, MESH_STOP);
		tell(nd, "stop");
	} else if (nd->state < MESH_START) {
		go_to(run, nd, MESH_DONE);
		shut(&nd->in);
	}
}
