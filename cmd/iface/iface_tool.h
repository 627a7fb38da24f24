/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iface stat and iface pps share: the devices that are asked for, the kernel's own
 * counters of each, and the rows of the programs, of an interval and of the run.
 */
#ifndef NT_IFACE_TOOL_H
#define NT_IFACE_TOOL_H

#include "ethtool.h"
#include "ports.h"
#include "run.h"

enum iface_field {
#define C(dir, field, key) IFACE_F_##field,
#include "iface_counters.def"
#undef C
	IFACE_FIELDS
};

/* Direction and JSON key of each field. */
struct iface_field_is {
	enum iface_dir dir;
	const char *key;
};
extern const struct iface_field_is iface_fields[IFACE_FIELDS];

/* A device's counters at an instant; as they are on the tape. */
struct iface_reading {
	uint64_t at_ns;
	uint32_t ifindex; /* 0: it is not there */
	uint32_t rx_queues, tx_queues;
	uint32_t pad;
	uint64_t v[IFACE_FIELDS];
};

/* How much they grew in some time. */
struct iface_growth {
	uint64_t ns; /* measured between the readings; 0: there were no two */
	uint64_t v[IFACE_FIELDS];
};

/*
 * From one reading to a later one of the same device. true: they were set back meanwhile
 * (or some of them, with a queue that was taken away), and those that fell count nothing:
 * how much came is not known. A counter of 32 bits that begins anew is not taken for that.
 */
bool iface_grow(const struct iface_reading *was, const struct iface_reading *now,
		struct iface_growth *g);
/* A second's part of n; 0 without a time. */
double iface_rate(uint64_t n, uint64_t ns);
/* "1234", "23.4K", "1.2M": of 1000; below ten thousand written out. Returns buf. */
char *iface_figure(double n, char buf[16]);
/* The same of n rounded. */
char *iface_whole(double n, char buf[16]);

/* A device that is asked for. */
struct iface_port {
	char name[NT_IFNAMSIZ];
	uint32_t ifindex; /* 0: not there now */
	uint32_t rx_queues, tx_queues;
	struct iface_reading was, end; /* the last one, and that of the end */
	struct iface_growth part, all; /* of the interval, of the run */
	uint64_t resets;
};

struct iface_state {
	uint32_t ports;
	uint32_t queues; /* rows of a device and direction; 0: one, and none of a rest */
	uint32_t words;  /* of 8 bytes in a row */
	uint32_t rows;
	uint64_t *was, *now; /* what the rows have since the start, then and now */
	uint64_t rows_ns;    /* between these two, measured */
	uint64_t rows_at_ns;
	uint64_t end_ns; /* when the programs were disarmed */
	struct nt_counters was_c, now_c;
	int nl, eth;
	uint32_t reports;
	struct iface_port port[IFACE_MAX];
};

/*
 * For prepare(): the devices in the order of their names, and what their counters are read
 * by. words: of a row; queues: rows by queue. 0 or -errno.
 */
int iface_open(struct nt_run *run, const struct nt_names *names, uint32_t words, bool queues,
	       struct nt_err *err);
void iface_close(struct nt_run *run);
/* Callbacks of both. */
uint32_t iface_dev_word(uint32_t role);
int iface_sizes(struct nt_run *run, struct bpf_object *obj);
void iface_banner(struct nt_run *run, struct nt_json *j);
int iface_edge(struct nt_run *run, bool end);
void iface_tick(struct nt_run *run, uint64_t now_ns);

/*
 * What has come since the last report, then show() of it, and at the end of the whole run
 * (final). 0 or -errno.
 */
int iface_report(struct nt_run *run, bool final, void (*show)(struct nt_run *run, bool final));
/* Word of a row in the interval, or since the start (all). */
uint64_t iface_word(const struct iface_state *st, bool all, uint32_t row, uint32_t word);
/* Number of a row. */
uint32_t iface_row(const struct iface_state *st, uint32_t port, enum iface_dir dir, uint32_t queue);
/* Growth of a device in the interval, or since the start. */
const struct iface_growth *iface_growth_of(const struct iface_port *p, bool all);
/* Time between the readings of the rows, or since the start. */
uint64_t iface_rows_ns(const struct nt_run *run, bool all);
/* What was missed, in that time. */
void iface_losses(struct nt_run *run, bool all, struct nt_losses *l);
/* Counters and rates of one direction as an object. */
void iface_side_json(struct nt_json *j, enum iface_dir dir, const struct iface_growth *g);
/* A counter of the tool in the interval, or since the start. */
uint64_t iface_counter_of(const struct iface_state *st, bool all, uint32_t which);

#endif
