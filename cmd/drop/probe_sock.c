// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets, and the device that they are bound to. What --interface names is bound itself,
 * unless it is only the lower part of what has the addresses: a member of a bond, the device
 * below a VLAN. Then that one is, if the way leads there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netstat.h"
#include "probe.h"
#include "route.h"

#define CONNECT_MS 5000

/* --- which device --- */

static const char *name_of(const struct nt_iface_list *l, uint32_t ifindex)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].ifindex == ifindex)
			return l->v[i].name;
	return "?";
}

static bool is_link_local(const struct probe_cfg *cfg)
{
	const uint8_t *b = (const uint8_t *)cfg->peer.a[0].addr;

	return cfg->peer.family == 6 && b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
}

/* An enslaved device whose master is Open vSwitch: it decides, and tells nobody. */
static bool in_ovs(const struct probe_place *pl)
{
	uint32_t i;

	for (i = 0; i < pl->list.n; i++)
		if (pl->iface.master && pl->list.v[i].ifindex == pl->iface.master)
			return !strcmp(pl->list.v[i].kind, "openvswitch") ||
			       !strcmp(pl->list.v[i].name, "ovs-system");
	return false;
}

static void bind_to(struct probe_place *pl, const char *name)
{
	snprintf(pl->bound, sizeof(pl->bound), "%s", name);
	snprintf(pl->bound_text, sizeof(pl->bound_text), "the sockets are bound to %s%s%s", name,
		 strcmp(name, pl->iface.name) ? ", which stands on " : "",
		 strcmp(name, pl->iface.name) ? pl->iface.name : "");
}

static int place_sender(const struct probe_cfg *cfg, struct probe_place *pl, struct nt_err *err)
{
	struct nt_route to = { 0 };
	char peer[NT_ADDR_LEN];
	int r = 0;

	nt_fmt_addr(cfg->peer.family, cfg->peer.a[0].addr, peer, sizeof(peer));
	if (!is_link_local(cfg))
		r = nt_route_to(pl->nl, cfg->peer.family, cfg->peer.a[0].addr, &to);
	if (r < 0)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, -r, "no route to %s: %s", peer,
			       strerror(-r));
	if (to.local && to.ifindex != pl->iface.ifindex)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--peer %s is an address of this host: probes would not leave it",
			       peer);
	if (nt_iface_stands_on(&pl->list, to.ifindex, pl->iface.ifindex)) {
		bind_to(pl, name_of(&pl->list, to.ifindex));
	} else if (!pl->iface.master) {
		bind_to(pl, pl->iface.name);
	} else if (in_ovs(pl)) {
		snprintf(pl->bound_text, sizeof(pl->bound_text),
			 "not bound: by route over %s; that Open vSwitch sends it out of %s is not "
			 "checked",
			 name_of(&pl->list, to.ifindex), pl->iface.name);
	} else {
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "the way to %s leads over %s, which does not stand on %s: give the "
			       "interface that the probes use",
			       peer, name_of(&pl->list, to.ifindex), pl->iface.name);
	}
	return 0;
}

/* Has the device an address of its own? */
static bool has_address(const char *name)
{
	struct ifaddrs *list, *a;
	bool found = false;

	if (getifaddrs(&list) < 0)
		return false;
	for (a = list; a && !found; a = a->ifa_next)
		found = a->ifa_addr && !strcmp(a->ifa_name, name) &&
			(a->ifa_addr->sa_family == AF_INET || a->ifa_addr->sa_family == AF_INET6);
	freeifaddrs(list);
	return found;
}

/* A receiver with its address on the device takes probes from there only. */
static void place_receiver(struct probe_place *pl)
{
	if (!pl->iface.master && has_address(pl->iface.name))
		bind_to(pl, pl->iface.name);
	else
		snprintf(pl->bound_text, sizeof(pl->bound_text),
			 "not bound: %s has no address of its own; its counters are read, probes "
			 "come by route",
			 pl->iface.name);
}

