/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of mesh icmp share. On each node runs one agent, the same executable,
 * which the node's ssh session holds: it ends, with all that it has started, when its
 * standard input does, whatever became of who held the other end.
 */
#ifndef NT_MESH_H
#define NT_MESH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "clock.h"
#include "common_opts.h"
#include "histogram.h"
#include "lines.h"
#include "out.h"
#include "value.h"

#define MESH_NS_PER_MS 1000000ULL
#define MESH_NS_PER_S 1000000000ULL

#define MESH_MAX_NODES 64
#define MESH_NAME 64
#define MESH_HOST 256
#define MESH_ADDR 48

/* --- inventory.c, inventory_yaml.c --- */

/* How a node is called, how ssh gets there, and the address that is to be traced. */
struct mesh_host {
	char name[MESH_NAME];
	char host[MESH_HOST];
	char user[MESH_NAME]; /* "": as ssh is configured */
	char ip[MESH_ADDR];   /* "": to be found out */
	uint32_t port;        /* 0: as ssh is configured */
};

struct mesh_hosts {
	uint32_t n;
	struct mesh_host h[MESH_MAX_NODES];
};

/* A comma list of [USER@]HOST[=ADDRESS]. */
int mesh_hosts_list(const char *list, struct mesh_hosts *out, struct nt_err *err);
/* A plain list, an Ansible inventory as INI or as YAML. group: of it alone, or NULL. */
int mesh_inventory_read(const char *path, const char *group, struct mesh_hosts *out,
			struct nt_err *err);
/* The same of n bytes that end with a NUL. */
int mesh_inventory_parse(const char *text, size_t n, const char *group, struct mesh_hosts *out,
			 struct nt_err *err);

/* Inside the readers: what an inventory says, before it is put together. */
#define MESH_MAX_FACTS 2048
struct mesh_fact {
	enum { MESH_MEMBER, MESH_CHILD, MESH_GROUP_VAR, MESH_HOST_VAR } kind;
	char group[MESH_NAME]; /* or the host of a MESH_HOST_VAR */
	char name[MESH_HOST];  /* host, group, or variable */
	char value[MESH_HOST];
};
struct mesh_facts {
	uint32_t n;
	struct mesh_fact f[MESH_MAX_FACTS];
	struct nt_err *err;
};
int mesh_fact_add(struct mesh_facts *facts, const struct mesh_fact *f);
int mesh_facts_of_yaml(const char *text, size_t n, struct mesh_facts *facts);

/* --- agent.c: on the node --- */

int mesh_agent(void);

/* --- matrix.c: figures of each ordered pair --- */

struct mesh_late;
struct mesh_cell {
	uint64_t pinged, replied; /* by what ping itself says */
	/* Of the pings' sender (tx). */
	uint64_t sent, complete, lost_out, lost_between, lost_in, late, slow, untold;
	/* Of their target (rx): requests that came, and replies that left; and were slow. */
	uint64_t came, answered, slow_there;
	struct nt_hist *rtt;         /* owned; NULL: none yet */
	struct mesh_late *late_lost; /* owned; NULL: none yet */
};

struct mesh_matrix {
	uint32_t n;
	struct nt_addrs addr[MESH_MAX_NODES]; /* one address each; family 0: not known */
	struct mesh_cell *cell;               /* owned, n * n: from, to */
	uint64_t foreign;                     /* events of no pair */
};

int mesh_matrix_init(struct mesh_matrix *m, uint32_t n);
void mesh_matrix_free(struct mesh_matrix *m);
struct mesh_cell *mesh_matrix_cell(const struct mesh_matrix *m, uint32_t from, uint32_t to);
/* An event line of node's tracer. slow_ns: what counts as slow of tx and of rx, 0: nothing. */
int mesh_matrix_event(struct mesh_matrix *m, uint32_t node, const struct nt_value *v,
		      const uint64_t slow_ns[2]);
