// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drop probe: numbered UDP probes from one host to another, and at which of the counters on
 * the way those were lost that do not come. It traces nothing; both ends are this command.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "caps.h"
#include "ends.h"
#include "probe.h"
#include "signals.h"
#include "tool.h"

#define O(field) offsetof(struct probe_cfg, field)

/* Not given: so long a time that nobody means it. */
#define NOT_GIVEN_H 1000000
#define NOT_GIVEN_TEXT "1000000h"
#define NOT_GIVEN_NS (NOT_GIVEN_H * 3600ULL * NS_PER_S)
#define DEFAULT_S 30

static const struct nt_opt probe_opts[] = {
	{ .type = NT_OPT_HEADING, .help = "Both ends" },
	{ .name = "mode", .letter = 'm', .type = NT_OPT_CHOICE, .off = O(mode),
	  .choices = "receiver,server|sender,client", .flags = NT_OPT_REQUIRED,
	  .help = "which end this is; the receiver is started first, and serves one after another" },
	{ .name = "interface", .letter = 'i', .aliases = "device,dev,name", .type = NT_OPT_IFACES,
	  .off = O(iface), .metavar = "IF", .flags = NT_OPT_REQUIRED,
	  .help = "the interface of the probes: its counters are read, the sockets are bound to it" },
	{ .name = "port", .letter = 'p', .type = NT_OPT_U32, .off = O(port), .def = "5555",
	  .min = "1", .max = "65535", .metavar = "PORT",
	  .help = "of the receiver: UDP for the probes, TCP for what both ends tell each other" },
	{ .name = "duration", .letter = 'd', .type = NT_OPT_DURATION, .off = O(common.duration_ns),
	  .def = NOT_GIVEN_TEXT, .flags = NT_OPT_NODEFAULT,
	  .help = "stop after this time, 0: on Ctrl-C; sender: 30 s if no --count, receiver: 0" },
	{ .name = "count", .type = NT_OPT_U64, .off = O(common.count),
	  .help = "sender: stop after N probes; receiver: end after N senders; 0: never" },
	{ .name = "verbose", .letter = 'v', .type = NT_OPT_FLAG, .off = O(common.verbose),
	  .help = "every counter of both ends, and how far it is once a second" },
	{ .type = NT_OPT_HEADING, .help = "Sender" },
	{ .name = "peer", .type = NT_OPT_ADDRS, .off = O(peer), .metavar = "ADDR",
	  .help = "the receiver's address, IPv4 or IPv6: the only one to which anything is sent" },
	{ .name = "rate", .letter = 'r', .type = NT_OPT_U32, .off = O(rate), .def = "1000",
	  .max = "10000000", .help = "probes a second, 0: as fast as it goes" },
	{ .name = "size", .letter = 's', .type = NT_OPT_U32, .off = O(size), .def = "64",
	  .max = "65507", .metavar = "BYTES",
	  .help = "payload of a probe; less than 40 becomes 40" },
	{ .name = "dscp", .type = NT_OPT_U32, .off = O(dscp), .def = "0", .max = "63",
	  .help = "differentiated services code point of the probes" },
	{ .type = NT_OPT_HEADING, .help = "Receiver" },
	{ .name = "rcvbuf", .type = NT_OPT_SIZE, .off = O(rcvbuf), .def = "4M", .min = "2048",
	  .max = "1G", .metavar = "BYTES",
	  .help = "receive buffer; beyond net.core.rmem_max with CAP_NET_ADMIN only" },
	NT_OPTS_ACTIVE(struct probe_cfg, common),
	{ 0 },
};

static const struct nt_example probe_examples[] = {
	{ "drop probe --mode receiver --interface eth1", "on the one host, before the other" },
	{ "drop probe --mode sender --interface eth1 --peer 10.77.2.1 --rate 5000 --size 1400",
	  "on the other one: 30 seconds, then where the lost ones were lost" },
	{ "drop probe -m sender -i eth1 --peer fd77:2::1 --count 100000 --dscp 46 --json",
	  "IPv6, marked, as many as that" },
	{ 0 },
};

static const struct nt_legacy probe_legacy[] = {
	{ "phy_net_drop_detector.py", NULL, NULL,
	  "both ends must be nettrace: the old program's messages are not understood" },
	{ 0 },
};

/* --- the command line --- */

static bool is_one_address(const struct nt_addrs *a)
{
	const struct nt_addr *p = a->a;

	return a->n == 1 && p->mask[0] == UINT32_MAX &&
	       (a->family == 4 || (p->mask[1] & p->mask[2] & p->mask[3]) == UINT32_MAX);
}