int probe_place_open(const struct probe_cfg *cfg, struct probe_place *pl, struct nt_err *err)
{
	struct nt_netns ns;
	int r = nt_netns_open(NULL, &ns, err);

	if (r < 0)
		return r;
	r = pl->nl = nt_nl_open(&ns, 0, err);
	if (r >= 0)
		r = nt_iface_list_by(pl->nl, &ns, &pl->list, err);
	if (r >= 0)
		r = nt_iface_find(&pl->list, cfg->iface.name[0], &pl->iface, err);
	nt_netns_close(&ns);
	if (r < 0)
		return r;
	if (cfg->mode == PROBE_SENDER)
		return place_sender(cfg, pl, err);
	place_receiver(pl);
	return 0;
}

void probe_place_close(struct probe_place *pl)
{
	nt_iface_list_free(&pl->list);
	if (pl->nl >= 0)
		close(pl->nl);
	pl->nl = -1;
}

/* --- sockets --- */

/* Before Linux 5.7 binding needs CAP_NET_RAW. */
static int bind_device(int fd, const struct probe_place *pl, struct nt_err *err)
{
	if (!pl->bound[0] || !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, pl->bound,
					 (socklen_t)strlen(pl->bound) + 1))
		return 0;
	return nt_errf(err, errno == EPERM ? NT_EXIT_IMPOSSIBLE : NT_EXIT_RUNTIME, errno,
		       "cannot bind to %s: %s%s", pl->bound, strerror(errno),
		       errno == EPERM ? "; needs root or CAP_NET_RAW" : "");
}

static int socket_failed(int fd, const char *what, struct nt_err *err)
{
	int e = errno;

	if (fd >= 0)
		close(fd);
	return nt_errf(err, NT_EXIT_RUNTIME, e, "%s: %s", what, strerror(e));
}

/* Of the receiver: IPv6's socket takes IPv4's, too, where there is IPv6. */
static int open_any(int type, const struct probe_place *pl, struct nt_err *err)
{
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), off = 0, on = 1, r;

	if (fd < 0 && errno == EAFNOSUPPORT)
		fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (fd < 0)
		return socket_failed(fd, "cannot open a socket", err);
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	r = bind_device(fd, pl, err);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static int bind_any(int fd, uint32_t port)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t n = sizeof(int);
	int domain = AF_INET6;

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n);
	if (domain == AF_INET)
		return bind(fd, (struct sockaddr *)&a4, sizeof(a4));
	return bind(fd, (struct sockaddr *)&a6, sizeof(a6));
}

int probe_listen(const struct probe_cfg *cfg, const struct probe_place *pl, struct nt_err *err)
{
	int fd = open_any(SOCK_STREAM, pl, err);
	char what[64];

	if (fd < 0)
		return fd;
	snprintf(what, sizeof(what), "cannot listen on TCP port %u", cfg->port);
	if (bind_any(fd, cfg->port) < 0 || listen(fd, 16) < 0)
		return socket_failed(fd, what, err);
	return fd;
}

/* Beyond net.core.rmem_max where that is allowed. */
static void set_rcvbuf(int fd, uint64_t bytes)
{
	/* The kernel keeps twice as much, for its own bookkeeping. */
	int n = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &n, sizeof(n)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
}

int probe_udp_receiver(const struct probe_cfg *cfg, const struct probe_place *pl,
		       struct nt_err *err)
{
	int fd = open_any(SOCK_DGRAM, pl, err), on = 1;
	char what[64];

	if (fd < 0)
		return fd;
	set_rcvbuf(fd, cfg->rcvbuf);
	snprintf(what, sizeof(what), "cannot receive on UDP port %u", cfg->port);
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    bind_any(fd, cfg->port) < 0)
		return socket_failed(fd, what, err);
	return fd;
}

/* The one address to which anything is ever sent. */
static socklen_t peer_address(const struct probe_cfg *cfg, const struct probe_place *pl,
			      struct sockaddr_storage *a)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)cfg->port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)cfg->port) };

	memset(a, 0, sizeof(*a));
	if (cfg->peer.family == 4) {
		memcpy(&a4.sin_addr, cfg->peer.a[0].addr, sizeof(a4.sin_addr));
		memcpy(a, &a4, sizeof(a4));
		return sizeof(a4);
	}
	memcpy(&a6.sin6_addr, cfg->peer.a[0].addr, sizeof(a6.sin6_addr));
	if (is_link_local(cfg))
		a6.sin6_scope_id = pl->iface.ifindex;
	memcpy(a, &a6, sizeof(a6));
	return sizeof(a6);
}

