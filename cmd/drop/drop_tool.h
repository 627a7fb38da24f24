/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the drop tools share: names of places and reasons, stacks, words for what a packet is. */
#ifndef NT_DROP_TOOL_H
#define NT_DROP_TOOL_H

#include "drop.h"
#include "reason.h"
#include "run.h"

struct drop_places;
struct nt_hook;

/* The entries of --reason; n is 0 without. */
struct drop_asked {
	uint32_t n;
	char name[DROP_ASKED][64];
};

/* What the state of every drop tool begins with. */
struct drop_base {
	struct drop_places *places;
	struct drop_asked asked;
};

/* --- drop_setup.c --- */

extern const struct nt_hook drop_hooks[];
/* For prepare(): the reasons asked for, the devices, the names of places. 0 or -errno. */
int drop_base_begin(struct nt_run *run, const char *reason, const struct nt_names *dev,
		    struct nt_err *err);
/* The filter, what drops are told apart by (DROP_BY_*), frames of a stack. */
void drop_settings_fill(struct nt_run *run, const struct nt_flow *flow, uint32_t by,
			uint32_t depth);
/* For sizes(): the store of stacks. 0 or -errno. */
int drop_stacks_size(struct nt_run *run, struct bpf_object *obj);
void drop_banner(struct nt_run *run, struct nt_json *j);
/* Drops that are asked for and not normal. */
uint64_t drop_matching(const struct nt_counters *c);
/* The losses of a drop tool, since the last report or of the run; the drops among them. */
uint64_t drop_losses(struct nt_run *run, const struct nt_counters *c, bool whole,
		     uint64_t unaccounted, struct nt_losses *l);

/* --- drop_places.c: what the kernel's numbers mean --- */

struct drop_stack {
	uint32_t id; /* in the order of first sight, from 1 */
	uint32_t n;
	bool cut; /* it goes on */
	uint64_t ip[NT_STACK_DEPTH_MAX];
};

/* Functions that say what a free is; ends with NULL. */
extern const char *const drop_functions[];
extern const char *const drop_types[];
/* Empty; NULL: no memory. */
struct drop_places *drop_places_new(void);
struct drop_places *drop_places_of(const struct nt_run *run);
void drop_places_free(struct drop_places *p);
/* Read the names of reasons, open the symbols, fill the settings' tables of both. */
int drop_places_open(struct nt_run *run, const struct nt_ksym_want *functions, struct nt_err *err);
/* The reasons that this kernel gives, maybe none; NULL on replay. */
const struct nt_reasons *drop_places_reasons(const struct drop_places *p);
/* Does it give any (on replay known after drop_places_learn())? Does it hide its addresses? */
bool drop_places_reasoned(const struct drop_places *p);
bool drop_places_hidden(const struct drop_places *p);
/* What is to be named: a place, and the hash of a stack; 0: none. */
struct drop_spot {
	uint64_t place, stack;
};
/* Make names known: one look at the symbols if any is new. 0 or -errno. */
int drop_places_learn(struct nt_run *run, const struct drop_spot *v, uint32_t n);
/* A stack from its place on, at most depth frames; false: there is none. */
bool drop_stack_get(struct nt_run *run, const struct drop_spot *spot, uint32_t depth,
		    struct drop_stack *s);

struct drop_place {
	char function[128]; /* "" if unknown; without a clone's suffix */
	char module[56];    /* "" for vmlinux */
	uint64_t offset;
	char text[208]; /* "name+0x12 [module]", or the address */
};
void drop_place_of(struct nt_run *run, uint64_t addr, struct drop_place *p);
/* The reason: a name or a number; NULL: the kernel gives none (DROP_ROW_REASON). */
const char *drop_reason_text(struct nt_run *run, uint32_t flags, uint32_t reason, char *buf,
			     size_t len);

/* --- drop_reasons.c --- */

/* Take --reason apart. 0, or -EINVAL. */
int drop_asked_parse(const char *list, struct drop_asked *a, struct nt_err *err);
/*
 * Into the kernel's settings, where the kernel gives reasons; else they are checked
 * against those that can be derived, and rows are chosen by drop_asked_derived().
 */
int drop_asked_resolve(const struct drop_asked *a, const struct drop_places *p, struct drop_kcfg *k,
		       struct nt_err *err);
/* Is the reason that is derived from the function one of those asked for? */
bool drop_asked_derived(const struct drop_asked *a, const char *function);
/* Completion of "REASON[,REASON]". */
void drop_reason_names(const char *metavar, void (*add)(void *to, const char *name), void *to);

/* The probable reason where the kernel gives none, or NULL. */
const char *drop_hint(const char *function);
/* Usually no fault. */
bool drop_informational(const char *reason, const char *function);

#define DROP_HINTS 64 /* more than there are, and one for none */

/* --- drop_text.c --- */

/* The classes of normal frees, by their number. */
struct drop_class_words {
	const char *key, *text;
};
extern const struct drop_class_words drop_classes[DROP_CLASSES];

/* A device's name, "-" without one. */
const char *drop_device_text(uint32_t ifindex, const char dev[NT_IFNAMSIZ], char *buf, size_t len);
/* Name or number of a namespace that is not this one, else NULL. */
const char *drop_netns_text(const struct nt_run *run, uint32_t inum, char *buf, size_t len);
/* Where a packet came in: only this namespace's devices have names for us. */
const char *drop_iif_text(const struct nt_run *run, uint32_t inum, uint32_t iif, char *buf,
			  size_t len);
/* "ARP"; NULL: it has no name. */
const char *drop_ethertype_name(uint16_t eth);
/* "TCP", or the number. */
const char *drop_proto_upper(uint8_t proto, char *buf, size_t len);

void drop_stack_json(struct nt_run *run, struct nt_json *j, const struct drop_stack *s);
/* Frees that were hidden, by class: lines of those that are not 0; the object "hidden". */
void drop_hidden_text(struct nt_out *out, const uint64_t hidden[DROP_CLASSES]);
void drop_hidden_json(struct nt_json *j, const uint64_t hidden[DROP_CLASSES]);
double drop_percent(uint64_t part, uint64_t whole);

#endif
