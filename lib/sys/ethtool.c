// SPDX-License-Identifier: GPL-2.0-or-later
#include "ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"

/* Counters that a driver may have: the largest have some 20 for each of 256 queues. */
#define STATS_MAX 65536

static int make_socket(void *arg)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)arg;
	/* A kernel without IPv4. */
	if (fd < 0)
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int nt_ethtool_open(const struct nt_netns *ns, struct nt_err *err)
{
	struct nt_err e = { 0 };
	int fd = nt_netns_run(ns, make_socket, NULL, &e);

	if (fd >= 0)
		return fd;
	/* No text: the socket failed, not the switch. */
	if (!e.text[0])
		return nt_errf(err, NT_EXIT_RUNTIME, -fd, "cannot open a socket: %s",
			       strerror(-fd));
	if (err)
		*err = e;
	return fd;
}

/* --- names of counters --- */

/* A part of a name: letters, or digits. */
struct part {
	const char *s;
	size_t n;
	bool digits;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool next_part(const char **s, struct part *p)
{
	while (**s && !is_letter(**s) && !is_digit(**s))
		++*s;
	p->s = *s;
	p->digits = is_digit(**s);
	while (p->digits ? is_digit(**s) : is_letter(**s))
		++*s;
	p->n = (size_t)(*s - p->s);
	return p->n > 0;
}

static bool part_is(const struct part *p, const char *word)
{
	return strlen(word) == p->n && !strncmp(p->s, word, p->n);
}

static bool part_in(const struct part *p, const char *const *words)
{
	for (; *words; words++)
		if (part_is(p, *words))
			return true;
	return false;
}

/* What is known of a name while its parts are read. */
struct reading {
	struct nt_queue_name q;
	uint32_t numbers, directions, whats;
};

static bool take_word(const struct part *p, struct reading *r)
{
	static const char *const rx[] = { "rx", "rxq", NULL }, *const tx[] = { "tx", "txq", NULL };
	/* The sum of these three is all. */
	static const char *const filler[] = { "queue", "ring",  "ch",    "q", "rvec",
					      "ucast", "mcast", "bcast", NULL };
	static const char *const what[NT_QUEUE_WHATS][8] = {
		[NT_QUEUE_PACKETS] = { "packets", "pkts", "cnt", NULL },
		[NT_QUEUE_BYTES] = { "bytes", "octets", NULL },
		[NT_QUEUE_DROPS] = { "drops", "dropped", "drop", NULL },
	};
	uint32_t i;

	if (part_in(p, rx) || part_in(p, tx)) {
		bool is_rx = part_in(p, rx);

		/* "rxq0: rx_pkts": told twice, but not both. */
		if (r->directions && r->q.rx != is_rx)
			return false;
		r->q.rx = is_rx;
		r->directions++;
		return true;
	}
	for (i = 0; i < NT_QUEUE_WHATS; i++) {
		if (!part_in(p, what[i]))
			continue;
		r->q.what = i;
		r->whats++;
		return true;
	}
	return part_in(p, filler);
}

static bool take_number(const struct part *p, struct reading *r)
{
	size_t i;

	r->numbers++;
	for (i = 0, r->q.queue = 0; i < p->n && r->q.queue < NT_QUEUES_MAX; i++)
		r->q.queue = r->q.queue * 10 + (uint32_t)(p->s[i] - '0');
	return r->q.queue < NT_QUEUES_MAX;
}

bool nt_queue_name_parse(const char *name, struct nt_queue_name *out)
{
	struct reading r = { 0 };
	struct part p;

	while (next_part(&name, &p))
		if (!(p.digits ? take_number(&p, &r) : take_word(&p, &r)))
			return false;
	*out = r.q;
	return r.numbers == 1 && r.directions && r.whats == 1;
}

/* --- the driver --- */

/* Devices are addressed by name there, which may have changed. */
static int name_of(int fd, uint32_t ifindex, struct ifreq *req)
{
	memset(req, 0, sizeof(*req));
	req->ifr_ifindex = (int)ifindex;
	return ioctl(fd, SIOCGIFNAME, req) < 0 ? -errno : 0;
}

static int ask(int fd, struct ifreq *req, void *command)
{
	req->ifr_data = command;
	return ioctl(fd, SIOCETHTOOL, req) < 0 ? -errno : 0;
}

/* How many counters, 0: none that could be read. */
static uint32_t count_of(int fd, struct ifreq *req)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t n;
	} a = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_STATS } };

	if (ask(fd, req, &a) < 0 || !a.info.sset_mask || a.n > STATS_MAX)
		return 0;
	return a.n;
}

