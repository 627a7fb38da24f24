// SPDX-License-Identifier: GPL-2.0-or-later
/* mesh: an Ansible inventory as YAML: groups with hosts, children and vars. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "mesh.h"

#define DEPTH_MAX 16

struct reader {
	yaml_document_t *doc;
	struct mesh_facts *facts;
};

static int wrong(const struct reader *r, const char *what, const yaml_node_t *n)
{
	return nt_errf(r->facts->err, NT_EXIT_USAGE, EINVAL, "the inventory, line %zu: %s",
		       n->start_mark.line + 1, what);
}

static const char *text_of(const yaml_node_t *n)
{
	if (!n || n->type != YAML_SCALAR_NODE ||
	    strlen((const char *)n->data.scalar.value) != n->data.scalar.length)
		return NULL;
	return (const char *)n->data.scalar.value;
}

/* A key without a value: "hosts:". */
static bool is_nothing(const yaml_node_t *n)
{
	const char *s = text_of(n);

	return s && n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*s || !strcmp(s, "~") || !strcmp(s, "null"));
}

typedef int (*pair_fn)(struct reader *r, const char *of, const yaml_node_t *key,
		       const yaml_node_t *value, int depth);

/* fn of each pair of a mapping; nothing is none. */
static int each(struct reader *r, const char *of, const yaml_node_t *map, int depth, pair_fn fn)
{
	yaml_node_pair_t *p;
	int rc = 0;

	if (!map || is_nothing(map))
		return 0;
	if (map->type != YAML_MAPPING_NODE)
		return wrong(r, "names with values are wanted here", map);
	if (!depth)
		return wrong(r, "groups within groups without end", map);
	for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top && !rc; p++) {
		const yaml_node_t *key = yaml_document_get_node(r->doc, p->key);

		if (!text_of(key) || strlen(text_of(key)) >= MESH_NAME)
			return wrong(r, "not a name, or too long", key ? key : map);
		rc = fn(r, of, key, yaml_document_get_node(r->doc, p->value), depth - 1);
	}
	return rc;
}

static int fact(struct reader *r, int kind, const char *group, const yaml_node_t *name,
		const char *value)
{
	struct mesh_fact f = { .kind = kind };

	snprintf(f.group, sizeof(f.group), "%s", group);
	snprintf(f.name, sizeof(f.name), "%s", text_of(name));
	snprintf(f.value, sizeof(f.value), "%s", value);
	return mesh_fact_add(r->facts, &f);
}

/* What is no text, or a long one, is none of ours. */
static int host_var(struct reader *r, const char *of, const yaml_node_t *key,
		    const yaml_node_t *value, int depth)
{
	const char *s = text_of(value);

	(void)depth;
	return s && strlen(s) < MESH_HOST ? fact(r, MESH_HOST_VAR, of, key, s) : 0;
}

static int group_var(struct reader *r, const char *of, const yaml_node_t *key,
		     const yaml_node_t *value, int depth)
{
	const char *s = text_of(value);

	(void)depth;
	return s && strlen(s) < MESH_HOST ? fact(r, MESH_GROUP_VAR, of, key, s) : 0;
}

static int host(struct reader *r, const char *of, const yaml_node_t *key, const yaml_node_t *value,
		int depth)
{
	int rc = fact(r, MESH_MEMBER, of, key, "");

	return rc ?: each(r, text_of(key), value, depth, host_var);
}

static int group(struct reader *r, const char *of, const yaml_node_t *key, const yaml_node_t *value,
		 int depth);

static int group_part(struct reader *r, const char *of, const yaml_node_t *key,
		      const yaml_node_t *value, int depth)
{
	const char *s = text_of(key);

	if (!strcmp(s, "hosts"))
		return each(r, of, value, depth, host);
	if (!strcmp(s, "children"))
		return each(r, of, value, depth, group);
	if (!strcmp(s, "vars"))
		return each(r, of, value, depth, group_var);
	return wrong(r, "a group has hosts, children and vars", key);
}

static int group(struct reader *r, const char *of, const yaml_node_t *key, const yaml_node_t *value,
		 int depth)
{
	int rc = of ? fact(r, MESH_CHILD, of, key, "") : 0;

	return rc ?: each(r, text_of(key), value, depth, group_part);
}

int mesh_facts_of_yaml(const char *text, size_t n, struct mesh_facts *facts)
{
	struct reader r = { .facts = facts };
	yaml_parser_t parser;
	yaml_document_t doc;
	int rc;

	if (!yaml_parser_initialize(&parser))
		return nt_errf(facts->err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	if (!yaml_parser_load(&parser, &doc)) {
		rc = nt_errf(facts->err, NT_EXIT_USAGE, EINVAL, "the inventory, line %zu: %s",
			     parser.problem_mark.line + 1,
			     parser.problem ? parser.problem : "not YAML");
		yaml_parser_delete(&parser);
		return rc;
	}
	r.doc = &doc;
	rc = each(&r, NULL, yaml_document_get_root_node(&doc), DEPTH_MAX * 3, group);
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	return rc;
}