static int open_to_peer(const struct probe_cfg *cfg, int type, const struct probe_place *pl,
			struct nt_err *err)
{
	int family = cfg->peer.family == 4 ? AF_INET : AF_INET6, r;
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return socket_failed(fd, "cannot open a socket", err);
	r = bind_device(fd, pl, err);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int probe_udp_sender(const struct probe_cfg *cfg, const struct probe_place *pl, struct nt_err *err)
{
	int fd = open_to_peer(cfg, SOCK_DGRAM, pl, err), tos = (int)(cfg->dscp << 2);
	int stamps = SOF_TIMESTAMPING_SOFTWARE;
	struct sockaddr_storage a;
	socklen_t n = peer_address(cfg, pl, &a);

	if (fd < 0)
		return fd;
	if (tos && setsockopt(fd, cfg->peer.family == 4 ? IPPROTO_IP : IPPROTO_IPV6,
			      cfg->peer.family == 4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof(tos)) < 0)
		return socket_failed(fd, "cannot set --dscp", err);
	if (connect(fd, (struct sockaddr *)&a, n) < 0)
		return socket_failed(fd, "cannot send to --peer", err);
	/* Reported if the kernel has them; each probe asks for its own. */
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof(stamps));
	return fd;
}

static int connect_failed(const struct probe_cfg *cfg, int e, struct nt_err *err)
{
	char peer[NT_ADDR_LEN];

	return nt_errf(err, NT_EXIT_RUNTIME, e,
		       "no receiver at %s, port %u: %s; start 'nettrace drop probe --mode receiver "
		       "--interface IF --port %u' there",
		       nt_fmt_addr(cfg->peer.family, cfg->peer.a[0].addr, peer, sizeof(peer)),
		       cfg->port, strerror(e), cfg->port);
}

/* 0, or the error as a positive number. */
static int await_connect(int fd, int stop_fd)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLOUT },
			       { .fd = stop_fd, .events = POLLIN } };
	socklen_t n = sizeof(int);
	int e = 0, r;

	do
		r = poll(p, 2, CONNECT_MS);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno;
	if (p[1].revents)
		return ECANCELED;
	if (!p[0].revents)
		return ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n);
	return e;
}

int probe_connect(const struct probe_cfg *cfg, const struct probe_place *pl, int stop_fd,
		  struct nt_err *err)
{
	int fd = open_to_peer(cfg, SOCK_STREAM, pl, err), e = 0;
	struct sockaddr_storage a;
	socklen_t n = peer_address(cfg, pl, &a);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&a, n) < 0)
		e = errno == EINPROGRESS ? await_connect(fd, stop_fd) : errno;
	if (!e)
		return fd;
	close(fd);
	return e == ECANCELED ? -e : connect_failed(cfg, e, err);
}

/* SO_MEMINFO since 4.12: "sock: introduce SO_MEMINFO getsockopt". */
uint64_t probe_socket_drops(int udp)
{
	uint32_t v[SK_MEMINFO_VARS] = { 0 };
	socklen_t n = sizeof(v);

	if (udp < 0 || getsockopt(udp, SOL_SOCKET, SO_MEMINFO, v, &n) < 0)
		return 0;
	return v[SK_MEMINFO_DROPS];
}

/* --- addresses --- */

uint32_t probe_family(const struct sockaddr_in6 *a)
{
	return a->sin6_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&a->sin6_addr) ? 4 : 6;
}

char *probe_addr_text(const struct sockaddr_in6 *a, char *buf, size_t len)
{
	struct sockaddr_in a4;
	uint32_t addr[4];

	memcpy(addr, &a->sin6_addr, sizeof(addr));
	if (a->sin6_family == AF_INET) {
		memcpy(&a4, a, sizeof(a4));
		memcpy(addr, &a4.sin_addr, 4);
	} else if (probe_family(a) == 4) {
		addr[0] = addr[3];
	}
	return nt_fmt_addr(probe_family(a), addr, buf, len);
}