void nt_queue_names_free(struct nt_queue_names *names)
{
	free(names->v);
	memset(names, 0, sizeof(*names));
}

static int read_names(int fd, struct ifreq *req, uint32_t n, struct nt_queue_name *v)
{
	NT_FREE struct ethtool_gstrings *g = calloc(1, sizeof(*g) + (size_t)n * ETH_GSTRING_LEN);
	char name[ETH_GSTRING_LEN + 1] = "";
	uint32_t i;
	int r;

	if (!g)
		return -ENOMEM;
	g->cmd = ETHTOOL_GSTRINGS;
	g->string_set = ETH_SS_STATS;
	g->len = n;
	r = ask(fd, req, g);
	for (i = 0; i < n; i++) {
		v[i].queue = UINT32_MAX;
		if (r < 0 || i >= g->len)
			continue;
		memcpy(name, g->data + (size_t)i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
		if (!nt_queue_name_parse(name, &v[i]))
			v[i].queue = UINT32_MAX;
	}
	return r;
}

static int learn(int fd, struct ifreq *req, uint32_t ifindex, uint32_t n,
		 struct nt_queue_names *names)
{
	if (names->ifindex == ifindex && names->n == n)
		return 0;
	nt_queue_names_free(names);
	names->v = calloc(n, sizeof(*names->v));
	if (!names->v)
		return -ENOMEM;
	names->ifindex = ifindex;
	names->n = n;
	return read_names(fd, req, n, names->v);
}

static void put(const struct nt_queue_name *q, uint64_t value, struct nt_queue_stats *out)
{
	struct nt_queue_side *side = q->rx ? &out->rx : &out->tx;

	/* As "rx_1024_bytes", which is of a size and not of a queue. */
	if (q->queue == UINT32_MAX || (side->queues && q->queue >= side->queues))
		return;
	side->has |= 1U << q->what;
	side->v[q->queue][q->what] += value;
}

static int read_values(int fd, struct ifreq *req, const struct nt_queue_names *names,
		       struct nt_queue_stats *out)
{
	NT_FREE struct ethtool_stats *s =
		calloc(1, sizeof(*s) + (size_t)names->n * sizeof(s->data[0]));
	uint32_t i;
	int r;

	if (!s)
		return -ENOMEM;
	s->cmd = ETHTOOL_GSTATS;
	s->n_stats = names->n;
	r = ask(fd, req, s);
	for (i = 0; !r && i < names->n && i < s->n_stats; i++)
		put(&names->v[i], s->data[i], out);
	return r;
}

/* Queues in use, which may be less than there is room for. */
static void read_channels(int fd, struct ifreq *req, struct nt_queue_stats *out)
{
	struct ethtool_channels c = { .cmd = ETHTOOL_GCHANNELS };

	if (ask(fd, req, &c) < 0)
		return;
	out->rx.queues = c.rx_count + c.combined_count;
	out->tx.queues = c.tx_count + c.combined_count;
}

int nt_ethtool_queues(int fd, uint32_t ifindex, struct nt_queue_names *names,
		      struct nt_queue_stats *out)
{
	struct ifreq req;
	uint32_t n;
	int r = name_of(fd, ifindex, &req);

	memset(out, 0, sizeof(*out));
	if (r < 0)
		return r;
	read_channels(fd, &req, out);
	n = count_of(fd, &req);
	r = n ? learn(fd, &req, ifindex, n, names) : 0;
	if (!r && n)
		r = read_values(fd, &req, names, out);
	return r == -EOPNOTSUPP ? 0 : r;
}

int nt_ethtool_driver(int fd, uint32_t ifindex, char driver[32], char bus[32])
{
	struct ethtool_drvinfo d = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq req;
	int r = name_of(fd, ifindex, &req);

	driver[0] = bus[0] = '\0';
	if (r < 0)
		return r;
	if (ask(fd, &req, &d) < 0)
		return 0;
	memcpy(driver, d.driver, 32);
	memcpy(bus, d.bus_info, 32);
	driver[31] = bus[31] = '\0';
	return 0;
}
