// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mesh icmp: an rtt tool on every host of an inventory, pings between all of them, and one
 * matrix of it. Everything on the hosts is held by ssh sessions and ends with them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "ends.h"
#include "mesh.h"
#include "signals.h"
#include "tool.h"

#define O(field) offsetof(struct mesh_cfg, field)
/* A ping's timeout at the tracers, and a turn of their sweep. */
#define SETTLE_NS (2500 * MESH_NS_PER_MS)
/* For the pings to end that were told to. */
#define QUIET_NS (10 * MESH_NS_PER_S)

static const struct nt_opt mesh_opts[] = {
	{ .type = NT_OPT_HEADING, .help = "Hosts" },
	{ .name = "nodes", .type = NT_OPT_STRING, .off = O(nodes), .metavar = "HOST,...",
	  .flags = NT_OPT_POSITIONAL,
	  .help = "the hosts, as ssh knows them: [USER@]HOST[=ADDRESS TO TRACE], at least two" },
	{ .name = "inventory", .letter = 'i', .type = NT_OPT_STRING, .off = O(inventory),
	  .metavar = "FILE",
	  .help = "read the hosts from FILE: one a line, or an Ansible inventory (INI or YAML)" },
	{ .name = "group", .type = NT_OPT_STRING, .off = O(group), .metavar = "NAME",
	  .help = "of the inventory this group alone" },
	{ .name = "user", .type = NT_OPT_STRING, .off = O(user), .metavar = "NAME",
	  .help = "user to log in as, where the inventory names none; not root: sudo -n is used" },
	{ .name = "device", .type = NT_OPT_STRING, .off = O(device), .metavar = "IF",
	  .help = "trace the address of this interface; without it the one that ssh connects to" },
	{ .name = "network-type", .type = NT_OPT_STRING, .off = O(network_type), .metavar = "TYPE",
	  .help = "the same of the Open vSwitch port that is called port-TYPE" },
	{ .name = "password", .type = NT_OPT_STRING, .off = O(password),
	  .flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER,
	  .help = "not used: ssh logs in without asking, by key" },
	{ .name = "tool-path", .type = NT_OPT_STRING, .off = O(tool_path), .metavar = "FILE",
	  .help = "executable that is copied to the hosts; without it this one" },
	{ .name = "remote-dir", .type = NT_OPT_STRING, .off = O(remote_dir), .def = "/tmp",
	  .metavar = "DIR", .help = "where on the hosts a private folder is made for it" },
	{ .name = "timeout", .type = NT_OPT_DURATION, .off = O(timeout_ns), .def = "60", .min = "1",
	  .max = "3600", .help = "for each step with a host: log in, copy, start" },
	{ .type = NT_OPT_HEADING, .help = "Pings" },
	{ .name = "ping", .type = NT_OPT_U32, .off = O(ping), .def = "10", .min = "1",
	  .max = "1000000", .help = "pings from each host to each other; then it ends, unless --duration" },
	{ .name = "ping-interval", .type = NT_OPT_DURATION, .off = O(ping_interval_ns),
	  .def = "200", .unit = "ms", .min = "10", .max = "3600000", .metavar = "MS",
	  .help = "between two pings of one pair" },
	{ .name = "no-ping", .type = NT_OPT_FLAG, .off = O(no_ping),
	  .help = "send none, trace those that others send, until --duration or Ctrl-C" },
	{ .name = "duration", .type = NT_OPT_DURATION, .off = O(common.duration_ns),
	  .help = "stop after this time; 0: when the pings are done" },
	{ .type = NT_OPT_HEADING, .help = "Tracing" },
	{ .name = "direction", .type = NT_OPT_CHOICE, .off = O(direction), .choices = "both|tx",
	  .def = "both", .help = "both: at both ends of a ping; tx: at its sender alone" },
	{ .name = "tx-latency", .aliases = "latency-ms", .type = NT_OPT_DURATION,
	  .off = O(slow_ns[0]), .unit = "ms", .metavar = "MS",
	  .help = "a round trip that takes this long is counted as slow" },
	{ .name = "rx-latency", .type = NT_OPT_DURATION, .off = O(slow_ns[1]), .unit = "ms",
	  .metavar = "MS", .help = "the same of the time between request and reply at its target" },
	{ .name = "log-dir", .type = NT_OPT_STRING, .off = O(log_dir), .metavar = "DIR",
	  .help = "keep each host's lines of JSON here, in DIR/HOST.json" },
	{ .name = "dry-run", .type = NT_OPT_FLAG, .off = O(dry_run), .flags = NT_OPT_NOBANNER,
	  .help = "log in, say what would be started, start nothing" },
	{ .name = "stop", .type = NT_OPT_FLAG, .off = O(stop), .flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER,
	  .help = "nothing: what runs on the hosts ends with the command that started it" },
	{ .name = "status", .type = NT_OPT_FLAG, .off = O(status),
	  .flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER,
	  .help = "nothing: what runs on the hosts is in the output of the command itself" },
	{ .name = "agent", .type = NT_OPT_FLAG, .off = O(agent), .flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER,
	  .help = "be the part that runs on a host" },
	NT_OPTS_ACTIVE(struct mesh_cfg, common),
	{ 0 },
};