static bool is_unicast(const struct nt_addrs *a)
{
	const uint8_t *b = (const uint8_t *)a->a[0].addr;
	static const uint32_t zero[4];

	if (a->family == 4)
		return a->a[0].addr[0] && b[0] < 224;
	return b[0] != 0xff && memcmp(a->a[0].addr, zero, sizeof(zero)) != 0;
}

static int check_peer(const struct probe_cfg *c, struct nt_err *err)
{
	if (c->mode == PROBE_RECEIVER && c->peer.n)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--peer is the sender's: the receiver takes whoever asks");
	if (c->mode == PROBE_RECEIVER)
		return 0;
	if (!c->peer.n)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "missing: --peer ADDR, the receiver's address");
	if (!is_one_address(&c->peer) || !is_unicast(&c->peer))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--peer is the address of one host: no list, no prefix, no "
			       "broadcast or multicast");
	return 0;
}

static int check(struct probe_cfg *c, struct nt_err *err)
{
	int r = check_peer(c, err);

	if (!r && c->iface.n != 1)
		r = nt_errf(err, NT_EXIT_USAGE, EINVAL, "--interface takes one interface here");
	if (r < 0)
		return r;
	if (c->size < PROBE_HEAD)
		c->size = PROBE_HEAD;
	if (c->common.duration_ns == NOT_GIVEN_NS)
		c->common.duration_ns =
			c->mode == PROBE_SENDER && !c->common.count ? DEFAULT_S * NS_PER_S : 0;
	r = nt_interval_check(c->common.interval_ns, err);
	return r ?: nt_ready_check(c->common.ready_fd, err);
}

/* --- the run --- */

int probe_ready(struct probe_run *run, uint32_t rcvbuf, struct nt_err *err)
{
	const struct nt_common *c = &run->cfg->common;
	struct nt_out_opts o = { .path = c->output,
				 .log_path = c->log_file,
				 .max_size = c->output_size,
				 .stop_fd = run->stop_fd,
				 .json = c->json };
	int r = nt_out_open(&o, &run->out, err);

	if (r < 0)
		return r;
	/* Sockets and counters need none of them any more. */
	r = nt_caps_drop(0);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "dropping capabilities: %s", strerror(-r));
	nt_clock_sync(&run->clock);
	probe_print_start(run, rcvbuf);
	nt_out_flush(run->out);
	nt_ready_tell(c->ready_fd);
	return 0;
}

static int open_signals(struct probe_run *run, struct nt_err *err)
{
	bool files = run->cfg->common.output || run->cfg->common.log_file;
	int r = run->stop_fd = nt_signals_stop_fd(files);

	if (r >= 0 && files)
		r = run->hup_fd = nt_signals_hup_fd();
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "signals cannot be awaited: %s",
			       strerror(-r));
	return 0;
}

static int enter(const struct probe_cfg *cfg, struct nt_err *err)
{
	struct nt_netns ns;
	int r;

	if (!cfg->common.netns)
		return 0;
	r = nt_netns_open(cfg->common.netns, &ns, err);
	if (r < 0)
		return r;
	r = nt_netns_enter(&ns, err);
	nt_netns_close(&ns);
	return r;
}

static int run_all(struct probe_run *run, struct nt_err *err)
{
	int r = enter(run->cfg, err);

	r = r ?: probe_place_open(run->cfg, &run->place, err);
	r = r ?: open_signals(run, err);
	/* Sleeps between two probes end when they should. */
	prctl(PR_SET_TIMERSLACK, 1000UL);
	if (r < 0)
		return r;
	return run->cfg->mode == PROBE_SENDER ? probe_send(run, err) : probe_receive(run, err);
}

static int probe_main(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	struct probe_run run = { .cfg = cfg, .stop_fd = -1, .hup_fd = -1, .place = { .nl = -1 } };
	struct nt_err err = { 0 };
	int r = check(cfg, &err), code = 0;

	(void)argc;
	(void)argv;
	r = r ?: run_all(&run, &err);
	if (r < 0) {
		fprintf(stderr, "nettrace %s: %s\n", tool->words,
			err.text[0] ? err.text : strerror(-r));
		code = err.exit_code ? err.exit_code : NT_EXIT_RUNTIME;
	}
	if (run.out)
		code = nt_output_end(tool->words, run.out, code);
	probe_place_close(&run.place);
	if (run.stop_fd >= 0)
		close(run.stop_fd);
	if (run.hup_fd >= 0)
		close(run.hup_fd);
	return code;
}

const struct nt_tool nt_tool_drop_probe = {
	.words = "drop probe",
	.family = "drop",
	.summary = "send numbered UDP probes to another host and tell where the lost ones went",
	.side = "any",
	.opts = probe_opts,
	.cfg_size = sizeof(struct probe_cfg),
	.legacy = probe_legacy,
	.examples = probe_examples,
	.run_plain = probe_main,
};