/* How many of node's pings to an address had gone out, and had a reply. */
void mesh_matrix_pinged(struct mesh_matrix *m, uint32_t node, const char *addr, uint64_t pinged,
			uint64_t replied);
/* Lost ones, late ones left out. */
uint64_t mesh_cell_lost(const struct mesh_cell *c);
/* Pings of ours that no tracer saw leave; a lower bound where others ping too. */
uint64_t mesh_cell_unseen(const struct mesh_cell *c);

/* --- icmp.c, node.c, print.c: on the machine that asks --- */

struct mesh_cfg {
	struct nt_common common; /* first */
	const char *nodes, *inventory, *group, *user, *password, *tool_path, *log_dir, *remote_dir;
	const char *device, *network_type;
	uint32_t direction, ping;
	uint64_t ping_interval_ns, timeout_ns, slow_ns[2]; /* tx, rx */
	bool no_ping, dry_run, stop, status, agent;
};

enum mesh_direction { MESH_BOTH, MESH_TX };

enum mesh_state {
	MESH_CONNECT, /* ssh is started; waiting for the shell's first line */
	MESH_COPY,    /* scp runs */
	MESH_ASK,     /* the agent looks for addresses */
	MESH_WAIT,    /* address known, waiting for the other nodes */
	MESH_START,   /* tracers are starting */
	MESH_READY,   /* tracers trace */
	MESH_STOP,    /* told to stop */
	MESH_DONE,    /* ended as it should */
	MESH_FAILED,  /* why says it */
	MESH_STATES
};

struct mesh_node {
	const struct mesh_host *host;
	enum mesh_state state;
	char why[256];
	char dir[128]; /* temporary folder of the node */
	char arch[32];
	pid_t ssh, scp;   /* 0: none */
	int in, out, err; /* of ssh; -1: closed */
	int scp_err;
	struct nt_lines lines, errors;
	char said[200];       /* its last words on stderr */
	uint64_t deadline_ns; /* of the state; 0: none */
	bool pinged;          /* all its pings are done */
	bool cut_short;       /* a tracer failed at its end: figures may be missing */
	uint64_t lost;        /* by its tracers' own counts */
	uint64_t passed_over; /* hits that the kernel did not pass on to them */
	int log;              /* its lines of JSON; -1 */
};

struct mesh_run {
	const struct mesh_cfg *cfg;
	struct mesh_hosts hosts;
	struct mesh_node node[MESH_MAX_NODES];
	uint32_t n;
	struct mesh_matrix matrix;
	struct nt_out *out;
	struct nt_clock clock;
	int stop_fd;
	char control[64]; /* private folder for ssh's sockets */
	char tool[512];   /* executable to copy */
	char device[32];  /* whose address is traced; "": the one that ssh connects to */
	uint64_t start_ns;
};

/* node.c */
int mesh_node_start(struct mesh_run *run, struct mesh_node *nd);
/* What came in, or that something ended. */
void mesh_node_read(struct mesh_run *run, struct mesh_node *nd);
void mesh_node_errors(struct mesh_node *nd);
void mesh_node_tick(struct mesh_run *run, struct mesh_node *nd, uint64_t now_ns);
void mesh_node_trace(struct mesh_run *run, struct mesh_node *nd);
void mesh_node_ping(struct mesh_run *run, struct mesh_node *nd);
/* Its pings end now. */
void mesh_node_quiet(struct mesh_run *run, struct mesh_node *nd);
void mesh_node_stop(struct mesh_run *run, struct mesh_node *nd);
/* Whatever of it still runs here ends now. */
void mesh_node_kill(struct mesh_node *nd);
void mesh_node_fail(struct mesh_node *nd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* print.c */
void mesh_print_start(struct mesh_run *run);
void mesh_print_plan(struct mesh_run *run);
void mesh_print_report(struct mesh_run *run, bool final);
const char *mesh_state_text(const struct mesh_node *nd);

#endif