static const struct nt_example mesh_examples[] = {
	{ "mesh icmp kvm1,kvm2,kvm3", "10 pings each way between the three, then the matrix" },
	{ "mesh icmp --inventory hosts.yml --group compute --device br-storage --ping 100",
	  "the hosts of an Ansible inventory, by the addresses of their storage network" },
	{ "mesh icmp --inventory hosts --no-ping --duration 10m --interval 60 --json",
	  "watch the pings that the hosts send anyway, one matrix a minute" },
	{ 0 },
};

static const struct nt_legacy mesh_legacy[] = {
	{ "deploy_full_mesh_icmp_tracer.py", NULL, NULL,
	  "it runs until it is done, and leaves nothing behind for --stop and --status; it traces "
	  "with rtt kernel; --log-dir is here, not on the hosts" },
	{ 0 },
};

/* --- the command line --- */

static int check_words(const struct mesh_cfg *c, struct nt_err *err)
{
	const char *s = c->remote_dir;

	if (*s != '/' ||
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			"/._-")])
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--remote-dir is an absolute path of letters, digits and ./_-");
	if (c->user &&
	    (!*c->user || *c->user == '-' ||
	     c->user[strspn(c->user, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._-")]))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL, "--user is not the name of a user");
	return 0;
}

static int check_device(struct mesh_run *run, struct nt_err *err)
{
	const struct mesh_cfg *c = run->cfg;
	const char *name = c->device ? c->device : c->network_type ? c->network_type : "";
	const char *port = c->network_type ? "port-" : "";

	if (c->device && c->network_type)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL, "--device or --network-type, not both");
	if (!c->device && !c->network_type)
		return 0;
	if (!*name || strlen(port) + strlen(name) > 15 || strpbrk(name, " /\n"))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "%s is not the name of an interface, of 15 characters at most",
			       c->device ? "--device" : "port- with --network-type");
	snprintf(run->device, sizeof(run->device), "%s%s", port, name);
	return 0;
}

static int check(struct mesh_run *run, struct nt_err *err)
{
	const struct mesh_cfg *c = run->cfg;
	int r = check_words(c, err);

	r = r ?: check_device(run, err);
	if (!r && c->password)
		fprintf(stderr, "nettrace mesh icmp: --password is not used: ssh logs in by key\n");

	if (!r && !c->nodes == !c->inventory)
		r = nt_errf(err, NT_EXIT_USAGE, EINVAL,
			    "give the hosts, either as a list or by --inventory FILE");
	if (!r && c->group && !c->inventory)
		r = nt_errf(err, NT_EXIT_USAGE, EINVAL, "--group is of an --inventory");
	if (r < 0)
		return r;
	r = c->nodes ? mesh_hosts_list(c->nodes, &run->hosts, err) :
		       mesh_inventory_read(c->inventory, c->group, &run->hosts, err);
	if (!r && run->hosts.n < 2)
		r = nt_errf(err, NT_EXIT_USAGE, EINVAL,
			    "a mesh has at least two hosts, this has %u", run->hosts.n);
	r = r ?: nt_interval_check(c->common.interval_ns, err);
	return r ?: nt_ready_check(c->common.ready_fd, err);
}

/* --- what is needed here --- */

static int make_control(struct mesh_run *run, struct nt_err *err)
{
	const char *tmp = getenv("TMPDIR");

	/* A socket's path is short: 108 bytes, and ssh adds some. */
	snprintf(run->control, sizeof(run->control), "%s/nettrace-mesh.XXXXXX",
		 tmp && strlen(tmp) < 30 ? tmp : "/tmp");
	if (mkdtemp(run->control))
		return 0;
	run->control[0] = '\0';
	return nt_errf(err, NT_EXIT_RUNTIME, errno, "a private folder in %s: %s",
		       tmp ? tmp : "/tmp", strerror(errno));
}

/* Once every executable is copied nobody needs it; who is killed later leaves none behind. */
static void remove_control(struct mesh_run *run)
{
	char path[96];

	if (!run->control[0])
		return;
	for (uint32_t i = 0; i < run->n; i++) {
		snprintf(path, sizeof(path), "%s/%u", run->control, i);
		unlink(path);
	}
	rmdir(run->control);
	run->control[0] = '\0';
}

static int open_log(struct mesh_run *run, struct mesh_node *nd, struct nt_err *err)
{
	char path[512];

	if (!run->cfg->log_dir)
		return 0;
	if (mkdir(run->cfg->log_dir, 0700) < 0 && errno != EEXIST)
		return nt_errf(err, NT_EXIT_RUNTIME, errno, "--log-dir: %s", strerror(errno));
	if ((size_t)snprintf(path, sizeof(path), "%s/%s.json", run->cfg->log_dir, nd->host->name) <
	    sizeof(path))
		nd->log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (nd->log < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, errno, "--log-dir: a file for %s: %s",
			       nd->host->name, strerror(errno));
	return 0;
}

static int prepare(struct mesh_run *run, struct nt_err *err)
{
	const struct nt_common *c = &run->cfg->common;
	struct nt_out_opts o = { .path = c->output,
				 .log_path = c->log_file,
				 .max_size = c->output_size,
				 .json = c->json };
	int r = make_control(run, err);

	/* Of this process, not of scp, whose own /proc/self it would be. */
	if (run->cfg->tool_path)
		snprintf(run->tool, sizeof(run->tool), "%s", run->cfg->tool_path);
	else
		snprintf(run->tool, sizeof(run->tool), "/proc/%d/exe", (int)getpid());
	if (!r && access(run->tool, R_OK) < 0)
		r = nt_errf(err, NT_EXIT_RUNTIME, errno, "--tool-path: %s", strerror(errno));
	run->n = run->hosts.n;
	if (!r && mesh_matrix_init(&run->matrix, run->n) < 0)
		r = nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	if (!r)
		run->stop_fd = nt_signals_stop_fd(false);
	if (!r && run->stop_fd < 0)
		r = nt_errf(err, NT_EXIT_RUNTIME, EIO, "signals cannot be awaited");
	o.stop_fd = run->stop_fd;
	r = r ?: nt_out_open(&o, &run->out, err);
	for (uint32_t i = 0; i < run->n; i++) {
		struct mesh_node *nd = &run->node[i];

		nd->host = &run->hosts.h[i];
		nd->in = nd->out = nd->err = nd->scp_err = nd->log = -1;
		r = r ?: open_log(run, nd, err);
	}
	return r;
}

/* --- turns --- */

static bool asked_to_stop(const struct mesh_run *run)
{
	struct pollfd p = { .fd = run->stop_fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* What came from the nodes, at most a tenth of a second. stop: wake up by a signal too. */
static void turn(struct mesh_run *run, bool stop)
{
	struct pollfd p[1 + 2 * MESH_MAX_NODES] = { { .fd = stop ? run->stop_fd : -1,
						      .events = POLLIN } };
	uint64_t now;
	uint32_t i;

	for (i = 0; i < run->n; i++) {
		p[1 + 2 * i] = (struct pollfd){ .fd = run->node[i].out, .events = POLLIN };
		p[2 + 2 * i] = (struct pollfd){ .fd = run->node[i].err, .events = POLLIN };
	}
	poll(p, 1 + 2 * run->n, 100);
	now = nt_clock_mono_ns();
	for (i = 0; i < run->n; i++) {
		if (p[2 + 2 * i].revents)
			mesh_node_errors(&run->node[i]);
		if (p[1 + 2 * i].revents)
			mesh_node_read(run, &run->node[i]);
		mesh_node_tick(run, &run->node[i], now);
	}
}

static uint32_t count(const struct mesh_run *run, enum mesh_state s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < run->n; i++)
		n += run->node[i].state == s;
	return n;
}

/* Until every node is in this state or has failed. false: asked to stop. */
static bool reach(struct mesh_run *run, enum mesh_state s)
{
	while (count(run, s) + count(run, MESH_FAILED) < run->n) {
		if (asked_to_stop(run))
			return false;
		turn(run, true);
	}
	return !asked_to_stop(run);
}

/* Addresses of one family, each once. */
static int check_addresses(const struct mesh_run *run, struct nt_err *err)
{
	const struct nt_addrs *a = run->matrix.addr;

	for (uint32_t i = 0; i < run->n; i++) {
		for (uint32_t k = 0; k < i; k++) {
			if (!a[i].family || !a[k].family)
				continue;
			if (a[i].family != a[k].family)
				return nt_errf(
					err, NT_EXIT_USAGE, EINVAL,
					"%s is traced by IPv%u, %s by IPv%u: give addresses of "
					"one family",
					run->node[k].host->name, a[k].family,
					run->node[i].host->name, a[i].family);
			if (!memcmp(a[i].a[0].addr, a[k].a[0].addr, sizeof(a[i].a[0].addr)))
				return nt_errf(
					err, NT_EXIT_USAGE, EINVAL,
					"%s and %s have the same address: are they one host?",
					run->node[k].host->name, run->node[i].host->name);
		}
	}
	return 0;
}

/* --- the run --- */

static bool pings_done(const struct mesh_run *run)
{
	for (uint32_t i = 0; i < run->n; i++)
		if (run->node[i].state == MESH_READY && !run->node[i].pinged)
			return false;
	return true;
}

static void each(struct mesh_run *run, enum mesh_state in,
		 void (*fn)(struct mesh_run *run, struct mesh_node *nd))
{
	for (uint32_t i = 0; i < run->n; i++)
		if (run->node[i].state == in)
			fn(run, &run->node[i]);
}

/* Where the run stands. Times are from its start; 0: not yet. */
struct watch {
	uint64_t next;  /* report */
	uint64_t quiet; /* the pings were told to end */
	uint64_t done;  /* they have */
};

static bool time_over(const struct mesh_run *run, uint64_t now)
{
	uint64_t duration = run->cfg->common.duration_ns;

	return asked_to_stop(run) || (duration && now >= duration);
}

/*
 * Has it ended? Pings end before the tracers do, by so much that each has its verdict: else
 * those that are under way would be missing at one end or the other.
 */
static bool over(struct mesh_run *run, struct watch *w, uint64_t now)
{
	const struct mesh_cfg *c = run->cfg;
	bool end = time_over(run, now);

	if (c->no_ping)
		return end;
	if (!w->done && pings_done(run))
		w->done = now;
	if (end && !w->quiet) {
		w->quiet = now;
		if (!w->done)
			each(run, MESH_READY, mesh_node_quiet);
	}
	if (w->done)
		return (w->quiet || !c->common.duration_ns) && now - w->done >= SETTLE_NS;
	return w->quiet && now - w->quiet >= QUIET_NS;
}

/* Until its time is over. */
static void watch(struct mesh_run *run)
{
	uint64_t now = 0, interval = run->cfg->common.interval_ns;
	struct watch w = { .next = interval };

	while (count(run, MESH_READY) && nt_out_error(run->out) == 0 && !over(run, &w, now)) {
		turn(run, !w.quiet);
		now = nt_clock_mono_ns() - run->start_ns;
		if (w.next && now >= w.next) {
			mesh_print_report(run, false);
			w.next += ((now - w.next) / interval + 1) * interval;
		}
	}
}

static void stop_all(struct mesh_run *run)
{
	for (uint32_t i = 0; i < run->n; i++)
		mesh_node_stop(run, &run->node[i]);
	while (count(run, MESH_DONE) + count(run, MESH_FAILED) < run->n)
		turn(run, false);
}

/* From the first login to the summary. */
static int run_mesh(struct mesh_run *run, struct nt_err *err)
{
	int r;

	for (uint32_t i = 0; i < run->n; i++) {
		r = mesh_node_start(run, &run->node[i]);
		if (r < 0)
			return nt_errf(err, NT_EXIT_RUNTIME, -r, "ssh cannot be started: %s",
				       strerror(-r));
	}
	if (!reach(run, MESH_WAIT))
		return 0;
	remove_control(run);
	r = check_addresses(run, err);
	if (r < 0)
		return r;
	if (run->cfg->dry_run) {
		mesh_print_plan(run);
		return 0;
	}
	if (count(run, MESH_WAIT) < 2)
		return 0;
	each(run, MESH_WAIT, mesh_node_trace);
	if (!reach(run, MESH_READY) || !count(run, MESH_READY))
		return 0;
	run->start_ns = nt_clock_mono_ns();
	mesh_print_start(run);
	nt_out_flush(run->out);
	nt_ready_tell(run->cfg->common.ready_fd);
	if (!run->cfg->no_ping)
		each(run, MESH_READY, mesh_node_ping);
	watch(run);
	return 0;
}

static int finish(struct mesh_run *run, int r)
{
	bool cut_short = false;

	stop_all(run);
	if (!r && !run->cfg->dry_run)
		mesh_print_report(run, true);
	for (uint32_t i = 0; i < run->n; i++)
		if (run->node[i].state == MESH_FAILED)
			fprintf(stderr, "nettrace mesh icmp: %s: %s\n", run->node[i].host->name,
				run->node[i].why);
	for (uint32_t i = 0; i < run->n; i++)
		cut_short = cut_short || run->node[i].cut_short;
	return count(run, MESH_FAILED) || cut_short ? NT_EXIT_RUNTIME : 0;
}

static void clean_up(struct mesh_run *run)
{
	for (uint32_t i = 0; i < run->n; i++)
		if (run->node[i].host)
			mesh_node_kill(&run->node[i]);
	remove_control(run);
	if (run->stop_fd >= 0)
		close(run->stop_fd);
	mesh_matrix_free(&run->matrix);
}

static int nothing_to_do(const struct nt_tool *tool)
{
	printf("nettrace %s leaves nothing running: what it starts on the hosts ends with it, also when "
	       "it is killed or the connection breaks. End one that runs with Ctrl-C.\n",
	       tool->words);
	return 0;
}

static int mesh_main(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct mesh_cfg *c = cfg;
	struct mesh_run *run;
	struct nt_err err = { 0 };
	int r, code = 0;

	(void)argc;
	(void)argv;
	if (c->agent)
		return mesh_agent();
	if (c->stop || c->status)
		return nothing_to_do(tool);
	run = calloc(1, sizeof(*run));
	if (!run)
		return NT_EXIT_RUNTIME;
	run->cfg = c;
	run->stop_fd = -1;
	r = check(run, &err);
	r = r ?: prepare(run, &err);
	if (!r) {
		r = run_mesh(run, &err);
		code = finish(run, r);
	}
	if (r < 0) {
		fprintf(stderr, "nettrace %s: %s\n", tool->words, err.text);
		code = err.exit_code ? err.exit_code : NT_EXIT_RUNTIME;
	}
	if (run->out)
		code = nt_output_end(tool->words, run->out, code);
	clean_up(run);
	free(run);
	return code;
}

const struct nt_tool nt_tool_mesh_icmp = {
	.words = "mesh icmp",
	.family = "mesh",
	.summary = "ping and trace between all hosts of an inventory; loss and latency of each pair",
	.side = "any",
	.opts = mesh_opts,
	.cfg_size = sizeof(struct mesh_cfg),
	.legacy = mesh_legacy,
	.examples = mesh_examples,
	.run_plain = mesh_main,
};
